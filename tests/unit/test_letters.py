"""letters.json as the service reads it: from a file or an address, again when it changes, never half."""

import json
import os

import pytest

from comments.letters import Letter, Letters, LettersUnknown

ENTRY = {"uri": "/2026/ett/", "title": "Ett", "lang": "sv", "comments": "open"}


@pytest.fixture
def write(tmp_path):
    """Write letters.json, each time a little later than before."""
    path = tmp_path / "letters.json"
    moments = iter(range(1_000_000, 2_000_000))

    def write(content):
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        moment = next(moments)
        os.utime(path, (moment, moment))
        return str(path)

    return write


def test_a_letter_is_found_by_its_address(write):
    """With its title, its language and whether it takes comments."""
    letters = Letters(write({"letters": [ENTRY, ENTRY | {"uri": "/2026/två/", "comments": "closed"}]}))
    assert letters.get("/2026/ett/") == Letter("/2026/ett/", "Ett", "sv", True)
    assert letters.get("/2026/två/") == Letter("/2026/två/", "Ett", "sv", False)
    assert letters.get("/2026/tre/") is None


def test_a_new_letter_is_known_at_once(write):
    """The file is read again when it has changed."""
    letters = Letters(write({"letters": []}))
    assert letters.get("/2026/ett/") is None
    write({"letters": [ENTRY]})
    assert letters.get("/2026/ett/")


@pytest.mark.parametrize(
    "broken",
    ["", "{", "[]", "1", '{"letters": 1}', '{"letters": [1]}', '{"letters": [{"uri": "/x/"}]}', '{"pages": []}'],
)
def test_a_broken_file_leaves_the_last_good_list(write, broken, caplog):
    """It is named in the log, and no letter is closed by it."""
    letters = Letters(write({"letters": [ENTRY]}))
    assert letters.get("/2026/ett/")
    write(broken)
    assert letters.get("/2026/ett/")
    assert "letters.json: must be readable" in caplog.text


def test_without_any_list_nothing_can_be_said(tmp_path):
    """Whether a letter exists is unknown, which is not the same as no."""
    with pytest.raises(LettersUnknown):
        Letters(str(tmp_path / "letters.json")).get("/2026/ett/")


def test_the_footer_is_empty_before_the_first_build(tmp_path, write):
    """A page of the service can be shown all the same."""
    assert Letters(str(tmp_path / "finns-inte.json")).footer_pages() == []
    pages = [{"title": "Om", "url": "/om/"}]
    assert Letters(write({"letters": [], "pages": pages})).footer_pages() == pages


def test_what_no_column_holds_is_not_taken(write, caplog):
    """A title is cut; an address, or the name of its file, that is too long takes no comments, and the log says so."""
    long = ["/" + "x" * 500, "/2026/" + "å" * 120]
    letters = Letters(write({"letters": [ENTRY | {"title": "T" * 1500}, *(ENTRY | {"uri": uri} for uri in long)]}))
    assert letters.get("/2026/ett/") == Letter("/2026/ett/", "T" * 1000, "sv", True)
    assert [letters.get(uri) for uri in long] == [None, None]
    assert caplog.text.count("must have a shorter address") == 2

"""A letter through the form at /redigera/ and back: what is not edited stays as it was, byte for byte."""

import difflib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builder.editor_header import Unwritable, parsed
from builder.editor_letter import Form, changed, made, shown

PATH = Path("brev.md")
HARD = (
    "\ufeffTitle:Ett svårt brev\r\nAuthor: Stadsdirektören\r\nDate: 2026-11-16\r\nslug: svart\r\n"
    "Tags: tillit;  skola\r\nSummary: En rad\r\n    och en till.\r\nStatus: Draft\r\nOkänd: nyckel\r\n\r\n"
    "Med fotnot.[^1]  \r\nNy rad.\r\n\r\n\tkod\twith\ttabb\r\n\r\n| a | b |\r\n| --- | ---: |\r\n| 1 | 2 |\r\n"
    "{: #tab }\r\n\r\n<!-- kommentar -->\r\n\r\n* en\n+ två\r\n\r\nText {.lead}   \r\n\r\n[^1]: Fot.\r\n\r\n***\r\n\r\n"
    "__Stadsdirektören__\\\r\nLindhamns *stad*\r\n\r\n\r\n"
).encode()


def form(raw: bytes) -> Form:
    return shown(parsed(PATH, True, raw.decode("utf-8-sig")), "sv")


def edited(raw: bytes, **values: Any) -> bytes:
    return changed(raw, PATH, True, form(raw) | values, "sv")


def difference(before: bytes, after: bytes) -> list[bytes]:
    """The lines that went and came, with their line ends."""
    old, new = (text.splitlines(keepends=True) for text in (before, after))
    lines = difflib.diff_bytes(difflib.unified_diff, old, new, n=0)
    return [line for line in lines if line[:1] in b"+-" and line[:3] not in (b"---", b"+++")]


def test_a_form_without_an_edit_leaves_the_file_as_it_was() -> None:
    """Also when the browser has taken away the line ends at the end, and when no blank line parts header and text."""
    at_once = b"Title: A\nDate: 2026-11-16\nText at once.\n"
    assert edited(at_once) == at_once
    assert edited(at_once, tags=["a"]) == at_once.replace(b"Text", b"Tags: a\nText")
    assert edited(HARD) == HARD
    assert edited(HARD, body=form(HARD)["body"].strip()) == HARD
    assert edited(HARD, body=form(HARD)["body"].replace("\n", "\r\n")) == HARD


@pytest.mark.parametrize(
    ("key", "value", "went", "came"),
    [
        ("title", "Ett lätt brev", "\ufeffTitle:Ett svårt brev\r\n", "\ufeffTitle: Ett lätt brev\r\n"),
        ("author", "Kultur", "Author: Stadsdirektören\r\n", "Author: Kultur\r\n"),
        ("slug", "latt", "slug: svart\r\n", "slug: latt\r\n"),
        ("tags", ["tillit", "kaj"], "Tags: tillit;  skola\r\n", "Tags: tillit, kaj\r\n"),
        ("status", "published", "Status: Draft\r\n", "Status: published\r\n"),
    ],
)
def test_an_edited_key_is_one_line_of_difference(key: str, value: Any, went: str, came: str) -> None:
    """In its place, spelled as before, with the line end of the file."""
    assert difference(HARD, edited(HARD, **{key: value})) == [b"-" + went.encode(), b"+" + came.encode()]


def test_a_value_of_several_lines_becomes_one() -> None:
    """Only when it is edited."""
    came = difference(HARD, edited(HARD, summary="En\nenda  rad."))
    assert came == [b"-Summary: En rad\r\n", b"-    och en till.\r\n", b"+Summary: En enda rad.\r\n"]


def test_a_new_key_stands_where_it_usually_does_and_an_emptied_one_goes() -> None:
    """A key of the form is added after those that come before it in the handbook's order."""
    assert difference(HARD, edited(HARD, comments="closed")) == [b"+Comments: closed\r\n"]
    assert b"slug: svart\r\nTags" in HARD
    assert difference(HARD, edited(HARD, slug="")) == [b"-slug: svart\r\n"]


def test_an_edit_of_the_text_is_the_edited_line() -> None:
    """Other lines keep their ends, spaces and tabs, mixed as they are."""
    after = edited(HARD, body=form(HARD)["body"].replace("Ny rad.", "Ännu en rad.\nOch en."))
    assert difference(HARD, after) == [
        b"-Ny rad.\r\n",
        "+Ännu en rad.\r\n".encode(),
        b"+Och en.\r\n",
    ]


@pytest.mark.parametrize(
    "raw",
    [
        b"Title: A\nDate: 2026-11-16\n\nText",
        b"Title: A\nDate: 2026-11-16\n",
        b"Title: A\nDate: 2026-11-16",
        b"---\nTitle: A\nDate: 2026-11-16\n---\nText\n",
        b"Title: A\nDate: 2026-11-16\nText at once\n",
        b"Bara text\n",
        b"",
        b"\n\nText\n",
    ],
)
def test_any_form_of_file_takes_a_title_a_key_and_a_text(raw: bytes) -> None:
    """With or without a header, a blank line, a last line end."""
    after = edited(raw, title="B", author="Kultur", body="Ny text")
    assert form(after) == form(raw) | {"title": "B", "author": "Kultur", "body": form(after)["body"]}
    assert form(after)["body"].strip() == "Ny text"


@given(
    st.lists(st.sampled_from(["a", "b  ", "\tc", "", "## d", "e: f", "---", "***", "\x0b", "å\u2028ö"]), max_size=9),
    st.lists(st.sampled_from(["a", "b  ", "\tc", "", "g", "e: f", "---"]), max_size=9),
    st.sampled_from(["\n", "\r\n"]),
    st.booleans(),
)
def test_every_text_is_written_as_it_was_sent(old: list[str], new: list[str], end: str, last: bool) -> None:
    """Whatever stood there, and with the line ends of the file."""
    raw = end.join(["Title: A", "", *old]).encode() + (end.encode() if last else b"")
    after = edited(raw, body="\n".join(new))
    assert form(after)["body"].strip("\n") == "\n".join(new).strip("\n") or not "".join(new).strip()
    assert form(after) | {"body": ""} == form(raw) | {"body": ""}
    assert end == "\n" or b"\n" not in after.replace(b"\r\n", b"")


def test_a_title_can_t_smuggle_in_a_line() -> None:
    """A line end in it becomes a space."""
    assert difference(HARD, edited(HARD, title="A\nStatus: published"))[1:] == [
        "+\ufeffTitle: A Status: published\r\n".encode()
    ]


def test_a_new_letter_has_header_lines_in_the_usual_order() -> None:
    """What says nothing is left out; a draft says that it is one."""
    values = {
        "title": "Å",
        "date": "2026-11-16 09:00",
        "author": "Kultur",
        "tags": ["a", "b"],
        "summary": "",
        "lang": "sv",
    }
    written = made(PATH, True, values | {"status": "draft", "comments": "open", "body": "Hej.\n"}, "sv")
    assert written.decode() == ("Title: Å\nDate: 2026-11-16 09:00\nAuthor: Kultur\nTags: a, b\nStatus: draft\n\nHej.\n")


@pytest.mark.parametrize(
    ("raw", "values"),
    [
        (b"Bara text\n", {"body": "X: y"}),
        (HARD, {"body": "a\0b"}),
        (HARD, {"title": "half \ud83d"}),
    ],
)
def test_what_the_file_would_not_say_is_refused(raw: bytes, values: dict[str, Any]) -> None:
    """A text that would be read as header lines, and characters that are none."""
    with pytest.raises(Unwritable):
        edited(raw, **values)

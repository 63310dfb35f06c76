"""Disposal by a rule: the words and their writer are wiped, and the log says so for good."""

import json

import pytest
import sqlalchemy as sa

from comments import ledger
from comments.cli import main
from comments.moderation import Refused
from comments.storage import comments, editions
from tests.service.conftest import LETTER

WHO = "moderator@lindhamn.example"
WORDS, NAME, EMAIL = "Hemligheten om kajplatsen", "Ordförande Ytterst", "ytterst@lindhamn.example"


@pytest.fixture
def dispose(parts):
    """Dispose of a comment by the rule of site.toml."""
    return lambda id, reason="gallring-1": parts.moderation.decide(id, "disposed", WHO, reason)


@pytest.fixture
def link(post, parts):
    """A published comment; gives the link to its status page."""
    answer = post(text=WORDS, author=NAME, email=EMAIL)
    parts.moderation.decide(1, "approved", WHO)
    return answer.json["status_url"]


def test_words_and_writer_are_wiped(link, dispose, parts):
    """What stays is that there was a comment, when, and where."""
    dispose(1)
    row = parts.storage.row(sa.select(comments))
    assert row["state"] == "disposed"
    assert (row["text"], row["author"], row["email"], row["website"], row["html"]) == ("", None, None, None, None)
    assert (row["sender"], row["voters"]) == ("", b"")
    assert parts.storage.rows(sa.select(editions)) == []


def test_the_log_keeps_who_disposed_and_by_which_rule(link, dispose, parts):
    """And verifies without the words."""
    dispose(1)
    last = ledger.history(parts.storage, 1)[-1]
    assert (last["who"], last["what"], last["reason"]) == (WHO, "disposed", "gallring-1")
    assert ledger.verify(parts.storage).fault is None


@pytest.mark.parametrize("reason", [None, "", "regel-1", "hot", "gallring-2"])
def test_it_needs_a_rule_of_disposal(link, dispose, parts, reason):
    """A rule for comments is none for records."""
    with pytest.raises(Refused):
        dispose(1, reason)
    assert parts.moderation.case(1)["text"] == WORDS


def test_a_waiting_comment_is_not_disposed_of(post, dispose):
    """It must be decided about first."""
    post()
    with pytest.raises(Refused):
        dispose(1)


@pytest.mark.parametrize("what", ["approved", "declined", "hidden", "restored", "disposed"])
def test_it_is_final(link, dispose, parts, what):
    """Nothing leads back."""
    dispose(1)
    reason = {"declined": "regel-1", "hidden": "hot", "disposed": "gallring-1"}.get(what)
    with pytest.raises(Refused):
        parts.moderation.decide(1, what, WHO, reason)


def test_it_leaves_the_page(link, dispose, published):
    """Nothing stands where nobody answered."""
    dispose(1)
    assert published()["comments"] == []


def test_it_keeps_its_place_where_it_was_answered(link, dispose, parts, published):
    """An answer without what it answers would be misread."""
    parts.moderation.reply(1, "Tack!", WHO, "Kommunikatören", "Lindhamns stad")
    dispose(1)
    (top,) = published()["comments"]
    assert (top["state"], top["author"], top["html"], len(top["replies"])) == ("disposed", None, "", 1)


def test_the_status_page_says_by_which_rule(link, dispose, client):
    """The writer learns what became of it."""
    dispose(1)
    page = client.get(link).text
    assert "Gallras efter två år." in page
    assert WORDS not in page
    assert NAME not in page


def test_nothing_of_it_is_shown_by_any_address(link, dispose, client, desk, parts):
    """Isso's API, the reply form, and the desk too."""
    parts.moderation.reply(1, "Tack!", WHO, "Kommunikatören", "Lindhamns stad")
    dispose(1)
    seen = [client.get(path).text for path in (f"/isso/?uri={LETTER}", "/isso/id/1", "/kommentarer/svara/1")]
    page = desk.get("/moderering/1")
    assert page.status_code == 200
    assert "Gallras efter två år." in page.text
    for secret in (WORDS, NAME, EMAIL):
        assert not [text for text in [*seen, page.text] if secret in text]


def test_the_words_are_not_in_the_file(link, dispose, parts, folder):
    """Whoever reads the bytes finds nothing, neither in the database nor in its log of changes."""
    dispose(1)
    if parts.storage.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL's files hold what was deleted until VACUUM")
    files = [path for path in (folder / "var").glob("comments.db*") if path.is_file()]
    found = [path.name for path in files for word in (WORDS, NAME, EMAIL) if word.encode() in path.read_bytes()]
    assert found == []


def test_the_terminal_disposes(link, parts, folder, monkeypatch, capsys):
    """As python -m comments dispose."""
    for name, value in (("DATA", "var"), ("SITE", "site.toml"), ("LETTERS", "letters.json")):
        monkeypatch.setenv(name, str(folder / value))
    assert main(["moderator", "add", WHO, "--name", "Kommunikatören"]) == 0
    capsys.readouterr()
    assert main(["dispose", "1", "--rule", "gallring-1", "--by", WHO, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"id": 1, "state": "disposed", "text": ""}

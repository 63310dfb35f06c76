"""Telling that something is not accessible: without name or script, kept as it was said, handled at the desk once."""

import json
import re
import time
from urllib.parse import quote

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from comments import accounts, links
from comments.cli import main
from comments.feedback import LIMITS, NOTE_CHARACTERS
from comments.storage import StorageBusy, feedback, outbox
from tests.conftest import ONCE
from tests.service.conftest import Desk

SEND, LIST = "/kommentarer/tillganglighet", "/moderering/tillganglighet"
DONE = f"{LIST}?visa=hanterat"
JSON = {"Accept": "application/json"}
REFUSED = ["x" * 65_536, "med\0nul", "med\ud800surrogat", "\x1b[2J rensa"]


@pytest.fixture
def tell(client):
    """Send the form, with some fields changed; gives the answer."""

    def tell(headers=None, **changes):
        fields = {"text": "Menyn går inte att nå.", "page": "/om/", "contact": ""} | changes
        return client.post(SEND, data=fields, headers=headers)

    return tell


@pytest.fixture
def rows(parts):
    """Look at what was told."""
    return lambda: parts.storage.rows(sa.select(feedback).order_by(feedback.c.id))


def test_anybody_may_tell_and_gets_a_number(tell, rows):
    """Without name and address; the receipt says that there will be no answer."""
    receipt = tell()
    (row,) = rows()
    assert receipt.status_code == 202
    assert f"nummer {row['id']}" in receipt.text
    assert "Du har inte sagt hur vi når dig" in receipt.text
    assert (row["words"], row["page"], row["contact"]) == ("Menyn går inte att nå.", "/om/", None)


def test_who_can_be_reached_is_told_when(make_app, folder):
    """In the words of site.toml."""
    with (folder / "site.toml").open("a", encoding="utf-8") as toml:
        toml.write('[accessibility]\nanswer = "inom en vecka"\n')
    answer = make_app().test_client().post(SEND, data={"text": "Hej", "contact": "010-000 12 00"})
    assert "Vi svarar normalt inom en vecka." in answer.text


def test_programs_are_answered_in_json(client, tell):
    """As form and as JSON; what is wrong is told by field."""
    assert tell(JSON).json["state"] == "open"
    made = client.post(SEND, json={"text": "Som JSON", "contact": None})
    assert (made.status_code, made.json["id"]) == (202, 2)
    wrong = client.post(SEND, json={"text": ""})
    assert (wrong.status_code, wrong.json["errors"]) == (400, {"text": "Skriv vad som inte fungerar."})


def test_a_second_press_is_the_same(tell, rows):
    """The same number, and one row; what was handled may come again."""
    assert [tell(JSON).json["id"] for _ in range(2)] == [1, 1]
    assert len(rows()) == 1


@ONCE
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("text", ""),
        ("text", " \u200b\n"),
        *(("text", text) for text in REFUSED),
        *((name, text) for name in ("page", "contact") for text in (*REFUSED, "två\nrader")),
        *((name, "a" * (most + 1)) for name, most in LIMITS.items()),
        ("webbplats", "http://robot.example"),
    ],
)
def test_what_cannot_be_kept_comes_back(client, rows, field, value):
    """With what must change beside the field, and all that was typed; as JSON the same."""
    sent = {"text": "Mina ord.", "page": "Min sida", "contact": "min@adress.example"} | {field: value}
    raw = "&".join(f"{name}={quote(text, errors='surrogatepass')}" for name, text in sent.items())
    answer = client.post(SEND, data=raw, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 400
    assert client.post(SEND, data=json.dumps(sent), content_type="application/json").status_code == 400
    assert field == "text" or "Mina ord." in answer.text
    assert rows() == []


def test_a_fault_is_tied_to_its_field(tell):
    """The summary leads to it, and everything typed stands there again, escaped."""
    page = tell(text="", page='"><script>', contact="Ring <mig>").text
    assert '<a href="#f-text">' in page
    assert 'aria-describedby="f-text-hint f-text-error" aria-invalid="true"' in page
    assert 'value="&#34;&gt;&lt;script&gt;"' in page
    assert 'value="Ring &lt;mig&gt;"' in page


@ONCE
@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        ("text=x", "text/plain", 415),
        ("", None, 415),
        ("[]", "application/json", 400),
        ("{", "application/json", 400),
        ("[" * 100_000, "application/json", 400),
        ('{"text": 1}', "application/json", 400),
        ('{"text": {"a": []}}', "application/json", 400),
        ("", "application/x-www-form-urlencoded", 400),
        ("text=" + "x" * 600_000, "application/x-www-form-urlencoded", 413),
    ],
)
def test_what_is_no_form_is_refused(client, rows, body, kind, status):
    """With a sentence, and nothing kept."""
    answer = client.post(SEND, data=body, content_type=kind)
    assert (answer.status_code, rows()) == (status, [])


def test_hundreds_from_one_network_are_slowed_down(tell, rows):
    """The count is in the database, for all processes; the text comes back."""
    answers = [tell(text=f"Fel {n}.") for n in range(7)]
    assert [answer.status_code for answer in answers] == [202] * 5 + [429] * 2
    assert "Fel 6." in answers[6].text
    assert len(rows()) == 5


def test_a_database_that_is_busy_loses_nothing(tell, parts, monkeypatch):
    """503, and all fields filled in again."""

    def busy(*_given):
        raise StorageBusy("locked")

    monkeypatch.setattr(parts.feedback, "take", busy)
    answer = tell(contact="010-000 12 00")
    assert answer.status_code == 503
    assert all(text in answer.text for text in ("Menyn går inte att nå.", "/om/", "010-000 12 00"))


def test_another_site_s_page_cannot_send(client, rows):
    """By the Origin; the words come back."""
    answer = client.post(SEND, data={"text": "Mina ord."}, headers={"Origin": "https://ond.example"})
    assert (answer.status_code, "Mina ord." in answer.text, rows()) == (403, True, [])


def test_loading_the_answer_again_leads_to_the_form(client):
    """GET at the form's address."""
    assert client.get(SEND).headers["Location"] == "/tillganglighet/#rapportera"


def test_a_moderator_handles_it(tell, desk, rows, parts):
    """From the queue to the list; then it is kept who did what, and when."""
    before = time.time()
    tell(text="<b>Fel</b> på menyn", contact="Eva, 010-000 12 00")
    assert f'href="{LIST}"' in desk.get("/moderering/").text
    page = desk.get(LIST).text
    assert "&lt;b&gt;Fel&lt;/b&gt; på menyn" in page
    assert "Eva, 010-000 12 00" in page
    answer = desk.submit(f"{LIST}/1", LIST, note="Rättat i menyn.\r\nEva är uppringd.")
    assert answer.headers["Location"] == LIST
    (row,) = rows()
    assert (row["state"], row["who"], row["note"]) == ("handled", desk.email, "Rättat i menyn.\nEva är uppringd.")
    assert before <= row["handled"] <= time.time()
    assert "Inget väntar." in desk.get(LIST).text
    assert "Eva är uppringd." in desk.get(DONE).text
    assert parts.feedback.number() == 0


@pytest.mark.parametrize("note", ["", "  ", "x" * (NOTE_CHARACTERS + 1), "noll \x00"])
def test_a_note_that_will_not_do_comes_back(tell, desk, rows, note):
    """Beside its field; it is not handled."""
    tell()
    answer = desk.submit(f"{LIST}/1", LIST, note=note)
    assert answer.status_code == 400
    assert 'id="note-1-error"' in answer.text
    assert note.strip("\x00") in answer.text
    assert rows()[0]["state"] == "open"


def test_it_is_handled_once(tell, desk, app, rows):
    """The second is told, and finds what was written."""
    tell()
    other = Desk(app, "andra@lindhamn.example")
    desk.submit(f"{LIST}/1", LIST, note="Först.")
    answer = other.submit(f"{LIST}/1", "/moderering/konto", note="Sist.")
    assert (answer.status_code, rows()[0]["note"]) == (409, "Först.")
    assert "Sist." in answer.text


@ONCE
@pytest.mark.parametrize("id", [0, 99, 2**63, 10**30])
def test_what_is_not_there_cannot_be_handled(desk, id):
    """A clear 404."""
    assert desk.submit(f"{LIST}/{id}", "/moderering/konto", note="Klart.").status_code == 404


@pytest.mark.parametrize("statement", ["UPDATE feedback SET note = 'x'", "UPDATE feedback SET state = 'open'"])
def test_what_was_handled_stays_so(tell, desk, parts, statement):
    """By whatever way somebody reaches the database."""
    tell()
    desk.submit(f"{LIST}/1", LIST, note="Klart.")
    with pytest.raises(DBAPIError, match="kept as they are"), parts.storage.transaction() as connection:
        connection.exec_driver_sql(statement)


@ONCE
def test_a_moderator_may_and_a_stranger_may_not(app, parts, tell):
    """Deny by default; no cookie, no list and no change."""
    tell()
    stranger = app.test_client()
    assert stranger.get(LIST).headers["Location"].startswith("/moderering/logga-in")
    assert stranger.post(f"{LIST}/1", data={"note": "x"}).status_code in (302, 400)
    account = accounts.add(parts.storage, "m@lindhamn.example", "M", "T", "moderator")
    moderator = Desk.__new__(Desk)
    moderator.client = app.test_client()
    moderator.submit(f"/moderering/logga-in/{links.new(parts.storage, account['id'], 'terminal')}")
    assert "Menyn går inte att nå." in moderator.get(LIST).text


@ONCE
def test_long_lists_come_in_pages(desk, parts):
    """The oldest that waits first, the newest that is handled first."""
    many = [{"words": f"Fel {n}.", "sender": "x", "created": 1.7e9 + n} for n in range(1, 26)]
    parts.storage.execute(feedback.insert(), many)
    first = desk.get(LIST).text
    assert re.findall(r"Fel (\d+)\.", first) == [str(n) for n in range(1, 11)]
    assert re.findall(r"Fel (\d+)\.", desk.get(f"{LIST}?efter=20").text) == [str(n) for n in range(21, 26)]
    for id in (3, 7):
        parts.feedback.handle(id, desk.email, "Klart.")
    assert re.findall(r"Fel (\d+)\.", desk.get(DONE).text) == ["7", "3"]
    assert "Fel 1." in desk.get(f"{LIST}?efter=999").text
    assert desk.get(f"{LIST}?efter={10**30}").status_code == 200


def test_moderators_are_told_that_it_waits_and_not_what(tell, desk, parts):
    """By the mail that tells of comments; when it is handled before, none is sent."""
    tell(text="Hemliga ord", contact="Eva")
    (mail,) = parts.storage.rows(sa.select(outbox))
    told = parts.notices.waiting_words(mail)
    assert "Synpunkter på webbplatsens tillgänglighet: 1" in told["body"]
    assert not re.search("Hemliga|Eva", told["body"] + told["html"] + told["subject"])
    desk.submit(f"{LIST}/1", LIST, note="Klart.")
    assert [row["state"] for row in parts.storage.rows(sa.select(outbox))] == ["closed"]


def test_the_terminal_lists_what_waits(tell, folder, monkeypatch, capsys):
    """As JSON and as text."""
    for name, path in (("DATA", "var"), ("LETTERS", "letters.json"), ("SITE", "site.toml")):
        monkeypatch.setenv(name, str(folder / path))
    assert main(["feedback", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == []
    tell(contact="Eva")
    assert main(["feedback", "--json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)
    assert (told["id"], told["text"], told["page"], told["contact"]) == (1, "Menyn går inte att nå.", "/om/", "Eva")
    assert main(["feedback"]) == 0
    assert "Menyn går inte att nå." in capsys.readouterr().out

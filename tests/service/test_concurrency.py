"""Many at once: nobody gets another's answer, nothing acknowledged is lost, a locked database is told."""

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing

import pytest
import sqlalchemy as sa

from comments import storage
from comments.storage import Storage, comments
from tests.running import ROOT
from tests.service.conftest import LETTER, OTHER
from tests.service.visitor import Visitor

WRITERS, EACH = 8, 12


@pytest.fixture
def app(make_app):
    """The service without its limit on pace."""
    return make_app(RATE_LIMIT="off")


@pytest.fixture
def locked(parts, monkeypatch):
    """Another program's transaction on the same database, which can be ended; the service soon gives up on it."""
    monkeypatch.setattr(storage, "BUSY_SECONDS", 0.5)
    monkeypatch.setattr(storage, "PROMPT_SECONDS", 0.1)
    with closing(Storage(parts.settings.database)) as other, ExitStack() as open:
        open.enter_context(other.transaction())
        yield open


def together(post):
    """Let each of the writers post in a thread of its own; gives all answers as (text, answer)."""
    texts = [[f"Skribent {writer}, inlägg {number}" for number in range(EACH)] for writer in range(WRITERS)]
    with ThreadPoolExecutor(WRITERS) as pool:
        answers = pool.map(lambda own: [(text, post(text)) for text in own], texts)
        return [answer for own in answers for answer in own]


def test_everyone_gets_an_answer_of_their_own_from_the_form(app, parts):
    """Ids and status links are all different, and each link shows the text that was sent with it."""

    def post(text):
        fields = {"uri": LETTER, "author": text, "text": text}
        return app.test_client().post("/kommentarer/ny", data=fields, headers={"Accept": "application/json"})

    answers = together(post)
    assert {answer.status_code for _, answer in answers} == {202}
    assert len({answer.json["id"] for _, answer in answers}) == WRITERS * EACH
    for text, answer in answers:
        assert f"<p>{text}</p>" in app.test_client().get(answer.json["status_url"]).text
    assert sorted(row["text"] for row in parts.storage.rows(sa.select(comments))) == sorted(text for text, _ in answers)


def test_everyone_gets_an_answer_of_their_own_from_the_api(app, parts):
    """Text and edit cookie are the sender's, and every acknowledged comment is stored once, as it was sent."""
    answers = together(lambda text: Visitor(app).new(author=text, text=text))
    stored = {row["id"]: row["text"] for row in parts.storage.rows(sa.select(comments))}
    assert len(stored) == WRITERS * EACH
    for text, answer in answers:
        id = answer.json["id"]
        assert answer.json["text"] == f"<p>{text}</p>"
        assert answer.json["author"] == stored[id] == text
        assert answer.headers["Set-Cookie"].startswith(f"{id}=")


def test_a_letter_gets_one_thread_when_many_begin_at_once(app, parts):
    """The first comments of a letter, at the same moment, through both doors."""

    def post(text):
        if text.startswith("Skribent 0"):
            return Visitor(app).new(uri=OTHER, text=text)
        return app.test_client().post("/kommentarer/ny", data={"uri": OTHER, "author": "A", "text": text})

    assert {answer.status_code for _, answer in together(post)} == {202}
    assert len(parts.storage.rows(sa.select(storage.threads))) == 1


def test_of_many_decisions_at_once_one_is_taken(app, parts, published):
    """Eight moderators press at the same moment: one decision, one row in the ledger."""
    ids = [Visitor(app).new(text=f"Inlägg {number}").json["id"] for number in range(5)]

    def press(number):
        by = f"moderator-{number}@lindhamn.example"
        return sum(not isinstance(_try(parts, id, by), Exception) for id in ids)

    with ThreadPoolExecutor(WRITERS) as pool:
        assert sum(pool.map(press, range(WRITERS))) == len(ids)
    assert len(parts.storage.rows(sa.select(storage.ledger))) == 2 * len(ids)
    assert published()["count"] == len(ids)


def _try(parts, id, by):
    try:
        return parts.moderation.decide(id, "approved", by)
    except Exception as refused:
        return refused


def test_a_locked_database_is_a_503_that_keeps_the_text(client, locked, parts):
    """Who posts meanwhile is told to try again, with the text still in the form; nothing is half stored."""
    fields = {"uri": LETTER, "author": "Eva", "email": "", "text": "Min mödosamt skrivna text"}
    page = client.post("/kommentarer/ny", data=fields)
    assert page.status_code == 503
    assert "Min mödosamt skrivna text" in page.text
    assert page.headers["Retry-After"]
    asked = client.post("/kommentarer/ny", data=fields, headers={"Accept": "application/json"})
    assert (asked.status_code, list(asked.json)) == (503, ["error", "errors"])
    locked.close()
    assert parts.storage.rows(sa.select(comments)) == []
    assert client.post("/kommentarer/ny", data=fields).status_code == 202


def test_a_locked_database_is_a_503_from_the_api(app, locked):
    """As JSON, and reading goes on as ever."""
    visitor = Visitor(app)
    answer = visitor.new()
    assert (answer.status_code, answer.mimetype) == (503, "application/json")
    assert json.loads(visitor.thread())["replies"] == []


def test_a_lock_that_is_let_go_in_time_is_not_noticed(app, locked):
    """A short lock is waited for."""
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(lambda: Visitor(app).new())
        locked.close()
        assert waiting.result().status_code == 202


def test_a_decision_on_a_locked_database_changes_nothing(desk, client, parts):
    """The moderator is told, and can press again."""
    client.post("/kommentarer/ny", data={"uri": LETTER, "author": "A", "text": "Väntar"})
    with closing(Storage(parts.settings.database)) as other, other.transaction():
        assert desk.decide(1, "godkann").status_code == 503
    assert parts.moderation.case(1)["state"] == "pending"
    assert desk.decide(1, "godkann").status_code == 302


def test_processes_that_share_a_database_keep_their_comments_apart(app, folder, parts):
    """Three processes post at once: every acknowledged id is there once, with the text that was sent."""
    code = (
        "import json, sys; from comments.app import create_app; post = create_app().test_client().post\n"
        "for n in range(20):\n"
        "    text = f'{sys.argv[1]} skriver {n}'\n"
        f"    fields = {{'uri': '{LETTER}', 'author': 'A', 'text': text}}\n"
        "    answer = post('/kommentarer/ny', data=fields, headers={'Accept': 'application/json'})\n"
        "    print(answer.json['id'], text)\n"
    )
    places = {"DATA": str(folder / "var"), "LETTERS": str(folder / "letters.json"), "SITE": str(folder / "site.toml")}
    environment = os.environ | places | {"RATE_LIMIT": "off", "PYTHONUTF8": "1"}
    started = [
        subprocess.Popen([sys.executable, "-c", code, name], cwd=ROOT, env=environment, stdout=-1, stderr=-3, text=True)
        for name in ("Ett", "Två", "Tre")
    ]
    told = [line.split(" ", 1) for process in started for line in process.communicate()[0].splitlines()]
    stored = {row["id"]: row["text"] for row in parts.storage.rows(sa.select(comments))}
    assert {int(id): text for id, text in told} == stored
    assert len(told) == 60

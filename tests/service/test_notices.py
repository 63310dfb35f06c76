"""What moderators are told by mail: how much waits when the mail is sent, as often as each has chosen, and no more."""

import re
import time

import pytest
import sqlalchemy as sa

from comments import accounts
from comments.notices import CHOICES, PAUSES, WAITS
from comments.storage import accounts as table
from comments.storage import comments, outbox
from tests.running import free_port
from tests.service.conftest import Desk
from tests.service.mailbox import answering

OWN = "/moderering/konto/mejl"
QUEUE = "https://ordetfritt.lindhamn.example/moderering/"


@pytest.fixture
def port():
    return free_port()


@pytest.fixture
def app(make_app, port):
    """The service, told to send by a server that the tests start."""
    return make_app(SMTP=f"smtp://127.0.0.1:{port}", RATE_LIMIT="off")


@pytest.fixture
def rows(parts):
    """The notices in the outbox."""
    return lambda: parts.storage.rows(sa.select(outbox).where(outbox.c.kind == WAITS).order_by(outbox.c.id))


@pytest.fixture
def choose(parts, desk):
    """Let the first moderator choose."""

    def choose(choice):
        answer = desk.submit(OWN, "/moderering/", notices=choice)
        assert answer.headers["Location"] == "/moderering/konto"

    return choose


@pytest.fixture
def send(parts, port):
    """Let everything that is due be sent; gives what arrived, as (recipient, message)."""

    def send():
        with answering(port) as mailbox:
            parts.outbox.send_due()
        return mailbox.taken

    return send


@pytest.fixture
def later(monkeypatch):
    """Put the clock forward."""
    now = {"is": time.time()}
    monkeypatch.setattr(time, "time", lambda: now["is"])

    def later(seconds):
        now["is"] += seconds

    return later


def said(message, kind="plain"):
    return message.get_body((kind,)).get_content().replace("\r\n", "\n")


def body(send):
    """The text of the one mail that is sent."""
    ((_to, message),) = send()
    return said(message)


@pytest.mark.parametrize(("choice", "pause"), PAUSES.items())
def test_what_comes_between_two_notices_is_gathered(desk, choose, post, send, later, rows, choice, pause):
    """Fifty comments in a minute make two mails: the first at once, the second with the number of all."""
    choose(choice)
    post()
    assert "granskning: 1\n" in body(send)
    for _ in range(50):
        later(1)
        post()
    later(pause - 51)
    assert send() == []
    later(1)
    assert "granskning: 51\n" in body(send)
    assert len(rows()) == 2


def test_a_notice_tells_how_much_waits_when_it_is_sent(desk, post, send):
    """Not when it was written: what was decided meanwhile waits no more."""
    ids = [post().json["id"] for _ in range(3)]
    desk.decide(ids[0], "godkann")
    assert "granskning: 2\n" in body(send)


def test_each_kind_has_its_number(desk, parts, post, client, send):
    """Comments, reports, requests for another look; a kind of which there is none is not named."""
    sent = [post().json for _ in range(3)]
    desk.decide(sent[0]["id"], "godkann")
    desk.decide(sent[1]["id"], "avboj", reason="regel-1")
    send()
    client.post(f"/kommentarer/anmal/{sent[0]['id']}", data={"reason": "regel-1", "text": "", "email": ""})
    client.post(f"{sent[1]['status_url']}/omprovning", data={"text": "Varför?"})
    parts.storage.execute(outbox.update().where(outbox.c.state == "waiting").values(due=0))
    message = send()[0][1]
    assert re.findall(r"^(\w+).*: (\d+)$", said(message), re.MULTILINE) == [
        ("Kommentarer", "1"),
        ("Anmälningar", "1"),
        ("Beslut", "1"),
    ]
    assert message["Subject"] == "Att granska: 3"


def test_a_notice_holds_numbers_and_the_way_to_the_queue_alone(app, desk, client, post, send):
    """No word, name or address of a resident, as text or as HTML, and no link that works without signing in."""
    post(text="Hemlig text om lekplatsen", author="Eva Hemlig", email="eva@resident.example")
    ((to, message),) = send()
    for kind in ("plain", "html"):
        links = set(re.findall(r"https?://[^\s\"<]+", said(message, kind)))
        assert links == {QUEUE, f"{QUEUE}konto"}
        assert not re.search("Hemlig|lekplats|resident", said(message, kind))
    assert to == desk.email
    assert app.test_client().get("/moderering/").headers["Location"] == "/moderering/logga-in"
    assert message["List-Unsubscribe"] is None


def test_who_wants_none_gets_none(desk, choose, post, rows):
    """And costs nothing when comments come."""
    choose("never")
    post()
    assert rows() == []


def test_a_closed_account_gets_none(parts, desk, post, send, rows):
    """Neither what is written later, nor what waited when it was closed."""
    post()
    parts.storage.execute(table.update().values(closed=time.time()))
    assert send() == []
    assert [row["state"] for row in rows()] == ["closed"]
    post()
    assert len(rows()) == 1


def test_each_moderator_has_a_choice_of_their_own(app, desk, choose, post, send, later):
    """One is told again after two minutes, the other after an hour."""
    other = Desk(app, "andra@lindhamn.example")
    choose("at_once")
    post()
    assert {to for to, _ in send()} == {desk.email, other.email}
    post()
    later(PAUSES["at_once"])
    assert [to for to, _ in send()] == [desk.email]
    later(PAUSES["hourly"])
    assert [to for to, _ in send()] == [other.email]


def test_a_new_choice_counts_for_what_waits_already(desk, choose, post, send, later, rows):
    """To be told at once brings the waiting notice forward; to be told nothing takes it back."""
    post()
    send()
    post()
    choose("at_once")
    later(PAUSES["at_once"])
    assert len(send()) == 1
    post()
    choose("never")
    later(PAUSES["hourly"])
    assert send() == []
    assert [row["state"] for row in rows()] == ["sent", "closed", "sent", "closed"]


def test_a_notice_says_the_same_at_each_attempt(parts, desk, post, send, rows):
    """A mailbox that gets it twice knows the two for one."""
    post()
    parts.outbox.send_due()  # nobody answers
    first = rows()[0]["body"]
    post()
    parts.storage.execute(outbox.update().where(outbox.c.state == "waiting").values(due=0))
    assert body(send) == first


@pytest.mark.parametrize("choice", ["", "ofta", "HOURLY", "hourly\x00", "x" * 5000])
def test_a_choice_that_there_is_not_is_refused(parts, desk, choice):
    """The one before still holds."""
    assert desk.submit(OWN, "/moderering/", notices=choice).status_code == 400
    assert parts.storage.execute(sa.select(table.c.notices)).scalars().all() == ["hourly"]


def test_a_choice_needs_the_token_of_its_page_and_an_account(app, desk):
    """Another site's page can't choose, nor can a stranger."""
    assert desk.client.post(OWN, data={"notices": "never"}).status_code == 400
    assert app.test_client().post(OWN, data={"notices": "never"}).status_code in (302, 400)


def test_the_account_s_page_shows_the_choice(app, desk, choose):
    """Three radio buttons, and the one that holds is marked."""
    choose("at_once")
    with app.test_request_context():
        from flask import g, render_template

        g.account = accounts.find(app.extensions["ordetfritt"].storage, desk.email)
        part = render_template("desk/account_notices.html")
    assert re.findall(r'value="(\w+)"( checked)?', part) == [
        (each, " checked" * (each == "at_once")) for each in CHOICES
    ]


def test_a_crowd_is_counted_up_to_a_bound(parts, desk, post, send):
    """No mail waits until a million comments are counted."""
    row = parts.storage.rows(sa.select(comments).where(comments.c.id == post().json["id"]))[0]
    copies = [{**row, "id": row["id"] + n, "token": None} for n in range(1, 1200)]
    with parts.storage.transaction() as connection:
        connection.execute(comments.insert(), copies)
    assert "granskning: 999+\n" in body(send)

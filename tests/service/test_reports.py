"""A reader reports a comment: without account, with a receipt, a place in the queue, and an outcome."""

import re

import pytest
import sqlalchemy as sa

from comments import ledger
from comments.storage import outbox, reports
from tests.conftest import ONCE
from tests.service.conftest import Desk

READER = "lasare@resident.example"


@pytest.fixture
def comment(post, desk):
    """A published comment's number."""
    id = post().json["id"]
    desk.decide(id, "godkann")
    return id


@pytest.fixture
def report(client, comment):
    """Report it, with some fields changed; gives the answer."""

    def send(**changes):
        fields = {"reason": "regel-1", "text": "Det hör inte hit.", "email": ""} | changes
        return client.post(f"/kommentarer/anmal/{comment}", data=fields)

    return send


@pytest.fixture
def rows(parts):
    """Look at what was reported."""
    return lambda: parts.storage.rows(sa.select(reports).order_by(reports.c.id))


def own_page(receipt) -> str:
    """The address of the reporter's own page."""
    return re.search(r'href="(/kommentarer/anmalan/[^"]+)"', receipt.text)[1]  # type: ignore[index]


def test_a_report_gets_a_receipt_with_its_number(report, rows, client):
    """And a private page that tells what becomes of it."""
    receipt = report(email=READER)
    assert receipt.status_code == 202
    assert f"nummer {rows()[0]['id']}" in receipt.text
    page = client.get(own_page(receipt))
    assert "Din anmälan väntar på att läsas" in page.text
    assert page.headers["Referrer-Policy"] == "no-referrer"


def test_a_report_lands_in_the_queue(report, comment, desk, parts):
    """In a list of its own, with reason and words on the case; the ledger knows that it came."""
    report()
    assert f'data-case="{comment}"' in desk.get("/moderering/?visa=anmalda").text
    page = desk.get(f"/moderering/{comment}").text
    assert "Det hör inte hit." in page
    assert ledger.history(parts.storage, comment)[-1]["what"] == "reported"


def test_the_outcome_is_told(report, comment, desk, client, parts):
    """On the page and by mail, with the moderator's words and none of the reporter's."""
    receipt = report(email=READER, text="Mina egna ord.")
    desk.submit(f"/moderering/{comment}/anmalan/1/avskriv", f"/moderering/{comment}", note="Det är en åsikt.")
    page = client.get(own_page(receipt)).text
    assert "Kommentaren får stå kvar" in page
    assert "Det är en åsikt." in page
    (mail,) = parts.storage.rows(sa.select(outbox).where(outbox.c.recipient == READER))
    assert "Det är en åsikt." in mail["body"]
    assert "Mina egna ord." not in mail["body"] + mail["html"]


def test_hiding_the_comment_settles_all_its_reports(report, comment, desk, client, rows):
    """Each reporter was right."""
    receipts = [report(), report(text="Jag håller med den som anmält.")]
    desk.decide(comment, "dolj", reason="regel-1")
    assert [row["state"] for row in rows()] == ["upheld", "upheld"]
    assert all("Kommentaren är borttagen" in client.get(own_page(receipt)).text for receipt in receipts)


def test_undoing_lets_the_reports_wait_again(report, comment, desk, rows):
    """And nobody is told of what was undone."""
    report(email=READER)
    desk.decide(comment, "dolj", reason="regel-1")
    desk.submit(f"/moderering/{comment}/angra", f"/moderering/{comment}")
    assert [(row["state"], row["who"]) for row in rows()] == [("open", None)]


def test_two_moderators_settle_a_report_once(report, comment, desk, app, rows):
    """The second is told that it is done."""
    report()
    other = Desk(app, "andra@lindhamn.example")
    page = f"/moderering/{comment}"
    desk.submit(f"{page}/anmalan/1/avskriv", page, note="Först.")
    answer = other.submit(f"{page}/anmalan/1/avskriv", page, note="Sist.")
    assert (answer.status_code, rows()[0]["note"]) == (409, "Först.")


def test_a_second_press_is_the_same_report(report, rows):
    """The same receipt, and one report."""
    assert own_page(report()) == own_page(report())
    assert len(rows()) == 1


@ONCE
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("reason", ""),
        ("reason", "gallring-1"),
        ("reason", "a" * 100_000),
        ("text", "a" * 2001),
        ("text", "noll \x00"),
        ("email", "ingen adress"),
        ("email", f"{'a' * 300}@lindhamn.example"),
        ("webbplats", "http://robot.example"),
    ],
)
def test_what_cannot_be_kept_comes_back(report, rows, field, value):
    """With what must change, and all that was filled in."""
    answer = report(**{"text": "Mina ord."} | {field: value})
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text
    assert field == "text" or "Mina ord." in answer.text
    assert rows() == []


@pytest.mark.parametrize("id", [0, 99, 2**63, 10**30])
def test_what_is_not_on_the_site_cannot_be_reported(client, post, id, rows):
    """Nor a comment that waits: nobody learns that it is there."""
    waiting = post().json["id"]
    for each in (id, waiting):
        assert client.get(f"/kommentarer/anmal/{each}").status_code == 404
        answer = client.post(f"/kommentarer/anmal/{each}", data={"reason": "regel-1", "text": "Mina ord."})
        assert (answer.status_code, "Mina ord." in answer.text) == (404, True)
    assert rows() == []


def test_reports_by_the_hundred_are_slowed_down(report, rows):
    """The text comes back, so that nothing is lost."""
    answers = [report(text=f"Anmälan {n}.") for n in range(12)]
    assert [answer.status_code for answer in answers] == [202] * 10 + [429] * 2
    assert "Anmälan 11." in answers[11].text
    assert len(rows()) == 10


def test_disposal_wipes_what_was_reported(report, comment, desk, parts, rows):
    """The words and the address; that there was a report stays in the ledger."""
    report(email=READER, text="Mina egna ord.")
    desk.decide(comment, "dolj", reason="regel-1")
    parts.moderation.decide(comment, "disposed", desk.email, "gallring-1")
    assert not re.search("Mina egna ord|lasare@", str(rows()) + str(parts.storage.rows(sa.select(outbox))))
    assert "reported" in [row["what"] for row in ledger.history(parts.storage, comment)]


def test_a_report_keeps_nobody_from_undoing(report, post, desk, parts):
    """A stranger who reports within the ten seconds takes no decision back or hinders it."""
    id = post(text="Ska ångras.").json["id"]
    desk.decide(id, "godkann")
    assert desk.client.post(f"/kommentarer/anmal/{id}", data={"reason": "regel-1"}).status_code == 202
    desk.submit(f"/moderering/{id}/angra", f"/moderering/{id}")
    assert parts.moderation.case(id)["state"] == "pending"


def test_a_restored_comment_tells_its_reporters_so(report, comment, desk, client, rows, parts):
    """They were not right after all, until the restoration is undone."""
    receipt = report(email=READER)
    desk.decide(comment, "dolj", reason="regel-1")
    desk.decide(comment, "aterstall")
    assert rows()[0]["state"] == "dismissed"
    assert "Kommentaren får stå kvar" in client.get(own_page(receipt)).text
    assert parts.storage.rows(sa.select(outbox).where(outbox.c.recipient == READER))[-1]["state"] == "waiting"
    desk.submit(f"/moderering/{comment}/angra", f"/moderering/{comment}")
    assert rows()[0]["state"] == "upheld"


def test_a_report_is_settled_at_its_own_comment(report, comment, post, desk, rows):
    """Not by the address of another's."""
    report()
    other = post(text="En annan.").json["id"]
    desk.submit(f"/moderering/{other}/anmalan/1/avskriv", f"/moderering/{comment}")
    assert rows()[0]["state"] == "open"


def test_many_reports_do_not_make_a_case_heavy(comment, desk, parts):
    """The first ten stand there, and how many more there are."""
    values = {"comment": comment, "reason": "regel-1", "words": "Ord. " * 100, "sender": "x", "created": 1.7e9}
    parts.storage.execute(reports.insert(), [values | {"token": f"{n}"} for n in range(120)])
    page = desk.get(f"/moderering/{comment}").text
    assert "Fler anmälningar väntar: 110" in page
    assert len(page.encode()) < 33_000

"""The outbox: what is written with its cause is sent afterwards, once, whatever happens in between."""

import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from email import message_from_bytes, policy

import pytest
import sqlalchemy as sa

from comments.mail import PAUSES, Outbox
from comments.notices import WAITS
from comments.settings import SettingsError
from comments.storage import Storage, outbox
from comments.transports import Folder, Server, transport
from tests.running import free_port
from tests.service.conftest import Desk
from tests.service.mailbox import Mailbox, answering, let_time_pass

WHO = "granskare@lindhamn.example"
SECRET = "hemligt-lösen"


@pytest.fixture
def port():
    return free_port()


@pytest.fixture
def app(make_app, port):
    """The service, told to send by a server that need not be there."""
    return make_app(SMTP=f"smtp://127.0.0.1:{port}")


@pytest.fixture
def write(parts):
    """Put a mail into the outbox."""

    def write(recipient=WHO, subject="Ett ämne", body="Hej!\n", **more):
        return parts.outbox.write("test", recipient, subject, body, **more)

    return write


@pytest.fixture
def rows(parts):
    """Look into the outbox."""
    return lambda: parts.storage.rows(sa.select(outbox).order_by(outbox.c.id))


# Sending


def test_a_mail_is_sent_once(parts, port, write, rows):
    """A sent one is never tried again."""
    write()
    with answering(port) as mailbox:
        assert (parts.outbox.send_due(), parts.outbox.send_due()) == (1, 0)
    assert [to for to, _message in mailbox.taken] == [WHO]
    assert [(row["state"], row["attempts"], row["error"]) for row in rows()] == [("sent", 1, None)]


def test_what_is_written_arrives_as_it_was(parts, port, write):
    """Letters, signs and pictures in subject and text, and who sends it."""
    write(subject="Räksmörgås på ön 🚲", body="Å, ä & ö 🏳️‍🌈\n.\n" + "lång " * 500 + "\n")
    with answering(port) as mailbox:
        parts.outbox.send_due()
    message = mailbox.taken[0][1]
    assert message["Subject"] == "Räksmörgås på ön 🚲"
    assert message["From"] == "Lindhamns stad <stadsdirektoren@lindhamn.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message.get_content().replace("\r\n", "\n") == "Å, ä & ö 🏳️‍🌈\n.\n" + "lång " * 500 + "\n"


@pytest.mark.parametrize("address", ["åsa@lindhamn.example", "asa@lindhamnså.example"])
def test_an_address_may_have_letters_like_a_with_a_ring(parts, port, write, rows, address):
    """By SMTPUTF8, or with the domain in ASCII."""
    write(address)
    with answering(port) as mailbox:
        parts.outbox.send_due()
    assert [row["state"] for row in rows()] == ["sent"]
    assert mailbox.taken[0][0] in (address, "asa@xn--lindhamns-e3a.example")


def test_a_server_that_is_down_loses_nothing(parts, port, write, rows):
    """The mail waits with a pause, and goes out when the server is back."""
    write()
    assert (parts.outbox.send_due(), parts.outbox.send_due()) == (1, 0)
    (row,) = rows()
    assert (row["state"], row["attempts"]) == ("waiting", 1)
    assert "refused" in row["error"]
    let_time_pass(parts.storage)
    with answering(port) as mailbox:
        parts.outbox.send_due()
    assert len(mailbox.taken) == 1


def test_the_pauses_grow_until_the_mail_is_given_up(parts, write, rows, monkeypatch):
    """Minutes, then hours, for five days; then a person is asked."""
    write()
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now)
    for pause in PAUSES:
        parts.outbox.send_due()
        assert rows()[0]["due"] == pytest.approx(now + pause)
        now += pause
    parts.outbox.send_due()
    assert [row["state"] for row in rows()] == ["failed"]
    assert list(PAUSES) == sorted(PAUSES)
    assert sum(PAUSES) >= 5 * 24 * 3600


@pytest.mark.parametrize("answer", ["450 4.2.0 greylisted", "451 4.3.0 later", "452 4.2.2 mailbox full"])
def test_a_server_that_asks_to_come_back_is_tried_again(parts, port, write, rows, answer):
    """4xx is not for good (RFC 5321, 4.2.1)."""
    write()
    with answering(port) as mailbox:
        mailbox.refusals[WHO] = answer
        parts.outbox.send_due()
        mailbox.refusals.clear()
        let_time_pass(parts.storage)
        parts.outbox.send_due()
    assert [(row["state"], row["attempts"]) for row in rows()] == [("sent", 2)]
    assert len(mailbox.taken) == 1


@pytest.mark.parametrize(
    "recipient", ["ingen", "a@b.example, c@d.example", "", "a b@c.example", "a@b\r\nBcc: c@d.example"]
)
def test_what_is_no_address_fails_at_once_and_alone(parts, port, write, rows, recipient):
    """It is given up without asking the server, and the next mail is sent."""
    write(recipient)
    write()
    with answering(port) as mailbox:
        parts.outbox.send_due()
    assert [row["state"] for row in rows()] == ["failed", "sent"]
    assert [to for to, _message in mailbox.taken] == [WHO]


def test_nothing_in_a_subject_begins_a_header(parts, port, write):
    """Line ends become blanks."""
    write(subject="Hej\r\nBcc: c@d.example\n\nText\u2028X: y")
    with answering(port) as mailbox:
        parts.outbox.send_due()
    assert mailbox.taken[0][1]["Subject"] == "Hej Bcc: c@d.example Text X: y"
    assert mailbox.taken[0][1]["Bcc"] is None


# Transactions, crashes, several processes


def test_a_mail_of_an_undone_transaction_is_never_sent(parts, port, write, rows):
    """It is undone with its cause."""
    with pytest.raises(RuntimeError), parts.storage.transaction():
        write()
        raise RuntimeError
    assert not parts.outbox.woken.is_set()
    assert (parts.outbox.send_due(), rows()) == (0, [])


def test_a_mail_in_a_transaction_wakes_the_sender_afterwards(parts, write):
    """Not before: it would not find it."""
    with parts.storage.transaction():
        write()
        assert not parts.outbox.woken.is_set()
    assert parts.outbox.woken.is_set()


def test_a_sender_that_dies_leaves_its_mail_to_the_others(parts, port, write, rows):
    """After the lease, with the same Message-ID; until then nobody takes it."""
    write()
    assert parts.outbox._claim()
    with answering(port) as mailbox:
        assert parts.outbox.send_due() == 0
        let_time_pass(parts.storage)
        assert parts.outbox.send_due() == 1
    assert [message["Message-ID"].strip() for _to, message in mailbox.taken] == [rows()[0]["message_id"]]


def test_each_attempt_sends_the_same_bytes(parts, write, rows):
    """A mailbox that gets both knows them for one."""
    write()
    (row,) = rows()
    first = parts.outbox.message(row, WHO).as_bytes()
    assert parts.outbox.message(row | {"attempts": 7}, WHO).as_bytes() == first


def test_senders_that_share_a_database_send_each_mail_once(parts, port, write, database):
    """Four senders, each with connections of its own, forty mails."""
    for number in range(40):
        write(subject=f"Nummer {number}")
    storages = [Storage(database) for _ in range(4)]
    senders = [Outbox(each, Server("127.0.0.1", port), parts.settings.facts) for each in storages]
    with answering(port) as mailbox, ThreadPoolExecutor(4) as pool:
        tried = list(pool.map(lambda sender: sender.send_due(), senders))
    for storage in storages:
        storage.close()
    assert sum(tried) == 40
    assert len({message["Subject"] for _to, message in mailbox.taken}) == len(mailbox.taken) == 40


def test_a_mail_from_before_a_restart_is_sent(make_app, port, write, rows):
    """The service sends by itself, from its start on, and ends its sender with itself."""
    write()
    taken = threading.Event()

    class Bell(Mailbox):
        async def handle_DATA(self, *given):
            taken.set()
            return await super().handle_DATA(*given)

    with answering(port, Bell()) as mailbox:
        again = make_app(SMTP=f"smtp://127.0.0.1:{port}").extensions["ordetfritt"]
        again.start()
        assert taken.wait(30)
        again.close()
    assert not again._sender.is_alive()
    assert [row["state"] for row in rows()] == ["sent"]
    assert len(mailbox.taken) == 1


# The ways out


@pytest.mark.parametrize(
    "value", ["localhost", "http://h", "smtp://", f"smtp://u:{SECRET}@h:x", f"smtp://u:{SECRET}@h/x", "smtp://u@h"]
)
def test_a_server_that_can_not_be_meant_is_refused(make_app, value):
    """In one line, and without the password."""
    with pytest.raises(SettingsError, match="SMTP must be like") as refused:
        make_app(SMTP=value)
    assert SECRET not in str(refused.value)
    assert "\n" not in str(refused.value)


def test_the_server_is_read_from_its_address(tmp_path):
    """With the usual ports, and signs in a password written as in any address."""
    assert transport("smtp://h", tmp_path) == Server("h", 25)
    assert transport("smtp://u:p%2F@h", tmp_path) == Server("h", 587, "u", "p/")
    assert transport("smtps://u:p@h", tmp_path) == Server("h", 465, "u", "p", encrypted=True)
    assert isinstance(transport("", tmp_path), Folder)


def test_a_password_never_goes_out_in_the_clear(make_app, port, caplog):
    """A server without STARTTLS does not get it; the mail waits, and nothing tells the password."""
    parts = make_app(SMTP=f"smtp://u:{SECRET}@127.0.0.1:{port}").extensions["ordetfritt"]
    parts.outbox.write("test", WHO, "Hej", "Hej")
    with answering(port, auth_require_tls=False) as mailbox:
        parts.outbox.send_due()
    (row,) = parts.storage.rows(sa.select(outbox))
    assert (row["state"], mailbox.taken) == ("waiting", [])
    assert "STARTTLS" in row["error"]
    assert SECRET not in caplog.text + row["error"] + repr(parts.outbox.transport) + repr(parts.settings)


def test_without_a_server_mails_are_files(make_app, folder):
    """Whole, for their owner alone, one for each mail."""
    parts = make_app().extensions["ordetfritt"]
    parts.outbox.write("test", WHO, "Ett ämne", "Hej på dig!\n")
    parts.outbox.send_due()
    (file,) = (folder / "var" / "mail").iterdir()
    assert (file.suffix, file.stat().st_mode & 0o777) == (".eml", 0o600)
    message = message_from_bytes(file.read_bytes(), policy=policy.default)
    assert (message["To"], message["Subject"], message.get_content().strip()) == (WHO, "Ett ämne", "Hej på dig!")


# At the desk


def test_a_refused_recipient_is_shown_at_the_desk(parts, port, desk, write):
    """With what the server said, and a way to try again."""
    id = write("ingen@lindhamn.example")
    with answering(port) as mailbox:
        mailbox.refusals["ingen@lindhamn.example"] = "550 5.1.1 <b>no such user</b>"
        parts.outbox.send_due()
        assert "/moderering/post" in desk.get().text
        page = desk.get("/moderering/post").text
        assert "ingen@lindhamn.example" in page
        assert "550 5.1.1 &lt;b&gt;no such user" in page
        mailbox.refusals.clear()
        desk.submit(f"/moderering/post/{id}/igen", "/moderering/post")
        assert parts.outbox.send_due() == 1
    assert len(mailbox.taken) == 1
    assert "ingen@lindhamn.example" not in desk.get("/moderering/post").text


def test_an_undelivered_mail_is_put_away(parts, desk, write, rows):
    """It is not shown any more, and stays in the outbox; pressed twice it says so."""
    id = write("ingen")
    parts.outbox.send_due()
    desk.submit(f"/moderering/post/{id}/klar", "/moderering/post")
    assert [row["state"] for row in rows()] == ["closed"]
    assert parts.outbox.failed() == 0
    for again in (id, 99, 10**30):
        assert desk.submit(f"/moderering/post/{again}/igen", "/moderering/").status_code == 302
    assert [row["state"] for row in rows()] == ["closed"]


def test_the_mails_are_for_moderators(client, write):
    """Without an account there is only the way in."""
    write()
    assert client.get("/moderering/post").headers["Location"] == "/moderering/logga-in?till=/moderering/post"


def test_disposal_wipes_the_mails_about_a_comment(parts, post, desk, write, rows):
    """Recipient, subject and text; none is sent any more."""
    id = post().json["id"]
    write(comment=id)
    desk.decide(id, "avboj", reason="regel-1")
    parts.moderation.decide(id, "disposed", desk.email, "gallring-1")
    (row,) = [row for row in rows() if row["comment"] == id]
    assert (row["state"], row["recipient"], row["subject"], row["body"]) == ("closed", "", "", "")


# What moderators are told


def test_moderators_are_told_once_that_comments_wait(parts, app, post, rows):
    """Each gets one mail for all that comes, with nothing of what was said or by whom."""
    emails = {Desk(app, "ena@lindhamn.example").email, Desk(app, "andra@lindhamn.example").email}
    for number in range(3):
        post(text=f"Hemlig text {number}", email="eva@resident.example")
    assert {row["recipient"] for row in rows()} == emails
    assert len(rows()) == 2
    assert not re.search("Hemlig|eva@|förälder", str(rows()))


def test_the_next_notice_comes_an_hour_later(parts, desk, post, port, rows):
    """Not sooner, however many comments come."""
    post(text="Den första")
    with answering(port) as mailbox:
        parts.outbox.send_due()
        post(text="Den andra")
        parts.outbox.send_due()
    first, second = rows()
    assert (first["state"], second["state"], len(mailbox.taken)) == ("sent", "waiting", 1)
    assert second["due"] == pytest.approx(first["done"] + 3600)


def test_no_notice_is_sent_of_what_is_decided(parts, desk, post, rows):
    """Who has emptied the queue before the mail went out is not told that it is full."""
    id = post().json["id"]
    desk.decide(id, "godkann")
    assert [(row["kind"], row["state"]) for row in rows()] == [(WAITS, "closed")]


def test_posting_does_not_wait_for_the_mail_server(parts, desk, post, rows):
    """It is down; the comment is taken, the notice waits."""
    assert post().status_code == 202
    assert [(row["state"], row["attempts"]) for row in rows()] == [("waiting", 0)]

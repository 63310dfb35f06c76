"""What the writer of a comment gets: a private page, mails that were asked for, and another look."""

import re
import time

import pytest
import sqlalchemy as sa

from comments import ledger
from comments.residents import DELAY_SECONDS
from comments.storage import editions, followers, outbox, reviews
from comments.storage import ledger as rows_of_ledger
from tests.conftest import ONCE
from tests.running import free_port
from tests.service.conftest import LETTER, Desk
from tests.service.mailbox import answering, let_time_pass

WRITER = "foralder@resident.example"
OTHER = "granne@resident.example"
SITE = "https://ordetfritt.lindhamn.example"


@pytest.fixture
def port():
    return free_port()


@pytest.fixture
def app(make_app, port):
    """The service, with a real mail server to send by."""
    return make_app(SMTP=f"smtp://127.0.0.1:{port}")


@pytest.fixture
def other(app):
    """A second moderator."""
    return Desk(app, "andra@lindhamn.example")


@pytest.fixture
def follow(post):
    """Post a comment whose writer wants mail; gives the receipt."""
    return lambda **changes: post(**({"email": WRITER, "notify": "1"} | changes)).json


@pytest.fixture
def mails(parts, port):
    """Send what waits to residents, as if its time had come; gives the mails to an address."""

    def read(recipient=WRITER):
        let_time_pass(parts.storage)
        with answering(port) as mailbox:
            parts.outbox.send_due()
        return [message for to, message in mailbox.taken if to == recipient]

    return read


def words(message) -> tuple[str, str]:
    """The mail's plain text and its HTML."""
    return tuple(message.get_body((kind,)).get_content() for kind in ("plain", "html"))


def link(message, ending: str) -> str:
    """The path of the link in a mail that holds or ends with something."""
    found = re.search(rf"{SITE}(/\S*{ending}\S*)", words(message)[0])
    assert found, f"a link with {ending} must stand in the mail"
    return found[1]


# The page


def test_the_page_tells_the_way_of_a_comment(desk, client, follow):
    """Received and under review; then published, with a link to where it stands."""
    receipt = follow()
    page = client.get(receipt["status_url"])
    assert "inom en arbetsdag" in page.text
    assert "Granskas nu" in page.text
    desk.decide(receipt["id"], "godkann")
    page = client.get(receipt["status_url"]).text
    assert f'href="{LETTER}#kommentar-{receipt["id"]}"' in page
    assert "<strong>Publicerad</strong>" in page
    assert "Granskas nu" not in page


def test_a_refusal_tells_ground_and_explanation(desk, client, follow):
    """The rule as it stands in site.toml, what the moderator wrote, and the way to ask for another look."""
    receipt = follow()
    desk.decide(receipt["id"], "avboj", reason="regel-1", note='Det hör till <en annan> "sida".')
    page = client.get(receipt["status_url"]).text
    assert "Håll dig till ämnet." in page
    assert "Det hör till &lt;en annan&gt; &#34;sida&#34;." in page
    assert "Begär omprövning" in page


def test_nobody_else_finds_the_page(desk, client, follow):
    """It is not indexed, tells nobody where its readers came from, and opens for its whole secret alone."""
    receipt = follow()
    answer = client.get(receipt["status_url"])
    assert (answer.headers["X-Robots-Tag"], answer.headers["Referrer-Policy"]) == ("noindex", "no-referrer")
    secret = receipt["status_url"].rpartition("/")[2]
    for wrong in (secret[:-1], secret + "a", secret.swapcase(), "a" * 5000, "%00", "%ED%A0%80"):
        assert client.get(f"/kommentarer/status/{wrong}").status_code in (400, 404)


def test_a_report_is_none_of_the_writers_business(desk, client, follow):
    """The page says nothing of it."""
    receipt = follow()
    desk.decide(receipt["id"], "godkann")
    before = client.get(receipt["status_url"]).text
    client.post(f"/kommentarer/anmal/{receipt['id']}", data={"reason": "regel-1"})
    assert client.get(receipt["status_url"]).text == before


# Another look


@pytest.fixture
def declined(desk, follow):
    """A comment that was declined by the first moderator; its receipt."""
    receipt = follow()
    desk.decide(receipt["id"], "avboj", reason="regel-1", note="Fel ställe.")
    return receipt


@pytest.fixture
def contest(client):
    """Ask for another look."""
    return lambda receipt, text="Jag höll mig till ämnet.": client.post(
        f"{receipt['status_url']}/omprovning", data={"text": text}
    )


def test_a_request_waits_for_another_moderator(declined, contest, desk, other):
    """The first is told that it is not theirs; the second can publish it after all."""
    assert contest(declined).status_code == 303
    assert f'data-case="{declined["id"]}"' in other.get("/moderering/?visa=omprovning").text
    assert "en annan moderator" in desk.get(f"/moderering/{declined['id']}").text
    refused = desk.decide(declined["id"], "godkann")
    assert (refused.status_code, "annan moderator" in refused.text) == (400, True)
    assert other.decide(declined["id"], "godkann").status_code == 302


def test_the_writer_sees_what_came_of_it(declined, contest, other, client, mails):
    """On the page and by mail, in the second moderator's words."""
    contest(declined)
    path = f"/moderering/{declined['id']}"
    other.submit(f"{path}/star-fast", path, note="Brevet handlar om skolan.")
    page = client.get(declined["status_url"]).text
    assert "Det står fast." in page
    assert "Brevet handlar om skolan." in page
    assert "Brevet handlar om skolan." in words(mails()[-1])[0]


def test_a_comment_that_nobody_read_is_not_published_again(declined, contest, other, mails):
    """The mail about another moderator's yes says what is new to its writer."""
    assert [mail["Subject"] for mail in mails()] == ["Din kommentar publicerades inte"]
    contest(declined)
    other.decide(declined["id"], "godkann")
    (mail,) = mails()
    assert mail["Subject"] == "Din kommentar är publicerad"
    assert "Nu kan alla läsa den." in words(mail)[0]


def test_the_first_moderator_cannot_let_it_stand_either(declined, contest, desk, parts):
    """Nor by the form's address, nor from the terminal."""
    contest(declined)
    path = f"/moderering/{declined['id']}"
    assert desk.submit(f"{path}/star-fast", path, note="").status_code == 400
    assert parts.storage.row(sa.select(reviews))["state"] == "open"


def test_another_look_is_asked_for_once(declined, contest, parts, other):
    """Pressed twice it is one request; after the second moderator's word there is no third."""
    assert (contest(declined).status_code, contest(declined).status_code) == (303, 303)
    path = f"/moderering/{declined['id']}"
    other.submit(f"{path}/star-fast", path, note="")
    assert contest(declined).status_code == 409
    assert parts.storage.execute(sa.select(sa.func.count()).select_from(reviews)).scalar() == 1


@pytest.mark.parametrize("action", [None, "godkann"])
def test_only_a_refusal_can_be_contested(follow, desk, contest, action):
    """A comment that waits or is published has no decision to look at again."""
    receipt = follow()
    if action:
        desk.decide(receipt["id"], action)
    assert contest(receipt).status_code == 409


@pytest.mark.parametrize("text", ["a" * 2001, "\x00", "\ud800"])
def test_words_that_cannot_be_kept_come_back(declined, client, text, parts):
    """With what is wrong with them; nothing is asked."""
    data = f"text={text}".encode("utf-8", "surrogatepass")
    form = {"content_type": "application/x-www-form-urlencoded"}
    answer = client.post(f"{declined['status_url']}/omprovning", data=data, **form)
    assert answer.status_code == 400
    assert parts.storage.row(sa.select(reviews)) is None


def test_a_contested_comment_is_not_disposed_of(declined, contest, desk, parts):
    """Its writer waits for an answer; when that has come, it can be, and what was said about it is wiped."""
    contest(declined, "Min hemlighet.")
    answer = desk.decide(declined["id"], "godkann")
    assert answer.status_code == 400
    with pytest.raises(Exception, match="omprövning"):
        parts.moderation.decide(declined["id"], "disposed", desk.email, "gallring-1")
    parts.moderation.uphold(declined["id"], "andra@lindhamn.example")
    parts.moderation.decide(declined["id"], "disposed", desk.email, "gallring-1")
    assert "Min hemlighet." not in str(parts.storage.rows(sa.select(reviews)))


def test_what_was_asked_stays_out_of_the_ledger(declined, contest, parts):
    """The ledger tells that it was, and never in which words: nobody could wipe them."""
    contest(declined, "Min hemlighet.")
    told = ledger.history(parts.storage, declined["id"])
    assert told[-1]["what"] == "contested"
    for table in (rows_of_ledger, editions):
        assert "Min hemlighet." not in str(parts.storage.rows(sa.select(table)))
    assert ledger.verify(parts.storage).fault is None


def test_undoing_another_look_lets_it_wait_for_another_still(declined, contest, desk, other, parts):
    """The request stays one, and the first decision stays the first moderator's."""
    contest(declined)
    path = f"/moderering/{declined['id']}"
    other.decide(declined["id"], "godkann")
    other.submit(f"{path}/angra", path)
    assert contest(declined).status_code == 303
    assert len(parts.storage.rows(sa.select(reviews))) == 1
    assert desk.decide(declined["id"], "godkann").status_code == 400
    assert other.decide(declined["id"], "godkann").status_code == 302
    assert [row["state"] for row in parts.storage.rows(sa.select(reviews))] == ["changed"]


# Mails


def test_a_writer_is_mailed_what_was_decided(follow, desk, mails):
    """In text and HTML, with the comment's own page; nothing that a stranger wrote stands in them."""
    receipt = follow(text="Hemlig text som inte ska stå i något mejl.")
    desk.decide(receipt["id"], "avboj", reason="regel-1", note="Skriv gärna <igen>.")
    (message,) = mails()
    plain, html = words(message)
    assert message["Subject"] == "Din kommentar publicerades inte"
    assert "Håll dig till ämnet." in plain
    assert "Skriv gärna &lt;igen&gt;." in html
    assert receipt["status_url"] in plain
    assert receipt["status_url"] in html
    assert "Hemlig text" not in plain + html


def test_without_the_box_nobody_is_mailed(post, desk, mails):
    """An address alone asks for nothing."""
    desk.decide(post(email=WRITER).json["id"], "godkann")
    assert mails() == []


def test_a_mail_waits_for_a_change_of_mind(follow, desk, parts, mails):
    """It goes out a minute after the decision; what is undone meanwhile is never told."""
    receipt = follow()
    desk.decide(receipt["id"], "avboj", reason="regel-1")
    row = parts.storage.row(sa.select(outbox).where(outbox.c.recipient == WRITER))
    assert row["due"] == pytest.approx(time.time() + DELAY_SECONDS, abs=30)
    desk.submit(f"/moderering/{receipt['id']}/angra", f"/moderering/{receipt['id']}")
    assert mails() == []


def test_mails_end_by_one_press_in_the_mail_program(follow, desk, mails, client):
    """RFC 8058: one POST from anywhere, without cookie or token; a GET ends nothing."""
    receipt = follow()
    desk.decide(receipt["id"], "godkann")
    (message,) = mails()
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    path = message["List-Unsubscribe"].strip("<>").removeprefix(SITE)
    assert "Vill du avsluta mejlen?" in client.get(path).text
    desk.decide(receipt["id"], "dolj", reason="regel-1")
    foreign = {"Origin": "https://mejl.example", "Sec-Fetch-Site": "cross-site"}
    answer = client.post(path, data={"List-Unsubscribe": "One-Click"}, headers=foreign)
    assert answer.status_code == 200
    assert mails() == []


def test_answers_are_mailed_to_a_confirmed_address_alone(follow, desk, mails, client, post):
    """The link to confirm changes nothing until the button on its page is pressed."""
    receipt = follow()
    desk.decide(receipt["id"], "godkann")
    (message,) = mails()
    answer = post(parent=receipt["id"], text="Ett svar.").json
    client.get(link(message, "bekrafta"))
    desk.decide(answer["id"], "godkann")
    assert mails() == []
    client.post(link(message, "bekrafta"))
    desk.decide(post(parent=receipt["id"], text="Ett svar till.").json["id"], "godkann")
    (told,) = mails()
    assert told["Subject"] == "Din kommentar har fått svar"
    assert "Ett svar till." not in "".join(words(told))


def test_the_organisations_answer_names_who_answered(follow, desk, mails, client):
    """By name and office; a resident's name is not told."""
    receipt = follow()
    desk.decide(receipt["id"], "godkann")
    client.post(link(mails()[0], "bekrafta"))
    desk.decide(receipt["id"], "svara", voice="Stadsdirektören, Lindhamns stad", text="Vi svarar.")
    plain, _html = words(mails()[0])
    assert "Stadsdirektören, Lindhamns stad, har svarat" in plain


def test_nobody_is_mailed_about_their_own_answer(follow, desk, mails, client, post):
    """Who answers oneself knows."""
    receipt = follow()
    desk.decide(receipt["id"], "godkann")
    client.post(link(mails()[0], "bekrafta"))
    own = post(parent=receipt["id"], text="Jag glömde en sak.", email=WRITER.upper()).json
    desk.decide(own["id"], "godkann")
    assert mails() == []


def test_disposal_forgets_the_address(follow, desk, mails, parts):
    """Nobody follows the comment, and no mail keeps whose it was."""
    receipt = follow()
    desk.decide(receipt["id"], "avboj", reason="regel-1")
    mails()
    parts.moderation.decide(receipt["id"], "disposed", desk.email, "gallring-1")
    for table in (followers, outbox):
        assert WRITER not in str(parts.storage.rows(sa.select(table)))


@ONCE
@pytest.mark.parametrize("secret", ["", "a", "%00", "a" * 5000, "%ED%A0%80", "../status"])
@pytest.mark.parametrize("page", ["bekrafta", "avsluta"])
def test_a_tampered_link_of_a_mail_opens_nothing(client, secret, page):
    """A clear answer, whatever stands in it."""
    for ask in (client.get, client.post):
        assert ask(f"/kommentarer/mejl/{secret}/{page}").status_code in (308, 400, 404, 405)


def test_a_link_scanner_changes_nothing(follow, desk, mails, client, parts):
    """It opens every link of every mail, as security products do."""
    receipt = follow()
    desk.decide(receipt["id"], "avboj", reason="regel-1")
    desk_mails = mails(desk.email)
    before = [parts.storage.rows(sa.select(table)) for table in (followers, reviews, rows_of_ledger)]
    for message in [*mails(), *desk_mails]:
        for address in re.findall(rf"{SITE}(\S+)", message.get_body(("plain",)).get_content()):
            client.get(address)
    assert [parts.storage.rows(sa.select(table)) for table in (followers, reviews, rows_of_ledger)] == before

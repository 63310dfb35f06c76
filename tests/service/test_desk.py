"""The moderators' desk: who gets in, what each decision does, and that every one of them is in the ledger."""

import html
import re
import time
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DatabaseError

from comments import accounts, ledger, links
from comments.cases import PAGE_SIZE
from comments.storage import comments, sign_in_links
from common.reasons import LEGAL_GROUNDS
from tests.service.conftest import HOSTILE, LETTER, Desk
from tests.service.visitor import Visitor

DIRECTOR = "Stadsdirektören, Lindhamns stad"


@pytest.fixture
def link(parts):
    """A fresh one-time link's address."""
    account = accounts.add(parts.storage, "ny@lindhamn.example", "Den nya", "Lindhamns stad")
    return f"/moderering/logga-in/{links.new(parts.storage, account['id'], 'terminal')}"


@pytest.fixture
def comment(post):
    """A waiting comment's number."""
    return post().json["id"]


@pytest.fixture
def state(parts):
    """Look up a comment's state."""
    return lambda id: parts.moderation.case(id)["state"]


def is_inside(client):
    return client.get("/moderering/").status_code == 200


def press(client, link):
    """Open the link and press its button, as a person does; or send the form of a page that was opened before."""
    page = client.get(link).text
    if "csrf_token" not in page:
        page = client.get("/moderering/logga-in").text
    token = page.split('csrf_token" value="')[1].split('"')[0]
    return client.post(link, data={"csrf_token": token})


# Getting in


def test_the_button_behind_the_link_signs_in(client, link):
    """Opening the link shows a button; pressing it opens the desk."""
    assert press(client, link).headers["Location"] == "/moderering/"
    assert is_inside(client)


@pytest.mark.parametrize("method", ["get", "head", "options"])
def test_looking_at_the_link_does_not_use_it_up(app, client, link, method):
    """Mail scanners open and probe every link; it is still fresh afterwards, and lets none of them in."""
    scanner = app.test_client()
    for _ in range(3):
        getattr(scanner, method)(link)
    assert not is_inside(scanner)
    assert press(client, link).status_code == 302


def test_the_link_works_once(app, client, link):
    """Whoever finds it later, in a mailbox or a history, stays outside."""
    press(client, link)
    finder = app.test_client()
    assert press(finder, link).status_code == 403
    assert not is_inside(finder)


def test_the_link_grows_old(client, parts, link):
    """After a day it is worth nothing."""
    parts.storage.execute(sa.update(sign_in_links).values(expires=time.time() - 1))
    assert press(client, link).status_code == 403
    assert not is_inside(client)


@pytest.mark.parametrize("secret", ["x", "%00", "a" * 5000, "%ED%A0%80", "'; DROP TABLE accounts; --", "å"])
def test_a_made_up_link_opens_nothing(client, secret):
    """Nobody guesses a link."""
    assert press(client, f"/moderering/logga-in/{secret}").status_code == 403
    assert not is_inside(client)


def test_the_link_needs_the_token_of_its_page(client, link):
    """A form on another site can't sign a moderator in as somebody else."""
    assert client.post(link).status_code == 400
    assert not is_inside(client)


def test_the_secret_of_a_link_is_not_stored(parts, link):
    """Who reads the database can't sign in with what stands there."""
    stored = parts.storage.rows(sa.select(sign_in_links))
    assert link.rsplit("/", 1)[1] not in str(stored)


def test_signing_out_closes_the_desk(desk):
    """After it the same browser is outside."""
    desk.submit("/moderering/logga-ut", "/moderering/")
    assert not is_inside(desk.client)


@pytest.mark.parametrize("cookie", ["x", "eyJhY2NvdW50IjoxfQ.aaaaaa.aaaaaaaaaaaaaaaaaaaaaaaaaaa", "a" * 3000])
def test_a_made_up_cookie_opens_nothing(client, desk, cookie):
    """A session is signed."""
    client.set_cookie("moderering", cookie)
    assert not is_inside(client)


def test_the_session_cookie_is_kept_from_scripts_and_other_sites(client, link):
    """HttpOnly and SameSite."""
    cookie = press(client, link).headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


@pytest.mark.parametrize("path", ["/moderering/", "/moderering/?visa=dolda", "/moderering/1", "/moderering/99"])
def test_every_page_asks_to_sign_in(client, comment, path):
    """Without an account there is only the way in, whether the comment exists or not."""
    answer = client.get(path)
    assert answer.headers["Location"].partition("?")[0] == "/moderering/logga-in"
    assert "Tack för brevet" not in answer.text


@pytest.mark.parametrize("action", ["godkann", "avboj", "dolj", "aterstall", "svara"])
def test_no_decision_without_signing_in(client, link, comment, state, action):
    """A visitor with a token of the sign-in page decides nothing."""
    token = client.get(link).text.split('csrf_token" value="')[1].split('"')[0]
    answer = client.post(f"/moderering/{comment}/{action}", data={"csrf_token": token, "reason": "regel-1"})
    assert answer.headers["Location"] == "/moderering/logga-in"
    assert state(comment) == "pending"


# Decisions


@pytest.mark.parametrize("token", [None, "", "fel", "a" * 5000])
@pytest.mark.parametrize("action", ["godkann", "avboj", "dolj", "aterstall", "svara", "logga-ut"])
def test_a_decision_needs_the_token_of_its_page(desk, comment, state, action, token):
    """A forged form gives 400 and changes nothing."""
    path = f"/moderering/{comment}/{action}" if action != "logga-ut" else "/moderering/logga-ut"
    data = {"reason": "regel-1", "text": "Förfalskat"} | ({} if token is None else {"csrf_token": token})
    assert desk.client.post(path, data=data).status_code == 400
    assert state(comment) == "pending"
    assert is_inside(desk.client)


def test_the_token_of_one_moderator_does_not_serve_another(app, desk, comment, state):
    """A token belongs to its session."""
    other = Desk(app, "andra@lindhamn.example")
    token = other.get(f"/moderering/{comment}").text.split('csrf_token" value="')[1].split('"')[0]
    assert desk.client.post(f"/moderering/{comment}/godkann", data={"csrf_token": token}).status_code == 400
    assert state(comment) == "pending"


def test_a_comment_lives_through_all_its_states(desk, comment, state):
    """Approved, hidden, restored; each decision leads back to the queue."""
    for action, after in (("godkann", "published"), ("dolj", "hidden"), ("aterstall", "published")):
        assert desk.decide(comment, action, reason="regel-1").status_code == 302
        assert state(comment) == after


def test_the_desk_tells_what_came_of_it(desk, comment):
    """The queue says whose comment is now what."""
    desk.decide(comment, "godkann")
    assert "En förälder i Väst" in desk.get().text
    assert "publicerad" in desk.get("/moderering/?visa=publicerade").text


@pytest.mark.parametrize("reason", ["", "  ", "regel-99", "approved", "<script>", "r" * 5000])
@pytest.mark.parametrize(("action", "before"), [("avboj", "pending"), ("dolj", "published")])
def test_without_a_reason_there_is_no_decision(desk, comment, state, action, before, reason):
    """To decline or hide, a published rule or a legal ground must be named; the explanation written is kept."""
    if before == "published":
        desk.decide(comment, "godkann")
    answer = desk.decide(comment, action, reason=reason, note="Min förklaring")
    assert answer.status_code == 400
    assert "Välj ett skäl" in answer.text
    assert "Min förklaring" in answer.text
    assert state(comment) == before


@pytest.mark.parametrize("reason", ["regel-1", *LEGAL_GROUNDS])
def test_every_reason_can_be_given(desk, post, state, reason):
    """The published rules, and the grounds of the Act 1998:112."""
    id = post().json["id"]
    assert f'value="{reason}"' in desk.get(f"/moderering/{id}").text
    desk.decide(id, "avboj", reason=reason)
    assert state(id) == "declined"


def test_of_two_moderators_the_first_decides(app, desk, comment, state, parts):
    """The second one is told who was there before, and nothing is overwritten."""
    other = Desk(app, "andra@lindhamn.example")
    desk.decide(comment, "avboj", reason="regel-1")
    answer = other.submit(f"/moderering/{comment}/godkann", f"/moderering/{comment}")
    assert answer.status_code == 409
    assert "redan avböjd" in answer.text
    assert desk.email in answer.text
    assert state(comment) == "declined"
    assert [row["what"] for row in ledger.history(parts.storage, comment)] == ["received", "declined"]


@pytest.mark.parametrize(
    ("taken", "action"),
    [
        ((), "dolj"),
        ((), "aterstall"),
        (("avboj",), "godkann"),
        (("avboj",), "aterstall"),
        (("godkann",), "godkann"),
        (("godkann",), "avboj"),
        (("godkann", "dolj"), "dolj"),
        (("godkann", "dolj"), "godkann"),
    ],
)
def test_a_decision_that_does_not_fit_the_state_is_refused(desk, comment, state, taken, action):
    """Only pending → published or declined, and published → hidden → published."""
    for each in taken:
        desk.decide(comment, each, reason="regel-1")
    before = state(comment)
    assert desk.decide(comment, action, reason="regel-1").status_code == 409
    assert state(comment) == before


@pytest.mark.parametrize("id", ["0", "99", "-1", "x", "1.5", str(2**63), "9" * 30, "9" * 5000, "%00", "1 OR 1=1"])
def test_a_comment_that_is_not_there_is_a_404(desk, comment, id):
    """To read, to decide about and to answer."""
    token = desk.get(f"/moderering/{comment}").text.split('csrf_token" value="')[1].split('"')[0]
    data = {"csrf_token": token, "reason": "regel-1", "voice": DIRECTOR, "text": "Ett svar"}
    assert desk.get(f"/moderering/{id}").status_code == 404
    for action in ("godkann", "svara"):
        assert desk.client.post(f"/moderering/{id}/{action}", data=data).status_code in (404, 405)


def test_an_unknown_action_or_tab_is_a_404(desk, comment):
    """There are eight tabs and five decisions."""
    assert desk.submit(f"/moderering/{comment}/radera", f"/moderering/{comment}").status_code == 404
    for query in ("visa=raderade", "visa=", "visa=vantar%00"):
        assert desk.get(f"/moderering/?{query}").status_code == 404


def test_a_decision_is_never_taken_by_a_link(desk, comment, state):
    """GET and HEAD decide nothing."""
    for method in ("get", "head"):
        assert getattr(desk.client, method)(f"/moderering/{comment}/godkann").status_code == 405
    assert state(comment) == "pending"


# The ledger


def test_every_decision_is_a_row_in_the_ledger(desk, comment, parts):
    """Who, what, when, why, and the comment before and after."""
    desk.decide(comment, "godkann")
    desk.decide(comment, "dolj", reason="regel-1", note="  Håll dig till saken. ")
    desk.decide(comment, "aterstall")
    rows = ledger.history(parts.storage, comment)
    assert [(row["who"], row["what"], row["reason"], row["note"]) for row in rows] == [
        (ledger.AUTHOR, "received", None, None),
        (desk.email, "approved", None, None),
        (desk.email, "hidden", "regel-1", "Håll dig till saken."),
        (desk.email, "restored", None, None),
    ]
    assert [(row["before"], row["after"]) for row in rows] == [
        (None, "pending"),
        ("pending", "published"),
        ("published", "hidden"),
        ("hidden", "published"),
    ]
    assert {row["text"] for row in rows} == {"Tack för brevet!"}
    assert all(abs(row["at"] - time.time()) < 60 for row in rows)


def test_a_refused_decision_is_not_in_the_ledger(desk, comment, parts):
    """What did not happen leaves no row."""
    desk.decide(comment, "avboj")
    desk.decide(comment, "aterstall")
    desk.decide(comment, "svara", voice=DIRECTOR, text="Ett svar")
    assert [row["what"] for row in ledger.history(parts.storage, comment)] == ["received"]


def test_the_case_tells_its_history(desk, comment):
    """Whoever opens a comment sees what was decided, by whom and why."""
    desk.decide(comment, "avboj", reason="regel-1", note="Ring kontaktcenter.")
    page = desk.get(f"/moderering/{comment}").text
    assert "Avböjd" in page
    assert desk.email in page
    assert "Håll dig till ämnet." in page
    assert "Ring kontaktcenter." in page


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM comments",
        "DELETE FROM ledger",
        "UPDATE ledger SET who = 'någon annan'",
        "UPDATE ledger SET reason = NULL WHERE id = 1",
        "UPDATE comments SET state = 'borta'",
        "INSERT INTO ledger (comment, at, who, what) VALUES (99, 1, 'x', 'x')",
    ],
)
def test_the_database_itself_refuses(desk, comment, parts, statement):
    """Rows of comments and of the ledger can't be removed, a row of the ledger can't be changed."""
    desk.decide(comment, "godkann")
    with pytest.raises(DatabaseError), parts.storage.transaction() as connection:
        connection.exec_driver_sql(statement)
    assert len(ledger.history(parts.storage, comment)) == 2


# Official answers


def test_an_official_answer_carries_a_badge(desk, comment, published):
    """It is shown at once, under the comment, in the name of the office."""
    desk.decide(comment, "godkann")
    assert desk.decide(comment, "svara", voice=DIRECTOR, text="Tack, *det* gör vi.").status_code == 302
    (answer,) = published()["comments"][0]["replies"]
    assert (answer["author"], answer["official"]) == ("Stadsdirektören", "Lindhamns stad")
    assert answer["html"] == "<p>Tack, <em>det</em> gör vi.</p>"
    assert answer["answers"] == comment


def test_an_official_answer_is_in_the_ledger(desk, comment, parts):
    """With the moderator who wrote it, whatever name it is shown under."""
    desk.decide(comment, "godkann")
    desk.decide(comment, "svara", voice=DIRECTOR, text="Tack för frågan.")
    (row,) = ledger.history(parts.storage, comment + 1)
    assert (row["who"], row["what"], row["before"]) == (desk.email, "replied", None)
    assert (row["after"], row["text"]) == ("published", "Tack för frågan.")


@pytest.mark.parametrize("text", ["", "  ", "ja", "x" * 10_001, "noll\x00tecken"])
def test_an_official_answer_must_say_something(desk, comment, parts, text):
    """Empty, too long or not plain text: nothing is published, and what was written is kept."""
    desk.decide(comment, "godkann")
    answer = desk.decide(comment, "svara", voice=DIRECTOR, text=text)
    assert answer.status_code == 400
    assert len(parts.storage.rows(sa.select(comments))) == 1


@pytest.mark.parametrize("voice", ["", "Kungen, Sverige", "Stadsdirektören", "<script>"])
def test_nobody_answers_in_a_name_of_their_own_making(desk, comment, parts, voice):
    """The voices are those of site.toml and the moderator's own."""
    desk.decide(comment, "godkann")
    assert desk.decide(comment, "svara", voice=voice, text="Ett svar").status_code == 400
    assert len(parts.storage.rows(sa.select(comments))) == 1


def test_only_a_published_comment_is_answered(desk, comment):
    """An answer under a text that nobody sees makes no sense."""
    assert desk.decide(comment, "svara", voice=DIRECTOR, text="Ett svar").status_code == 400


FORGED: dict[str, Any] = {
    "official": "Lindhamns stad",
    "role": "director",
    "mode": 1,
    "state": "published",
    "id": 1,
    "sender": "x",
}


def test_no_field_of_the_form_makes_a_comment_official(client, parts):
    """Fields that the form doesn't have are not read, in a form or in JSON."""
    fields = {"uri": LETTER, "author": "A", "text": "Officiellt!"} | FORGED
    client.post("/kommentarer/ny", data=fields)
    client.post("/kommentarer/ny", json=fields | {"text": "Officiellt igen!"})
    stored = parts.storage.rows(sa.select(comments))
    assert [(row["official"], row["state"]) for row in stored] == [(None, "pending")] * 2


def test_no_field_of_the_api_makes_a_comment_official(app, parts):
    """Nor in a post or an edit by Isso's API."""
    visitor = Visitor(app)
    id = visitor.new(**FORGED).json["id"]
    visitor.call("PUT", f"/id/{id}", json={"text": "Officiellt!"} | FORGED)
    (row,) = parts.storage.rows(sa.select(comments))
    assert (row["official"], row["state"]) == (None, "pending")


def test_the_directors_name_gives_no_badge(post, desk, published):
    """Who calls himself the director is shown without the badge."""
    id = post(author="Stadsdirektören", email="stadsdirektoren@lindhamn.example").json["id"]
    desk.decide(id, "godkann")
    assert published()["comments"][0]["official"] is None
    assert 'class="badge"' not in desk.get("/moderering/?visa=publicerade").text


# The queue


def test_the_queue_shows_each_comment_in_its_context(post, desk):
    """The oldest first, with its letter and what it answers."""
    first = post(text="Den första").json["id"]
    desk.decide(first, "godkann")
    post(text="Ett svar på den", parent=first)
    post(text="Den sista")
    page = desk.get().text
    assert page.index("Den första") < page.index("Ett svar på den") < page.index("Den sista")
    assert f'href="{LETTER}"' in page


@pytest.fixture
def crowd(make_app):
    """A service with a queue of two pages and a bit, posted without the limit on pace."""
    app = make_app(RATE_LIMIT="off")
    client = app.test_client()
    for number in range(2 * PAGE_SIZE + 1):
        client.post("/kommentarer/ny", data={"uri": LETTER, "author": "A", "text": f"Nummer {number}."})
    return Desk(app, "moderator@lindhamn.example")


def test_a_long_queue_is_paged(crowd):
    """Every comment stands on one page, and each page leads to the next."""
    pages = [crowd.get().text]
    while link := re.search(r'href="([^"]*efter=\d+)"', pages[-1]):
        pages.append(crowd.get(html.unescape(link[1])).text)
    assert [page.count("<article") for page in pages] == [PAGE_SIZE, PAGE_SIZE, 1]
    assert "Nummer 0." in pages[0]
    assert f"Nummer {2 * PAGE_SIZE}." in pages[2]
    assert ["Till början" in page for page in pages] == [False, True, True]


@pytest.mark.parametrize("after", ["1000000", "9" * 30, "x", "0", "-1", ""])
def test_beyond_the_last_page_there_are_still_comments(crowd, after):
    """Never does the desk say that nothing waits while something does."""
    assert "Nummer" in crowd.get(f"/moderering/?efter={after}").text


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_harmless_on_every_page(post, desk, text):
    """In the queue, at the comment, in its history, as a quotation, in every tab."""
    first = post(text=text, author=text[:80]).json["id"]
    pages = [desk.get(), desk.get(f"/moderering/{first}")]
    desk.decide(first, "godkann")
    second = post(text=text, parent=first).json["id"]
    pages += [desk.get("/moderering/?visa=publicerade"), desk.get(f"/moderering/{second}")]
    desk.decide(first, "dolj", reason="regel-1", note=text)
    desk.decide(second, "avboj", reason="regel-1", note=text)
    pages += [
        desk.get("/moderering/?visa=dolda"),
        desk.get("/moderering/?visa=avbojda"),
        desk.get(f"/moderering/{first}"),
    ]
    for page in pages:
        assert page.status_code == 200
        assert "<script>alert" not in page.text
        assert "<img src=x" not in page.text
        assert "<b>fet" not in page.text
        assert 'href="javascript' not in page.text


def test_a_refused_form_escapes_what_it_gives_back(post, desk):
    """The explanation and the answer come back as text."""
    id = post().json["id"]
    page = desk.decide(id, "avboj", note="</textarea><script>alert(1)</script>").text
    assert "<script>alert" not in page
    assert "&lt;/textarea&gt;" in page


def test_a_page_of_the_desk_is_not_kept_or_framed(desk):
    """No cache keeps it, no other site frames it, no script of another hand runs in it."""
    headers = desk.get().headers
    assert headers["Cache-Control"] == "no-store"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]


def test_signing_out_ends_the_session_for_good(desk, app):
    """A copy of the cookie, taken before, opens nothing afterwards."""
    copy = desk.client.get_cookie("moderering").value
    desk.submit("/moderering/logga-ut", "/moderering/")
    thief = app.test_client()
    thief.set_cookie("moderering", copy)
    assert thief.get("/moderering/").status_code == 302

"""A resident posts: what is taken, what is not, and that nothing is lost or half stored."""

import io
import json

import pytest
import sqlalchemy as sa
from werkzeug.test import EnvironBuilder, run_wsgi_app

from comments.storage import comments
from tests.service.conftest import CLOSED, HOSTILE, LETTER, OTHER


def stored(parts):
    return parts.storage.rows(sa.select(comments).order_by(comments.c.id))


def test_a_comment_is_received_and_held(post, parts):
    """A valid comment gives 202 with a status link, and is stored as pending."""
    answer = post()
    assert answer.status_code == 202
    assert answer.json["state"] == "pending"
    assert [row["state"] for row in stored(parts)] == ["pending"]


def test_the_receipt_is_a_page_with_the_status_link(client):
    """Without JavaScript the answer is a page that thanks, tells what happens next and links to the status."""
    fields = {"uri": LETTER, "author": "En förälder", "email": "", "text": "Tack för brevet!"}
    page = client.post("/kommentarer/ny", data=fields)
    assert page.status_code == 202
    assert "inom en arbetsdag" in page.text
    assert "/kommentarer/status/" in page.text


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"author": ""}, "author"),
        ({"author": "   "}, "author"),
        ({"author": "x" * 81}, "author"),
        ({"author": "Noll\x00"}, "author"),
        ({"email": "inte en adress"}, "email"),
        ({"email": "a" * 300 + "@lindhamn.example"}, "email"),
        ({"text": ""}, "text"),
        ({"text": " \n "}, "text"),
        ({"text": "x" * 5001}, "text"),
        ({"text": "x" * 65536}, "text"),
        ({"text": "noll\x00tecken"}, "text"),
    ],
)
def test_a_fault_is_told_beside_its_field(post, parts, changes, field):
    """A fault gives 400 and a message for the field, and nothing is stored."""
    answer = post(**changes)
    assert answer.status_code == 400
    assert list(answer.json["errors"]) == [field]
    assert stored(parts) == []


def test_a_rejected_form_keeps_every_field(client):
    """The form comes back with all that was written, the fault on top and beside its field."""
    fields = {"uri": LETTER, "author": "En & annan", "email": "fel", "text": "Min <långa> text"}
    page = client.post("/kommentarer/ny", data=fields)
    assert page.status_code == 400
    assert "En &amp; annan" in page.text
    assert "Min &lt;långa&gt; text" in page.text
    assert 'aria-invalid="true"' in page.text


@pytest.mark.parametrize(
    ("uri", "status"),
    [(CLOSED, 403), ("/2026/finns-inte/", 404), ("javascript:alert(1)", 404), ("", 404), ("/2026/\x00/", 404)],
)
def test_only_open_letters_take_comments(post, parts, uri, status):
    """A closed letter is 403, one that doesn't exist 404; no thread is made."""
    assert post(uri=uri).status_code == status
    assert stored(parts) == []


def test_a_text_for_a_closed_letter_comes_back(client):
    """A letter closed while someone wrote gives the text back, to be copied."""
    fields = {"uri": CLOSED, "author": "A", "email": "", "text": "Min mödosamt skrivna text"}
    assert "Min mödosamt skrivna text" in client.post("/kommentarer/ny", data=fields).text


@pytest.mark.parametrize("parent", ["99", "0", "-1", "x", "1e3", "9" * 30, "²"])
def test_an_unknown_parent_is_refused(post, parts, parent):
    """Only a published comment can be answered."""
    assert post(parent=parent).status_code == 400
    assert stored(parts) == []


def test_a_parent_must_be_published_and_of_the_same_letter(post, desk):
    """A held comment, or one of another letter, can't be answered."""
    first = post().json["id"]
    assert post(parent=first).status_code == 400
    desk.decide(first, "godkann")
    assert post(parent=first, uri=OTHER).status_code == 400
    assert post(parent=first).status_code == 202


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_stored_as_written_and_shown_harmlessly(post, parts, desk, published, text):
    """Whatever is written is kept to the letter, and its HTML carries no script."""
    id = post(text=text, author=text[:80]).json["id"]
    assert stored(parts)[0]["text"] == text
    desk.decide(id, "godkann")
    html = published()["comments"][0]["html"].lower()
    assert "<script" not in html
    assert "<img" not in html
    assert 'href="javascript' not in html
    assert published()["comments"][0]["author"] == text[:80].strip()


def test_a_name_is_escaped_once(post, desk):
    """A name with & reads as it was written, at the desk too."""
    post(author="A & B <c>")
    assert "A &amp; B &lt;c&gt;" in desk.get().text
    assert "&amp;amp;" not in desk.get().text


def test_a_json_body_does_as_well(client):
    """A program may send JSON with the same fields."""
    body = {"uri": LETTER, "author": "Ett program", "text": "Från ett program"}
    assert client.post("/kommentarer/ny", json=body, headers={"Accept": "application/json"}).status_code == 202


@pytest.mark.parametrize(
    "body",
    [
        [],
        "x",
        1,
        {"uri": LETTER, "parent": []},
        {"uri": LETTER, "parent": False},
        {"uri": LETTER, "email": 0},
        {"uri": [1]},
        {"uri": LETTER, "text": {"a": 1}},
    ],
)
def test_json_of_another_shape_is_a_400(client, body):
    """A list, a number or an object in a field's place is refused, not crashed on."""
    assert client.post("/kommentarer/ny", json=body).status_code == 400


def test_a_lone_surrogate_is_refused(client):
    """JSON can carry half a character; it can't be stored."""
    raw = json.dumps({"uri": LETTER, "author": "A", "text": "halv \ud800 tecken"})
    answer = client.post("/kommentarer/ny", data=raw, content_type="application/json")
    assert answer.status_code == 400


@pytest.mark.parametrize("kind", ["text/plain", "application/octet-stream", ""])
def test_another_content_type_is_refused(client, kind):
    """Only a form or JSON is read."""
    assert client.post("/kommentarer/ny", data=b"\x00\xff\xfe", content_type=kind).status_code == 415


@pytest.mark.parametrize("method", ["get", "put", "delete", "patch"])
def test_another_method_is_refused(client, method):
    """The address takes POST alone, and says so."""
    answer = getattr(client, method)("/kommentarer/ny")
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]


def test_a_body_too_large_is_refused(client):
    """More than half a megabyte is not read."""
    answer = client.post("/kommentarer/ny", data={"uri": LETTER, "text": "x" * 600_000})
    assert answer.status_code == 413


def test_errors_come_as_asked(client):
    """A person gets a page, a program JSON."""
    assert client.get("/kommentarer/finns-inte").mimetype == "text/html"
    asked = client.get("/kommentarer/finns-inte", headers={"Accept": "application/json"})
    assert "error" in asked.json


def test_the_honeypot_catches_robots(post, parts):
    """The field that no one sees must stay empty."""
    assert post(webbplats="http://spam.example").status_code == 400
    assert stored(parts) == []


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://ond.example"},
        {"Origin": "null"},
        {"Referer": "https://ond.example/sida"},
    ],
)
def test_other_sites_cannot_post(client, parts, headers):
    """A form on another site is refused by what the browser says of its origin."""
    fields = {"uri": LETTER, "author": "A", "text": "Förfalskad"}
    assert client.post("/kommentarer/ny", data=fields, headers=headers).status_code == 403
    assert stored(parts) == []


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "same-origin", "Origin": "null"}, {"Origin": "http://localhost"}]
)
def test_our_own_pages_can_post(client, headers):
    """The same request from our own page is taken."""
    fields = {"uri": LETTER, "author": "A", "text": "Äkta"}
    assert client.post("/kommentarer/ny", data=fields, headers=headers).status_code == 202


def test_an_office_behind_one_address_is_not_locked_out(post):
    """Twenty-five colleagues behind one address can answer within a minute."""
    assert {post(author=f"Kollega {n}").status_code for n in range(25)} == {202}


def test_a_script_is_slowed_down(post, parts):
    """The thirty-first comment from one address within a minute has to wait."""
    answers = [post() for _ in range(31)]
    assert [answer.status_code for answer in answers] == [202] * 30 + [429]
    assert "Retry-After" in answers[-1].headers
    assert len(stored(parts)) == 30


def test_the_limit_can_be_lifted_for_load_tests(make_app):
    """RATE_LIMIT=off lets everything through."""
    client = make_app(RATE_LIMIT="off").test_client()
    fields = {"uri": LETTER, "author": "A", "text": "Lasttest"}
    assert {client.post("/kommentarer/ny", data=fields).status_code for _ in range(40)} == {202}


def test_the_reply_form_quotes_what_it_answers(post, desk, client):
    """Without JavaScript the reply link leads to a form with the comment above it."""
    id = post(text="Det *citerade*").json["id"]
    assert client.get(f"/kommentarer/svara/{id}").status_code == 404
    desk.decide(id, "godkann")
    page = client.get(f"/kommentarer/svara/{id}")
    assert "Det <em>citerade</em>" in page.text
    assert f'name="parent" value="{id}"' in page.text


@pytest.mark.parametrize("token", ["x", "", "%00", "a" * 5000, "\ud7ff"])
def test_a_wrong_status_token_is_a_404(client, token):
    """Nobody guesses another's status page."""
    assert client.get(f"/kommentarer/status/{token}").status_code == 404


def test_the_status_page_follows_the_comment(post, desk, client):
    """Its writer sees it received, then declined, with the reason and the explanation."""
    answer = post(text="Utanför ämnet").json
    assert "väntar" in client.get(answer["status_url"]).text
    desk.decide(answer["id"], "avboj", reason="regel-1", note="Ställ frågan till kontaktcenter.")
    page = client.get(answer["status_url"])
    assert "Håll dig till ämnet." in page.text
    assert "Ställ frågan till kontaktcenter." in page.text
    assert page.headers["Referrer-Policy"] == "no-referrer"


def test_a_site_that_is_not_built_is_a_503_that_keeps_the_text(make_app):
    """Without letters.json nothing can be taken; the resident keeps the text and tries again."""
    client = make_app(LETTERS="/finns/inte.json").test_client()
    page = client.post("/kommentarer/ny", data={"uri": LETTER, "author": "A", "text": "Spara mig"})
    assert page.status_code == 503
    assert "Spara mig" in page.text


def test_a_request_that_broke_off_leaves_nothing(app, parts):
    """A phone that lost its network half-way has sent no comment, by form or by Isso's API."""
    form = f"uri={LETTER}&author=Avbruten&text=Jag tycker inte att vi ska".encode()
    body = json.dumps({"author": "Avbruten", "text": "Jag tycker inte"}).encode()
    for path, kind, sent in (
        ("/kommentarer/ny", "application/x-www-form-urlencoded", form),
        (f"/isso/new?uri={LETTER}", "application/json", body),
    ):
        environ = EnvironBuilder(path=path, method="POST", data=sent, content_type=kind).get_environ()
        environ |= {"CONTENT_LENGTH": "500", "wsgi.input_terminated": True}
        assert run_wsgi_app(app, environ)[1].startswith("400")
    assert stored(parts) == []


def test_bytes_that_are_no_text_are_refused(client, parts):
    """A picture sent as a comment is no comment."""
    fields = {"uri": LETTER, "author": "A", "text": (io.BytesIO(b"slut \xff\xfe\xe5"), "")}
    assert client.post("/kommentarer/ny", data=fields, content_type="multipart/form-data").status_code == 400
    assert stored(parts) == []


def test_what_was_decided_about_may_be_said_again(post, desk, parts):
    """Who writes the same words after a decision writes a comment: it waits, and has its own receipt."""
    first = post(text="Bra skrivet!").json
    assert post(text="Bra skrivet!").json["status_url"] == first["status_url"]
    desk.decide(first["id"], "avboj", reason="regel-1")
    second = post(text="Bra skrivet!").json
    assert second["id"] != first["id"]
    assert parts.moderation.case(second["id"])["state"] == "pending"

"""What is too long, too deep, too large or no text: a clear 4xx, or stored and shown harmlessly."""

import json
from urllib.parse import quote

import pytest
import sqlalchemy as sa

from comments import reception
from comments import storage as tables
from comments.cli import main
from comments.moderation import NOTE_CHARACTERS, REPLY_CHARACTERS
from tests.each import each
from tests.service.conftest import LETTER
from tests.service.visitor import Visitor

VALID = {"uri": LETTER, "author": "A", "email": "", "text": "Helt vanlig text"}
BIG = [0, -1, 2**31, 2**63 - 1, 2**63, 2**64, 10**30, 10**400]
REFUSED = ["x" * 65_536, "med\0nul", "med\ud800surrogat", "\udfff\ud800", "\x1b[2J rensa"]
HARMLESS = ["\u202eomvänt\u202c", "[" * 4900, "> " * 2400 + "x", "- " * 2400 + "x", "*a _b " * 800, "<b>" * 1600]
PATHS = ["/kommentarer/svara/{}", "/isso/id/{}", "/moderering/{}"]


@pytest.fixture
def app(make_app):
    """The service, with an error that nobody caught shown to the test."""
    made = make_app()
    made.config["PROPAGATE_EXCEPTIONS"] = True
    return made


@pytest.fixture
def stored(parts):
    """The texts in the database."""
    return lambda: [row["text"] for row in parts.storage.rows(sa.select(tables.comments))]


@pytest.fixture
def visitor(app):
    """A browser with Isso's client."""
    return Visitor(app)


@each("text", REFUSED)
@each("field", ["text", "author", "email", "uri", "parent", "webbplats"])
def test_the_form_refuses_what_cannot_be_kept(client, stored, field, text):
    """As a form and as JSON."""
    sent = VALID | {field: text}
    raw = "&".join(f"{name}={quote(value, errors='surrogatepass')}" for name, value in sent.items())
    form = client.post("/kommentarer/ny", data=raw, content_type="application/x-www-form-urlencoded")
    object = client.post("/kommentarer/ny", data=json.dumps(sent), content_type="application/json")
    assert {form.status_code, object.status_code} <= {400, 404}
    assert stored() == []


@each("text", REFUSED)
@each("field", ["text", "author", "email", "website", "title"])
def test_issos_api_refuses_what_cannot_be_kept(visitor, stored, field, text):
    """On the way in and on the way back; a title is the letter's own, whatever is sent."""
    answer = visitor.new(**{field: text})
    assert (answer.status_code < 300) if field == "title" else (400 <= answer.status_code < 500)
    assert text not in stored()


@pytest.mark.parametrize("text", REFUSED)
def test_issos_edit_preview_and_count_refuse_it_too(visitor, stored, text):
    """The text of before stays."""
    visitor.new()
    answers = [
        visitor.call("PUT", "/id/1", json={"text": text, "author": "Eva"}),
        visitor.call("PUT", "/id/1", json={"text": "Evas text", "author": text}),
        visitor.call("PUT", "/id/1", json={"text": "Evas text", "website": text}),
        visitor.call("POST", "/preview", json={"text": text}),
    ]
    assert [answer.status_code for answer in answers] == [400] * 4
    assert visitor.call("POST", "/count", json=[text]).status_code in (200, 400)
    assert stored() == ["Evas text"]


@pytest.mark.parametrize("text", HARMLESS)
def test_what_only_looks_dangerous_is_shown_harmlessly(post, parts, visitor, client, text):
    """Approved, published, read and previewed."""
    answer = post(text=text)
    parts.moderation.decide(answer.json["id"], "approved", "moderator@lindhamn.example")
    page = client.get(answer.json["status_url"])
    assert page.status_code == 200
    assert visitor.call("GET", "/", query_string={"uri": LETTER}).status_code == 200
    assert visitor.call("POST", "/preview", json={"text": text}).status_code == 200


@each("text", ["[" * 10_000, "> " * 10_000, "a" * 65_535])
def test_a_text_longer_than_allowed_is_told_how_long_it_may_be(post, text):
    """With its length."""
    answer = post(text=text)
    assert answer.status_code == 400
    assert "5000" in answer.json["errors"]["text"]


def test_an_address_of_300_characters_is_refused(post, visitor, stored):
    """RFC 5321 allows 254."""
    long = "a" * 60 + "@" + "b." * 116 + "example"
    assert list(post(email=long).json["errors"]) == ["email"]
    assert visitor.new(email=long).status_code == 400
    assert stored() == []


@each("id", [*BIG, "1e5", "٣", "1.5", "%00", "%ff", "x" * 3000])
def test_a_number_of_no_comment_is_a_404(client, desk, visitor, id):
    """On every address that has one, reading and writing."""
    reading = [client.get(path.format(id)) for path in PATHS[:2]] + [desk.get(PATHS[2].format(id))]
    writing = [visitor.call("PUT", f"/id/{id}", json={"text": "Ny text"}), visitor.call("POST", f"/id/{id}/like")]
    assert {answer.status_code for answer in reading + writing} <= {404}


@each("id", [*BIG, "1e5", "²", "-0", " 1", "x"])
def test_a_parent_that_is_none_is_refused(post, visitor, client, stored, id):
    """As a field, as JSON, by Isso's API."""
    object = client.post("/kommentarer/ny", data=json.dumps(VALID | {"parent": id}), content_type="application/json")
    assert (post(parent=str(id)).status_code, object.status_code) == (400, 400)
    assert visitor.new(parent=id).status_code == 400
    assert stored() == []


@each("number", ["1e400", "nan", "inf", "-1", "1e5", str(10**30), "x", "\0"])
@each("name", ["limit", "nested_limit", "offset", "parent", "after"])
def test_a_number_in_issos_query_is_checked(visitor, name, number):
    """No query reaches the database with what it can't count."""
    assert visitor.call("GET", "/", query_string={"uri": LETTER, name: number}).status_code in (200, 400)


@each("uri", ["/" + "x" * 10_000, "\0", "\ud800", "/2026/\u202e/", "//", "", "%"])
def test_an_address_of_no_letter_is_refused(client, visitor, stored, uri):
    """However long."""
    body = json.dumps(VALID | {"uri": uri})
    assert client.post("/kommentarer/ny", data=body, content_type="application/json").status_code == 404
    if "\ud800" not in uri:
        assert visitor.new(uri=uri).status_code in (400, 404)
        assert visitor.call("GET", "/", query_string={"uri": uri}).status_code in (200, 400, 404)
    assert stored() == []


@pytest.mark.parametrize("bad", [b"%ff%fe", b"\xe5", b"%ed%a0%80", b"%"])
def test_bytes_that_are_no_text_are_refused_or_kept_as_they_were_typed(client, stored, bad):
    """A form that is not in UTF-8 is a 400 that shows what could be read; a lone % is a percent sign."""
    fields = {name: quote(value).encode() for name, value in VALID.items()} | {"text": b"Hej " + bad + b" alla"}
    body = b"&".join(name.encode() + b"=" + value for name, value in fields.items())
    answer = client.post("/kommentarer/ny", data=body, content_type="application/x-www-form-urlencoded")
    if bad == b"%":
        assert (answer.status_code, stored()) == (202, ["Hej % alla"])
    else:
        assert answer.status_code == 400
        assert "alla" in answer.text
        assert stored() == []


@each("bad", [b"%ff", b"\xe5"])
def test_an_address_in_bytes_that_are_no_text_loses_no_comment(client, bad):
    """What was written comes back with the answer."""
    body = b"uri=/2026/" + bad + b"/&author=A&text=Min+text"
    answer = client.post("/kommentarer/ny", data=body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code in (400, 404)
    assert "Min text" in answer.text


@each("kind", ["text/plain", "application/xml", "", "multipart/form-data", "x" * 2000])
def test_a_body_of_another_kind_is_refused(client, visitor, stored, kind):
    """Clearly."""
    answer = client.post("/kommentarer/ny", data=b"text=hej", content_type=kind)
    assert answer.status_code in (400, 404, 415)
    posted = visitor.call("POST", "/new", query_string={"uri": LETTER}, data=b"{}", content_type=kind)
    assert 400 <= posted.status_code < 500
    assert stored() == []


@each("number", [2_000, 60_000])
def test_a_form_of_very_many_fields_is_refused_or_read(client, number):
    """Nothing of it is kept but ours."""
    body = "&".join(f"f{index}=1" for index in range(number))
    answer = client.post("/kommentarer/ny", data=body, content_type="application/x-www-form-urlencoded")
    assert 400 <= answer.status_code < 500


@each("missing", ["uri", "author", "text"])
def test_a_missing_field_is_told_of(client, missing):
    """Not guessed."""
    fields = {name: value for name, value in VALID.items() if name != missing}
    assert client.post("/kommentarer/ny", data=fields).status_code in (400, 404)


@pytest.mark.parametrize("bad", ["x" * 10_001, "\0", "a\ud800"])
def test_the_desk_refuses_what_cannot_be_kept(desk, post, parts, bad):
    """Notes, reasons, answers."""
    post()
    raw = bad.encode("utf-8", "surrogatepass")
    assert desk.decide(1, "avboj", reason="regel-1", note=raw).status_code == 400
    assert desk.decide(1, "avboj", reason=raw, note="").status_code == 400
    parts.moderation.decide(1, "approved", desk.email)
    assert desk.decide(1, "svara", voice="Kommunikatören, Lindhamns stad", text=raw).status_code == 400
    assert parts.moderation.case(1)["state"] == "published"


@each("query", ["sida=0", f"sida={10**30}", f"sida={2**63}", "sida=-1", "visa=%00", "visa=%ff"])
def test_the_desk_has_no_page_that_breaks(desk, query):
    """Numbers of pages as people type them."""
    assert desk.get(f"/moderering/?{query}").status_code in (200, 404)


@pytest.mark.parametrize("id", ["0", "-1", str(2**63), str(10**30)])
def test_the_terminal_refuses_numbers_of_no_comment(parts, folder, monkeypatch, capsys, id):
    """With one line."""
    for name, value in (("DATA", "var"), ("SITE", "site.toml"), ("LETTERS", "letters.json")):
        monkeypatch.setenv(name, str(folder / value))
    assert main(["moderator", "add", "moderator@lindhamn.example", "--name", "K"]) == 0
    capsys.readouterr()
    assert main(["approve", "--by", "moderator@lindhamn.example", "--", id]) == 1
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize("bad", ["x" * 300, "\0", "\ud800"])
def test_the_terminal_refuses_what_cannot_be_kept(parts, folder, monkeypatch, capsys, bad):
    """Names, addresses."""
    for name, value in (("DATA", "var"), ("SITE", "site.toml"), ("LETTERS", "letters.json")):
        monkeypatch.setenv(name, str(folder / value))
    assert main(["moderator", "add", "k@lindhamn.example", "--name", bad]) == 1
    assert main(["approve", "1", "--by", bad]) == 1
    assert "Traceback" not in capsys.readouterr().err


@each("token", ["x" * 5000, "%00", "%ff%fe", "%ed%a0%80", "..%2f.."])
def test_a_status_link_that_is_none_is_a_404(client, token):
    """Nothing is told by the way it fails."""
    assert client.get(f"/kommentarer/status/{token}").status_code == 404


def test_every_column_holds_what_the_forms_let_through():
    """The schema's limit is never below that of what is asked for."""
    most = {
        "author": reception.AUTHOR_CHARACTERS,
        "email": reception.EMAIL_CHARACTERS,
        "website": 254,  # Isso's own
        "text": max(10_000, REPLY_CHARACTERS),  # common/facts.py allows max_characters up to 10,000
    }
    for name, needed in most.items():
        for table in (tables.comments, tables.editions):
            assert _limit(table, name) >= needed, (table.name, name)
    assert _limit(tables.ledger, "note") >= NOTE_CHARACTERS


def _limit(table, name):
    length = getattr(table.c[name].type, "length", None)
    assert length is not None
    return length

"""What somebody tries who wants the service to fall, to leak or to be made a fool of."""

import io
import json
import re
from html import unescape

import pytest
import sqlalchemy as sa

from comments.rendering import Renderer
from comments.storage import comments
from tests.each import each
from tests.service.conftest import HOSTILE, LETTER, WORST_SIGNS

VALID = {"uri": LETTER, "author": "A", "email": "", "text": "Helt vanlig text"}
JSON = {"Accept": "application/json"}


@pytest.fixture
def stored(parts):
    """The texts in the database."""
    return lambda: [row["text"] for row in parts.storage.rows(sa.select(comments))]


@each("body", [b"[" * 100_000, b'{"text":' * 20_000, b'{"parent": ' + b"9" * 5000 + b"}", b"\xff\xfe"])
def test_json_that_cannot_be_read_is_a_400(client, body):
    """Depths, numbers without end, bytes."""
    answer = client.post("/kommentarer/ny", data=body, content_type="application/json", headers=JSON)
    assert answer.status_code == 400
    assert answer.json["error"]


@each("uri", ["/2026/finns-inte/", "", "javascript:alert(1)", "\ud800"])
def test_a_robot_that_fills_every_field_gets_a_plain_answer(client, stored, uri):
    """The field for robots is told about also where there is no letter to show the form of."""
    body = json.dumps(VALID | {"uri": uri, "webbplats": "https://spam.example"})
    page = client.post("/kommentarer/ny", data=body, content_type="application/json")
    assert page.status_code == 400
    assert "robotar" in page.text
    assert stored() == []


@each(
    "blank",
    ["\u200b\u200b\u200b", "\u2060\ufeff\u200d", "\u3164\u3164\u3164", "\u2800\u2800\u2800", "\u0301\u0302\u0303"],
)
def test_nobody_is_invisible(post, stored, blank):
    """A name or a text of blanks, joiners, fillers and marks alone is an empty one."""
    assert list(post(author=blank).json["errors"]) == ["author"]
    assert list(post(text=blank).json["errors"]) == ["text"]
    assert stored() == []


def test_signs_alone_are_a_comment(post):
    """Pictures and signs can be seen."""
    assert post(text="🚲🚲🚲").status_code == 202
    assert post(text="+++").status_code == 202


@each("character", ["\ufffe", "\uffff", "\x08", "\x1b", "\x7f", "\x85", "\x9b"])
def test_what_no_feed_can_hold_is_refused(post, stored, character):
    """XML has no place for these, and a terminal obeys some of them."""
    assert post(text=f"Text {character} text").status_code == 400
    assert post(author=f"A{character}").status_code == 400
    assert stored() == []


@each("author", ["Två\nrader", "Två\rrader", "A\r\nBcc: alla@lindhamn.example"])
def test_a_name_is_one_line(post, stored, author):
    """No header of a mail, no line of a log can be forged with a name."""
    assert list(post(author=author).json["errors"]) == ["author"]


@each(
    "email",
    [
        "a@b",
        "a b@lindhamn.example",
        "a@lindhamn.example, b@lindhamn.example",
        "A <a@lindhamn.example>",
        "a@lindhamn.example\r\nBcc: b@lindhamn.example",
        "a@[127.0.0.1]",
        "a@lindhamn..example",
        "@" * 254,
        "a@" + "å" * 200 + ".example",
    ],
)
def test_an_address_is_one_address(post, stored, email):
    """What could become another recipient or header is no e-mail address."""
    assert list(post(email=email).json["errors"]) == ["email"]
    assert stored() == []


def test_one_subscriber_of_ipv6_is_one_sender(client):
    """All addresses of a /64 are one subscriber's, and count as one."""
    statuses = [
        client.post(
            "/kommentarer/ny",
            data=VALID | {"text": f"Nummer {number}"},
            environ_base={"REMOTE_ADDR": f"2001:db8:1:2::{number:x}"},
        ).status_code
        for number in range(31)
    ]
    assert statuses == [202] * 30 + [429]


def test_fields_given_twice_count_once(client, stored):
    """The first of each is read."""
    body = f"uri={LETTER}&author=A&text=F%C3%B6rsta&text=Andra&author=B&uri=/x/"
    answer = client.post("/kommentarer/ny", data=body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 202
    assert stored() == ["Första"]


def test_a_file_is_not_a_text(client, stored):
    """A file in a field's place is a missing field; one beside the fields is left alone."""
    missing = client.post("/kommentarer/ny", data=VALID | {"text": (io.BytesIO(b"fil"), "x.txt")}, headers=JSON)
    beside = client.post("/kommentarer/ny", data=VALID | {"bild": (io.BytesIO(b"\x00" * 1000), "../../x.png")})
    assert list(missing.json["errors"]) == ["text"]
    assert beside.status_code == 202
    assert stored() == [VALID["text"]]


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data", b"utan boundary"),
        ("multipart/form-data; boundary=y", b"--x\r\nfel boundary"),
        ("multipart/form-data; boundary=y", b'--y\r\nContent-Disposition: form-data; name="uri"\r\n\r\n/2026'),
        ("multipart/form-data; boundary=y", b'--y\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n' * 2000),
        ("application/x-www-form-urlencoded", b"a=1&" * 100_000),
        ("application/x-www-form-urlencoded", b"%" * 1000),
        ("application/x-www-form-urlencoded; charset=utf-7", b"uri=%2F&text=+AGEAYgBj-"),
        ("application/json; charset=utf-7", b"+AFs-"),
        ("text/html", b"<form>"),
    ],
)
def test_a_form_that_is_none_is_refused(client, stored, kind, body):
    """Half forms, endless ones and strange encodings."""
    answer = client.post("/kommentarer/ny", data=body, content_type=kind, headers=JSON)
    assert 400 <= answer.status_code < 500
    assert answer.json["error"]
    assert stored() == []


def test_an_old_browsers_letters_come_back_to_be_checked(client, stored):
    """A form in Latin-1 is not stored as percent signs, and its writer gets the text back."""
    body = f"uri={LETTER}&author=A&text=bl%E5b%E4r".encode()
    answer = client.post("/kommentarer/ny", data=body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 400
    assert "blåbär" in answer.text
    assert stored() == []


@each(
    "headers",
    [
        {"Accept": ";;;"},
        {"Accept": "application/json;q=x"},
        {"Accept": "application/json;q=1e999, */*;q=nan"},
        {"Accept": "a/" * 3000},
        {"Accept": "\xff"},
        {"Accept-Language": "xx-" * 1000},
        {"Cookie": "moderering=" + "a" * 9000},
        {"Cookie": '=;=;;"\\000'},
        {"If-None-Match": '"' * 500},
        {"Range": "bytes=99999999999999999999-"},
        {"X-Forwarded-Host": "ond.example", "X-Forwarded-Proto": "gopher", "X-Script-Name": "/isso"},
        {"X-HTTP-Method-Override": "DELETE"},
        {"X-Original-URL": "/moderering/", "X-Rewrite-URL": "/moderering/"},
        {"Content-Encoding": "gzip"},
        {"Expect": "200-maybe"},
    ],
)
def test_odd_headers_change_nothing(client, stored, headers):
    """The comment is taken as if they were not there."""
    answer = client.post("/kommentarer/ny", data=VALID, headers=headers)
    assert answer.status_code == 202
    assert "ond.example" not in answer.text
    assert stored() == [VALID["text"]]


@each("host", ["ond.example", "a<b>", "localhost:abc", "x" * 300, "a..b", "[::1", "å.example", "@"])
@each("path", ["/kommentarer/finns-inte", "/moderering/", "/isso/config"])
def test_a_made_up_host_is_led_nowhere(client, host, path):
    """No answer repeats it, and none is a crash."""
    answer = client.get(path, headers={"Host": host.encode().decode("latin-1")})
    assert answer.status_code in (200, 302, 400, 404)
    assert "ond.example" not in answer.text + answer.headers.get("Location", "")


@each("method", ["HEAD", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "post", "X" * 3000])
@each("path", ["/kommentarer/ny", "/isso/id/1/like", "/moderering/1/godkann"])
def test_other_methods_do_nothing(client, desk, post, parts, method, path):
    """Whatever verb is tried, no comment is taken, liked or approved."""
    id = post().json["id"]
    before = parts.storage.rows(sa.select(comments))
    answer = desk.client.open(path.replace("/1/", f"/{id}/"), method=method)
    assert answer.status_code < 500
    assert parts.storage.rows(sa.select(comments)) == before


@each("path", ["/kommentarer/svara/1", "/kommentarer/status/x", "/healthz", "/isso/config"])
def test_head_is_get_without_a_body(client, desk, post, path):
    """As HTTP asks."""
    desk.decide(post().json["id"], "godkann")
    head, get = client.head(path), client.get(path)
    assert (head.status_code, head.data) == (get.status_code, b"")


@each("length", ["-5", "abc", "99999999999", "1e3", "5, 6"])
@each("path", ["/kommentarer/ny", f"/isso/new?uri={LETTER}"])
def test_a_length_that_is_a_lie_is_refused(client, stored, path, length):
    """A body of another length than announced is no comment."""
    sent = {"data": json.dumps(VALID), "content_type": "application/json"}
    answer = client.post(path, headers=JSON, environ_overrides={"CONTENT_LENGTH": length}, **sent)
    assert 400 <= answer.status_code < 500
    assert stored() == []


@each("text", HOSTILE)
def test_hostile_text_is_harmless_on_every_public_page(post, desk, client, text):
    """As a quotation above the reply form, on the writer's own page, and given back in a refused form."""
    answer = post(text=text, author=text[:80]).json
    desk.decide(answer["id"], "godkann")
    refused = client.post("/kommentarer/ny", data={"uri": LETTER, "author": text, "text": text, "email": text})
    for page in (client.get(answer["status_url"]), client.get(f"/kommentarer/svara/{answer['id']}"), refused):
        assert "<script>alert" not in page.text
        assert "<img src=x" not in page.text
        assert 'href="javascript' not in page.text


@each("pattern", WORST_SIGNS)
def test_what_is_hardly_words_is_not_rendered(parts, pattern):
    """It stands as it was written, so that nobody can keep the service busy; the bench measures what is rendered."""
    text = (pattern * 5000)[:5000]
    shown = parts.render(text)
    assert set(re.findall(r"<[^>]*>", shown)) <= {"<p>", "</p>", "<br>"}
    assert unescape(re.sub(r"</?p>|<br>", "", shown)).split() == text.split()


@each("path", ["/kommentarer/ny", "/kommentarer/status/x", "/kommentarer/svara/9", "/moderering/", "/x"])
def test_every_page_is_guarded_by_its_headers(client, path):
    """No other site's scripts, no guessing of types, no address in the referrer."""
    headers = client.get(path).headers
    assert "default-src 'self'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "Server" not in headers


def test_a_link_written_once_and_used_a_thousand_times_is_shown_as_written():
    """A short text makes no page of megabytes."""
    text = "[a]" * 400 + "\n\n[a]: https://lindhamn.example/" + "&" * 900
    html = Renderer()(text)
    assert len(html) < 12 * len(text)
    assert "<a " not in html

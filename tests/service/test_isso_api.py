"""The safe part of Isso's API works like Isso's own, and whatever is thrown at it gets an answer in JSON."""

import json
import re
import time
from contextlib import closing
from io import BytesIO

import pytest
import sqlalchemy as sa

from comments import ledger
from comments.cases import edition as edition_of
from comments.isso_storage import MOST_EDITS
from comments.reception import PER_MINUTE
from comments.storage import Storage, comments
from tests.service.conftest import CLOSED, LETTER, OTHER
from tests.service.visitor import Visitor

BY = "moderator@lindhamn.example"


@pytest.fixture
def eva(app):
    """A resident with Isso's stock client."""
    return Visitor(app)


@pytest.fixture
def said(app, parts):
    """Let somebody say something and a moderator approve it; gives its number."""

    def said(text="Sagt och publicerat", **fields):
        id = Visitor(app).new(text=text, **fields).json["id"]
        parts.moderation.decide(id, "approved", BY)
        return id

    return said


def fetch(visitor, **query):
    return visitor.call("GET", "/", query_string={"uri": LETTER} | query)


def is_told(answer):
    """Whether an answer is a 4xx that says in JSON what is wrong."""
    return 400 <= answer.status_code < 500 and answer.mimetype == "application/json" and bool(answer.json["message"])


def test_a_new_comment_is_held(eva, parts):
    """A post is answered with 202, the comment and an edit cookie; readers don't see it."""
    answer = eva.new(text="Hej *du*", website="lindhamn.example")
    assert answer.status_code == 202
    assert answer.json["text"] == "<p>Hej <em>du</em></p>"
    assert answer.json["mode"] == 2
    assert answer.headers["Set-Cookie"].startswith("1=")
    assert fetch(eva).json["replies"] == []


def test_the_same_comment_sent_again_is_the_first_one(eva, parts):
    """Whoever got no answer sends again: it is stored once, and can be changed by the cookie of either answer."""
    first, again = eva.new(website="lindhamn.example"), eva.new(website="lindhamn.example")
    assert (again.status_code, again.json) == (202, first.json)
    assert eva.call("PUT", f"/id/{first.json['id']}", json={"text": "Ändrad"}).status_code == 200
    assert len(ledger.history(parts.storage, first.json["id"])) == 2
    assert parts.storage.execute(sa.select(sa.func.count(comments.c.id))).scalar() == 1


@pytest.mark.parametrize("fields", [{"text": "Annat"}, {"author": "Bo"}, {"email": "e@x.se"}, {"website": "x.se"}])
def test_a_comment_that_differs_is_another_one(eva, fields):
    """Nothing that somebody wrote is taken for what another wrote, nor from another network."""
    ids = [eva.new().json["id"], eva.new(**fields).json["id"], eva.new(address="192.0.2.9", **fields).json["id"]]
    assert len(set(ids)) == 3


def test_what_was_decided_about_may_be_said_again(eva, said):
    """The same words after a decision are a comment of their own, as by the form."""
    assert len({said(), said(), eva.new(text="Sagt och publicerat").json["id"]}) == 3


def test_sent_again_it_does_not_count_against_the_pace(eva):
    """The last comment that the limit lets through is acknowledged however often it is sent."""
    ids = [eva.new(text=f"Inlägg {number}").json["id"] for number in range(PER_MINUTE)]
    assert eva.new(text="Ett till").status_code == 429
    assert eva.new(text=f"Inlägg {PER_MINUTE - 1}").json["id"] == ids[-1]


def test_the_form_and_the_api_know_the_same_comment(eva, post):
    """A browser that sent the form and then by script has written once."""
    sent = post(author="Eva", text="Evas text").json["id"]
    assert eva.new(address="127.0.0.1").json["id"] == sent


def test_an_answer_holds_public_fields_alone(eva, said):
    """Neither e-mail nor network address nor anything made of them is in an answer."""
    said(email="hemlig@lindhamn.example")
    assert "hemlig" not in fetch(eva).text
    assert {"email", "remote_addr", "sender", "token", "voters"}.isdisjoint(fetch(eva).json["replies"][0])
    assert fetch(eva).json["replies"][0]["hash"] == ""


def test_a_thread_is_read_as_from_isso(eva, said):
    """Top-level comments come with their replies, flat, and with the numbers that the client pages by."""
    top = said()
    reply = said(parent=top)
    said(parent=reply)
    thread = fetch(eva).json
    assert thread["total_replies"] == 3
    assert [each["id"] for each in thread["replies"]] == [top]
    assert [each["parent"] for each in thread["replies"][0]["replies"]] == [top, top]


def test_a_thread_is_paged_by_limit_and_offset(eva, said):
    """limit, offset and nested_limit cut the thread, and hidden_replies tells how much is left."""
    ids = [said() for _ in range(4)]
    for _ in range(2):
        said(parent=ids[1])
    page = fetch(eva, limit=2, offset=1, nested_limit=1).json
    assert [each["id"] for each in page["replies"]] == ids[1:3]
    assert page["hidden_replies"] == 1
    assert page["replies"][0]["hidden_replies"] == 1


@pytest.mark.parametrize(("sort", "order"), [("oldest", [1, 2, 3]), ("newest", [3, 2, 1]), ("upvotes", [2, 1, 3])])
def test_a_thread_is_sorted(app, eva, said, sort, order):
    """The client's three orders."""
    for _ in range(3):
        said()
    Visitor(app).call("POST", "/id/2/like", address="198.51.100.9", json={})
    assert [each["id"] for each in fetch(eva, sort=sort).json["replies"]] == order


def test_only_newer_comments_can_be_asked_for(eva, said):
    """`after` leaves out what the client has seen."""
    said()
    assert fetch(eva, after=time.time() - 60).json["replies"]
    assert fetch(eva, after=time.time() + 60).json["replies"] == []


def test_the_written_text_can_be_asked_for(eva, said):
    """`plain=1` gives Markdown instead of HTML."""
    said("Hej *du*")
    assert fetch(eva, plain=1).json["replies"][0]["text"] == "Hej *du*"


def test_comments_are_counted(eva, said):
    """Counts come in the order asked, of published comments alone, 0 for what is unknown."""
    said()
    eva.new()
    assert eva.call("POST", "/count", json=[OTHER, LETTER, "/x/"]).json == [0, 1, 0]


def test_a_preview_is_rendered(eva):
    """A text as it would look, sanitised."""
    answer = eva.call("POST", "/preview", json={"text": "**fet** <script>alert(1)</script>"})
    assert "<strong>fet</strong>" in answer.json["text"]
    assert "<script" not in answer.json["text"]


def test_the_client_is_told_what_is_required(eva):
    """The client's configuration: a name is required, an e-mail address is not."""
    config = eva.call("GET", "/config").json["config"]
    assert config["require-author"]
    assert not config["require-email"]


@pytest.mark.parametrize("path", ["/js/embed.min.js", "/css/isso.css"])
def test_the_stock_client_is_served(eva, path):
    """Isso's own script and the style that it asks for are at the addresses that it knows."""
    assert eva.call("GET", path).status_code == 200


def test_a_vote_counts_once_for_each_network(app, eva, said):
    """A second vote from one network, and the writer's own, change nothing."""
    id = said()
    votes = [eva.call("POST", f"/id/{id}/like", address=address, json={}) for address in ("203.0.113.5",) * 2]
    own = eva.call("POST", f"/id/{id}/dislike", json={})
    assert [vote.json["likes"] for vote in votes] == [1, 1]
    assert own.json["dislikes"] == 0


def test_a_held_comment_cannot_be_voted_on(eva):
    """What is not published is not there."""
    id = eva.new().json["id"]
    assert eva.call("POST", f"/id/{id}/like", address="203.0.113.5", json={}).status_code == 404


@pytest.mark.parametrize("name", ["limit", "offset", "nested_limit", "parent", "after"])
def test_a_bad_number_is_refused(eva, name):
    """What is no number, or too large for the database, is told so."""
    for value in ("x", "-1", "9" * 30, "9" * 5000, "nan", "inf", "1e400", "", "0x10", "½", "\x00"):
        assert is_told(fetch(eva, **{name: value})), value


@pytest.mark.parametrize("query", [{"limit": "1.5"}, {"parent": "1e3"}, {"sort": "värst"}, {"limit": "0" * 5000}])
def test_isso_s_own_refusals_are_json_too(eva, query):
    """Where Isso's view itself refuses, the answer has the same form as ours."""
    assert is_told(fetch(eva, **query))


@pytest.mark.parametrize(("method", "path"), [("GET", ""), ("PUT", ""), ("POST", "/like"), ("POST", "/dislike")])
def test_an_unknown_id_is_a_404(eva, method, path):
    """Numbers that name no comment, however large."""
    for id in ("0", "99", "-1", "x", "1.5", 2**63, "9" * 30, "%00"):
        answer = eva.call(method, f"/id/{id}{path}", json={"author": "A", "text": "hej hej"})
        assert answer.status_code == 404, id
        assert is_told(answer)


BODIES = [
    b"",
    b"[]",
    b"null",
    b"1",
    b'"text"',
    b"{",
    b"\x00\xff\xfe",
    b'{"text": 1}',
    b'{"text": null}',
    b'{"text": ["a"]}',
    b'{"text": "hej", "author": {}}',
    b'{"text": "hej", "author": "A", "parent": "1"}',
    b'{"text": "hej", "author": "A", "parent": true}',
    b'{"text": "hej", "author": "A", "parent": 1.0}',
    b'{"text": "hej", "author": "A", "parent": NaN}',
    b'{"text": "hej", "author": "A", "parent": ' + b"9" * 5000 + b"}",
    b'{"text": "hej", "author": "A", "website": "javascript:alert(1)"}',
    b'{"text": "hej", "author": "A", "website": "lindhamn.example/\\ud800"}',
    b'{"text": "hej", "author": "A", "email": "\\ud800@lindhamn.example"}',
    b'{"text": "hej", "author": "\\ud800"}',
    b'{"text": "hej\\u0000", "author": "A"}',
    b"[" * 100_000,
    b'{"a":' * 20_000,
]


@pytest.mark.parametrize(("method", "path"), [("POST", f"/new?uri={LETTER}"), ("PUT", "/id/1")])
def test_a_body_of_the_wrong_shape_is_refused(eva, parts, method, path):
    """Lists, numbers, nothing, half characters, depths and bytes in a comment's place are a 4xx, and nothing stays."""
    eva.new()
    before = parts.storage.rows(sa.select(comments))
    for body in BODIES:
        assert is_told(eva.call(method, path, data=body, content_type="application/json")), body[:80]
    assert parts.storage.rows(sa.select(comments)) == before


@pytest.mark.parametrize("path", ["/preview", "/count"])
def test_no_body_of_any_shape_is_a_crash(eva, path):
    """The two other addresses that take JSON read what they can and refuse the rest."""
    for body in BODIES:
        answer = eva.call("POST", path, data=body, content_type="application/json")
        assert answer.status_code == 200 or is_told(answer), body[:80]


@pytest.mark.parametrize("number", [2**62, 2**63, 10**30])
def test_a_parent_beyond_any_number_is_refused(eva, number):
    """As one that is not there."""
    assert is_told(eva.new(parent=number))


def test_json_at_the_edge_of_too_deep_is_no_crash(eva):
    """Isso reads the body twice, at different depths of its own; the second reading may be the one that fails."""
    statuses = set()
    for depth in range(700, 1000):
        body = '{"text": "hej", "author": "", "x": %s}' % ("[" * depth + "]" * depth)
        answer = eva.call("POST", f"/new?uri={LETTER}", data=body, content_type="application/json")
        statuses.add(answer.status_code)
    assert statuses == {400}


@pytest.mark.parametrize(
    "addresses", [{}, [1], [None], [["x"]], ["\ud800"], ["\x00"], ["x"] * 1001, ["x"] * 60_000, "x"]
)
def test_a_list_of_addresses_has_its_limits(eva, addresses):
    """Counting takes a list of up to a thousand addresses."""
    answer = eva.call("POST", "/count", data=json.dumps(addresses), content_type="application/json")
    assert is_told(answer)


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
@pytest.mark.parametrize("path", [f"/new?uri={LETTER}", "/preview", "/count"])
def test_a_form_cannot_post_here(eva, parts, path, kind):
    """What a form on any site could send is refused by its type."""
    assert is_told(eva.call("POST", path, data=b'{"text": "hej", "author": "A"}', content_type=kind))
    assert parts.storage.rows(sa.select(comments)) == []


@pytest.mark.parametrize("uri", [CLOSED, "/2026/finns-inte/", "", "javascript:alert(1)"])
def test_only_open_letters_take_comments(eva, parts, uri):
    """As with the form."""
    assert is_told(eva.new(uri=uri))
    assert parts.storage.rows(sa.select(comments)) == []


def test_the_letter_must_be_named(eva):
    """A post or a question without `uri` is told so."""
    assert is_told(eva.call("POST", "/new", json={"author": "A", "text": "hej hej"}))
    assert is_told(eva.call("GET", "/"))


def test_a_parent_must_be_published_and_of_the_same_letter(eva, said):
    """Isso lets such a comment slip to the top of the thread; we say what is wrong."""
    held = eva.new().json["id"]
    elsewhere = said(uri=OTHER)
    assert is_told(eva.new(parent=held))
    assert is_told(eva.new(parent=elsewhere))
    assert is_told(eva.new(parent=99))


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
def test_a_wrong_method_is_told_which_one_is_right(eva, method):
    """405 with Allow, and no header lets a method be another than it is."""
    answer = eva.call(method, f"/new?uri={LETTER}", headers={"X-HTTP-Method-Override": "POST"})
    assert answer.status_code == 405
    assert answer.headers["Allow"] == "POST"


def test_the_bare_address_leads_on(eva):
    """/isso without its slash is sent to /isso/."""
    answer = eva.call("GET", "")
    assert answer.status_code == 308
    assert answer.headers["Location"].endswith("/isso/")


def test_a_site_that_is_not_built_is_a_503(make_app):
    """Without letters.json nothing can be taken."""
    answer = Visitor(make_app(LETTERS="/finns/inte.json")).new()
    assert answer.status_code == 503
    assert answer.json["message"]


def test_a_script_is_slowed_down(eva, parts):
    """The form's limit holds here as well, and both count together."""
    answers = [eva.new(text=f"Inlägg {number}") for number in range(31)]
    assert [answer.status_code for answer in answers] == [202] * 30 + [429]
    assert len(parts.storage.rows(sa.select(comments))) == 30


def test_one_subscriber_of_ipv6_is_one_sender(eva):
    """All addresses of a /64 are one subscriber's, and count as one."""
    answers = [eva.new(text=f"Inlägg {number}", address=f"2001:db8:1:2::{number:x}") for number in range(31)]
    assert answers[-1].status_code == 429
    assert eva.new(address="2001:db8:1:3::1").status_code == 202


def test_a_slow_sender_holds_up_nobody(eva, parts):
    """The body is read before the transaction begins: others can write while a sender dawdles."""

    class Dawdling(BytesIO):
        def readinto(self, buffer):
            with closing(Storage(parts.settings.database)) as other, other.transaction():
                pass
            return super().readinto(buffer)

    body = Dawdling(b'{"author": "A", "text": "Sakta men noga"}')
    answer = eva.call("POST", f"/new?uri={LETTER}", input_stream=body, content_type="application/json")
    assert answer.status_code == 202


# Edits


def test_the_writer_sees_and_changes_a_held_comment(eva, parts):
    """Within the window the writer reads the comment back and changes it; the text before stays in the ledger."""
    id = eva.new(text="Med stavfell").json["id"]
    assert eva.call("GET", f"/id/{id}?plain=1").json["text"] == "Med stavfell"
    assert eva.call("PUT", f"/id/{id}", json={"text": "Utan stavfel"}).status_code == 200
    _, row = ledger.history(parts.storage, id)
    assert (row["who"], row["what"]) == (ledger.AUTHOR, "edited")
    assert (row["text_before"], row["text"]) == ("Med stavfell", "Utan stavfel")


def test_an_edit_takes_a_published_comment_back(eva, parts, published):
    """After an edit it waits again, and the published file is without it at once."""
    id = eva.new().json["id"]
    parts.moderation.decide(id, "approved", BY)
    assert published()["count"] == 1
    eva.call("PUT", f"/id/{id}", json={"author": "Eva", "text": "Ett annat budskap"})
    assert parts.moderation.case(id)["state"] == "pending"
    assert published() | {"comments": [], "count": 0} == published()


def test_an_edit_keeps_the_name_where_none_is_given(eva, parts):
    """A text can be changed alone, however the name is written."""
    id = eva.new(author="&" * 80).json["id"]
    assert eva.call("PUT", f"/id/{id}", json={"text": "Bara texten"}).status_code == 200
    assert parts.moderation.case(id)["author"] == "&" * 80


def test_an_edit_by_another_is_refused(app, eva):
    """The cookie of one's own comment opens no other."""
    id = eva.new().json["id"]
    bo = Visitor(app)
    own = bo.new(text="Bos text").json["id"]
    bo.rename_cookie(own, id)
    assert bo.call("PUT", f"/id/{id}", json={"text": "Kapad text"}).status_code == 403
    assert Visitor(app).call("PUT", f"/id/{id}", json={"text": "Kapad text"}).status_code == 403


def test_an_edit_after_the_window_is_refused(eva, parts):
    """After fifteen minutes the comment stands, also for one who kept the window open with edits."""
    id = eva.new().json["id"]
    parts.storage.execute(sa.update(comments).values(created=time.time() - 15 * 60 - 1))
    answer = eva.call("PUT", f"/id/{id}", json={"text": "För sent"})
    assert answer.status_code == 403
    assert parts.moderation.case(id)["text"] == "Evas text"


@pytest.mark.parametrize("decisions", [["declined"], ["approved", "hidden"]])
def test_an_edit_after_a_decision_against_it_is_refused(eva, parts, decisions):
    """What was declined or hidden can't be brought back by writing something else."""
    id = eva.new().json["id"]
    for decision in decisions:
        parts.moderation.decide(id, decision, BY, "regel-1")
    assert is_told(eva.call("PUT", f"/id/{id}", json={"text": "Igen, igen"}))
    assert parts.moderation.case(id)["state"] == decisions[-1]


def test_edits_come_to_an_end(eva, parts):
    """Every edit is kept for good, so a script can't go on for ever."""
    id = eva.new().json["id"]
    answers = [eva.call("PUT", f"/id/{id}", json={"text": f"Ändring {n}"}).status_code for n in range(MOST_EDITS + 1)]
    assert answers == [200] * MOST_EDITS + [429]


def test_a_refused_edit_changes_nothing(eva, parts):
    """A text that is too long is refused whole."""
    id = eva.new().json["id"]
    assert is_told(eva.call("PUT", f"/id/{id}", json={"text": "x" * 5001}))
    assert parts.moderation.case(id)["text"] == "Evas text"
    assert [row["what"] for row in ledger.history(parts.storage, id)] == ["received"]


def test_a_moderator_does_not_approve_a_text_unseen(eva, desk, parts):
    """A comment that its writer changed after the desk's page was opened is shown again, not decided about."""
    id = eva.new(text="Ett artigt ord").json["id"]
    seen = re.search(r'name="seen" value="(\w+)"', desk.get(f"/moderering/{id}").text)
    assert seen
    eva.call("PUT", f"/id/{id}", json={"text": "Ett fult ord"})
    answer = desk.decide(id, "godkann", seen=seen[1])
    assert answer.status_code == 409
    assert "Ett fult ord" in answer.text
    assert parts.moderation.case(id)["state"] == "pending"


def test_the_desk_sends_what_it_has_shown(eva, desk, parts):
    """The form of the desk carries the edition of the text that stands above it."""
    id = eva.new().json["id"]
    eva.call("PUT", f"/id/{id}", json={"text": "Ändrad text"})
    edition = edition_of(parts.moderation.case(id))
    assert f'name="seen" value="{edition}"' in desk.get().text
    assert desk.decide(id, "godkann", seen=edition).status_code == 302


def test_hammering_never_stops_the_service(eva):
    """After all kinds of nonsense a normal comment is taken as if nothing had happened."""
    for body in BODIES:
        eva.call("POST", f"/new?uri={LETTER}", data=body, content_type="application/json")
    assert eva.new().status_code == 202


def test_a_cookie_opens_no_comment_of_another_text(eva, parts):
    """After a restore from a backup the same number may be another writer's."""
    id = eva.new(text="Evas text").json["id"]
    assert "Evas text" in eva.call("GET", f"/id/{id}").text
    parts.storage.execute(comments.update().where(comments.c.id == id).values(text="Bertils text"))
    assert eva.call("GET", f"/id/{id}").status_code == 403
    assert eva.call("PUT", f"/id/{id}", json={"text": "Något annat"}).status_code == 403

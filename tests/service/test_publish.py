"""published/*.json: what readers see of a conversation, and that a reader never sees half of it."""

import json
import threading
import time

import pytest
import sqlalchemy as sa

from comments.storage import comments
from comments.storage import threads as letters
from tests.service.conftest import LETTER
from tests.service.visitor import Visitor

BY = "moderator@lindhamn.example"
FILE = "2026_vi-provar.json"
SECRETS = ("hemlig@lindhamn.example", "192.0.2.77")


@pytest.fixture
def folder_of_published(folder):
    """Where the files are."""
    return folder / "var" / "published"


@pytest.fixture
def decide(parts):
    """Take a decision as a moderator."""
    return lambda id, what: parts.moderation.decide(id, what, BY, "regel-1")


@pytest.fixture
def said(post, decide):
    """Let somebody say something and a moderator approve it; gives its number."""

    def said(**fields):
        id = post(**fields).json["id"]
        decide(id, "approved")
        return id

    return said


def test_a_comment_is_public_in_eleven_fields(said, published):
    """The file has what DESIGN promises to its readers and nothing else."""
    id = said(text="Hej *du*")
    (shown,) = published()["comments"]
    assert published() | {"comments": []} == {"format": 1, "uri": LETTER, "count": 1, "comments": []}
    assert shown | {"created": "", "author": ""} == {
        "id": id,
        "state": "published",
        "author": "",
        "official": None,
        "created": "",
        "edited": None,
        "html": "<p>Hej <em>du</em></p>",
        "masked": False,
        "reason": None,
        "answers": None,
        "replies": [],
    }
    assert shown["created"].endswith("+00:00")


def test_no_secret_is_in_anything_public(app, parts, decide, folder_of_published):
    """Neither e-mail, nor network address, nor the hash of it, nor a token: in files, answers or pages."""
    client = app.test_client()
    fields = {"uri": LETTER, "author": "A", "email": SECRETS[0], "text": "Vad heter jag?"}
    receipt = client.post("/kommentarer/ny", data=fields, environ_base={"REMOTE_ADDR": SECRETS[1]})
    decide(1, "approved")
    (row,) = parts.storage.rows(sa.select(comments))
    public = [
        (folder_of_published / FILE).read_text(),
        client.get(f"/kommentarer/published/{FILE}", buffered=True).text,
        client.get("/kommentarer/svara/1").text,
        client.get(f"/isso/?uri={LETTER}").text,
        receipt.text,
    ]
    for secret in (*SECRETS, row["sender"], row["token"]):
        assert all(secret not in text for text in public)


def test_a_waiting_or_declined_comment_is_nowhere(post, decide, published, client):
    """What is not published is in no file and no answer."""
    post(text="Väntande")
    decide(post(text="Avböjt").json["id"], "declined")
    decide(post(text="Godkänt").json["id"], "approved")
    public = json.dumps(published(), ensure_ascii=False) + str(client.get(f"/isso/?uri={LETTER}").json)
    assert "Godkänt" in public
    assert "Väntande" not in public
    assert "Avböjt" not in public


def test_replies_lie_flat_under_the_top(said, published):
    """`answers` says which comment each reply answers."""
    top = said()
    reply = said(parent=top)
    said(parent=reply)
    (branch,) = published()["comments"]
    assert [each["answers"] for each in branch["replies"]] == [top, reply]
    assert published()["count"] == 3


def test_the_oldest_stand_first(said, published):
    """Also after a decision taken in another order."""
    ids = [said() for _ in range(3)]
    assert [each["id"] for each in published()["comments"]] == ids


def test_a_hidden_comment_without_replies_is_gone(said, decide, published):
    """Nothing is left of it in the file, and restoring brings it back."""
    id = said()
    decide(id, "hidden")
    assert published()["comments"] == []
    decide(id, "restored")
    assert published()["count"] == 1


def test_a_hidden_comment_with_replies_leaves_its_place(said, decide, published):
    """Without name and text; the reply stays."""
    top = said(text="Otrevligt", author="Otrevlig")
    said(parent=top, text="Ett hövligt svar")
    decide(top, "hidden")
    (place,) = published()["comments"]
    assert (place["state"], place["author"], place["html"]) == ("hidden", None, "")
    assert place["reason"] == "regel-1"
    assert "Otrevlig" not in json.dumps(published())
    assert place["replies"][0]["html"] == "<p>Ett hövligt svar</p>"
    assert published()["count"] == 1


def test_a_hidden_reply_leaves_its_place_only_where_it_is_answered(said, decide, published):
    """The same one level down."""
    top = said()
    answered, idle = said(parent=top), said(parent=top)
    said(parent=answered)
    decide(answered, "hidden")
    decide(idle, "hidden")
    states = [(each["id"], each["state"]) for each in published()["comments"][0]["replies"]]
    assert states == [(answered, "hidden"), (idle + 1, "published")]


def test_replies_outlive_all_that_they_stand_under(said, decide, published, client):
    """Top and middle hidden: the last reply is still there, in the file and in Isso's answer."""
    top = said()
    middle = said(parent=top)
    last = said(parent=middle)
    decide(top, "hidden")
    decide(middle, "hidden")
    assert [each["id"] for each in published()["comments"][0]["replies"]] == [middle, last]
    replies = client.get(f"/isso/?uri={LETTER}").json["replies"][0]["replies"]
    assert [(each["id"], each["mode"]) for each in replies] == [(middle, 4), (last, 1)]


@pytest.mark.parametrize(("after", "shown"), [(None, "held"), ("declined", "hidden")])
def test_an_edit_does_not_take_the_replies_away(app, said, decide, published, after, shown):
    """A comment held again, or declined then, leaves its place, and which it is: the answer to it stays."""
    writer = Visitor(app)
    top = writer.new().json["id"]
    decide(top, "approved")
    said(parent=top, text="Ett svar som står kvar")
    writer.call("PUT", f"/id/{top}", json={"text": "Något helt annat"})
    if after:
        decide(top, after)
    (place,) = published()["comments"]
    assert (place["state"], place["html"]) == (shown, "")
    assert place["replies"][0]["html"] == "<p>Ett svar som står kvar</p>"
    assert "Ett svar" in writer.thread()
    assert "helt annat" not in writer.thread()


def test_an_edited_comment_says_so(app, decide, published):
    """When it was edited, once it is approved again."""
    writer = Visitor(app)
    id = writer.new().json["id"]
    writer.call("PUT", f"/id/{id}", json={"text": "Bättre sagt"})
    decide(id, "approved")
    assert published()["comments"][0]["edited"]


# Writing


def test_a_reader_never_sees_half_a_file(parts, decide, said, folder_of_published):
    """While decisions rewrite it a hundred times, every reading is whole JSON."""
    id = said(text="x" * 4000)
    path, done, broken = folder_of_published / FILE, threading.Event(), []

    def read():
        while not done.is_set():
            try:
                json.loads(path.read_bytes())
            except ValueError as error:
                broken.append(error)

    reader = threading.Thread(target=read)
    reader.start()
    for _ in range(50):
        decide(id, "hidden")
        decide(id, "restored")
    done.set()
    reader.join()
    assert broken == []


def test_an_unchanged_conversation_is_not_written_again(make_app, said, folder_of_published):
    """A restart touches no file whose content stands, so the site builds nothing anew."""
    said()
    before = (folder_of_published / FILE).stat().st_mtime_ns
    make_app()
    assert (folder_of_published / FILE).stat().st_mtime_ns == before


def block(folder):
    """Make the folder unwritable, for root as well: a file stands in its place."""
    folder.rename(folder.with_name("undan"))
    folder.write_text("ingen mapp")


@pytest.mark.parametrize("action", ["godkann", "svara"])
def test_a_decision_is_kept_when_the_file_cannot_be_written(desk, post, folder_of_published, parts, action):
    """The moderator is told that the page lags behind."""
    id = post().json["id"]
    if action == "svara":
        desk.decide(id, "godkann")
    block(folder_of_published)
    voice = "Stadsdirektören, Lindhamns stad"
    answer = desk.decide(id, action, voice=voice, text="Ett svar")
    assert answer.status_code == 302
    assert "Beslutet är sparat" in desk.get().text
    assert parts.moderation.counts()["published"] >= 1


def test_catching_up_repairs_what_could_not_be_written(parts, post, decide, folder_of_published, published):
    """Every file that is behind is written as soon as it can be, that of another letter too."""
    first, second = post().json["id"], post(uri="/2026/ett-annat/").json["id"]
    block(folder_of_published)
    decide(first, "approved")
    folder_of_published.unlink()
    decide(second, "approved")
    parts.publisher.catch_up()
    assert published()["count"] == 1
    assert published("2026_ett-annat.json")["count"] == 1


def test_a_start_writes_what_a_crash_left_unwritten(make_app, parts, post, published, folder_of_published, monkeypatch):
    """A crash between the decision and the file: the next start makes up for it."""
    with monkeypatch.context() as crash:
        crash.setattr(parts.publisher, "publish", lambda thread: None)
        parts.moderation.decide(post().json["id"], "approved", "moderator@lindhamn.example")
    (folder_of_published / f".{FILE}.new").write_text('{"format": 1, "uri')
    make_app().extensions["ordetfritt"].start()
    patience = time.monotonic() + 30
    while not (folder_of_published / FILE).exists() and time.monotonic() < patience:
        time.sleep(0.01)
    assert published()["count"] == 1


def test_html_that_is_too_long_to_keep_is_published_all_the_same(parts, said, published, monkeypatch):
    """It is made anew each time: a short text can render to a very long page, and the column has its limit."""
    monkeypatch.setattr("comments.publish.HTML_CHARACTERS", 20)
    ids = [said(text="Kort"), said(text="Något som är längre än så")]
    assert [len(each["html"]) > 20 for each in published()["comments"]] == [False, True]
    rows = parts.storage.rows(sa.select(comments.c.html, comments.c.renderer).where(comments.c.id.in_(ids)))
    assert [bool(row["html"] and row["renderer"]) for row in rows] == [True, False]


def test_a_thread_without_comments_left_is_an_empty_file(said, decide, published):
    """The letter's page must lose the comment, so the file stays and is empty."""
    decide(said(), "hidden")
    assert published() == {"format": 1, "uri": LETTER, "count": 0, "comments": []}


def test_each_letter_has_a_file_of_its_own(said, published, parts):
    """A decision under one letter is not in the file of another."""
    said()
    said(uri="/2026/ett-annat/", text="Under ett annat")
    assert published()["count"] == published("2026_ett-annat.json")["count"] == 1
    assert len(parts.storage.rows(sa.select(letters))) == 2


# Over HTTP


def fetch(client, file=FILE, **headers):
    return client.get(f"/kommentarer/published/{file}", headers=headers, buffered=True)


def test_a_builder_elsewhere_reads_by_http(client, said, published):
    """The same content, as JSON, to be asked about each time."""
    said()
    answer = fetch(client)
    assert answer.json == published()
    assert answer.mimetype == "application/json"
    assert answer.headers["Cache-Control"] == "no-cache"


def test_an_unchanged_file_is_a_304(client, said, decide):
    """By its ETag, which changes with the conversation."""
    id = said()
    etag = fetch(client).headers["ETag"]
    unchanged = fetch(client, **{"If-None-Match": etag})
    assert (unchanged.status_code, unchanged.data) == (304, b"")
    decide(id, "hidden")
    assert fetch(client, **{"If-None-Match": etag}).status_code == 200


@pytest.mark.parametrize(
    "file",
    [
        "2026_finns-inte.json",
        "../comments.db",
        "..%2Fcomments.db",
        "%2e%2e%2fsecret",
        "..%5c..%5csite.toml",
        "%2Fetc%2Fpasswd",
        ".lock",
        ".json",
        "..json",
        f".{FILE}.new",
        f"{FILE}%00",
        "%00.json",
        "%ff.json",
        "a" * 5000 + ".json",
        "",
    ],
)
def test_nothing_but_published_files_is_served(client, said, file):
    """No database, no key, no lock, no half-written file."""
    said()
    assert fetch(client, file).status_code == 404


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_published_files_are_read_only(client, said, method, published):
    """Over HTTP nobody writes."""
    said()
    assert getattr(client, method)(f"/kommentarer/published/{FILE}").status_code == 405
    assert published()["count"] == 1


def test_what_another_process_could_not_write_is_written_later(said, decide, folder_of_published, published, parts):
    """A comment hidden at a terminal leaves the page as soon as the running service can write again."""
    id = said()
    block(folder_of_published)
    decide(id, "hidden")
    assert parts.publisher.is_stale(1)
    folder_of_published.unlink()
    ended = threading.Event()
    running = threading.Thread(target=parts.publisher.keep_up, args=[ended, 0.01])
    running.start()
    while parts.publisher.is_stale(1):
        ended.wait(0.01)
    ended.set()
    running.join()
    assert published()["count"] == 0


def test_a_status_link_leads_to_the_page_where_the_comment_stands(make_app):
    """The fifty-first comment stands on the second page of the conversation."""
    app = make_app(RATE_LIMIT="off")
    parts, client = app.extensions["ordetfritt"], app.test_client()
    fields = {"uri": LETTER, "author": "En invånare", "text": "Tack!"}
    for number in range(51):
        fields["text"] = f"Tack, {number}!"
        last = client.post("/kommentarer/ny", data=fields, headers={"Accept": "application/json"}).json
        parts.moderation.decide(last["id"], "approved", "moderator@lindhamn.example")
    assert f'href="{LETTER}kommentarer/2/#kommentar-{last["id"]}"' in client.get(last["status_url"]).text

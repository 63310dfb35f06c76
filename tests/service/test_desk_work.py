"""What moderators do all day beside approving: undo, mask, search, decide about several, answer together."""

import re

import pytest

from comments import ledger
from comments.storage import comments, sessions
from comments.storage import ledger as rows
from tests.service.conftest import LETTER, Desk

DIRECTOR = "Stadsdirektören, Lindhamns stad"
SECOND = "[moderation]\nsecond_pair_of_eyes = true\n"


@pytest.fixture
def comment(post):
    """A waiting comment's number."""
    return post(text="Anna Ek på Gatan 7 vet. Ring 070-174 05 11.").json["id"]


@pytest.fixture
def other(app):
    """A second moderator."""
    return Desk(app, "andra@lindhamn.example")


@pytest.fixture
def state(parts):
    """Look up a comment's state."""
    return lambda id: parts.moderation.case(id)["state"]


def first(pattern: str, text: str) -> str:
    """What the group of a pattern finds in a text."""
    found = re.search(pattern, text)
    assert found, f"{pattern} must stand in the page"
    return found[1]


def told(parts, id):
    return [row["what"] for row in ledger.history(parts.storage, id)]


# Undo


@pytest.mark.parametrize(
    ("before", "action"), [((), "godkann"), ((), "avboj"), (("godkann",), "dolj"), (("godkann", "dolj"), "aterstall")]
)
def test_a_decision_is_taken_back(desk, comment, state, parts, published, before, action):
    """State, published file and all are as before; the ledger tells of both."""
    for each in before:
        desk.decide(comment, each, reason="regel-1")
    was = state(comment)
    desk.decide(comment, action, reason="regel-1")
    assert desk.submit(f"/moderering/{comment}/angra", f"/moderering/{comment}").status_code == 302
    assert state(comment) == was
    assert told(parts, comment)[-1] == "undone"
    assert published()["count"] == (was == "published")
    assert ledger.verify(parts.storage, parts.render).fault is None


def test_only_one_s_own_decision_is_taken_back(desk, other, comment, state):
    """Another moderator takes a new decision instead."""
    desk.decide(comment, "godkann")
    assert other.submit(f"/moderering/{comment}/angra", f"/moderering/{comment}").status_code == 409
    assert state(comment) == "published"


def test_nothing_is_undone_twice_or_late(desk, comment, state, monkeypatch):
    """After some seconds a decision stands."""
    desk.decide(comment, "godkann")
    with monkeypatch.context() as later:
        later.setattr("comments.moderation.UNDO_SECONDS", -60)
        assert desk.submit(f"/moderering/{comment}/angra", f"/moderering/{comment}").status_code == 400
    for status in (302, 409):
        assert desk.submit(f"/moderering/{comment}/angra", f"/moderering/{comment}").status_code == status
    assert state(comment) == "pending"


def test_an_arrival_is_not_undone(desk, comment):
    """There is no decision to take back."""
    assert desk.submit(f"/moderering/{comment}/angra", f"/moderering/{comment}").status_code == 409


def test_the_reason_stands_again_after_an_undo(desk, client, post, comment, state):
    """A restored comment that is hidden again by undo still tells its writer why."""
    answer = post(text="Om skälet.").json
    for action in ("godkann", "dolj", "aterstall"):
        desk.decide(answer["id"], action, reason="regel-1", note="Hån.")
    desk.submit(f"/moderering/{answer['id']}/angra", f"/moderering/{answer['id']}")
    page = client.get(answer["status_url"]).text
    assert "Hån." in page


# In place, for the script


def test_a_script_is_told_in_json(desk, comment):
    """What happened, where to take it back, and for how long."""
    token = first(r'csrf_token" value="([^"]+)', desk.get().text)
    accept = {"Accept": "application/json"}
    answer = desk.client.post(f"/moderering/{comment}/godkann", data={"csrf_token": token}, headers=accept)
    assert answer.json["undo"] == f"/moderering/{comment}/angra"
    assert (answer.json["state"], answer.json["seconds"]) == ("published", 10)
    again = desk.client.post(f"/moderering/{comment}/godkann", data={"csrf_token": token}, headers=accept)
    assert again.status_code == 409
    assert desk.email in again.json["error"]
    bare = desk.client.post(f"/moderering/{comment}/dolj", data={"csrf_token": token}, headers=accept)
    assert bare.status_code == 400


def test_more_cards_follow_the_last(desk, post):
    """The same cards as on the page, without the page."""
    ids = [post().json["id"] for _ in range(3)]
    answer = desk.get(f"/moderering/fler?visa=vantar&efter={ids[0]}")
    assert re.findall(r'data-case="(\d+)"', answer.text) == [str(id) for id in ids[1:]]
    assert answer.headers["X-Waiting"] == "3"
    assert "<html" not in answer.text


# Several at once


def several(desk, ids, action, **fields):
    page = desk.get().text
    marks = [first(rf'value="({id}:\w+)"', page) for id in ids]
    return desk.submit("/moderering/flera", "/moderering/", pick=marks, action=action, **fields)


def test_several_are_decided_about(desk, post, state):
    """Each with its own row and reason."""
    ids = [post().json["id"] for _ in range(3)]
    several(desk, ids[:2], "avboj", reason="regel-1")
    assert [state(id) for id in ids] == ["declined", "declined", "pending"]


def test_several_need_a_reason_as_one_does(desk, post, state):
    """No reason, no decision."""
    ids = [post().json["id"] for _ in range(2)]
    several(desk, ids, "avboj")
    assert [state(id) for id in ids] == ["pending", "pending"]
    assert "Välj ett skäl" in desk.get().text


def test_of_several_those_overtaken_are_named(desk, other, post, state):
    """And the others are decided about."""
    ids = [post().json["id"] for _ in range(2)]
    page = desk.get().text
    marks = [first(rf'value="({id}:\w+)"', page) for id in ids]
    other.decide(ids[0], "avboj", reason="regel-1")
    desk.submit("/moderering/flera", "/moderering/", pick=marks, action="godkann")
    assert [state(id) for id in ids] == ["declined", "published"]
    assert other.email in desk.get().text


@pytest.mark.parametrize("fields", [{}, {"action": "radera", "pick": "1:x"}, {"action": "godkann", "pick": "x"}])
def test_nonsense_decides_nothing(desk, comment, state, fields):
    """Nothing ticked, an unknown action, no number."""
    assert desk.submit("/moderering/flera", "/moderering/", **fields).status_code == 302
    assert state(comment) == "pending"


# Masking


def mask(desk, id, details, **fields):
    return desk.submit(f"/moderering/{id}/maskera", f"/moderering/{id}", details=details, **fields)


def test_a_masked_detail_is_on_no_page(desk, client, comment, published, parts):
    """Not in the published file, the reply form or Isso's answers; the original is in the ledger."""
    assert mask(desk, comment, "Anna Ek\nGatan 7").status_code == 302
    desk.decide(comment, "godkann")
    shown = published()["comments"][0]
    assert shown["html"].startswith("<p>[personuppgift borttagen] på [personuppgift borttagen] vet.")
    assert shown["masked"] is True
    places = [client.get(f"/kommentarer/svara/{comment}").text, client.get(f"/isso/?uri={LETTER}").text]
    assert all("personuppgift borttagen" in page and "Anna" not in page for page in places)
    assert ledger.history(parts.storage, comment)[0]["text"].startswith("Anna Ek")
    assert ledger.verify(parts.storage, parts.render).fault is None


def test_what_was_masked_is_shown_again(desk, comment, published):
    """By another decision, or by undo."""
    desk.decide(comment, "godkann")
    mask(desk, comment, "Anna Ek")
    desk.submit(f"/moderering/{comment}/avmaskera", f"/moderering/{comment}")
    assert "Anna Ek" in published()["comments"][0]["html"]
    mask(desk, comment, "Anna Ek")
    desk.submit(f"/moderering/{comment}/angra", f"/moderering/{comment}")
    assert "Anna Ek" in published()["comments"][0]["html"]


@pytest.mark.parametrize("details", ["", "  \n ", "Finns inte", "anna ek", "\n".join("aeiouyåäö" * 3)])
def test_what_does_not_stand_there_is_not_masked(desk, comment, details, parts):
    """Told beside the field, with what was filled in; nothing is changed."""
    answer = mask(desk, comment, details)
    assert answer.status_code == 400
    assert parts.moderation.case(comment)["masked"] is None
    assert told(parts, comment)[-1] == "received"


def test_a_text_masked_meanwhile_is_not_approved_unseen(desk, other, comment):
    """The second moderator has another text on the screen than the one that would be published."""
    page = desk.get(f"/moderering/{comment}").text
    seen = first(r'name="seen" value="(\w+)"', page)
    mask(other, comment, "Anna Ek")
    assert desk.decide(comment, "godkann", seen=seen).status_code == 409


def test_a_changed_mask_is_found_by_verify(desk, comment, parts):
    """Nobody uncovers a detail in the database unnoticed."""
    desk.decide(comment, "godkann")
    mask(desk, comment, "Anna Ek")
    parts.storage.execute(comments.update().values(masked=None, html=None, renderer=None))
    assert f"comment {comment}" in (ledger.verify(parts.storage, parts.render).fault or "")


# Lists and search


def test_questions_wait_until_they_are_answered(desk, post):
    """A published question without official answer; an answer or "needs none" takes it off."""
    ids = [post(text=f"Varför då, nummer {n}?").json["id"] for n in range(2)]
    for id in ids:
        desk.decide(id, "godkann")
    listed = lambda: re.findall(r'data-case="(\d+)"', desk.get("/moderering/?visa=fragor").text)  # noqa: E731
    assert listed() == [str(id) for id in ids]
    desk.decide(ids[0], "svara", voice=DIRECTOR, text="Därför.")
    desk.submit(f"/moderering/{ids[1]}/inget-svar", "/moderering/?visa=fragor", tab="fragor")
    assert listed() == []


@pytest.mark.parametrize("words", ["gatan", "ANNA ek", "gata", '"Gatan', "ring 070", "-ek*", "ek AND gatan"])
def test_words_find_a_comment(desk, comment, words):
    """In any case, as beginnings, all of them; signs of a query language mean nothing."""
    found = desk.client.get("/moderering/sok", query_string={"q": words})
    wanted = [] if " AND " in words else [str(comment)]
    assert re.findall(r'data-case="(\d+)"', found.text) == wanted


def test_what_was_edited_or_disposed_of_is_not_found_by_old_words(desk, comment, parts):
    """The index follows the ledger, and forgets at once what is wiped."""
    find = lambda: re.findall(r'data-case="(\d+)"', desk.get("/moderering/sok?q=gatan").text)  # noqa: E731
    assert find() == [str(comment)]
    desk.decide(comment, "avboj", reason="regel-1")
    parts.moderation.decide(comment, "disposed", desk.email, "gallring-1")
    assert find() == []


def test_the_index_of_words_is_made_anew(desk, comment, parts):
    """From the ledger alone, in steps."""
    from comments.storage import positions

    assert parts.moderation.search.catch_up()
    parts.storage.execute(positions.update().values(row=0))
    assert parts.moderation.search.catch_up()
    assert parts.moderation.search.find("gatan", None, 5) == [comment]
    last = parts.storage.execute(positions.select().where(positions.c.name == "search")).one().row
    assert last == len(parts.storage.rows(rows.select()))


def test_a_writer_s_earlier_comments_stand_beside_a_case(desk, post):
    """With what became of them, by address; nobody else's."""
    first = post(email="boende@lindhamn.example", text="Den första.").json["id"]
    desk.decide(first, "avboj", reason="regel-1")
    post(email="annan@lindhamn.example", text="En annans.")
    second = post(email="Boende@lindhamn.example", text="Den andra.").json["id"]
    page = desk.get(f"/moderering/{second}").text
    assert "Den första." in page
    assert "avböjda 1" in re.sub(r"<[^>]+>", "", page)
    assert "En annans." not in page


# Answers by several hands


@pytest.fixture
def published_comment(desk, comment):
    """A published comment's number."""
    desk.decide(comment, "godkann")
    return comment


def answer(desk, id, action, text="Ett **svar**."):
    return desk.submit(f"/moderering/{id}/svara", f"/moderering/{id}", voice=DIRECTOR, text=text, action=action)


def draft_on(page: str) -> tuple[str, str]:
    """The first draft on a case's page: the address that publishes it, and the mark of what was read."""
    form = page.split('class="badge">')[1]
    return first(r'"(/moderering/utkast/\d+/)', form) + "publicera", first(r'name="seen" value="(\w+)"', form)


def test_a_preview_publishes_nothing(desk, published_comment, published):
    """It shows the answer as it would be."""
    page = answer(desk, published_comment, "forhandsvisa")
    assert "<strong>svar</strong>" in page.text
    assert published()["count"] == 1


def test_a_draft_is_kept_for_all_and_published_once(desk, other, published_comment, published):
    """Another moderator sees it, publishes it, and it is no draft any more."""
    answer(desk, published_comment, "spara")
    draft, seen = draft_on(other.get(f"/moderering/{published_comment}").text)
    other.submit(draft, f"/moderering/{published_comment}", seen=seen)
    assert published()["comments"][0]["replies"][0]["official"] == "Lindhamns stad"
    assert "/moderering/utkast/" not in other.get(f"/moderering/{published_comment}").text
    again = other.submit(draft, f"/moderering/{published_comment}", seen=seen)
    assert again.headers["Location"] == "/moderering/"


def test_a_second_pair_of_eyes_is_asked_for(folder, make_app):
    """Where site.toml says so, nobody publishes an answer of their own, by whichever way."""
    site = folder / "site.toml"
    site.write_text(
        site.read_text(encoding="utf-8").replace("second_pair_of_eyes = false", "second_pair_of_eyes = true"),
        encoding="utf-8",
    )
    if "second_pair_of_eyes" not in site.read_text(encoding="utf-8"):
        site.write_text(site.read_text(encoding="utf-8") + SECOND, encoding="utf-8")
    app = make_app()
    desk, other = Desk(app, "moderator@lindhamn.example"), Desk(app, "andra@lindhamn.example")
    id = (
        app.test_client()
        .post(
            "/kommentarer/ny",
            data={"uri": LETTER, "author": "A", "text": "Hej!"},
            headers={"Accept": "application/json"},
        )
        .json["id"]
    )
    desk.decide(id, "godkann")
    assert answer(desk, id, "publicera").status_code == 400
    answer(desk, id, "foresla")
    draft, seen = draft_on(desk.get(f"/moderering/{id}").text)
    assert desk.submit(draft, f"/moderering/{id}", seen=seen).status_code == 400
    other.submit(draft, f"/moderering/{id}", seen=seen)
    moderation = app.extensions["ordetfritt"].moderation
    reply = moderation.case(id + 1)
    assert (reply["parent"], reply["official"]) == (id, "Lindhamns stad")
    history = ledger.history(app.extensions["ordetfritt"].storage, id + 1)
    assert (history[0]["who"], history[0]["note"]) == (other.email, desk.email)


@pytest.mark.parametrize("text", ["", "ja", "x" * 10_001, "noll\x00"])
def test_a_draft_must_say_something(desk, published_comment, text):
    """As an answer must."""
    for action in ("spara", "forhandsvisa", "foresla"):
        assert answer(desk, published_comment, action, text).status_code == 400


# What two reviewers found


def test_what_was_decided_about_several_is_undone(desk, post, state):
    """All of it at once."""
    ids = [post().json["id"] for _ in range(3)]
    several(desk, ids, "godkann")
    page = desk.get().text
    assert page.count('name="pick" value="') >= 3
    desk.submit("/moderering/flera/angra", "/moderering/", pick=[str(id) for id in ids])
    assert [state(id) for id in ids] == ["pending"] * 3


def test_a_draft_is_published_as_it_was_read(desk, other, published_comment, published):
    """What its writer changes afterwards has to be read again by the second pair of eyes."""
    answer(desk, published_comment, "foresla", "Det första förslaget.")
    draft, seen = draft_on(other.get(f"/moderering/{published_comment}").text)
    answer(desk, published_comment, "foresla", "Det andra förslaget.")
    other.submit(draft, f"/moderering/{published_comment}", seen=seen)
    assert published()["count"] == 1
    page = other.get(f"/moderering/{published_comment}").text
    assert "Det andra förslaget." in page


def test_an_answer_is_published_once(desk, post, parts):
    """Whoever presses twice answers once."""
    id = post().json["id"]
    desk.decide(id, "godkann")
    for _ in range(2):
        assert answer(desk, id, "publicera", "Vi svarar en gång.").status_code == 302
    assert [row["text"] for row in parts.storage.rows(comments.select())].count("Vi svarar en gång.") == 1


def test_a_question_that_needs_no_answer_is_noted(desk, post, parts):
    """Who took it off the list stands in the ledger."""
    id = post(text="Varför?").json["id"]
    desk.decide(id, "godkann")
    desk.submit(f"/moderering/{id}/inget-svar", "/moderering/?visa=fragor", tab="fragor")
    assert told(parts, id)[-1] == "needs-no-answer"
    assert ledger.verify(parts.storage).fault is None


def test_long_comments_make_short_pages(desk, post):
    """Whatever is written, the page that a moderator loads is light; the others follow."""
    ids = [post(text=f"{n} " + "Ett långt inlägg. " * 270).json["id"] for n in range(8)]
    shown, path = [], "/moderering/"
    while path:
        page = desk.get(path).text
        assert len(page.encode()) < 33_000
        shown += re.findall(r'data-case="(\d+)"', page)
        more = re.search(r'href="(/moderering/\?visa=vantar&amp;efter=\d+)"', page)
        path = more[1].replace("&amp;", "&") if more else ""
    assert shown == [str(id) for id in ids]


def test_a_page_that_asks_by_itself_keeps_no_session_awake(desk, parts):
    """The queue looks for new comments as long as it is open."""
    parts.storage.execute(sessions.update().values(seen=sessions.c.seen - 3600))
    before = parts.storage.row(sessions.select())["seen"]
    desk.get("/moderering/fler?visa=vantar")
    assert parts.storage.row(sessions.select())["seen"] == before
    desk.get()
    assert parts.storage.row(sessions.select())["seen"] > before

"""Whatever people do in whatever order, each comment is where the rules put it, and is read there alone."""

import re
from dataclasses import dataclass, field
from itertools import count

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from comments import ledger
from comments.moderation import Moderation, Refused
from comments.publish import Publisher
from comments.storage import comments, editions
from comments.storage import ledger as log
from tests.service.conftest import LETTER, OTHER
from tests.service.visitor import Visitor

BY = "moderator@lindhamn.example"

# DESIGN.md, "A comment's life": written out here once more, so that the service's own table is checked.
ARROWS = {
    ("pending", "approved"): "published",
    ("pending", "declined"): "declined",
    ("published", "hidden"): "hidden",
    ("hidden", "restored"): "published",
    ("published", "disposed"): "disposed",
    ("declined", "disposed"): "disposed",
    ("hidden", "disposed"): "disposed",
}
EDITABLE = {"pending", "published"}
REASONS = {"declined": "regel-1", "hidden": "hot", "disposed": "gallring-1"}
BLANKS = {"pending": "held", "declined": "hidden", "hidden": "hidden", "disposed": "disposed"}

WORD = re.compile(r"ord-\d{4}")


@dataclass
class Expected:
    """What a comment must be: `word` stands in its text and its writer's name; each edit has another."""

    id: int
    uri: str
    word: str
    state: str = "pending"
    answers: "Expected | None" = None
    status_url: str | None = None
    cookie: str | None = None
    form: dict[str, str] = field(default_factory=dict)
    edits: int = 0

    @property
    def text(self) -> str:
        return "" if self.state == "disposed" else f"Jag säger {self.word}."

    @property
    def top(self) -> "Expected | None":
        return self.answers and (self.answers.top or self.answers)


class Life(RuleBasedStateMachine):
    """Residents, moderators and restarts, on a fresh database."""

    ids = Bundle("ids")

    def __init__(self, open_app, scratch):
        super().__init__()
        self.open_app = open_app
        self.scratch = scratch
        self.app = self._opened()
        self.expected: dict[int, Expected] = {}
        self.actions = 0
        self.numbers = count(1)
        self.touched: set[int] = set()

    @property
    def parts(self):
        return self.app.extensions["ordetfritt"]

    def teardown(self):
        try:
            self.touched = set(self.expected)
            self.pages_show_what_they_may()
            self.verify()
        finally:
            self.parts.close()

    # What people do

    @initialize(target=ids, again=st.booleans())
    def begin(self, again):
        """Three published, each under the one before it and one edited; one that waits, one declined, one hidden."""
        first = self.post_by_form(LETTER)
        self.decide(first, "approved")
        second = self.answer_by_api(first)
        self.decide(second, "approved")
        third = self.answer_by_form(second)
        self.decide(third, "approved")
        self.edit(second)
        if again:
            self.decide(second, "approved")
        declined = self.post_by_form(OTHER)
        self.decide(declined, "declined")
        hidden = self.post_by_api(OTHER)
        self.decide(hidden, "approved")
        self.decide(hidden, "hidden")
        return multiple(first, second, third, declined, hidden, self.post_by_api(LETTER))

    @rule(target=ids, uri=st.sampled_from([LETTER, OTHER]))
    def post_by_form(self, uri):
        return self._by_form(uri)

    @rule(target=ids, uri=st.sampled_from([LETTER, OTHER]))
    def post_by_api(self, uri):
        return self._by_api(uri)

    @rule(target=ids, to=ids)
    def answer_by_form(self, to):
        return self._by_form(self.expected[to].uri, self.expected[to])

    @rule(target=ids, to=ids)
    def answer_by_api(self, to):
        return self._by_api(self.expected[to].uri, self.expected[to])

    @rule(id=ids)
    def send_the_form_again(self, id):
        """The same receipt, for as long as nothing was decided."""
        own = self.expected[id]
        if own.form and own.state == "pending":
            answer = self._send(own.form)
            assert (answer.status_code, answer.json["id"]) == (202, id)
            assert answer.json["status_url"] == own.status_url

    @rule(id=ids)
    def edit(self, id):
        own = self.expected[id]
        word = self._word()
        writer = self._holding(own)
        answer = writer.call("PUT", f"/id/{id}", json=_said(word))
        if own.cookie is None or own.state not in EDITABLE:
            assert answer.status_code == 403
            return
        assert answer.status_code == 200
        own.state, own.word, own.edits = "pending", word, own.edits + 1
        own.cookie = _cookie(writer, id)  # Isso's cookie fits one text: each edit gives the next
        self._acted(own)

    @rule(id=ids, other=ids)
    def try_with_the_cookie_of_another(self, id, other):
        holder = self.expected[other]
        stranger = Visitor(self.app)
        if id != other and holder.cookie:
            stranger.client.set_cookie(str(id), holder.cookie)
        seen = stranger.call("GET", f"/id/{id}")
        assert (seen.status_code, _words(seen.text)) == (403, set())
        assert stranger.call("PUT", f"/id/{id}", json=_said(self._word())).status_code == 403
        assert stranger.call("DELETE", f"/id/{id}").status_code == 405

    @rule(id=ids, way=st.sampled_from(["like", "dislike"]))
    def vote(self, id, way):
        answer = Visitor(self.app).call("POST", f"/id/{id}/{way}", self._address(), json={})
        assert answer.status_code == (200 if self.expected[id].state == "published" else 404)

    @rule(id=ids)
    def approve(self, id):
        self.decide(id, "approved")

    @rule(id=ids)
    def decline(self, id):
        self.decide(id, "declined")

    @rule(id=ids)
    def hide(self, id):
        self.decide(id, "hidden")

    @rule(id=ids)
    def restore(self, id):
        self.decide(id, "restored")

    @rule(id=ids)
    def dispose(self, id):
        self.decide(id, "disposed")

    @rule(id=ids, pick=st.integers(0, 1))
    def decide_as_one_may(self, id, pick):
        may = [what for state, what in ARROWS if state == self.expected[id].state]
        if may:
            self.decide(id, may[pick % len(may)])

    @rule(id=ids)
    def decide_as_one_may_not(self, id):
        for what in sorted({what for _, what in ARROWS}):
            if (self.expected[id].state, what) not in ARROWS:
                self.decide(id, what)

    @rule(id=ids, what=st.sampled_from(sorted(REASONS)), reason=st.sampled_from([None, "", "finns-inte"]))
    def decide_without_a_reason(self, id, what, reason):
        with pytest.raises(Refused):
            self.parts.moderation.decide(id, what, BY, reason)

    @rule(id=ids)
    def decide_about_what_was_not_read(self, id):
        """The edition from before the last edit was opened, and then "approve" pressed."""
        if self.expected[id].edits:
            with pytest.raises(Refused):
                self.parts.moderation.decide(id, "approved", BY, seen="")

    @rule(target=ids, id=ids)
    def reply(self, id):
        own, word = self.expected[id], self._word()
        said = (f"Jag säger {word}.", BY, f"Namn {word}", "Lindhamns stad")
        if own.state != "published":
            with pytest.raises(Refused):
                self.parts.moderation.reply(id, *said)
            return multiple()
        new = self.parts.moderation.reply(id, *said)["id"]
        return self._came(Expected(new, own.uri, word, "published", own))

    # What operators do, and what happens to them

    @rule()
    def publish_all(self):
        self.parts.publisher.publish_all()

    @rule()
    def restart(self):
        self.parts.close()
        self.app = self._opened()

    @rule(id=ids, what=st.sampled_from(["approved", "declined", "hidden", "restored", "disposed"]))
    def decide_and_die(self, id, what):
        """A decision is committed, and before the readers' file is written the process is no more."""
        elsewhere = Publisher(self.parts.storage, self.scratch / f"{next(self.numbers)}", self.parts.render)
        self.decide(id, what, Moderation(self.parts.storage, elsewhere, self.parts.settings.facts, self.parts.words))
        self.restart()

    @rule()
    def verify(self):
        verdict = ledger.verify(self.parts.storage)
        assert (verdict.fault, verdict.rows) == (None, self.actions)

    # What must be so after each of it

    @invariant()
    def each_comment_is_there_once_and_as_expected(self):
        rows = self.parts.storage.rows(sa.select(comments).order_by(comments.c.id))
        found = [(row["id"], row["state"], row["text"], row["parent"], row["root"]) for row in rows]
        wanted = self.expected.values()
        assert found == [(each.id, each.state, each.text, _id(each.answers), _id(each.top)) for each in wanted]
        assert self.parts.storage.execute(sa.select(sa.func.count()).select_from(log)).scalar() == self.actions

    @invariant()
    def what_is_disposed_of_is_wiped(self):
        gone = [each.id for each in self.expected.values() if each.state == "disposed"]
        assert self.parts.storage.rows(sa.select(editions).where(editions.c.comment.in_(gone))) == []

    @invariant()
    def published_files_hold_what_is_published(self):
        files = [path.read_text("utf-8") for path in self.parts.settings.published.rglob("*") if path.is_file()]
        assert _words("\n".join(files)) == self._public_words()
        assert "epost" not in "\n".join(files)
        for uri in (LETTER, OTHER):
            self._check_file(uri)

    @invariant()
    def isso_s_api_shows_what_is_published(self):
        for uri in (LETTER, OTHER):
            thread = Visitor(self.app).call("GET", "/", query_string={"uri": uri})
            assert _words(thread.text) == self._public_words(uri)
            shown = [(top["id"], [each["id"] for each in top["replies"]]) for top in thread.json["replies"]]
            assert shown == [(top.id, [each.id for each in below]) for top, below in self._places(uri)]

    @invariant()
    def pages_show_what_they_may(self):
        """Of the comments that were touched last: reply form, Isso's view for a stranger and for its writer, status."""
        for own in [self.expected[id] for id in sorted(self.touched)]:
            form = self.app.test_client().get(f"/kommentarer/svara/{own.id}")
            shown = (200, {own.word}) if own.state == "published" else (404, set())
            assert (form.status_code, _words(form.text)) == shown
            assert Visitor(self.app).call("GET", f"/id/{own.id}").status_code == 403
            readable = set() if own.state == "disposed" else {own.word}
            if own.cookie:
                view = self._holding(own).call("GET", f"/id/{own.id}")
                assert _words(view.text) == (set() if own.state == "hidden" else readable)
            if own.status_url:
                below = {
                    each.word for each in self.expected.values() if each.answers is own and each.state == "published"
                }
                assert _words(self.app.test_client().get(own.status_url).text) - below == readable
        self.touched.clear()

    # How it is done

    def _opened(self):
        app = self.open_app()
        app.extensions["ordetfritt"].publisher.catch_up()  # as the started service does at once
        return app

    def decide(self, id, what, moderation=None):
        """Take a decision; a wrong one must be refused."""
        own, moderation = self.expected[id], moderation or self.parts.moderation
        after = ARROWS.get((own.state, what))
        if after is None:
            with pytest.raises(Refused):
                moderation.decide(id, what, BY, REASONS.get(what))
            return
        moderation.decide(id, what, BY, REASONS.get(what))
        own.state = after
        self._acted(own)

    def _by_form(self, uri, to=None):
        word = self._word()
        fields = _said(word) | {"uri": uri, "parent": str(to.id) if to else "", "email": f"epost-{word}@example.com"}
        answer = self._send(fields)
        if to and to.state != "published":
            assert answer.status_code == 400
            return multiple()
        assert answer.status_code == 202
        link = answer.json["status_url"]
        return self._came(Expected(answer.json["id"], uri, word, answers=to, status_url=link, form=fields))

    def _by_api(self, uri, to=None):
        word, visitor = self._word(), Visitor(self.app)
        fields = _said(word) | {"email": f"epost-{word}@example.com", "parent": to.id if to else None}
        answer = visitor.new(uri, address=self._address(), **fields)
        if to and to.state != "published":
            assert answer.status_code == 400
            return multiple()
        assert answer.status_code == 202
        id = answer.json["id"]
        return self._came(Expected(id, uri, word, answers=to, cookie=_cookie(visitor, id)))

    def _send(self, fields):
        return self.app.test_client().post("/kommentarer/ny", data=fields, headers={"Accept": "application/json"})

    def _holding(self, own):
        """The browser of a comment's writer."""
        visitor = Visitor(self.app)
        if own.cookie:
            visitor.client.set_cookie(str(own.id), own.cookie)
        return visitor

    def _word(self):
        return f"ord-{next(self.numbers):04}"

    def _address(self):
        return f"198.51.100.{next(self.numbers) % 255}"

    def _came(self, new):
        assert new.id not in self.expected, "no number is given twice"
        self.expected[new.id] = new
        self._acted(new)
        return new.id

    def _acted(self, own):
        self.actions += 1
        self.touched |= {own.id, _id(own.answers) or own.id}

    def _public_words(self, uri=None):
        return {each.word for each in self.expected.values() if each.state == "published" and uri in (None, each.uri)}

    def _places(self, uri):
        """What is shown of a letter, flat below each top: what is published, and what that stands under."""
        published = [each for each in self.expected.values() if each.state == "published"]
        above = [place for each in published for place in (each, each.answers, each.top) if place]
        ids = {each.id for each in above if each.uri == uri}
        shown = [each for each in self.expected.values() if each.id in ids]
        return [(top, [each for each in shown if each.top is top]) for top in shown if top.top is None]

    def _check_file(self, uri):
        path = self.parts.settings.published / f"{uri.strip('/').replace('/', '_')}.json"
        places = self._places(uri)
        if not path.exists():
            assert places == []
            return
        answer = self.app.test_client().get(f"/kommentarer/published/{path.name}", buffered=True).json
        shown = [(_shown(top), [_shown(each) for each in top["replies"]]) for top in answer["comments"]]
        assert shown == [(_place(top), [_place(each) for each in below]) for top, below in places]
        assert answer["count"] == len(self._public_words(uri))


def _said(word):
    return {"author": f"Namn {word}", "text": f"Jag säger {word}."}


def _cookie(visitor, id):
    cookie = visitor.client.get_cookie(str(id))
    assert cookie, "the writer must be given an edit cookie"
    return cookie.value


def _words(text):
    return set(WORD.findall(text))


def _id(expected):
    return expected.id if expected else None


def _shown(public):
    return public["id"], public["state"], _words(public["html"]), _words(public["author"] or "")


def _place(expected):
    if expected.state == "published":
        return expected.id, "published", {expected.word}, {expected.word}
    return expected.id, BLANKS[expected.state], set(), set()


@pytest.fixture
def new_life(database, folder, make_app, new_sqlite, new_postgresql):
    """Make the machine of one example, on an empty database of the kind that this test runs on."""
    numbers = count()

    def new():
        data = folder / f"var-{next(numbers)}"
        if database.startswith("sqlite"):
            new_sqlite(data / "comments.db")
        url = "" if database.startswith("sqlite") else new_postgresql()
        return Life(lambda: make_app(DATA=str(data), DATABASE_URL=url, RATE_LIMIT="off"), data / "elsewhere")

    return new


def test_a_comment_s_life_keeps_to_its_rules(new_life):
    """No order of events loses or doubles a comment, moves it where no rule leads, or shows it to the wrong reader."""
    run_state_machine_as_test(
        new_life,
        settings=settings(
            max_examples=12,
            phases=[Phase.generate],  # to find the shortest example of a failure takes minutes
            stateful_step_count=25,
            deadline=None,
            print_blob=True,  # by which a failure is played again
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_a_blank_place_says_why_after_a_crash(new_life):
    """A comment that was hidden and then disposed of, with the process dying before the page was told."""
    life = new_life()
    first = life.post_by_form(LETTER)
    life.decide(first, "approved")
    life.decide(life.answer_by_api(first), "approved")
    life.decide(first, "hidden")
    life.decide_and_die(first, "disposed")
    life.published_files_hold_what_is_published()
    life.teardown()

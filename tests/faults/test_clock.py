"""The machine's clock is set back an hour: order, chain, files, pace and edit window hold."""

import time

import pytest
import sqlalchemy as sa

from comments import ledger
from comments.reception import PER_MINUTE
from comments.storage import comments
from tests.service.visitor import Visitor

MODERATOR = "moderator@lindhamn.example"
HOUR = 3600


@pytest.fixture
def set_back(monkeypatch):
    """Set the clock back by an hour."""
    real = time.time
    return lambda: monkeypatch.setattr(time, "time", lambda: real() - HOUR)


def test_order_and_chain_hold_when_the_clock_is_set_back(post, parts, published, set_back):
    """Queue, conversation and ledger follow the order of arrival, not what the clock said."""
    first = post(text="Före").json["id"]
    set_back()
    second = post(text="Efter").json["id"]
    assert [row["id"] for row in parts.moderation.cases("pending")] == [first, second]
    for id in (second, first):
        parts.moderation.decide(id, "approved", MODERATOR)
    assert [comment["id"] for comment in published()["comments"]] == [first, second]
    verdict = ledger.verify(parts.storage)
    assert (verdict.fault, verdict.rows) == (None, 4)


def test_a_decision_after_the_clock_is_set_back_reaches_the_page(post, parts, published, set_back):
    """Files follow the ledger's numbers: what is hidden is gone, and stays gone when all is written anew."""
    id = post().json["id"]
    parts.moderation.decide(id, "approved", MODERATOR)
    set_back()
    parts.moderation.decide(id, "hidden", MODERATOR, "regel-1")
    assert published()["count"] == 0
    parts.publisher.publish_all()
    assert published()["count"] == 0


def test_the_pace_limit_begins_anew_and_locks_nobody_out(post, set_back):
    """Who had reached it may write on, and reaches it again: no hour without a voice, no hour without a limit."""
    statuses = [post(text=f"Före, nummer {number}").status_code for number in range(PER_MINUTE + 1)]
    set_back()
    statuses += [post(text=f"Efter, nummer {number}").status_code for number in range(PER_MINUTE + 1)]
    assert statuses == ([202] * PER_MINUTE + [429]) * 2


def test_the_same_words_are_one_comment_when_the_clock_is_set_back_between(post, parts, set_back):
    """Who sends again gets the same receipt."""
    before = post(text="Samma ord").json
    set_back()
    assert post(text="Samma ord").json == before
    assert len(parts.storage.rows(sa.select(comments))) == 1


def test_the_edit_window_is_not_made_longer(app, set_back):
    """An edit cookie from later than now opens nothing; a comment written now can be changed as ever."""
    before, after = Visitor(app), Visitor(app)
    old = before.new().json["id"]
    set_back()
    new = after.new().json["id"]
    assert before.call("PUT", f"/id/{old}", json={"text": "Ändrad text"}).status_code == 403
    assert after.call("PUT", f"/id/{new}", json={"text": "Ändrad text"}).status_code == 200

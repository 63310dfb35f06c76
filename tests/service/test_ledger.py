"""The ledger: the database refuses to change it, and whoever makes it do so is found out."""

import json
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from comments import ledger, moderation
from comments.cli import main
from comments.ledger import AUTHOR
from comments.moderation import Refused
from comments.storage import comments, threads
from comments.storage import ledger as rows
from tests.service.visitor import Visitor

WHO = "moderator@lindhamn.example"


@pytest.fixture
def told(parts, post):
    """Four comments with nine rows about them: two published, one hidden, one declined, and an official reply."""
    for number in range(1, 5):
        assert post(text=f"Kommentar {number}").status_code == 202
    decide = parts.moderation.decide
    decide(1, "approved", WHO)
    decide(2, "approved", WHO)
    decide(2, "hidden", WHO, "hot", "Ett hot.")
    decide(3, "declined", WHO, "regel-1")
    parts.moderation.reply(1, "Tack!", WHO, "Kommunikatören", "Lindhamns stad")
    return parts.storage


@pytest.fixture
def tamper(told):
    """Change the tables as someone does who owns the database: without its triggers."""

    def run(*statements):
        with told.transaction() as connection:
            if told.engine.dialect.name == "sqlite":
                find = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
                for name in connection.exec_driver_sql(find).scalars().all():
                    connection.exec_driver_sql(f"DROP TRIGGER {name}")
            else:
                for table in ("ledger", "comments", "editions"):
                    connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            for statement in statements:
                connection.exec_driver_sql(statement)
        return ledger.verify(told).fault

    return run


NEEDED = "tid, state, created, text, sender"
REFUSED = {
    "both": [
        "UPDATE ledger SET note = 'x'",
        "UPDATE ledger SET id = 99 WHERE id = 9",
        "DELETE FROM ledger",
        "DELETE FROM comments",
        "UPDATE editions SET text = 'x'",
        "DELETE FROM editions",
    ],
    "sqlite": [
        "INSERT OR REPLACE INTO ledger SELECT * FROM ledger WHERE id = 1",
        "INSERT OR REPLACE INTO comments SELECT * FROM comments WHERE id = 1",
        "INSERT OR REPLACE INTO editions SELECT * FROM editions WHERE id = 1",
        "UPDATE OR REPLACE ledger SET id = 1 WHERE id = 2",
        "UPDATE OR REPLACE comments SET id = 1 WHERE id = 2",
        "UPDATE OR REPLACE comments SET rowid = 1 WHERE id = 2",
        "UPDATE OR REPLACE comments SET token = (SELECT token FROM comments WHERE id = 1) WHERE id = 2",
        "UPDATE OR REPLACE comments SET source = 'isso 1' WHERE id = 2",
        f"INSERT OR REPLACE INTO comments ({NEEDED}, token) SELECT {NEEDED}, token FROM comments WHERE id = 1",
        f"INSERT OR REPLACE INTO comments ({NEEDED}, source) SELECT {NEEDED}, 'isso 1' FROM comments WHERE id = 1",
    ],
    "postgresql": ["TRUNCATE ledger", "TRUNCATE comments CASCADE", "TRUNCATE editions"],
}


def test_the_database_refuses_to_change_what_is_told(told):
    """No statement of a program, or of a hand that slipped, reaches what happened."""
    told.execute(comments.update().where(comments.c.id == 1).values(source="isso 1"))
    for statement in REFUSED["both"] + REFUSED[told.engine.dialect.name]:
        with pytest.raises(DBAPIError, match="kept as they are"), told.transaction() as connection:
            connection.exec_driver_sql(statement)
    assert ledger.verify(told).rows == 9


def test_an_untouched_ledger_is_whole(told):
    """Nothing is found where nothing was done."""
    verdict = ledger.verify(told)
    assert (verdict.rows, verdict.fault) == (9, None)


CHANGES = {
    "comment": "4",
    "at": "1.5",
    "who": "'annan@lindhamn.example'",
    "what": "'approved'",
    "reason": "'hets'",
    "note": "'En annan not.'",
    "before": "'hidden'",
    "after": "'published'",
    "edition": "1",
    "digest": "'x'",
    "hash": "'x'",
}


def test_each_column_of_a_row_is_covered():
    """A column that is added later must be covered too, or told here why it is not."""
    assert set(CHANGES) | {"id"} == set(ledger.COVERED) | {"hash"} == set(rows.c.keys())


@pytest.mark.parametrize("column", CHANGES)
def test_a_changed_field_is_found(tamper, column):
    """Row 7 says that comment 2 was hidden; whatever is changed in it, it is named."""
    assert tamper(f"UPDATE ledger SET {column} = {CHANGES[column]} WHERE id = 7").startswith("ledger row 7,")


def test_a_row_taken_out_is_found(tamper):
    """In the middle."""
    assert tamper("DELETE FROM ledger WHERE id = 6") == "ledger row 6 is not there"


def test_a_row_taken_out_is_found_though_the_others_move_up(tamper):
    """The numbers are right again, the chain is not."""
    move = [f"UPDATE ledger SET id = {number - 1} WHERE id = {number}" for number in range(7, 10)]
    assert tamper("DELETE FROM ledger WHERE id = 6", *move).startswith("ledger row 6,")


def test_swapped_rows_are_found(tamper):
    """Who was first is part of what happened."""
    swap = [f"UPDATE ledger SET id = {new} WHERE id = {old}" for old, new in ((5, 99), (6, 5), (99, 6))]
    assert tamper(*swap).startswith("ledger row 5,")


def test_a_row_put_in_is_found(tamper, told):
    """Also at the end, where only the one with the right hash fits."""
    columns = ", ".join(f'"{name}"' for name in (column.name for column in rows.c if column.name != "id"))
    assert tamper(f"INSERT INTO ledger (id, {columns}) SELECT 10, {columns} FROM ledger WHERE id = 7").startswith(
        "ledger row 10,"
    )


@pytest.mark.parametrize("name", ["text", "author", "email", "website", "official"])
def test_a_comment_that_says_something_else_is_found(tamper, name):
    """Whatever a comment says was said by its writer, in an edition."""
    assert tamper(f"UPDATE comments SET {name} = 'annat' WHERE id = 2").startswith("comment 2 does not say")


def test_a_state_that_nobody_decided_is_found(tamper):
    """A hidden comment that somebody published by hand."""
    fault = tamper("UPDATE comments SET state = 'published' WHERE id = 2")
    assert fault == "comment 2 is published, and ledger row 7 left it hidden"


@pytest.mark.parametrize(("name", "value"), [("created", "created + 1"), ("parent", "1"), ("tid", "2")])
def test_a_comment_that_was_moved_is_found(tamper, told, name, value):
    """Under another letter, under another comment, to another day."""
    told.execute(threads.insert().values(uri="/2026/annat/", title="Annat"))
    assert "comment 4 does not stand where it stood" in tamper(f"UPDATE comments SET {name} = {value} WHERE id = 4")


def test_a_comment_in_another_branch_is_found(tamper):
    """The official reply, shown under another comment than it answers."""
    fault = tamper("UPDATE comments SET root = 2 WHERE id = 5")
    assert fault == "comment 5 does not stand in the branch of what it answers"


def test_an_edit_that_readers_are_not_told_of_is_found(tamper, app):
    """An edited comment is marked as such on the page, by the time of the edit."""
    writer = Visitor(app)
    edited = writer.new().json["id"]
    assert writer.call("PUT", f"/id/{edited}", json={"text": "Ett annat budskap"}).status_code == 200
    fault = tamper(f"UPDATE comments SET modified = NULL WHERE id = {edited}")
    assert fault == f"comment {edited} was edited, and does not say so (comments.modified)"


def test_other_words_on_the_page_are_found(tamper, parts, told):
    """What readers see is kept as html: it must be what the text gives."""
    assert ledger.verify(told, parts.render).fault is None
    assert tamper("UPDATE comments SET html = '<p>annat</p>' WHERE id = 1") is None
    assert ledger.verify(told, parts.render).fault == "comment 1 is shown in other words than it says (comments.html)"


@pytest.mark.parametrize("name", ["text", "author", "salt"])
def test_an_edition_that_was_changed_is_found(tamper, name):
    """The words of before are part of the record too."""
    assert tamper(f"UPDATE editions SET {name} = 'annat' WHERE comment = 2").startswith("edition 2, which ledger row 2")


def test_an_edition_taken_out_is_found(tamper):
    """Only of a comment that was disposed of may it be missing."""
    assert tamper("DELETE FROM editions WHERE comment = 2").startswith("edition 2, which ledger row 2")


def test_a_comment_taken_out_is_found(tamper, told):
    """Its rows stay, and point at nothing."""
    bonds = "PRAGMA foreign_keys = OFF" if told.engine.dialect.name == "sqlite" else "SELECT 1"
    if told.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL keeps a comment that a ledger row points at")
    connection = told.engine.connect()
    connection.exec_driver_sql(bonds)
    connection.exec_driver_sql("DROP TRIGGER comments_no_delete")
    connection.exec_driver_sql("DELETE FROM comments WHERE id = 4")
    connection.invalidate()
    connection.close()
    assert ledger.verify(told).fault == "comment 4, which ledger row 4 tells of, is not there"


def test_the_last_row_taken_out_is_found_where_its_decision_is_left(tamper):
    """The official reply is not told of any more."""
    assert tamper("DELETE FROM ledger WHERE id = 9") == "comment 5 is not in the ledger"


def test_a_comment_without_a_row_is_found(tamper):
    """Whoever puts a comment in past the service."""
    columns = "tid, state, created, text, sender, voters"
    copy = f"INSERT INTO comments ({columns}) SELECT {columns} FROM comments WHERE id = 1"
    assert tamper(copy) == "comment 6 is not in the ledger"


def test_a_head_noted_elsewhere_tells_what_the_chain_cannot(told, tamper):
    """The newest row and its effect removed together leave a whole ledger without the head of before."""
    head = ledger.verify(told).head
    assert ledger.holds(told, head)
    assert tamper("DELETE FROM ledger WHERE id = 8", "DELETE FROM ledger WHERE id = 9") is not None
    undo = ["UPDATE comments SET state = 'pending' WHERE id = 3", "DELETE FROM editions WHERE comment = 5"]
    assert tamper(*undo, "DELETE FROM comments WHERE id = 5") is None
    assert not ledger.holds(told, head)


def test_no_thread_is_moved_to_another_letter(told):
    """The database refuses it, on both kinds."""
    with pytest.raises(sa.exc.DBAPIError, match="threads rows are kept as they are"):
        told.execute(sa.text("UPDATE threads SET uri = '/2026/annat/' WHERE id = 1"))


def test_a_decision_without_its_row_is_none(parts, post, monkeypatch):
    """One transaction: the comment waits as before."""
    post()

    def fail(*_given):
        raise ZeroDivisionError

    monkeypatch.setattr("comments.ledger.chained", fail)
    with pytest.raises(ZeroDivisionError):
        parts.moderation.decide(1, "approved", WHO)
    assert parts.moderation.case(1)["state"] == "pending"
    assert not list(parts.settings.published.glob("*.json"))


def test_a_comment_without_its_row_is_not_taken(parts, client, monkeypatch):
    """Nor any other way round."""
    monkeypatch.setattr("comments.ledger.BEGINNING", None)
    monkeypatch.setattr("comments.ledger._sha256", lambda _values: "x" * 65)
    form = {"uri": "/2026/vi-provar/", "author": "A", "email": "", "text": "Tack för brevet!"}
    with pytest.raises(DBAPIError):
        parts.reception.receive(form | {"parent": ""}, "192.0.2.1")
    assert parts.storage.rows(sa.select(comments)) == []


def test_a_row_says_who_did_what_when_and_why(told):
    """Reason and note as the moderator gave them, the time in UTC."""
    received, approved, hidden = ledger.history(told, 2)
    states = [(row["who"], row["what"], row["before"], row["after"]) for row in (received, approved, hidden)]
    assert states == [
        (AUTHOR, "received", None, "pending"),
        (WHO, "approved", "pending", "published"),
        (WHO, "hidden", "published", "hidden"),
    ]
    assert (hidden["reason"], hidden["note"]) == ("hot", "Ett hot.")
    assert abs(datetime.now(UTC).timestamp() - hidden["at"]) < 3600


def test_every_decision_has_its_row(parts, post):
    """All that DESIGN draws, one row each."""
    post()
    for what in ("approved", "hidden", "restored", "hidden"):
        parts.moderation.decide(1, what, WHO, "hot" if what == "hidden" else None)
    parts.moderation.decide(1, "disposed", WHO, "gallring-1")
    told = [row["what"] for row in ledger.history(parts.storage, 1)]
    assert told == ["received", "approved", "hidden", "restored", "hidden", "disposed"]
    assert {*moderation.STEPS} <= {"declined", *told}


def test_a_refused_decision_leaves_no_row(parts, post):
    """What did not happen is not told."""
    post()
    for what, reason in (("hidden", "hot"), ("declined", "påhittad"), ("restored", None)):
        with pytest.raises(Refused):
            parts.moderation.decide(1, what, WHO, reason)
    assert len(ledger.history(parts.storage, 1)) == 1


def test_order_and_chain_hold_when_the_clock_is_set_back(parts, post, monkeypatch):
    """The numbers tell what came first, whatever the clock said."""
    post()
    monkeypatch.setattr("time.time", lambda: 1_000_000_000.0)
    parts.moderation.decide(1, "approved", WHO)
    post(text="Efter att klockan ställts tillbaka")
    parts.moderation.decide(2, "declined", WHO, "regel-1")
    assert [row["what"] for row in ledger.history(parts.storage, 1)] == ["received", "approved"]
    assert ledger.history(parts.storage, 1)[-1]["what"] == "approved"
    assert ledger.verify(parts.storage).fault is None


class TestCommand:
    """python -m comments verify."""

    @pytest.fixture(autouse=True)
    def environment(self, told, folder, monkeypatch):
        """As make gives it."""
        monkeypatch.setenv("DATA", str(folder / "var"))
        monkeypatch.setenv("SITE", str(folder / "site.toml"))
        monkeypatch.setenv("LETTERS", str(folder / "letters.json"))

    def test_it_tells_the_head(self, told, capsys):
        """For noting it elsewhere."""
        assert main(["verify", "--json"]) == 0
        assert json.loads(capsys.readouterr().out) == {"rows": 9, "head": ledger.verify(told).head}

    def test_it_fails_with_one_line(self, tamper, capsys):
        """The first row that doesn't fit."""
        tamper("UPDATE ledger SET who = 'x' WHERE id = 3")
        assert main(["verify"]) == 1
        assert capsys.readouterr().err == "ledger row 3, about comment 3, does not fit the row before it\n"

    def test_it_knows_a_head_of_before(self, told, capsys):
        """And misses one that was taken out."""
        head = ledger.history(told, 1)[0]["hash"]
        assert main(["verify", "--head", head]) == 0
        assert main(["verify", "--head", "f" * 64]) == 1
        assert "--head must be a head of this ledger" in capsys.readouterr().err


@pytest.mark.parametrize("reason", ["x" * 41, "noll\0", "regel-1"])
def test_only_a_decision_that_needs_a_reason_has_one(parts, post, desk, reason):
    """Whatever a form sends along with an approval is left out of the ledger."""
    post()
    assert desk.decide(1, "godkann", reason=reason).status_code == 302
    assert [row["reason"] for row in ledger.history(parts.storage, 1)] == [None, None]

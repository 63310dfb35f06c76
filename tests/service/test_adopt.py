"""What stands in a database of Isso's is taken over: once, whole, and with a word about what could not be."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from isso import config
from isso.db import SQLite3

from comments import ledger
from comments.adopt import Adoption, read
from comments.cli import main
from comments.storage import comments, threads
from tests.service.conftest import Desk

HERE = "/2026/vi-provar/"


@pytest.fixture
def isso(tmp_path):
    """A database of Isso's, made by Isso, with one thread."""
    db = SQLite3(str(tmp_path / "isso.db"), config.load(config.default_file()))
    db.threads.new(HERE, "Vi provar")
    return db


@pytest.fixture
def add(isso):
    """Let Isso add a comment as its API would; gives Isso's number."""
    times = iter(range(1_700_000_000, 1_800_000_000))

    def add(uri=HERE, mode=1, **fields):
        if uri not in isso.threads:
            isso.threads.new(uri, "Ett brev")
        values = {"text": "Sagt", "author": "Eva", "created": float(next(times)), "remote_addr": "192.0.2.0"}
        return isso.comments.add(uri, values | {"mode": mode, "notification": 0} | fields)["id"]

    return add


@pytest.fixture
def sql(isso):
    """Change Isso's database by hand."""

    def run(statement, *values):
        with closing(sqlite3.connect(isso.path)) as connection, connection:
            connection.execute(statement, values)

    return run


@pytest.fixture
def adopt(make_app, folder, isso, capsys, monkeypatch):
    """Run the command; gives its answer. Both databases in turn."""
    for name in ("DATA", "LETTERS", "SITE"):
        value = {"DATA": folder / "var", "LETTERS": folder / "letters.json", "SITE": folder / "site.toml"}[name]
        monkeypatch.setenv(name, str(value))

    def run(path=isso.path):
        capsys.readouterr()
        assert main(["adopt", str(path), "--json"]) == 0
        return json.loads(capsys.readouterr().out)

    return run


def all_of(parts):
    """Our comments, in their order."""
    return parts.storage.rows(sa.select(comments).order_by(comments.c.id))


def whys(answer, kind="not_taken"):
    """What was said, by Isso's number."""
    return {told["comment"]: told["why"] for told in answer[kind]}


def test_each_mode_has_its_state(adopt, add, isso, parts, published):
    """Accepted is published, held waits, deleted but answered keeps its place without words; the ledger holds."""
    top, held = add(email="eva@lindhamn.example"), add(mode=2)
    reply = add(parent=top, text="Svar")
    isso.comments.delete(top)
    assert adopt() == {"threads": 1, "comments": 3, "already": 0, "not_taken": [], "remarks": []}
    first, second, third = all_of(parts)
    assert (first["state"], first["text"], first["author"], first["email"]) == ("disposed", "", None, None)
    assert (second["state"], third["state"]) == ("pending", "published")
    assert (third["parent"], third["root"]) == (first["id"], first["id"])
    assert published()["comments"][0]["replies"][0]["html"] == "<p>Svar</p>"
    assert ledger.verify(parts.storage).fault is None
    assert [row["what"] for row in ledger.history(parts.storage, third["id"])] == ["adopted"]
    assert (held, reply) == (2, 3)


def test_all_that_was_said_comes_along(adopt, add, sql, parts):
    """Times and votes are kept, and what Isso escaped is as it was written."""
    id = add(author="Åsa &amp; &lt;b&gt;", website="https://x.example/?a=1&amp;b=&#x27;", email="a&amp;b@x.example")
    sql("UPDATE comments SET modified = 1700000500.5, likes = 3, dislikes = 1 WHERE id = ?", id)
    adopt()
    [row] = all_of(parts)
    assert (row["author"], row["website"]) == ("Åsa & <b>", "https://x.example/?a=1&b='")
    assert (row["created"], row["modified"]) == (1_700_000_000.0, 1_700_000_500.5)
    assert (row["likes"], row["dislikes"], row["voters"], row["sender"]) == (3, 1, b"", "")
    assert row["email"] == "a&b@x.example"


def test_a_text_is_taken_as_it_was_written(adopt, add, parts):
    """Markdown, entities and foreign signs in it are nobody's to change."""
    text = "A &amp; B <b>\"'</b>\r\n🚲 \u202eאבג\u202c " + "[" * 2000
    add(text=text)
    adopt()
    assert all_of(parts)[0]["text"] == text


def test_a_nameless_writer_is_called_so(adopt, add, parts):
    """Isso lets a name be empty; our pages show one."""
    add(author=None)
    add(author="  ")
    adopt()
    assert {row["author"] for row in all_of(parts)} <= {"Anonym", "Anonymous"}


def test_twice_gives_the_same(adopt, add, parts):
    """A second run takes what is new and nothing else."""
    top = add()
    adopt()
    before = all_of(parts)
    again = adopt()
    assert (again["comments"], again["already"], again["remarks"]) == (0, 1, [])
    assert all_of(parts) == before
    add(parent=top, text="Nytt svar")
    assert (adopt()["comments"], len(all_of(parts))) == (1, 2)
    assert all_of(parts)[1]["parent"] == before[0]["id"]
    assert ledger.verify(parts.storage).fault is None


def test_what_changed_in_isso_since_is_told(adopt, add, sql, parts):
    """A moderator may have decided about it here: it is left as it is."""
    id = add()
    adopt()
    sql("UPDATE comments SET text = 'Ändrat', modified = 1 WHERE id = ?", id)
    assert "has changed in Isso" in whys(adopt(), "remarks")[id]
    assert all_of(parts)[0]["text"] == "Sagt"


def test_a_decision_here_is_no_change_there(adopt, add, parts):
    """Hiding an adopted comment is ours alone: nothing is told, and it stays hidden."""
    add()
    adopt()
    parts.moderation.decide(1, "hidden", "moderator@lindhamn.example", "hot")
    assert adopt()["remarks"] == []
    assert all_of(parts)[0]["state"] == "hidden"


def test_two_databases_are_told_apart(adopt, add, sql, parts):
    """The same number in another of Isso's databases is another comment."""
    add()
    adopt()
    sql("UPDATE preferences SET value = 'another' WHERE key = 'session-key'")
    assert adopt()["comments"] == 1


def test_our_numbers_follow_time(adopt, add, parts):
    """Our lists go by number, so the oldest comes first; an answer still comes after what it answers."""
    late = add(created=2000.0, text="Sent")
    add(created=1000.0, text="Tidigt")
    add(created=500.0, text="Svar", parent=late)
    adopt()
    assert [row["text"] for row in all_of(parts)] == ["Tidigt", "Sent", "Svar"]


def test_a_lost_parent_is_told(adopt, add, sql, parts):
    """An answer to what is not there, is elsewhere or could not be taken comes to the top level."""
    sql("INSERT INTO threads (uri, title) VALUES ('/annat/', 'x')")
    elsewhere, hostile = add(uri="/annat/"), add(text="\x00\x01\x02")
    ids = [add(), add(), add()]
    for id, parent in zip(ids, (99, elsewhere, hostile), strict=True):
        sql("UPDATE comments SET parent = ? WHERE id = ?", parent, id)
    answer = adopt()
    assert set(whys(answer, "remarks")) == set(ids)
    assert all(row["parent"] is None and row["root"] is None for row in all_of(parts))


def test_a_ring_of_answers_is_no_crash(adopt, add, sql, parts):
    """Two comments that answer each other, by somebody's hand, are both at the top level."""
    for id, parent in ((add(), 2), (add(), 1)):
        sql("UPDATE comments SET parent = ? WHERE id = ?", parent, id)
    assert len(adopt()["remarks"]) == 2
    assert {row["parent"] for row in all_of(parts)} == {None}


@pytest.mark.parametrize(
    ("column", "value", "why"),
    [
        ("text", "a" * 65_536, "at most 65535"),
        ("text", "noll\x00", "can't be shown"),
        ("text", " \n", "empty"),
        ("text", b"\xff\xfe", "text"),
        ("author", "a" * 201, "at most 200"),
        ("author", "röd\x1b[31m", "can't be shown"),
        ("author", 5.5, None),
        ("mode", 3, "must be 1, 2 or 4"),
        ("mode", None, "must be 1, 2 or 4"),
        ("created", "igår", "a time"),
        ("created", 1e300, "a time"),
        ("modified", -1, "a time"),
        ("tid", 99, "address"),
    ],
)
def test_what_does_not_fit_is_left_and_told(adopt, add, sql, parts, column, value, why):
    """By Isso's number and the reason; all others are taken."""
    id = add()
    add(text="Efteråt")
    sql(f"UPDATE comments SET {column} = ? WHERE id = ?", value, id)
    answer = adopt()
    assert why is None or why in whys(answer)[id]
    assert "Efteråt" in {row["text"] for row in all_of(parts)}
    assert ledger.verify(parts.storage).fault is None


def test_half_a_character_is_left_and_told(adopt, add, sql):
    """Bytes that are no UTF-8, which SQLite lets anybody store."""
    id = add()
    sql("UPDATE comments SET text = CAST(x'68656aeda080' AS TEXT) WHERE id = ?", id)
    assert "can't be shown" in whys(adopt())[id]


@pytest.mark.parametrize(
    "uri", ["javascript:alert(1)", "https://elsewhere.example/x/", "//elsewhere.example/x/", "x", "/", "/" + "å" * 500]
)
def test_only_a_path_is_a_letter(adopt, add, parts, uri):
    """Other addresses are left, and told with each of their comments."""
    id = add(uri=uri)
    assert "address" in whys(adopt())[id]
    assert parts.storage.rows(sa.select(threads)) == []


def test_the_site_s_own_address_is_a_path(adopt, add, parts):
    """A thread named by its whole address is the letter at its path."""
    add(uri=f"https://ordetfritt.lindhamn.example{HERE}")
    adopt()
    assert parts.storage.row(sa.select(threads))["uri"] == HERE


def test_two_threads_with_one_file_do_not_meet(adopt, add):
    """Addresses that would share a published file: the first is taken."""
    add(uri="/a/b/")
    assert "so like" in whys_of(adopt, add(uri="/a_b/"))


def whys_of(adopt, id):
    """Why that comment was not taken."""
    return whys(adopt())[id]


@pytest.mark.parametrize(("column", "value"), [("email", "inte en adress"), ("website", "javascript:alert(1)")])
def test_an_address_that_is_none_is_left_out(adopt, add, sql, parts, column, value):
    """The comment is taken without it, and that is told."""
    id = add()
    sql(f"UPDATE comments SET {column} = ? WHERE id = ?", value, id)
    assert "left out" in whys(adopt(), "remarks")[id]
    assert all_of(parts)[0][column] is None


def test_the_given_file_is_only_read(adopt, add, isso, sql, tmp_path):
    """Not a byte of it changes, also where Isso must bring it up to date first."""
    add()
    sql("PRAGMA user_version = 4")
    before = (tmp_path / "isso.db").read_bytes()
    assert adopt()["comments"] == 1
    assert (tmp_path / "isso.db").read_bytes() == before


def test_what_is_no_database_of_isso_s_is_refused(adopt, make_app, tmp_path, capsys, sql, folder):
    """In one line, with nothing changed: missing, empty, other bytes, a folder, a newer one, one without key."""
    (tmp_path / "empty").touch()
    (tmp_path / "bytes").write_bytes(b"no database" * 1000)
    sqlite3.connect(tmp_path / "other").execute("CREATE TABLE comments (id, state)").connection.close()
    sql("PRAGMA user_version = 6")
    for name in ("missing", "empty", "bytes", ".", "other", "isso.db"):
        assert main(["adopt", str(tmp_path / name)]) == 1
        told = capsys.readouterr().err.splitlines()
        assert len(told) == 1
        assert "must be" in told[0]
    sql("PRAGMA user_version = 1")
    sql("DELETE FROM preferences")
    assert main(["adopt", str(tmp_path / "isso.db")]) == 1
    assert "opened by Isso 0.14 once" in capsys.readouterr().err


def test_what_broke_off_goes_on(adopt, add, parts, isso, monkeypatch):
    """Some comments at a time: residents post in between, and the next run takes the rest, once."""
    monkeypatch.setattr("comments.adopt.BATCH", 2)
    top = add()
    for number in range(4):
        add(parent=top, text=f"Svar {number}")
    left = iter([1, 1, 1])
    key, rows = read(Path(isso.path))
    adoption = Adoption(parts.storage, parts.reception, "https://x.example", "-")
    with pytest.raises(StopIteration):
        adoption.take(key, rows, lambda _done: next(left))
    assert len(all_of(parts)) == 2
    answer = adopt()
    assert (answer["comments"], answer["already"]) == (3, 2)
    assert [row["parent"] for row in all_of(parts)] == [None, 1, 1, 1, 1]


def test_a_number_that_isso_gave_again_is_another_comment(adopt, add, sql, parts):
    """Isso deletes, and gives the number of the last comment to the next one."""
    add(text="Det första")
    gone = add(text="Det som försvann")
    adopt()
    sql("DELETE FROM comments WHERE id = ?", gone)
    assert add(text="Det som kom i stället") == gone
    answer = adopt()
    assert (answer["comments"], answer["remarks"]) == (1, [])
    assert [row["text"] for row in all_of(parts)] == ["Det första", "Det som försvann", "Det som kom i stället"]
    assert adopt()["comments"] == 0


def test_a_locked_database_is_waited_for_and_told(adopt, add, isso, capsys, monkeypatch):
    """Not for ever, and not without a word."""
    monkeypatch.setattr("comments.adopt.WAIT_SECONDS", 0.05)
    add()
    with closing(sqlite3.connect(isso.path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert main(["adopt", isso.path]) == 1
    assert "locked" in capsys.readouterr().err


def test_the_last_day_of_the_calendar_breaks_no_page(adopt, add, parts, make_app):
    """A moment that is a day later in another time zone must still be one."""
    add(created=253_402_300_799.0)
    kept = add(created=253_402_300_800.0 - 2 * 86_400 - 1, mode=2)
    assert list(whys(adopt())) == [1]
    assert kept == 2
    assert Desk(make_app(), "moderator@lindhamn.example").get().status_code == 200


def test_an_address_sends_nothing_to_the_terminal(adopt, add):
    """No colours, no lines of its own."""
    bad = add(uri="\x1b[31mröd\n/annat/")
    assert whys(adopt())[bad].endswith('not "\\x1b[31mröd\\n/annat/"')


def test_a_terminal_is_told_line_by_line(adopt, add, capsys, isso):
    """Without --json the numbers come on standard output, and what could not be taken on standard error."""
    add(text=" ")
    assert main(["adopt", isso.path]) == 0
    out, err = capsys.readouterr()
    assert "not_taken: 1" in out
    assert "comment 1 was not taken: its text must not be empty" in err

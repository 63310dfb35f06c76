"""A database from before is brought up to date with all that it holds, or left as it was."""

import json
import re
import sqlite3
import warnings
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.exc import DBAPIError
from sqlalchemy.schema import CreateTable

from comments import accounts, ledger, links, migrations
from comments import storage as tables
from comments.databases import SQLite
from comments.databases import database as open_database
from comments.service import Service
from comments.settings import SettingsError, read_settings
from comments.storage import Storage
from common.threads import published_name
from tests.service import first_release, second_release, third_release
from tests.service.first_release import AUTHOR, COMMENTS, DECISIONS, DESK, PUBLISHED, SIGN_IN, STATUS, T


@pytest.fixture
def empty(database, tmp_path):
    """A database without any table."""
    if database.startswith("sqlite"):
        (tmp_path / "var" / "comments.db").unlink()
    else:
        _run(database, "DROP SCHEMA public CASCADE", "CREATE SCHEMA public")
    return database


@pytest.fixture
def old(empty):
    """A database that the first release has written to."""
    first_release.begin(empty)
    return empty


@pytest.fixture(params=["new", "old"])
def either(request, empty):
    """A database without any table, or one that the first release has written to."""
    if request.param == "old":
        first_release.begin(empty)
    return empty


@pytest.fixture
def opened(old):
    """The same, brought up to date."""
    with _closing(Storage(old)) as storage:
        yield storage


@pytest.fixture
def service_of(folder):
    """Start the service on what is in the test's database."""
    made = []

    def start():
        given = {"DATA": folder / "var", "LETTERS": folder / "letters.json", "SITE": folder / "site.toml"}
        made.append(Service(read_settings(given)))
        return made[-1]

    yield start
    for each in made:
        each.close()


@pytest.fixture
def service(old, service_of):
    """The service on the first release's."""
    return service_of()


class _closing:
    def __init__(self, storage):
        self.storage = storage

    def __enter__(self):
        return self.storage

    def __exit__(self, *_error):
        self.storage.close()


def _run(url, *statements):
    made = open_database(url)
    with made.engine.connect() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    made.engine.dispose()


def _dump(url):
    """Every table's rows and the columns that they have."""
    made = open_database(url)
    with made.engine.connect() as connection:
        names = sa.inspect(connection).get_table_names()
        found = {name: connection.exec_driver_sql(f"SELECT * FROM {name}").mappings().all() for name in names}
        rows = {name: sorted(map(repr, map(dict, each))) for name, each in found.items()}
    made.engine.dispose()
    return rows


def test_every_comment_is_kept_with_its_number(opened):
    """Nothing that a resident wrote is lost or renamed."""
    names = ("id", "tid", "parent", "root", "state", "created", "modified", "author", "text", "official")
    rows = opened.rows(sa.select(*(tables.comments.c[name] for name in names)).order_by(tables.comments.c.id))
    assert [tuple(row.values()) for row in rows] == [(*row[:5], T + row[5], *row[6:]) for row in COMMENTS]


def test_arrivals_and_decisions_are_told_in_the_order_in_which_they_happened(opened):
    """Each comment's history begins with its arrival and then holds what the old ledger told."""
    for id, *_rest in COMMENTS:
        told = [tuple(row[name] for name in ("who", "what", "reason", "note")) for row in ledger.history(opened, id)]
        decided = [row[2:6] for row in DECISIONS if row[0] == id]
        assert told == ([] if id == 2 else [(AUTHOR, "received", None, None)]) + decided


def test_the_moments_of_the_decisions_are_kept(opened):
    """Also where arrivals stand between them in the new ledger."""
    for id, _tid, _parent, _root, _state, arrived, *_rest in COMMENTS:
        moments = [T + row[1] for row in DECISIONS if row[0] == id]
        assert [row["at"] for row in ledger.history(opened, id)] == ([] if id == 2 else [T + arrived]) + moments


def test_what_was_said_before_an_edit_is_kept(opened):
    """The first release had it in its snapshots."""
    before = [row["text_before"] for row in ledger.history(opened, 7)]
    assert before == [None, None, "Första texten.", "Andra texten."]
    names = sa.select(tables.editions.c.author).where(tables.editions.c.comment == 7).order_by(tables.editions.c.id)
    assert [row["author"] for row in opened.rows(names)] == ["Fia", "Fia", "Fia F"]


def test_the_states_fit_together(opened):
    """A row begins where the one before it about that comment ended, and the last ends where the comment is."""
    for id, _tid, _parent, _root, state, *_rest in COMMENTS:
        rows = ledger.history(opened, id)
        assert [row["before"] for row in rows] == [None] + [row["after"] for row in rows[:-1]]
        assert rows[-1]["after"] == state


def test_the_ledger_verifies(opened):
    """What was taken over is chained as what is new."""
    verdict = ledger.verify(opened)
    assert (verdict.fault, verdict.rows) == (None, len(COMMENTS) - 1 + len(DECISIONS))


def test_the_same_database_gives_the_same_chain(opened, old, tmp_path):
    """A head that was noted after the migration is also that of another copy's."""
    first_release.begin(f"sqlite:///{tmp_path / 'copy.db'}")
    with _closing(Storage(f"sqlite:///{tmp_path / 'copy.db'}")) as copy:
        assert ledger.verify(copy) == ledger.verify(opened)


@pytest.fixture
def second(empty):
    """A database that the second release has written to; gives its ledger's last row, number and hash."""
    return second_release.begin(empty)


def test_the_second_release_s_ledger_is_taken_over_as_it_is(second, empty):
    """The chain goes on where it was, with every row and edition; what asks something is marked."""
    before = _dump(empty)
    with _closing(Storage(empty)) as storage:
        verdict = ledger.verify(storage)
        assert (verdict.fault, (verdict.rows, verdict.head)) == (None, second)
        asking = sa.select(tables.comments.c.id).where(tables.comments.c.asks == 1)
        assert [row["id"] for row in storage.rows(asking)] == [11]
    assert _dump(empty)["ledger"] == before["ledger"]
    assert len(_dump(empty)["editions"]) == len(before["editions"])


def test_the_second_release_s_mails_stay_as_they_were(second, empty):
    """What waits is sent, and what was sent is not sent again."""
    with _closing(Storage(empty)) as storage:
        names = ("message_id", "state", "done")
        mails = storage.rows(sa.select(*(tables.outbox.c[name] for name in names)).order_by(tables.outbox.c.id))
        assert [tuple(mail.values()) for mail in mails] == second_release.MAILS


def test_the_second_release_s_accounts_can_sign_in(second, empty):
    """By the link that they had, once, and by a new one from the terminal; they may do all that they could."""
    with _closing(Storage(empty)) as storage:
        account = accounts.find(storage, second_release.SECOND)
        assert account and account["role"] == "admin"
        for secret in (second_release.SIGN_IN, links.new(storage, account["id"], "terminal")):
            assert (links.use(storage, secret) or {})["email"] == second_release.SECOND
            assert links.use(storage, secret) is None


def test_the_second_release_s_published_files_stay_as_they_were(second, service_of):
    """No reader sees a difference."""
    _check_published(service_of(), second_release.PUBLISHED)


@pytest.fixture
def third(empty):
    """A database that the third release has written to; gives its ledger's last row, number and hash."""
    return third_release.begin(empty)


def test_the_third_release_s_rows_stay_as_they_were(third, empty):
    """Every table of it, to the letter; what is new is a table without rows, and the chain goes on."""
    before = _dump(empty)
    with _closing(Storage(empty)) as storage:
        verdict = ledger.verify(storage)
        assert (verdict.fault, (verdict.rows, verdict.head)) == (None, third)
    after = _dump(empty)
    assert after.pop("feedback") == []
    assert after.pop("alembic_version") == ["{'version_num': '0004'}"]
    assert after == {name: rows for name, rows in before.items() if name != "alembic_version"}


def test_the_third_release_s_reports_and_sessions_still_count(third, service_of):
    """The reporter's own page opens, and who was signed in has the same account."""
    parts = service_of()
    assert parts.reports.find(third_release.REPORT)["comment"] == third_release.NUMBER
    account = sa.select(tables.accounts.c.email).join(tables.sessions)
    assert parts.storage.rows(account) == [{"email": third_release.THIRD}]
    assert parts.feedback.take({"text": "Går inte.", "page": "", "contact": ""}, "192.0.2.1") == 1


def test_a_sign_in_link_still_works_once(opened):
    """Nobody is locked out of the desk."""
    assert (links.use(opened, SIGN_IN) or {})["email"] == DESK
    assert links.use(opened, SIGN_IN) is None
    assert (accounts.find(opened, DESK) or {})["role"] == "admin"


def test_the_published_files_are_those_of_before(service):
    """No reader sees a difference."""
    _check_published(service, PUBLISHED)


def _check_published(service, conversations):
    service.publisher.publish_all()
    for uri, conversation in conversations.items():
        file = json.loads((service.settings.published / published_name(uri)).read_bytes())
        assert (file["uri"], _without_reasons(file["comments"])) == (uri, conversation)


def _without_reasons(comments):
    """What was taken away says why only since then."""
    replies = [{"replies": _without_reasons(each["replies"])} if each["replies"] else {} for each in comments]
    told = [{key: value for key, value in each.items() if key != "reason"} for each in comments]
    return [one | other for one, other in zip(told, replies, strict=True)]


def test_what_was_not_published_before_is_published_at_start(service):
    """The first release marked threads as stale; here the missing position says so for all."""
    service.publisher.catch_up()
    assert {path.name for path in service.settings.published.glob("*.json")} == set(map(published_name, PUBLISHED))


def test_a_status_link_from_before_still_opens(service, make_app):
    """The secret is in somebody's mailbox."""
    page = make_app().test_client().get(f"/kommentarer/status/{STATUS}")
    assert page.status_code == 200
    assert "Det är reklam." in page.text


def test_numbers_are_not_given_again(opened):
    """Not even those of rows that somebody took out before the migration."""
    assert accounts.add(opened, "ny@lindhamn.example", "N", "T")["id"] == 3
    thread = tables.threads.insert().values(uri="/ny/", title="N").returning(tables.threads.c.id)
    values = {"tid": 1, "state": "pending", "created": T, "text": "ny", "sender": ""}
    comment = tables.comments.insert().values(values).returning(tables.comments.c.id)
    with opened.transaction():
        assert opened.execute(thread).scalar_one() == 4
        assert opened.execute(comment).scalar_one() == len(COMMENTS) + 1


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger SET who = 'x'",
        "DELETE FROM ledger",
        "DELETE FROM comments",
        "UPDATE editions SET text = 'x'",
        "DELETE FROM editions",
        "UPDATE feedback SET words = 'x'",
        "UPDATE feedback SET state = 'handled', contact = NULL",
        "UPDATE feedback SET id = 9",
        "DELETE FROM feedback",
    ],
)
def test_the_new_tables_refuse_changes(opened, statement):
    """As in a database that was made today."""
    said = {"words": "Går inte.", "contact": "010-000 12 00", "sender": "x", "created": T}
    opened.execute(tables.feedback.insert().values(said))
    with pytest.raises(DBAPIError, match="kept as they are"), opened.transaction() as connection:
        connection.exec_driver_sql(statement)


def test_a_file_from_before_there_were_versions_opens(old, tmp_path):
    """The first release wrote no version into its database."""
    _run(old, "DROP TABLE alembic_version")
    with _closing(Storage(old)) as storage:
        assert ledger.verify(storage).fault is None
        with storage.engine.connect() as connection:
            assert migrations.version(connection) == migrations.NEWEST


def test_the_schema_is_the_one_that_the_code_speaks_of(either):
    """No difference that Alembic can find, whether the database is new or old."""
    with _closing(Storage(either)) as storage, storage.engine.connect() as connection:
        opts = {"compare_type": True, "include_name": _is_of_the_code}
        context = MigrationContext.configure(connection, opts=opts)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an index on an expression can't be read from SQLite
            found = compare_metadata(context, tables.metadata)
        assert [each for each in found if "alembic_version" not in str(each)] == []


def _is_of_the_code(name, kind, _parents):
    """The index of words is each database's own, made by the migration."""
    return kind != "table" or not name.startswith("words")


def test_the_checks_are_those_that_the_code_speaks_of(either):
    """Alembic compares no check, so their names are compared here, and that none stands twice."""
    with _closing(Storage(either)) as storage, storage.engine.connect() as connection:
        for table in tables.metadata.tables.values():
            found = sorted(each["name"] or "" for each in sa.inspect(connection).get_check_constraints(table.name))
            created = str(CreateTable(table).compile(connection))
            assert found == sorted(re.findall(r"CONSTRAINT (\w+) CHECK", created)), table.name


TEXTS = [
    column
    for table in tables.metadata.tables.values()
    for column in table.columns
    if isinstance(column.type, sa.String) and "values" not in column.info  # the words of which are known
]
LIMITS = {each: getattr(each.type, "length", None) or each.info.get("most") for each in TEXTS}
LIMITED = [(each.table.name, each.name, most) for each, most in LIMITS.items() if most]
UNLIMITED: dict[str, str] = {}
"""Columns of text without a limit, each as table.column, and why; there are none."""


def test_every_text_has_a_limit():
    """A column that somebody adds without one is found here."""
    assert {str(each) for each, most in LIMITS.items() if not most} == set(UNLIMITED)


def test_no_text_is_longer_than_its_column(either):
    """As many characters as the column says are taken by the database itself, and one more is not."""
    with _closing(Storage(either)) as storage:
        for table, column, most in LIMITED:
            _insert(storage, table, {column: "å" * most})
            with pytest.raises(DBAPIError):
                _insert(storage, table, {column: "å" * (most + 1)})


def _insert(storage, name, given):
    """One row with these values, and others that may stand there, undone at once."""
    fill = {sa.Float: T, sa.LargeBinary: b"", sa.BigInteger: 1, sa.Integer: 1}
    with storage.engine.connect() as connection:
        storage.database.begin(connection, 5000)
        try:
            connection.execute(tables.threads.insert().values(id=900, uri="/x/", title="x"))
            row = {"id": 900, "tid": 900, "state": "pending", "created": T, "text": "x", "sender": ""}
            connection.execute(tables.comments.insert().values(row))
            connection.execute(tables.accounts.insert().values(id=900, email="x@x", name="x", title="x"))
            table = tables.metadata.tables[name]
            values = {c.name: next((v for k, v in fill.items() if isinstance(c.type, k)), "x") for c in table.c}
            points = {c.name: 900 for c in table.c if c.foreign_keys} | ({"id": 901} if "id" in table.c else {})
            optional = {c.name: None for c in table.c if c.nullable}
            chosen = {c.name: c.info["values"][0] for c in table.c if "values" in c.info}
            connection.execute(table.insert().values(values | points | optional | chosen | given))
        finally:
            connection.exec_driver_sql("ROLLBACK")


def test_several_may_open_it_at_the_same_time(either):
    """One brings it up to date while the others wait."""
    url = either
    with ThreadPoolExecutor(4) as pool:
        opened = list(pool.map(lambda _: Storage(url), range(4)))
    faults = [ledger.verify(storage).fault for storage in opened]
    for storage in opened:
        storage.close()
    assert faults == [None] * 4


def test_a_newer_database_is_left_alone(old):
    """An older program must not guess at what a newer one means."""
    _run(old, "UPDATE alembic_version SET version_num = '9999'")
    before = _dump(old)
    with pytest.raises(SettingsError, match=r"^[^\n]*version 9999[^\n]*$"):
        Storage(old)
    assert _dump(old) == before


def test_an_upgrade_that_breaks_off_leaves_everything_as_it_was(old, monkeypatch):
    """All of it is one transaction: tables, rows and the version."""
    before = _dump(old)

    def broken(*_given, **_more):
        raise ZeroDivisionError

    with monkeypatch.context() as patched:
        patched.setattr("json.dumps", broken)  # what the migration calls for every row
        with pytest.raises(ZeroDivisionError):
            Storage(old)
    assert _dump(old) == before
    with _closing(Storage(old)) as storage:
        assert ledger.verify(storage).fault is None


def test_rows_that_do_not_hold_together_are_told_of(old):
    """A decision about a comment that is not there is found before anything is written (SQLite alone allows it)."""
    if not old.startswith("sqlite"):
        pytest.skip("PostgreSQL never let such a row in")
    with sqlite3.connect(old.removeprefix("sqlite:///")) as connection:
        connection.execute("UPDATE comments SET tid = 77 WHERE id = 8")
    connection.close()
    before = _dump(old)
    with pytest.raises(SettingsError, match="comments"):
        Storage(old)
    assert _dump(old) == before


def test_the_newest_version_is_the_last_script():
    """A script without its number here would never be run."""
    folder = str(migrations.__path__[0])
    assert ScriptDirectory(folder).get_current_head() == migrations.NEWEST


def test_triggers_are_the_same_in_a_new_and_an_old_database(old, tmp_path):
    """Nothing that guards a table is forgotten on the way."""
    made = open_database(old)
    if not isinstance(made, SQLite):
        query = "SELECT tgrelid::regclass || ' ' || tgname FROM pg_trigger WHERE NOT tgisinternal"
        wanted = 11
    else:
        query, wanted = "SELECT name FROM sqlite_master WHERE type = 'trigger'", 16
    with _closing(Storage(old)) as storage, storage.engine.connect() as connection:
        assert len(connection.exec_driver_sql(query).scalars().all()) == wanted
    made.engine.dispose()

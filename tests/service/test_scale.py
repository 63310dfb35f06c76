"""What stays quick however many comments there are: every statement of every page finds its rows by an index."""

import re
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from comments.cases import MOST_COUNTED, PAGE_SIZE
from comments.storage import comments, ledger, threads
from tests.service.conftest import LETTER, OTHER

WRITER = "Skribent@Lindhamn.example"
LARGE = re.compile(
    r"SCAN (?:comments|below|answered|same|editions|ledger)\b|Seq Scan on (?:comments|editions|ledger)\b"
    r"|SEARCH (?:below|answered|same) USING INTEGER PRIMARY KEY \(rowid[<>]"
)
"""A range of numbers that is looked through for each row is a scan by another name."""


@pytest.fixture
def many(parts, post) -> int:
    """Some thousand comments in all states under many letters, known to the planner; gives a published one."""
    tids = [parts.moderation.case(post(uri=uri, text=f"Till {uri}").json["id"])["tid"] for uri in (LETTER, OTHER)]
    with parts.storage.transaction() as connection:
        connection.execute(threads.insert(), [{"uri": f"/2020/brev-{n}/", "title": f"Brev {n}"} for n in range(98)])
        tids += connection.execute(sa.select(threads.c.id).where(threads.c.id.not_in(tids))).scalars()
    states = ("pending", "published", "declined", "hidden")
    rows = [
        {
            "tid": tids[n // 4 % 100],
            "parent": None,
            "root": None,
            "state": states[n % 4],
            "created": 1.7e9 + n,
            "author": f"Invånare {n}",
            "email": WRITER if n % 50 == 0 else f"invanare{n}@lindhamn.example",
            "text": f"Nummer {n}.",
            "sender": f"{n % 700}",
            "voters": b"",
        }
        for n in range(4 * MOST_COUNTED + 8)
    ]
    with parts.storage.transaction() as connection:
        connection.execute(comments.insert(), rows)
        connection.exec_driver_sql("ANALYZE")
    published = sa.select(comments.c.id).where(comments.c.state == "published").order_by(comments.c.id).limit(1)
    return int(parts.storage.execute(published).scalar_one())


@pytest.fixture
def asked(parts) -> Iterator[dict[str, object]]:
    """What the service asks its database from now on: each statement with its last values."""
    statements: dict[str, object] = {}

    def note(_connection, _cursor, statement, values, _context, _many):
        if re.match(r"(SELECT|UPDATE|WITH|DELETE)\b.*\bFROM\b|UPDATE\b", statement, re.DOTALL):
            statements[statement] = values

    event.listen(parts.storage.engine, "before_cursor_execute", note)
    yield statements
    event.remove(parts.storage.engine, "before_cursor_execute", note)


def plans(parts, statements: dict[str, object]) -> dict[str, str]:
    """How the database would run each statement, where it is kept from reading a table whole if there is a way."""
    found = {}
    with parts.storage.engine.connect() as connection:
        server = connection.dialect.name == "postgresql"
        if server:
            connection.exec_driver_sql("SET enable_seqscan = off")
        for statement, values in dict(statements).items():
            explain = "EXPLAIN (COSTS OFF) " if server else "EXPLAIN QUERY PLAN "
            values = values[0] if isinstance(values, list) else values
            rows = connection.exec_driver_sql(explain + statement, values)
            found[statement] = "\n".join(str(row[-1]) for row in rows)
            found[statement] += "".join(_read_whole(connection, found[statement])) if server else ""
        connection.invalidate()
    return found


def _read_whole(connection: sa.Connection, plan: str) -> Iterator[str]:
    """PostgreSQL says no "Seq Scan" where it reads an index from end to end: one whose first column is not asked for.

    Below a limit, in the index's order, it stops after a page: that is none.
    """
    query = "SELECT pg_get_indexdef(%s::regclass, 1, true), indrelid::regclass::text FROM pg_index "
    limited = False
    for node in re.split(r"\n(?=\s*->)", plan):
        limited = "Limit" in node or (limited and "Aggregate" not in node)
        index = re.search(r"Index.* Scan(?: Backward)? (?:using|on) (\w+)", node)
        if not index:
            continue
        first, table = connection.exec_driver_sql(f"{query} WHERE indexrelid = %s::regclass", (index[1],) * 2).one()
        condition = re.search(r"Index Cond: (.*)", node)
        bounded = limited or (condition is not None and first in condition[1])
        if not bounded and table == "comments":
            yield f"\nSeq Scan on {table}: all of {index[1]}"


def scans(parts, statements: dict[str, object]) -> list[str]:
    """The plans that read a whole table, or a whole index of one."""
    return [f"{plan}\n{statement}" for statement, plan in plans(parts, statements).items() if LARGE.search(plan)]


def test_no_page_of_the_desk_reads_a_whole_table(many, parts, desk, asked):
    """The queue's pages, the search and a case are found by an index."""
    for tab in ("vantar", "publicerade", "avbojda", "dolda"):
        for more in ("", f"&efter={many + 40}"):
            assert desk.get(f"/moderering/?visa={tab}{more}").status_code == 200
    assert desk.get(f"/moderering/sok?q={WRITER}&efter={many + 900}").status_code == 200
    assert desk.get(f"/moderering/{many}").status_code == 200
    assert len(asked) >= 8
    assert scans(parts, asked) == []


def test_no_decision_reads_a_whole_table(many, parts, post, desk, asked):
    """Nor does the publishing of its thread, an official answer, or what the next catching up does."""
    id = post(text="Ett nytt").json["id"]
    desk.decide(id, "godkann")
    desk.decide(id, "svara", voice="Stadsdirektören, Lindhamns stad", text="Ett svar")
    desk.decide(id, "dolj", reason="regel-1")
    parts.publisher.catch_up()
    assert len(asked) >= 10
    assert scans(parts, asked) == []


def test_no_page_of_a_resident_reads_a_whole_table(many, parts, post, client, asked):
    """Posting, answering, the status page and the reply form."""
    received = post(text="Ett nytt", email=WRITER).json
    post(text="Ett svar", parent=many)
    assert client.get(received["status_url"]).status_code == 200
    assert client.get(f"/kommentarer/svara/{many}").status_code == 200
    assert client.get("/healthz").status_code == 200
    assert len(asked) >= 6
    assert scans(parts, asked) == []


def test_a_comment_that_comes_is_compared_with_its_senders_alone(parts, post, asked):
    """Also by a planner that knows nothing yet: not with all that wait, nor with all of the thread."""
    post(text="Det första")
    (arrival,) = (plan for statement, plan in plans(parts, asked).items() if "in_minute" in statement)
    assert "comments_by_sender" in arrival
    assert "comments_by_state" not in arrival and "comments_by_thread" not in arrival


def test_no_route_of_isso_reads_a_whole_table(many, parts, client, asked):
    """Reading a thread, counting, posting, voting."""
    assert client.get(f"/isso/?uri={LETTER}&limit=5&nested_limit=3").status_code == 200
    assert client.post("/isso/count", json=[LETTER, OTHER]).status_code == 200
    fields = {"author": "En förälder", "text": "Tack för brevet!", "title": "-"}
    assert client.post(f"/isso/new?uri={LETTER}", json=fields).status_code in (201, 202)
    assert client.post(f"/isso/id/{many}/like", json={}).status_code == 200
    assert len(asked) >= 5
    assert scans(parts, asked) == []


def test_a_scan_would_be_seen(many, parts):
    """The judgement itself: a search in the words reads the whole table on both databases."""
    for query in ("id FROM comments WHERE length(text) = 3", "tid, count(*) FROM comments GROUP BY tid"):
        assert len(scans(parts, {f"SELECT {query}": ()})) == 1
    newest = sa.select(ledger.c.id).order_by(ledger.c.id.desc()).limit(1)
    assert parts.storage.execute(newest).scalar() == 2


def test_a_crowd_is_counted_up_to_a_bound(many, desk):
    """A tab says "999+" rather than having everyone wait until all are counted."""
    assert desk.get().text.count('<span class="tab-count">999+</span>') == 4


def test_the_search_finds_all_of_one_writer_newest_first(many, desk, parts):
    """In any case of letters, in all states, page by page."""
    pages = [desk.get(f"/moderering/sok?q={WRITER.upper()}").text]
    while link := re.search(r'href="([^"]*efter=\d+)"', pages[-1]):
        pages.append(desk.get(link[1].replace("&amp;", "&")).text)
    ids = [int(id) for page in pages for id in re.findall(r'id="kommentar-(\d+)"', page)]
    assert len(ids) == -(-(4 * MOST_COUNTED + 8) // 50)
    assert ids == sorted(ids, reverse=True)
    assert pages[0].count("<article") == PAGE_SIZE
    assert "Till början" in pages[1]


def test_a_search_that_finds_nothing_says_so(desk):
    """And the address stays in the field."""
    page = desk.get("/moderering/sok?q=ingen@lindhamn.example")
    assert page.status_code == 200
    assert "Det finns ingen kommentar med ”ingen@lindhamn.example”." in page.text
    assert 'value="ingen@lindhamn.example"' in page.text


@pytest.mark.parametrize("words", ["", "%20", "a" * 301, "a%00@b.se"])
def test_a_search_for_nothing_says_what_is_missing(desk, words):
    """A clear answer beside the field."""
    page = desk.get(f"/moderering/sok?q={words}")
    assert page.status_code == 400
    assert "Skriv ett eller flera ord" in page.text


def test_the_search_is_for_moderators(client):
    """Whoever is not signed in is asked to."""
    assert client.get(f"/moderering/sok?q={WRITER}").status_code == 302

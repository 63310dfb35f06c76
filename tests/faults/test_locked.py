"""Another program holds the database for ten seconds while people post: they wait, and nothing is lost."""

import http.client
import time

from tests.faults.load import check_all_is_there, posting
from tests.faults.serving import another_program

LOCKED_SECONDS = 10

HOLD = {
    "sqlite": """
import sqlite3, sys
held = sqlite3.connect(sys.argv[1])
held.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.read()
""",
    "postgresql": """
import psycopg, sys
with psycopg.connect(sys.argv[1]) as held:
    held.execute("LOCK TABLE comments IN ACCESS EXCLUSIVE MODE")
    print("held", flush=True)
    sys.stdin.read()
""",
}


def test_a_lock_of_ten_seconds_is_waited_for(start, storage, database):
    """Everybody gets a receipt: who waited behind the lock as well."""
    service = start()
    name = storage.engine.name
    with posting([service.port]) as load:
        load.wait_for(20)
        with another_program(HOLD[name], database.removeprefix("sqlite:///")) as let_go:
            time.sleep(LOCKED_SECONDS)  # how long the lock lasts, not a wait for anything
            let_go()
        load.wait_for(20)
    assert load.refused == load.errors == []
    check_all_is_there(storage, load)


def test_no_page_waits_long_for_a_locked_table(start, storage, database):
    """Whoever reads is told to come back, before all threads of the service stand and wait."""
    port, name = start().port, storage.engine.name
    with another_program(HOLD[name], database.removeprefix("sqlite:///")) as let_go:
        asked = http.client.HTTPConnection("127.0.0.1", port, timeout=30)  # fails where it waits for longer
        asked.request("GET", "/kommentarer/status/x")
        assert asked.getresponse().status == {"sqlite": 404, "postgresql": 503}[name]
        asked.close()
        let_go()

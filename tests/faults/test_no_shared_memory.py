"""Several processes know of each other by the database alone: what is limited or works once is so over all."""

import threading
from concurrent.futures import ThreadPoolExecutor

import sqlalchemy as sa

from comments.reception import PER_MINUTE
from comments.storage import sessions
from tests.faults.serving import PATIENCE_SECONDS, Browser, Visitor, way_in


def test_two_processes_share_the_limit_on_pace(start):
    """Whoever is sent to the other process has not begun anew, whichever door each comment came by."""
    visitors = [Visitor(service.port) for service in [start(RATE_LIMIT="on") for _ in range(2)]]

    def write(number):
        visitor, text = visitors[number % 2], f"Inlägg {number}"
        return (visitor.post(text) if number % 4 < 2 else visitor.post_to_isso(text)).status

    assert [write(number) for number in range(PER_MINUTE + 4)] == [202] * PER_MINUTE + [429] * 4
    for visitor in visitors:
        visitor.close()


def test_a_link_works_once_over_two_processes(start, storage):
    """Pressed at both at the same moment it lets one in, and afterwards nobody."""
    link = way_in(storage)
    browsers = [Browser(service.port, link) for service in [start() for _ in range(2)]]
    together = threading.Barrier(2, timeout=PATIENCE_SECONDS)

    def press(browser):
        together.wait()
        answer = browser.submit(link)
        return answer.status == 302 and answer.headers["Location"] != link

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(press, browsers)) == [False, True]
    assert [each.get(link).status for each in browsers] == [403, 403]
    assert len(storage.rows(sa.select(sessions))) == 1
    for browser in browsers:
        browser.close()

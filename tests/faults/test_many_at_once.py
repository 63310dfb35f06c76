"""Sixty-four people at the same moment: each gets an answer about their own comment."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

from tests.faults.load import Load, check_all_is_there
from tests.faults.serving import PATIENCE_SECONDS, Visitor

PEOPLE, EACH = 64, 2
TRIES = 8


def test_everyone_of_sixty_four_gets_an_answer_of_their_own(start, storage):
    """Over four processes on PostgreSQL, and over the eight threads of one on SQLite; through both doors."""
    services = [start() for _ in range(1 if storage.engine.name == "sqlite" else 4)]
    ports = [service.port for service in services]
    load, together = Load(), threading.Barrier(PEOPLE, timeout=PATIENCE_SECONDS)

    def visit(number):
        with closing(Visitor(ports[number % len(ports)])) as visitor:
            together.wait()
            for each in range(EACH):
                load.taken.append(use_form(visitor, f"Person {number}, formulär {each}"))
                load.taken.append(use_isso(visitor, f"Person {number}, Isso {each}"))

    with ThreadPoolExecutor(PEOPLE) as pool:
        list(pool.map(visit, range(PEOPLE)))
    assert len({id for id, _ in load.taken}) == PEOPLE * EACH * 2
    check_all_is_there(storage, load)


def patiently(post, text):
    """Post, and again where the answer is that one should: how long sixty-four wait is the machine's matter."""
    for _ in range(TRIES):
        if (answer := post(text)).status != 503:
            break
    return answer


def use_form(visitor, text):
    """Post, and open the status page that was given: it must show one's own words."""
    answer = patiently(visitor.post, text)
    assert answer.status == 202, answer.text
    assert f"<p>{text}</p>" in visitor.get(answer.json["status_url"]).text
    return answer.json["id"], text


def use_isso(visitor, text):
    """Post, and open the comment with the edit cookie that was given."""
    answer = patiently(visitor.post_to_isso, text)
    assert (answer.status, answer.json["text"]) == (202, f"<p>{text}</p>"), answer.text
    id, cookie = answer.json["id"], answer.headers["Set-Cookie"].split(";")[0]
    own = visitor.ask("GET", f"/isso/id/{id}?plain=1", Cookie=cookie)
    assert (own.status, own.json["text"]) == (200, text)
    return id, text

"""Waiting for the next build holds up nobody else."""

import json
import threading
from pathlib import Path

from builder.news import WAITERS, News
from tests.running import wait_for


def wait_in_threads(news: News, number: int) -> list[threading.Thread]:
    """So many who wait for another build than the first, each of them in line before the next comes."""
    threads = []
    for count in range(1, number + 1):
        threads.append(threading.Thread(target=news.after, args=[1]))
        threads[-1].start()
        wait_for(lambda: len(news._waiting) >= min(count, WAITERS))  # noqa: B023  asked at once
    return threads


def told(folder: Path, build: int) -> None:
    """Write build.json, as the builder does."""
    (folder / "new").write_text(json.dumps({"build": build, "ok": True, "errors": []}), encoding="utf-8")
    (folder / "new").replace(folder / "build.json")


def test_the_next_build_is_told_to_everybody_who_waits(tmp_path: Path) -> None:
    """As soon as it is written."""
    told(tmp_path, 1)
    waiting = wait_in_threads(News(tmp_path), 3)
    told(tmp_path, 2)
    for thread in waiting:
        thread.join(5)
    assert not any(thread.is_alive() for thread in waiting)


def test_who_has_waited_longest_gives_way(tmp_path: Path) -> None:
    """So that pages that were left long ago hold no thread; and at the end nobody holds one."""
    told(tmp_path, 1)
    news = News(tmp_path)
    first, *others = wait_in_threads(news, WAITERS + 1)
    first.join(5)
    assert (first.is_alive(), all(thread.is_alive() for thread in others)) == (False, True)
    news.end()
    for thread in others:
        thread.join(5)
    assert not any(thread.is_alive() for thread in others)

"""The builder that stays, as make serve and as a server start it, and what it takes from a change to the page."""

import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from common.threads import published_name
from tests.publishing.conftest import new_server, new_writer
from tests.running import ROOT
from tests.site.conftest import comment

ROUNDS, PATIENCE_SECONDS = 5, 900
NUMBER = 20
"""The letter that is edited and commented on; its page and address are those that write_letters gives it."""


class Watching:
    """`python -m builder watch` on the letters in a folder, when its first builds are done."""

    command = "watch"

    def __init__(self, folder: Path) -> None:
        self.folder, self.turn = folder, 0
        self.output, self.data = folder / "watched", folder / "watched-var"
        self.letter = folder / "content" / "letters" / f"brev-{NUMBER}.md"
        year = self.letter.read_text(encoding="utf-8").partition("Date: ")[2][:4]
        self.uri = f"/{year}/brev-{NUMBER}/"
        self.page = self.output / year / f"brev-{NUMBER}" / "index.html"

    def __enter__(self) -> "Watching":
        (self.data / "published").mkdir(parents=True, exist_ok=True)  # as the comment service does when it starts
        places = {name: str(place) for name, place in self.places().items()}
        command = [sys.executable, "-m", "builder", self.command]
        self.process = subprocess.Popen(command, cwd=ROOT, env=os.environ | places, stdout=subprocess.DEVNULL)
        self._until(self.page.exists)
        self._settle()
        return self

    def places(self) -> dict[str, Path]:
        """Where it reads and writes, by the variables' names."""
        return {"CONTENT": self.folder / "content", "OUTPUT": self.output, "DATA": self.data}

    def __exit__(self, *_error: object) -> None:
        self.process.terminate()
        self.process.wait()

    def median(self, step: Callable[[], float]) -> float:
        """The median seconds of a few rounds."""
        return statistics.median(step() for _ in range(ROUNDS))

    def edit(self) -> float:
        """Change the letter's text, as an editor saves it: seconds until the page has it."""
        self.turn += 1
        with self.letter.open("a", encoding="utf-8") as letter:
            letter.write(f"\nTillagt ord nummer{self.turn}.\n")
        return self._seen(f"nummer{self.turn}.")

    def approve(self) -> float:
        """Publish one more comment, as the service does it: seconds until the page has it."""
        self.turn += 1
        comments = [comment(number) for number in range(1, self.turn + 1)]
        table = {"format": 1, "uri": self.uri, "count": len(comments), "comments": comments}
        file = self.data / "published" / published_name(self.uri)
        fresh = file.with_name(f"{file.name}.new")
        fresh.write_text(json.dumps(table), encoding="utf-8")
        fresh.replace(file)
        return self._seen(f"Kommentar {self.turn}.")

    def megabytes(self) -> float:
        """What its processes hold now, what they share counted once (PSS)."""
        own = psutil.Process(self.process.pid)
        return sum(each.memory_full_info().pss for each in [own, *own.children(recursive=True)]) / 1e6

    def _seen(self, text: str) -> float:
        start = time.perf_counter()
        self._until(lambda: text in self.page.read_text(encoding="utf-8"))
        took = time.perf_counter() - start
        self._settle()
        return took

    def _settle(self) -> None:
        """Wait until the builder rests: what it writes down and indexes afterwards is nobody's wait."""
        own = psutil.Process(self.process.pid)
        busy = True
        while busy:
            before = _cpu(own)
            time.sleep(2.5)
            busy = _cpu(own) - before > 0.1

    def _until(self, condition: Callable[[], bool]) -> None:
        patience = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                if condition():
                    return
            except FileNotFoundError:
                pass
            assert self.process.poll() is None and time.monotonic() < patience, "the builder must build"
            time.sleep(0.005)


class Living(Watching):
    """`python -m builder live` on a server to which the same letters were pushed."""

    command = "live"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        server = new_server(folder / "srv")
        writer = new_writer(folder / "writer", server)
        shutil.copytree(folder / "content", writer.folder / "content", copy_function=os.link)
        self.output, self.data = server.house.current, server.house.data
        self.page = self.output / self.page.relative_to(folder / "watched")
        writer.commit()
        assert (pushed := writer.push()).ok, pushed.said

    def places(self) -> dict[str, Path]:
        """The server's folder; the rest lies in it."""
        return {"SERVER": self.folder / "srv"}


def _cpu(process: psutil.Process) -> float:
    total = 0.0
    for each in [process, *process.children(recursive=True)]:
        try:
            times = each.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system
    return total

"""Makes Pagefind's index of some records, and keeps it in DATA as long as the records stay the same.

Pagefind's program is called, not its Python classes: those wait a tenth of a second after each record. It is told
the language, as in the browser one set of its files knows the word endings of one language.
"""

import contextlib
import hashlib
import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from plugins.search_records import Records
from plugins.wording import WordedError

NEEDED = ("pagefind.js", "pagefind-worker.js", "pagefind-entry.json", "pagefind.*.pf_meta", "wasm.*.pagefind")
NEW = ".new-"
STALE_SECONDS = 600
"""After that a folder where an index was being made is of a build that was killed."""


class CannotIndex(WordedError):
    """There is no index of these records; the message says why."""


class Indexing:
    """An index that is there already, or is made: `start` begins with it and `finished` waits for it."""

    def __init__(self, records: Records, folder: Path) -> None:
        self.records = records
        self.folder = folder
        self.target = folder / digest(records)
        self.workshop: Path | None = None
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def is_ready(self) -> bool:
        """Whether there is nothing to make."""
        return not self.records or self.target.is_dir()

    def start(self) -> None:
        """Start Pagefind where there is something to make; CannotIndex where it is missing."""
        if self.workshop or self.is_ready():
            return
        program = _program()
        if program is None or not shutil.which(program):
            raise CannotIndex('the program of Pagefind must be there to make the search; install "pagefind[bin]"')
        self.folder.mkdir(parents=True, exist_ok=True)
        self.workshop = Path(tempfile.mkdtemp(prefix=NEW, dir=self.folder))
        for language, pages in self.records.items():
            _write(pages, self.workshop / "records" / language)
            self.running[language] = _run(program, language, self.workshop)

    def last(self) -> Path:
        """The index made last, of other records, where there is one."""
        made = [path for path in self.folder.glob("*") if not path.name.startswith(NEW)]
        return max(made, key=lambda path: path.stat().st_mtime, default=self.target)

    def finished(self) -> Path:
        """The folder with an index for each language; CannotIndex where Pagefind failed or is missing."""
        self.start()
        if self.workshop is None:
            return self.target
        for language, process in self.running.items():
            said, _ = process.communicate()
            if process.returncode:
                why = said.decode("utf-8", "replace").strip() or process.returncode
                raise CannotIndex("the search can't be made: Pagefind ended with: %(why)s", why=why)
            tidy(self.workshop / "index" / language)
        with contextlib.suppress(OSError):  # another build may have made the same one meanwhile
            (self.workshop / "index").rename(self.target)
        self.end()
        return self.target

    def end(self, at_once: bool = False) -> None:
        """Stop what runs, and leave nothing of it; for builds that fail as well.

        With `at_once` a program goes on to remove what was written: a file for each text, which takes a moment.
        """
        for process in self.running.values():
            if process.returncode is None:
                process.kill()
                process.communicate()
        self.running = {}
        if self.workshop and at_once:
            os.posix_spawnp("rm", ["rm", "-rf", str(self.workshop)], os.environ, setsid=True)
        elif self.workshop:
            shutil.rmtree(self.workshop, ignore_errors=True)
        self.workshop = None


def _program() -> Path | None:
    from pagefind.service import get_executable  # which takes longer to load than most builds need it for

    found: Path | None = get_executable()
    return found


def digest(records: Records) -> str:
    """The name of the index of these records: the same as long as they and Pagefind are."""
    mark = hashlib.sha256(f"{version('pagefind')} {NEEDED}".encode())
    for language, pages in records.items():
        for path, html in pages.items():
            mark.update(f"{language}\0{path}\0{html}\0".encode())
    return mark.hexdigest()[:32]


def _write(pages: dict[str, str], folder: Path) -> None:
    for path, html in pages.items():
        file = folder / path / "index.html"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(html, encoding="utf-8")


def _run(program: Path, language: str, workshop: Path) -> subprocess.Popen[bytes]:
    """Start Pagefind in the workshop, where no settings of somebody else's lie about."""
    places = ("--site", f"records/{language}", "--output-path", f"index/{language}")
    return subprocess.Popen(  # noqa: S603  the program and its arguments are ours
        [program, *places, "--force-language", language, "--silent"],
        cwd=workshop,
        env={key: value for key, value in os.environ.items() if not key.startswith("PAGEFIND_")},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


def tidy(bundle: Path) -> None:
    """Remove what Pagefind writes for those who use its own user interface, and the language support not asked for."""
    try:
        entry = json.loads((bundle / "pagefind-entry.json").read_text(encoding="utf-8"))
    except ValueError:  # Pagefind writes it last, and ends well also where it could not
        raise CannotIndex("the search can't be made: there must be room on the disk for what Pagefind writes") from None
    if all(language["wasm"] for language in entry["languages"].values()):
        (bundle / "wasm.unknown.pagefind").unlink()
    needed = {file for pattern in NEEDED for file in bundle.glob(pattern)}
    for path in bundle.iterdir():
        if path.is_file() and path not in needed:
            path.unlink()


def remove_others(index: Path) -> None:
    """Keep this index alone: an older one may hold the words of a comment that was hidden or disposed of."""
    for other in index.parent.glob("*"):
        abandoned = not other.name.startswith(NEW) or other.stat().st_mtime < time.time() - STALE_SECONDS
        if other != index and abandoned:
            shutil.rmtree(other, ignore_errors=True)


def place(index: Path, output: Path) -> None:
    """Bring the index into a folder; as links where it can be, so that what is the same costs no copying."""
    for file in _files(index):
        target = output / file.relative_to(index)
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(file, target)
        except OSError:  # another disk, or one without links
            shutil.copyfile(file, target)


def _files(folder: Path) -> Iterator[Path]:
    for parent, _folders, names in os.walk(folder):
        yield from (Path(parent, name) for name in names)

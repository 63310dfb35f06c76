"""A writer's computer, as the handbook presumes it: the project, a terminal, an editor, and a server to push to."""

import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.running import PATIENCE_SECONDS, ROOT, free_port

WHO = {f"GIT_{role}_{key}": value for role in ("AUTHOR", "COMMITTER") for key, value in
       (("NAME", "Stadsdirektören"), ("EMAIL", "stadsdirektoren@lindhamn.example"))}  # fmt: skip


class Computer:
    """`shell` and `edit` do what the handbook says to do there; the preview answers at `origin` once it is started."""

    def __init__(self, folder: Path) -> None:
        self.project, self.server = folder / "projekt", folder / "srv"
        self.port = free_port()
        self.origin = f"http://localhost:{self.port}"
        self.environment = os.environ | WHO | {"PORT": str(self.port), "GIT_CONFIG_GLOBAL": os.devnull}
        for name in ("CONTENT", "OUTPUT", "DATA", "SITE", "THEME"):
            self.environment.pop(name, None)
        self.preview: subprocess.Popen[bytes] | None = None
        self.newest = ""
        """The name of the letter that was begun last, which is its file's and its address's."""
        self.published: list[bool] = []
        """Whether readers have had the newest letter, after each push."""
        _copy_project(self.project)
        self.shell(f"deploy/receive setup {self.server}\ngit init -q -b main\ngit add -A\ngit commit -qm Början\n")
        self.shell(f"git remote add publicera {self.server}/site.git\ngit push -q publicera main\n")

    def shell(self, lines: str) -> None:
        """Run the lines one by one, each of which must succeed; `make serve` stays, as in a window of its own."""
        for line in lines.splitlines():
            self._serve() if line == "make serve" else self._run(line)

    def _run(self, line: str) -> None:
        done = subprocess.run(line, shell=True, cwd=self.project, env=self.environment, capture_output=True, text=True)
        assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
        if begun := re.search(r"letters/([\w-]+)\.md", done.stdout if line.startswith("make new") else ""):
            self.newest = begun[1]
        if line.startswith("git push publicera"):
            self.published.append(any(self.server.glob(f"current/*/{self.newest}/index.html")))

    def edit(self, what: str, lines: str) -> None:
        """Change the newest letter in a text editor, and save."""
        letter = self.project / "content" / "letters" / f"{self.newest}.md"
        header, _, body = letter.read_text(encoding="utf-8").partition("\n\n")
        if what == "text":
            body = lines
        else:
            key = re.escape(lines.partition(":")[0])
            header, number = re.subn(rf"^{key}:.*\n?", f"{lines}\n" if what == "fill in" else "", header, flags=re.M)
            assert number == 1, f"the letter must have the line {lines}"
        letter.write_text(f"{header.rstrip()}\n\n{body}", encoding="utf-8")

    def _serve(self) -> None:
        with (self.project.parent / "serve.log").open("wb") as log:
            self.preview = subprocess.Popen(
                ["make", "serve"],
                cwd=self.project,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        patience = time.monotonic() + PATIENCE_SECONDS
        while "/moderering/logga-in/" not in Path(log.name).read_text(encoding="utf-8"):
            assert self.preview.poll() is None and time.monotonic() < patience, Path(log.name).read_text("utf-8")
            time.sleep(0.05)

    def end(self) -> None:
        """Press Ctrl-C in every window."""
        if self.preview and self.preview.poll() is None:
            os.killpg(self.preview.pid, signal.SIGTERM)
            self.preview.wait(timeout=30)


@contextmanager
def computer(folder: Path) -> Iterator[Computer]:
    """One for a while."""
    made = Computer(folder)
    try:
        yield made
    finally:
        made.end()


def _copy_project(to: Path) -> None:
    """The project as it stands here, with what it has installed."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0")
    for name in filter(None, names):
        if (ROOT / name).is_file():
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, to / name)
    for name in (".venv", "deploy/npm/node_modules"):
        if (ROOT / name).exists():
            (to / name).symlink_to((ROOT / name).resolve())

"""Releases: each a folder with a built site and the source it was built from, and a link to the one that is shown."""

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from builder.receive.house import House, write_json

SHORT = 12
"""Characters of a commit in a release's name."""


@dataclass(frozen=True)
class Release:
    """A folder with site/, source/, tree.json and release.json, named <time>-<commit>."""

    folder: Path

    @property
    def site(self) -> Path:
        """The built site."""
        return self.folder / "site"

    @property
    def source(self) -> Path:
        """What it was built from."""
        return self.folder / "source"

    @property
    def table(self) -> dict[str, Any]:
        """What is known of it: commit, begun (seconds since 1970), next_change, and whether it was ever shown."""
        table: dict[str, Any] = json.loads((self.folder / "release.json").read_text(encoding="utf-8"))
        return table

    @property
    def commit(self) -> str:
        """The full name of its commit."""
        return str(self.table["commit"])

    def note(self, **values: object) -> None:
        """Write more into what is known of it."""
        file = self.folder / "release.json"
        write_json(file, {**(self.table if file.exists() else {}), **values})

    def letters(self) -> list[dict[str, Any]]:
        """Its letters as letters.json has them, the newest first."""
        try:
            found: list[dict[str, Any]] = json.loads((self.site / "letters.json").read_text(encoding="utf-8"))[
                "letters"
            ]
        except (OSError, ValueError, KeyError):
            return []
        return found


@dataclass(frozen=True)
class Channel:
    """What one branch is published by: its releases, the link to the one that is shown, and how it is built."""

    releases: Path
    link: Path
    keep: int
    conf: str
    environment: Mapping[str, str] = field(default_factory=dict)

    def all(self) -> list[Release]:
        """Every whole release, the oldest first."""
        found = self.releases.glob("[!.]*/release.json")
        return [Release(file.parent) for file in sorted(found)]

    def shown(self) -> Release | None:
        """The release that readers see."""
        try:
            folder = self.releases / self.link.readlink().parent.name
        except OSError:
            return None
        return Release(folder) if (folder / "release.json").exists() else None

    def of(self, commit: str) -> Release | None:
        """The newest release of a commit."""
        return next((each for each in reversed(self.all()) if each.commit == commit), None)

    def before(self, release: Release) -> Release | None:
        """The release of another commit that readers saw before that one."""
        older = [each for each in self.all() if each.folder.name < release.folder.name and each.table.get("shown")]
        return next((each for each in reversed(older) if each.commit != release.commit), None)

    def show(self, release: Release) -> None:
        """Let readers see it from now on, by one rename of a link."""
        release.note(shown=True)
        fresh = self.link.with_name(f".{self.link.name}.new")
        fresh.unlink(missing_ok=True)
        fresh.symlink_to(os.path.relpath(release.site, self.link.parent))
        fresh.replace(self.link)

    def tidy(self, kept: str = "") -> None:
        """Remove what is half made, and old releases; never the one that is shown, nor that of the commit `kept`."""
        for folder in self.releases.glob(".*"):
            shutil.rmtree(folder, ignore_errors=True)
        newest = [each for each in self.all() if each.table.get("shown")][-self.keep :]
        staying = {each.folder for each in (*newest, self.shown(), self.of(kept)) if each}
        for release in self.all():
            if release.folder not in staying:
                gone = release.folder.with_name(f".{release.folder.name}.old")
                release.folder.rename(gone)
                shutil.rmtree(gone, ignore_errors=True)


def main_channel(house: House) -> Channel:
    """That of main: what is published."""
    return Channel(house.root / "releases", house.current, house.keep, "publishconf.py", {"DATA": str(house.data)})


def branch_channel(house: House, branch: str) -> Channel:
    """That of another branch: a preview. Pictures are shared with what is published, nothing else."""
    token = house.token(branch)
    data = house.root / "previews.var"
    return Channel(
        house.root / "branches" / token,
        house.root / "previews" / token,
        1,
        "branchconf.py",
        {"DATA": str(data), "BRANCH": branch},
    )


def begin(channel: Channel, commit: str) -> Path:
    """A folder in which a release is made, with the shown one's site in it by hard links."""
    now = datetime.now(UTC)
    folder = channel.releases / f".{now:%Y%m%dT%H%M%S.%f}Z-{commit[:SHORT]}"
    folder.mkdir(parents=True)
    if shown := channel.shown():
        shutil.copytree(shown.site, folder / "site", copy_function=_link)
    return folder


def finish(folder: Path, commit: str, report: Mapping[str, Any], begun: float) -> Release:
    """Make it a release, whole from one moment to the next."""
    Release(folder).note(commit=commit, begun=begun, next_change=report.get("next_change"))
    whole = folder.with_name(folder.name.removeprefix("."))
    folder.rename(whole)
    return Release(whole)


def _link(source: str, target: str) -> None:
    """The same file by another name; builds replace files and never write into them."""
    try:
        os.link(source, target)
    except OSError:  # too many links to one file
        shutil.copy2(source, target)

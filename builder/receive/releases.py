"""Releases: each a folder with a built site that stays as it is, and a link to the one that is shown."""

import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from builder.receive.house import House, write_json
from builder.sync import remove

SHORT = 12
"""Characters of a commit in a release's name."""


@dataclass(frozen=True)
class Release:
    """A folder with site/ and release.json, named <time>-<commit>."""

    folder: Path

    @property
    def site(self) -> Path:
        """The built site."""
        return self.folder / "site"

    @property
    def table(self) -> dict[str, Any]:
        """What is known of it: commit, begun (seconds since 1970), next_change, url, time_zone; shown if it was."""
        table: dict[str, Any] = json.loads((self.folder / "release.json").read_text(encoding="utf-8"))
        return table

    @property
    def is_whole(self) -> bool:
        """Whether it is one that can be shown; what a power cut has left is none."""
        try:
            return {"commit", "begun", "url", "time_zone"} <= self.table.keys()
        except (OSError, ValueError, AttributeError):
            return False

    @property
    def commit(self) -> str:
        """The full name of its commit."""
        return str(self.table["commit"])

    def note(self, **values: object) -> None:
        """Write more into what is known of it."""
        write_json(self.folder / "release.json", {**(self.table if self.is_whole else {}), **values})

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
    """What one branch is published by: its releases, the link to the one that is shown, where and how it is built."""

    releases: Path
    link: Path
    work: Path
    keep: int
    conf: str
    environment: Mapping[str, str] = field(default_factory=dict)

    def all(self) -> list[Release]:
        """Every whole release, the oldest first."""
        found = (Release(folder) for folder in sorted(self.releases.glob("[!.]*")))
        return [release for release in found if release.is_whole]

    def shown(self) -> Release | None:
        """The release that readers see."""
        try:
            folder = self.releases / self.link.readlink().parent.name
        except OSError:
            return None
        release = Release(folder)
        return release if release.is_whole else None

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
        for folder in set(self.releases.glob("[!.]*")) - staying:
            gone = folder.with_name(f".{folder.name}.old")
            folder.rename(gone)
            shutil.rmtree(gone, ignore_errors=True)


def main_channel(house: House) -> Channel:
    """That of main: what is published."""
    data = {"DATA": str(house.data)}
    return Channel(house.root / "releases", house.current, house.work("main"), house.keep, "publishconf.py", data)


def branch_channel(house: House, branch: str) -> Channel:
    """That of another branch: a preview. Pictures are shared with what is published, nothing else.

    It has no comments (branchconf.py), so its conversations are looked for where none are.
    """
    token = house.token(branch)
    work = house.work(token)
    environment = {"DATA": str(work / "var"), "CONVERSATIONS": str(work / "no-conversations"), "BRANCH": branch}
    previews = house.root / "previews"
    return Channel(house.root / "branches" / token, previews / token, work, 1, "branchconf.py", environment)


def freeze(channel: Channel, table: Mapping[str, Any]) -> Release:
    """A new release of what was built, by hard links; whole from one moment to the next."""
    name = f"{datetime.now(UTC):%Y%m%dT%H%M%S.%f}Z-{table['commit'][:SHORT]}"
    folder = channel.releases / f".{name}"
    folder.mkdir(parents=True)
    try:
        shutil.copytree(channel.work / "site", folder / "site", copy_function=_link)
        Release(folder).note(**table)
        return Release(folder.rename(channel.releases / name))
    finally:
        shutil.rmtree(folder, ignore_errors=True)  # where it could not be renamed


def renew(channel: Channel, release: Release, folder: str = "") -> None:
    """Bring what was built anew into a release of the same commit, or one folder of it; only files that changed."""
    start = f"{folder}/" if folder else ""
    wanted = {start + name: number for name, number in _files(channel.work / "site" / folder)}
    there = {start + name: number for name, number in _files(release.site / folder)}
    changed = [name for name in sorted(wanted) if there.get(name) != wanted[name]]
    renew_files(channel, release, [*changed, *(there.keys() - wanted.keys())])


def renew_files(channel: Channel, release: Release, names: Iterable[str]) -> None:
    """Bring some files into a release as they are built now, one by one, or take away those that are there no more."""
    site, fresh = release.site, release.site / ".fresh"
    for name in names:
        built, target = channel.work / "site" / name, site / name
        if not built.is_file():
            remove(site, name)
        elif not (target.exists() and target.samefile(built)):  # a rename to the same file would leave both names
            target.parent.mkdir(parents=True, exist_ok=True)
            fresh.unlink(missing_ok=True)
            _link(str(built), str(fresh))
            fresh.replace(target)


def _files(folder: Path) -> Iterator[tuple[str, int]]:
    """Every file below a folder, by its path in it, with its inode: another file has another."""
    for entry in os.scandir(folder) if folder.is_dir() else ():
        if entry.is_dir(follow_symlinks=False):
            yield from ((f"{entry.name}/{name}", number) for name, number in _files(Path(entry.path)))
        else:
            yield entry.name, entry.inode()


def _link(source: str, target: str) -> None:
    """The same file by another name; builds replace files and never write into them."""
    try:
        os.link(source, target)
    except OSError:  # too many links to one file
        shutil.copy2(source, target)

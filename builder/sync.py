"""Brings a finished build into the folder that is served: file by file, and only the files that differ."""

import contextlib
import fcntl
import filecmp
import os
import shutil
from collections.abc import Collection, Iterator
from pathlib import Path

LIST = ".built"
"""The file in the output that names what the last build wrote; nothing else is ever removed."""


@contextlib.contextmanager
def workshop(output: Path) -> Iterator[Path]:
    """An empty folder beside `output`, on the same disk, once no other build works for that output."""
    output.parent.mkdir(parents=True, exist_ok=True)
    with (output.parent / f".{output.name}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        folder = output.parent / f".{output.name}.new"
        shutil.rmtree(folder, ignore_errors=True)  # a build that was killed may have left it
        folder.mkdir()
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def sync(built: Path, output: Path, kept: Collection[str] = ()) -> list[str]:
    """Make `output` hold what `built` holds, and `kept` as it is there; the names of files written or removed.

    Each file is replaced in one step, so a reader meets the old or the new one, never a half.
    """
    fresh = sorted(_files(built))
    names = {*fresh, *kept}
    if not output.exists() or not any(output.iterdir()):
        _write_list(built, built, names)
        built.replace(output)
        return fresh
    with _listed(built, output, names) as before:
        changed = _remove(output, before - names)
        return changed + [name for name in fresh if _bring(built / name, output / name)]


def sync_folder(built: Path, output: Path, name: str) -> None:
    """Make one folder of `output` hold what it holds in `built`, and leave everything else as it is.

    What is new comes before the old goes, as somebody may read it meanwhile.
    """
    fresh = sorted(_files(built))
    others = {known for known in _last_built(output) if not known.startswith(f"{name}/")}
    with _listed(built, output, others.union(fresh)) as before:
        for new in fresh:
            _bring(built / new, output / new)
        _remove(output, before - others.union(fresh))


@contextlib.contextmanager
def _listed(built: Path, output: Path, names: set[str]) -> Iterator[set[str]]:
    """Let the list name what was there, which it gives, and what comes, until all has come; then `names` alone.

    So whoever is killed meanwhile leaves no file that nobody knows, and that would be published by the next build.
    """
    before = _last_built(output)
    if not names <= before:
        _write_list(built, output, before | names)
    yield before
    if not before <= names:
        _write_list(built, output, names)


def built_before(output: Path, folder: str = "") -> set[str]:
    """What the last build wrote, or what of that lies in one folder of the output."""
    start = f"{folder}/" if folder else ""
    return {name for name in _last_built(output) if name.startswith(start)}


def _write_list(built: Path, output: Path, names: set[str]) -> None:
    """Write the list in one step, by way of the workshop, where nothing stays of one that was half written."""
    fresh = built / f"{LIST}.new"
    fresh.write_text("".join(f"{name}\n" for name in sorted(names)), encoding="utf-8")
    fresh.replace(output / LIST)


def _files(folder: Path) -> Iterator[str]:
    """The paths of all files below a folder, relative to it."""
    for parent, _folders, names in os.walk(folder):
        inside = os.path.relpath(parent, folder)
        yield from (name if inside == os.curdir else f"{inside}/{name}" for name in names)


def _bring(source: Path, target: Path) -> bool:
    if target.is_file() and (source.samefile(target) or filecmp.cmp(source, target, shallow=False)):
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    source.replace(target)
    return True


def _last_built(output: Path) -> set[str]:
    try:
        return set((output / LIST).read_text(encoding="utf-8").splitlines())
    except FileNotFoundError:
        return set()


def _remove(output: Path, names: set[str]) -> list[str]:
    top = output.resolve()
    inside = [name for name in sorted(names) if (output / name).resolve().is_relative_to(top)]
    return [name for name in inside if remove(output, name)]


def remove(folder: Path, name: str) -> bool:
    """Remove a file and the folders that it leaves empty; whether there was one."""
    path = folder / name
    is_there = path.is_file()
    if is_there:
        path.unlink()
    for parent in Path(name).parents[:-1]:  # also where a build was killed between the two
        with contextlib.suppress(OSError):  # still holds other files
            (folder / parent).rmdir()
    return is_there

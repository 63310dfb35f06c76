"""In the preview of a person who writes, a text with errors is built as it was when it last had none.

Everything else can be seen meanwhile, and what is wrong is told about that text alone. A text that never was without
errors is left out. In publication, and in a single build, an error stops everything.
"""

import logging
import os
import re
import shutil
from collections.abc import Callable, Iterable, Mapping, MutableMapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from plugins.check_endings import others
from plugins.findings import Finding, short
from plugins.source_text import Unreadable
from plugins.sources import address, read_source, sources
from plugins.stand_ins import stand_ins

FOLDER = "last-good"
"""Below DATA: each text as it was, under its path inside CONTENT."""
NOTHING = "Title: -\nDate: 2000-01-01\nStatus: skip\n"
"""What is read for a text that is left out."""
_PLAIN = re.compile(r"(?:/[a-z0-9-]+)+/")

Find = Callable[[MutableMapping[str, Any], Callable[[Path], bool]], list[Finding]]

logger = logging.getLogger(__name__)


def set_aside(settings: MutableMapping[str, Any], findings: list[Finding], find: Find) -> bool:
    """Whether the site can be built now: nothing is wrong, or only in texts that older ones stand in for.

    It leaves settings["SET_ASIDE"], a table for each such text: its file, the addresses where it is looked for, that
    of the older text first, and whether those show how it was; and settings["LOOKED_FOR"], those addresses by path.
    Errors that the older texts bring with them are added to the findings.
    """
    settings["SET_ASIDE"], settings["LOOKED_FOR"] = [], {}
    errors = [finding for finding in findings if finding.stops]
    if not _forgives(settings):
        return not errors
    written, folder = dict(sources(settings)), Path(settings["DATA"], FOLDER)
    no_texts = set(others(settings)).intersection(Path(error.path) for error in errors)
    while errors:
        for error in errors:
            logger.warning("%s", error)
        faulty = {Path(error.path) for error in errors} - no_texts
        if not faulty <= written.keys() or not all(
            _older(path, written[path], settings, folder) for path in sorted(faulty)
        ):
            return False
        errors = [finding for finding in find(settings, stand_ins.__contains__) if finding.stops]
        findings += sorted(set(errors).difference(findings))
    nothing = folder / "nothing"
    for path, own in sorted(settings["LOOKED_FOR"].items()):
        table = {"file": short(str(path)), "addresses": own, "shown": stand_ins[path] != nothing}
        settings["SET_ASIDE"].append(table)
    settings["SET_ASIDE"] += [{"file": short(str(path)), "addresses": [], "shown": False} for path in sorted(no_texts)]
    _keep(written, Path(settings["PATH"]), folder)
    return True


def _forgives(settings: Mapping[str, Any]) -> bool:
    """Only the builder that goes on building for the one who writes: it does not wait for the search either."""
    return bool(settings.get("SEARCH_LATER")) and not settings["SITEURL"]


def _older(path: Path, is_letter: bool, settings: MutableMapping[str, Any], folder: Path) -> bool:
    """Read the text's older version from now on, or nothing if that is tried already; False if nothing is wrong too."""
    nothing, kept = folder / "nothing", folder / path.relative_to(settings["PATH"])
    if stand_ins.get(path) == nothing:
        return False
    found = settings["LOOKED_FOR"].get(path) or looked_for(path, is_letter, settings)
    if path in stand_ins or not kept.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        nothing.write_text(NOTHING, encoding="utf-8")
        kept = nothing
    stand_ins[path] = kept
    settings["LOOKED_FOR"][path] = list(dict.fromkeys([*looked_for(path, is_letter, settings), *found]))
    return True


def looked_for(path: Path, is_letter: bool, settings: Mapping[str, Any]) -> list[str]:
    """The addresses that a text would have, its own first, then that of its publication; none that no page can have."""
    try:
        source = read_source(path, is_letter)
    except Unreadable:
        return []
    if source.status == "skip":
        return []
    published = replace(source, header={key: line for key, line in source.header.items() if key != "status"})
    found = [address(each, settings) for each in (source, published)]
    return list(dict.fromkeys(each for each in found if each and _PLAIN.fullmatch(each)))


def keep_text(path: Path, settings: Mapping[str, Any]) -> None:
    """Keep one text that was just built."""
    if _forgives(settings):
        _copy(path, Path(settings["DATA"], FOLDER, path.relative_to(settings["PATH"])))


def _keep(written: Iterable[Path], content: Path, folder: Path) -> None:
    """Keep each text that is built as it stands, and nothing of texts that are gone.

    A thousand texts are looked at in each build: their paths are strings here.
    """
    start, kept = len(os.fspath(content)), {os.fspath(folder / "nothing")}
    for path in written:
        copy = os.fspath(folder) + os.fspath(path)[start:]
        kept.add(copy)
        if path not in stand_ins and _version(os.fspath(path)) != _version(copy):
            _copy(path, Path(copy))
    for parent, _folders, names in os.walk(folder):
        for name in names:
            if (file := f"{parent}/{name}") not in kept:
                Path(file).unlink()


def _copy(path: Path, copy: Path) -> None:
    copy.parent.mkdir(parents=True, exist_ok=True)
    fresh = copy.with_name(".new")  # whose name is not too long, whatever the text's is
    shutil.copy2(path, fresh)
    fresh.replace(copy)


def _version(file: str) -> tuple[int, int] | None:
    """When it was last written, and its size, which a copy of it has too; None where there is none."""
    try:
        state = os.stat(file)  # noqa: PTH116  see _keep
    except OSError:
        return None
    return state.st_mtime_ns, state.st_size

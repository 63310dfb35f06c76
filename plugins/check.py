"""Checks everything that is written before anything is built, and names every fault at once."""

import logging
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from pelican import Pelican, signals

from common.language import translations
from plugins.advice import adviser, keep_advice, missing_dictionary
from plugins.check_endings import check_endings
from plugins.check_files import check_files
from plugins.check_source import check_source
from plugins.check_statement import check_statement
from plugins.checks_kept import kept
from plugins.converting import Converted, converter_of
from plugins.cores import beside, shared
from plugins.findings import ContentFaults, Finding
from plugins.last_good import set_aside
from plugins.scheduled import check_in_time
from plugins.source_text import Unreadable
from plugins.sources import Source, read_source, sources, unread
from plugins.stand_ins import stand_ins
from plugins.wording import Gettext

LEAST_TEXTS = 25
"""Texts that make it worth while to start one more process."""

logger = logging.getLogger(__name__)


def find_all(
    settings: MutableMapping[str, Any], is_looked_at: Callable[[Path], bool] = lambda _path: True
) -> list[Finding]:
    """Every finding in the letters, the pages, their pictures and site.toml, by file and line.

    Of the texts that are not `is_looked_at` it tells only what concerns others too: links, addresses, pictures.
    """
    errors = find_errors(settings, is_looked_at)
    written = [source for path, source in settings["SOURCES"].items() if is_looked_at(path)]
    return sorted({*errors, *advice(settings, written)[0]})


def find_errors(
    settings: MutableMapping[str, Any], is_looked_at: Callable[[Path], bool] = lambda _path: True
) -> list[Finding]:
    """The same without the advice on how the texts are written."""
    _ = translations(settings["FACTS"].language).gettext
    return sorted({*_in_texts(settings, is_looked_at, _), *_in_statement(settings, _), *_of_spelling(settings, _)})


def advice(settings: MutableMapping[str, Any], written: list[Source]) -> tuple[list[Finding], int]:
    """The advice on how these texts are written, and how many of them are left for the next time."""
    found = list(_advice(written, settings, translations(settings["FACTS"].language).gettext))
    return found, keep_advice(settings)


def _in_texts(
    settings: MutableMapping[str, Any], is_looked_at: Callable[[Path], bool], _: Gettext
) -> Iterator[Finding]:
    of_names = [finding for finding in check_files(settings, _) if Path(finding.path) not in stand_ins]
    yield from of_names
    linked = {path for finding in of_names if (path := Path(finding.path)).is_symlink()}
    every, unreadable = list[Source](), list[Finding]()
    settings["UNREAD"] = []
    for path, is_letter in sources(settings):
        if path in linked:  # whatever it leads to is nobody's to quote
            continue
        try:
            every.append(read_source(path, is_letter))
        except Unreadable as error:
            unreadable.append(Finding(str(path), error.line, error.told(_)))
            settings["UNREAD"].append(unread(path, is_letter))
    yield from unreadable
    if not unreadable:  # one of them may link to such a file
        yield from (each for each in check_endings(every, settings, _) if is_looked_at(Path(each.path)))
    written = [source for source in every if not _left_out(source, settings)]
    settings["SOURCES"] = {source.path: source for source in written}
    looked_at = [source for source in written if is_looked_at(source.path)]
    for found in kept(settings, looked_at, partial(_in_sources, settings, _)):
        yield from found
    yield from check_in_time(written, settings, _)


def _in_sources(settings: MutableMapping[str, Any], _: Gettext, due: list[Source]) -> list[list[Finding]]:
    """What is wrong in each of some sources; their HTML, which that takes, is kept for whoever reads them."""
    if not due:
        return []
    converter = converter_of(settings)

    def look(source: Source) -> tuple[list[Finding], Converted | None]:
        found = [Finding(str(source.path), *remark) for remark in check_source(source, settings, _)]
        return found, converter.take(source)

    looked = shared(look, due, LEAST_TEXTS, Path(settings["THEME"]))
    for source, (_found, converted) in zip(due, looked, strict=True):
        if converted:
            converter.keep(source, converted)
    return [found for found, _converted in looked]


def _advice(written: list[Source], settings: Mapping[str, Any], _: Gettext) -> Iterator[Finding]:
    """What was written last comes first: where not all of it is advised on at once, somebody waits for that."""
    advise = adviser(settings, _)
    for source in sorted(written, key=lambda source: _written(source.path), reverse=True):
        yield from (Finding(str(source.path), *remark, "advice") for remark in advise(source))


def _written(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:  # removed meanwhile
        return 0.0


def _left_out(source: Source, settings: Mapping[str, Any]) -> bool:
    return source.status == "skip" or (source.status == "draft" and not settings["DRAFT_SAVE_AS"])


def _in_statement(settings: Mapping[str, Any], _: Gettext) -> Iterator[Finding]:
    """What the statement lacks stops a new version alone: somebody with an old copy can still write.

    What is public already must be kept up to date also when a day has passed: a comment that is hidden has to go.
    """
    for (line, message), stops in check_statement(settings, _):
        yield Finding(settings["SITE"], line, message, "error" if stops and settings.get("NEW_VERSION") else "advice")


def _of_spelling(settings: Mapping[str, Any], _: Gettext) -> Iterator[Finding]:
    for path, message in missing_dictionary(settings, _):
        yield Finding(str(path), 1, message, "advice")


def _check(pelican: Pelican) -> None:
    settings = pelican.settings
    stand_ins.clear()  # of the build before, in a builder that stays
    settings["FINDINGS"] = findings = find_errors(settings)
    if not settings.get("NEW_VERSION", True):  # what is public may be older than a check: what can be built is
        settings["FINDINGS"] = findings = [replace(finding, level="advice") for finding in findings]
    written = list(settings["SOURCES"].values())  # before older texts stand in for some
    if not set_aside(settings, findings, find_errors):
        found, left = advice(settings, written)
        raise ContentFaults(sorted({*findings, *found}), left)
    _begin_advice(settings, written)
    for finding in findings:
        if finding.path == settings["SITE"]:
            logger.warning("%s", finding)


def _begin_advice(settings: MutableMapping[str, Any], written: list[Source]) -> None:
    """It takes a while and concerns no page. A builder that stays gives it itself, and has the dictionary at hand."""
    if settings.get("SEARCH_LATER"):
        found, settings["ADVICE_LEFT"] = advice(settings, written)
        settings["FINDINGS"] = sorted({*settings["FINDINGS"], *found})
    else:
        settings["ADVICE"] = beside(settings, partial(advice, settings, written))


def register() -> None:
    """Called by Pelican."""
    signals.initialized.connect(_check)

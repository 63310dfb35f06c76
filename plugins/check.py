"""Checks everything that is written before anything is built, and names every fault at once."""

import logging
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from functools import partial
from pathlib import Path
from typing import Any

from pelican import Pelican, signals

from common.language import translations
from plugins.advice import adviser, keep_advice, missing_dictionary
from plugins.check_files import check_files
from plugins.check_source import check_source
from plugins.check_statement import check_statement
from plugins.checks_kept import kept
from plugins.findings import ContentFaults, Finding
from plugins.last_good import set_aside
from plugins.scheduled import check_in_time
from plugins.source_text import Unreadable
from plugins.sources import Source, read_source, sources
from plugins.stand_ins import stand_ins
from plugins.wording import Gettext

logger = logging.getLogger(__name__)


def find_all(
    settings: MutableMapping[str, Any], is_looked_at: Callable[[Path], bool] = lambda _path: True
) -> list[Finding]:
    """Every finding in the letters, the pages, their pictures and site.toml, by file and line.

    Of the texts that are not `is_looked_at` it tells only what concerns others too: links, addresses, pictures.
    """
    _ = translations(settings["FACTS"].language).gettext
    found = sorted({*_in_texts(settings, is_looked_at, _), *_in_statement(settings, _), *_of_spelling(settings, _)})
    keep_advice(settings)
    return found


def _in_texts(
    settings: MutableMapping[str, Any], is_looked_at: Callable[[Path], bool], _: Gettext
) -> Iterator[Finding]:
    yield from check_files(settings, _)
    written: list[Source] = []
    for path, is_letter in sources(settings):
        try:
            source = read_source(path, is_letter)
        except Unreadable as error:
            yield Finding(str(path), error.line, error.told(_))
            continue
        if not _left_out(source, settings):
            written.append(source)
    settings["SOURCES"] = {source.path: source for source in written}
    looked_at = [source for source in written if is_looked_at(source.path)]
    for source in looked_at:
        yield from kept(settings, source, partial(_in_source, source, settings, _))
    yield from _advice(looked_at, settings, _)
    yield from check_in_time(written, settings, _)


def _in_source(source: Source, settings: Mapping[str, Any], _: Gettext) -> list[Finding]:
    return [Finding(str(source.path), *remark) for remark in check_source(source, settings, _)]


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
    settings["FINDINGS"] = findings = find_all(settings)
    if not set_aside(settings, findings, find_all):
        raise ContentFaults(findings)
    for finding in findings:
        if finding.path == settings["SITE"]:
            logger.warning("%s", finding)


def register() -> None:
    """Called by Pelican."""
    signals.initialized.connect(_check)

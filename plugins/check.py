"""Checks everything that is written before anything is built, and names every fault at once."""

import logging
from collections.abc import Iterator, Mapping, MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pelican import Pelican, signals

from common.language import translations
from plugins.addresses import Addresses, all_addresses
from plugins.check_header import check_header
from plugins.check_ids import check_ids
from plugins.check_links import check_links
from plugins.check_pictures import Use, check_drawings, check_pictures, used_files
from plugins.check_statement import check_statement
from plugins.check_translations import check_translations
from plugins.picture_store import Wanted
from plugins.pictures import is_raster
from plugins.sources import STATEMENT, Source, Unreadable, address, read_source, sources
from plugins.wording import Gettext

logger = logging.getLogger(__name__)


@dataclass(frozen=True, order=True)
class Fault:
    """Something a writer must put right; str() is `file:line: message`."""

    path: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{_short(self.path)}:{self.line}: {self.message}"


class ContentFaults(Exception):
    """The site can't be built; `faults` names every reason."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = faults


def find_faults(settings: MutableMapping[str, Any]) -> Iterator[Fault]:
    """Every fault in the letters, the pages and all pictures, which are made on the way.

    It leaves settings["PICTURES"], an Album, and settings["USED_FILES"], all that a text shows or links to.
    """
    _ = translations(settings["FACTS"].language).gettext
    written: list[Source] = []
    for path, is_letter in sources(settings):
        try:
            source = read_source(path, is_letter)
        except Unreadable as error:
            yield Fault(str(path), 1, error.told(_))
            continue
        if not _left_out(source, settings):
            written.append(source)
    addresses = all_addresses(written, settings)
    uses: list[Use] = []
    for source in written:
        for line, message in check_header(source, settings, _):
            yield Fault(str(source.path), line, message)
        own = address(source, settings) or "/"
        for line, message in check_links(source, own, addresses, _):
            yield Fault(str(source.path), line, message)
        for line, message in check_ids(source, _):
            yield Fault(str(source.path), line, message)
        uses += used_files(source, own, addresses)
    yield from _doubles(addresses, _)
    for source, line, message in check_translations(written, settings, _):
        yield Fault(str(source.path), line, message)
    for use in _portraits(settings, {source.get("author", settings.get("AUTHOR", "")) for source in written}):
        if not use.wanted.file.is_file():
            message = _('the picture "%(picture)s" must exist; there is no such file')
            yield Fault(str(use.path), use.line, message % {"picture": use.target})
        else:
            uses.append(use)
    yield from _in_pictures(uses, settings, _)
    yield from _in_place_of_the_statement(addresses, _)


def _in_pictures(uses: list[Use], settings: MutableMapping[str, Any], _: Gettext) -> Iterator[Fault]:
    settings["USED_FILES"] = {use.wanted.file for use in uses}
    raster = [use for use in uses if is_raster(use.wanted.file)]
    settings["PICTURES"], faulty = check_pictures(raster, Path(settings["DATA"], "pictures"), _)
    for use, message in faulty:
        yield Fault(str(use.path), use.line, message)
    for file, line, message in check_drawings(Path(settings["PATH"]), _):
        yield Fault(str(file), line, message)


def _left_out(source: Source, settings: Mapping[str, Any]) -> bool:
    return source.status == "skip" or (source.status == "draft" and not settings["DRAFT_SAVE_AS"])


def _doubles(addresses: Addresses, _: Gettext) -> Iterator[Fault]:
    message = _("the address %(address)s must be one letter's alone; %(other)s has it too")
    for own, sharers in addresses.doubles.items():
        for source in sharers if len(sharers) > 1 else ():
            other = next(one for one in sharers if one is not source)
            named = {"address": own, "other": _short(str(other.path))}
            yield Fault(str(source.path), source.line("slug"), message % named)


def _in_place_of_the_statement(addresses: Addresses, _: Gettext) -> Iterator[Fault]:
    message = _(
        "the address %(address)s must be free: the accessibility statement stands there, made of [accessibility] in "
        "site.toml; move what this page says there and remove the page"
    )
    for source in addresses.doubles.get(STATEMENT, []):
        yield Fault(str(source.path), source.line("slug"), message % {"address": STATEMENT})


def _portraits(settings: Mapping[str, Any], used: set[str]) -> Iterator[Use]:
    """site.toml's portraits of the writers that are shown: other letters can be built with it too."""
    site = Path(settings["SITE"])
    for writer in settings["FACTS"].writers:
        if writer.name in used and writer.picture:
            lines = site.read_text(encoding="utf-8").splitlines()
            number = next((at for at, line in enumerate(lines, 1) if writer.picture in line), 1)
            file = Path(settings["PATH"], writer.picture.lstrip("/")).resolve()
            yield Use(site, number, writer.picture, Wanted(file, "portrait"))


def _short(path: str) -> str:
    here = Path.cwd()
    file = Path(path)
    return str(file.relative_to(here)) if file.is_relative_to(here) else path


def _check(pelican: Pelican) -> None:
    """What the statement lacks stops a publication alone: somebody with an old copy can still write."""
    settings = pelican.settings
    _, site = translations(settings["FACTS"].language).gettext, settings["SITE"]
    lacks = [(Fault(site, *finding), stops) for finding, stops in check_statement(settings, _)]
    stopping = [fault for fault, stops in lacks if stops and settings["SITEURL"]]
    faults = sorted({*find_faults(settings), *stopping})
    if faults:
        raise ContentFaults(faults)
    for fault, _stops in lacks:
        logger.warning("%s", fault)


def register() -> None:
    """Called by Pelican."""
    signals.initialized.connect(_check)

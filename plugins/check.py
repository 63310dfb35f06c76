"""Checks everything that is written before anything is built, and names every fault at once."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pelican import Pelican, signals

from common.language import translations
from plugins.addresses import Addresses, all_addresses
from plugins.check_header import check_header
from plugins.check_links import check_links
from plugins.sources import Source, Unreadable, address, read_source, slug, sources
from plugins.wording import Gettext


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


def find_faults(settings: Mapping[str, Any]) -> Iterator[Fault]:
    """Every fault in the letters, the pages and the pictures of the writers."""
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
    for source in written:
        for line, message in check_header(source, settings, _):
            yield Fault(str(source.path), line, message)
        own = address(source, settings) or "/"
        for line, message in check_links(source, own, addresses, _):
            yield Fault(str(source.path), line, message)
    yield from _doubles(addresses, _)
    yield from _orphans(written, settings, _)
    yield from _portraits(settings, {source.get("author", settings.get("AUTHOR", "")) for source in written}, _)


def _left_out(source: Source, settings: Mapping[str, Any]) -> bool:
    return source.status == "skip" or (source.status == "draft" and not settings["DRAFT_SAVE_AS"])


def _doubles(addresses: Addresses, _: Gettext) -> Iterator[Fault]:
    message = _("the address %(address)s must be one letter's alone; %(other)s has it too")
    for own, sharers in addresses.doubles.items():
        for source in sharers if len(sharers) > 1 else ():
            other = next(one for one in sharers if one is not source)
            named = {"address": own, "other": _short(str(other.path))}
            yield Fault(str(source.path), source.line("slug"), message % named)


def _orphans(written: list[Source], settings: Mapping[str, Any], _: Gettext) -> Iterator[Fault]:
    """Translations of what is not there, or of a text in the same language."""

    def identity(source: Source) -> tuple[bool, str, str]:
        return source.is_letter, source.get("date")[:4], slug(source, settings)

    originals = {identity(source): source for source in written if not source.is_translation}
    for source in (each for each in written if each.is_translation and each.get("lang")):
        original = originals.get(identity(source))
        if original is None:
            message = _('a translation must have the slug and the year of its original; none has the slug "%(slug)s"')
        elif original.get("lang", settings["DEFAULT_LANG"]).lower() == source.get("lang").lower():
            message = _('a translation must be in another language than its original; both are in "%(lang)s"')
        else:
            continue
        named = {"slug": slug(source, settings), "lang": source.get("lang")}
        yield Fault(str(source.path), source.line("translation"), message % named)


def _portraits(settings: Mapping[str, Any], used: set[str], _: Gettext) -> Iterator[Fault]:
    """Faults in site.toml's portraits, of the writers that are shown: other letters can be built with it too."""
    site = Path(settings["SITE"])
    for writer in settings["FACTS"].writers:
        if writer.name in used and writer.picture and not Path(settings["PATH"], writer.picture.lstrip("/")).is_file():
            lines = site.read_text(encoding="utf-8").splitlines()
            number = next((at for at, line in enumerate(lines, 1) if writer.picture in line), 1)
            message = _('the picture "%(picture)s" must exist; there is no such file')
            yield Fault(str(site), number, message % {"picture": writer.picture})


def _short(path: str) -> str:
    here = Path.cwd()
    file = Path(path)
    return str(file.relative_to(here)) if file.is_relative_to(here) else path


def _check(pelican: Pelican) -> None:
    faults = sorted(set(find_faults(pelican.settings)))
    if faults:
        raise ContentFaults(faults)


def register() -> None:
    """Called by Pelican."""
    signals.initialized.connect(_check)

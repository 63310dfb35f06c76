"""What letters and pages must be beside each other: links between them, addresses, translations, pictures."""

from collections.abc import Iterator, Mapping, MutableMapping
from functools import partial
from pathlib import Path
from typing import Any

from plugins.addresses import Addresses, all_addresses
from plugins.check_drafts import check_drafts
from plugins.check_links import check_links
from plugins.check_pictures import Use, check_drawings, check_pictures, used_files
from plugins.check_translations import check_translations
from plugins.checks_kept import kept_links, world_of
from plugins.findings import Finding, short
from plugins.picture_store import Wanted
from plugins.pictures import is_raster
from plugins.sources import STATEMENT, Source, address
from plugins.stand_ins import stand_ins
from plugins.wording import Gettext


def check_together(written: list[Source], settings: MutableMapping[str, Any], _: Gettext) -> Iterator[Finding]:
    """Every finding that shows only when all of `written` are known, and in the pictures, which are made on the way.

    It leaves settings["PICTURES"], an Album, and settings["USED_FILES"], all that a text shows or links to. Where
    settings["PICTURES_UNMADE"] is true it looks only whether they are there. An older text that stands in for another
    had nothing wrong: what it leads to and shows may be gone since, and it is built as it was.
    """
    addresses = all_addresses(written, settings)
    found = _led_to(written, addresses, settings, _)
    yield from (finding for finding in found if Path(finding.path) not in stand_ins)
    yield from _doubles(addresses, _)
    yield from _in_place_of_the_statement(addresses, _)
    yield from check_drafts(written, settings, _)


def _led_to(
    written: list[Source], addresses: Addresses, settings: MutableMapping[str, Any], _: Gettext
) -> Iterator[Finding]:
    """What is wrong with links, with the pictures that are shown, and with what translations are translations of."""
    uses = list[Use]()
    world = world_of(settings, addresses)
    for source in written:
        wrong, used = kept_links(settings, source, world, partial(_links, source, settings, addresses, _))
        yield from wrong
        uses += used
    for source, line, message in check_translations(written, settings, _):
        yield Finding(str(source.path), line, message)
    for use in _portraits(settings, {source.get("author", settings.get("AUTHOR", "")) for source in written}):
        if use.wanted.file.is_file():
            uses.append(use)
        else:
            message = _('the picture "%(picture)s" must exist; there is no such file')
            yield Finding(str(use.path), use.line, message % {"picture": use.target})
    if not settings.get("PICTURES_UNMADE"):
        yield from _in_pictures(uses, settings, _)


def _links(
    source: Source, settings: Mapping[str, Any], addresses: Addresses, _: Gettext
) -> tuple[list[Finding], list[Use]]:
    """What is wrong with a source's links, and the files that it shows or links to."""
    own = address(source, settings) or "/"
    wrong = [Finding(str(source.path), *remark) for remark in check_links(source, own, addresses, _)]
    return wrong, list(used_files(source, own, addresses))


def _in_pictures(uses: list[Use], settings: MutableMapping[str, Any], _: Gettext) -> Iterator[Finding]:
    settings["USED_FILES"] = {use.wanted.file for use in uses}
    raster = [use for use in uses if is_raster(use.wanted.file)]
    settings["PICTURES"], faulty = check_pictures(raster, Path(settings["DATA"], "pictures"), _)
    for use, message in faulty:
        yield Finding(str(use.path), use.line, message)
    for file, line, message in check_drawings(Path(settings["PATH"]), _):
        yield Finding(str(file), line, message)


def _doubles(addresses: Addresses, _: Gettext) -> Iterator[Finding]:
    message = _("the address %(address)s must be one letter's alone; %(other)s has it too")
    for own, sharers in addresses.doubles.items():
        for source in sharers if len(sharers) > 1 else ():
            other = next(one for one in sharers if one is not source)
            named = {"address": own, "other": short(str(other.path))}
            yield Finding(str(source.path), source.line("slug"), message % named)


def _in_place_of_the_statement(addresses: Addresses, _: Gettext) -> Iterator[Finding]:
    message = _(
        "the address %(address)s must be free: the accessibility statement stands there, made of [accessibility] in "
        "site.toml; move what this page says there and remove the page"
    )
    for source in addresses.doubles.get(STATEMENT, []):
        yield Finding(str(source.path), source.line("slug"), message % {"address": STATEMENT})


def _portraits(settings: Mapping[str, Any], used: set[str]) -> Iterator[Use]:
    """site.toml's portraits of the writers that are shown: other letters can be built with it too."""
    site = Path(settings["SITE"])
    for writer in settings["FACTS"].writers:
        if writer.name in used and writer.picture:
            lines = site.read_text(encoding="utf-8").splitlines()
            number = next((at for at, line in enumerate(lines, 1) if writer.picture in line), 1)
            file = Path(settings["PATH"], writer.picture.lstrip("/")).resolve()
            yield Use(site, number, writer.picture, Wanted(file, "portrait"))

"""Writes /tillganglighet/, the accessibility statement with its feedback form, from [accessibility] in site.toml.

What it lacks stops a publication and is a warning in work, so that somebody with an old copy can still write.
"""

import logging
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from pelican import Pelican, signals
from pelican.generators import Generator
from pelican.writers import Writer

from common.accessibility import lacks
from common.language import translations
from plugins.check import ContentFaults, Fault
from plugins.sources import STATEMENT
from plugins.wording import Gettext

_HEADER = re.compile(r"\s*\[\[?\s*(?P<table>\w+)")

logger = logging.getLogger(__name__)


def find_lacks(settings: Mapping[str, Any], _: Gettext) -> Iterator[tuple[Fault, bool]]:
    """What the statement lacks today, each with its line in site.toml and whether it stops a publication."""
    facts, site = settings["FACTS"], Path(settings["SITE"])
    for lack in lacks(facts.accessibility, datetime.now(ZoneInfo(facts.time_zone)).date()):
        line = _line(site, lack.key, lack.values.get("number", 1))
        yield Fault(str(site), line, _(lack.message) % lack.values), lack.is_fault


def _line(site: Path, key: str, number: int) -> int:
    """The line where a key of [accessibility] stands for the so-manieth time; else that of the table, or the first."""
    table, found, inside = 0, [], False
    for at, line in enumerate(site.read_text(encoding="utf-8").splitlines(), 1):
        header = _HEADER.match(line)
        if header:
            inside = header["table"] == "accessibility"
            table = table or (at if inside else 0)
        if inside and key and re.match(rf"\s*(?:{key}\s*=|\[\[\s*accessibility\.{key}\b)", line):
            found.append(at)
    return found[number - 1] if len(found) >= number else table or 1


def _check(pelican: Pelican) -> None:
    settings = pelican.settings
    found = list(find_lacks(settings, translations(settings["FACTS"].language).gettext))
    faults = [fault for fault, stops in found if stops and settings["SITEURL"]]  # which a publication alone has
    if faults:
        raise ContentFaults(faults)
    for fault, _stops in found:
        logger.warning("%s", fault)


class StatementPage(Generator):  # type: ignore[misc]
    """Writes the page, also where there is no statement yet: the form is needed all the same."""

    def generate_output(self, writer: Writer) -> None:
        """Called by Pelican."""
        template = self.get_template("accessibility")
        writer.write_file(f"{STATEMENT}index.html".lstrip("/"), template, self.context)


def register() -> None:
    """Called by Pelican."""
    signals.initialized.connect(_check)
    signals.get_generators.connect(_page)


def _page(_pelican: Any) -> type[Generator]:
    return StatementPage

"""What the accessibility statement in site.toml lacks, and on which line."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from common.accessibility import lacks
from plugins.findings import Remark
from plugins.wording import Gettext

_HEADER = re.compile(r"\s*\[\[?\s*(?P<table>\w+)")


def check_statement(settings: Mapping[str, Any], _: Gettext) -> Iterator[tuple[Remark, bool]]:
    """Yield (line of site.toml, "must …") for all that it lacks today, each with whether that stops a publication."""
    facts = settings["FACTS"]
    today = datetime.now(ZoneInfo(facts.time_zone)).date()
    for lack in lacks(facts.accessibility, today):
        line = _line(Path(settings["SITE"]), lack.key, lack.values.get("number", 1))
        yield (line, _(lack.message) % lack.values), lack.is_fault


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

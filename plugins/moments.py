"""When a letter is published: its date as a moment, also in the two nights a year when the clock is moved."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from plugins.sources import Source, original_address

FIRST_YEAR, LAST_YEAR = 1900, 9999
"""Between which a letter can be dated; on the last days of 9999 no zone can be reckoned with."""


def possible(written: datetime, zone: ZoneInfo) -> datetime:
    """The local time itself, without a zone; in the hour that summer time skips, the first one after it.

    Of a time that comes twice, when summer time ends, the first is meant: Python's own `fold` of 0.
    """
    if written.year >= LAST_YEAR or _there_and_back(written, zone) == written:
        return written
    before, after = written.replace(tzinfo=zone, fold=1), written.replace(tzinfo=zone)
    early, late = before.astimezone(UTC), after.astimezone(UTC)  # the clock is moved between the two
    while late - early > timedelta(seconds=1):
        middle = early + (late - early) / 2
        if middle.astimezone(zone).utcoffset() == late.astimezone(zone).utcoffset():
            late = middle
        else:
            early = middle
    return late.astimezone(zone).replace(tzinfo=None, microsecond=0, fold=0)


def _there_and_back(written: datetime, zone: ZoneInfo) -> datetime:
    return written.replace(tzinfo=zone).astimezone(UTC).astimezone(zone).replace(tzinfo=None, fold=written.fold)


def moment(written: datetime, zone: ZoneInfo) -> float:
    """The same in seconds since 1970."""
    return possible(written, zone).replace(tzinfo=zone).timestamp()


def letter_moments(written: Iterable[Source], settings: Mapping[str, Any]) -> dict[Path, float]:
    """When each letter with a right date is published, in seconds since 1970; a translation not before its original.

    Drafts have no moment; a hidden letter, which stands in no list, has a page of its own from its moment on.
    """
    letters = [source for source in written if source.is_letter and source.status != "draft"]
    zone = ZoneInfo(settings["TIMEZONE"])
    found = {source.path: at for source in letters if (at := _moment(source, zone)) is not None}
    dated = [source for source in letters if source.path in found]
    originals = {original_address(one, settings): found[one.path] for one in dated if not one.is_translation}
    for source in (one for one in dated if one.is_translation):
        found[source.path] = max(found[source.path], originals.get(original_address(source, settings), 0.0))
    return found


def _moment(source: Source, zone: ZoneInfo) -> float | None:
    date = local_date(source)
    return None if date is None else moment(date, zone)


def local_date(source: Source, key: str = "date") -> datetime | None:
    """A letter's date as it is written, None where it has none, or none that is right: the check of headers tells."""
    try:
        date = datetime.fromisoformat(source.get(key))
    except ValueError:
        return None
    return date if source.is_letter and date.tzinfo is None and date.year >= FIRST_YEAR else None

"""A date and a time of day as people write them, in the organisation's zone, summer time included."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from gettext import NullTranslations
from zoneinfo import ZoneInfo

YEARS = range(2000, 2200)
"""What can be meant; and no clock or database stumbles over these."""

_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})", re.ASCII)
_TIME = re.compile(r"(\d{1,2})[:.](\d{2})(?:[:.]00)?", re.ASCII)


class NotAMoment(ValueError):
    """What was written is no moment; the message says in words what it must be."""


@dataclass(frozen=True)
class Moment:
    """Seconds since 1970; `twice` where the clocks showed that time two times, as they were set back."""

    seconds: float
    twice: bool = False


def moment(date: str, time: str, zone: str, words: NullTranslations, last: bool = False) -> Moment:
    """The moment when the clocks of a zone show that time; `last` is the later of two. NotAMoment where none do."""
    _ = words.gettext
    found = _written(date, time)
    if found is None:
        raise NotAMoment(_("Write the date like 2026-09-13 and the time like 08:00."))
    local = found.replace(tzinfo=ZoneInfo(zone), fold=int(last))
    if local.astimezone(UTC).astimezone(local.tzinfo).replace(tzinfo=None) != found:
        told = _("There is no %(time)s on %(date)s: the clocks are put forward then. Choose an earlier or later time.")
        raise NotAMoment(told % {"time": f"{found:%H:%M}", "date": f"{found:%Y-%m-%d}"})
    twice = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
    return Moment(local.timestamp(), twice)


def _written(date: str, time: str) -> datetime | None:
    days, hours = _DATE.fullmatch(date.strip()), _TIME.fullmatch(time.strip())
    if not days or not hours or int(days[1]) not in YEARS:
        return None
    year, month, day = map(int, days.groups())
    hour, minute = map(int, hours.groups())
    try:
        return datetime(year, month, day, hour, minute)
    except ValueError:
        return None


def as_written(seconds: float, zone: str) -> tuple[str, str]:
    """The date and the time of a moment, as `moment` reads them."""
    local = datetime.fromtimestamp(seconds, ZoneInfo(zone))
    return f"{local:%Y-%m-%d}", f"{local:%H:%M}"

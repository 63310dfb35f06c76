"""How long somebody has waited, in working hours: evenings, weekends and holidays do not count."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import holidays

from common.fact_values import FactsError
from common.facts import Facts
from common.language import marked as _

FIRST_YEAR, LAST_YEAR = 1970, 2100
"""What is outside of these counts as their edge: the library knows no holidays after 2100."""

EDGES = tuple(datetime(year, 1, 2, tzinfo=UTC).timestamp() for year in (FIRST_YEAR, LAST_YEAR))

HOUR = 3600


@dataclass(frozen=True)
class Days:
    """The working days of some years in order: when each begins and ends, and the hours before it.

    `begins` and `ends` are seconds since 1970 (UTC).
    """

    years: range
    begins: list[float]
    ends: list[float]
    before: list[float]


class WorkingHours:
    """Counts them by site.toml, in the organisation's time zone. FactsError where site.toml names an unknown day."""

    def __init__(self, facts: Facts) -> None:
        self.zone = ZoneInfo(facts.time_zone)
        self.promise = facts.comments.promise_hours
        self.desk = facts.moderation
        self._dates, self._names = _read(facts.moderation.free_days)
        self._check()
        self._days: Days | None = None

    def between(self, start: float, end: float) -> float:
        """Working hours from one moment to another (seconds since 1970), 0 where the second comes first.

        A clock may be set back between the two.
        """
        days = self._covering(start, end)
        return max(0.0, _count(days, end) - _count(days, start))

    def left(self, since: float, now: float) -> float:
        """How many working hours are left of the promise to whoever waits `since`; negative when it is broken."""
        return self.promise - self.between(since, now)

    def kept_since(self, now: float) -> float:
        """The moment at which one began to wait whose promise runs out `now`: the promise to all before is broken."""
        days = self._covering(now - 400 * 24 * HOUR, now)
        target = _count(days, now) - self.promise
        at = bisect_left(days.before, target) - 1
        if at < 0:
            return 0.0
        return min(days.ends[at], days.begins[at] + (target - days.before[at]) * HOUR)

    def month(self, moment: float) -> str:
        """The month of a moment in the organisation's own time, as "2026-11"."""
        return f"{datetime.fromtimestamp(_clamped(moment), self.zone):%Y-%m}"

    def _covering(self, *moments: float) -> Days:
        years = [datetime.fromtimestamp(_clamped(moment), UTC).year for moment in moments]
        this = datetime.now(UTC).year
        known = self._days or self._made(range(this - 1, this + 2))
        self._days = known
        # A year more on either side, for the hours in which it is another year in the zone.
        if min(years) - 1 < known.years[0] or max(years) + 1 > known.years[-1]:
            wanted = range(min(known.years[0], *years) - 1, max(known.years[-1], *years) + 2)
            known = self._days = self._made(wanted)
        return known

    def _made(self, years: range) -> Days:
        days, total = Days(years, [], [], []), 0.0
        free = set().union(*(self._free(year) for year in years))
        for day in _days_of(years):
            if day.isoweekday() not in self.desk.weekdays or day in free:
                continue
            begin, end = (self._moment(day, minute) for minute in self.desk.working_day)
            days.begins.append(begin)
            days.ends.append(end)
            days.before.append(total)
            total += (end - begin) / HOUR
        return days

    def _moment(self, day: date, minute: int) -> float:
        """A minute of a day, counted as the clock on the wall shows it."""
        day, minute = day + timedelta(days=minute // (24 * 60)), minute % (24 * 60)
        return datetime.combine(day, time(minute // 60, minute % 60), self.zone).timestamp()

    def _free(self, year: int) -> set[date]:
        found = {day for month, number in self._dates if (day := _date(year, month, number))}
        found |= {date.fromisoformat(name) for name in self._names if name.startswith(str(year))}
        if not self.desk.holidays or not FIRST_YEAR <= year <= LAST_YEAR:
            return found
        found |= set(self._holidays(year))
        return found | {day for day, name in self._named(year) if name.casefold() in self._names}

    def _holidays(self, year: int) -> Iterable[date]:
        return self._calendar(years=year)

    def _named(self, year: int) -> Iterable[tuple[date, str]]:
        """Every day of a year that has a name in that country, in its own language."""
        kind = getattr(holidays, self.desk.holidays)
        named = self._calendar(years=year, categories=kind.supported_categories, language=kind.default_language)
        return [(day, name) for day in named for name in named.get_list(day)]

    def _calendar(self, **more: Any) -> holidays.HolidayBase:
        # In Sweden every Sunday is one by law (1989:253); here a desk that is open on Sundays says so in `weekdays`.
        if self.desk.holidays == "SE":
            more["include_sundays"] = False
        return holidays.country_holidays(self.desk.holidays, **more)

    def _check(self) -> None:
        country, names = self.desk.holidays, {name for name in self._names if not name[0].isdigit()}
        if country and country not in holidays.list_supported_countries():
            message = _('"%(key)s" must be a country whose holidays are known, not "%(value)s"')
            raise FactsError(message, key="moderation.holidays", value=country)
        known = {name.casefold() for _, name in self._named(2024)} if country and names else set()
        for name in sorted(names - known):
            message = _('"%(key)s" must be names of days in "%(country)s", "12-24" or "2027-05-07", not "%(value)s"')
            raise FactsError(message, key="moderation.free_days", country=country, value=name)


def _read(free_days: Iterable[str]) -> tuple[set[tuple[int, int]], set[str]]:
    """Days that come every year, each (month, day), and names and single dates in lower case."""
    yearly, others = set(), set()
    for text in free_days:
        month = re.fullmatch(r"(\d\d)-(\d\d)", text, re.ASCII)
        if month and _date(2024, int(month[1]), int(month[2])):
            yearly.add((int(month[1]), int(month[2])))
        elif text[0].isdigit() and not _is_date(text):
            raise FactsError(
                '"%(key)s" must be days that there are, not "%(value)s"', key="moderation.free_days", value=text
            )
        else:
            others.add(text.casefold())
    return yearly, others


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:  # 29 February
        return None


def _days_of(years: range) -> Iterable[date]:
    first = date(years[0], 1, 1)
    return (first + timedelta(days=n) for n in range((date(years[-1] + 1, 1, 1) - first).days))


def _clamped(moment: float) -> float:
    return min(max(moment, EDGES[0]), EDGES[1])


def _count(days: Days, moment: float) -> float:
    """Working hours from the first of some days to a moment."""
    moment = _clamped(moment)
    at = bisect_right(days.begins, moment) - 1
    if at < 0:
        return 0.0
    return days.before[at] + (min(moment, days.ends[at]) - days.begins[at]) / HOUR

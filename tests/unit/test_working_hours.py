"""Working hours: what counts between two moments, and what does not."""

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comments.settings import ROOT
from comments.working_hours import WorkingHours
from common.fact_values import FactsError
from common.facts import read_facts

FACTS = read_facts(ROOT / "site.toml")
HOURS = WorkingHours(FACTS)
STOCKHOLM = ZoneInfo("Europe/Stockholm")
MOMENTS = st.floats(-1e10, 1e11, allow_nan=False)


def at(text: str) -> float:
    """A moment in Lindhamn, in seconds since 1970."""
    return datetime.fromisoformat(text).replace(tzinfo=STOCKHOLM).timestamp()


def changed(**desk) -> WorkingHours:
    """Hours of a desk that works otherwise."""
    return WorkingHours(replace(FACTS, moderation=replace(FACTS.moderation, **desk)))


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [
        ("2026-11-23 10:00", "2026-11-23 12:30", 2.5),
        ("2026-11-23 16:00", "2026-11-24 09:00", 2),  # an evening
        ("2026-11-23 05:00", "2026-11-23 09:00", 1),  # before anybody is there
        ("2026-11-23 22:00", "2026-11-23 23:00", 0),
        ("2026-11-27 16:00", "2026-11-30 09:00", 2),  # a weekend
        ("2026-11-28 10:00", "2026-11-29 15:00", 0),
        ("2026-12-23 16:00", "2026-12-28 09:00", 2),  # julafton, and both days of Christmas
        ("2026-12-30 16:00", "2027-01-04 09:00", 2),  # nyårsafton and nyårsdagen
        ("2026-06-18 16:00", "2026-06-22 09:00", 2),  # midsommarafton, a Friday
        ("2026-04-02 16:00", "2026-04-07 09:00", 2),  # Easter, from Good Friday to Monday
        ("2026-05-13 16:00", "2026-05-15 09:00", 2),  # Ascension Day; the day after is a working day
        ("2026-03-27 16:00", "2026-03-30 09:00", 2),  # the clocks go forward that Sunday
        ("2026-10-23 16:00", "2026-10-26 09:00", 2),  # and back
        ("2026-11-23 00:00", "2026-11-30 00:00", 45),
    ],
)
def test_only_hours_at_work_count(start, end, hours):
    """By the clock on the wall, Swedish holidays and the free days of site.toml."""
    assert HOURS.between(at(start), at(end)) == pytest.approx(hours)


def test_a_clock_that_was_set_back_gives_no_negative_hours():
    """Whoever is decided about before they came has waited for nothing."""
    assert HOURS.between(at("2026-11-24 12:00"), at("2026-11-23 12:00")) == 0


@settings(deadline=None)  # years that are met for the first time are made
@given(st.lists(MOMENTS, min_size=3, max_size=3).map(sorted))
def test_hours_add_up_over_a_cut_anywhere(moments):
    """What is counted to a moment and from it is what is counted in one."""
    first, cut, last = moments
    parts = HOURS.between(first, cut) + HOURS.between(cut, last)
    assert parts == pytest.approx(HOURS.between(first, last), abs=1e-6)


@given(st.datetimes(datetime(2000, 1, 1), datetime(2080, 1, 1)), st.integers(0, 60 * 24 * 30))
def test_the_quick_way_gives_what_walking_every_quarter_of_an_hour_gives(start, minutes):
    """No hour is counted that no clock on the wall shows."""
    start = start.replace(minute=start.minute // 15 * 15, second=0, microsecond=0, tzinfo=STOCKHOLM)
    steps = [start.timestamp() + 900 * n for n in range(minutes // 15)]
    walls = [datetime.fromtimestamp(step, STOCKHOLM) for step in steps]
    quarters = sum(8 <= wall.hour < 17 and HOURS.between(*noon(wall)) > 0 for wall in walls)
    assert HOURS.between(start.timestamp(), start.timestamp() + 900 * len(steps)) == pytest.approx(quarters / 4)


def noon(wall: datetime) -> tuple[float, float]:
    """The hour about noon of a day: whether any work is done on it."""
    middle = wall.replace(hour=12, minute=0)
    return middle.timestamp(), (middle + timedelta(hours=1)).timestamp()


@given(st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)), st.floats(-5e6, 5e6))
def test_a_promise_runs_out_for_all_who_came_before_one_moment(now, seconds):
    """So that those who are late are counted by when they came."""
    now = now.replace(tzinfo=STOCKHOLM).timestamp()
    kept = HOURS.kept_since(now)
    assert HOURS.left(kept, now) == pytest.approx(0, abs=1e-6)
    assert (HOURS.left(kept + seconds, now) < 1e-6) or seconds > 0
    assert (HOURS.left(kept + seconds, now) > -1e-6) or seconds < 0


def test_a_day_round_the_clock_has_as_many_hours_as_the_sun_gives_it():
    """23 when the clocks go forward, 25 when they go back."""
    always = changed(working_day=(0, 24 * 60), weekdays=(1, 2, 3, 4, 5, 6, 7), holidays="", free_days=())
    for day, hours in (("2026-03-29", 23), ("2026-10-25", 25), ("2026-12-25", 24)):
        start = at(f"{day} 00:00")
        assert always.between(start, start + 3600 * hours) == pytest.approx(hours)
        assert datetime.fromtimestamp(start + 3600 * hours, STOCKHOLM).hour == 0


def test_a_desk_that_is_open_on_sundays_counts_them():
    """A Sunday is a holiday by law, but whoever works on it has said so; Christmas Day stays free."""
    sundays = changed(weekdays=(7,))
    assert sundays.between(at("2026-11-22 00:00"), at("2026-11-30 00:00")) == pytest.approx(18)
    assert changed(weekdays=(5,)).between(at("2026-12-25 00:00"), at("2026-12-26 00:00")) == 0


def test_single_days_and_days_of_every_year_are_free():
    """A day between a holiday and a weekend, or one that only this organisation has."""
    hours = changed(free_days=("2026-05-15", "11-23"))
    assert hours.between(at("2026-05-15 00:00"), at("2026-05-16 00:00")) == 0
    assert hours.between(at("2027-11-23 00:00"), at("2027-11-24 00:00")) == 0
    assert hours.between(at("2026-12-24 00:00"), at("2026-12-25 00:00")) == pytest.approx(9)


@pytest.mark.parametrize(
    ("key", "value"),
    [("free_days", ("midsomarafton",)), ("free_days", ("13-24",)), ("free_days", ("2026-02-30",)), ("holidays", "XX")],
)
def test_a_day_or_country_that_nobody_knows_is_told(key, value):
    """The key and what stands there, in one line."""
    with pytest.raises(FactsError, match=f'"moderation.{key}" must .*{value[0]}'):
        changed(**{key: value})


def test_a_moment_has_a_month_in_the_organisation_s_own_time():
    """Half past midnight in Lindhamn is still the month before in Greenwich."""
    assert HOURS.month(at("2026-12-01 00:30")) == "2026-12"
    assert HOURS.month(1e300) == "2100-01"

"""What the charts' templates need: the steps of an axis, and months and numbers in the site's language."""

from collections.abc import Callable
from datetime import date

from babel.dates import format_skeleton, get_month_names
from babel.numbers import format_decimal

STEPS = (1, 2, 5)
MOST_TICKS = 4


def ticks(most: float) -> list[int]:
    """Round numbers from 0 on for the lines of an axis, few of them, the last at `most` or above."""
    size = 1
    while True:
        for step in (each * size for each in STEPS):
            lines = list(range(0, int(step * (MOST_TICKS + 1)), step))
            fitting = [line for line in lines if line - step < most] if most > 0 else lines[:2]
            if fitting[-1] >= most:
                return fitting
        size *= 10


def chart_filters(language: str) -> dict[str, Callable[..., object]]:
    """The filters by name; a month is "2026-11" and a number of hours any float."""

    def month(text: str) -> str:
        return str(format_skeleton("yMMMM", date.fromisoformat(f"{text}-01"), locale=language))

    def named(width: str) -> Callable[[str], str]:
        names = get_month_names(width, "stand-alone", locale=language)  # type: ignore[arg-type]
        return lambda text: names[int(text[5:])].rstrip(".")

    def number(value: float) -> str:
        return str(format_decimal(round(value, 1), locale=language))

    return {
        "ticks": ticks,
        "month": month,
        "month_short": named("abbreviated"),
        "month_narrow": named("narrow"),
        "number": number,
    }

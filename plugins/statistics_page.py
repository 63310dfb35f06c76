"""Writes /statistik/: what became of the comments, by the numbers that the comment service publishes."""

import json
import re
from typing import Any

from pelican import signals
from pelican.generators import Generator
from pelican.writers import Writer

from plugins.wording import WordedError

FILE, FORMAT = "statistics.json", 1
SAVE_AS = "statistik/index.html"
SHOWN_MONTHS = 12
NUMBERS = ("received", "published", "declined", "hidden", "waiting", "answered")
HOURS = ("median_hours", "p90_hours")

Row = dict[str, Any]


class NotStatistics(WordedError):
    """A file that can't be shown; the message says what it must be."""


def read_statistics(data: bytes) -> Row:
    """The published numbers: {"months": […], "declined": […]}, oldest first; NotStatistics where they are broken."""
    try:
        table = json.loads(data.decode("utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise NotStatistics("must be whole JSON (%(why)s)", why=error) from None
    if not isinstance(table, dict) or table.get("format") != FORMAT:
        raise NotStatistics('must have "format": %(format)d', format=FORMAT)
    lists = [table.get("months"), table.get("declined")]
    rights = (_is_month, _is_reason)
    for name, rows, right in zip(("months", "declined"), lists, rights, strict=True):
        if not isinstance(rows, list) or not all(isinstance(row, dict) and right(row) for row in rows):
            raise NotStatistics('must have "%(key)s" as format %(format)d has them', key=name, format=FORMAT)
    return {"months": table["months"], "declined": table["declined"]}


def _is_month(row: Row) -> bool:
    named = isinstance(row.get("month"), str) and re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", row["month"], re.ASCII)
    hours = [row.get(name) for name in HOURS]
    timed = hours == [None, None] or all(isinstance(each, int | float) and 0 <= each < 1e6 for each in hours)
    return bool(named) and timed and all(_is_number(row.get(name)) for name in NUMBERS)


def _is_reason(row: Row) -> bool:
    return isinstance(row.get("text"), str) and _is_number(row.get("number")) and type(row.get("year")) is int


def _is_number(value: Any) -> bool:
    return type(value) is int and 0 <= value < 2**53


def shown(table: Row) -> Row:
    """What the page shows: the latest twelve months, those before, the newest with a median, that year's reasons."""
    months = table["months"]
    latest = months[-SHOWN_MONTHS:]
    while latest and len(latest) < SHOWN_MONTHS:
        latest.insert(0, _nothing(_before(latest[0]["month"])))
    timed = [month for month in latest if month["median_hours"] is not None]
    year = int(latest[-1]["month"][:4]) if latest else 0
    return {
        "latest": latest,
        "earlier": months[:-SHOWN_MONTHS],
        "newest": timed[-1] if timed else None,
        "year": year,
        "declined": [row for row in table["declined"] if row["year"] == year and row["number"]],
    }


def _before(month: str) -> str:
    year, number = int(month[:4]), int(month[5:])
    return f"{year}-{number - 1:02}" if number > 1 else f"{year - 1:04}-12"


def _nothing(month: str) -> Row:
    return {"month": month, **dict.fromkeys(NUMBERS, 0), **dict.fromkeys(HOURS)}


class StatisticsPage(Generator):  # type: ignore[misc]
    """Writes the page, also when there is nothing to count yet."""

    def generate_output(self, writer: Writer) -> None:
        """Called by Pelican, when the letters have said where their conversations are read."""
        source = self.context["conversation_source"]
        table = source.file(FILE, read_statistics) or {"months": [], "declined": []}
        writer.write_file(SAVE_AS, self.get_template("statistics"), self.context, statistics=shown(table))


def register() -> None:
    """Called by Pelican."""
    signals.get_generators.connect(_page)


def _page(_pelican: Any) -> type[Generator]:
    return StatisticsPage

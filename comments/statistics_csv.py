"""The statistics as a file for a spreadsheet, and for the archive."""

import csv
import io
from collections.abc import Iterable, Mapping
from gettext import NullTranslations
from typing import Any

from babel.numbers import format_decimal

Row = dict[str, Any]

BOM = "\ufeff"
"""By which a spreadsheet knows that å, ä and ö are written in UTF-8."""

FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What a spreadsheet takes for the beginning of a formula (OWASP, CSV Injection)."""


def as_csv(months: Iterable[Row], reasons: Mapping[str, str], language: str, words: NullTranslations) -> str:
    """One line a month, under one of names; separated by semicolons, as Swedish spreadsheets expect."""
    rows = list(months)
    codes = list(dict.fromkeys([*reasons, *(code for row in rows for code in row["reasons"])]))
    used = [code for code in codes if any(code in row["reasons"] for row in rows)]
    names = _names(words.gettext)
    declined = [f"{names['declined']}: {reasons.get(code, code or '')}" for code in used]
    lines = [[*names.values(), *declined]]
    for row in rows:
        lines.append(
            [_cell(row[name], language) for name in names] + [str(row["reasons"].get(code, 0)) for code in used]
        )
    text = io.StringIO()
    csv.writer(text, delimiter=";", lineterminator="\r\n").writerows([safe(cell) for cell in line] for line in lines)
    return BOM + text.getvalue()


def _names(_: Any) -> dict[str, str]:
    return {
        "month": _("Month"),
        "received": _("Came in"),
        "published": _("Published"),
        "declined": _("Rejected"),
        "hidden": _("Taken down"),
        "waiting": _("Waiting"),
        "answered": _("Answered by the organisation"),
        "decided": _("Timed decisions"),
        "median_hours": _("Median, working hours"),
        "p90_hours": _("90th percentile, working hours"),
    }


def _cell(value: Any, language: str) -> str:
    if isinstance(value, float):
        return str(format_decimal(round(value, 2), locale=language, group_separator=False))
    return "" if value is None else str(value)


def safe(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(FORMULAS) else cell

"""The desk's statistics: a year of numbers, drawn and in tables, and as a file for a spreadsheet."""

import time
from typing import Any

from flask import Response, abort, render_template, request

from comments.desk.blueprint import desk
from comments.service import service
from comments.statistics import median_hours, totals, years
from comments.statistics_csv import as_csv


@desk.get("/statistik")
def numbers() -> str:
    """One year, the newest unless another is asked for."""
    statistics = service().statistics
    whole, known = statistics.catch_up(), years(service().storage)
    year = _year(known) or (known[-1] if known else None)
    months = statistics.year(year) if year else []
    this = service().hours.month(time.time())
    return render_template(
        "desk/numbers.html",
        years=known,
        year=year,
        months=months,
        past=[month for month in months if month["month"] <= this or month["received"]],
        sums=totals(months),
        declined=statistics.declined(year) if year else [],
        lately=median_hours(service().storage),
        whole=whole,
    )


@desk.get("/statistik.csv")
def numbers_csv() -> Response:
    """The same for a spreadsheet or the archive; of all years unless one is asked for."""
    parts = service()
    parts.statistics.catch_up()
    known = years(parts.storage)
    year = _year(known)
    chosen = [year] if year else known
    months: list[dict[str, Any]] = [row for each in chosen for row in parts.statistics.year(each) if row["received"]]
    text = as_csv(months, parts.moderation.reasons(), parts.settings.facts.language, parts.words)
    name = f"{'statistik' if parts.settings.facts.language == 'sv' else 'statistics'}{f'-{year}' if year else ''}.csv"
    disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(text, mimetype="text/csv", headers=disposition)


def _year(known: list[int]) -> int | None:
    """The year that is asked for, one of the known ones; None where none is."""
    asked = request.args.get("ar")
    if asked is None:
        return None
    if asked not in map(str, known):
        abort(404)
    return int(asked)

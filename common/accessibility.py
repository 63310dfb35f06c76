"""The accessibility statement, as site.toml holds it, and what it still lacks.

What it must hold: 13 § of the Swedish Act (2018:1937) on accessibility to digital public services, and 6 § of the
regulations MDFFS 2019:2, by which the EU's model statement (Implementing Decision (EU) 2018/1523) is followed.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from common.language import marked as _

STATUSES = ("fully", "partly", "not")
REVIEWS = ("self", "third_party", "both")
KINDS = ("not_compliant", "burden", "out_of_scope")
"""Why something is not accessible: it should be, it would cost too much (12 §), the act does not cover it (9 §)."""

NOTICE_DAYS = 30
"""For so long before a review is too old every build says so."""


@dataclass(frozen=True)
class Inaccessible:
    """Something that is not accessible: what it is, the requirement that it misses, why, and what there is instead."""

    kind: str = ""
    content: str = ""
    requirement: str = ""
    why: str = ""
    instead: str = ""


@dataclass(frozen=True)
class Accessibility:
    """The statement; what site.toml leaves out is "" or None. Without `authority` it is Digg, who supervises now.

    `answer` is a phrase like "within a working day"; `other_ways` and `method` are paragraphs; `works` says what
    should work everywhere.
    """

    status: str = ""
    reviewed: date | None = None
    updated: date | None = None
    published: date | None = None
    review: str = ""
    reviewer: str = ""
    method: str = ""
    works: tuple[str, ...] = ()
    answer: str = ""
    other_ways: str = ""
    authority: str = ""
    authority_url: str = ""
    not_accessible: tuple[Inaccessible, ...] = field(default=())


@dataclass(frozen=True)
class Lack:
    """What a statement lacks: the key in site.toml, and a msgid with the values that go into it."""

    key: str
    message: str
    values: dict[str, Any] = field(default_factory=dict)
    is_fault: bool = True


NEEDED = {
    "status": _('"accessibility.status" must say how far the site meets the act: "fully", "partly" or "not"'),
    "review": _('"accessibility.review" must say who has reviewed the site: "self", "third_party" or "both"'),
    "method": _('"accessibility.method" must say how the site was reviewed: what was tried, and with what'),
    "reviewed": _('"accessibility.reviewed" must be the date of the latest review, like 2026-11-17'),
    "updated": _('"accessibility.updated" must be the date when the statement was last gone through, like 2026-11-17'),
}


def lacks(statement: Accessibility, today: date) -> Iterator[Lack]:
    """What stands in the way of publishing it today; last, where `is_fault` is False, what soon will."""
    if statement == Accessibility():
        message = _("must have a table [accessibility]; copy it from the project's site.toml and fill it in")
        yield Lack("", message)
        return
    for key, message in NEEDED.items():
        if not getattr(statement, key):
            yield Lack(key, message)
    if statement.review in ("third_party", "both") and not statement.reviewer:
        yield Lack("reviewer", _('"accessibility.reviewer" must name the third party that has reviewed the site'))
    yield from _unexplained(statement)
    yield from _old(statement, today)


def _unexplained(statement: Accessibility) -> Iterator[Lack]:
    kinds = [each.kind for each in statement.not_accessible]
    short = {"not_compliant", "burden"} & set(kinds)
    if statement.status in ("partly", "not") and not short:
        message = _('[[accessibility.not_accessible]] must say what is not accessible, or "status" be "fully"')
        yield Lack("status", message)
    if statement.status == "fully" and short:
        yield Lack("status", _('"accessibility.status" must be "partly" or "not" where something is not accessible'))
    for number, entry in enumerate(statement.not_accessible, 1):
        for key in ("content", "why", *(["requirement"] if entry.kind == "not_compliant" else [])):
            if not getattr(entry, key):
                message = _('"accessibility.not_accessible" number %(number)d must have "%(key)s"')
                yield Lack("not_accessible", message, {"number": number, "key": key})


def _old(statement: Accessibility, today: date) -> Iterator[Lack]:
    reviewed = statement.reviewed
    if reviewed is None:
        return
    for key in ("reviewed", "updated", "published"):
        day = getattr(statement, key)
        if day and day > today:
            yield Lack(key, _('"accessibility.%(key)s" must not lie ahead, as %(day)s does'), {"key": key, "day": day})
    last = last_day(reviewed)
    values = {"day": reviewed, "last": last}
    if today > last:
        message = _('"accessibility.reviewed" must be at most 12 months ago, not %(day)s: review the site again')
        yield Lack("reviewed", message, values)
    elif today > last - timedelta(days=NOTICE_DAYS):
        message = _('"accessibility.reviewed" is soon too old: the site must be reviewed again by %(last)s')
        yield Lack("reviewed", message, values, is_fault=False)


def last_day(reviewed: date) -> date:
    """The last day on which a review is not older than 12 months."""
    try:
        return reviewed.replace(year=reviewed.year + 1)
    except ValueError:  # 29 February, or the end of time
        return date(min(reviewed.year + 1, 9999), 2, 28)

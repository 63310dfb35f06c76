"""No letter may give away somebody's personal identity number."""

import re
from collections.abc import Iterator
from datetime import date

from common.personnummer import is_personnummer
from plugins.as_published import Html, Place, Shown
from plugins.findings import Remark
from plugins.sources import Source
from plugins.wording import Gettext

_SPACE = "[ \u00a0\u202f]"
_MARKS = "-+\u2010-\u2015\u2212"
"""Hyphens, dashes, minus and plus."""
_ALONE = rf"(?<![0-9A-Za-z+])(?<!\d[{_MARKS}.,])"
_NUMBER = re.compile(
    rf"{_ALONE}(?P<day>(?:\d\d)?\d{{6}})(?:(?P<mark>[{_MARKS}])|{_SPACE})?(?P<last>\d{{4}})(?!\w|[{_MARKS}.,]\d)",
    re.ASCII,
)
_READ = re.compile(
    rf"{_ALONE}(?P<day>(?:\d\d)?\d{{6}}(?=\s?[{_MARKS}]?\s?\d)|\d{{4}}-\d\d-\d\d(?=[{_MARKS}]\d))"
    rf"(?:\s?(?P<mark>[{_MARKS}])\s?|\s)?(?P<last>\d{{4}})(?!\w|[{_MARKS}.,]\d)"
)
"""As people read it: with blanks around the mark, and from one line to the next; a date with a year behind is none."""
_BETWEEN = r"(?:\W|_|&#?\w+;){0,8}?"
"""What may stand between two digits of a number where it is written."""
_FOUR = re.compile(r"\d{4}(?!\d)", re.ASCII)
_IN_A_ROW = re.compile(rf"\d{_SPACE}$|^{_SPACE}\d")
"""Digits beside it, with a space between: then it is a part of something longer, unless its own mark tells it apart."""
_SAID = re.compile(r"(?:personn|p\.?nr|samordningsn|identity n|född|born)\D{0,30}$", re.IGNORECASE)
"""What tells such a number from a telephone's, where both may be meant."""


def check_personnummer(source: Source, _text: str, _: Gettext) -> Iterator[Remark]:
    """Yield (line, "must not …") for each number, in the text as in the header; the number itself is not told on.

    It is in whole digits, or has a hyphen, plus or space before the last four. What could be a telephone number, ten
    digits in a row from 0 on, is one unless the words before say otherwise.
    """
    message = _given_away(_)
    for line in (*source.header.values(), *source.repeated):
        for _number in _numbers(line.value):
            yield line.number, message
    for number in _numbers(source.body):
        yield source.body_line + source.body.count("\n", 0, number.start()), message


def published_personnummer(html: Html, _: Gettext) -> Iterator[Shown]:
    """The same of what can be read in the end, where marks of Markdown no longer stand between the digits."""
    if _FOUR.search(html.html):
        for number in _numbers(html.text, _READ):
            digits = re.sub(r"\D", "", number[0])
            yield Place(number["last"], r"(?<!\d)" + _BETWEEN.join(digits)), _given_away(_)


def _numbers(text: str, pattern: re.Pattern[str] = _NUMBER) -> Iterator[re.Match[str]]:
    for found in pattern.finditer(text) if _FOUR.search(text) else ():
        beside = text[max(0, found.start() - 2) : found.start()], text[found.end() : found.end() + 2]
        if not found["mark"] and any(map(_IN_A_ROW.search, beside)):
            continue
        could_be_telephone = not found["mark"] and len(found["day"]) == 6 and found["day"][0] == "0"
        if could_be_telephone and not _SAID.search(text[max(0, found.start() - 50) : found.start()]):
            continue
        if len(found["day"]) > 6 and found["day"].replace("-", "") > f"{date.today():%Y%m%d}":  # nobody's day of birth
            continue
        mark = "+" if found["mark"] == "+" else "-"
        if is_personnummer(f"{found['day'].replace('-', '')}{mark}{found['last']}"):
            yield found


def _given_away(_: Gettext) -> str:
    return _("must not give away a personal identity number (personnummer); take it out")

"""No letter may give away somebody's personal identity number."""

import re
from collections.abc import Iterator
from datetime import date
from html import unescape

from common.personnummer import is_personnummer
from plugins.as_published import Html, Place, Shown
from plugins.findings import Remark
from plugins.plain_text import seen
from plugins.sources import Source
from plugins.wording import Gettext

_BLANK = "[ \t\u00a0\u202f]"
_MARKS = "-+\u2010-\u2015\u2212"
"""Hyphens, dashes, minus and plus."""
_ALONE = rf"(?<![0-9+])(?<!\d[{_MARKS}.,])"
_IN_PAIRS = rf"(?:\d\d[ \u00a0.-]?)?\d\d(?P<between>[ \u00a0.-])\d\d(?P=between)\d\d(?=[{_MARKS}]\d)"
"""As many write it by hand, 81 12 18-9876; a date with a time, or with a year, has a blank behind it."""
_DAY = rf"{_ALONE}(?P<day>(?:\d\d)?\d{{6}}|{_IN_PAIRS})"
_LAST = rf"(?P<last>\d{{4}})(?!\w|[{_MARKS}.,]\d)"
_NUMBER = re.compile(rf"{_DAY}(?:(?P<mark>[{_MARKS}])|{_BLANK}|\.)?{_LAST}", re.ASCII)
_READ = re.compile(rf"{_DAY}(?:\s?(?P<mark>[{_MARKS}])\s?|\s|\.|{_BLANK}{{0,9}}){_LAST}")
"""As people read it: with blanks around the mark, and from one line to the next."""
_BETWEEN = r"(?:\W|_|&#?\w+;){0,8}?"
"""What may stand between two digits of a number where it is written."""
_TEN = re.compile(r"\d(?:\W{0,9}\d){9}")
"""Without so many digits in a row there is none; most texts have no such row, and this is soon seen."""
_TAG = re.compile(r"<[^<>]*>")
_LETTER_BEFORE = re.compile(r"[A-Za-z]$")
"""Then it is a name of something, unless it has its mark: nr811218-9876."""
_BEFORE, _AFTER = re.compile(rf"\d{_BLANK}{{1,9}}$"), re.compile(rf"{_BLANK}{{1,9}}\d")
"""Digits beside it, with blanks between: then it is a part of something longer, unless its own mark tells it apart."""
_SAID = re.compile(r"(?:personn|p\.?nr|samordningsn|identity n|född|born)\D{0,30}$", re.IGNORECASE)
"""What tells such a number from a telephone's, where both may be meant."""


def check_personnummer(source: Source, _text: str, _: Gettext) -> Iterator[Remark]:
    """Yield (line, "must not …") for each number, in the text as in the header; the number itself is not told on.

    It is in whole digits, or has a hyphen, plus, full stop or space before the last four; with a hyphen or plus there,
    the day may be written in pairs. What could be a telephone number, ten digits in a row from 0 on, is one unless the
    words before say otherwise.
    """
    message = _given_away(_)
    for line in (*source.header.values(), *source.repeated):
        for _number in _numbers(line.value):
            yield line.number, message
    for number in _numbers(source.body):
        yield source.body_line + number.string.count("\n", 0, number.start()), message


def published_personnummer(html: Html, _: Gettext) -> Iterator[Shown]:
    """The same of what can be read in the end, where marks of Markdown no longer stand between the digits."""
    for number in _numbers(html.text, _READ) if _TEN.search(seen(unescape(_TAG.sub("", html.html)))) else ():
        digits = re.sub(r"\D", "", number[0])
        yield Place(number["last"], r"(?<!\d)" + _BETWEEN.join(digits)), _given_away(_)


def _numbers(text: str, pattern: re.Pattern[str] = _NUMBER) -> Iterator[re.Match[str]]:
    text = seen(text)
    for found in pattern.finditer(text) if _TEN.search(text) else ():
        if _is_of_more(found):
            continue
        day = re.sub(r"\D", "", found["day"])
        could_be_telephone = not found["mark"] and len(day) == 6 and day[0] == "0"
        if could_be_telephone and not _SAID.search(found.string[max(0, found.start() - 50) : found.start()]):
            continue
        if len(day) > 6 and day > f"{date.today():%Y%m%d}":  # nobody's day of birth
            continue
        if is_personnummer(f"{day}{'+' if found['mark'] == '+' else '-'}{found['last']}"):
            yield found


def _is_of_more(found: re.Match[str]) -> bool:
    """Whether what stands beside it, with no mark of its own to tell it apart, says that it is no whole."""
    text, start, end = found.string, found.start(), found.end()
    before, after = text[max(0, start - 10) : start], text[end : end + 10]
    if found["mark"]:
        return bool(found["between"] and _BEFORE.search(before))
    return bool(_LETTER_BEFORE.search(before) or _BEFORE.search(before) or _AFTER.match(after))


def _given_away(_: Gettext) -> str:
    return _("must not give away a personal identity number (personnummer); take it out")

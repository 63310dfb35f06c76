"""No letter may give away somebody's personal identity number."""

import re
from collections.abc import Iterator

from common.personnummer import is_personnummer
from plugins.findings import Remark
from plugins.sources import Source
from plugins.wording import Gettext

_SPACE = "[ \u00a0\u202f]"
_NUMBER = re.compile(
    rf"(?<![\w+.,])(?<!\d[-‑–])(?P<day>(?:\d\d)?\d{{6}})(?:(?P<mark>[-‑–+])|{_SPACE})?(?P<last>\d{{4}})"
    rf"(?!\w|[-‑–.,+]\d)",
    re.ASCII,
)
_SIX = re.compile(r"\d{6}", re.ASCII)
_IN_A_ROW = re.compile(rf"\d{_SPACE}$|^{_SPACE}\d")
"""Digits beside it, with a space between: then it is a part of something longer, unless its own mark tells it apart."""
_SAID = re.compile(r"(?:personn|p\.?nr|samordningsn|identity n|född|born)\D{0,30}$", re.IGNORECASE)
"""What tells such a number from a telephone's, where both may be meant."""


def check_personnummer(source: Source, _: Gettext) -> Iterator[Remark]:
    """Yield (line, "must not …") for each number, in the text as in the header; the number itself is not told on.

    It is in whole digits, or has a hyphen, plus or space before the last four. What could be a telephone number, ten
    digits in a row from 0 on, is one unless the words before say otherwise.
    """
    message = _("must not give away a personal identity number (personnummer); take it out")
    for line in (*source.header.values(), *source.repeated):
        for _number in _numbers(line.value):
            yield line.number, message
    for offset in _numbers(source.body):
        yield source.body_line + source.body.count("\n", 0, offset), message


def _numbers(text: str) -> Iterator[int]:
    """Where in a text the numbers begin."""
    for found in _NUMBER.finditer(text) if _SIX.search(text) else ():
        beside = text[max(0, found.start() - 2) : found.start()], text[found.end() : found.end() + 2]
        if not found["mark"] and any(map(_IN_A_ROW.search, beside)):
            continue
        could_be_telephone = not found["mark"] and len(found["day"]) == 6 and found["day"][0] == "0"
        if could_be_telephone and not _SAID.search(text[max(0, found.start() - 50) : found.start()]):
            continue
        mark = "+" if found["mark"] == "+" else "-"
        if is_personnummer(f"{found['day']}{mark}{found['last']}"):
            yield found.start()

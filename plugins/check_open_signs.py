"""What would take the converter minutes: hundreds of brackets that nothing closes, as it looks for each one's end."""

import re
from collections.abc import Iterator

from plugins.findings import Remark
from plugins.sources import Source
from plugins.wording import Gettext

PAIRS = {
    "[": (re.compile(r"\["), re.compile(r"\]")),
    "](": (re.compile(r"\]\("), re.compile(r"\)")),
    "<": (re.compile(r"</?[A-Za-z]"), re.compile(">")),
}
"""What is told of, what begins and what ends it."""
MOST = 1000
"""So many in one block take a second; the time grows with the square of their number."""


def check_open_signs(source: Source, text: str, _: Gettext) -> Iterator[Remark]:
    """Yield (line, "must …") where a text has too many signs that nothing closes; `text` is the body without code."""
    for sign, (begins, ends) in PAIRS.items():
        if text.count(sign) <= MOST:
            continue
        blocks = text.split("\n\n")
        numbers = [max(0, len(begins.findall(block)) - len(ends.findall(block))) for block in blocks]
        if sum(number * number for number in numbers) > MOST * MOST:
            before = "\n\n".join(blocks[: numbers.index(max(numbers))])
            message = _('must not have %(number)d times "%(sign)s" that nothing ends; that takes too long to read')
            named = {"number": sum(numbers), "sign": sign}
            yield source.body_line + before.count("\n") + 2 * bool(before), message % named

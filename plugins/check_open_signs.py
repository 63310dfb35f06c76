"""What would take the converter minutes: hundreds of brackets that nothing closes, as it looks for each one's end."""

from collections.abc import Iterator

from plugins.findings import Remark
from plugins.sources import Source
from plugins.wording import Gettext

PAIRS = (("[", "]"), ("](", ")"), ("<", ">"))
MOST = 100
"""So many take a moment; the time grows with the square of their number."""


def check_open_signs(source: Source, text: str, _: Gettext) -> Iterator[Remark]:
    """Yield (line, "must …") where a text has too many signs that nothing closes; `text` is the body without code."""
    for begins, ends in PAIRS:
        if text.count(begins) <= MOST:
            continue
        blocks = text.split("\n\n")
        open_signs = [max(0, block.count(begins) - block.count(ends)) for block in blocks]
        if (number := sum(open_signs)) > MOST:
            before = "\n\n".join(blocks[: open_signs.index(max(open_signs))])
            message = _('must not have %(number)d times "%(begins)s" without "%(ends)s"; at most %(most)d can be read')
            named = {"number": number, "begins": begins, "ends": ends, "most": MOST}
            yield source.body_line + before.count("\n") + 2 * bool(before), message % named

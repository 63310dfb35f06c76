"""Advice on titles and summaries, as lists, search engines and shared links show them."""

from collections.abc import Iterator

from plugins.findings import Remark
from plugins.letter_reader import SUMMARY_CHARACTERS
from plugins.sources import Source
from plugins.wording import Gettext

SHORTEST_SUMMARY = 50
LONGEST_SUMMARY = SUMMARY_CHARACTERS
"""What we show of a text without a summary; search engines and shared links cut near there too."""
LONGEST_TITLE = 70
"""Search engines show 60 to 70 characters of a title."""


def advise_header(source: Source, _: Gettext) -> Iterator[Remark]:
    """Yield advice on a summary that is missing, very short or long, and on a long title."""
    title, summary = source.get("title"), source.get("summary")
    if len(title) > LONGEST_TITLE:
        message = _("the title has %(number)d characters; of more than %(most)d, lists and search engines cut the end")
        yield source.line("title"), message % {"number": len(title), "most": LONGEST_TITLE}
    if not summary and source.is_letter:
        message = _(
            '"Summary" is missing: one or two sentences that stand in lists, in feeds and where the letter is shared; '
            "without it the beginning of the letter stands there"
        )
        yield 1, message
    elif summary and len(summary) < SHORTEST_SUMMARY:
        message = _("the summary has only %(number)d characters; say in a sentence or two what the reader gets to know")
        yield source.line("summary"), message % {"number": len(summary)}
    elif len(summary) > LONGEST_SUMMARY:
        message = _(
            "the summary has %(number)d characters; of more than %(most)d, search engines and shared links cut the end"
        )
        yield source.line("summary"), message % {"number": len(summary), "most": LONGEST_SUMMARY}

"""What must be right in a text's headings: the title is the page's only h1, no level is skipped, and none is empty.

WCAG 1.3.1 and 2.4.6.
"""

import re
from collections.abc import Iterator

from plugins.as_published import Html, Place, Shown, said
from plugins.findings import Remark
from plugins.plain_text import seen
from plugins.sources import Source
from plugins.wording import Gettext

# As Python-Markdown sees them: a # needs no space behind it, and a line of = or - makes a heading of the one above.
_UNDERLINED = r"(?:\A|(?<=\n\n))(?=[ ]{0,3}[^\s>|-])[^\n]+\n(?P<line>=+|-+)[ ]*$"
_HEADING = re.compile(
    rf"^(?P<marks>#{{1,6}})(?P<text>[^\n]*)$|{_UNDERLINED}|<h(?P<html>[1-6])\b", re.MULTILINE | re.IGNORECASE
)
_WRITTEN = rf"^[ \t>*+\d.-]*(?:#|<h[1-6]\b)|{_UNDERLINED}"

_COMMENT = re.compile(r"<!--.*?(?:-->|$)")
_PUBLISHED = re.compile(r"<h(?P<level>[1-6])\b[^<>]*>(?P<inner>.*?)</h(?P=level)\s*>", re.IGNORECASE | re.DOTALL)


def check_headings(source: Source, text: str, _: Gettext) -> Iterator[Remark]:
    """Yield (line, "must …") for each heading that is empty or at a wrong level; `text` is the body without code."""
    if "#" not in text and "\n=" not in text and "\n-" not in text and "<h" not in text.lower():
        return
    before = 1
    for heading in _HEADING.finditer(text):
        level = _level(heading)
        line = source.body_line + text.count("\n", 0, heading.start())
        if level == 1:
            yield line, _own_title(heading, _)
        elif heading["marks"] and not _COMMENT.sub("", source.body[slice(*heading.span("text"))]).strip("# \t\u00a0"):
            yield line, _empty(_)
        elif level > before + 1:
            yield line, _skipped(level, before, _)
        before = level


def published_headings(html: Html, _: Gettext) -> Iterator[Shown]:
    """The same of the headings that there are in the end, also in quotations and lists."""
    before = 1
    for number, heading in enumerate(_PUBLISHED.finditer(html.html)):
        level = int(heading["level"])
        if level == 1:
            yield _place(heading), _only_one(_)
        elif not seen(said(heading["inner"])).strip():
            yield Place("", _WRITTEN, number), _empty(_)
        elif level > before + 1:
            yield _place(heading), _skipped(level, before, _)
        before = level


def _place(heading: re.Match[str]) -> Place:
    words = said(heading["inner"])
    return Place(words, rf"^[ \t>*+\d.-]*(?:#+|<h\d)[^\n]*{re.escape(words[:20])}")


def _empty(_: Gettext) -> str:
    return _("a heading must have a text, or be removed: screen readers tell of it all the same")


def _only_one(_: Gettext) -> str:
    return _("a heading in the text must begin with ##: the title is the page's only heading of level 1")


def _skipped(level: int, before: int, _: Gettext) -> str:
    message = _("a heading of level %(level)d must not follow one of level %(before)d; write %(marks)s")
    return message % {"level": level, "before": before, "marks": "#" * (before + 1)}


def _level(heading: re.Match[str]) -> int:
    if heading["marks"]:
        return len(heading["marks"])
    return int(heading["html"]) if heading["html"] else 1 if heading["line"].startswith("=") else 2


def _own_title(heading: re.Match[str], _: Gettext) -> str:
    word = (heading["text"] or "").strip("#\n")
    if word and not word[0].isspace():
        return _(
            'a line that begins with # is a heading; "#%(word)s" must be written "\\#%(word)s", or "## …" as a heading'
        ) % {"word": word.split()[0]}
    return _only_one(_)

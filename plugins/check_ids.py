"""What must be right about the marks that a writer gives to places in a text: `## Heading {#mark}`."""

import re
from collections.abc import Iterator
from html import unescape

from plugins.as_published import Html, Place, Shown
from plugins.findings import Remark
from plugins.marks import is_taken, written_marks
from plugins.sources import Source
from plugins.wording import Gettext

_ID = re.compile(r"\sid\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))", re.IGNORECASE)
_OF_FOOTNOTES = re.compile(r"fn(?:ref\d*)?:")


def check_ids(source: Source, text: str, _: Gettext) -> Iterator[Remark]:
    """Yield (line, "must …") for a mark that stands twice in a page, which links could not tell apart (HTML, id).

    `text` is the body without code.
    """
    if "{" not in source.body:
        return
    seen: set[str] = set()
    for found in written_marks(text):
        mark = found["mark"]
        if mark in seen or is_taken(mark):
            line = source.body_line + source.body.count("\n", 0, found.start())
            yield line, _taken(mark, _)
        seen.add(mark)


def published_ids(html: Html, _: Gettext) -> Iterator[Shown]:
    """The same of all that there is in the end; footnotes have names of their own."""
    if html.html.count(" id=") - html.html.count(' id="fn') < 1:
        return
    seen: set[str] = set()
    for tag in html.tags:
        mark = unescape((found[1] or found[2] or found[3]) if (found := _ID.search(tag["rest"])) else "")
        if mark and not _OF_FOOTNOTES.match(mark):
            if mark in seen or is_taken(mark):
                yield Place(mark, rf"(?:\bid\s*=\s*[\"']?|#){re.escape(mark)}\b", mark in seen), _taken(mark, _)
            seen.add(mark)


def _taken(mark: str, _: Gettext) -> str:
    return _('the mark "#%(mark)s" must be another; the page has one of that name already') % {"mark": mark}

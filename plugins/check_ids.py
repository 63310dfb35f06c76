"""What must be right about the marks that a writer gives to places in a text: `## Heading {#mark}`."""

import re
from collections.abc import Iterator

from plugins.check_links import without_code
from plugins.findings import Remark
from plugins.sources import Source
from plugins.wording import Gettext

TAKEN = {"innehall", "kommentarer", "kommentera", "kort-sagt", "samtal", "utskrift"}
"""What the page around the text uses itself, with what begins like a comment, a field of the form or a footnote."""
_TAKEN_START = re.compile(r"(?:kommentar|f|fn|fnref)[-:]")
_MARK = re.compile(r"\{:?[^{}\n]*#(?P<mark>[\w-]+)[^{}\n]*\}")


def check_ids(source: Source, _: Gettext) -> Iterator[Remark]:
    """Yield (line, "must …") for a mark that stands twice in a page, which links could not tell apart (HTML, id)."""
    if "{" not in source.body:
        return
    seen: set[str] = set()
    for found in _MARK.finditer(without_code(source.body)):
        mark = found["mark"]
        if mark in seen or mark in TAKEN or _TAKEN_START.match(mark):
            line = source.body_line + source.body.count("\n", 0, found.start())
            yield (
                line,
                _('the mark "#%(mark)s" must be another; the page has one of that name already') % {"mark": mark},
            )
        seen.add(mark)

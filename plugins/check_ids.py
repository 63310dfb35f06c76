"""What must be right about the marks that a writer gives to places in a text: `## Heading {#mark}`."""

from collections.abc import Iterator

from plugins.findings import Remark
from plugins.marks import is_taken, without_code, written_marks
from plugins.sources import Source
from plugins.wording import Gettext


def check_ids(source: Source, _: Gettext) -> Iterator[Remark]:
    """Yield (line, "must …") for a mark that stands twice in a page, which links could not tell apart (HTML, id)."""
    if "{" not in source.body:
        return
    seen: set[str] = set()
    for found in written_marks(without_code(source.body)):
        mark = found["mark"]
        if mark in seen or is_taken(mark):
            line = source.body_line + source.body.count("\n", 0, found.start())
            yield (
                line,
                _('the mark "#%(mark)s" must be another; the page has one of that name already') % {"mark": mark},
            )
        seen.add(mark)

"""What must be right in the HTML that a writer puts into a text: see plugins.safe_html."""

from collections.abc import Iterator

from plugins.findings import Remark
from plugins.safe_html import refusals
from plugins.sources import Source
from plugins.wording import Gettext


def check_html(source: Source, text: str, _: Gettext) -> Iterator[Remark]:
    """Yield (line, "must …") for each element and attribute that can't be published; `text` is without code."""
    for at, message, values in refusals(text):
        yield source.body_line + text.count("\n", 0, at), _(message) % values

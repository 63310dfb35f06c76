"""What must be right in the HTML that a writer puts into a text: see plugins.safe_html."""

from collections import Counter
from collections.abc import Iterator

from plugins.as_published import Html, Place, Shown
from plugins.findings import Remark
from plugins.safe_html import refusals
from plugins.sources import Source
from plugins.wording import Gettext

_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}

_CLOSED_BY_OTHERS = {
    "caption", "colgroup", "dd", "dt", "li", "p", "rp", "rt", "tbody", "td", "tfoot", "th", "thead", "tr",
}  # fmt: skip
"""What ends by itself where the next of its kind begins, or what it stands in ends (HTML, 13.1.2.4)."""


def check_html(source: Source, text: str, _: Gettext) -> Iterator[Remark]:
    """Yield (line, "must …") for each element and attribute that can't be published; `text` is without code."""
    for at, message, values in refusals(text):
        yield source.body_line + text.count("\n", 0, at), _(message) % values


def published_html(html: Html, _: Gettext) -> Iterator[Shown]:
    """What is not closed, or closes what it did not open: it would take in what the page has around the text."""
    opened: list[tuple[str, int]] = []
    seen = Counter[str]()
    for tag in html.tags:
        name = tag["name"].lower()
        if name in _VOID:
            continue
        if not tag["end"]:
            opened.append((name, seen[name]))
            seen[name] += 1
        elif any(name == each for each, _number in opened):
            while opened[-1][0] != name and opened[-1][0] in _CLOSED_BY_OTHERS:
                opened.pop()
            if opened[-1][0] != name:
                break
            opened.pop()
        else:
            message = _("</%(element)s> must be removed: nothing before it opens what it closes")
            yield Place(tag[0], rf"</{name}\b"), message % {"element": name}
            return
    while opened and opened[-1][0] in _CLOSED_BY_OTHERS:
        opened.pop()
    if opened:
        name, number = opened[-1]
        message = _("<%(element)s> must be closed with </%(element)s>, and before what it stands in ends")
        yield Place(f"<{name}", rf"<{name}\b", number), message % {"element": name}

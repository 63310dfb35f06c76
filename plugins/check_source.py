"""What one letter or page says of itself: the checks that look at nothing but its own text.

They look at what was written, where they know the line. What only shows in what is published, as there are many ways to
write the same, is looked for there, and its line found by its words.
"""

from collections.abc import Callable, Iterator, MutableMapping
from typing import Any

from plugins.as_published import Html, Place, Shown, line_of
from plugins.check_begun import check_begun
from plugins.check_brackets import check_brackets
from plugins.check_header import check_header
from plugins.check_headings import check_headings, published_headings
from plugins.check_html import check_html, published_html
from plugins.check_ids import check_ids, published_ids
from plugins.check_link_words import check_link_words, published_link_words
from plugins.check_open_signs import check_open_signs
from plugins.check_personnummer import check_personnummer, published_personnummer
from plugins.check_tables import check_tables, published_tables
from plugins.converting import converter_of
from plugins.findings import Remark
from plugins.marks import without_code
from plugins.picture_store import Album
from plugins.safe_html import UnsafeHtml
from plugins.sources import Source
from plugins.wording import Gettext

Written = Callable[[Source, str, Gettext], Iterator[Remark]]
Published = Callable[[Html, Gettext], Iterator[Shown]]
_ON_TEXTS: dict[Written, Published] = {
    check_html: published_html,
    check_headings: published_headings,
    check_link_words: published_link_words,
    check_tables: published_tables,
    check_ids: published_ids,
    check_personnummer: published_personnummer,
}


def check_source(source: Source, settings: MutableMapping[str, Any], _: Gettext) -> Iterator[Remark]:
    """Yield (line, "must …") for every error that can be told from this source and the settings alone."""
    yield from check_header(source, settings, _)
    yield from check_begun(source, _)
    text = without_code(source.body)
    written = {check: list(check(source, text, _)) for check in _ON_TEXTS}
    for remarks in written.values():
        yield from remarks
    unreadable = list(check_open_signs(source, text, _))
    yield from unreadable
    if not written[check_html] and not unreadable:
        yield from _in_html(source, text, settings, [_ON_TEXTS[check] for check in _ON_TEXTS if not written[check]], _)


def _in_html(
    source: Source, text: str, settings: MutableMapping[str, Any], checks: list[Published], _: Gettext
) -> Iterator[Remark]:
    """What these checks find in what is published, which is kept for whoever reads the source."""
    converter = converter_of(settings)
    try:
        converted = converter.convert(source, Album())
    except UnsafeHtml as error:
        yield line_of(Place(str(next(iter(error.values.values()), ""))), source), error.told(_)
        return
    except RecursionError:
        yield source.body_line, _("must be simpler: quotations, lists or brackets stand in each other too deeply")
        return
    converter.keep(source, converted)
    html = Html(converted.html)
    yield from check_brackets(source, text, html, _)
    for check in checks:
        yield from ((line_of(place, source), message) for place, message in check(html, _))

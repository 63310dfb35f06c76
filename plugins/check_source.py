"""What one letter or page says of itself: the checks that look at nothing but its own text."""

from collections.abc import Iterator, Mapping
from typing import Any

from plugins.check_header import check_header
from plugins.check_headings import check_headings
from plugins.check_html import check_html
from plugins.check_ids import check_ids
from plugins.check_link_words import check_link_words
from plugins.check_personnummer import check_personnummer
from plugins.check_tables import check_tables
from plugins.findings import Remark
from plugins.marks import without_code
from plugins.sources import Source
from plugins.wording import Gettext

_ON_TEXTS = (check_headings, check_link_words, check_tables, check_html)


def check_source(source: Source, settings: Mapping[str, Any], _: Gettext) -> Iterator[Remark]:
    """Yield (line, "must …") for every error that can be told from this source and the settings alone."""
    yield from check_header(source, settings, _)
    yield from check_ids(source, _)
    yield from check_personnummer(source, _)
    text = without_code(source.body)
    for check in _ON_TEXTS:
        yield from check(source, text, _)

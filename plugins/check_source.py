"""What one letter or page says of itself: the checks that look at nothing but its own text."""

from collections.abc import Iterator, Mapping
from typing import Any

from plugins.check_header import check_header
from plugins.check_ids import check_ids
from plugins.findings import Remark
from plugins.sources import Source
from plugins.wording import Gettext


def check_source(source: Source, settings: Mapping[str, Any], _: Gettext) -> Iterator[Remark]:
    """Yield (line, "must …") for every error that can be told from this source and the settings alone."""
    yield from check_header(source, settings, _)
    yield from check_ids(source, _)


def advise(_source: Source, _: Gettext) -> Iterator[Remark]:
    """Yield (line, advice) on how this source is written; it never stops anything."""
    yield from ()

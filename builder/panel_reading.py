"""What the editor's panel tells of how a text reads: its length, LIX, and the words that drive it."""

from collections.abc import Iterator, Mapping
from typing import Any

from plugins.advice import numbers_of
from plugins.readability import Readability
from plugins.sources import Source
from plugins.wording import Gettext

SHOWN_WORDS = 8


def reading(source: Source, settings: Mapping[str, Any], _: Gettext) -> dict[str, Any]:
    """The section of the panel."""
    return {"heading": _("To read"), "facts": list(_facts(numbers_of(source, settings), _))}


def _facts(numbers: Readability, _: Gettext) -> Iterator[list[str]]:
    told = _("%(words)d words, about %(minutes)d min to read")
    yield [_("Length"), told % {"words": numbers.words, "minutes": numbers.minutes}]
    if numbers.lix is not None:
        yield ["LIX", f"{numbers.lix}: {', '.join(map(_, numbers.band))}"]
    if numbers.long_words:
        words = (f"{word} ({count})" if count > 1 else word for word, count in numbers.long_words[:SHOWN_WORDS])
        yield [_("Long words that count"), ", ".join(words)]

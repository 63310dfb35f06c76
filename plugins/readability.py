"""How hard a text is to read, in numbers: its length, the time it takes, and LIX."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from common.language import marked as _
from plugins.prose import Sentence

WORDS_A_MINUTE = {"sv": 199, "en": 228}
"""Words of running text that adults read in a minute: Trauzettel-Klosinski and Dietz, "Standardized Assessment of
Reading Performance: The New International Reading Speed Texts IReST", 2012."""
LONG_WORD = 6
"""A word of more letters than these counts as long in LIX."""
BANDS = (
    (30, _("very easy to read"), _("like a book for children")),
    (40, _("easy to read"), _("like fiction")),
    (50, _("of medium difficulty"), _("like a newspaper")),
    (60, _("hard to read"), _("like official texts")),
    (math.inf, _("very hard to read"), _("like legal texts")),
)
"""Below which LIX a text is what, and like what, as the scale of C. H. Björnsson, Läsbarhet (1968), is mostly given."""


@dataclass(frozen=True, slots=True)
class Readability:
    """A text's numbers. `lix` is None where the text is not Swedish or has no words; `minutes` is 1 or more.

    `long_words` are those that drive LIX, with how often each stands there, the most frequent first; of equally
    frequent ones the longest first. `longest` are the three longest sentences, the longest first.
    """

    words: int
    sentences: int
    minutes: int
    lix: int | None = None
    long_words: tuple[tuple[str, int], ...] = ()
    longest: tuple[Sentence, ...] = ()

    @property
    def band(self) -> tuple[str, str]:
        """How hard the text is by its LIX, and like what: two English msgids, empty without LIX."""
        if self.lix is None:
            return "", ""
        return next((name, like) for limit, name, like in BANDS if self.lix < limit)


def readability(sentences: Sequence[Sentence], language: str) -> Readability:
    """The numbers of a text's sentences."""
    words = sum(len(sentence.words) for sentence in sentences)
    minutes = max(1, round(words / WORDS_A_MINUTE.get(language[:2], WORDS_A_MINUTE["en"])))
    longest = tuple(sorted(sentences, key=lambda sentence: -len(sentence.words))[:3])
    if not language.startswith("sv") or not words:
        return Readability(words, len(sentences), minutes, longest=longest)
    long = [word for sentence in sentences for word in sentence.words if len(word) > LONG_WORD and is_long(word)]
    lix = round(words / len(sentences) + 100 * len(long) / words)
    return Readability(words, len(sentences), minutes, lix, _by_frequency(long), longest)


def is_long(word: str) -> bool:
    """Whether a word has more letters than LONG_WORD, its signs not counted; numbers are not long."""
    return sum(map(str.isalpha, word)) > LONG_WORD


def _by_frequency(words: list[str]) -> tuple[tuple[str, int], ...]:
    counted = Counter(map(str.lower, words))
    return tuple(sorted(counted.items(), key=lambda one: (-one[1], -len(one[0]), one[0])))

"""Advice on words that the Swedish dictionary doesn't have; false alarms are worse than a word that is missed."""

import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence

from plugins.findings import Remark
from plugins.prose import Sentence
from plugins.spelling import Speller
from plugins.wording import Gettext

_WORD = re.compile(
    r"(?<![\w@#./-])[a-zà-öø-ÿA-ZÀ-ÖØ-Þ\u0300-\u036f]{2,}(?:[-’'][a-zà-öø-ÿA-ZÀ-ÖØ-Þ]+)*(?![\w@/-]|[.:]\w)"
)
SHORTEST_FIRST_WORD = 7
"""Letters of a word that begins a sentence and is advised on; a shorter one may be a name."""
SHORTEST_PART = 4
MOST_LETTERS = 40


def advise_spelling(
    sentences: Sequence[Sentence], known: Collection[str], speller: Speller, _: Gettext
) -> Iterator[Remark]:
    """Yield advice on each word that looks misspelt, where it first stands."""
    told = set[str]()
    for sentence in sentences:
        for match in _WORD.finditer(sentence.text):
            word = unicodedata.normalize("NFC", match[0]).replace("’", "'")
            if word not in told and not _is_right(word, not match.start(), known, speller):
                told.add(word)
                yield sentence.line_of(match.start()), _message(word, speller, _)


def _is_right(word: str, is_first: bool, known: Collection[str], speller: Speller) -> bool:
    if word in known or speller.is_right(word):
        return True
    if not word.islower():
        return not is_first or not _is_misspelt_beginning(word, known, speller)
    if "-" in word:
        return all(part in known or speller.is_right(part) for part in word.split("-") if len(part) > 1)
    return _is_compound(word, known, speller)


def _is_compound(word: str, known: Collection[str], speller: Speller) -> bool:
    """Whether two words that are right make it: the dictionary lets not all of its words be joined."""
    cuts = range(SHORTEST_PART, min(len(word), MOST_LETTERS) - SHORTEST_PART + 1)
    return any(all(one in known or speller.is_right(one) for one in (word[:cut], word[cut:])) for cut in cuts)


def _is_misspelt_beginning(word: str, known: Collection[str], speller: Speller) -> bool:
    """Whether a word that begins a sentence, capital therefore, is more likely a word misspelt than a name."""
    lower = word[0].lower() + word[1:]
    if len(word) < SHORTEST_FIRST_WORD or not lower.islower() or lower in known or speller.is_right(lower):
        return False
    return any(_is_near(lower, one) for one in speller.suggestions(lower)[:1])


def _is_near(word: str, other: str) -> bool:
    """Whether one letter more, less, other or moved makes the one of the other."""
    start = next((at for at, (a, b) in enumerate(zip(word, other, strict=False)) if a != b), min(len(word), len(other)))
    ours, theirs = word[start:], other[start:]
    return ours[1:] == theirs or ours == theirs[1:] or ours[1:] == theirs[1:] or ours[:2][::-1] + ours[2:] == theirs


def _message(word: str, speller: Speller, _: Gettext) -> str:
    lower = word if word.islower() else word.lower()
    found = speller.suggestions(lower)
    if found:
        message = _('is "%(word)s" spelt right? The dictionary has %(words)s; words of your own go into ordlista.txt')
        return message % {"word": word, "words": ", ".join(found)}
    message = _('is "%(word)s" spelt right? The dictionary does not have it; words of your own go into ordlista.txt')
    return message % {"word": word}

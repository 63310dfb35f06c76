"""Advice on words that the Swedish dictionary doesn't have; false alarms are worse than a word that is missed."""

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Sequence

from plugins.findings import Remark
from plugins.prose import Sentence
from plugins.spelling import Speller
from plugins.wording import Gettext

_WORD = re.compile(
    r"(?<![\w@#./-])[a-zà-öø-ÿA-ZÀ-ÖØ-Þ\u0300-\u036f]{2,}(?:[-’'][a-zà-öø-ÿA-ZÀ-ÖØ-Þ]+)*(?![\w@/-]|[.:]\w)"
)
SHORTEST_FIRST_WORD = 7
"""Letters of a word that begins a sentence and is advised on; a shorter one may be a name."""
MOST_TOLD = 25
SHOWN = 8
MOST_LOOKED_AT = 300
"""Words of one text that are looked at again when the dictionary lacks them: more are another language."""
SHORTEST_PART = 4
MOST_LETTERS = 40
LETTERS = "abcdefghijklmnopqrstuvwxyzåäöé"


def doubtful_words(sentences: Sequence[Sentence], known: Collection[str], speller: Speller) -> list[Remark]:
    """The line and word of each word that looks misspelt, where it first stands.

    More than MOST_TOLD are one remark at the first of them, with the first words of them all: another language.
    """
    doubtful: dict[str, int] = {}
    looked_at = set[str]()
    for line, word in _unknown_words(sentences, known, speller):
        if word not in looked_at and len(looked_at) < MOST_LOOKED_AT:
            looked_at.add(word)
            if not _is_right_after_all(word, known, speller):
                doubtful[word] = line
    if len(doubtful) > MOST_TOLD:
        return [(next(iter(doubtful.values())), " ".join(list(doubtful)[:SHOWN]))]
    return [(line, word) for word, line in doubtful.items()]


def _unknown_words(sentences: Sequence[Sentence], known: Collection[str], speller: Speller) -> Iterator[Remark]:
    """The lines and words that are not right as they stand; a word with a capital inside a sentence is a name."""
    for sentence in sentences:
        for match in _WORD.finditer(sentence.text):
            word = unicodedata.normalize("NFC", match[0]).replace("’", "'")
            if word in known or speller.is_right(word) or (match.start() and not word.islower()):
                continue
            if not (sentence.text.startswith(".", match.end()) and speller.is_right(f"{word}.")):  # an abbreviation
                yield sentence.line_of(match.start()), word


def _is_right_after_all(word: str, known: Collection[str], speller: Speller) -> bool:
    if not word.islower():
        return not _is_misspelt_beginning(word, known, speller)
    parts = word.split("-")
    return (len(parts) > 1 and _are_right(parts, known, speller)) or _is_compound(word, known, speller)


def _are_right(parts: Iterable[str], known: Collection[str], speller: Speller) -> bool:
    return all(len(part) < 2 or part in known or speller.knows(part) for part in parts)


def _is_compound(word: str, known: Collection[str], speller: Speller) -> bool:
    """Whether two words that are right make it: the dictionary lets not all of its words be joined."""
    cuts = range(SHORTEST_PART, min(len(word), MOST_LETTERS) - SHORTEST_PART + 1)
    return any(_are_right((word[:cut], word[cut:]), known, speller) for cut in cuts)


def _is_misspelt_beginning(word: str, known: Collection[str], speller: Speller) -> bool:
    """Whether a word that begins a sentence, capital therefore, is more likely a word misspelt than a name."""
    lower = word[0].lower() + word[1:]
    if len(word) < SHORTEST_FIRST_WORD or not lower.islower() or lower in known or speller.is_right(lower):
        return False
    return not _is_compound(lower, known, speller) and any(map(speller.knows, _near(lower[:MOST_LETTERS])))


def _near(word: str) -> Iterator[str]:
    """The words that one letter more, less, other or moved makes of a word."""
    for at in range(len(word) + 1):
        before, after = word[:at], word[at:]
        yield before + after[1:]
        yield before + after[1:2] + after[:1] + after[2:]
        for letter in LETTERS:
            yield before + letter + after
            yield before + letter + after[1:]


def advice_on_word(word: str, speller: Speller, may_look: bool, _: Gettext) -> str:
    """What to say of a doubtful word, or of many with spaces between.

    With suggestions that are known or, where there is time, looked for.
    """
    if " " in word:
        message = _(
            "many words are not in the dictionary (%(words)s …): a text in another language needs a line like "
            '"Lang: en"; words of your own go into ordlista.txt'
        )
        return message % {"words": ", ".join(word.split())}
    found = speller.suggestions(word if word.islower() else word.lower(), may_look)
    if found:
        message = _('is "%(word)s" spelt right? The dictionary has %(words)s; words of your own go into ordlista.txt')
        return message % {"word": word, "words": ", ".join(found)}
    message = _('is "%(word)s" spelt right? The dictionary does not have it; words of your own go into ordlista.txt')
    return message % {"word": word}

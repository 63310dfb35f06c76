"""Advice on texts and sentences that are long or hard to read."""

from collections.abc import Iterator, Sequence

from plugins.findings import Remark
from plugins.prose import Sentence
from plugins.readability import Readability
from plugins.sources import Source
from plugins.wording import Gettext

MOST_LIX = 45
"""Where advice begins: the upper end of ordinary newspaper text, 40 to 45 as Björnsson's scale is mostly given, which
is as much as a letter to everybody should ask of its reader. Official texts are at 50 to 55."""
FEWEST_WORDS = 100
"""Of fewer words LIX says little."""
MOST_WORDS = 30
"""Words in a sentence. Klarspråk guides advise 15 to 20 on average; beyond 30 the beginning is forgotten."""
MOST_MINUTES = 8
SHOWN_WORDS = 6


def advise_lix(source: Source, numbers: Readability, _: Gettext) -> Iterator[Remark]:
    """Yield advice on a text whose LIX is high, with what drives it."""
    if numbers.lix is None or numbers.lix <= MOST_LIX or numbers.words < FEWEST_WORDS:
        return
    message = _(
        "LIX is %(lix)d: the text is %(band)s. At %(limit)d or less it reads like ordinary news (Björnsson's scale). "
        "Long words that count: %(words)s. The longest sentences begin on lines %(lines)s"
    )
    if not numbers.long_words:
        message = _(
            "LIX is %(lix)d: the text is %(band)s. At %(limit)d or less it reads like ordinary news (Björnsson's "
            "scale). The longest sentences begin on lines %(lines)s"
        )
    words = ", ".join(_times(word, count) for word, count in numbers.long_words[:SHOWN_WORDS])
    lines = ", ".join(map(str, sorted({sentence.line for sentence in numbers.longest})))
    named = {"lix": numbers.lix, "band": _(numbers.band[0]), "limit": MOST_LIX, "words": words, "lines": lines}
    yield source.body_line, message % named


def _times(word: str, count: int) -> str:
    return f"{word} ({count})" if count > 1 else word


def advise_sentences(sentences: Sequence[Sentence], _: Gettext) -> Iterator[Remark]:
    """Yield advice on every sentence of more than MOST_WORDS words."""
    message = _('a sentence of %(number)d words: could it be two? "%(opening)s"')
    for sentence in sentences:
        if len(sentence.words) > MOST_WORDS:
            yield sentence.line, message % {"number": len(sentence.words), "opening": sentence.opening}


def advise_length(source: Source, numbers: Readability, _: Gettext) -> Iterator[Remark]:
    """Yield advice on a letter that takes more than MOST_MINUTES to read."""
    if numbers.minutes <= MOST_MINUTES or not source.is_letter:
        return
    message = _("the letter takes about %(minutes)d minutes to read: could something wait for another letter?")
    if not source.get("brief"):
        message += " " + _('Otherwise a "Brief" helps those who have less time')
    yield source.body_line, message % {"minutes": numbers.minutes}

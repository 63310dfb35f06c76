"""Advice on passive verbs that follow close on each other, so that nobody is seen to do anything.

A verb counts when its form is seldom anything else: names, genitives and verbs that always end in -s do not. That
misses some and is meant to; a warning that is wrong is worse than none. Guides: Språkrådet, Myndigheternas skrivregler,
and the Language Act (2009:600), 11 §, which asks authorities for plain language.
"""

import re
from collections.abc import Iterator, Sequence

from plugins.findings import Remark
from plugins.passive_words import (
    AUXILIARIES,
    BECOME,
    DEPONENT,
    FEELINGS,
    NO_VERBS,
    PARTICIPLES,
    PRESENT,
    STEPS_OVER,
    SUPINE_AUXILIARIES,
)
from plugins.prose import Sentence
from plugins.wording import Gettext

_PAST = re.compile(r"\w+(?:ades|[dglmnrv]des|[kpst]tes|gavs|togs|skrevs|lästes|valdes|drogs|beslöts|hölls|sågs|slogs)")
_NO_PAST = re.compile(r"\w*(?:(?:and|end|led|områd|förråd|bid|vård|stånd|möt|arbet|häft|skift|fäst)es)")
_PRESENT = re.compile(r"\w{2,}eras")
_INFINITIVE = re.compile(r"\w+[aäåö]s")
_SUPINE = re.compile(r"\w+(?:ats|[drknsgplv]ts|tts|its)")
_PARTICIPLE = re.compile(r"\w{2,}(?:erad|erat|erade)")
IN_A_ROW = 3
"""So many in neighbouring sentences, or two in one, make a chain."""
_NEAR = 4
_AGENT = "av"
"""Where it follows the sentence says who does it."""


def passives(words: Sequence[str]) -> Iterator[str]:
    """The passive verbs among the words of one sentence, as they stand there."""
    lower = [word.lower() for word in words]
    for at, word in enumerate(lower):
        if word[-1] == "s":
            is_name = at > 0 and words[at] != word
            if not is_name and _is_passive(word, lower[max(0, at - _NEAR) : at]) and _AGENT not in lower[at : at + 4]:
                yield words[at]
        elif word in BECOME and (found := _participle(lower[at + 1 : at + 4])):
            yield f"{words[at]} {words[at + found]}"


def _is_passive(word: str, before: list[str]) -> bool:
    if len(word) < 3 or word in DEPONENT or word in NO_VERBS or word.endswith(("plats", "sats", "hets", "skaps")):
        return False
    if word in PRESENT or _PRESENT.fullmatch(word):
        return True
    if _PAST.fullmatch(word) and not _NO_PAST.fullmatch(word):
        return True
    near = [one for one in before if one not in STEPS_OVER]
    if near and near[-1] in AUXILIARIES and _INFINITIVE.fullmatch(word):
        return True
    return bool(near and near[-1] in SUPINE_AUXILIARIES and _SUPINE.fullmatch(word))


def _participle(after: list[str]) -> int:
    """How far after "blev" a participle stands, over adverbs alone; 0 where there is none."""
    for at, word in enumerate(after, 1):
        if word in PARTICIPLES or (_PARTICIPLE.fullmatch(word) and not word.startswith(FEELINGS)):
            return at
        if word not in STEPS_OVER:
            return 0
    return 0


def advise_passives(sentences: Sequence[Sentence], _: Gettext) -> Iterator[Remark]:
    """Yield advice on each chain of passive verbs, at the sentence where it begins."""
    chain: list[tuple[Sentence, list[str]]] = []
    for sentence in sentences:
        verbs = list(passives(sentence.words))
        if not verbs or (chain and chain[-1][0].part != sentence.part):
            yield from _chained(chain, _)
            chain = []
        if verbs:
            chain.append((sentence, verbs))
    yield from _chained(chain, _)


def _chained(chain: list[tuple[Sentence, list[str]]], _: Gettext) -> Iterator[Remark]:
    if not chain:
        return
    verbs = [verb for _sentence, found in chain for verb in found]
    if len(verbs) >= IN_A_ROW or any(len(found) > 1 for _sentence, found in chain):
        message = _("passive verbs close together (%(verbs)s): could it say who does it?")
        yield chain[0][0].line, message % {"verbs": ", ".join(verbs)}

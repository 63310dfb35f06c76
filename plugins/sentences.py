"""Where sentences end and what their words are, by the rules of Swedish and English print.

Abbreviations, ordinals and initials with a full stop: Språkrådet, Svenska skrivregler (4th edition).
"""

import re
from collections.abc import Iterator

_END = re.compile(r"[.!?…][.!?…]{0,20}[”\"’')\]»]{0,3}\s|:\s+(?=[”\"“A-ZÅÄÖ])")
_NEXT = re.compile(r"\s*[”\"“‘'«»(\[–—-]{0,4}\s?(?P<sign>\S)")
_WORD = re.compile(r"\d{1,3}(?:[ \u00a0\u2009\u202f]\d{3}){1,5}(?!\d)|[^\W_]+(?:[-’':.,/&][^\W_]+)*")


def words(text: str) -> frozenset[str]:
    """The words of a list that is written as running text."""
    return frozenset(text.split())


_GOES_ON = words(
    """
    t.ex bl.a d.v.s dvs s.k fr.o.m t.o.m f.d f.n p.g.a i.st.f m.a.o o.s.v ang avd bil bitr ca dr doc e.g ev exkl f
    forts fig i.e inkl ing jfr kap kl mr mrs ms nr obs p p.s prof ps red resp s s:t st t tel tfn u.a vs ä.k ö.k
    """
)
"""Abbreviations after which a capital letter is a name's more often than a new sentence's."""

_MEASURES = frozenset({"kr", "mån", "tim", "min"})


def ends(text: str) -> Iterator[int]:
    """Where each sentence of a text ends, its last one at the end of the text."""
    for match in _END.finditer(text):
        following = _NEXT.match(text, match.end())
        if following and _is_end(text, match, following["sign"]):
            yield match.end()
    yield len(text)


def _is_end(text: str, match: re.Match[str], following: str) -> bool:
    if not (following.isupper() or following.isdigit() or not following.isalnum()):
        return False
    if match[0][0] != "." or match[0][1] == ".":
        return True
    before = text[max(0, match.start() - 30) : match.start()].split()
    return not before or _may_end(before, following)


def _may_end(before: list[str], following: str) -> bool:
    """Whether a full stop ends a sentence after these words, the last of which is what it stands at."""
    word = before[-1].strip("(”\"'’[«»")
    if word.lower() in _GOES_ON or (len(word) == 1 and word.isalpha()):
        return False
    if word.isdigit() and len(word) <= 2:
        return before[-2:-1] not in (["den"], ["Den"])
    return not (word.lower() in _MEASURES and following.isdigit())


def word_list(text: str) -> tuple[str, ...]:
    """The words of a text; a number counts as one, with its groups of three digits."""
    return tuple(_WORD.findall(text))

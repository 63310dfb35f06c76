"""Advice on Swedish typography that common.typography can't put right by itself.

Rules: Språkrådet, Svenska skrivregler (4th edition), on citattecken, tankstreck, siffror, förkortningar and datum.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from common.typography import NO_BREAK
from plugins.findings import Remark
from plugins.plain_text import OBJECT
from plugins.prose import Sentence
from plugins.wording import Gettext

_SPACE = f"[ {NO_BREAK}\u202f\u2009]"
_MONTHS = "januari|februari|mars|april|maj|juni|juli|augusti|september|oktober|november|december"
_MONTH_NAMES = "|".join(month.capitalize() for month in _MONTHS.split("|"))
_DAY_NAMES = "(?:Mån|Tis|Ons|Tors|Fre|Lör|Sön)dag(?:en|ar|arna|s)?"
_NEAR = 60
"""Characters on each side of a sign that decide about it."""
_MEASURED = "kg|g|km|m|cm|mm|l|dl|ton|meter|liter|kilometer|procent|grader|hektar|sekunder"
_LETTERS = "a-zåäöéü"

Rule = tuple[re.Pattern[str], Callable[[re.Match[str]], str | None]]
"""What is looked for, and what to write instead; None where it was right after all."""
Rules = tuple[Rule, ...]


def _quotes(match: re.Match[str]) -> str:
    return "”" if match[0] in "“„‟" else "’"


def _grouped(digits: str) -> str:
    return f"{int(digits):,}".replace(",", " ")


def _number(match: re.Match[str]) -> str | None:
    """12345, but not the number of something: those have a name before them, or no noun after them."""
    return None if _NAMED.search(match.string, max(0, match.start() - 25), match.start()) else _grouped(match[0])


def _range(match: re.Match[str]) -> str | None:
    low, high = match["low"], match["high"]
    return f"{low}–{high}" if int(low) < int(high) and low[0] != "0" else None


_NAMED = re.compile(
    r"(?:\b(?:nr|nummer|numret|kod|koden|id|ärende|ärendet|dnr|diarienummer|telefon|tel|ring|swish|swisha|bankgiro"
    r"|plusgiro|bg|pg|postnummer|box|sms|sms:a|kontot?|faktura|fakturan|objekt|ref)\b[.: ]*|[\d+/:#-]\s?)$",
    re.IGNORECASE,
)
_ABBREVIATED = {
    "t ex": "t.ex.", "t. ex": "t.ex.", "bl a": "bl.a.", "bl. a": "bl.a.", "d v s": "d.v.s.", "o s v": "o.s.v.",
    "m fl": "m.fl.", "m. fl": "m.fl.", "p g a": "p.g.a.", "fr o m": "fr.o.m.", "t o m": "t.o.m.", "s k": "s.k.",
    "f d": "f.d.", "f n": "f.n.", "m a o": "m.a.o.",
}  # fmt: skip
_SHORT = "|".join(sorted((one.replace(".", r"\.").replace(" ", _SPACE) for one in _ABBREVIATED), key=len, reverse=True))


def _abbreviation(match: re.Match[str]) -> str | None:
    """The same with full stops and its own capital; not initials."""
    short = re.sub(_SPACE, " ", match["short"])
    better = _ABBREVIATED[short.lower()]
    return None if short.isupper() else short[0] + better[1:]


def _section(match: re.Match[str]) -> str | None:
    """§ 5 of a law is written 5 §; the paragraphs of minutes are written § 5."""
    near = match.string[max(0, match.start() - _NEAR) : match.end() + _NEAR]
    return f"{match['number']} §" if _LAW.search(near) and not _MINUTES.search(near) else None


_LAW = re.compile(r"\w(?:lag|lagen|balken|förordning|förordningen)\b|\blag(?:en)?\b", re.IGNORECASE)
_MINUTES = re.compile(r"protokoll|sammanträde|\b(?:KS|KF)\b", re.IGNORECASE)


_OF_SIGNS: Rules = (
    (re.compile("[“„‟‘‚´]"), _quotes),
    (re.compile(rf"(?<=[\w”,.!?]){_SPACE}[-−]\s(?=[\w”])"), lambda _match: " – "),
    (re.compile(rf"{_SPACE}?—{_SPACE}?"), lambda _match: " – "),
    (re.compile(rf"(?<![\w§])(?<!\d{_SPACE})§{_SPACE}?(?P<number>\d{{1,3}})(?!\d)"), _section),
    (re.compile(r"(?<=[\w”])[ \u00a0](?P<sign>[,;!?])(?=\s|$)"), lambda match: match["sign"]),
)
_OF_NUMBERS: Rules = (
    (re.compile(r"(?<![\w.,/:+§-])(?P<low>\d{1,2}|(?:19|20)\d\d)-(?P<high>\d{1,4})(?![\w/:-]|[.,]\d|\s?\d)"), _range),
    (re.compile(rf"(?<![\w.,/:#+-])[1-9]\d{{4,8}}(?=\s(?:[{_LETTERS}]{{3}}|(?:kr|st|kg|km|ha|m)\b))"), _number),
    (
        re.compile(rf"(?<![\w.,/:-])[1-9]\d{{0,2}}(?:[.,]\d{{3}}){{1,3}}(?=\s(?!(?:{_MEASURED})\b)[{_LETTERS}]{{2}})"),
        lambda match: re.sub("[.,]", " ", match[0]),
    ),
    (
        re.compile(r"(?<![\w.,])(?P<number>\d{1,4}(?:,\d{1,3})?)(?P<sign>[%§]|kr\b)"),
        lambda match: f"{match['number']} {match['sign']}",
    ),
    (re.compile(rf"(?:(?<=\d{_SPACE})|(?<=\d\.{_SPACE}))(?:{_MONTH_NAMES})\b"), lambda match: match[0].lower()),
    (re.compile(rf"(?<=\d):[ae](?={_SPACE}(?:{_MONTHS})\b)"), lambda _match: ""),
)
_OF_DAYS: Rules = ((re.compile(rf"(?<=[{_LETTERS}] ){_DAY_NAMES}\b"), lambda match: match[0].lower()),)
_OF_ABBREVIATIONS: Rules = ((re.compile(rf"\b(?P<short>{_SHORT})(?:\.|(?![\w.]))", re.IGNORECASE), _abbreviation),)
_WHERE = (
    (re.compile(r"[“„‟‘‚´—§]|[ \u00a0\u2009\u202f][-−,;!?]"), _OF_SIGNS),
    (re.compile(r"\d"), _OF_NUMBERS),
    (re.compile("dag"), _OF_DAYS),
    (re.compile(rf"\b[A-Za-z]{{1,2}}\.?{_SPACE}[a-zA-Z]"), _OF_ABBREVIATIONS),
)
"""What must stand somewhere in a sentence for rules to be tried on it."""
AROUND = 1
"""Words shown on each side of what is advised on."""


@dataclass(frozen=True, slots=True)
class Improvement:
    """What is better written otherwise: its place in a text, and what it would be, both with what stands around."""

    at: int
    sign: str
    written: str
    better: str


def advise_typography(sentences: Sequence[Sentence], _: Gettext) -> Iterator[Remark]:
    """Yield advice on typography, each sign or number once, where it first stands; for Swedish texts alone."""
    message = _("by the rules of Swedish writing: %(better)s rather than %(written)s")
    told = set[str]()
    for sentence in sentences:
        for found in improvements(sentence.text):
            if found.sign not in told:
                told.add(found.sign)
                yield sentence.line_of(found.at), message % {"written": found.written, "better": found.better}


def improvements(text: str) -> Iterator[Improvement]:
    """Everything in a sentence that is better written otherwise."""
    for sign, rules in _WHERE:
        for pattern, mend in rules if sign.search(text) else ():
            for match in pattern.finditer(text):
                better = mend(match)
                if better is not None and better != match[0]:
                    before, after = _surroundings(text, match)
                    written = _flat(before + match[0] + after)
                    yield Improvement(match.start(), match[0], written, _flat(before + better + after))


def _surroundings(text: str, match: re.Match[str]) -> tuple[str, str]:
    """What stands around a match: the rest of its own words, and AROUND words more on each side."""
    before = text[max(0, match.start() - _NEAR) : match.start()].split(" ")
    after = text[match.end() : match.end() + _NEAR].split(" ")
    return " ".join(before[-AROUND - 1 :]), " ".join(after[: AROUND + 1])


def _flat(text: str) -> str:
    return " ".join(text.replace(OBJECT, "…").split())

"""Sets the title of a share picture: which signs can be drawn, how large, and where its lines break."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import takewhile
from typing import Any

from common.typography import ELLIPSIS
from plugins.drawn import FONTS, font_file

WIDTH, HEIGHT = 1200, 630
"""In pixels: what Facebook, LinkedIn, Mastodon, Slack and Teams all show uncut."""
MEASURE, TOP, BOTTOM = 1040, 136, 458
"""How wide the title's lines may be, and between which heights they stand."""
SIZES = (112, 100, 90, 80, 72, 64, 56, 49, 42)
LEADING = 1.14
LEAST_DRAWN = 0.6
"""Of a title's letters and digits: where fewer can be drawn it is no title any more."""
_MEASURED_AT = 100
_SPACES = re.compile("[ \t\n]+")


@dataclass(frozen=True)
class Setting:
    """A title in lines, with its size and the heights of its lines in pixels."""

    lines: tuple[str, ...]
    size: int
    top: float
    leading: float


def drawable(text: str) -> str:
    """The text without the signs that our font has not, such as emoji; "" where too little is left of it."""
    whole = unicodedata.normalize("NFC", text)
    kept = _SPACES.sub(" ", "".join(sign for sign in whole if sign.isspace() or _has(sign))).strip()
    letters = sum(map(str.isalnum, whole))
    return kept if letters and sum(map(str.isalnum, kept)) >= letters * LEAST_DRAWN else ""


def fitted(text: str, size: int, measure: float) -> str:
    """The text in one line of that size and width in pixels, cut after a word with an ellipsis if it is longer."""
    if _width(text) * size <= measure:
        return text
    return _shortened(text, measure / size)


def set_title(title: str) -> Setting:
    """The title as large as it fits, in lines of like length; what fits at no size ends with an ellipsis."""
    words = [Word(text, _width(text)) for text in title.split(" ") if text]
    for size in SIZES:
        lines = wrapped(words, MEASURE / size)
        if len(lines) <= _most_lines(size) and all(word.width * size <= MEASURE for word in words):
            return _placed(_balanced(words, len(lines), MEASURE / size), size)
    size = SIZES[-1]
    lines = wrapped(_in_pieces(words, MEASURE / size), MEASURE / size)
    return _placed(_cut(lines, _most_lines(size), MEASURE / size), size)


@dataclass(frozen=True)
class Word:
    """What must stand in one line, and how wide it is in ems; `joined` where no space comes before it."""

    text: str
    width: float
    joined: bool = False


def wrapped(words: Iterable[Word], measure: float) -> list[str]:
    """Lines that each are filled as far as they go, `measure` in ems."""
    lines: list[str] = []
    left = -1.0
    for word in words:
        gap = 0 if word.joined else _width(" ")
        if word.width + gap <= left:
            lines[-1] += ("" if word.joined else " ") + word.text
            left -= word.width + gap
        else:
            lines.append(word.text)
            left = measure - word.width
    return lines


def _balanced(words: list[Word], number: int, measure: float) -> list[str]:
    """The same number of lines, in as narrow a measure as gives that number, so that none is left short."""
    least, most = max((word.width for word in words), default=0), measure
    for _step in range(8):
        middle = (least + most) / 2
        least, most = (least, middle) if len(wrapped(words, middle)) <= number else (middle, most)
    return wrapped(words, most)


def _in_pieces(words: list[Word], measure: float) -> list[Word]:
    """The words, those that fit into no line broken where it ends."""
    pieces: list[Word] = []
    for word in words:
        rest, joined = word.text, False
        while rest:
            piece = rest if word.width <= measure else _fitting(rest, measure)
            pieces.append(Word(piece, _width(piece), joined))
            rest, joined = rest[len(piece) :], True
    return pieces


def _fitting(text: str, measure: float) -> str:
    ends = range(2, len(text) + 1)
    return text[: max(takewhile(lambda end: _width(text[:end]) <= measure, ends), default=1)]


def _cut(lines: list[str], most: int, measure: float) -> list[str]:
    if len(lines) <= most:
        return lines
    return [*lines[: most - 1], _shortened(lines[most - 1], measure)]


def _shortened(text: str, measure: float) -> str:
    while text and _width(text + ELLIPSIS) > measure:
        text = text.rpartition(" ")[0] or text[:-1]
    return text.rstrip(" .,:;–-") + ELLIPSIS


def _placed(lines: list[str], size: int) -> Setting:
    """In the upper half of the room, where the eye looks for the middle; `top` is the first line's foot."""
    leading = size * LEADING
    free = (BOTTOM - TOP) - leading * len(lines)
    return Setting(tuple(lines), size, TOP + free * 0.45 + size * 0.9, leading)


def _most_lines(size: int) -> int:
    return int((BOTTOM - TOP) / (size * LEADING))


@lru_cache
def _font() -> Any:
    from PIL import ImageFont

    # Pillow's other engine is there on some machines only.
    return ImageFont.truetype(font_file(FONTS[0]), _MEASURED_AT, layout_engine=ImageFont.Layout.BASIC)


@lru_cache(maxsize=4096)
def _width(text: str) -> float:
    """In ems; a little more than what is drawn, as the renderer sets pairs of letters closer."""
    return float(_font().getlength(text)) / _MEASURED_AT


@lru_cache(maxsize=1024)
def _has(sign: str) -> bool:
    if unicodedata.category(sign) in ("Cc", "Cf", "Co", "Cn", "Cs"):
        return False
    return bytes(_font().getmask(sign)) != bytes(_font().getmask("\uffff"))

"""The prose of a Markdown text: its sentences with their lines; tables are none."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from plugins.plain_text import OBJECT, plain
from plugins.sentences import ends, word_list

_EMPHASIS = re.compile(r"(?<!\\)[*`\[\]]{1,3}|(?<![^\W_])_{1,3}(?=[^\W_])|(?<=[^\s_])_{1,3}(?![^\W_])")
_ESCAPE = re.compile(r"\\(?=[\\`*_{}\[\]()#+\-.!>])")
_RULE = re.compile(r" {0,3}(?:(?:\* ?){3,100}|(?:- ?){3,100}|(?:_ ?){3,100}|={1,100})\s*")
_DELIMITER = re.compile(r"[\s|:-]+")
_HEADING = re.compile(r"\s{0,3}#{1,6}\s+")
_QUOTE = re.compile(r"\s{0,12}(?:> ?){1,10}")
_ITEM = re.compile(r"\s{0,20}(?:[*+-]|\d{1,9}[.)])\s+")
_CLOSING = re.compile(r"\s#{1,6}\s*$")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence as readers meet it, which may keep its line breaks, and the line where it begins, counted from 1.

    `part` is the number of the paragraph, heading, item or quotation that it stands in.
    """

    text: str
    line: int
    words: tuple[str, ...]
    part: int = 0

    @property
    def opening(self) -> str:
        """Its first words, to find it by."""
        shown = " ".join(self.text.replace(OBJECT, "…").split())
        return shown if len(shown) <= 48 else shown[:48].rsplit(" ", 1)[0].rstrip(" ,;:–") + " …"

    def line_of(self, offset: int) -> int:
        """The line of a place in `text`."""
        return self.line + self.text.count("\n", 0, offset)


def _unmarked(text: str) -> str:
    text = _EMPHASIS.sub("", text) if "*" in text or "_" in text or "[" in text or "]" in text else text
    return _ESCAPE.sub("", text) if "\\" in text else text


def parts(text: str) -> Iterator[tuple[int, str]]:
    """The paragraphs, headings, items and quotations of a plain text, with the line each begins at, from 0."""
    lines = text.split("\n")
    begun, kept, was_empty = 0, list[str](), True
    for number, line in enumerate(lines):
        rest = _QUOTE.sub("", line, count=1) if ">" in line[:15] else line
        is_empty = not rest.strip()
        is_table = "|" in rest and (rest.lstrip().startswith("|") or _is_in_table(lines, number))
        is_code = was_empty and not kept and line.startswith(("    ", "\t")) and not _ITEM.match(line)
        if is_empty or is_table or is_code or _RULE.fullmatch(rest):
            if kept:
                yield begun, "\n".join(kept)
            kept, was_empty = [], is_empty or is_code
            continue
        mark = _HEADING.match(rest) or _ITEM.match(rest)
        if kept and (mark or (rest != line and not _QUOTE.match(lines[number - 1]))):
            yield begun, "\n".join(kept)
            kept = []
        if not kept:
            begun = number
        said = rest[mark.end() :] if mark else rest
        kept.append(_CLOSING.sub("", said) if "#" in said else said)
        was_empty = False
        if (mark and "#" in mark[0]) or line.endswith(("  ", "\\")):
            yield begun, "\n".join(kept)
            kept = []
    if kept:
        yield begun, "\n".join(kept)


def _is_in_table(lines: list[str], number: int) -> bool:
    """Whether a line with | in it stands above, below or on the line of dashes that makes a table."""
    near = lines[max(0, number - 1) : number + 2]
    return any("-" in one and "|" in one and _DELIMITER.fullmatch(one) for one in near)


def sentences(text: str, language: str, first_line: int = 1) -> Iterator[Sentence]:
    """The sentences of a Markdown text that begins at `first_line`."""
    for number, (at, part) in enumerate(parts(plain(text, language))):
        said, start = _unmarked(part), 0
        for end in ends(said):
            one = said[start:end].lstrip()
            begun = end - len(one) if one else end
            if words := word_list(one):
                line = first_line + at + said.count("\n", 0, begun)
                yield Sentence(one.rstrip(), line, words, number)
            start = end

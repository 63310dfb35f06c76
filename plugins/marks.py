"""The marks in a text that links can lead to, `## Heading {#mark}`, and what of it is no text but code."""

import re
from collections.abc import Iterator

_CODE = re.compile(
    r"^(?P<fence>`{3,}|~{3,})[^\n]*\n.*?^(?P=fence)[^\n]*$"
    r"|(?<!`)(?P<tick>`+)(?!`)(?:[^\n]|\n(?![ \t]*\n))+?(?<!`)(?P=tick)(?!`)"
    r"|<!--(?:(?!<!--).)*?-->",
    re.MULTILINE | re.DOTALL,
)
_INDENTED = re.compile(r"^(?: {4}|\t)", re.MULTILINE)
_ITEM = re.compile(r" {0,3}(?:[*+-]|\d+[.)]|\[\^[^\]]+\]:)\s")
_MARK = re.compile(r"\{:?[^{}\n]*#(?P<mark>[\w-]+)[^{}\n]*\}")
_FOOTNOTE = re.compile(r"^ {0,3}\[\^(?P<name>[^\]\n]+)\]:", re.MULTILINE)
_ID = re.compile(r"<[^<>]*\bid\s*=\s*[\"']?(?P<mark>[^\s\"'<>]+)", re.IGNORECASE)
TAKEN = {"innehall", "kommentarer", "kommentera", "kort-sagt", "samtal", "utskrift"}
"""What the page around the text uses itself, with what begins like a comment, a field of the form or a footnote."""
_TAKEN_START = re.compile(r"(?:kommentar|f|fn|fnref)[-:]")


def blank(match: re.Match[str]) -> str:
    """As many blanks as there were characters, on as many lines."""
    return re.sub(r"[^\n]", " ", match[0])


def without_code(text: str) -> str:
    """The text with blanks in the place of code and of comments, each line where it was."""
    text = _CODE.sub(blank, text) if "`" in text or "~~~" in text or "<!--" in text else text
    return "\n".join(_without_indented(text.split("\n"))) if _INDENTED.search(text) else text


def _without_indented(lines: list[str]) -> Iterator[str]:
    """Lines that are indented behind an empty one are code, but for those that belong to a list or a footnote."""
    after_empty, in_item, in_code = True, False, False
    for line in lines:
        is_indented = line.startswith(("    ", "\t"))
        if line.strip():
            in_code = is_indented and (in_code or (after_empty and not in_item))
            if not is_indented and (after_empty or _ITEM.match(line)):
                in_item = bool(_ITEM.match(line))
        after_empty = not line.strip()
        yield " " * len(line) if in_code else line


def written_marks(text: str) -> Iterator[re.Match[str]]:
    """Every {#mark} in a text without code, in their order."""
    return _MARK.finditer(text)


def marks(body: str) -> set[str]:
    """What a link to a text can have behind its #: the writer's marks, in braces and in HTML."""
    if "#" not in body and "id" not in body and "[^" not in body:
        return set()
    text = without_code(body) if "{" in body or "<" in body or "[^" in body else ""
    notes = {f"{kind}:{found['name']}" for found in _FOOTNOTE.finditer(text) for kind in ("fn", "fnref")}
    return notes | {found["mark"] for pattern in (_MARK, _ID) for found in pattern.finditer(text)}


def is_of_footnote(mark: str) -> bool:
    """Whether it is the mark of a footnote, or of where it is referred to."""
    return mark.startswith(("fn:", "fnref:"))


def is_taken(mark: str) -> bool:
    """Whether the page around a text has that mark."""
    return mark in TAKEN or bool(_TAKEN_START.match(mark))

"""The marks in a text that links can lead to, `## Heading {#mark}`, and what of it is no text but code."""

import re
from collections.abc import Iterator

_CODE = re.compile(
    r"^(?P<fence>`{3,}|~{3,})[^\n]*\n.*?^(?P=fence)[^\n]*$"
    r"|(?<!`)(?P<tick>`+)(?!`)(?:[^\n]|\n(?![ \t]*\n))+?(?<!`)(?P=tick)(?!`)"
    r"|<!--(?:(?!<!--).)*?-->",
    re.MULTILINE | re.DOTALL,
)
_MARK = re.compile(r"\{:?[^{}\n]*#(?P<mark>[\w-]+)[^{}\n]*\}")
_ID = re.compile(r"<[^<>]*\bid\s*=\s*[\"']?(?P<mark>[^\s\"'<>]+)", re.IGNORECASE)
TAKEN = {"innehall", "kommentarer", "kommentera", "kort-sagt", "samtal", "utskrift"}
"""What the page around the text uses itself, with what begins like a comment, a field of the form or a footnote."""
_TAKEN_START = re.compile(r"(?:kommentar|f|fn|fnref)[-:]")


def blank(match: re.Match[str]) -> str:
    """As many blanks as there were characters, on as many lines."""
    return re.sub(r"[^\n]", " ", match[0])


def without_code(text: str) -> str:
    """The text with blanks in the place of code and of comments, each line where it was."""
    return _CODE.sub(blank, text) if "`" in text or "~~~" in text or "<!--" in text else text


def written_marks(text: str) -> Iterator[re.Match[str]]:
    """Every {#mark} in a text without code, in their order."""
    return _MARK.finditer(text)


def marks(body: str) -> set[str]:
    """What a link to a text can have behind its #: the writer's marks, in braces and in HTML."""
    if "#" not in body and "id" not in body:
        return set()
    text = without_code(body) if "{" in body or "<" in body else ""
    return {found["mark"] for pattern in (_MARK, _ID) for found in pattern.finditer(text)}


def is_taken(mark: str) -> bool:
    """Whether the page around a text has that mark."""
    return mark in TAKEN or bool(_TAKEN_START.match(mark))

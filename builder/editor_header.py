"""The header of a letter or a page: what its keys say, and how one is edited in the file's own manner."""

import re
from collections.abc import Iterable
from pathlib import Path

from builder.editor_yaml import block_end, ways
from plugins.check_header import LETTER_KEYS, PAGE_KEYS
from plugins.sources import Source, parse
from plugins.wording import WordedError

DEFAULTS = {"status": "published", "comments": "open", "translation": "false"}
"""What a missing line means; that of `lang` is the site's language."""
_MORE = re.compile(r"(?: {4,}|\t+)\S")
_FENCE = re.compile(r"-{3}\s*")


class Unwritable(WordedError):
    """An edit that can't be written into that file without changing something else."""


def keys(is_letter: bool) -> list[str]:
    """The keys of a letter or a page in lower case, in the order in which they usually stand."""
    return [key.lower() for key in (LETTER_KEYS if is_letter else PAGE_KEYS)]


def value_of(source: Source, key: str, language: str) -> str:
    """A key's value in the one way in which it is compared."""
    value = source.get(key, (DEFAULTS | {"lang": language}).get(key, ""))
    if key in (*DEFAULTS, "lang"):
        return value.lower()
    return ", ".join(tags_of(value)) if key == "tags" else value


def tags_of(value: str) -> list[str]:
    """The topics of a line."""
    return [tag.strip() for tag in re.split("[,;]", value) if tag.strip()]


def parsed(path: Path, is_letter: bool, text: str) -> Source:
    """A text with any line ends as a source; Unreadable where it is none."""
    return parse(path, is_letter, text.replace("\r\n", "\n").replace("\r", "\n"))


def with_value(head: list[str], source: Source, key: str, value: str, end: str) -> list[str]:
    """The header with a key's lines changed, added in their place or, without a value, taken away."""
    first = source.header[key].number - 1 if key in source.header else _place(head, source, key)
    after = _after(head, first) if key in source.header else first
    before = [line if line_end(line) else line + end for line in head[:first]]
    if not value:
        return [*head[:first], *head[after:]]
    old = [line.rstrip("\r\n") for line in head[first:after]] or [f"{_spelled(source, key)}: "]
    label, colon, rest = old[0].partition(":")
    space = rest[: len(rest) - len(rest.lstrip())] or " "
    for begun, *more in _ways(head, [rest, *old[1:]], key, value):
        lines = [f"{label}{colon}{space if begun else ''}{begun}", *more]
        last = line_end(head[after - 1]) if after > first else end
        written = [*(line + end for line in lines[:-1]), lines[-1] + last]
        if _reads([*before, *written, *head[after:]], source, key) == value:
            return [*before, *written, *head[after:]]
    raise Unwritable('"%(key)s" can\'t be written into this file; edit the file itself', key=key.capitalize())


def _ways(head: list[str], old: list[str], key: str, value: str) -> Iterable[list[str]]:
    return ways(old, value, tags_of(value) if key == "tags" else None) if _is_fenced(head) else [[value]]


def _reads(head: list[str], source: Source, key: str) -> str:
    """What a header says of a key; a broken one says nothing."""
    try:
        return value_of(parsed(source.path, source.is_letter, "".join(head)), key, "")
    except WordedError:
        return ""


def _is_fenced(head: list[str]) -> bool:
    return bool(head and _FENCE.fullmatch(head[0]))


def _after(head: list[str], first: int) -> int:
    """The index after the last line of the key whose first line is that one."""
    if _is_fenced(head):
        return block_end(head, first)
    after = first + 1
    while after < len(head) and _MORE.match(head[after]):
        after += 1
    return after


def _place(head: list[str], source: Source, key: str) -> int:
    """Where a new line is to stand: after the keys that usually stand before it."""
    order = keys(source.is_letter)
    earlier = [source.header[known].number for known in order[: order.index(key)] if known in source.header]
    if earlier:
        return _after(head, max(earlier) - 1)
    return 1 if _is_fenced(head) else 0


def _spelled(source: Source, key: str) -> str:
    """A new key as the file spells its others."""
    spellings = [line.key for line in source.header.values()]
    return key if spellings and all(spelling.islower() for spelling in spellings) else key.capitalize()


def line_end(line: str) -> str:
    """The line end that a line has."""
    return line[len(line.rstrip("\r\n")) :]

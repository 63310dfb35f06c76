"""How a value can be written into a letter's YAML front matter, as much as possible like the one that stood there."""

import json
import re
from collections.abc import Iterator

_ITEM = re.compile(r"(?P<indent>[ \t]*)- ")
_MORE = re.compile(r"[ \t]+\S|- |-$")


def ways(old: list[str], value: str, items: list[str] | None) -> Iterator[list[str]]:
    """The lines after a key's colon, without line ends, in the order in which they are to be tried.

    `old` are those that stood there, [""] for a new key; `items` are the value's parts where it is a list. The first
    way that YAML reads back as the value is the one to take.
    """
    begun = old[0].strip()
    if items is not None and begun.startswith("["):
        yield [f"[{', '.join(items)}]"]
        yield [f"[{', '.join(map(_quoted, items))}]"]
    if items is not None and not begun and len(old) > 1 and (found := _ITEM.match(old[1])):
        yield ["", *(f"{found['indent']}- {item}" for item in items)]
        yield ["", *(f"{found['indent']}- {_quoted(item)}" for item in items)]
    if begun.startswith("'"):
        yield ["'" + value.replace("'", "''") + "'"]
    if begun.startswith('"'):
        yield [_quoted(value)]
    yield [value]
    yield [_quoted(value)]


def block_end(lines: list[str], first: int) -> int:
    """The index after the last line of the value whose key stands in line `first`; empty lines within it belong."""
    after = first + 1
    for at in range(first + 1, len(lines)):
        if _MORE.match(lines[at]):
            after = at + 1
        elif lines[at].strip():
            break
    return after


def _quoted(value: str) -> str:
    """In double quotes, which YAML 1.2 reads as JSON does."""
    return json.dumps(value, ensure_ascii=False)

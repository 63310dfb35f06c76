"""YAML front matter, the lines between --- and ---, read into the same header lines that Pelican's own style gives.

The rules are those of pelican-yaml-metadata 2.2: lower-case keys, an empty value is none, `tags` may be a list, a date
may be YAML's own. The plugin itself is a Pelican reader of its own, which makes a converter for each file and reads on
where YAML is broken; ours makes one, and tells where. Only PyYAML's events are used, never its objects: no alias is
followed, no type is built and nothing nests, so that the cost is that of reading the lines.
"""

import re
from collections.abc import Iterator

import yaml

from plugins.header_line import Line
from plugins.source_text import Unreadable

MOST_CHARACTERS = 20_000
LISTS = ("tags",)
_DATES = ("date", "modified")
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NULL = ("", "~", "null", "Null", "NULL")
_ISO = re.compile(r"(\d{4}-\d{2}-\d{2})[Tt](\d{2}:\d{2}(?::\d{2})?)(?:\.0+)?")
_NO_LINE_ENDS = re.compile("[\x85\u2028\u2029]")
"""What ends a line in YAML 1.1, and nowhere else."""
_CUT_OFF = re.compile(r"[^\s#\"'][^:\n]*:(?:\s+[^\s\"'|>\[{#][^\n]*?)?\s+#")
_VALUE = re.compile(r"\s*(?:-|[^\s:][^:\n]*:)\s+(?P<value>.*)")


def header_lines(lines: list[str], first: int) -> list[Line]:
    """The lines of a front matter whose first line has the number `first` in its file; Unreadable where it is broken.

    A value of several lines becomes one line, a list its items with commas between.
    """
    text = _NO_LINE_ENDS.sub(" ", "\n".join(lines) + "\n")
    if len(text) > MOST_CHARACTERS:
        message = "the lines between --- and --- must have at most %(most)d characters"
        raise Unreadable(message, most=MOST_CHARACTERS)
    for at, line in enumerate(lines):
        if line.startswith("\t") or re.match(r" +\t", line):
            raise Unreadable("must be indented with spaces, not tabs", line=first + at)
        if _CUT_OFF.match(line):
            message = 'a value with a # in it must stand in quotes, or YAML leaves out the rest of the line: "…"'
            raise Unreadable(message, line=first + at)
    try:
        return list(_pairs(yaml.parse(text, Loader=_LOADER), first))
    except yaml.reader.ReaderError as error:
        at = text.count("\n", 0, error.position)
        raise Unreadable("must not hold control characters among the first lines", line=first + at) from None
    except yaml.MarkedYAMLError as error:
        raise _in_plain_words(error, lines, first) from None


def _pairs(events: Iterator[yaml.Event], first: int) -> Iterator[Line]:
    root = next((event for event in events if isinstance(event, yaml.NodeEvent)), None)
    if root is None:
        return
    _check(root, first)
    if not isinstance(root, yaml.MappingStartEvent):
        raise Unreadable('must be lines like "Title: …" between --- and ---', line=_at(root, first))
    for key in events:
        if isinstance(key, yaml.MappingEndEvent):
            return
        _check(key, first)
        number = _at(key, first)
        if not isinstance(key, yaml.ScalarEvent):
            raise Unreadable('must be lines like "Title: …" between --- and ---', line=number)
        yield Line(number, key.value, _value(key.value.lower(), next(events), events, first))


def _value(key: str, event: yaml.Event, events: Iterator[yaml.Event], first: int) -> str:
    _check(event, first)
    if isinstance(event, yaml.ScalarEvent):
        return _scalar(key, event)
    if not isinstance(event, yaml.SequenceStartEvent):
        raise Unreadable('"%(key)s" must be one value, or a list of values', key=key, line=_at(event, first))
    items = []
    for item in events:
        if isinstance(item, yaml.SequenceEndEvent):
            break
        _check(item, first)
        if not isinstance(item, yaml.ScalarEvent):
            message = '"%(key)s" must be a plain list of words'
            raise Unreadable(message, key=key, line=_at(item, first))
        items.append(_scalar(key, item))
    items = [item for item in items if item]
    if len(items) > 1 and key not in LISTS:
        raise Unreadable('"%(key)s" must be one value, not a list', key=key, line=_at(event, first))
    return _joined(items)


def _joined(items: list[str]) -> str:
    """As Pelican takes lists apart: by semicolons where there are some, else by commas."""
    return "; ".join([*items, ""]).strip() if any("," in item for item in items) else ", ".join(items)


def _scalar(key: str, event: yaml.ScalarEvent) -> str:
    value = " ".join(event.value.split())
    if not event.style and value in _NULL:
        return ""
    found = _ISO.fullmatch(value) if key in _DATES else None
    return f"{found[1]} {found[2]}" if found else value


def _at(event: yaml.Event, first: int) -> int:
    """The number of the line in the file where that begins."""
    return first + (event.start_mark.line if event.start_mark else 0)


def _check(event: yaml.Event, first: int) -> None:
    """Refuse what could make much of little, or something else than text: anchors, aliases and tags."""
    if getattr(event, "anchor", None) is not None:
        message = 'a value must not begin with & or *, which YAML reads as something else; put it in quotes: "…"'
    elif getattr(event, "tag", None) is not None:
        message = 'a value must not begin with !, which YAML reads as something else; put it in quotes: "…"'
    else:
        return
    raise Unreadable(message, line=_at(event, first))


def _in_plain_words(error: yaml.MarkedYAMLError, lines: list[str], first: int) -> Unreadable:
    """YAML's own words are for programmers: the cause is looked for in the line it stopped at, and in those before."""
    stop = min(error.problem_mark.line if error.problem_mark else 0, len(lines) - 1)
    begun = error.context_mark.line if error.context_mark else stop
    for at in dict.fromkeys((stop, min(begun, stop), max(0, stop - 1))):
        if message := _cause(lines[at]):
            return Unreadable(message, line=first + at)
    return Unreadable(
        'must be "Key: value" with a space after the colon; a value may stand in quotes', line=first + stop
    )


def _cause(line: str) -> str:
    found = _VALUE.match(line)
    value = found["value"] if found else line.strip()
    if value.startswith(('"', "'")):
        return "a value that begins with a quotation mark must end with the same one, and hold no other like it"
    if value[:1] and value[0] in "*&!@`%[]{}>|,?":
        return 'a value that begins with a sign like * or @ must stand in quotes: "…"'
    if ": " in value or value.endswith(":"):
        return 'a value with a colon in it must stand in quotes: Title: "One: two"'
    return ""

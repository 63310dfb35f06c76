"""What an SVG must not hold: what runs, what moves by itself, and what comes from elsewhere.

An `<img>` runs nothing, but the file opened by its own address is a page of this site.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from xml.parsers import expat

from plugins.wording import Gettext

RUNS = frozenset({"script", "handler", "listener", "foreignobject", "iframe", "object", "embed", "audio", "video"})
MOVES = frozenset({"animate", "animatecolor", "animatemotion", "animatetransform", "set"})
_IN_FILE = re.compile(r"\s*(?:#|data:(?:image/(?:png|jpeg|webp|avif|gif)|font/)|$)", re.IGNORECASE)
_FETCHES = re.compile(r"url\(\s*[\"']?([^\"')]*)|@import\s*[\"']?([^\"';]*)", re.IGNORECASE)
_KEYFRAMES = re.compile(r"@(?:-\w+-)?keyframes\b", re.IGNORECASE)


class _Refused(Exception):
    """There is no reading on: entities may unfold to gigabytes (CWE-776)."""


def drawings(content: Path) -> Iterator[Path]:
    """Every SVG in content/, as all of them are published."""
    for file in sorted(content.rglob("*.[sS][vV][gG]")):
        if not any(part.startswith(".") for part in file.relative_to(content).parts):
            yield file


def drawing_faults(file: Path, _: Gettext) -> list[tuple[int, str]]:
    """(line, "must …") for everything that has to be removed from a drawing before it can be published."""
    scanner = _Scanner(_)
    try:
        scanner.parser.Parse(file.read_bytes(), True)
    except _Refused:
        pass
    except (expat.ExpatError, ValueError):
        scanner.line = scanner.parser.CurrentLineNumber
        scanner.fault(_("must be a whole SVG drawing; the file is something else, or broken. Save it anew"))
    return scanner.found


class _Scanner:
    def __init__(self, gettext: Gettext) -> None:
        self.gettext = gettext
        self.found: list[tuple[int, str]] = []
        self.line = 1
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self._root
        self.parser.EndElementHandler = lambda _name: None  # what is written in one element comes at one go
        self.parser.CharacterDataHandler = self._text
        self.parser.ProcessingInstructionHandler = self._instruction
        self.parser.EntityDeclHandler = self._entity
        self.parser.buffer_text = True

    def fault(self, message: str) -> None:
        if (self.line, message) not in self.found:
            self.found.append((self.line, message))

    def _root(self, name: str, attributes: dict[str, str]) -> None:
        if _local(name) != "svg":
            raise ValueError(name)
        self.parser.StartElementHandler = self._element
        self._element(name, attributes)

    def _element(self, name: str, attributes: dict[str, str]) -> None:
        _, self.line = self.gettext, self.parser.CurrentLineNumber
        if _local(name) in RUNS:
            self.fault(_("must not have <%(element)s>, as nothing may run in a drawing; remove it") % {"element": name})
        if _local(name) in MOVES:
            self._moves(f"<{name}>")
        for key, value in attributes.items():
            self._attribute(key, value)

    def _attribute(self, key: str, value: str) -> None:
        _ = self.gettext
        if key.lower().startswith("on"):
            message = _("must not have the attribute %(attribute)s, as nothing may run in a drawing; remove it")
            self.fault(message % {"attribute": key})
        elif _local(key) in ("href", "src", "base"):
            self._address(value)
        self._style(value)

    def _address(self, address: str) -> None:
        if not _IN_FILE.match(address):
            message = self.gettext('must not lead to "%(address)s": a drawing must be whole by itself; remove that')
            self.fault(message % {"address": address[:80]})

    def _moves(self, what: str) -> None:
        message = self.gettext("must not have %(what)s: what moves by itself can't be stopped (WCAG 2.2.2); remove it")
        self.fault(message % {"what": what})

    def _style(self, text: str) -> None:
        for found in _FETCHES.finditer(text):
            self._address(found[1] or found[2] or "")
        if moving := _KEYFRAMES.search(text):
            self._moves(moving[0])

    _text = _style

    def _instruction(self, target: str, _data: str) -> None:
        if target == "xml-stylesheet":
            self._address(f"<?{target}?>")

    def _entity(self, *_declaration: object) -> None:
        _, self.line = self.gettext, self.parser.CurrentLineNumber
        self.fault(_("must not have <!ENTITY>; save it as plain SVG"))
        raise _Refused


def _local(name: str) -> str:
    return name.rpartition(":")[2].lower()

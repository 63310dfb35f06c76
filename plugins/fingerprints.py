"""Fingerprints: what all that goes into a page comes down to. The same fingerprint gives the same bytes.

A letter is seen in layers: its `head`, what lists show of it; its `talk`, how many comments it has; its `body`, the
text, and its `voices`, the comments, which only its own pages show. What a template uses is read from the template
itself, so that a page depends on what it shows, and on nothing else. What is of no known kind never has the same
fingerprint twice.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime
from pathlib import PurePath
from typing import Any

from jinja2 import Template
from pelican.contents import Content
from pelican.paginator import Page, Paginator
from pelican.urlwrappers import URLWrapper

from plugins.conversation import Conversation
from plugins.memory import Memory, digest, memory_of
from plugins.templates_used import Reader, Used, uses

TEXT_NAMES = frozenset({"content", "get_content", "next", "previous"})
VOICE_NAMES = frozenset({"comments", "every", "published"})
"""What templates call a letter's text and comments by: a list whose template has one of these depends on them too."""
OF_GLOBALS = {"has_page": "page_addresses"}
"""What a function that all templates can call looks at."""
_NOT_SEEN = frozenset({"_content", "_context", "settings", "metadata", "next", "previous"})
_MISSING = object()
HEADS = Used(b"", (), frozenset())
"""What looks at nothing of letters but their heads."""
TEXTS = Used(b"", (), TEXT_NAMES)
"""What looks at their texts too, but not at their comments."""


@dataclass(frozen=True)
class Layers:
    """A letter's or page's fingerprints; `static` is what it says itself in its header."""

    static: bytes
    head: bytes
    talk: bytes
    body: bytes
    voices: bytes

    def seen(self, text: bool, talk: bool, voices: bool) -> bytes:
        """What of them counts."""
        parts = (self.body if text else b"", self.talk if talk else b"", self.voices if voices else b"")
        return self.head + b"".join(parts)


class Fingerprints:
    """The fingerprints of one build; what is looked at here must not change until it is over."""

    def __init__(self, memory: Memory, siteurl: str, everywhere: bytes) -> None:
        self.memory = memory
        self.siteurl = siteurl
        self.everywhere = everywhere
        self._layers: dict[int, tuple[Any, Layers]] = {}
        self._seen: dict[tuple[int, bool, bool, bool], tuple[Any, bytes]] = {}
        self._used: dict[str, Used] = {}
        self._reader: Reader | None = None

    def page(self, template: Template, context: dict[str, Any], named: dict[str, Any], name: str) -> bytes:
        """The fingerprint of the file that this template gives with these variables."""
        used = self.used(template)
        parts = [self.everywhere, used.sources]
        for variable in used.variables:
            value = named.get(variable, context.get(variable, _MISSING))
            if variable == "output_file":
                value = name
            if value is not _MISSING:
                parts += [variable.encode(), self.of(value, used, own=variable in ("article", "page"))]
        return digest(*parts)

    def used(self, template: Template) -> Used:
        """What a template uses, with all that it includes."""
        found = self._used.get(str(template.name))
        if found is None:
            self._reader = self._reader or Reader(template.environment)
            found = self._used[str(template.name)] = uses(template, self.memory, OF_GLOBALS, self._reader)
        return found

    def of(self, value: Any, used: Used | None = None, own: bool = False) -> bytes:
        """What a value comes down to in a template that uses this."""
        if value is None or isinstance(value, bool | int | float | str | date | PurePath):
            return f"{type(value).__name__}{value!r}".encode("utf-8", "surrogatepass")
        if isinstance(value, Content):
            return self._content(value, used, own)
        if isinstance(value, list | tuple | dict):
            return self._collection(value, used)
        if isinstance(value, URLWrapper):
            return digest(type(value).__name__.encode(), repr((value.name, value.slug, str(value.url))).encode())
        if isinstance(value, Page):
            place = (value.number, value.url, value.paginator.num_pages, value.paginator.count)
            return digest(repr(place).encode(), *(self.of(each, used) for each in value.object_list))
        if isinstance(value, Paginator):
            return repr((value.num_pages, value.count, value.per_page)).encode()
        if isinstance(value, set | frozenset):
            return digest(*sorted(self.of(each, used) for each in value))
        if isinstance(value, Conversation):
            told = (value.uri, value.every, value.per_page, value.page)
            return digest(repr(told).encode("utf-8", "surrogatepass"))
        if is_dataclass(value):
            return self._once(value, used, lambda: self._fields(value, used))
        return os.urandom(16)

    def layers(self, content: Any) -> Layers:
        """The layers of a letter or page, looked at once in a build."""
        entry = self._layers.get(id(content))
        if entry is None:
            entry = self._layers[id(content)] = content, self._look(content)
        return entry[1]

    def forget(self, content: Any) -> None:
        """Look at a letter anew, and at all that it is in: its conversation is another."""
        self._layers.pop(id(content), None)
        self._seen.clear()

    def _content(self, value: Any, used: Used | None, own: bool) -> bytes:
        return self.layers(value).seen(*_layers_of(None if own else used))

    def _collection(self, value: Any, used: Used | None) -> bytes:
        def make() -> bytes:
            parts = value.items() if isinstance(value, dict) else value
            return digest(type(value).__name__.encode(), *(self.of(part, used) for part in parts))

        return self._once(value, used, make)

    def _fields(self, value: Any, used: Used | None) -> bytes:
        told = (self.of(getattr(value, each.name), used) for each in fields(value))
        return digest(type(value).__name__.encode(), *told)

    def _once(self, value: Any, used: Used | None, make: Any) -> bytes:
        """Long lists stand in many pages: each is looked at once for each way to look at letters."""
        key = id(value), *_layers_of(used)
        entry = self._seen.get(key)
        if entry is None:
            entry = self._seen[key] = value, make()
        return entry[1]

    def _look(self, content: Any) -> Layers:
        snapshot, static, body = self._read(content)
        head, talk, voices = [static], b"", b""
        for name, value in content.__dict__.items():
            if name in _NOT_SEEN or snapshot.get(name, _MISSING) is value:
                continue
            if isinstance(value, Conversation):
                talk = repr((value.count, value.pages, value.newest_answer and value.newest_answer["id"])).encode()
                voices = digest(repr((value.every, value.per_page)).encode("utf-8", "surrogatepass"))
            else:
                head += [name.encode(), self._beside(value)]
        if "{" in content._content or "|" in content._content:  # it may have links to other sources
            body = digest(body, content.get_content(self.siteurl).encode("utf-8", "surrogatepass"))
        beside = [self._beside(getattr(content, name, None)) for name in ("next", "previous")]
        return Layers(static, digest(*head), talk, digest(body, *beside), voices)

    def _read(self, content: Any) -> tuple[dict[str, Any], bytes, bytes]:
        """A letter or page as it was read: its attributes, and what its header and its text come down to."""
        entry = self.memory.present.objects.get(of_content(content))
        return entry[1][1:] if entry else ({}, os.urandom(16), b"")

    def _beside(self, value: Any) -> bytes:
        """What is seen of another letter from this one: its header and address, not what it is joined to in turn."""
        if isinstance(value, Content):
            return self._read(value)[1]
        if isinstance(value, list):
            return digest(*map(self._beside, value))
        return self.of(value)


def is_due(
    settings: Mapping[str, Any], name: str, prints: Fingerprints | None, *inputs: Any, seen: Used | None = None
) -> bool:
    """Whether a plugin must write a file of the site that is made from these inputs, and nothing else.

    Of letters among them all layers count, or what is `seen`.
    """
    memory = memory_of(settings)
    return memory is None or prints is None or memory.is_due(name, digest(*(prints.of(each, seen) for each in inputs)))


def _layers_of(used: Used | None) -> tuple[bool, bool, bool]:
    """Which layers of letters count, beside their heads: text, number of comments, comments; None is for all."""
    if used is None:
        return True, True, True
    names = used.attributes
    return bool(names & TEXT_NAMES), "conversation" in names, bool(names & VOICE_NAMES)


def of_content(content: Any) -> tuple[str, str]:
    """The key by which a letter or page is remembered."""
    return type(content).__name__, str(content.source_path)


def static_print(content: Any) -> bytes:
    """What a letter or page that was just read says in its header."""
    told = sorted((key, _plain(value)) for key, value in content.metadata.items())
    return digest(repr(told).encode("utf-8", "surrogatepass"), content.template.encode())


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, URLWrapper):
        return f"{value.name}\0{value.slug}"
    if isinstance(value, list):
        return "\0\0".join(map(_plain, value))
    return repr(value)

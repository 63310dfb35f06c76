"""Builds only what is new: letters that stay as they are are not read again, nor pages whose inputs are the same.

Works with the memory that the builder gives in settings["MEMORY"]; without one (`pelican -s pelicanconf.py`) everything
is made. A page is made from its template and what that uses, see plugins.fingerprints; tests compare what comes of
edits in any order with clean builds.
"""

import os
from pathlib import Path
from typing import Any

from pelican import Pelican, signals
from pelican.contents import Content
from pelican.generators import ArticlesGenerator, CachingGenerator
from pelican.readers import Readers
from pelican.urlwrappers import Author, Category, Tag, URLWrapper

from plugins.converting import PICTURE
from plugins.fingerprints import of_content, static_print
from plugins.memory import FILES, Memory, digest, memory_of, stamp

WRAPPERS = {wrapper.__name__: wrapper for wrapper in (Author, Category, Tag)}


class Letters(list[Any]):
    """A list that knows quickly whether a letter is in it: Pelican asks that of each letter for each topic."""

    def __contains__(self, letter: object) -> bool:
        if not hasattr(self, "_all"):
            self._all = set(map(id, self))
        return id(letter) in self._all


def source_mark(memory: Memory, path: str, content: str | None) -> Any:
    """What has to be the same for a letter to be read as before; of those with pictures, the pictures too."""
    return memory.stamp(path), memory.files_mark() if PICTURE in (content or "") else b""


def files_print(folder: Path) -> bytes:
    """The names and stamps of all files below a folder, texts left out."""
    found = []
    for parent, folders, names in os.walk(folder, followlinks=True):
        folders.sort()
        files = sorted(name for name in names if not name.endswith(".md"))
        found += [f"{parent}/{name} {stamp(f'{parent}/{name}')}" for name in files]
    return digest("\n".join(found).encode("utf-8", "surrogateescape"))


def _begin(pelican: Pelican) -> None:
    Content.get_content.cache.clear()  # it would hold all letters of the last build
    memory = memory_of(pelican.settings)
    if memory:
        memory.begin()
        memory.present.known[FILES] = (files_print(Path(pelican.settings["PATH"])), None)


def _remember_read(readers: Readers) -> None:
    """What Pelican's readers made of a file, by their own interface for caches."""
    memory = memory_of(readers.settings)
    if memory is None:
        return

    wrappers: dict[_Wrapped, URLWrapper] = {}

    def get_cached_data(path: str, default: Any = None) -> Any:
        entry = memory.known.get(("read", path))
        if entry is None or entry[0] != source_mark(memory, path, entry[1][0]):
            return default
        memory.present.known["read", path] = entry
        content, metadata = entry[1]
        return content, {key: _unwrapped(value, readers.settings, wrappers) for key, value in metadata.items()}

    def cache_data(path: str, data: tuple[str, dict[str, Any]]) -> None:
        content, metadata = data
        if metadata.get("status") == "skip":  # left out, perhaps only until its moment comes
            return
        plain = {key: _wrapped(value) for key, value in metadata.items()}
        memory.present.known["read", path] = source_mark(memory, path, content), (content, plain)

    readers.get_cached_data, readers.cache_data = get_cached_data, cache_data


def _wrapped(value: Any) -> Any:
    """Authors and tags without the settings they hold."""
    if isinstance(value, URLWrapper):
        return _Wrapped((type(value).__name__, value.name))
    return [_wrapped(each) for each in value] if isinstance(value, list) else value


def _unwrapped(value: Any, settings: dict[str, Any], known: "dict[_Wrapped, URLWrapper]") -> Any:
    """As it was, but one author or tag for all letters that have it, as each finds out its address by itself."""
    if isinstance(value, _Wrapped):
        if value not in known:
            known[value] = WRAPPERS[value[0]](value[1], settings)
        return known[value]
    return [_unwrapped(each, settings, known) for each in value] if isinstance(value, list) else value


class _Wrapped(tuple[str, str]):
    """The kind and name of an author or tag."""

    __slots__ = ()


def _remember_objects(generator: CachingGenerator) -> None:
    """The letters and pages as Pelican made them, before plugins add to them; a running builder has them at hand."""
    memory = memory_of(generator.settings)
    if memory is None:
        return

    def get_cached_data(file: str, default: Any = None) -> Any:
        path = f"{generator.path}/{file}"
        for kind in ("Article", "Page"):
            entry = memory.objects.get((kind, path))
            if entry and entry[0] == source_mark(memory, path, entry[1][1]["_content"]):
                return _made_again(generator, memory, kind, path, entry)
        return default

    def cache_data(_file: str, content: Any) -> None:
        path = str(content.source_path)
        snapshot = dict(content.__dict__)
        text = content._content
        known = type(content), snapshot, static_print(content), digest(text.encode("utf-8", "surrogatepass"))
        memory.present.objects[of_content(content)] = source_mark(memory, path, text), known

    generator.get_cached_data, generator.cache_data = get_cached_data, cache_data


def _made_again(generator: CachingGenerator, memory: Memory, kind: str, path: str, entry: tuple[Any, Any]) -> Any:
    memory.present.objects[kind, path] = entry
    if read := memory.known.get(("read", path)):
        memory.present.known["read", path] = read
    made = entry[1][0].__new__(entry[1][0])
    snapshot = entry[1][1]
    snapshot.update(settings=generator.settings, _context=generator.context)
    made.__dict__.update(snapshot, translations=[])
    return made


def _quicken(generator: ArticlesGenerator) -> None:
    generator.dates = Letters(generator.dates)
    for tag, letters in generator.tags.items():
        generator.tags[tag] = Letters(letters)
    generator.authors = [(author, Letters(letters)) for author, letters in generator.authors]
    generator.categories = [(category, Letters(letters)) for category, letters in generator.categories]


def register() -> None:
    """Called by Pelican; before plugins.page_writer and plugins.check, which ask what is known."""
    signals.initialized.connect(_begin)
    signals.readers_init.connect(_remember_read)
    signals.article_generator_init.connect(_remember_objects)
    signals.page_generator_init.connect(_remember_objects)
    signals.article_generator_finalized.connect(_quicken)

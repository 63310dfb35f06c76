"""Builds only what is new: letters that stay as they are are not read again, nor pages whose inputs are the same.

Works with the memory that the builder gives in settings["MEMORY"]; without one (`pelican -s pelicanconf.py`) everything
is made. A page is made from its template and what that uses, see plugins.fingerprints; tests compare what comes of
edits in any order with clean builds.
"""

import os
from pathlib import Path
from typing import Any

from pelican import Pelican, signals
from pelican.contents import Article, Content, Page
from pelican.generators import ArticlesGenerator, CachingGenerator
from pelican.urlwrappers import Author, Category, Tag, URLWrapper

from plugins.converting import PICTURE
from plugins.fingerprints import of_content, static_print
from plugins.memory import FILES, Memory, digest, memory_of, stamp

KINDS = {kind.__name__: kind for kind in (Article, Page)}
OF_BUILD = {"settings", "_context", "translations"}
"""What of a letter is the build's: settings, what the generators share, and the other letters it is joined to."""
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


def _wrapped(value: Any) -> Any:
    """Authors and tags without the settings they hold."""
    if isinstance(value, URLWrapper):
        return _Wrapped((type(value).__name__, value.name))
    if isinstance(value, dict):
        return {key: _wrapped(each) for key, each in value.items()}
    return [_wrapped(each) for each in value] if isinstance(value, list) else value


def _unwrapped(value: Any, settings: dict[str, Any], known: "dict[_Wrapped, URLWrapper]") -> Any:
    """As it was, but one author or tag for all letters that have it, as each finds out its address by itself."""
    if isinstance(value, _Wrapped):
        if value not in known:
            known[value] = WRAPPERS[value[0]](value[1], settings)
        return known[value]
    if isinstance(value, dict):
        return {key: _unwrapped(each, settings, known) for key, each in value.items()}
    return [_unwrapped(each, settings, known) for each in value] if isinstance(value, list) else value


class _Wrapped(tuple[str, str]):
    """The kind and name of an author or tag."""

    __slots__ = ()


def _remember_objects(generator: CachingGenerator) -> None:
    """The letters and pages as Pelican made them, before plugins add to them; a running builder has them at hand."""
    memory = memory_of(generator.settings)
    if memory is None:
        return
    wrappers: dict[_Wrapped, URLWrapper] = {}

    not_yet = frozenset(map(str, generator.settings["NOT_YET"]))

    def get_cached_data(file: str, default: Any = None) -> Any:
        path = f"{generator.path}/{file}"
        if path in not_yet:  # though it is as it was, as a translation may be whose original has a later date now
            return default
        for kind in KINDS:
            entry = memory.objects.get((kind, path)) or _of_other_process(memory, kind, path, generator, wrappers)
            if entry and entry[0] == source_mark(memory, path, entry[1][1]["_content"]):
                return _made_again(generator, memory, kind, path, entry)
        return default

    def cache_data(_file: str, content: Any) -> None:
        path = str(content.source_path)
        snapshot = dict(content.__dict__)
        text = content._content
        mark = source_mark(memory, path, text)
        prints = static_print(content), digest(text.encode("utf-8", "surrogatepass"))
        kind, path = of_content(content)
        memory.present.objects[kind, path] = mark, (type(content), snapshot, *prints)
        memory.present.known[kind, path] = mark, (_plain_parts(snapshot), *prints)

    generator.get_cached_data, generator.cache_data = get_cached_data, cache_data
    # Pelican's readers would look on the disk for when a text was written, also of one that another stands in for.
    generator.readers.get_cached_data = lambda _path, default=None: default
    generator.readers.cache_data = lambda _path, _data: None


def _plain_parts(snapshot: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """A letter's attributes for another process: those as they are, and those that have authors or tags in them."""
    others = {key for key, value in snapshot.items() if isinstance(value, URLWrapper | list | dict)}
    others -= OF_BUILD
    plain = {key: value for key, value in snapshot.items() if key not in others and key not in OF_BUILD}
    return plain, {key: _wrapped(snapshot[key]) for key in others}


def _of_other_process(
    memory: Memory, kind: str, path: str, generator: CachingGenerator, wrappers: "dict[_Wrapped, URLWrapper]"
) -> tuple[Any, Any] | None:
    """What the build before has written down of a letter or page, as this process has it at hand."""
    entry = memory.known.get((kind, path))
    if entry is None:
        return None
    mark, ((plain, others), static, body) = entry
    unwrapped = {key: _unwrapped(value, generator.settings, wrappers) for key, value in others.items()}
    return mark, (KINDS[kind], plain | unwrapped, static, body)


def _made_again(generator: CachingGenerator, memory: Memory, kind: str, path: str, entry: tuple[Any, Any]) -> Any:
    memory.present.objects[kind, path] = entry
    memory.present.known[kind, path] = memory.known[kind, path]
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
    signals.article_generator_init.connect(_remember_objects)
    signals.page_generator_init.connect(_remember_objects)
    signals.article_generator_finalized.connect(_quicken)

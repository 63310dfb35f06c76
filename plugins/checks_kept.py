"""What the checks found in a text at the last build, which is right as long as text and surroundings are the same."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from plugins.addresses import Addresses
from plugins.memory import Memory, digest, memory_of
from plugins.sources import Source

Found = TypeVar("Found")


@dataclass(frozen=True)
class World:
    """All that a link can lead to; `mark` is what it comes down to."""

    mark: bytes
    addresses: frozenset[str]
    sources: frozenset[str]
    files: bytes

    def has_all_of(self, other: "World") -> bool:
        """Whether every link that led somewhere still does."""
        return self.files == other.files and self.addresses >= other.addresses and self.sources >= other.sources


def kept(
    settings: Mapping[str, Any], sources: list[Source], make: Callable[[list[Source]], list[Found]]
) -> list[Found]:
    """What was made of each source alone, as long as it and the files beside the texts are the same."""
    memory = memory_of(settings)
    if memory is None:
        return make(sources)
    marks = {source.path: (memory.stamp(str(source.path)), memory.files_mark()) for source in sources}
    due = [source for source in sources if not memory.knows("check", str(source.path), marks[source.path])]
    new = dict(zip((source.path for source in due), make(due), strict=True))
    return [memory.recall("check", str(path), mark, partial(new.__getitem__, path)) for path, mark in marks.items()]


def kept_links(
    settings: Mapping[str, Any], source: Source, world: World | None, make: Callable[[], tuple[list[Any], list[Any]]]
) -> tuple[list[Any], list[Any]]:
    """The faults in a source's links, and the files they lead to; of old ones only what can't have changed."""
    memory = memory_of(settings)
    if memory is None or world is None:
        return make()
    key = "links", str(source.path)
    entry, mark = memory.known.get(key), memory.stamp(key[1])
    if entry is None or entry[0][0] != mark or not _still_right(memory, world, *entry):
        entry = None, make()
    memory.present.known[key] = (mark, world.mark), entry[1]
    found: tuple[list[Any], list[Any]] = entry[1]
    return found


def _still_right(memory: Memory, world: World, mark: tuple[Any, bytes], found: tuple[list[Any], list[Any]]) -> bool:
    if mark[1] == world.mark:
        return True
    grown = memory.objects.get(("grown", f"{mark[1].hex()} {world.mark.hex()}"))
    if grown is None:
        before = memory.known.get(("world", mark[1].hex()))
        grown = (bool(before and world.has_all_of(before[1])), None)
        memory.objects["grown", f"{mark[1].hex()} {world.mark.hex()}"] = grown
    return bool(grown[0]) and not found[0]


def world_of(settings: Mapping[str, Any], addresses: Addresses) -> World | None:
    """What links can lead to in this build; None where nothing is remembered."""
    memory = memory_of(settings)
    if memory is None:
        return None
    known, sources = frozenset(addresses.known), frozenset(map(str, addresses.sources))
    theme = sorted(str(file) for file in Path(addresses.theme, "static").rglob("*"))
    files = digest(memory.files_mark(), "\0".join(theme).encode("utf-8", "surrogateescape"))
    told = ("\0".join(sorted(each)).encode("utf-8", "surrogateescape") for each in (known, sources))
    world = World(digest(files, *told), known, sources, files)
    memory.present.known["world", world.mark.hex()] = None, world
    return world

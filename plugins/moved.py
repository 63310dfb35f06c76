"""Where the texts of the preview have been: who has one open, or an old link to it, is led to where it is now.

An address changes with status, slug, title and year, and while one writes they all do.
"""

from collections.abc import Iterable

from pelican import signals
from pelican.generators import Generator

from plugins.memory import Memory, memory_of

KEY = "addresses", "of all texts"
GONE = ""
"""The address of a text that there is no more."""


def moved(memory: Memory) -> dict[str, str]:
    """By each address that a text has had: the one that it has in the last build, or GONE."""
    every = sorted(_known(memory).values(), key=lambda addresses: addresses[0] != GONE)  # a renamed file is not gone
    return {old: now for now, *before in every for old in before}


def _known(memory: Memory) -> dict[str, tuple[str, ...]]:
    """The addresses of each text by its file, the present one first."""
    known: dict[str, tuple[str, ...]] = memory.known.get(KEY, (None, {}))[1]
    return known


def _remember(generators: list[Generator]) -> None:
    settings = generators[0].settings
    memory = memory_of(settings)
    if memory is None or settings["SITEURL"]:
        return
    built = (text for text in generators[0].context["generated_content"].values() if text)
    now: dict[str, Iterable[str]] = {str(text.source_path): [f"/{text.url}"] for text in built}
    for path, looked_for in settings["LOOKED_FOR"].items():
        now[str(path)] = [*now.get(str(path), []), *looked_for]
    known = _known(memory)
    table = {path: _in_order(now.get(path, ()), known.get(path, ())) for path in known.keys() | now.keys()}
    memory.present.known[KEY] = None, {path: addresses for path, addresses in table.items() if addresses}


def _in_order(now: Iterable[str], before: Iterable[str]) -> tuple[str, ...]:
    addresses = dict.fromkeys([*now, *(each for each in before if each != GONE)])
    return tuple(addresses if now or not addresses else [GONE, *addresses])


def register() -> None:
    """Called by Pelican."""
    signals.all_generators_finalized.connect(_remember)

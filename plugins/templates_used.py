"""What a template uses: the sources of all that it extends, includes and imports, and the variables in them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import jinja2
from jinja2 import Environment, FileSystemBytecodeCache, Template, TemplateNotFound, meta, nodes

from plugins.kept_tables import read_table, write_table
from plugins.memory import Memory, digest

RULES = digest(jinja2.__version__.encode(), Path(__file__).read_bytes())
"""What decides, beside its text, what is read in a template."""
MOST_KEPT = 500


@dataclass(frozen=True)
class Used:
    """`sources` comes down all the text, `variables` are looked up in the context, `attributes` of any object."""

    sources: bytes
    variables: tuple[str, ...]
    attributes: frozenset[str]


Read = tuple[tuple[str | None, ...], frozenset[str], frozenset[str]]
"""Of one template alone: what it refers to by name (None: a name made when it runs), its variables and attributes."""


class Reader:
    """Reads templates; what it reads is kept beside the compiled ones, as one serves as long as the other."""

    def __init__(self, environment: Environment) -> None:
        cache = environment.bytecode_cache
        self.environment = environment
        self.file = Path(cache.directory, "uses.json") if isinstance(cache, FileSystemBytecodeCache) else None
        self.kept = dict(read_table(self.file)) if self.file else {}

    def read(self, name: str, text: str, file: str | None) -> Read:
        """What is in one template alone."""
        key = digest(RULES, text.encode()).hex()
        if known := _as_read(self.kept.get(key)):
            return known
        read = _read(self.environment, text, name, file)
        self.kept[key] = [sorted(each, key=str) for each in read]
        if self.file:
            write_table(self.file, dict(list(self.kept.items())[-MOST_KEPT:]))
        return read


def _as_read(kept: Any) -> Read | None:
    """What a file says of a template; None where it says nothing, or something of another shape."""
    try:
        referred, variables, attributes = map(tuple, kept)
    except (TypeError, ValueError):
        return None
    return referred, frozenset(variables), frozenset(attributes)


def uses(template: Template, memory: Memory, of_globals: Mapping[str, str], reader: Reader) -> Used:
    """Everything that a page made by this template depends on; `of_globals` names what a global function looks at."""
    environment = template.environment
    texts: dict[str, bytes] = {}
    variables: set[str] = set()
    attributes: set[str] = set()
    waiting = [str(template.name)]
    while waiting:
        name = waiting.pop()
        if name in texts:
            continue
        source = _source(environment, name)
        texts[name] = source[0].encode() if source else b"\0"
        if source:
            read = partial(reader.read, name, *source)
            referred, own, named = memory.recall("template", name, digest(texts[name]), read)
            variables |= own
            attributes |= named
            waiting += _names(environment, referred)
    variables |= {looked_at for function, looked_at in of_globals.items() if function in variables}
    seen = tuple(sorted(variables - set(environment.globals)))
    parts = [part for name in sorted(texts) for part in (name.encode(), texts[name])]
    return Used(digest(*parts), seen, frozenset(attributes))


def _source(environment: Environment, name: str) -> tuple[str, str | None] | None:
    """A template's text and file; None where there is none yet."""
    assert environment.loader
    try:
        return environment.loader.get_source(environment, name)[:2]
    except TemplateNotFound:
        return None


def _read(environment: Environment, text: str, name: str, file: str | None) -> Read:
    tree = environment.parse(text, name, file)
    attributes = {node.attr for node in tree.find_all(nodes.Getattr)}
    # In groupby("date.year") and map(attribute="title") attributes are named by texts.
    attributes |= {part for node in tree.find_all(nodes.Const) if isinstance(node.value, str) for part in _parts(node)}
    referred = tuple(meta.find_referenced_templates(tree))
    return referred, frozenset(meta.find_undeclared_variables(tree)), frozenset(attributes)


def _parts(node: nodes.Const) -> Iterator[str]:
    yield from node.value.split(".") if len(node.value) < 80 else ()


def _names(environment: Environment, referred: tuple[str | None, ...]) -> list[str]:
    return environment.list_templates() if None in referred else [name for name in referred if name]

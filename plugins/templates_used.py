"""What a template uses: the sources of all that it extends, includes and imports, and the variables in them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from jinja2 import Environment, Template, TemplateNotFound, meta, nodes

from plugins.memory import Memory, digest


@dataclass(frozen=True)
class Used:
    """`sources` comes down all the text, `variables` are looked up in the context, `attributes` of any object."""

    sources: bytes
    variables: tuple[str, ...]
    attributes: frozenset[str]


Read = tuple[tuple[str | None, ...], frozenset[str], frozenset[str]]
"""Of one template alone: what it refers to by name (None: a name made when it runs), its variables and attributes."""


def uses(template: Template, memory: Memory, of_globals: Mapping[str, str]) -> Used:
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
            read = partial(_read, environment, source[0], name, source[1])
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

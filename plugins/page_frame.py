"""What every template of the site can use: the shared filters and globals, and the footer's pages."""

from collections.abc import Callable
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from jinja2 import FileSystemLoader, Template, TemplateNotFound, TemplatesNotFound
from markupsafe import Markup, escape
from pelican import signals
from pelican.generators import ArticlesGenerator, Generator, PagesGenerator, PelicanTemplateNotFound

from common.facts import LANGUAGES
from common.language import translations
from common.reasons import reasons
from common.templates import prepare
from plugins.sources import STATEMENT

_HOLE = "\ue000"
"""A sign that no address and no sentence has (Unicode's private use)."""


def remembered(gettext: Callable[[str], str]) -> Callable[..., Markup]:
    """gettext for templates, as Jinja's own (newstyle) but quick for the sentences that stand on every page."""

    @lru_cache
    def translated(message: str) -> Markup:
        return Markup(gettext(message))

    @lru_cache
    def whole(message: str) -> Markup:
        return translated(message) % {}

    def _(message: str, **variables: object) -> Markup:
        return translated(message) % variables if variables else whole(message)

    return _


def empty_forms() -> Callable[..., Markup]:
    """Gives forms that nobody has typed into: they are alike but for the address, and take a third of a page's time."""
    made: dict[int, list[str]] = {}

    def empty_form(comment_form: Callable[..., str], uri: str, level: int) -> Markup:
        if level not in made:
            made[level] = comment_form(_HOLE, level=level).split(_HOLE)
        return Markup(escape(uri).join(made[level]))

    return empty_form


UNUSED = ("category",)
"""Templates that Pelican asks for and writes nothing with."""


class NoTemplate(TemplateNotFound, PelicanTemplateNotFound):  # type: ignore[misc]
    """The theme has no such template; Pelican goes on by itself where it can do without."""


def _template(generator: Generator, name: str) -> Template:
    """A template of the theme; Pelican's own way lets those of its theme "simple" stand in for what is missing."""
    if name in UNUSED:
        return generator.env.from_string("")
    try:
        return generator.env.select_template([f"{name}{end}" for end in generator.settings["TEMPLATE_EXTENSIONS"]])
    except TemplatesNotFound:
        raise NoTemplate(name) from None


def _prepare(generator: Generator) -> None:
    facts = generator.settings["FACTS"]
    generator.env.loader = FileSystemLoader(Path(generator.theme, "templates"))
    generator.get_template = partial(_template, generator)
    prepare(generator.env, facts, Path(generator.theme))
    gettext = translations(facts.language).gettext
    quick = remembered(gettext)
    generator.env.globals.update({"_": quick, "gettext": quick, "reasons": reasons(facts.reasons, gettext)})
    generator.env.globals["empty_form"] = empty_forms()
    others = {language: remembered(translations(language).gettext) for language in LANGUAGES}
    generator.env.globals.update(languages=LANGUAGES, words=lambda language: others.get(language, quick))
    # Asked when pages are rendered, and all are known.
    generator.env.globals["has_page"] = lambda url: url in generator.context["page_addresses"]


def footer_pages(pages: list[Any], statement: str) -> list[dict[str, str]]:
    """The published pages in their order, each {"title", "url"}, for the footer of site and service.

    Last comes the accessibility statement under that title: it must be found from every page (MDFFS 2019:2).
    """
    own = [{"title": page.title.unescape(), "url": f"/{page.url}"} for page in pages]
    return [*own, {"title": statement, "url": STATEMENT}]


def _finish_context(generators: list[Generator]) -> None:
    for generator in generators:
        if isinstance(generator, PagesGenerator):
            _ = translations(generator.settings["FACTS"].language).gettext
            found = footer_pages(generator.pages, _("Accessibility statement"))
            generator.context["footer_pages"] = found
            generator.context["page_addresses"] = {page["url"] for page in found}
        if isinstance(generator, ArticlesGenerator):
            for draft in generator.drafts:
                draft.category = None  # Pelican reads it of every draft, also where there are no categories


def register() -> None:
    """Called by Pelican."""
    signals.generator_init.connect(_prepare)
    signals.all_generators_finalized.connect(_finish_context)

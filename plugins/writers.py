"""Gives each letter its writer's title and picture, from site.toml."""

import base64
from dataclasses import dataclass
from pathlib import Path

from pelican import signals
from pelican.generators import ArticlesGenerator

from common.facts import Facts
from plugins.picture_store import Album
from plugins.renditions import Card
from plugins.translations import every_letter

INLINE_BYTES = 4096
"""A drawn portrait up to this size travels inside the page, and costs no request."""


@dataclass(frozen=True)
class Byline:
    """A letter's writer as the templates show it; `picture` is an address or a data: URI.

    `card` tells what there is of a picture made of pixels, None for a drawing.
    """

    name: str
    title: str | None
    picture: str | None
    card: Card | None = None


def byline(name: str, facts: Facts, content: Path, album: Album) -> Byline:
    """The byline of that name: with title and picture when site.toml knows the writer."""
    writer = facts.writer(name)
    if not writer.picture:
        return Byline(name, writer.title or None, None)
    card = album.card(Path(content, writer.picture.lstrip("/")).resolve(), "portrait")
    picture = card.plain_address() if card else portrait(writer.picture, content)
    return Byline(name, writer.title or None, picture, card)


def portrait(picture: str, content: Path) -> str:
    """The address of a picture in content/, or the small SVG itself as a data: URI."""
    file = content / picture.lstrip("/")
    if file.suffix.lower() == ".svg" and file.is_file() and file.stat().st_size <= INLINE_BYTES:
        return "data:image/svg+xml;base64," + base64.b64encode(file.read_bytes()).decode()
    return f"/{picture.lstrip('/')}"


def _add_bylines(generator: ArticlesGenerator) -> None:
    known: dict[str, Byline] = {}
    settings = generator.settings
    for letter in every_letter(generator):
        name = str(letter.author)
        if name not in known:
            known[name] = byline(name, settings["FACTS"], Path(settings["PATH"]), settings["PICTURES"])
        letter.writer = known[name]


def register() -> None:
    """Called by Pelican."""
    signals.article_generator_finalized.connect(_add_bylines)

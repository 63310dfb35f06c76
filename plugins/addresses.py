"""The addresses that the built site will have, for the checks of links and of doubles."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from pelican.readers import ensure_metadata_list

from plugins.header_line import Line
from plugins.marks import is_of_footnote, is_taken, marks
from plugins.pictures import is_file
from plugins.sources import STATEMENT, Source, address, slugified

FILES = (
    "/atom.xml", "/feed.json", "/kommentarer.xml", "/sitemap.xml", "/robots.txt", "/404.html", "/letters.json",
    "/manifest.webmanifest", "/favicon.ico", "/apple-touch-icon.png",
)  # fmt: skip
LISTS = {"tag": "/amnen/", "author": "/forfattare/"}
SERVICE = ("/kommentarer/", "/isso/", "/moderering/")
_YEAR, _NO_YEAR = re.compile(r"^/\d{4}/"), "9999"
"""A letter without a date that can be read is known as of that year, and led to with any."""
_FURTHER = re.compile(r"(?:(?:kommentarer|sida)/\d+/|kommentarer\.xml)$")


@dataclass
class Addresses:
    """What can be linked to: addresses from the root, and the sources that have one.

    A mark in a text is known by the text's address, and by its file, with # and the mark behind. `slugify` makes of a
    topic or a writer what stands in the address of their letters.
    """

    content: Path
    theme: Path
    site: str
    slugify: Callable[[str], str]
    known: set[str] = field(default_factory=set)
    sources: set[Path] = field(default_factory=set)
    files: set[str] = field(default_factory=set)
    doubles: dict[str, list[Source]] = field(default_factory=dict)

    def leads_somewhere(self, path: str) -> bool:
        """Whether an address from the root is a page, a file or the service of this site."""
        if path in self.known or path.startswith(SERVICE):
            return True
        if path.startswith("/theme/"):
            return is_file(self.theme / "static" / path.removeprefix("/theme/"))
        if path.startswith("/images/"):
            return is_file(self.content / path.lstrip("/"))
        if _YEAR.sub(f"/{_NO_YEAR}/", path) in self.known:
            return True
        return _FURTHER.sub("", path) in self.known and bool(_FURTHER.search(path))

    def has_list(self, what: str, name: str) -> bool:
        """Whether there are letters on that topic ("tag"), or by that writer ("author")."""
        return f"{LISTS[what]}{self.slugify(name)}/" in self.known

    def has_mark(self, place: str, mark: str) -> bool:
        """Whether a text, told by its address or file, has that mark; of other pages nobody asks."""
        if place not in self.doubles and place not in self.files:
            return True
        of_page = mark == "top" or (is_taken(mark) and not is_of_footnote(mark))
        return of_page or f"{place}#{mark}" in self.known


def all_addresses(written: Iterable[Source], settings: Mapping[str, Any]) -> Addresses:
    """The addresses of these sources, of their tags and authors, and of the site's own pages."""
    slugify = partial(slugified, settings=settings)
    found = Addresses(Path(settings["PATH"]), Path(settings["THEME"]), settings["FACTS"].url, slugify)
    found.known.update(("/", "/arkiv/", "/sok/", "/statistik/", STATEMENT, *FILES))
    if settings["FACTS"].security:
        found.known.add("/.well-known/security.txt")
    for path, looked_for in settings.get("LOOKED_FOR", {}).items():  # the preview has a page there
        found.known.update(looked_for)
        found.sources.add(path)
    for source in faulty(written, settings):
        found.sources.add(source.path)
        dated = replace(source, header={**source.header, "date": Line(1, "Date", _NO_YEAR)})
        found.known.add(address(dated, settings) or "/")
        found.known.update(_shared(source, settings) if source.is_letter else ())
    for source in written:
        own = address(source, settings)
        if own is None:
            continue
        found.known.add(own)
        found.sources.add(source.path)
        found.files.add(str(source.path))
        found.known.update(f"{place}#{mark}" for mark in marks(source.body) for place in (own, source.path))
        found.doubles.setdefault(own, []).append(source)
        if source.is_letter and source.status == "published" and not source.is_translation:
            found.known.update(_shared(source, settings))
    return found


def faulty(written: Iterable[Source], settings: Mapping[str, Any]) -> Iterator[Source]:
    """The texts that are there but have no address, for a fault that is told of them: who leads to them has none."""
    yield from settings.get("UNREAD", ())
    yield from (source for source in written if source.status != "skip" and address(source, settings) is None)


def _shared(source: Source, settings: Mapping[str, Any]) -> Iterable[str]:
    for tag in ensure_metadata_list(source.get("tags")):
        topic = f"{LISTS['tag']}{slugified(tag, settings)}/"
        yield from (topic, f"{topic}atom.xml")
    yield f"{LISTS['author']}{slugified(source.get('author', settings['AUTHOR']), settings)}/"

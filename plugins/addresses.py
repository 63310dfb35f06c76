"""The addresses that the built site will have, for the checks of links and of doubles."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from pelican.readers import ensure_metadata_list
from pelican.utils import slugify

from plugins.sources import STATEMENT, Source, address

FILES = (
    "/atom.xml", "/feed.json", "/kommentarer.xml", "/sitemap.xml", "/robots.txt", "/404.html", "/letters.json",
    "/manifest.webmanifest", "/favicon.ico", "/apple-touch-icon.png",
)  # fmt: skip
SERVICE = ("/kommentarer/", "/isso/", "/moderering/")
_FURTHER = re.compile(r"(?:(?:kommentarer|sida)/\d+/|kommentarer\.xml)$")


@dataclass
class Addresses:
    """What can be linked to: addresses from the root, and the sources that have one."""

    content: Path
    theme: Path
    site: str
    known: set[str] = field(default_factory=set)
    sources: set[Path] = field(default_factory=set)
    doubles: dict[str, list[Source]] = field(default_factory=dict)

    def leads_somewhere(self, path: str) -> bool:
        """Whether an address from the root is a page, a file or the service of this site."""
        if path in self.known or path.startswith(SERVICE):
            return True
        if path.startswith("/theme/"):
            return (self.theme / "static" / path.removeprefix("/theme/")).is_file()
        if path.startswith("/images/"):
            return (self.content / path.lstrip("/")).is_file()
        return _FURTHER.sub("", path) in self.known and bool(_FURTHER.search(path))


def all_addresses(written: Iterable[Source], settings: Mapping[str, Any]) -> Addresses:
    """The addresses of these sources, of their tags and authors, and of the site's own pages."""
    found = Addresses(Path(settings["PATH"]), Path(settings["THEME"]), settings["FACTS"].url)
    found.known.update(("/", "/arkiv/", "/sok/", "/statistik/", STATEMENT, *FILES))
    if settings["FACTS"].security:
        found.known.add("/.well-known/security.txt")
    for path, looked_for in settings.get("LOOKED_FOR", {}).items():  # the preview has a page there
        found.known.update(looked_for)
        found.sources.add(path)
    for source in written:
        own = address(source, settings)
        if own is None:
            continue
        found.known.add(own)
        found.sources.add(source.path)
        found.doubles.setdefault(own, []).append(source)
        if source.is_letter and source.status == "published" and not source.is_translation:
            found.known.update(_shared(source, settings))
    return found


def _shared(source: Source, settings: Mapping[str, Any]) -> Iterable[str]:
    rules = tuple(settings["SLUG_REGEX_SUBSTITUTIONS"])
    for tag in ensure_metadata_list(source.get("tags")):
        topic = f"/amnen/{_slug(tag, rules)}/"
        yield from (topic, f"{topic}atom.xml")
    yield f"/forfattare/{_slug(source.get('author', settings['AUTHOR']), rules)}/"


@lru_cache(maxsize=1024)
def _slug(name: str, rules: tuple[tuple[str, str], ...]) -> str:
    return slugify(name, rules)

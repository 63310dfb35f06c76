"""Where the built site leads: every reference in its pages, feeds and files, and whether something is there."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

from lxml import etree, html

ADDRESSES = ("href", "src", "poster", "data", "cite")
ACTIONS = ("action", "formaction")
LISTS = ("srcset", "imagesrcset")
TEXTS = ("*.xml", "*.json", "*.txt", "*.webmanifest", "*.css")
HAND_MADE = ("mailto:", "tel:", "data:", "javascript:")

Serves = Callable[[str], bool]
"""Whether the service answers at a path."""


@dataclass(frozen=True)
class Page:
    """What a page leads to, where its forms are sent, and the ids that others may lead to."""

    links: list[str]
    ids: frozenset[str]
    actions: list[str] = field(default_factory=list)


def read(text: str) -> Page:
    """Look through a page, or a piece of one."""
    tree = html.document_fromstring(text)
    links = [value for name in ADDRESSES for value in tree.xpath(f"//@{name}")]
    for value in (value for name in LISTS for value in tree.xpath(f"//@{name}")):
        links += [candidate.split()[0] for candidate in re.split(r",\s+", value.strip()) if candidate.strip()]
    links += tree.xpath("//meta[@property='og:url' or starts-with(@property, 'og:image')]/@content")
    actions = [value.strip() for name in ACTIONS for value in tree.xpath(f"//@{name}")]
    return Page([link.strip() for link in links], frozenset(tree.xpath("//@id")), actions)


def broken(output: Path, origin: str, serves: Serves) -> Iterator[str]:
    """A line for each reference of the site at `origin`, built in `output`, to what is not there."""
    pages = {file: read(file.read_text(encoding="utf-8")) for file in sorted(output.rglob("*.html"))}
    for file, page in pages.items():
        for link in page.links + page.actions:
            yield from _told(output, file, link, origin, pages, serves)
    for file in sorted(file for pattern in TEXTS for file in output.rglob(pattern)):
        for link in _links_of_text(file, origin):
            yield from _told(output, file, link, origin, pages, serves)


def _links_of_text(file: Path, origin: str) -> list[str]:
    """The site's own addresses wherever they stand, those of a style, and those in the texts of a feed."""
    text = file.read_text(encoding="utf-8")
    if "/pagefind/" in file.as_posix():
        return []
    found = re.findall(re.escape(origin) + r"[^\s\"'<>\\)&]*", text)
    if file.suffix == ".css":
        found += re.findall(r"url\([\"']?([^\"')]+)", text)
    if file.suffix == ".xml":
        tree = etree.fromstring(text.encode())
        found += [link for part in tree.iterfind(".//{*}content[@type='html']") for link in read(part.text).links]
    return list(dict.fromkeys(found))


def _told(output: Path, file: Path, link: str, origin: str, pages: dict[Path, Page], serves: Serves) -> Iterator[str]:
    address = "/" + file.relative_to(output).as_posix().removesuffix("index.html")
    target = urlsplit(urljoin(origin + address, link))
    if link.startswith(HAND_MADE) or f"{target.scheme}://{target.netloc}" != origin:
        return
    if why := _fault(output, target.path or "/", target.fragment, pages, serves):
        yield f'{address}: "{link}" {why}'


def _fault(output: Path, path: str, fragment: str, pages: dict[Path, Page], serves: Serves) -> str | None:
    found = _file(output, path)
    if found is None:
        return None if serves(path) else "leads to nothing"
    if found.name == "index.html" and not path.endswith(("/", "/index.html")):
        return "lacks its slash at the end"
    if fragment and found in pages and unquote(fragment) not in pages[found].ids:
        return "names an id that is not there"
    return None


@cache
def _file(output: Path, path: str) -> Path | None:
    file = output / unquote(path).lstrip("/")
    file = file / "index.html" if file.is_dir() else file
    return file if file.is_file() else None

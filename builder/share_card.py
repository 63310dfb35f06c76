"""How a page looks where its address is shared, by what the built page says of itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace

from markupsafe import escape

from builder.places import Places


@dataclass(frozen=True)
class Card:
    """The words of a page's card; `author` is "" where the page is no letter."""

    title: str
    description: str
    author: str


class _Head(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        table = dict(attrs)
        if tag == "meta" and (name := table.get("property") or table.get("name")):
            self.found.setdefault(name, table.get("content") or "")


def card_of(page: str) -> Card | None:
    """The card of a page by its HTML; None where it is no page of the site."""
    parser = _Head()
    parser.feed(page.partition("</head>")[0])
    found: Mapping[str, str] = parser.found
    if "og:title" not in found:
        return None
    return Card(found["og:title"], found.get("og:description", ""), found.get("author", ""))


@lru_cache(maxsize=16)
def picture_of(card: Card, where: Places, _changed: int) -> bytes:
    """The picture that publication will draw, as PNG; `_changed` is another number when site or theme has changed."""
    from jinja2 import Environment, FileSystemLoader

    from common.facts import read_facts
    from common.templates import prepare
    from plugins.drawn import draw, few_colours
    from plugins.look import theme_tokens
    from plugins.share_drawing import HEIGHT, WIDTH
    from plugins.share_pictures import of_letter, of_site
    from plugins.share_studio import Studio

    facts = read_facts(where.site)
    env = Environment(loader=FileSystemLoader(where.theme / "templates"), autoescape=True)
    env.trim_blocks = env.lstrip_blocks = True
    prepare(env, facts, where.theme)
    stylesheet = (where.theme / "static" / "site.css").read_text(encoding="utf-8")
    tokens = {**theme_tokens(stylesheet)[0], **facts.colours}
    letter = SimpleNamespace(title=escape(card.title), author=card.author)
    words = (card.author and of_letter(letter, facts)) or of_site(facts)
    return few_colours(draw(Studio(env, facts, tokens, where.content, Path()).svg(words), WIDTH, HEIGHT))

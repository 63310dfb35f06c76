"""Writes /feed.json, the newest letters in full as JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/)."""

import json
from pathlib import Path
from typing import Any

from pelican import signals
from pelican.generators import ArticlesGenerator
from pelican.writers import Writer

from common.facts import Facts
from plugins.feed_items import LETTERS_MOST, Item, letter_item, plain
from plugins.fingerprints import TEXTS, is_due

SAVE_AS = "feed.json"
VERSION = "https://jsonfeed.org/version/1.1"


def json_feed(items: list[Item], facts: Facts) -> dict[str, Any]:
    """The feed of these items, the newest first."""
    return {
        "version": VERSION,
        "title": plain(facts.title),
        "home_page_url": f"{facts.url}/",
        "feed_url": f"{facts.url}/{SAVE_AS}",
        "description": plain(facts.subtitle),
        "icon": f"{facts.url}/icon-512.png",
        "favicon": f"{facts.url}/icon-192.png",
        "language": facts.language,
        "authors": [{"name": plain(facts.organisation), "url": f"{facts.url}/"}],
        "items": [_item(item) for item in items],
    }


def _item(item: Item) -> dict[str, Any]:
    told = {
        "id": item.id,
        "url": item.link,
        "title": item.title,
        "content_html": item.content,
        "summary": item.summary,
        "image": item.image,
        "date_published": item.published.isoformat(timespec="seconds"),
        "date_modified": item.updated.isoformat(timespec="seconds"),
        "authors": [{"name": item.author, "url": item.author_link}],
        "tags": list(item.tags),
        "language": item.language,
    }
    return {key: value for key, value in told.items() if value}


def _write(generator: ArticlesGenerator, writer: Writer) -> None:
    facts, newest = generator.settings["FACTS"], generator.articles[:LETTERS_MOST]
    if not is_due(generator.settings, SAVE_AS, writer.prints, *newest, seen=TEXTS):
        return
    table = json_feed([letter_item(letter, facts) for letter in newest], facts)
    text = json.dumps(table, ensure_ascii=False, indent=1) + "\n"
    Path(generator.output_path, SAVE_AS).write_text(text, encoding="utf-8")


def register() -> None:
    """Called by Pelican."""
    signals.article_writer_finalized.connect(_write)

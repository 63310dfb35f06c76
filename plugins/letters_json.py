"""Writes letters.json: the letters that take comments, and the pages, for the service and for others."""

import json
from pathlib import Path
from typing import Any

from pelican import signals
from pelican.generators import ArticlesGenerator
from pelican.writers import Writer

from plugins.fingerprints import HEADS, is_due

SAVE_AS = "letters.json"


def letters_table(letters: list[Any], pages: list[dict[str, str]]) -> dict[str, Any]:
    """The content of letters.json: {"letters": [{uri, title, lang, comments, closes}], "pages": [{title, url}]}.

    "comments" is what the letter says of itself, "closes" when it is too old for more (ISO 8601) or null; what
    the moderators close and open, the service knows best.
    """
    return {
        "letters": [
            {
                "uri": letter.uri,
                "title": letter.title.unescape(),
                "lang": letter.lang,
                "comments": "open" if letter.takes_comments else "closed",
                "closes": letter.closes.isoformat() if letter.closes else None,
            }
            for letter in letters
        ],
        "pages": pages,
    }


def _write(generator: ArticlesGenerator, writer: Writer) -> None:
    letters, pages = generator.articles, generator.context["footer_pages"]
    if not is_due(generator.settings, SAVE_AS, writer.prints, letters, pages, seen=HEADS):
        return
    table = letters_table(letters, pages)
    text = json.dumps(table, ensure_ascii=False, indent=1) + "\n"
    Path(generator.output_path, SAVE_AS).write_text(text, encoding="utf-8")


def register() -> None:
    """Called by Pelican."""
    signals.article_writer_finalized.connect(_write)

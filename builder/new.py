"""make new: a letter with its header filled in, as a draft."""

import os
import re
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import TextIO
from zoneinfo import ZoneInfo

from pelican.settings import DEFAULT_CONFIG
from pelican.utils import slugify

from builder.git import asked
from builder.hook import offer
from builder.new_text import letter
from builder.places import Places, check_sources
from builder.words import site_gettext
from common.facts import Facts, read_facts
from plugins.source_text import Unreadable
from plugins.sources import Source, read_source
from plugins.wording import Gettext, WordedError

MOST_CHARACTERS = 200
_RULES = DEFAULT_CONFIG["SLUG_REGEX_SUBSTITUTIONS"]


class CannotBegin(WordedError):
    """The letter can't be made; nothing was written."""


def new(where: Places, title: str) -> int:
    """Make letters/<slug>.md and say what to do next; 1 with one sentence where that can't be done."""
    _ = site_gettext(where)
    try:
        file = begin(where, title, _)
    except WordedError as error:
        print(error.told(_), file=sys.stderr)
    else:
        print(_next_steps(file, _), flush=True)
        offer(where, _)
        return 0
    return 1


def begin(where: Places, title: str, _: Gettext) -> Path:
    """Write the letter and give its file; CannotBegin where the title won't do, or its address is taken."""
    facts = read_facts(where.site)
    slug = slug_of(title.strip())
    check_sources(where)
    letters = where.content / "letters" if (where.content / "letters").is_dir() else where.content
    moment = this_quarter(datetime.fromtimestamp(time.time(), ZoneInfo(facts.time_zone)))
    if taken := _holder(letters, slug, f"{moment:%Y}"):
        raise CannotBegin(
            "the address /%(year)s/%(slug)s/ is taken by %(file)s; give the letter another title",
            year=f"{moment:%Y}",
            slug=slug,
            file=os.path.relpath(taken),
        )
    text = letter(title.strip(), slug, moment, author(facts, where.content), facts, _)
    return _written(letters, [f"{slug}.md", f"{slug}-{moment:%Y}.md"], text)


def slug_of(title: str) -> str:
    """The title in a-z, 0-9 and hyphens (å and ä become a, ö becomes o); CannotBegin where it is no title."""
    if not title:
        raise CannotBegin('TITLE must be given: make new TITLE="What the letter is called"')
    if not title.isprintable():
        raise CannotBegin("TITLE must be one line of text, without line breaks and control characters")
    if len(title) > MOST_CHARACTERS:
        message = "TITLE must have at most %(most)d characters, not %(number)d; the rest may stand in the summary"
        raise CannotBegin(message, most=MOST_CHARACTERS, number=len(title))
    slug = re.sub(r"[^a-z0-9]+", "-", slugify(title, _RULES)).strip("-")
    if not slug:
        message = 'TITLE must hold letters or digits, as the address is made of them, not only "%(title)s"'
        raise CannotBegin(message, title=title)
    return slug[:MOST_CHARACTERS].rstrip("-")


def this_quarter(now: datetime) -> datetime:
    """The last full quarter of an hour: a letter of a later date would not be seen when it is published at once."""
    return now.replace(minute=now.minute - now.minute % 15, second=0, microsecond=0)


def author(facts: Facts, content: Path) -> str:
    """Who writes: the writer in site.toml whom git knows by that name, else the first there, else git's name."""
    name = asked(content, "config", "user.name")
    for writer in facts.writers:
        if writer.name.casefold() == name.casefold():
            return writer.name
    return facts.writers[0].name if facts.writers else name if slugify(name, _RULES) else ""


def _holder(letters: Path, slug: str, year: str) -> Path | None:
    """The letter that has that address, or will; all drafts have theirs beside each other, of whatever year."""
    for file in sorted(letters.rglob("*.md")):
        try:
            source = read_source(file, True)
        except Unreadable:
            continue
        is_there = source.status == "draft" or source.get("date")[:4] == year
        if is_there and _slug(source) == slug and not source.is_translation:
            return file
    return None


def _slug(source: Source) -> str:
    return source.get("slug") or slugify(source.get("title"), _RULES)


def _written(folder: Path, file_names: list[str], text: str) -> Path:
    """Write into the first file that isn't there yet: a letter of another year may have the name."""
    for name in file_names:
        try:
            with (folder / name).open("x", encoding="utf-8") as file:
                _fill(file, text)
            return folder / name
        except FileExistsError:
            continue
        except OSError as error:
            raise CannotBegin('"%(folder)s" must be writable (%(why)s)', folder=folder, why=error.strerror) from None
    raise CannotBegin('"%(file)s" is there already; give the letter another title', file=folder / file_names[-1])


def _fill(file: TextIO, text: str) -> None:
    try:
        file.write(text)
        file.flush()
    except OSError:  # the disk is full: what is half there must not be in the way of the next try
        Path(file.name).unlink()
        raise


def _next_steps(file: Path, _: Gettext) -> str:
    return _(
        "%(file)s is there, as a draft.\n"
        "1. Open it and write.\n"
        "2. make serve shows it while you write; make check reads it through.\n"
        '3. When it is done, remove the line "Status: draft".\n'
        "4. git add %(file)s, git commit and git push publish it."
    ) % {"file": os.path.relpath(file)}

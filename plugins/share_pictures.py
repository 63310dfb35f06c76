"""Draws the picture that stands for each letter where its address is shared, and one for the site's other pages.

Only in publication: nobody shares what stands on one's own machine, and in work every build must be quick.
"""

import multiprocessing
import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pelican import signals
from pelican.generators import ArticlesGenerator

from common.facts import Facts
from plugins.look import theme_tokens
from plugins.share_drawing import HEIGHT, MEASURE, WIDTH, drawable, fitted
from plugins.share_studio import Studio, Words
from plugins.translations import every_letter

FOLDER, KEPT = "delning", "share"
"""Where the pictures stand in the site, and in DATA."""
MANY = 24
"""Pictures that make it worth while to start more processes, and to show how far they are."""


@dataclass(frozen=True)
class SharePicture:
    """A picture as the templates name it: its address from the root, what stands in it, its size in pixels."""

    url: str
    alt: str
    width: int = WIDTH
    height: int = HEIGHT


def of_letter(letter: Any, facts: Facts) -> Words | None:
    """What stands in a letter's picture; None where its title can't be drawn."""
    title, writer = drawable(letter.title.unescape()), facts.writer(str(letter.author))
    role = "" if writer.title == facts.organisation else writer.title
    if not title:
        return None
    beside = MEASURE - 128
    lines = fitted(drawable(writer.name), 36, beside), fitted(drawable(role), 30, beside)
    return Words(title, *lines, writer.picture or "")


def of_site(facts: Facts) -> Words:
    """What stands in the picture of all other pages."""
    return Words(drawable(facts.subtitle) or drawable(facts.title), "", "")


def draw_all(studio: Studio, every: Iterable[Words]) -> None:
    """Draw the pictures that are not there, many of them on every core."""
    missing = [words for words in dict.fromkeys(every) if not studio.file(words).exists()]
    cores = len(os.sched_getaffinity(0))
    if len(missing) < MANY or cores == 1 or multiprocessing.current_process().daemon:
        _shown(map(studio.draw, missing), len(missing))
        return
    from concurrent.futures import ProcessPoolExecutor

    # Forked, so that the helpers have the studio; no other thread runs in this process.
    fork = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(cores, fork, initializer=_enter, initargs=(studio,)) as helpers:
        _shown(helpers.map(_draw, missing, chunksize=4), len(missing))


def _shown(work: Iterable[object], total: int) -> None:
    """Do the work, with a bar for who waits at a terminal."""
    if total >= MANY and sys.stderr.isatty():
        from tqdm import tqdm

        work = tqdm(work, total=total, leave=False, desc=f"$DATA/{KEPT}")
    for _done in work:
        pass


_studio: list[Studio] = []


def _enter(studio: Studio) -> None:
    _studio[:] = [studio]


def _draw(words: Words) -> None:
    _studio[0].draw(words)


def _give_pictures(generator: ArticlesGenerator) -> None:
    settings = generator.settings
    if not settings["SITEURL"]:
        return
    facts: Facts = settings["FACTS"]
    stylesheet = Path(settings["THEME"], "static", "site.css").read_text(encoding="utf-8")
    tokens = {**theme_tokens(stylesheet)[0], **facts.colours}
    studio = Studio(generator.env, facts, tokens, Path(settings["PATH"]), Path(settings["DATA"], KEPT))
    letters = [letter for letter in every_letter(generator) if letter.status != "draft"]
    site, told = of_site(facts), [of_letter(letter, facts) for letter in letters]
    every = [site, *(words for words in told if words)]
    draw_all(studio, every)
    studio.forget(every)
    folder = Path(settings["OUTPUT_PATH"], FOLDER)
    folder.mkdir(parents=True, exist_ok=True)
    generator.context["share_picture"] = _published(studio, site, "webbplatsen", folder)
    for letter, words in zip(letters, told, strict=True):
        letter.share_picture = _published(studio, words, letter.slug, folder) if words else None


def _published(studio: Studio, words: Words, name: str, folder: Path) -> SharePicture:
    """Put the picture into the site, under a name of which the address can be kept for ever."""
    name = f"{name}-{studio.file(words).stem[:8]}.png"
    (folder / name).write_bytes(studio.draw(words))
    told = [words.title, words.writer, words.role, studio.frame["site_title"], studio.frame["organisation"]]
    return SharePicture(f"/{FOLDER}/{name}", ". ".join(filter(None, told)))


def register() -> None:
    """Called by Pelican."""
    signals.article_generator_finalized.connect(_give_pictures)

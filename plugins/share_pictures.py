"""Draws the picture that stands for each letter where its address is shared, and one for the site's other pages.

Only in publication: nobody shares what stands on one's own machine, and in work every build must be quick.
"""

import base64
import hashlib
import io
import json
import multiprocessing
import os
import re
import shutil
import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment
from pelican import signals
from pelican.generators import ArticlesGenerator

from common.facts import Facts
from plugins import share_drawing
from plugins.drawn import draw, few_colours, kept, key
from plugins.share_drawing import HEIGHT, MEASURE, WIDTH, drawable, fitted, set_title

FOLDER, KEPT = "delning", "share"
"""Where the pictures stand in the site, and in DATA."""
LIGHT, DARK = "#fdfdfb", "#1b2023"
"""The theme's --paper and --ink."""
ACCENT = "#0d5262"
"""The theme's --accent, on which the title stands where site.toml gives no other."""
PORTRAIT_SIDE = 200
_HEX = re.compile(r"#(?:[0-9a-fA-F]{3}){1,2}")
_MIDDLE = 0.2
"""The luminance of a ground on which LIGHT and DARK have the same contrast, 4.1:1: enough for large text."""
MANY = 24
"""Pictures that make it worth while to start more processes, and to show how far they are."""


@dataclass(frozen=True)
class SharePicture:
    """A picture as the templates name it: its address from the root, what stands in it, its size in pixels."""

    url: str
    alt: str
    width: int = WIDTH
    height: int = HEIGHT


@dataclass(frozen=True)
class Words:
    """What stands in a picture; `portrait` is a path inside content/ or ""."""

    title: str
    writer: str
    role: str
    portrait: str = ""


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


class Studio:
    """Draws by the theme's share.svg; `folder` is where the pictures are kept from one build to the next."""

    def __init__(self, env: Environment, facts: Facts, content: Path, folder: Path) -> None:
        self.template = env.get_template("share.svg")
        self.content = content
        self.folder = folder
        half = MEASURE / 2 - 20
        self.frame = {
            "site_title": fitted(drawable(facts.title), 34, half),
            "organisation": fitted(drawable(facts.organisation), 30, half),
            **ground_and_ink(facts.colours.get("accent", "")),
        }
        looks = [Path(str(self.template.filename)), Path(share_drawing.__file__)]
        self.look = hashlib.sha256(b"".join(file.read_bytes() for file in looks)).hexdigest()
        self.portraits: dict[str, bytes] = {"": b""}

    def portrait(self, picture: str) -> bytes:
        """The bytes of a writer's picture, none where it can't be read."""
        if picture not in self.portraits:
            try:
                self.portraits[picture] = (self.content / picture.lstrip("/")).read_bytes()
            except OSError:
                self.portraits[picture] = b""
        return self.portraits[picture]

    def file(self, words: Words) -> Path:
        """Where the picture is kept, under a name that is another whenever the picture would be."""
        told = json.dumps([self.frame, asdict(words)], sort_keys=True)
        return self.folder / f"{key(self.look, told, self.portrait(words.portrait))}.png"

    def svg(self, words: Words) -> str:
        """The drawing."""
        portrait = portrait_address(self.portrait(words.portrait), words.portrait)
        setting = asdict(set_title(words.title))
        return self.template.render(self.frame, **setting, writer=words.writer, role=words.role, portrait=portrait)

    def draw(self, words: Words) -> None:
        """Draw the picture if it is not there."""
        kept(self.file(words), lambda: few_colours(draw(self.svg(words), WIDTH, HEIGHT)))


def ground_and_ink(accent: str) -> dict[str, str]:
    """The colours of a picture: the accent, and what can be read on it."""
    ground = accent if _HEX.fullmatch(accent) else ACCENT
    return {"ground": ground, "ink": LIGHT if _luminance(ground) < _MIDDLE else DARK}


def _luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2), 0 for black to 1 for white."""
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def portrait_address(data: bytes, name: str) -> str:
    """A writer's picture as a data: URI, a photograph made small and square; "" where it is no picture."""
    if not data:
        return ""
    kind = "image/svg+xml"
    if not name.lower().endswith(".svg"):
        kind, data = "image/png", _small(data)
    return f"data:{kind};base64,{base64.b64encode(data).decode()}" if data else ""


def _small(data: bytes) -> bytes:
    from PIL import Image, ImageOps

    made, side = io.BytesIO(), (PORTRAIT_SIDE, PORTRAIT_SIDE)
    try:
        with Image.open(io.BytesIO(data)) as image:
            image.draft("RGB", side)
            ImageOps.fit(ImageOps.exif_transpose(image).convert("RGBA"), side).save(made, "PNG")
    except (OSError, ValueError, Image.DecompressionBombError):  # what is wrong with it is told elsewhere
        return b""
    return made.getvalue()


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


def _shown(work: Iterable[None], total: int) -> None:
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
    studio = Studio(generator.env, facts, Path(settings["PATH"]), Path(settings["DATA"], KEPT))
    letters = [*generator.articles, *generator.hidden_articles]
    site, told = of_site(facts), [of_letter(letter, facts) for letter in letters]
    draw_all(studio, [site, *(words for words in told if words)])
    folder = Path(settings["OUTPUT_PATH"], FOLDER)
    folder.mkdir(parents=True, exist_ok=True)
    generator.context["share_picture"] = _published(studio, site, "webbplatsen", folder)
    for letter, words in zip(letters, told, strict=True):
        letter.share_picture = _published(studio, words, letter.slug, folder) if words else None


def _published(studio: Studio, words: Words, name: str, folder: Path) -> SharePicture:
    """Put the picture into the site, under a name of which the address can be kept for ever."""
    file = studio.file(words)
    name = f"{name}-{file.stem[:8]}.png"
    shutil.copyfile(file, folder / name)
    told = [words.title, words.writer, words.role, studio.frame["site_title"], studio.frame["organisation"]]
    return SharePicture(f"/{FOLDER}/{name}", ". ".join(filter(None, told)))


def register() -> None:
    """Called by Pelican."""
    signals.article_generator_finalized.connect(_give_pictures)

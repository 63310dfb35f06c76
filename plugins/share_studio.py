"""Draws share pictures by the theme's template, in the organisation's colour and with the writer's portrait."""

import base64
import contextlib
import hashlib
import io
import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from jinja2 import Environment

from common.facts import Facts
from plugins import drawn, share_drawing
from plugins.drawn import draw, few_colours, kept, key
from plugins.share_drawing import HEIGHT, MEASURE, WIDTH, drawable, fitted, set_title

LIGHT, DARK = "#fdfdfb", "#1b2023"
"""The theme's --paper and --ink."""
ACCENT = "#0d5262"
"""The theme's --accent, on which the title stands where site.toml gives no other."""
PORTRAIT_SIDE = 200
_HEX = re.compile(r"#(?:[0-9a-fA-F]{3}){1,2}")
_MIDDLE = 0.2
"""The luminance of a ground on which LIGHT and DARK have the same contrast, 4.1:1: enough for large text."""


@dataclass(frozen=True)
class Words:
    """What stands in a picture; `portrait` is a path inside content/ or ""."""

    title: str
    writer: str
    role: str
    portrait: str = ""


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
        looks = [Path(str(self.template.filename)), Path(share_drawing.__file__), Path(drawn.__file__)]
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

    def draw(self, words: Words) -> bytes:
        """The picture as PNG, drawn if it is not there."""
        return kept(self.file(words), lambda: few_colours(draw(self.svg(words), WIDTH, HEIGHT)))

    def forget(self, every: Iterable[Words]) -> None:
        """Remove what is kept of other pictures than these."""
        known = {self.file(words).name for words in every}
        with contextlib.suppress(OSError):
            for file in self.folder.iterdir():
                if file.name not in known:
                    file.unlink(missing_ok=True)


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

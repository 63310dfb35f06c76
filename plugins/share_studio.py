"""Draws share pictures by the theme's template, in the organisation's colour and with the writer's portrait."""

import base64
import contextlib
import hashlib
import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from jinja2 import Environment

from common.facts import Facts
from plugins import drawn, share_drawing
from plugins.drawn import draw, few_colours, kept, key
from plugins.share_drawing import HEIGHT, MEASURE, WIDTH, drawable, fitted, set_title

PORTRAIT_SIDE = 200


@dataclass(frozen=True)
class Words:
    """What stands in a picture; `portrait` is a path inside content/ or ""."""

    title: str
    writer: str
    role: str
    portrait: str = ""


class Studio:
    """Draws by the theme's share.svg; `folder` is where the pictures are kept from one build to the next.

    The ground is the accent and the words have the colour of paper, which the build holds to a contrast of 4.5:1.
    """

    def __init__(self, env: Environment, facts: Facts, tokens: Mapping[str, str], content: Path, folder: Path) -> None:
        self.template = env.get_template("share.svg")
        self.content = content
        self.folder = folder
        half = MEASURE / 2 - 20
        self.frame = {
            "site_title": fitted(drawable(facts.title), 34, half),
            "organisation": fitted(drawable(facts.organisation), 30, half),
            "ground": tokens["accent"],
            "ink": tokens["paper"],
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

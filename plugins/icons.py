"""Makes the site's icons from one SVG, and the web app manifest that names them (W3C Web Application Manifest)."""

import base64
import contextlib
import io
import json
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from pelican import Pelican, signals

from common.facts import Facts
from common.icon import ADDRESS, coloured
from plugins.cores import HelperFault, beside
from plugins.drawn import draw, kept, key
from plugins.wording import WordedError

PAPER = "#fdfdfb"
"""The theme's --paper, on which telephones show the site before it is there; site.toml may have another."""
FILES = {
    "apple-touch-icon.png": (180, 0.8),
    "icon-192.png": (192, 1),
    "icon-512.png": (512, 1),
    "icon-maskable.png": (512, 0.56),
}
"""The side of each in pixels, and the part of it that the drawing fills: what fills less stands on paper.

Only a circle of 80 % of a maskable icon's side is sure to be seen; a square in it has 56 %.
"""
FAVICON_SIDE = 32


class NoIcon(WordedError):
    """The icon of site.toml can't be used."""


def framed(svg: str, side: int, part: float, paper: str = PAPER) -> str:
    """The drawing in a square of that side, filling that part of it, on paper if it leaves anything free."""
    data = base64.b64encode(svg.encode()).decode()
    inset, inner = side * (1 - part) / 2, side * part
    ground = f'<rect width="{side}" height="{side}" fill="{paper}"/>' if part < 1 else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}">{ground}'
        f'<image href="data:image/svg+xml;base64,{data}" x="{inset}" y="{inset}" width="{inner}" height="{inner}"/>'
        "</svg>"
    )


def manifest(facts: Facts) -> dict[str, Any]:
    """The content of manifest.webmanifest."""
    return {
        "name": f"{facts.title} – {facts.organisation}",
        "short_name": facts.title,
        "description": facts.subtitle,
        "lang": facts.language,
        "start_url": "/",
        "scope": "/",
        "display": "minimal-ui",
        "background_color": facts.colours.get("paper", PAPER),
        "theme_color": facts.colours.get("paper", PAPER),
        "icons": [_entry(name) for name in FILES if name.startswith("icon-")],
    }


def _entry(name: str) -> dict[str, str]:
    side, part = FILES[name]
    purpose = "any" if part == 1 else "maskable"
    return {"src": f"/{name}", "sizes": f"{side}x{side}", "type": "image/png", "purpose": purpose}


def drawing(settings: Mapping[str, Any]) -> str:
    """The SVG that all icons are made from; NoIcon where site.toml names one that can't be read."""
    facts = settings["FACTS"]
    own = Path(settings["PATH"], facts.icon) if facts.icon else Path(settings["THEME"], "static", "icon.svg")
    try:
        return coloured(own.read_text(encoding="utf-8"), facts.colours)
    except OSError as error:
        raise _not_drawn(settings, error.strerror) from None
    except UnicodeDecodeError as error:
        raise _not_drawn(settings, error) from None


def _not_drawn(settings: Mapping[str, Any], why: object) -> NoIcon:
    message = '%(site)s: "icon" must name an SVG in content/; "%(icon)s" can\'t be drawn (%(why)s)'
    return NoIcon(message, site=settings["SITE"], icon=settings["FACTS"].icon, why=why)


def icon_files(settings: Mapping[str, Any]) -> Iterator[tuple[str, bytes]]:
    """The name and content of each icon, drawn anew only when the SVG is another."""
    svg, folder = drawing(settings), Path(settings["DATA"], "icons")
    paper = settings["FACTS"].colours.get("paper", PAPER)
    try:
        for name, (side, part) in FILES.items():
            mark = key(svg, f"{paper} {side} {part}")
            yield name, kept(folder / f"{mark}.png", partial(_icon, svg, side, part, paper))
        yield "favicon.ico", kept(folder / f"{key(svg)}.ico", partial(_favicon, svg))
    except ValueError as error:
        raise _not_drawn(settings, error) from None
    if settings["FACTS"].icon:
        yield ADDRESS.lstrip("/"), svg.encode()


def _icon(svg: str, side: int, part: float, paper: str = PAPER) -> bytes:
    draw(svg, FAVICON_SIDE, FAVICON_SIDE)  # inside another drawing a broken one is left out in silence
    return draw(framed(svg, side, part, paper), side, side)


def _favicon(svg: str) -> bytes:
    from PIL import Image

    made = io.BytesIO()
    with Image.open(io.BytesIO(_icon(svg, FAVICON_SIDE, 1))) as image:
        image.save(made, "ICO", sizes=[image.size])
    return made.getvalue()


def _begin(pelican: Pelican) -> None:
    """Drawing takes as long as all else in a small build."""
    settings = pelican.settings
    if not (Path(settings["DATA"]) / "icons").is_dir():
        settings["ICONS"] = beside(settings, partial(_try, settings))


def _try(settings: Mapping[str, Any]) -> None:
    """Draw what there is to draw; whoever writes it tells why it can't be drawn."""
    with contextlib.suppress(NoIcon):
        list(icon_files(settings))


def _write(pelican: Pelican) -> None:
    if begun := pelican.settings.pop("ICONS", None):
        with contextlib.suppress(HelperFault):  # then it is drawn below
            begun.answer()
    output = Path(pelican.output_path)
    for name, data in icon_files(pelican.settings):
        (output / name).write_bytes(data)
    text = json.dumps(manifest(pelican.settings["FACTS"]), ensure_ascii=False, indent=1) + "\n"
    (output / "manifest.webmanifest").write_text(text, encoding="utf-8")


def register() -> None:
    """Called by Pelican; after plugins.check, as nothing is drawn for a site that can't be built."""
    signals.initialized.connect(_begin)
    signals.finalized.connect(_write)

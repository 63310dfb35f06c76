"""The site's icon: one SVG, the theme's or the organisation's own, that every smaller and larger one is made from."""

import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from markupsafe import Markup

from common.facts import Facts

ADDRESS = "/icon.svg"
"""Where an organisation's own icon is read; the theme's is small enough to travel inside the page."""
_COLOUR = re.compile(r'(<svg\b[^>]*?\bcolor=")[^"]*(")')
_HEX = re.compile(r"#(?:[0-9a-fA-F]{3}){1,2}")
_AS_IT_IS = "!$()*+,-./:;=?@~'"
"""What a data: URI in double quotes may hold as it is (URL standard, and no & for HTML)."""


def icon_address(facts: Facts, theme: Path) -> Markup:
    """What pages name as their icon: a data: URI, which costs no request, or the address of the organisation's.

    It is ready for an attribute in double quotes.
    """
    if facts.icon:
        return Markup(ADDRESS)
    drawing = coloured((theme / "static" / "icon.svg").read_text(encoding="utf-8"), facts.colours)
    return Markup("data:image/svg+xml," + quote(drawing.strip().replace('"', "'"), safe=_AS_IT_IS))


def coloured(drawing: str, colours: Mapping[str, str]) -> str:
    """The drawing with the organisation's accent for its currentColor, where it has a `color` to begin with."""
    accent = colours.get("accent", "")
    return _COLOUR.sub(rf"\g<1>{accent}\2", drawing, count=1) if _HEX.fullmatch(accent) else drawing

"""Where a picture named in a text lies, and how large it is."""

from functools import lru_cache
from pathlib import Path
from urllib.parse import unquote, urlsplit
from xml.parsers import expat

RASTER = frozenset({".jpg", ".jpeg", ".png", ".webp", ".avif", ".gif"})
"""What is made into pictures for the site, by the ends of file names."""
_OTHERS = {".jpe", ".jfif", ".apng", ".tif", ".tiff", ".bmp", ".heic", ".heif", ".jp2", ".jxl", ".psd", ".dng", ".raw"}
DECORATIVE = "decorative"
"""The class that marks a picture as saying nothing: ![](/images/x.jpg){.decorative}."""
NOT_SHOWN = frozenset(_OTHERS)
"""What browsers don't show. It is never published: such files tell where and with what they were made."""
_SVG_START_BYTES = 16_384


class _Found(Exception):
    """Carries the attributes of an SVG's outermost element out of the parser."""


def picture_file(address: str, content: Path, beside: Path) -> Path | None:
    """The file that `/images/x.svg` or `{static}…` means; None for an address outside content/.

    A path without a slash in front is relative to `beside`, the text that names it.
    """
    path = unquote(urlsplit(address).path)
    if path.startswith(("{static}", "{attach}")):
        path = path[len("{static}") :]
        file = content / path.lstrip("/") if path.startswith("/") else beside.parent / path
    elif path.startswith("/images/") and not urlsplit(address).netloc:
        file = content / path.lstrip("/")
    else:
        return None
    file = file.resolve()
    return file if file.is_relative_to(content.resolve()) else None


def is_raster(file: Path) -> bool:
    """Whether a file is made of pixels, by its name, and so never published as it is."""
    return file.suffix.lower() in RASTER | NOT_SHOWN


def drawing_size(file: Path) -> tuple[int, int] | None:
    """Width and height of an SVG in CSS pixels; None where the file doesn't tell, or is no SVG."""
    try:
        state = file.stat()
    except OSError:
        return None
    return _svg_size(file, state.st_mtime_ns) if file.suffix.lower() == ".svg" else None


@lru_cache(maxsize=1024)
def _svg_size(file: Path, _changed: int) -> tuple[int, int] | None:
    root = svg_root(file)
    width, height = _pixels(root.get("width", "")), _pixels(root.get("height", ""))
    if not (width and height):
        box = root.get("viewBox", "").replace(",", " ").split()
        width, height = (_pixels(box[2]), _pixels(box[3])) if len(box) == 4 else (None, None)
    return (round(width), round(height)) if width and height else None


def svg_root(file: Path) -> dict[str, str]:
    """The attributes of an SVG's outermost element, without reading on; {} when it is no SVG.

    Entities are refused: a small file may else unfold to gigabytes (CWE-776).
    """

    def start(name: str, attributes: dict[str, str]) -> None:
        raise _Found(attributes if name.rpartition(":")[2] == "svg" else {})

    def refuse(*_declaration: object) -> None:
        raise _Found({})

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.EntityDeclHandler = refuse
    try:
        with file.open("rb") as opened:
            parser.Parse(opened.read(_SVG_START_BYTES), False)
    except _Found as found:
        return dict(found.args[0])
    except (OSError, expat.ExpatError):
        pass
    return {}


def _pixels(length: str) -> float | None:
    try:
        value = float(length.strip().removesuffix("px"))
    except ValueError:
        return None
    return value if 0 < value < 100_000 else None

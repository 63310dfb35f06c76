"""Where a picture named in a text lies, and how large it is."""

import re
import unicodedata
from functools import lru_cache
from pathlib import Path
from urllib.parse import unquote, urlsplit
from xml.parsers import expat

RASTER = frozenset({".jpg", ".jpeg", ".png", ".webp", ".avif", ".gif"})
"""What is made into pictures for the site, by the ends of file names."""
DECORATIVE = "decorative"
"""The class that marks a picture as saying nothing: ![](/images/x.jpg){.decorative}."""
NOT_SHOWN = frozenset({".tif", ".tiff", ".bmp", ".heic", ".heif", ".jp2", ".jxl", ".psd"})
"""What browsers don't show. It is never published either: such files tell where and with what they were made."""
_BEGINNING = re.compile(
    rb"\xff\xd8\xff|\x89PNG|GIF8|RIFF....WEBP|II\*\0|MM\0\*|....ftyp(?:avif|avis|heic|heix|mif1|msf1)", re.DOTALL
)
"""How JPEG, PNG, GIF, WebP, TIFF (and what cameras call raw), AVIF and HEIC begin, whatever the file is called."""
_SVG_START_BYTES = 16_384


class _Found(Exception):
    """Carries the attributes of an SVG's outermost element out of the parser."""


def picture_file(address: str, content: Path, beside: Path) -> Path | None:
    """The file that `/images/x.svg` or `{static}…` means; None for an address outside content/.

    A path without a slash in front is relative to `beside`, the text that names it.
    """
    if not is_address(address):
        return None
    path = unquote(urlsplit(address).path)
    if path.startswith(("{static}", "{attach}")):
        path = path[len("{static}") :]
        file = content / path.lstrip("/") if path.startswith("/") else beside.parent / path
    elif path.startswith("/images/") and not urlsplit(address).netloc:
        file = content / path.lstrip("/")
    else:
        return None
    try:
        file = on_disk(file).resolve()
        file.is_file()
    except (OSError, ValueError):  # a name that no disk can have
        return None
    inside = content / "images" if path.startswith("/images/") else content
    return file if file.is_relative_to(inside.resolve()) and file.suffix != ".md" else None


def is_address(target: str) -> bool:
    """Whether it can be split into its parts; of what is in brackets only IP addresses can be hosts (RFC 3986)."""
    try:
        _port = urlsplit(target).port
    except ValueError:
        return False
    return True


def is_file(path: Path) -> bool:
    """Whether there is a file; also where no disk can have the name."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def on_disk(path: Path) -> Path:
    """The path as the disk has it: å may be one character in its names (NFC), or a and a ring (NFD)."""
    if str(path).isascii() or path.exists():
        return path
    for form in ("NFC", "NFD"):
        other = Path(unicodedata.normalize(form, str(path)))
        if other.exists():
            return other
    return path


def is_raster(file: Path) -> bool:
    """Whether a file is made of pixels, by its name or its beginning, and so never published as it is."""
    return file.suffix.lower() in RASTER | NOT_SHOWN or bool(_BEGINNING.match(_beginning(file)))


def is_shown(file: Path) -> bool:
    """Whether a file is one that pictures for the site can be made of, by its name."""
    return file.suffix.lower() in RASTER


def _beginning(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(16)
    except OSError:
        return b""


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

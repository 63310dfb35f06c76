"""Pictures that the build draws from SVG, each drawn once and kept in DATA under a name made from all it holds."""

import contextlib
import hashlib
import io
import os
from collections.abc import Callable
from functools import lru_cache
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

FONTS = ("SourceSerifPro-Semibold.otf", "SourceSerifPro-Regular.otf")
"""The only fonts that a drawing can use, so that it is the same on every machine."""
_PALETTE = 128


def draw(svg: str, width: int, height: int) -> bytes:
    """A drawing as PNG of that size in pixels; ValueError where it is no SVG."""
    import resvg_py  # most builds find everything drawn already

    return resvg_py.svg_to_bytes(
        svg_string=svg,
        width=width,
        height=height,
        skip_system_fonts=True,
        font_files=[str(font_file(name)) for name in FONTS],
    )


def few_colours(png: bytes) -> bytes:
    """The same picture without transparency, in at most 128 colours: less than half the bytes."""
    from PIL import Image

    with Image.open(io.BytesIO(png)) as image:
        small = image.convert("RGB").quantize(_PALETTE, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    made = io.BytesIO()
    small.save(made, "PNG")
    return made.getvalue()


def font_file(name: str) -> Path:
    """Where one of FONTS lies."""
    return Path(str(files("font_source_serif_pro").joinpath("files", name)))


def key(*parts: str | bytes) -> str:
    """A short name for what is made from these parts by this version of the renderer (64 bits of SHA-256)."""
    mark = hashlib.sha256(_renderer())
    for part in parts:
        data = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        mark.update(b"%d:" % len(data) + data)
    return mark.hexdigest()[:16]


@lru_cache
def _renderer() -> bytes:
    names = ("resvg-py", "font-source-serif-pro", "Pillow")
    return " ".join(version(name) for name in names).encode()


def kept(file: Path, make: Callable[[], bytes]) -> bytes:
    """What lies in the file; where there is none it is made and put there in one step, if that can be done."""
    with contextlib.suppress(OSError):
        if data := file.read_bytes():
            return data
    data = make()
    fresh = file.with_name(f"{file.name}.{os.getpid()}.new")
    with contextlib.suppress(OSError):  # then it is made again the next time
        file.parent.mkdir(parents=True, exist_ok=True)
        fresh.write_bytes(data)
        fresh.replace(file)
    return data

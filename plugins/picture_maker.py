"""Makes all that is published of one raster picture.

    python -m plugins.picture_maker ORIGINAL FOLDER KIND DIGEST THREADS

FOLDER, which must not exist, gets the pictures as WIDTH.SUFFIX and card.json, which tells of them, or of the fault
that keeps the picture from being shown. The same original gives the same bytes, on however many threads.
"""

import json
import resource
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image, ImageOps

from plugins.picture_cleaning import PictureFault, clean, clean_frames, file_format, frame_count, open_picture
from plugins.renditions import PORTRAITS, WIDTHS, picture_digest

AVIF = {"quality": 50, "speed": 6, "max_threads": 1}
AVIF_DRAWN = {**AVIF, "quality": 60, "subsampling": "4:4:4"}
"""For what is drawn, or holds words: thin coloured lines keep their colour, for a fifth more bytes."""
WEBP = {"quality": 75, "method": 4}
JPEG = {"quality": 78, "progressive": True, "optimize": True}
SETTINGS: dict[str, dict[str, Any]] = {"avif": AVIF, "webp": WEBP, "jpg": JPEG, "png": {"optimize": True}}
FORMATS = {"JPEG": ("avif", "webp", "jpg"), "PNG": ("avif", "webp", "png"), "GIF": ("avif", "webp", "png")}
FORMAT_NAMES = {"avif": "AVIF", "webp": "WEBP", "jpg": "JPEG", "png": "PNG"}
DRAWN = ("PNG", "GIF")
MODERN = ("avif", "webp")
"""Of an original that is one of them itself."""
HIGHEST = 16_383
"""The most pixels that WebP allows."""
MOVING_WIDTH = 640
MOVING, OWN_GIF = "moving.webp", "own.gif"
MOST_MOVING_BYTES = 3_000_000
MEMORY_BYTES = 4 << 30


@dataclass(frozen=True)
class Work:
    """One file to write: its name, and what writes it."""

    name: str
    write: Callable[[Path], None]


def make(original: Path, folder: Path, kind: str, digest: str, threads: int) -> None:
    """Fill the folder; what goes wrong but for the picture's own faults is an exception."""
    data = original.read_bytes()
    if picture_digest(data, kind, original.suffix) != digest:
        raise SystemExit(f"{original} was changed meanwhile")
    folder.mkdir(parents=True)
    try:
        table, works = plan(data, original.name, kind)
        _write_all(works, folder, threads)
        _check_weight(folder / "moving.webp", original.name)
    except PictureFault as fault:
        table = {"fault": fault.message, "values": fault.values}
    (folder / "card.json").write_text(json.dumps(table, ensure_ascii=False, sort_keys=True), encoding="utf-8")


def plan(data: bytes, name: str, kind: str) -> tuple[dict[str, Any], list[Work]]:
    """What the card tells of the picture, and the files to write; kind is "letter" or "portrait"."""
    image = open_picture(data, name)
    base = clean(image, name, max(WIDTHS))
    if kind == "portrait":
        base = ImageOps.fit(base, (min(base.size), min(base.size)))
    widths = chosen_widths(base.width, base.height, PORTRAITS if kind == "portrait" else WIDTHS)
    formats = FORMATS.get(file_format(image), MODERN)
    drawn = file_format(image) in DRAWN
    works = [_still(base, width, suffix, drawn) for suffix in formats for width in reversed(widths)]
    table = {"widths": widths, "formats": formats, "width": widths[-1], "height": _height(base, widths[-1])}
    moves = kind == "letter" and frame_count(image) > 1
    own = _own_name(file_format(image), moves, widths[-1])
    if moves:
        works += _moving(image, name)
    elif own == OWN_GIF:
        works.append(Work(own, lambda path: base.quantize().save(path, "GIF")))
    return {**table, "own": own, "moving": MOVING if moves else ""}, works


def chosen_widths(width: int, height: int, standard: tuple[int, ...]) -> list[int]:
    """The standard widths below a picture's own, and its own or the widest of them."""
    most = min(width, max(standard), max(1, HIGHEST * width // height))
    return [one for one in standard if one < most] + [most]


def _height(base: Image.Image, width: int) -> int:
    return max(1, round(base.height * width / base.width))


def _own_name(format_: str, moves: bool, widest: int) -> str:
    """Which file is published at the original's address: one of the same format."""
    if format_ == "GIF":
        return OWN_GIF
    suffix = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp", "AVIF": "avif"}[format_]
    return MOVING if moves else f"{widest}.{suffix}"


# What is saved is always a copy: Pillow writes the settings into the picture, where another thread would read them.


def _still(base: Image.Image, width: int, suffix: str, drawn: bool) -> Work:
    settings = AVIF_DRAWN if drawn and suffix == "avif" else SETTINGS[suffix]

    def write(path: Path) -> None:
        size = width, _height(base, width)
        resized = base.copy() if size == base.size else base.resize(size, Image.Resampling.LANCZOS)
        resized.save(path, FORMAT_NAMES[suffix], **settings)

    return Work(f"{width}.{suffix}", write)


def _moving(image: Image.Image, name: str) -> list[Work]:
    """The picture that moves, as WebP, and as GIF for its own address where the original is one."""
    frames, durations = clean_frames(image, name, MOVING_WIDTH)
    first, rest = frames[0], frames[1:]
    settings: dict[str, Any] = {"save_all": True, "append_images": rest, "duration": durations, "loop": 0}
    works = [Work(MOVING, lambda path: first.copy().save(path, "WEBP", quality=60, method=3, **settings))]
    if file_format(image) == "GIF":
        works.append(Work(OWN_GIF, lambda path: first.copy().save(path, "GIF", **settings)))
    return works


def _write_all(works: list[Work], folder: Path, threads: int) -> None:
    with ThreadPoolExecutor(threads) as pool:
        for _done in pool.map(lambda work: work.write(folder / work.name), works):
            pass


def _check_weight(moving: Path, name: str) -> None:
    if moving.exists() and moving.stat().st_size > MOST_MOVING_BYTES:
        raise PictureFault(
            'the picture "%(picture)s" must be lighter: what moves takes %(size)d MB, and may take %(most)d. '
            "Make it smaller or shorter, or publish it as a film and link to that",
            picture=name,
            size=round(moving.stat().st_size / 1_000_000 + 0.5),
            most=MOST_MOVING_BYTES // 1_000_000,
        )


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    make(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], sys.argv[4], int(sys.argv[5]))

"""Publishes pictures: raster originals stay at home, with their EXIF, places and all; what was made of them goes out.

At an original's address stands its cleaned version, at most 1920 pixels wide, as long as a letter or page shows it
or links to it. A picture that no text uses is not published. Drawings (SVG) are published as they are.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from pelican import Pelican, signals
from pelican.generators import StaticGenerator

from plugins.picture_store import Album
from plugins.pictures import is_raster


def published_files(album: Album, content: Path) -> Iterator[tuple[Path, str]]:
    """Each file in the cache that is published, and its path on the site."""
    for one, card in album.cards.items():
        for name, path in card.files().items():
            yield album.folders[one] / name, path
        if one.kind == "letter":
            yield album.folders[one] / card.own, str(one.file.relative_to(content.resolve()))


def bring(source: Path, target: Path) -> None:
    """Put a file of the cache into the built site: the same file by another name where the disk can do that."""
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)
    try:
        os.link(source, target)
    except OSError:  # another disk, or one without such links
        shutil.copyfile(source, target)


def _keep_originals_at_home(generator: StaticGenerator) -> None:
    kept = [file for file in generator.staticfiles if not is_raster(Path(file.source_path))]
    generator.staticfiles = generator.context["staticfiles"] = kept


def _publish(pelican: Pelican) -> None:
    album: Album = pelican.settings["PICTURES"]
    output = Path(pelican.settings["OUTPUT_PATH"])
    for source, path in published_files(album, Path(pelican.settings["PATH"])):
        bring(source, output / path)


def register() -> None:
    """Called by Pelican."""
    signals.static_generator_finalized.connect(_keep_originals_at_home)
    signals.finalized.connect(_publish)

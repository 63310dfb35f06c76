"""Publishes pictures: raster originals stay at home, with their EXIF, places and all; what was made of them goes out.

At an original's address stands its cleaned version, at most 1920 pixels wide, as long as a letter or page shows it
or links to it. Drawings (SVG) and other files are published as they are. What no published text shows or links to is
not published at all: it may belong to a draft.
"""

import os
import shutil
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from pelican import Pelican, signals
from pelican.generators import PagesGenerator, StaticGenerator

from plugins.picture_store import Album
from plugins.pictures import is_file, is_raster


def published_files(album: Album, content: Path) -> Iterator[tuple[Path, str]]:
    """Each file in the cache that is published, and its path on the site."""
    for one, card in album.cards.items():
        for name, path in card.files().items():
            yield album.folders[one] / name, path
        if one.kind == "letter":
            yield album.folders[one] / card.own, _composed(str(one.file.relative_to(content.resolve())))


def _composed(path: str) -> str:
    """The path as texts write it, with å as one character, whichever system named the file."""
    return unicodedata.normalize("NFC", path)


def bring(source: Path, target: Path) -> None:
    """Put a file of the cache into the built site: the same file by another name where the disk can do that."""
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)
    try:
        os.link(source, target)
    except OSError:  # another disk, or one without such links
        shutil.copyfile(source, target)


def _leave_out_what_is_gone(generator: PagesGenerator) -> None:
    """Pelican stops at a {static} link to no file, which an older text in the preview may have (plugins.last_good)."""
    linked, content = generator.context["static_links"], Path(generator.settings["PATH"])
    generator.context["static_links"] = {path for path in linked if is_file(content / path)}


def _keep_originals_at_home(generator: StaticGenerator) -> None:
    used = generator.settings["USED_FILES"]
    files = ((file, Path(file.source_path).resolve()) for file in generator.staticfiles)
    kept = [file for file, path in files if path in used and not is_raster(path)]
    for file in (each for each in kept if not each.source_path.isascii()):
        file.override_save_as, file.override_url = _composed(file.save_as), _composed(file.url)
    generator.staticfiles = generator.context["staticfiles"] = kept


def _publish(pelican: Pelican) -> None:
    album: Album = pelican.settings["PICTURES"]
    output = Path(pelican.settings["OUTPUT_PATH"])
    for source, path in published_files(album, Path(pelican.settings["PATH"])):
        bring(source, output / path)


def register() -> None:
    """Called by Pelican."""
    signals.page_generator_finalized.connect(_leave_out_what_is_gone)
    signals.static_generator_finalized.connect(_keep_originals_at_home)
    signals.finalized.connect(_publish)

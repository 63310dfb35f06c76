"""What must be right in the pictures themselves; the check makes them ready too, as only that shows they are whole."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

from plugins.addresses import Addresses
from plugins.check_links import Link, inside, links
from plugins.drawings import drawing_faults, drawings
from plugins.picture_store import Album, Wanted, fill_album
from plugins.pictures import is_address, is_file, is_shown, picture_file
from plugins.sources import Source
from plugins.wording import Gettext

_MARKS = ("images/", "{static}", "{attach}", "|static|", "|attach|")


@dataclass(frozen=True)
class Use:
    """Where a picture or other file is shown or linked to: text and line, how it is written there, and the file."""

    path: Path
    line: int
    target: str
    wanted: Wanted


def used_files(source: Source, own: str, addresses: Addresses) -> Iterator[Use]:
    """The pictures and other files that a letter or page at the address `own` shows or links to, and that exist."""
    if not any(mark in source.body for mark in _MARKS):
        return
    for link in links(source.body):
        file = _file(link, source, own, addresses) if is_address(link.target) else None
        if file and is_file(file):
            line = source.body_line + source.body.count("\n", 0, link.offset)
            yield Use(source.path, line, link.target, Wanted(file))


def _file(link: Link, source: Source, own: str, addresses: Addresses) -> Path | None:
    target = inside(link.target, addresses.site).replace("|", "{", 1).replace("|", "}", 1)
    file = picture_file(target, addresses.content, source.path)
    if file is None and link.alt is None and not urlsplit(target).scheme and not target.startswith("{"):
        return picture_file(urljoin(own, unquote(urlsplit(target).path)), addresses.content, source.path)
    return file


def check_pictures(uses: list[Use], cache: Path, _: Gettext) -> tuple[Album, list[tuple[Use, str]]]:
    """Make every picture that can be shown, and tell of each use of one that can't why."""
    wanted = {use.wanted for use in uses if is_shown(use.wanted.file)}
    album = fill_album(wanted, cache)
    faulty = []
    for use in uses:
        if not is_shown(use.wanted.file):
            message = _(
                'the picture "%(picture)s" must be a JPEG, PNG, WebP, AVIF, GIF or SVG, as browsers show no other; '
                "save it anew as one of them"
            )
            faulty.append((use, message % {"picture": use.target}))
        elif fault := album.faults.get(use.wanted):
            faulty.append((use, _(fault.message) % {**fault.values, "picture": use.target}))
    return album, faulty


def check_drawings(content: Path, _: Gettext) -> Iterator[tuple[Path, int, str]]:
    """Faults in the drawings: each with its file, its line there, and "must …"."""
    for file in drawings(content):
        for line, message in drawing_faults(file, _):
            yield file, line, message

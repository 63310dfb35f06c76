"""What must be right about the files themselves, before any is read: names, and links of the file system."""

import os
import unicodedata
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from plugins.findings import Finding, short
from plugins.sources import is_wanted
from plugins.wording import Gettext

FOLDERS = ("letters", "pages", "images")


def check_files(settings: Mapping[str, Any], _: Gettext) -> Iterator[Finding]:
    """A finding for each link that leads out of CONTENT or to a folder, and for names that look the same or must not be
    a file's.
    """
    content = Path(settings["PATH"])
    for folder in (content / name for name in FOLDERS):
        if folder.is_file():
            yield Finding(str(folder), 1, _("must be a folder, not a file"))
    names: dict[str, Path] = {}
    for found, is_link in _everything(str(content), settings["IGNORE_FILES"]):
        if not is_link and found.isascii():
            continue
        path = Path(found)
        if is_link and (message := _leads_out(path, content.resolve(), _)):
            yield Finding(found, 1, message)
        if found.isascii():
            continue
        if not _is_utf8(found):
            yield Finding(found, 1, _("the name must be in UTF-8; rename the file"))
            continue
        other = names.setdefault(unicodedata.normalize("NFC", found), path)
        if other != path:
            message = _(
                "the name must differ from that of %(other)s, and does only in how å, ä, ö and the like are encoded; "
                "rename or remove one of them"
            )
            yield Finding(str(path), 1, message % {"other": short(str(other))})


def _everything(folder: str, ignored: list[str]) -> Iterator[tuple[str, bool]]:
    """All that lies below a folder, and whether it is a link; as thousands of letters may, a Path is made of none."""
    try:
        with os.scandir(folder) as entries:
            found = sorted((entry for entry in entries if is_wanted(entry.name, ignored)), key=lambda entry: entry.name)
    except OSError:  # then whoever reads it says so
        return
    yield from ((entry.path, entry.is_symlink()) for entry in found)
    for entry in found:
        if entry.is_dir(follow_symlinks=False):
            yield from _everything(entry.path, ignored)


def _is_utf8(path: str) -> bool:
    try:
        path.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _leads_out(path: Path, content: Path, _: Gettext) -> str:
    """Whatever it leads to could be published: a password, or a folder that holds itself."""
    try:
        target = path.resolve()
    except RuntimeError:  # a link that leads back to itself
        return _("must be a file of its own, not a link to itself")
    if not target.is_relative_to(content):
        message = _('must be a file of its own, not a link out of CONTENT to "%(target)s"; copy the file here')
    elif path.is_dir():
        message = _('must be a folder of its own, not a link to "%(target)s"')
    else:
        return ""
    return message % {"target": path.readlink()}

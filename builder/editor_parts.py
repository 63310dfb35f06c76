"""The files of Sveltia CMS and its fonts, from the packages of deploy/npm: nothing is loaded from another host."""

import json
from pathlib import Path
from typing import Any

from builder.places import ROOT
from plugins.wording import Gettext

NPM = ROOT / "deploy/npm/node_modules"
SCRIPT = NPM / "@sveltia/cms/dist/sveltia-cms.js"
HOSTS = {b"https://unpkg.com/": b"/redigera/npm/", b"https://cdn.jsdelivr.net/fontsource/fonts/": b"/redigera/fonts/"}
"""Where the editor would load its parts from, and what it asks instead."""


def installed() -> bool:
    """Whether deploy/npm/install has been run."""
    return SCRIPT.is_file()


def part(file: Path) -> bytes | None:
    """A file of the editor that asks this machine for all it needs; None where there is no such file."""
    if not file.is_file():
        return None
    data = file.read_bytes()
    for host, here in HOSTS.items():
        data = data.replace(host, here)
    return data


def chunk(name: str) -> Path:
    """A part of the script that is loaded when it is needed."""
    return _below(SCRIPT.parent / "chunks", name)


def packaged(name: str) -> Path:
    """The file that `@scope/package@version/path` names; the version is the one of the lock, whatever is asked."""
    scope, _slash, rest = name.partition("/")
    package, _slash, path = rest.partition("/")
    return _below(NPM, f"{scope}/{package.partition('@')[0]}/{path}")


def font(package: str, name: str) -> Path:
    """A font by its address at Fontsource: `family@version` or, with all its weights, `family:vf@version`."""
    family, variable, _version = package.partition("@")[0].partition(":vf")
    scope = "@fontsource-variable" if variable else "@fontsource"
    return _below(NPM, f"{scope}/{family}/files/{family}-{name}")


def language_file(name: str, _: Gettext) -> bytes | None:
    """The editor's own sentences in a language; those that nobody has translated yet come from our catalogue."""
    data = part(packaged(name))
    if data is None:
        return None
    return json.dumps(_filled(json.loads(data), _late(_)) | _plainer(_), ensure_ascii=False).encode()


def _below(folder: Path, name: str) -> Path:
    """The file of that name below a folder, one that is not there where the name leads out of it (CWE-22)."""
    file = folder.joinpath(name).resolve() if "\0" not in name else folder / "none"
    return file if file.is_relative_to(folder.resolve()) else folder / "none"


def _filled(table: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    """The table with what it lacks of another."""
    both = {key: _filled(table[key], more[key]) for key in table.keys() & more.keys() if isinstance(more[key], dict)}
    return more | table | both


def _plainer(_: Gettext) -> dict[str, str]:
    """Words that a writer understands: all assets of ours are pictures, and what fails here has reasons of its own."""
    kept = _("Nothing was removed: what git does not have as it is now would be lost. Commit it first.")
    return {
        "assets": _("Pictures"),
        "global_assets": _("Pictures"),
        "all_assets": _("All pictures"),
        "upload_assets": _("Upload pictures"),
        "uploading_files_failed": _(
            "The picture was not saved. JPEG, PNG, WebP, AVIF, GIF and SVG up to 40 MB can be."
        ),
        "deleting_entry_failed": kept,
        "deleting_assets_failed": kept,
    }


def _late(_: Gettext) -> dict[str, Any]:
    """Sentences that a writer meets and that Sveltia CMS 0.221 has in English only."""
    return {
        "file_unavailable": _("Can't be shown"),
        "file_unavailable_description": _("This file can't be loaded. It may have been moved or removed."),
        "folder_path": _("Folder path"),
        "folder_contents": _("What it holds"),
        "show_errors": _("Show what is wrong"),
        "save_conflict": {
            "title": _("Changed elsewhere meanwhile"),
            "modified": _("This text was changed outside the form after you opened it."),
            "deleted": _("This text was removed after you opened it."),
            "overwrite_warning": _(
                "If you save now, what you changed is put beside it. Where both changed the text itself, nothing is "
                "saved, and yours is still here."
            ),
            "recreate_warning": _("If you save now, it is there again."),
            "save_anyway": _("Save all the same"),
        },
        "remote_change": {
            "reload_entry": _("Fetch the new text"),
            "confirm_reloading_entry": _("Fetch the new text? What you have written here and not saved is lost."),
        },
        "entry_sidebar": {
            "slug": {
                "title": _("File name"),
                "generated_on_save": _("The file gets its name when it is saved for the first time."),
                "unavailable": _("This text has no file name."),
            }
        },
    }

"""The file of a backup: a zip archive with a manifest and the database's content, whose checksum it holds."""

import hashlib
import json
import lzma
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import IO, Any

from comments.moderation import Refused

FORMAT = 1
MANIFEST = "manifest.json"
CONTENTS = {"sqlite": "comments.db", "postgresql": "comments.dump"}
"""The content's name in the archive, by kind of database: a copy of the file, or pg_dump's custom format."""

LARGEST_MANIFEST = 64 * 1024
CHUNK = 1024 * 1024
LEVEL = 1  # of compression: a database shrinks to a third as it does at level 6, in a third of the time

BROKEN = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    KeyError,
    NotImplementedError,
    OverflowError,
    RuntimeError,
    ValueError,
)
"""What Python says of an archive that is cut off or has wrong bytes in it."""

Progress = Callable[[int], Any]


@dataclass(frozen=True)
class Manifest:
    """What a backup holds: `version` of the schema, `rows` and `head` of the ledger, size in bytes, checksum.

    `fault` is what was wrong with the ledger when the backup was made, as `verify` says it.
    """

    format: int
    made: str
    database: str
    version: str
    rows: int
    head: str
    size: int
    sha256: str
    fault: str = ""


def pack(path: Path, content: Path, facts: dict[str, Any], progress: Progress) -> Manifest:
    """Write an archive; `facts` are the manifest's but size, checksum and format, which this finds out."""
    digest, size = hashlib.sha256(), 0
    method = zipfile.ZIP_DEFLATED if facts["database"] == "sqlite" else zipfile.ZIP_STORED  # pg_dump has compressed it
    with zipfile.ZipFile(path, "x", method, compresslevel=LEVEL) as archive:
        name = CONTENTS[facts["database"]]
        with content.open("rb") as file, archive.open(name, "w", force_zip64=True) as member:
            while chunk := file.read(CHUNK):
                member.write(chunk)
                digest.update(chunk)
                size += len(chunk)
                progress(len(chunk))
        manifest = Manifest(format=FORMAT, size=size, sha256=digest.hexdigest(), **facts)
        archive.writestr(MANIFEST, json.dumps(asdict(manifest), indent=1) + "\n")
    return manifest


def read(path: Path) -> Manifest:
    """The manifest of a backup; Refused where the file is none, is broken, or of a newer format."""
    try:
        with zipfile.ZipFile(path) as archive, archive.open(MANIFEST) as file:
            given = json.loads(file.read(LARGEST_MANIFEST))
    except FileNotFoundError:
        raise Refused(f"{path}: there is no such file") from None
    except OSError as error:
        raise Refused(f"{path}: must be a file that can be read ({error.strerror or error})") from None
    except BROKEN:
        raise Refused(f"{path}: must be a whole file that the command backup made") from None
    if not isinstance(given, dict) or not isinstance(given.get("format"), int):
        raise Refused(f"{path}: must be a file that the command backup made")
    if given["format"] > FORMAT:
        raise Refused(f"{path}: was made by a newer program (format {given['format']}): install that to restore it")
    return _checked(path, given)


def _checked(path: Path, given: dict[str, Any]) -> Manifest:
    kinds = {each.name: each.type for each in fields(Manifest)}
    given = {"fault": "", **given}
    right = given.keys() >= kinds.keys() and all(isinstance(given[name], kinds[name]) for name in kinds)  # type: ignore[arg-type]
    # The hash goes into a statement.
    if not right or given["database"] not in CONTENTS or not re.fullmatch(r"[0-9a-f]{64}", given["head"]):
        raise Refused(f"{path}: its manifest must be as the command backup writes it")
    return Manifest(**{name: given[name] for name in kinds})


def unpack(path: Path, manifest: Manifest, target: IO[bytes] | None, progress: Progress) -> None:
    """Write the content to `target`, or only read it; Refused where it is not what the manifest says."""
    digest, size = hashlib.sha256(), 0
    for chunk in _chunks(path, CONTENTS[manifest.database]):
        digest.update(chunk)
        size += len(chunk)
        if size > manifest.size:
            break
        if target:
            target.write(chunk)
        progress(len(chunk))
    if (size, digest.hexdigest()) != (manifest.size, manifest.sha256):
        raise Refused(f"{path}: is damaged: its content does not have the checksum it had when it was made")


def _chunks(path: Path, name: str) -> Iterator[bytes]:
    """The content as far as it can be read."""
    try:
        with zipfile.ZipFile(path) as archive, archive.open(name) as member:
            while chunk := member.read(CHUNK):
                yield chunk
    except (*BROKEN, OSError):
        return

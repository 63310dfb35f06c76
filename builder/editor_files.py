"""The working copy that the editor at /redigera/ writes into: which files it may touch, and how it does."""

import errno
import hashlib
import os
import re
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from common.language import marked as _
from plugins.wording import WordedError

PICTURES = (".jpg", ".jpeg", ".png", ".webp", ".avif", ".gif", ".svg")
ENDINGS = {"letters": (".md",), "pages": (".md",), "images": PICTURES}
"""The folders of the content with the endings of the files that the editor sees there."""
LETTER_BYTES = 1_000_000
PICTURE_BYTES = 40_000_000
_NEW_TEXT = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*(?:\.[a-z]{2,3})?\.md")
_NEW_PICTURE = re.compile(r"[a-z0-9]+(?:[-_.]+[a-z0-9]+)*")
_CONTROL = re.compile(r"[\0-\x1f\x7f\\]")


class NotDone(WordedError):
    """What the editor asked for is not done; `status` is the HTTP status that says so."""

    status = 422


class Changed(NotDone):
    """The file on the disk is not the one that the editor read."""

    status = 409


def listed(content: Path) -> Iterator[tuple[str, Path]]:
    """Every file that the editor may see, by its path inside `content`; symbolic links are left out."""
    for folder, endings in ENDINGS.items():
        for parent, folders, names in os.walk(content / folder):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for name in sorted(names):
                file = Path(parent, name)
                if name.lower().endswith(endings) and not name.startswith(".") and not file.is_symlink():
                    yield file.relative_to(content).as_posix(), file


def inside(content: Path, path: str) -> Path:
    """The file at a path inside `content`; NotDone where the editor has nothing to do (CWE-22)."""
    parts = path.split("/")
    wrong = any(part in ("", ".", "..") or part.startswith(".") or _CONTROL.search(part) for part in parts)
    if wrong or len(parts) < 2 or not parts[-1].lower().endswith(ENDINGS.get(parts[0], ())):
        raise NotDone('the editor has no file "%(path)s"', path=path)
    root = content.resolve()
    file = root.joinpath(*parts)
    if file.resolve() != file:  # a link leads elsewhere
        raise NotDone('the editor has no file "%(path)s"', path=path)
    return file


def new_file(content: Path, path: str) -> Path:
    """Where a new file is to be; its name must be one that fits in an address."""
    file = inside(content, path)
    rule = _NEW_PICTURE if path.startswith("images/") else _NEW_TEXT
    if not rule.fullmatch(file.name.lower() if path.startswith("images/") else file.name) or len(file.name) > 200:
        message = _('the file name "%(name)s" must hold only a-z, 0-9 and single hyphens; choose another')
        raise NotDone(message, name=file.name)
    if not file.parent.is_dir() and file.parent.parent != content.resolve():
        raise NotDone('there must be a folder "%(folder)s"', folder=file.parent.name)
    return file


def read(file: Path) -> bytes:
    """What a file holds; NotDone where it can't be read."""
    try:
        return file.read_bytes()
    except FileNotFoundError:
        raise Changed(
            '"%(name)s" is not there any more; copy your text, then load the page again', name=file.name
        ) from None
    except OSError as error:
        raise NotDone('"%(name)s" can\'t be read (%(why)s)', name=file.name, why=error.strerror) from None


def mark(data: bytes) -> str:
    """The hash by which it shows that a file is the one that was read."""
    return hashlib.sha256(data).hexdigest()[:40]


def read_unchanged(file: Path, sha: str) -> bytes:
    """What a file holds when that has the hash `sha`; Changed when somebody has written it since."""
    data = read(file)
    if mark(data) != sha:
        message = (
            '"%(name)s" was changed outside this form since you opened it; copy your text, then load the page again'
        )
        raise Changed(message, name=file.name)
    return data


def check_size(path: str, data: bytes) -> None:
    """NotDone when a letter or a picture is larger than any that a writer means."""
    most = PICTURE_BYTES if path.startswith("images/") else LETTER_BYTES
    if len(data) > most:
        message = _('"%(path)s" must be at most %(most)d MB')
        raise NotDone(message, path=path, most=most // 1_000_000)


def create(file: Path, data: bytes) -> None:
    """Write a new file in one step; a file that is there is never written over."""
    try:
        file.parent.mkdir(exist_ok=True)
        fresh = _written_beside(file, data)
        try:
            os.link(fresh, file)
        finally:
            fresh.unlink()
    except FileExistsError:
        raise Changed(_('there is already a file "%(name)s"; choose another name'), name=file.name) from None
    except OSError as error:
        raise _not_written(file, error) from None


def replace(file: Path, data: bytes) -> None:
    """Write a file anew in one step, with the permissions it had."""
    try:
        fresh = _written_beside(file, data, file.stat().st_mode & 0o777)
        fresh.replace(file)
    except OSError as error:
        raise _not_written(file, error) from None


def check_kept(file: Path, data: bytes) -> None:
    """NotDone unless git has these very bytes of a file in its last commit: then nothing is lost when it goes."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    command = ["git", "-C", str(file.parent), "show", f"HEAD:./{file.name}"]
    try:
        kept = subprocess.run(command, capture_output=True, env=environment, check=False)  # noqa: S603
    except OSError:
        kept = None
    if kept is None or kept.returncode or kept.stdout != data:
        message = _('"%(name)s" is not in git as it is now, and would be lost; commit it first, then remove it')
        raise NotDone(message, name=file.name)


def remove(file: Path) -> None:
    """Take a file away."""
    try:
        file.unlink()
    except OSError as error:
        raise _not_written(file, error) from None


def _written_beside(file: Path, data: bytes, mode: int = 0o644) -> Path:
    """A finished file with another name in the same folder; the watcher looks past names that begin with a dot."""
    handle, name = tempfile.mkstemp(prefix=f".{file.name[:60]}.", suffix=".tmp", dir=file.parent)
    fresh = Path(name)
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        fresh.chmod(mode)
    except OSError:
        fresh.unlink(missing_ok=True)
        raise
    return fresh


def _not_written(file: Path, error: OSError) -> NotDone:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        message = _(
            'the disk is full, so "%(name)s" was not saved; your text is still here: make room, then save again'
        )
        return NotDone(message, name=file.name)
    message = _('"%(name)s" was not saved (%(why)s); your text is still here')
    return NotDone(message, name=file.name, why=error.strerror)

"""The part of Gitea's API that Sveltia CMS uses, over the working copy instead of a repository.

Sveltia asks for the list of files with a hash of each, for the texts of letters and pages, and sends what is saved with
the hash of what it had read (https://docs.gitea.com/api/, "Modify multiple files in a repository"). A letter travels
as the JSON of its form (builder.editor_letter).
"""

import base64
import binascii
import json
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from builder import editor_files as files
from builder.editor_files import NotDone
from builder.editor_letter import changed, decoded, edits, made, shown
from builder.editor_versions import Versions
from common.language import marked as _
from plugins.sources import read_source
from plugins.wording import WordedError

Step = Callable[[], str]
BEGUN = "begun"
"""The key by which a form says which version of its letter it began with."""


class WorkingCopy:
    """Answers for the editor, from and to the folder `content`; `language` gives the site's."""

    def __init__(self, content: Path, language: Callable[[], str]) -> None:
        self.content = content
        self.language = language
        self._versions = Versions()
        self._lock = threading.Lock()
        self._marks: dict[Path, tuple[tuple[int, int, int], str]] = {}

    def tree(self) -> list[dict[str, Any]]:
        """Every file with its hash and its size in bytes; texts that are not UTF-8 are left to the check."""
        return [entry for path, file in files.listed(self.content) if (entry := self._entry(path, file))]

    def head(self) -> str:
        """One hash of all there is: it is another as soon as a file is."""
        return files.mark(json.dumps(self.tree()).encode())

    def texts(self, paths: list[str]) -> list[dict[str, str] | None]:
        """The forms of letters and pages, as Gitea gives files: in base64."""
        return [self._text(path) for path in paths]

    def file(self, path: str) -> bytes:
        """A file as it lies on the disk."""
        return files.read(files.inside(self.content, path))

    def save(self, changes: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """Write, move or remove some files, all of them or, when one is refused, none."""
        with self._lock:
            pictures_first = sorted(range(len(changes)), key=lambda at: not _path(changes[at]).startswith("images/"))
            steps = {at: self._step(changes[at]) for at in pictures_first}
            marks = {at: step() for at, step in steps.items()}
        saved = [{"path": _path(change), "sha": marks[at]} for at, change in enumerate(changes)]
        return {"commit": {"sha": self.head(), "created": datetime.now(UTC).isoformat()}, "files": saved}

    def _entry(self, path: str, file: Path) -> dict[str, Any] | None:
        try:
            state = file.stat()
            stamp = state.st_mtime_ns, state.st_size, state.st_ino
            if self._marks.get(file, (None,))[0] != stamp:
                if not path.startswith("images/"):
                    read_source(file, path.startswith("letters/"))
                self._marks[file] = stamp, files.mark(file.read_bytes())
        except (OSError, WordedError):
            return None
        return {"path": path, "type": "blob", "sha": self._marks[file][1], "size": state.st_size}

    def _text(self, path: str) -> dict[str, str] | None:
        try:
            file = files.inside(self.content, path)
            begun = self._versions.keep(files.read(file))
            source = read_source(file, path.startswith("letters/"))
        except WordedError:
            return None
        form = json.dumps(shown(source, self.language()) | {BEGUN: begun}, ensure_ascii=False)
        return {"path": path, "encoding": "base64", "content": base64.b64encode(form.encode()).decode()}

    def _step(self, change: Mapping[str, Any]) -> Step:
        """What is to be done for one change, after all that can be checked before has been."""
        match change.get("operation"), change.get("from_path"):
            case "create", _:
                return self._creation(change)
            case "update", None | "":
                return self._update(change)
            case "update", _:
                return self._move(change)
            case "delete", _:
                return self._removal(change)
        raise NotDone("the editor asked for something that is not known here")

    def _creation(self, change: Mapping[str, Any]) -> Step:
        path, sent = _path(change), _sent(change)
        file = files.new_file(self.content, path)
        data = sent if path.startswith("images/") else self._made(path, file, sent)
        files.check_size(path, data)
        if file.exists() and files.read(file) == data:  # saved before, but the answer was lost
            return lambda: files.mark(data)
        if file.exists():
            raise files.Changed(_('there is already a file "%(name)s"; choose another name'), name=file.name)
        return _doing(data, lambda: files.create(file, data))

    def _update(self, change: Mapping[str, Any]) -> Step:
        path, sent = _path(change), _sent(change)
        file = files.inside(self.content, path)
        before = files.read_unchanged(file, str(change.get("sha")))
        if path.startswith("images/"):
            files.check_kept(file, before)
        data = sent if path.startswith("images/") else self._changed(path, file, before, sent)
        files.check_size(path, data)

        def write() -> None:
            files.replace(file, data)
            self._remember(path, sent, data)

        return _doing(data, write)

    def _move(self, change: Mapping[str, Any]) -> Step:
        path, origin, sent = _path(change), str(change["from_path"]), _sent(change)
        before_file, file = files.inside(self.content, origin), files.new_file(self.content, path)
        before = files.read_unchanged(before_file, str(change.get("sha")))
        data = sent if path.startswith("images/") else self._changed(origin, file, before, sent)
        if file.exists() or Path(origin).parts[0] != Path(path).parts[0]:
            raise files.Changed(_('there is already a file "%(name)s"; choose another name'), name=file.name)

        def move() -> None:
            files.create(file, data)
            files.remove(before_file)
            self._remember(path, sent, data)

        return _doing(data, move)

    def _removal(self, change: Mapping[str, Any]) -> Step:
        file = files.inside(self.content, _path(change))
        before = files.read_unchanged(file, str(change.get("sha")))
        files.check_kept(file, before)
        return _doing(b"", lambda: files.remove(file))

    def _made(self, path: str, file: Path, sent: bytes) -> bytes:
        try:
            return made(file, path.startswith("letters/"), _form(sent), self.language())
        except WordedError as error:
            raise NotDone(error.message, **error.values) from None

    def _changed(self, path: str, file: Path, before: bytes, sent: bytes) -> bytes:
        """The letter with the edit; what was written elsewhere since the form was opened stays beside it."""
        form, is_letter, language = _form(sent), path.startswith("letters/"), self.language()
        begun = str(form.get(BEGUN, ""))
        then, said = self._versions.last(path, begun)
        try:
            edited = form
            if then is not None:
                was = decoded(then, file, is_letter)
                edited = edits(form, said or shown(was, language), was, decoded(before, file, is_letter))
            return changed(before, file, is_letter, edited, language)
        except UnicodeDecodeError:
            raise NotDone('"%(path)s" must be text in UTF-8; save it as that first', path=path) from None
        except WordedError as error:
            raise NotDone(error.message, **error.values) from None

    def _remember(self, path: str, sent: bytes, data: bytes) -> None:
        """Once it is on the disk, and not before: a form that failed to save is sent again as it is."""
        if not path.startswith("images/"):
            form = _form(sent)
            self._versions.saved(path, str(form.get(BEGUN, "")), form, data)


def _doing(data: bytes, act: Callable[[], None]) -> Step:
    def step() -> str:
        act()
        return files.mark(data)

    return step


def _path(change: Mapping[str, Any]) -> str:
    return str(change.get("path", ""))


def _sent(change: Mapping[str, Any]) -> bytes:
    try:
        return base64.b64decode(str(change.get("content", "")), validate=True)
    except binascii.Error:
        raise NotDone("what the editor sent can't be read") from None


def _form(sent: bytes) -> dict[str, Any]:
    try:
        form = json.loads(sent)
    except (ValueError, RecursionError):
        form = None
    if not isinstance(form, dict) or not all(map(_is_of_a_form, form.values())):
        raise NotDone("what the editor sent can't be read")
    return form


def _is_of_a_form(value: Any) -> bool:
    """Whether a field of the form can hold that: a text, a tick, a number, nothing, or several texts."""
    if isinstance(value, list):
        return all(isinstance(each, str) for each in value)
    return value is None or isinstance(value, str | bool | int | float)

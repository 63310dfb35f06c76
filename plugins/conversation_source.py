"""Where published conversations come from: a folder or an address, and behind it the last good copies."""

import http.client
import logging
import os
import stat
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from common.closures import FILE, Closure
from common.threads import published_name
from plugins.closures import read_closures
from plugins.published import Comment, read_conversation
from plugins.wording import Gettext, WordedError

logger = logging.getLogger(__name__)

ASKED_AT_ONCE = 8
PATIENCE_SECONDS = 5

Parsed = TypeVar("Parsed")


def _names(folder: Path) -> list[str]:
    try:
        return os.listdir(folder)  # noqa: PTH208  names, of thousands of files at once
    except OSError:  # then each file that is asked for says so
        return []


class Absent(WordedError):
    """The source has no such file now; without a message where that was said for all files at once."""


class ConversationSource:
    """Reads conversations from `source`; `copies` is the folder where the last good ones are kept."""

    def __init__(self, source: str, copies: Path, gettext: Gettext) -> None:
        self.source = source
        self.gettext = gettext
        self.copies = copies
        self.remote = source.startswith(("http://", "https://"))
        self.out_of_reach = ""

    def read_all(self, uris: Iterable[str]) -> dict[str, list[Comment]]:
        """The top-level comments of each letter that has a conversation."""
        wanted = list(uris)
        if self.remote:
            with ThreadPoolExecutor(ASKED_AT_ONCE) as threads:
                found = list(threads.map(self.read, wanted))
        else:
            there = {*_names(Path(self.source)), *_names(self.copies)}
            wanted = [uri for uri in wanted if published_name(uri) in there]
            found = [self.read(uri) for uri in wanted]
        return {uri: comments for uri, comments in zip(wanted, found, strict=True) if comments}

    def tell(self) -> None:
        """Say, once for all that was asked, that the source could not be reached."""
        if self.out_of_reach:
            message = self.gettext("%(source)s: must be within reach (%(why)s); the last good versions are used")
            logger.warning("%s", message % {"source": self.source, "why": self.out_of_reach})

    def read(self, uri: str) -> list[Comment]:
        """One letter's comments: from the source, else from the last good copy, else none."""
        return self.file(published_name(uri), lambda data: read_conversation(data, uri)) or []

    def read_closures(self) -> list[Closure]:
        """When letters take no comments: from the source, else from the last good copy, else never."""
        return self.file(FILE, read_closures) or []

    def file(self, name: str, parse: Callable[[bytes], Parsed]) -> Parsed | None:
        """What a published file says: from the source, else from the last good copy, else None.

        `parse` raises a WordedError where it can't be shown.
        """
        try:
            data, mark = self._ask(name) if self.remote else (self._open(name), None)
            found = parse(data)
        except WordedError as error:
            return self._last_good(name, parse, error)
        self._keep_marked(name, data, mark)
        return found

    def _open(self, name: str) -> bytes:
        file = Path(self.source, name)
        try:
            if not stat.S_ISREG(file.stat().st_mode):  # a pipe would be read without end
                raise Absent("must be a file; a folder or something else has this name")
            return file.read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            raise Absent("must be there, as it was before") from None
        except OSError as error:
            raise Absent("must be a readable file (%(why)s)", why=error.strerror) from None

    def _ask(self, name: str) -> tuple[bytes, bytes]:
        """The file at the address and its ETag; the last good copy where that has the same ETag."""
        if self.out_of_reach:
            raise Absent
        request = urllib.request.Request(f"{self.source.rstrip('/')}/{name}")
        copy, mark = self.copies / name, self._mark(name)
        if mark and copy.exists():
            request.add_header("If-None-Match", mark.decode("ascii", "ignore"))
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as answer:
                return answer.read(), (answer.headers.get("ETag") or "").encode("ascii", "ignore")
        except urllib.error.HTTPError as error:
            error.close()
            if error.code == 304:
                return copy.read_bytes(), mark
            raise Absent("must be there, as it was before") from None
        except (OSError, ValueError, http.client.HTTPException) as error:
            self.out_of_reach = str(getattr(error, "reason", error))
            raise Absent from None

    def _last_good(self, name: str, parse: Callable[[bytes], Parsed], error: WordedError) -> Parsed | None:
        found = None
        try:
            found = parse((self.copies / name).read_bytes())
            message = self.gettext("%(file)s: %(fault)s; the last good version is used")
        except (OSError, WordedError):
            absent = isinstance(error, Absent)  # and never seen: most letters have no conversation yet
            message = "" if absent else self.gettext("%(file)s: %(fault)s; it is left out")
        if message and error.message:
            file = f"{self.source.rstrip('/')}/{name}"
            logger.warning("%s", message % {"file": file, "fault": error.told(self.gettext)})
        return found

    def _mark(self, name: str) -> bytes:
        """The ETag of the last good copy, empty where it has none."""
        try:
            return (self.copies / f"{name}.etag").read_bytes()
        except OSError:
            return b""

    def _keep_marked(self, name: str, data: bytes, mark: bytes | None) -> None:
        """Keep a good copy and its ETag, which stands only beside the very copy it was sent with.

        A build that is killed in between leaves a copy without a mark, and the next one asks for it anew.
        """
        if mark is not None and mark != self._mark(name):
            self._keep(f"{name}.etag", b"")
        if self._keep(name, data) and mark:
            self._keep(f"{name}.etag", mark)

    def _keep(self, name: str, data: bytes) -> bool:
        path, fresh = self.copies / name, self.copies / f"{name}.new"
        try:
            if path.exists() and path.read_bytes() == data:
                return True
            self.copies.mkdir(parents=True, exist_ok=True)
            fresh.write_bytes(data)
            fresh.replace(path)
        except OSError as error:
            message = self.gettext("%(file)s: must be readable and writable (%(why)s)")
            logger.warning("%s", message % {"file": path, "why": error.strerror})
            return False
        return True

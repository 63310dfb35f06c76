"""Which version of a letter an open form began with, so that an edit elsewhere meanwhile is kept beside its own."""

from collections import OrderedDict

from builder.editor_files import mark
from builder.editor_letter import Form

MOST_BYTES = 50_000_000
"""Of what is remembered; the oldest is forgotten first."""


class Versions:
    """The texts that were given to forms, by their hash, and what each form has said and written since."""

    def __init__(self) -> None:
        self._texts: OrderedDict[str, bytes] = OrderedDict()
        self._bytes = 0
        self._saved: dict[tuple[str, str], tuple[str, Form]] = {}

    def keep(self, raw: bytes) -> str:
        """Remember a text; gives its hash, by which the form brings it back to mind."""
        sha = mark(raw)
        if sha not in self._texts:
            self._texts[sha] = raw
            self._bytes += len(raw)
        while self._bytes > MOST_BYTES:
            self._bytes -= len(self._texts.popitem(last=False)[1])
        return sha

    def saved(self, path: str, begun: str, form: Form, raw: bytes) -> None:
        """What a form that began with the hash `begun` said, and the file that came of it."""
        self._saved[path, begun] = self.keep(raw), form

    def last(self, path: str, begun: str) -> tuple[bytes | None, Form | None]:
        """The file as that form last read or wrote it, None where it is forgotten; and what it said then, if it did."""
        sha, form = self._saved.get((path, begun), (begun, None))
        return self._texts.get(sha), form

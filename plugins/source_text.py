"""A file's text, or what is wrong with the file in words for whoever saved it."""

import re
import stat
import unicodedata
from os import stat_result
from pathlib import Path

from plugins.wording import WordedError

MOST_BYTES = 1_000_000
"""Of a letter: some five hundred pages. What is larger is something else, and is not read."""
_UNSEEN = re.compile("[\0-\x08\x0e-\x1f\x7f-\x9f\ufeff]")
"""Control characters, which come along from other programs, and which no page may hold (HTML, 3.2.1)."""
_LINE_END = re.compile("\r\n|[\r\x0b\x0c]")
"""Also the breaks of lines and pages that word processors leave in what is copied from them."""
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_SIGNATURES = {
    b"PK\3\4": "Word, Zip",
    b"%PDF": "PDF",
    b"\xd0\xcf\x11\xe0": "Word",
    b"{\\rtf": "RTF",
    b"\xff\xd8\xff": "JPEG",
    b"\x89PNG": "PNG",
}


class Unreadable(WordedError):
    """A source that can't be read as UTF-8 text; the message says what it must be, `line` where that shows."""

    @property
    def line(self) -> int:
        """Counted from 1."""
        line = self.values.get("line", 1)
        return line if isinstance(line, int) else 1


def state_of(path: Path) -> stat_result:
    """What the disk says of a file, without opening it; Unreadable where it is none, or too large."""
    try:
        state = path.stat()
    except OSError as error:
        raise Unreadable("must be a readable file (%(why)s)", why=error.strerror) from None
    if not stat.S_ISREG(state.st_mode):
        raise Unreadable("must be a file; a folder or something else has this name")
    if state.st_size > MOST_BYTES:
        raise Unreadable(
            "must have at most %(most)d kB, not %(number)d: a letter holds words, its pictures are files in images",
            most=MOST_BYTES // 1000,
            number=state.st_size // 1000,
        )
    return state


def read_text(path: Path) -> str:
    """The text with "\\n" at the end of lines, in Unicode's composed form (NFC), without signs that nobody sees.

    So å is one character, whichever system wrote it. Unreadable where it is no text in UTF-8.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise Unreadable("must be a readable file (%(why)s)", why=error.strerror) from None
    return as_text(data)


def as_text(data: bytes) -> str:
    """What `read_text` makes of a file's bytes."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _not_utf8(data, error.start) from None
    if "\0" in text:
        raise _not_utf8(data, text.index("\0"))
    if not unicodedata.is_normalized("NFC", text):
        text = unicodedata.normalize("NFC", text)
    text = _UNSEEN.sub("", text)
    return _LINE_END.sub("\n", text)


def _not_utf8(data: bytes, at: int) -> Unreadable:
    """The error that says what the bytes probably are."""
    line = data.count(b"\n", 0, at) + 1
    for signature, kind in _SIGNATURES.items():
        if data.startswith(signature):
            return Unreadable("must be text, and is another kind of file (%(kind)s)", kind=kind)
    if data.startswith(_UTF16) or _looks_like_utf16(data):
        return Unreadable(
            'must be text in UTF-8, and is probably UTF-16: open it, choose "Save as" and the encoding UTF-8'
        )
    if any(byte < 9 or 13 < byte < 32 for byte in data[:MOST_BYTES]):
        return Unreadable("must be text in UTF-8, not a binary file")
    return Unreadable(
        "must be text in UTF-8, and is probably Windows-1252 (Latin-1), as line %(line)d shows: open it, choose "
        '"Save as" and the encoding UTF-8',
        line=line,
    )


def _looks_like_utf16(data: bytes) -> bool:
    """Whether nearly every other byte is 0, as in Western text of two bytes a character."""
    sample = data[:2000]
    halves = sample[::2], sample[1::2]
    return any(half.count(0) > 0.8 * len(half) and not other.count(0) for half, other in (halves, halves[::-1]) if half)

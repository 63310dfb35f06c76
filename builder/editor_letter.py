"""A letter or a page as the form at /redigera/ shows it, and the file after an edit there.

What was not edited stays as it was, byte for byte: order and spelling of keys, line ends, BOM, spaces at the end of
a line, a missing last line end.
"""

import difflib
import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from builder.editor_header import DEFAULTS, Unwritable, keys, line_end, parsed, tags_of, value_of, with_value
from plugins.sources import Source

Form = dict[str, Any]
"""Keys in lower case with their values as text, `tags` as a list, `translation` as a boolean; `body` is the text."""

NEW_ORDER = ("title", "date", "author", "slug", "lang", "translation", "tags", "summary", "brief", "status")
BOM = b"\xef\xbb\xbf"
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_FENCE = re.compile(r"-{3}\s*")


def shown(source: Source, language: str) -> Form:
    """The form of a source; `language` is the site's."""
    form: Form = {key: value_of(source, key, language) for key in keys(source.is_letter)}
    return _typed(form) | {"body": source.body.lstrip("\n")}


def decoded(raw: bytes, path: Path, is_letter: bool) -> Source:
    """The source in those bytes; UnicodeDecodeError or Unreadable where there is none."""
    return parsed(path, is_letter, raw.removeprefix(BOM).decode("utf-8"))


def changed(raw: bytes, path: Path, is_letter: bool, form: Mapping[str, Any], language: str) -> bytes:
    """The file `raw` with what the form says otherwise; raises Unwritable."""
    text = raw.removeprefix(BOM).decode("utf-8")
    source = parsed(path, is_letter, text)
    wanted = _texts(form, is_letter)
    other = {key: value for key, value in wanted.items() if value != value_of(source, key, language)}
    lines, end = _LINE.findall(text), _usual_end(text)
    at = source.body_line - 1
    head, body = lines[:at], lines[at:]
    for key, value in other.items():
        head = with_value(head, parsed(path, is_letter, "".join(head)), key, value, end)
    after = _whole_body(str(form.get("body", source.body)), source.body)
    if after != source.body:
        body = _merged(body, after, end)
    written = "".join([*head, *body])
    if after != source.body or parsed(path, is_letter, written).body != after:
        written = "".join([*_apart(head, body, end), *body])
    _check(parsed(path, is_letter, written), wanted, after, language)
    return (BOM if raw.startswith(BOM) else b"") + _bytes(written)


def edits(form: Form, before: Form, then: Source, now: Source) -> Form:
    """What of a form was edited since it said `before`; Unwritable when the text was changed elsewhere, too.

    `then` is the file when the form last read or wrote it, `now` as it is.
    """
    was, said = _texts(before, then.is_letter), _texts(form, then.is_letter)
    edited: Form = {key: form[key] for key in said if said[key] != was.get(key)}
    old = str(before.get("body", ""))
    body = _whole_body(str(form.get("body", old)), old)
    if body == old:
        return edited
    if now.body.strip() not in (then.body.strip(), body.strip()):
        raise Unwritable("the text was changed here and outside this form; copy yours, then load the page again")
    return edited | {"body": body}


def made(path: Path, is_letter: bool, form: Mapping[str, Any], language: str) -> bytes:
    """A new file with what the form says, in header lines; raises Unwritable."""
    wanted = _texts(form, is_letter)
    defaults = DEFAULTS | {"status": "", "lang": language}  # a new letter says what it is
    order = [*NEW_ORDER, *(key for key in wanted if key not in NEW_ORDER)]
    header = [
        f"{key.capitalize()}: {wanted[key]}" for key in order if wanted.get(key, "") not in ("", defaults.get(key))
    ]
    body = _whole_body(str(form.get("body", "")), "")
    written = "\n".join([*header, "", body])
    _check(parsed(path, is_letter, written), wanted, body, language)
    return _bytes(written)


def _typed(form: Form) -> Form:
    if "tags" in form:
        form["tags"] = tags_of(form["tags"])
    return form | {"translation": form["translation"] == "true"}


def _texts(form: Mapping[str, Any], is_letter: bool) -> dict[str, str]:
    """The known keys of a form as one line of text each."""
    return {key: _one_line(form[key]) for key in keys(is_letter) if key in form}


def _one_line(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return ", ".join(tag for one in value for tag in tags_of(_one_line(one)))
    return "" if value is None else " ".join(str(value).split())


def _usual_end(text: str) -> str:
    """The line end that most lines of a text have."""
    ends = Counter(re.findall(r"\r\n|\r|\n", text))
    return ends.most_common(1)[0][0] if ends else "\n"


def _apart(head: list[str], body: list[str], end: str) -> list[str]:
    """The header with the blank line that parts it from a text that there was none of."""
    if not body or not head or not head[-1].strip() or _FENCE.fullmatch(head[-1].strip()):
        return head
    last = head[-1] if line_end(head[-1]) else head[-1] + end
    return [*head[:-1], last, end]


def _whole_body(after: str, before: str) -> str:
    """The edited text with line ends as `\\n`, with as many of them around it as before: forms take them away."""
    after = after.replace("\r\n", "\n").replace("\r", "\n")
    if after.strip() == before.strip():
        return before
    if not before.strip():
        return after.strip("\n") + "\n"
    text = before.strip("\n")
    return before.replace(text, after.strip("\n"), 1)


def _merged(lines: list[str], after: str, end: str) -> list[str]:
    """The lines of the text after an edit; those that were there before keep the line ends they had."""
    old, new = [line.rstrip("\r\n") for line in lines], [line.rstrip("\n") for line in _LINE.findall(after)]
    merged: list[str] = []
    for kind, start, stop, new_start, new_stop in difflib.SequenceMatcher(None, old, new).get_opcodes():
        merged += lines[start:stop] if kind == "equal" else [line + end for line in new[new_start:new_stop]]
    merged = [line if line_end(line) else line + end for line in merged]
    if merged and not after.endswith("\n"):
        merged[-1] = merged[-1].rstrip("\r\n")
    return merged


def _bytes(text: str) -> bytes:
    try:
        data = text.encode("utf-8")
    except UnicodeEncodeError:  # half of a pair of surrogates, by which UTF-16 writes rare characters
        data = b"\0"
    if b"\0" in data:
        raise Unwritable("the text holds a character that no file can hold; write it again")
    return data


def _check(source: Source, wanted: Mapping[str, str], body: str, language: str) -> None:
    """What was written must say what was wanted, and nothing else."""
    for key, value in wanted.items():
        default = (DEFAULTS | {"lang": language}).get(key, "")
        if value_of(source, key, language) != (value or default):
            raise Unwritable('"%(key)s" can\'t be written into this file; edit the file itself', key=key.capitalize())
    if source.body != body:
        raise Unwritable("the text can't be written into this file; edit the file itself")

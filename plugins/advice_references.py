"""Advice on brackets that look like a link or a note, and lack the line that would make them one."""

import re
from collections.abc import Iterator

from plugins.check_links import definitions
from plugins.findings import Remark
from plugins.marks import is_of_footnote, marks, without_code
from plugins.sources import Source
from plugins.wording import Gettext

_REFERRING = re.compile(
    r"(?<![!\\\]])\[(?P<text>[^^\[\]\n\\][^\[\]\n\\]{0,300})\]\[(?P<name>[^^\[\]\n\\][^\[\]\n\\]{0,300})?\](?![(\[:])"
)
_NOTE = re.compile(r"(?<!\\)\[\^(?P<name>[^\[\]\n\\]{1,100})\](?!:)")
_LETTER = re.compile(r"[^\W\d_]")


def advise_references(source: Source, _: Gettext) -> Iterator[Remark]:
    """Yield (line, advice) for each [text][name] and [^note] that nothing defines; numbers alone are no names here."""
    if "][" not in source.body and "[^" not in source.body:
        return
    text, defined = without_code(source.body), definitions(source.body)
    notes = {mark.partition(":")[2] for mark in marks(source.body) if is_of_footnote(mark)}
    message = _('readers see "%(text)s" as it stands: no line begins with "[%(name)s]:"')
    for found in _REFERRING.finditer(text):
        name = found["name"] or found["text"]
        if name.lower() not in defined and _LETTER.search(found[0]):
            line = source.body_line + text.count("\n", 0, found.start())
            yield line, message % {"text": found[0], "name": name}
    for found in _NOTE.finditer(text):
        if found["name"] not in notes:
            line = source.body_line + text.count("\n", 0, found.start())
            yield line, message % {"text": found[0], "name": f"^{found['name']}"}

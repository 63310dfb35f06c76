"""What a table must have: headings over its columns (WCAG 1.3.1)."""

import re
from collections.abc import Iterator

from plugins.as_published import Html, Place, Shown, said
from plugins.findings import Remark
from plugins.sources import Source
from plugins.wording import Gettext

_RULE = re.compile(r" {0,3}\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*")
_HTML = re.compile(r"<table\b.*?(?:</table\s*>|\Z)", re.IGNORECASE | re.DOTALL)

_HEADING = re.compile(r"<th\b[^<>]*>", re.IGNORECASE)
_CELL_END = re.compile(r"</?t(?:h|d|r|head|body)\b", re.IGNORECASE)


def check_tables(source: Source, text: str, _: Gettext) -> Iterator[Remark]:
    """Yield (line, "must …") for each table whose columns have no headings; `text` is the body without code."""
    if "|" in text:
        yield from ((source.body_line + at, message) for at, message in _written(text.split("\n"), _))
    for table in _HTML.finditer(text) if "<table" in text.lower() else ():
        if not re.search(r"<th\b[^>]*>\s*[^\s<]", table[0], re.IGNORECASE):
            line = source.body_line + text.count("\n", 0, table.start())
            yield line, _("a table must have headings: put <th>…</th> into its first row")


def published_tables(html: Html, _: Gettext) -> Iterator[Shown]:
    """The same of the tables that there are in the end, also in quotations."""
    for _attributes, table in html.elements("table"):
        headings = (_CELL_END.split(part)[0] for part in _HEADING.split(table)[1:])
        if not any(map(said, headings)):
            cells = (said(cell) for _of, cell in Html(table).elements("td"))
            yield Place(next(filter(None, cells), "|")), _empty(_)


def _written(lines: list[str], _: Gettext) -> Iterator[Remark]:
    """Where in the lines of a text a table of Markdown lacks headings; counted from 0."""
    for at, line in enumerate(lines):
        begins = "|" in line and (at == 0 or "|" not in lines[at - 1])
        after = lines[at + 1] if begins and at + 1 < len(lines) else ""
        if "|" not in after:
            continue
        if _RULE.fullmatch(line):
            yield at, _("a table must have a row of headings above the line |---|---|")
        elif _RULE.fullmatch(after):
            if not line.replace("|", "").strip():
                yield at, _empty(_)
        elif line.lstrip().startswith("|") and after.lstrip().startswith("|"):
            yield at, _("a table must have headings in its first row and a line |---|---| under it")


def _empty(_: Gettext) -> str:
    return _("a table must have headings: the first row, above the line |---|---|, is empty")

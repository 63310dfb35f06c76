"""What must be right in the header lines of a letter or a page."""

import difflib
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from common.language import is_language
from plugins.findings import Remark
from plugins.sources import SLUG_CHARACTERS, Source, slug, slugified
from plugins.wording import Gettext

LETTER_KEYS = (
    "Title", "Date", "Modified", "Author", "Slug", "Tags", "Summary", "Brief", "Lang", "Translation", "Status",
    "Comments",
)  # fmt: skip
PAGE_KEYS = ("Title", "Slug", "Summary", "Status", "Order", "Lang", "Translation")
RESERVED = {
    "amnen", "arkiv", "bilder", "delning", "forfattare", "images", "pagefind", "sida", "sok", "statistik", "theme",
    "utkast",
}  # fmt: skip
RESERVED |= {"healthz", "isso", "kommentarer", "metrics", "moderering", "redigera"}
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}(?: \d{2}:\d{2}(?::\d{2})?)?")
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_YEAR = re.compile(r"\d{4}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]+)*", re.IGNORECASE)


def check_header(source: Source, settings: Mapping[str, Any], _: Gettext) -> Iterator[Remark]:
    """Yield (line, "must …") for every fault in the header."""
    yield from _keys(source, _)
    yield from _required(source, _)
    yield from _dates(source, _)
    yield from _choices(source, _)
    yield from _names(source, settings, _)
    yield from _address(source, settings, _)


def _keys(source: Source, _: Gettext) -> Iterator[Remark]:
    known = LETTER_KEYS if source.is_letter else PAGE_KEYS
    for line in source.repeated:
        yield line.number, _('"%(key)s" must be given only once') % {"key": line.key}
    for key, line in source.header.items():
        if key.capitalize() in known:
            continue
        near = difflib.get_close_matches(key.capitalize(), known, 1, 0.5)
        if near:
            message = _('unknown key "%(key)s"; must it be "%(near)s"?')
            yield line.number, message % {"key": line.key, "near": near[0]}
        else:
            message = _('unknown key "%(key)s"; it must be one of %(known)s')
            yield line.number, message % {"key": line.key, "known": ", ".join(known)}


def _required(source: Source, _: Gettext) -> Iterator[Remark]:
    for key in ("title", "date") if source.is_letter else ("title",):
        if not source.get(key):
            message = _('must have a line "%(key)s: …" among its first lines')
            yield source.line(key), message % {"key": key.capitalize()}


def _dates(source: Source, _: Gettext) -> Iterator[Remark]:
    date, modified = source.get("date"), source.get("modified")
    for key, value in (("date", date), ("modified", modified)):
        if value and not _is_date(value):
            message = _('"%(key)s" must be a date like 2026-11-20 or 2026-11-20 08:00, not "%(value)s"')
            yield source.line(key), message % {"key": key.capitalize(), "value": value}
    if _is_date(date) and _is_date(modified) and modified < date[: len(modified)]:  # on one day, where it gives no time
        message = _('"Modified" must not be before "Date" (%(date)s), as "%(value)s" is')
        yield source.line("modified"), message % {"date": date, "value": modified}


def _is_date(value: str) -> bool:
    try:
        return bool(_DATE.fullmatch(value)) and datetime.fromisoformat(value).year >= 1900
    except ValueError:
        return False


def _choices(source: Source, _: Gettext) -> Iterator[Remark]:
    choices = {
        "status": ("published", "draft", "hidden", "skip"),
        "comments": ("open", "closed"),
        "translation": ("true", "false"),
    }
    for key, allowed in choices.items():
        value = source.get(key)
        if value and value.lower() not in allowed:
            message = _('"%(key)s" must be one of %(allowed)s, not "%(value)s"')
            named = {"key": key.capitalize(), "allowed": ", ".join(allowed), "value": value}
            yield source.line(key), message % named
    if source.get("lang") and not (_LANGUAGE.fullmatch(source.get("lang")) and is_language(source.get("lang"))):
        message = _('"Lang" must be a language code like sv or en, not "%(value)s"')
        yield source.line("lang"), message % {"value": source.get("lang")}
    if source.is_translation and not source.get("lang"):
        yield (
            source.line("translation"),
            _('a translation must have a line "Lang: …" that says in which language it is'),
        )
    if source.get("order") and not source.get("order").isdecimal():
        message = _('"Order" must be a whole number, not "%(value)s"')
        yield source.line("order"), message % {"value": source.get("order")}


def _names(source: Source, settings: Mapping[str, Any], _: Gettext) -> Iterator[Remark]:
    """Tags and authors have pages and files of their own, named after them."""
    for tag in source.get("tags").replace(";", ",").split(","):
        if tag.strip() and not slugified(tag, settings):
            message = _('a tag must hold letters or digits, not only "%(value)s"')
            yield source.line("tags"), message % {"value": tag.strip()}
        if len(slugified(tag, settings)) > SLUG_CHARACTERS:
            message = _("a tag must have at most %(most)d characters, not %(number)d")
            yield source.line("tags"), message % {"most": SLUG_CHARACTERS, "number": len(tag.strip())}
    author = source.get("author")
    if author and not 0 < len(slugified(author, settings)) <= SLUG_CHARACTERS:
        message = _('"Author" must be a name with letters or digits, of at most %(most)d characters, not "%(value)s"')
        yield source.line("author"), message % {"most": SLUG_CHARACTERS, "value": author}


def _address(source: Source, settings: Mapping[str, Any], _: Gettext) -> Iterator[Remark]:
    name = slug(source, settings)
    if not source.get("title") and not name:
        return
    if not name:
        message = _('no address can be made of "%(title)s"; give it one: Slug: my-letter')
        yield source.line("title"), message % {"title": source.get("title")}
    elif len(name) > SLUG_CHARACTERS:
        message = _('"Slug" must have at most %(most)d characters, not %(number)d')
        yield source.line("slug"), message % {"most": SLUG_CHARACTERS, "number": len(name)}
    elif not _SLUG.fullmatch(name):
        message = _('"Slug" must hold only a-z, 0-9 and single hyphens, not "%(value)s"')
        yield source.line("slug"), message % {"value": name}
    elif not source.is_letter and (name in RESERVED or _YEAR.fullmatch(name)):
        message = _('"Slug" must not be "%(value)s": the site uses that address itself')
        yield source.line("slug"), message % {"value": name}

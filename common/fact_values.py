"""What a value in site.toml must be: each gives it back checked, or raises FactsError in words for whoever wrote it."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import date, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from common.language import marked as _
from common.wording import Gettext, WordedError

MOST_CHARACTERS, CODE_CHARACTERS = 200, 40
"""Of a name or title, and of a rule's code: what the comment service's database holds."""


class FactsError(WordedError):
    """site.toml can't be used; the message says what must change, of which key if it is one (`key`)."""

    file: Path | None = None
    line = 1

    def at(self, file: Path, line: int | None = None) -> "FactsError":
        """The same with its place: the line given, or that where the key stands, or the first."""
        self.file, self.line = file, line or line_of(str(self.values.get("key", "")), file)
        return self

    def sentence(self, gettext: Gettext) -> str:
        """What must change, without the place."""
        return super().told(gettext)

    def told(self, gettext: Gettext) -> str:
        """The sentence in the language of `gettext`, with its place as file:line where that is known."""
        return f"{self.file}:{self.line}: {self.sentence(gettext)}" if self.file else self.sentence(gettext)

    def __str__(self) -> str:
        return self.told(str)


def line_of(key: str, path: Path) -> int:
    """The number of the line where a key like "comments.promise" stands, else that of its table, else 1."""
    *tables, name = key.split(".")
    inside, found = not tables, 1
    for at, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        begun = line.strip()
        if begun.startswith("["):
            inside = begun.split("]")[0].strip("[ ") == ".".join(tables)
            found = at if inside and found == 1 else found
        elif inside and line.partition("=")[0].strip(" \t\"'") == name:
            return at
    return found


def check_keys(table: dict[str, Any], kind: type, where: str = "") -> None:
    """Raise FactsError for a key that no field of `kind`, a dataclass, has."""
    known = sorted(each.name for each in fields(kind))
    for key in table:
        if key not in known:
            raise FactsError('key "%(key)s" must be one of %(known)s', key=where + key, known=", ".join(known))


def word_list(table: dict[str, Any], key: str, where: str = "moderation.") -> tuple[str, ...]:
    """A list of words, each stripped; none where the key is missing."""
    words = table.get(key, [])
    if not isinstance(words, list) or not all(isinstance(word, str) and word.strip("* ") for word in words):
        raise FactsError('"%(key)s" must be a list of words in quotes, not %(value)r', key=where + key, value=words)
    return tuple(word.strip() for word in words)


def as_day(value: Any, where: str) -> date:
    """A day of TOML."""
    if not isinstance(value, date) or isinstance(value, datetime):
        raise FactsError(
            '"%(key)s" must be a date without quotes, like 2026-11-17, not %(value)r', key=where, value=value
        )
    return value


def text_of(table: dict[str, Any], key: str, default: str | None = None, where: str = "") -> str:
    """A text, stripped; `default` where the key is missing, and an error where there is no default."""
    value = table.get(key, default)
    if not isinstance(value, str) or (default is None and not value.strip()):
        raise _no_text(where + key, value)
    return value.strip()


def _no_text(key: str, value: Any) -> FactsError:
    if value is None:
        return FactsError('"%(key)s" must be there: a text in quotes', key=key)
    return FactsError('"%(key)s" must be a text in quotes, not %(value)r', key=key, value=value)


def no_tables(key: str) -> FactsError:
    """That the key must begin tables."""
    return FactsError('"%(key)s" must be tables, each begun by [[%(key)s]]', key=key)


def no_address(key: str, value: str) -> FactsError:
    """That the key must be an address of the web."""
    return FactsError('"%(key)s" must be an address that begins with https://, not %(value)r', key=key, value=value)


def as_short(text: str, where: str, most: int = MOST_CHARACTERS) -> str:
    """The text itself, when it is not too long."""
    if len(text) > most:
        message = _('"%(key)s" must have at most %(most)d characters, not %(number)d')
        raise FactsError(message, key=where, most=most, number=len(text))
    return text


def whole_number(table: dict[str, Any], key: str, default: int, least: int, most: int) -> int:
    """A whole number between two bounds, of [comments]."""
    value = table.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        message = _('"%(key)s" must be a whole number from %(least)d to %(most)d, not %(value)r')
        raise FactsError(message, key=f"comments.{key}", least=least, most=most, value=value)
    return value


def yes_or_no(table: dict[str, Any], key: str, default: bool, where: str) -> bool:
    """A truth value."""
    value = table.get(key, default)
    if not isinstance(value, bool):
        raise FactsError('"%(key)s" must be true or false, not %(value)r', key=where + key, value=value)
    return value


def section(table: dict[str, Any], key: str, where: str = "") -> dict[str, Any]:
    """A table, {} where it is missing."""
    value = table.get(key, {})
    if not isinstance(value, dict):
        raise FactsError('"%(key)s" must be a table, begun by [%(key)s]', key=where + key)
    return value


def list_of(table: dict[str, Any], key: str, where: str = "") -> list[Any]:
    """A list of tables, [] where it is missing."""
    value = table.get(key, [])
    if not isinstance(value, list):
        raise no_tables(where + key)
    return value


def texts_of(table: dict[str, Any], section: str) -> Mapping[str, str]:
    """A table of texts by their codes."""
    where = f"{section}."
    codes = [as_short(key, where + key, CODE_CHARACTERS) for key in table]
    return MappingProxyType({code: text_of(table, code, where=where) for code in codes})


def one_of(value: str, key: str, allowed: tuple[str, ...]) -> str:
    """The value itself, when it is allowed."""
    if value not in allowed:
        message = _('"%(key)s" must be one of %(known)s, not "%(value)s"')
        raise FactsError(message, key=key, known=", ".join(allowed), value=value)
    return value


def as_address(value: str, key: str = "url") -> str:
    """An address of the web without a slash at its end."""
    try:
        parts = urlsplit(value)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise no_address(key, value)
    return value.rstrip("/")


def as_zone(value: str) -> str:
    """The name of a time zone that this machine knows."""
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        message = _('"%(key)s" must be a zone like Europe/Stockholm, not "%(value)s"')
        raise FactsError(message, key="time_zone", value=value) from None
    return value

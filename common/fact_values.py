"""What a value in site.toml must be: each gives it back checked, or raises FactsError in words for whoever wrote it."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import date, datetime
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

MOST_CHARACTERS, CODE_CHARACTERS = 200, 40
"""Of a name or title, and of a rule's code: what the comment service's database holds."""


class FactsError(Exception):
    """site.toml can't be used; the message names the key and says what it must be."""


def check_keys(table: dict[str, Any], kind: type, where: str = "") -> None:
    """Raise FactsError for a key that no field of `kind`, a dataclass, has."""
    known = sorted(each.name for each in fields(kind))
    for key in table:
        if key not in known:
            raise FactsError(f'key "{where}{key}" must be one of {", ".join(known)}')


def word_list(table: dict[str, Any], key: str, where: str = "moderation.") -> tuple[str, ...]:
    """A list of words, each stripped; none where the key is missing."""
    words = table.get(key, [])
    if not isinstance(words, list) or not all(isinstance(word, str) and word.strip("* ") for word in words):
        raise FactsError(f'"{where}{key}" must be a list of words in quotes, not {words!r}')
    return tuple(word.strip() for word in words)


def as_day(value: Any, where: str) -> date:
    """A day of TOML."""
    if not isinstance(value, date) or isinstance(value, datetime):
        raise FactsError(f'"{where}" must be a date without quotes, like 2026-11-17, not {value!r}')
    return value


def text_of(table: dict[str, Any], key: str, default: str | None = None, where: str = "") -> str:
    """A text, stripped; `default` where the key is missing, and an error where there is no default."""
    value = table.get(key, default)
    if not isinstance(value, str) or (default is None and not value.strip()):
        raise FactsError(f'"{where}{key}" must be a text in quotes, not {value!r}')
    return value.strip()


def as_short(text: str, where: str, most: int = MOST_CHARACTERS) -> str:
    """The text itself, when it is not too long."""
    if len(text) > most:
        raise FactsError(f'"{where}" must have at most {most} characters, not {len(text)}')
    return text


def whole_number(table: dict[str, Any], key: str, default: int, least: int, most: int) -> int:
    """A whole number between two bounds, of [comments]."""
    value = table.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise FactsError(f'"comments.{key}" must be a whole number from {least} to {most}, not {value!r}')
    return value


def yes_or_no(table: dict[str, Any], key: str, default: bool, where: str) -> bool:
    """A truth value."""
    value = table.get(key, default)
    if not isinstance(value, bool):
        raise FactsError(f'"{where}{key}" must be true or false, not {value!r}')
    return value


def section(table: dict[str, Any], key: str, where: str = "") -> dict[str, Any]:
    """A table, {} where it is missing."""
    value = table.get(key, {})
    if not isinstance(value, dict):
        raise FactsError(f'"{where}{key}" must be a table, begun by [{where}{key}]')
    return value


def list_of(table: dict[str, Any], key: str, where: str = "") -> list[Any]:
    """A list of tables, [] where it is missing."""
    value = table.get(key, [])
    if not isinstance(value, list):
        raise FactsError(f'"{where}{key}" must be tables, each begun by [[{where}{key}]]')
    return value


def texts_of(table: dict[str, Any], section: str) -> Mapping[str, str]:
    """A table of texts by their codes."""
    where = f"{section}."
    codes = [as_short(key, where + key, CODE_CHARACTERS) for key in table]
    return MappingProxyType({code: text_of(table, code, where=where) for code in codes})


def one_of(value: str, key: str, allowed: tuple[str, ...]) -> str:
    """The value itself, when it is allowed."""
    if value not in allowed:
        raise FactsError(f'"{key}" must be one of {", ".join(allowed)}, not "{value}"')
    return value


def as_address(value: str, key: str = "url") -> str:
    """An address of the web without a slash at its end."""
    try:
        parts = urlsplit(value)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise FactsError(f'"{key}" must be an address that begins with https://, not "{value}"')
    return value.rstrip("/")


def as_zone(value: str) -> str:
    """The name of a time zone that this machine knows."""
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise FactsError(f'"time_zone" must be a zone like Europe/Stockholm, not "{value}"') from None
    return value

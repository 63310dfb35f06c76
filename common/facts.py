"""The organisation's facts, read from site.toml by both halves."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, date, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from common.accessibility import KINDS, REVIEWS, STATUSES, Accessibility, Inaccessible

LANGUAGES = ("sv", "en")
ROLES = ("moderator", "author", "admin")
"""What an account may do, from the least to the most."""
MOST_CHARACTERS, CODE_CHARACTERS = 200, 40
"""Of a name or title, and of a rule's code: what the comment service's database holds."""
BUTTON_CHARACTERS = 60
MOST_HOURS = 1000


class FactsError(Exception):
    """site.toml can't be used; the message names the key and says what it must be."""


@dataclass(frozen=True)
class Contact:
    """Where a reader reaches the organisation; empty strings where it gives nothing."""

    email: str = ""
    phone: str = ""
    address: str = ""


@dataclass(frozen=True)
class CommentFacts:
    """The terms of the conversation: `promise` is a phrase, `promise_hours` the working hours that it means.

    `max_characters` counts code points. `close_after_days` after its date a letter takes no more comments; 0 means
    that none is closed by its age.
    """

    promise: str
    promise_hours: float = 9
    max_characters: int = 5000
    per_page: int = 50
    edit_window_minutes: int = 15
    close_after_days: int = 0


@dataclass(frozen=True)
class ModerationFacts:
    """How the desk works; `words` are looked for in comments, whole or, with * at the end, as beginnings.

    Somebody works there from one minute of the day to another (`working_day`, up to 24 * 60) on `weekdays` (1 is
    Monday), but not on the `holidays` of a country ("SE", "" for none) nor on `free_days`, as site.toml names them.
    """

    words: tuple[str, ...] = ()
    second_pair_of_eyes: bool = False
    working_day: tuple[int, int] = (8 * 60, 17 * 60)
    weekdays: tuple[int, ...] = (1, 2, 3, 4, 5)
    holidays: str = "SE"
    free_days: tuple[str, ...] = ()


@dataclass(frozen=True)
class SignInFacts:
    """How moderators get in; the last four count where OpenID Connect is set up (OIDC_ISSUER).

    `groups` maps a group's name or number to a role; `groups_claim` is where the provider's answer has them, as a
    claim or a path of claims with dots; `trust_email` says that it confirms every address that it gives.
    """

    password: bool = True
    openid_name: str = ""
    groups_claim: str = "groups"
    trust_email: bool = False
    groups: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class SecurityFacts:
    """Who is told of a hole in the site (RFC 9116): `contact` are URIs, the preferred first.

    What stands there counts until `expires`, which has a zone; `policy` is "" or the address of a page on it.
    """

    contact: tuple[str, ...]
    expires: datetime
    policy: str = ""
    languages: tuple[str, ...] = ()


@dataclass(frozen=True)
class Writer:
    """A person or role that writes letters or answers; `picture` is a path inside content/."""

    name: str
    title: str = ""
    picture: str | None = None


@dataclass(frozen=True)
class Facts:
    """All of site.toml; `url` has no trailing slash, `reasons` and `disposal` map a rule's code to its text.

    `icon` is the path of an SVG inside content/, "" for the theme's own.
    """

    organisation: str
    title: str
    subtitle: str
    url: str
    language: str
    time_zone: str
    contact: Contact
    comments: CommentFacts
    reasons: Mapping[str, str] = field(default_factory=dict)
    disposal: Mapping[str, str] = field(default_factory=dict)
    moderation: ModerationFacts = ModerationFacts()
    sign_in: SignInFacts = SignInFacts()
    writers: tuple[Writer, ...] = ()
    colours: Mapping[str, str] = field(default_factory=dict)
    fonts: Mapping[str, str] = field(default_factory=dict)
    accessibility: Accessibility = Accessibility()
    icon: str = ""
    security: SecurityFacts | None = None

    def writer(self, name: str) -> Writer:
        """The writer of that name, or one with nothing but the name."""
        return next((writer for writer in self.writers if writer.name == name), Writer(name))


def read_facts(path: Path) -> Facts:
    """Read and check site.toml; FactsError says in one line what must change."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        return _facts(table)
    except FileNotFoundError:
        raise FactsError(f"{path}: must exist; copy site.toml from the project and fill it in") from None
    except (OSError, UnicodeDecodeError) as error:
        raise FactsError(f"{path}: must be a readable UTF-8 file ({error})") from None
    except tomllib.TOMLDecodeError as error:
        raise FactsError(f"{path}: must be valid TOML: {error}") from None
    except FactsError as error:
        raise FactsError(f"{path}: {error}") from None


def _facts(table: dict[str, Any]) -> Facts:
    _check_keys(table, Facts)
    return Facts(
        organisation=_short(_text(table, "organisation"), "organisation"),
        title=_text(table, "title"),
        subtitle=_text(table, "subtitle", ""),
        url=_address(_text(table, "url")),
        language=_one_of(_text(table, "language", "sv"), "language", LANGUAGES),
        time_zone=_zone(_text(table, "time_zone", "Europe/Stockholm")),
        contact=_contact(_section(table, "contact")),
        comments=_comments(_section(table, "comments")),
        reasons=_texts(_section(table, "reasons"), "reasons"),
        disposal=_texts(_section(table, "disposal"), "disposal"),
        moderation=_moderation(_section(table, "moderation")),
        sign_in=_sign_in(_section(table, "sign_in")),
        writers=tuple(_writer(entry) for entry in _list(table, "writers")),
        colours=_texts(_section(table, "colours"), "colours"),
        fonts=_texts(_section(table, "fonts"), "fonts"),
        accessibility=_accessibility(_section(table, "accessibility")),
        icon=_drawing(_text(table, "icon", "")),
        security=_security(_section(table, "security"), _text(table, "language", "sv")),
    )


def _check_keys(table: dict[str, Any], kind: type, where: str = "") -> None:
    known = sorted(each.name for each in fields(kind))
    for key in table:
        if key not in known:
            raise FactsError(f'key "{where}{key}" must be one of {", ".join(known)}')


def _contact(table: dict[str, Any]) -> Contact:
    _check_keys(table, Contact, "contact.")
    return Contact(*(_text(table, key, "", "contact.") for key in ("email", "phone", "address")))


def _comments(table: dict[str, Any]) -> CommentFacts:
    _check_keys(table, CommentFacts, "comments.")
    return CommentFacts(
        promise=_text(table, "promise", where="comments."),
        promise_hours=_hours(table.get("promise_hours", CommentFacts.promise_hours)),
        max_characters=_whole(table, "max_characters", 5000, 100, 10_000),
        per_page=_whole(table, "per_page", 50, 1, 1000),
        edit_window_minutes=_whole(table, "edit_window_minutes", 15, 0, 24 * 60),
        close_after_days=_whole(table, "close_after_days", 0, 0, 3650),
    )


def _moderation(table: dict[str, Any]) -> ModerationFacts:
    _check_keys(table, ModerationFacts, "moderation.")
    return ModerationFacts(
        words=_word_list(table, "words"),
        second_pair_of_eyes=_yes_or_no(table, "second_pair_of_eyes", False, "moderation."),
        working_day=_working_day(_text(table, "working_day", "08:00-17:00", "moderation.")),
        weekdays=_weekdays(table.get("weekdays", [1, 2, 3, 4, 5])),
        holidays=_country(_text(table, "holidays", "SE", "moderation.")),
        free_days=_word_list(table, "free_days"),
    )


def _word_list(table: dict[str, Any], key: str, where: str = "moderation.") -> tuple[str, ...]:
    words = table.get(key, [])
    if not isinstance(words, list) or not all(isinstance(word, str) and word.strip("* ") for word in words):
        raise FactsError(f'"{where}{key}" must be a list of words in quotes, not {words!r}')
    return tuple(word.strip() for word in words)


def _working_day(text: str) -> tuple[int, int]:
    found = re.fullmatch(r"([01]\d|2[0-4]):([0-5]\d) ?[-–] ?([01]\d|2[0-4]):([0-5]\d)", text, re.ASCII)
    hours = [int(number) for number in found.groups()] if found else [0, 0, 0, 0]
    begin, end = hours[0] * 60 + hours[1], hours[2] * 60 + hours[3]
    if not begin < end <= 24 * 60:
        raise FactsError(f'"moderation.working_day" must be two times of a day like "08:00-17:00", not "{text}"')
    return begin, end


def _weekdays(value: Any) -> tuple[int, ...]:
    known = isinstance(value, list) and all(type(day) is int and 1 <= day <= 7 for day in value)
    if not value or not known:
        raise FactsError(f'"moderation.weekdays" must be a list of numbers, 1 for Monday to 7, not {value!r}')
    return tuple(sorted(set(value)))


def _country(code: str) -> str:
    if not re.fullmatch(r"([A-Z]{2})?", code):
        raise FactsError(f'"moderation.holidays" must be the two letters of a country like "SE", or "", not "{code}"')
    return code


def _hours(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= MOST_HOURS:
        raise FactsError(f'"comments.promise_hours" must be a number of hours, up to {MOST_HOURS}, not {value!r}')
    return float(value)


def _sign_in(table: dict[str, Any]) -> SignInFacts:
    where = "sign_in."
    _check_keys(table, SignInFacts, where)
    return SignInFacts(
        password=_yes_or_no(table, "password", True, where),
        openid_name=_short(_text(table, "openid_name", "", where), f"{where}openid_name", BUTTON_CHARACTERS),
        groups_claim=_text({"groups_claim": "groups"} | table, "groups_claim", where=where),
        trust_email=_yes_or_no(table, "trust_email", False, where),
        groups=_roles(_section(table, "groups", where)),
    )


def _roles(table: dict[str, Any]) -> Mapping[str, str]:
    where = "sign_in.groups."
    roles = {group: _one_of(_text(table, group, where=where), where + group, ROLES) for group in table}
    return MappingProxyType(roles)


def _accessibility(table: dict[str, Any]) -> Accessibility:
    """The statement as far as it is written: what is missing is told by the build (plugins/check.py)."""
    where = "accessibility."
    _check_keys(table, Accessibility, where)
    texts = ("reviewer", "method", "answer", "other_ways")
    found: dict[str, Any] = {key: _text(table, key, "", where) for key in texts}
    for key, known in {"status": STATUSES, "review": REVIEWS}.items():
        found[key] = _one_of(table[key], where + key, known) if key in table else ""
    for key in ("reviewed", "updated", "published"):
        found[key] = _day(table[key], where + key) if key in table else None
    if found["reviewed"] and found["updated"] and found["updated"] < found["reviewed"]:
        raise FactsError(f'"{where}updated" must not come before the review ({found["reviewed"]}): {found["updated"]}')
    if "authority" in table or "authority_url" in table:
        found["authority"] = _text(table, "authority", where=where)
        found["authority_url"] = _text(table, "authority_url", "", where)
        _address(found["authority_url"], f"{where}authority_url")
    works = _word_list(table, "works", where)
    entries = tuple(_inaccessible(entry) for entry in _list(table, "not_accessible", where))
    return Accessibility(**found, works=works, not_accessible=entries)


def _inaccessible(entry: Any) -> Inaccessible:
    where = "accessibility.not_accessible"
    if not isinstance(entry, dict):
        raise FactsError(f'"{where}" must be tables, each begun by [[{where}]]')
    _check_keys(entry, Inaccessible, f"{where}.")
    kind = _one_of(_text(entry, "kind", where=f"{where}."), f"{where}.kind", KINDS)
    texts = {key: _text(entry, key, "", f"{where}.") for key in ("content", "requirement", "why", "instead")}
    return Inaccessible(kind, **texts)


def _day(value: Any, where: str) -> date:
    if not isinstance(value, date) or isinstance(value, datetime):
        raise FactsError(f'"{where}" must be a date without quotes, like 2026-11-17, not {value!r}')
    return value


def _security(table: dict[str, Any], language: str) -> SecurityFacts | None:
    if not table:
        return None
    where = "security."
    _check_keys(table, SecurityFacts, where)
    contact, languages = table.get("contact"), table.get("languages", [language])
    if isinstance(contact, str):
        contact = [contact]
    if not isinstance(contact, list) or not contact:
        raise FactsError(f'"{where}contact" must be an e-mail address or an address of a page, not {contact!r}')
    if not isinstance(languages, list) or not all(_is_language(each) for each in languages):
        raise FactsError(f'"{where}languages" must be a list of codes like ["sv", "en"], not {languages!r}')
    policy = _text(table, "policy", "", where)
    return SecurityFacts(
        contact=tuple(_reached(each, f"{where}contact") for each in contact),
        expires=_moment(table.get("expires"), f"{where}expires"),
        policy=_reached(policy, f"{where}policy") if policy else "",
        languages=tuple(languages),
    )


def _is_language(code: Any) -> bool:
    return isinstance(code, str) and bool(re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*", code))


def _reached(value: Any, where: str) -> str:
    """An e-mail address, https:// or tel: as the URI that RFC 9116 asks for (2.5.3, 2.5.7)."""
    text = value.strip() if isinstance(value, str) else ""
    if re.fullmatch(r"(https://|mailto:[^@]+@|tel:\+?\d)[!-~]+", text):
        return text
    if where.endswith("contact") and re.fullmatch(r"[!-9;-~]+@[!-?A-~]+", text):
        return f"mailto:{text}"
    raise FactsError(f'"{where}" must be an address that begins with https:// (or who to mail), not {value!r}')


def _moment(value: Any, where: str) -> datetime:
    """A day of TOML, from its first second (UTC), or a moment with a zone."""
    if isinstance(value, datetime) and value.tzinfo and 1900 < value.year < 9000:
        return value.astimezone(UTC)
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    raise FactsError(f'"{where}" must be a day like 2027-11-01, without quotes, not {str(value)!r}')


def _drawing(path: str) -> str:
    if path and not re.fullmatch(r"/?images/(?!.*\.\.)[^\\]+\.svg", path, re.IGNORECASE):
        raise FactsError(f'"icon" must be a drawing among the pictures, like "images/icon.svg", not "{path}"')
    return path.lstrip("/")


def _writer(entry: Any) -> Writer:
    if not isinstance(entry, dict):
        raise FactsError('"writers" must be tables, each begun by [[writers]]')
    _check_keys(entry, Writer, "writers.")
    picture = _text(entry, "picture", "", "writers.") or None
    name = _short(_text(entry, "name", where="writers."), "writers.name")
    return Writer(name, _short(_text(entry, "title", "", "writers."), "writers.title"), picture)


def _text(table: dict[str, Any], key: str, default: str | None = None, where: str = "") -> str:
    value = table.get(key, default)
    if not isinstance(value, str) or (default is None and not value.strip()):
        raise FactsError(f'"{where}{key}" must be a text in quotes, not {value!r}')
    return value.strip()


def _short(text: str, where: str, most: int = MOST_CHARACTERS) -> str:
    if len(text) > most:
        raise FactsError(f'"{where}" must have at most {most} characters, not {len(text)}')
    return text


def _whole(table: dict[str, Any], key: str, default: int, least: int, most: int) -> int:
    value = table.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise FactsError(f'"comments.{key}" must be a whole number from {least} to {most}, not {value!r}')
    return value


def _yes_or_no(table: dict[str, Any], key: str, default: bool, where: str) -> bool:
    value = table.get(key, default)
    if not isinstance(value, bool):
        raise FactsError(f'"{where}{key}" must be true or false, not {value!r}')
    return value


def _section(table: dict[str, Any], key: str, where: str = "") -> dict[str, Any]:
    value = table.get(key, {})
    if not isinstance(value, dict):
        raise FactsError(f'"{where}{key}" must be a table, begun by [{where}{key}]')
    return value


def _list(table: dict[str, Any], key: str, where: str = "") -> list[Any]:
    value = table.get(key, [])
    if not isinstance(value, list):
        raise FactsError(f'"{where}{key}" must be tables, each begun by [[{where}{key}]]')
    return value


def _texts(table: dict[str, Any], section: str) -> Mapping[str, str]:
    where = f"{section}."
    codes = [_short(key, where + key, CODE_CHARACTERS) for key in table]
    return MappingProxyType({code: _text(table, code, where=where) for code in codes})


def _one_of(value: str, key: str, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        raise FactsError(f'"{key}" must be one of {", ".join(allowed)}, not "{value}"')
    return value


def _address(value: str, key: str = "url") -> str:
    try:
        parts = urlsplit(value)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise FactsError(f'"{key}" must be an address that begins with https://, not "{value}"')
    return value.rstrip("/")


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise FactsError(f'"time_zone" must be a zone like Europe/Stockholm, not "{value}"') from None
    return value

"""The organisation's facts, read from site.toml by both halves."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from common.accessibility import KINDS, REVIEWS, STATUSES, Accessibility, Inaccessible
from common.fact_values import (
    FactsError,
    as_address,
    as_day,
    as_short,
    as_zone,
    check_keys,
    list_of,
    no_address,
    no_tables,
    one_of,
    section,
    text_of,
    texts_of,
    whole_number,
    word_list,
    yes_or_no,
)
from common.language import marked as _
from common.security import SecurityFacts, is_language, moment, uri

LANGUAGES = ("sv", "en")
ROLES = ("moderator", "author", "admin")
"""What an account may do, from the least to the most."""
BUTTON_CHARACTERS = 60
MOST_HOURS = 1000
_LINE = re.compile(r"\(at line (\d+), column \d+\)")
_LANGUAGE = re.compile(r"""^language\s*=\s*["'](\w+)["']""", re.MULTILINE)


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
        return _facts(_table(path))
    except FactsError as error:
        raise error if error.file else error.at(path) from None


def _table(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise FactsError("must exist; copy site.toml from the project and fill it in").at(path, 1) from None
    except (OSError, UnicodeDecodeError) as error:
        raise FactsError("must be a readable UTF-8 file (%(why)s)", why=error).at(path, 1) from None
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # also of numbers and lists that are endless
        line = _LINE.search(str(error))  # else "at end of document"
        message = _("must be valid TOML; is a quotation mark, a bracket or an equals sign missing? (%(why)s)")
        raise FactsError(message, why=error).at(path, int(line[1]) if line else len(text.splitlines())) from None


def language_of(path: Path) -> str:
    """The language that a site.toml names, also one that can't be read otherwise; Swedish where it names none."""
    try:
        named = _LANGUAGE.search(path.read_text(encoding="utf-8", errors="replace"))
    except OSError:
        named = None
    return named[1] if named and named[1] in LANGUAGES else "sv"


def _facts(table: dict[str, Any]) -> Facts:
    check_keys(table, Facts)
    return Facts(
        organisation=as_short(text_of(table, "organisation"), "organisation"),
        title=text_of(table, "title"),
        subtitle=text_of(table, "subtitle", ""),
        url=as_address(text_of(table, "url")),
        language=one_of(text_of(table, "language", "sv"), "language", LANGUAGES),
        time_zone=as_zone(text_of(table, "time_zone", "Europe/Stockholm")),
        contact=_contact(section(table, "contact")),
        comments=_comments(section(table, "comments")),
        reasons=texts_of(section(table, "reasons"), "reasons"),
        disposal=texts_of(section(table, "disposal"), "disposal"),
        moderation=_moderation(section(table, "moderation")),
        sign_in=_sign_in(section(table, "sign_in")),
        writers=tuple(_writer(entry) for entry in list_of(table, "writers")),
        colours=texts_of(section(table, "colours"), "colours"),
        fonts=texts_of(section(table, "fonts"), "fonts"),
        accessibility=_accessibility(section(table, "accessibility")),
        icon=_drawing(text_of(table, "icon", "")),
        security=_security(section(table, "security"), text_of(table, "language", "sv")),
    )


def _contact(table: dict[str, Any]) -> Contact:
    check_keys(table, Contact, "contact.")
    return Contact(*(text_of(table, key, "", "contact.") for key in ("email", "phone", "address")))


def _comments(table: dict[str, Any]) -> CommentFacts:
    check_keys(table, CommentFacts, "comments.")
    return CommentFacts(
        promise=text_of(table, "promise", where="comments."),
        promise_hours=_hours(table.get("promise_hours", CommentFacts.promise_hours)),
        max_characters=whole_number(table, "max_characters", 5000, 100, 10_000),
        per_page=whole_number(table, "per_page", 50, 1, 1000),
        edit_window_minutes=whole_number(table, "edit_window_minutes", 15, 0, 24 * 60),
        close_after_days=whole_number(table, "close_after_days", 0, 0, 3650),
    )


def _moderation(table: dict[str, Any]) -> ModerationFacts:
    check_keys(table, ModerationFacts, "moderation.")
    return ModerationFacts(
        words=word_list(table, "words"),
        second_pair_of_eyes=yes_or_no(table, "second_pair_of_eyes", False, "moderation."),
        working_day=_working_day(text_of(table, "working_day", "08:00-17:00", "moderation.")),
        weekdays=_weekdays(table.get("weekdays", [1, 2, 3, 4, 5])),
        holidays=_country(text_of(table, "holidays", "SE", "moderation.")),
        free_days=word_list(table, "free_days"),
    )


def _working_day(text: str) -> tuple[int, int]:
    found = re.fullmatch(r"([01]\d|2[0-4]):([0-5]\d) ?[-–] ?([01]\d|2[0-4]):([0-5]\d)", text, re.ASCII)
    hours = [int(number) for number in found.groups()] if found else [0, 0, 0, 0]
    begin, end = hours[0] * 60 + hours[1], hours[2] * 60 + hours[3]
    if not begin < end <= 24 * 60:
        message = _('"%(key)s" must be two times of a day like "08:00-17:00", not "%(value)s"')
        raise FactsError(message, key="moderation.working_day", value=text)
    return begin, end


def _weekdays(value: Any) -> tuple[int, ...]:
    known = isinstance(value, list) and all(type(day) is int and 1 <= day <= 7 for day in value)
    if not value or not known:
        message = _('"%(key)s" must be a list of numbers, 1 for Monday to 7, not %(value)r')
        raise FactsError(message, key="moderation.weekdays", value=value)
    return tuple(sorted(set(value)))


def _country(code: str) -> str:
    if not re.fullmatch(r"([A-Z]{2})?", code):
        message = _('"%(key)s" must be the two letters of a country like "SE", or "", not "%(value)s"')
        raise FactsError(message, key="moderation.holidays", value=code)
    return code


def _hours(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= MOST_HOURS:
        message = _('"%(key)s" must be a number of hours, up to %(most)d, not %(value)r')
        raise FactsError(message, key="comments.promise_hours", most=MOST_HOURS, value=value)
    return float(value)


def _sign_in(table: dict[str, Any]) -> SignInFacts:
    where = "sign_in."
    check_keys(table, SignInFacts, where)
    return SignInFacts(
        password=yes_or_no(table, "password", True, where),
        openid_name=as_short(text_of(table, "openid_name", "", where), f"{where}openid_name", BUTTON_CHARACTERS),
        groups_claim=text_of({"groups_claim": "groups"} | table, "groups_claim", where=where),
        trust_email=yes_or_no(table, "trust_email", False, where),
        groups=_roles(section(table, "groups", where)),
    )


def _roles(table: dict[str, Any]) -> Mapping[str, str]:
    where = "sign_in.groups."
    roles = {group: one_of(text_of(table, group, where=where), where + group, ROLES) for group in table}
    return MappingProxyType(roles)


def _accessibility(table: dict[str, Any]) -> Accessibility:
    """The statement as far as it is written: what is missing is told by the build (plugins/check.py)."""
    where = "accessibility."
    check_keys(table, Accessibility, where)
    texts = ("reviewer", "method", "answer", "other_ways")
    found: dict[str, Any] = {key: text_of(table, key, "", where) for key in texts}
    for key, known in {"status": STATUSES, "review": REVIEWS}.items():
        found[key] = one_of(table[key], where + key, known) if key in table else ""
    for key in ("reviewed", "updated", "published"):
        found[key] = as_day(table[key], where + key) if key in table else None
    if found["reviewed"] and found["updated"] and found["updated"] < found["reviewed"]:
        message = _('"%(key)s" must not come before the review (%(reviewed)s): %(updated)s')
        raise FactsError(message, key=f"{where}updated", reviewed=found["reviewed"], updated=found["updated"])
    if "authority" in table or "authority_url" in table:
        found["authority"] = text_of(table, "authority", where=where)
        found["authority_url"] = text_of(table, "authority_url", "", where)
        as_address(found["authority_url"], f"{where}authority_url")
    works = word_list(table, "works", where)
    entries = tuple(_inaccessible(entry) for entry in list_of(table, "not_accessible", where))
    return Accessibility(**found, works=works, not_accessible=entries)


def _inaccessible(entry: Any) -> Inaccessible:
    where = "accessibility.not_accessible"
    if not isinstance(entry, dict):
        raise no_tables(where)
    check_keys(entry, Inaccessible, f"{where}.")
    kind = one_of(text_of(entry, "kind", where=f"{where}."), f"{where}.kind", KINDS)
    texts = {key: text_of(entry, key, "", f"{where}.") for key in ("content", "requirement", "why", "instead")}
    return Inaccessible(kind, **texts)


def _security(table: dict[str, Any], language: str) -> SecurityFacts | None:
    if not table:
        return None
    where = "security."
    check_keys(table, SecurityFacts, where)
    contact, expires = table.get("contact"), moment(table.get("expires"))
    reached = [uri(each) for each in (contact if isinstance(contact, list) else [contact])]
    if not reached or None in reached:
        message = _('"%(key)s" must be an e-mail address, or begin with https://, not %(value)r')
        raise FactsError(message, key=f"{where}contact", value=contact)
    if expires is None:
        message = _('"%(key)s" must be a day like 2027-11-01, without quotes, not %(value)s')
        raise FactsError(message, key=f"{where}expires", value=table.get("expires"))
    policy, languages = text_of(table, "policy", "", where), table.get("languages", [language])
    if policy and not (policy.startswith("https://") and uri(policy)):
        raise no_address(f"{where}policy", policy)
    if not isinstance(languages, list) or not all(is_language(each) for each in languages):
        message = _('"%(key)s" must be a list of codes like ["sv", "en"], not %(value)r')
        raise FactsError(message, key=f"{where}languages", value=languages)
    return SecurityFacts(tuple(filter(None, reached)), expires, policy, tuple(languages))


def _drawing(path: str) -> str:
    if path and not re.fullmatch(r"/?images/(?!.*\.\.)[^\\]+\.svg", path, re.IGNORECASE):
        message = _('"%(key)s" must be a drawing among the pictures, like "images/icon.svg", not "%(value)s"')
        raise FactsError(message, key="icon", value=path)
    return path.lstrip("/")


def _writer(entry: Any) -> Writer:
    if not isinstance(entry, dict):
        raise no_tables("writers")
    check_keys(entry, Writer, "writers.")
    picture = text_of(entry, "picture", "", "writers.") or None
    name = as_short(text_of(entry, "name", where="writers."), "writers.name")
    return Writer(name, as_short(text_of(entry, "title", "", "writers."), "writers.title"), picture)

"""Who is told of a hole in the site (RFC 9116), as site.toml says it."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

_URI = re.compile(r"(https://|mailto:[^@]+@|tel:\+?\d)[!-~]+")
_MAIL = re.compile(r"[!-9;-~]+@[!-?A-~]+")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")


@dataclass(frozen=True)
class SecurityFacts:
    """Who is told of a hole in the site (RFC 9116): `contact` are URIs, the preferred first.

    What stands there counts until `expires`, which has a zone; `policy` is "" or the address of a page on it.
    """

    contact: tuple[str, ...]
    expires: datetime
    policy: str = ""
    languages: tuple[str, ...] = ()


def uri(value: Any) -> str | None:
    """An e-mail address, https://…, mailto:… or tel:… as a URI (RFC 9116, 2.5.3); None for anything else."""
    text = value.strip() if isinstance(value, str) else ""
    if _URI.fullmatch(text):
        return text
    return f"mailto:{text}" if _MAIL.fullmatch(text) else None


def moment(value: Any) -> datetime | None:
    """A day of TOML, from its first second (UTC), or a moment with a zone; None for anything else."""
    if isinstance(value, datetime):
        return value.astimezone(UTC) if value.tzinfo and 1900 < value.year < 9000 else None
    return datetime(value.year, value.month, value.day, tzinfo=UTC) if isinstance(value, date) else None


def is_language(code: Any) -> bool:
    """Whether it looks like a language tag (RFC 5646): sv, en-GB."""
    return isinstance(code, str) and bool(_LANGUAGE.fullmatch(code))

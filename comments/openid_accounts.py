"""Whose account it is that the organisation's own sign-in speaks of, and what that person may do here."""

from typing import Any

import sqlalchemy as sa
from email_validator import EmailNotValidError, validate_email

from comments import sessions
from comments.accounts import log
from comments.reception import EMAIL_CHARACTERS, is_plain
from comments.storage import Storage, accounts
from common.fact_values import MOST_CHARACTERS
from common.facts import ROLES, Facts, SignInFacts

SUBJECT_CHARACTERS = 500
WHO = "OpenID Connect"
"""Who did what no signed-in account did."""
Claims = dict[str, Any]
Row = dict[str, Any]


class OpenIDFailed(Exception):
    """Nobody could be signed in; `why` names the reason, `status` is the answer's."""

    def __init__(self, why: str, status: int = 403) -> None:
        super().__init__(why)
        self.why, self.status = why, status


def claim(claims: Claims, path: str) -> Any:
    """The claim of that name, or what a path like realm_access.roles leads to; None where there is nothing.

    The whole name goes first: claims may be called https://lindhamn.example/groups.
    """
    if path in claims:
        return claims[path]
    head, dot, rest = path.partition(".")
    inner = claims.get(head) if dot else None
    return claim(inner, rest) if isinstance(inner, dict) else None


def is_enough(claims: Claims, sign_in: SignInFacts) -> bool:
    """Whether claims say all that is needed: the groups, or that they are too many, and the address."""
    return "email" in claims and (is_overage(claims, sign_in) or claim(claims, sign_in.groups_claim) is not None)


def is_overage(claims: Claims, sign_in: SignInFacts) -> bool:
    """Whether Entra ID says that somebody is in more groups than it lists (200) and where else to ask for them."""
    elsewhere = claims.get("_claim_names")
    named = isinstance(elsewhere, dict) and sign_in.groups_claim in elsewhere
    return named or claims.get("hasgroups") in (True, "true")


def role_of(claims: Claims, sign_in: SignInFacts) -> str | None:
    """The highest role that a person's groups give; None where no group gives one."""
    given = claim(claims, sign_in.groups_claim)
    groups = [given] if isinstance(given, str) else given if isinstance(given, list) else []
    roles = {sign_in.groups.get(group) for group in groups if isinstance(group, str)}
    return next((role for role in reversed(ROLES) if role in roles), None)


def address_of(claims: Claims) -> str | None:
    """The e-mail address, or the sign-in name where that is one, as accounts have it; None where neither is."""
    for name in ("email", "preferred_username"):
        given = claims.get(name)
        if isinstance(given, str) and len(given) <= EMAIL_CHARACTERS and is_plain(given):
            try:
                validate_email(given, check_deliverability=False, globally_deliverable=False)
            except (EmailNotValidError, UnicodeError):
                continue
            return given.strip().lower()
    return None


def is_confirmed(claims: Claims, sign_in: SignInFacts) -> bool:
    """Whether the provider answers for the address: by its word, or because site.toml says that it always does.

    Entra ID leaves email_verified out, and lets administrators of other tenants fill the address in as they
    like; xms_edov says that the address's domain belongs to the person's own organisation.
    """
    if sign_in.trust_email:
        return True
    said = claims.get("email_verified", claims.get("xms_edov"))
    return "email" in claims and (said is True or said in (1, "1", "true", "True"))


def account_of(storage: Storage, issuer: str, claims: Claims, facts: Facts) -> Row:
    """The account of issuer and subject, its role brought up to date, made where there is none yet.

    OpenIDFailed where there can't be one. What was changed is noted in the account's log.
    """
    subject = f"{issuer} {claims['sub']}"
    if len(subject) > SUBJECT_CHARACTERS:
        raise OpenIDFailed("nonsense", 502)
    role = role_of(claims, facts.sign_in)
    with storage.transaction():
        found = _by(storage, accounts.c.subject == subject)
        if role is not None:
            found = found or _first_time(storage, subject, claims, facts, role)
            if found["closed"] is not None:
                raise OpenIDFailed("closed")
            return _brought_up_to_date(storage, found, role)
        if found is not None:
            _put_out(storage, found)
    raise OpenIDFailed("overage" if is_overage(claims, facts.sign_in) else "no_role")


def _put_out(storage: Storage, account: Row) -> None:
    """Whoever has no business here any more is out on every device."""
    sessions.end_all(storage, account["id"])
    log(storage, account["id"], WHO, "openid-no-role")


def _by(storage: Storage, condition: sa.ColumnElement[bool]) -> Row | None:
    return storage.row(sa.select(accounts).where(condition))


def _first_time(storage: Storage, subject: str, claims: Claims, facts: Facts, role: str) -> Row:
    """An account that is there already is taken over only by somebody whose address is theirs beyond doubt."""
    email = address_of(claims)
    if email is None:
        raise OpenIDFailed("no_address")
    found = _by(storage, accounts.c.email == email)
    if found is None:
        return _made(storage, subject, email, claims, facts, role)
    if found["closed"] is not None:
        raise OpenIDFailed("closed")
    if found["subject"] is not None or not is_confirmed(claims, facts.sign_in):
        raise OpenIDFailed("taken")
    storage.execute(accounts.update().where(accounts.c.id == found["id"]).values(subject=subject))
    log(storage, found["id"], WHO, "openid-bound", subject)
    return found | {"subject": subject}


def _made(storage: Storage, subject: str, email: str, claims: Claims, facts: Facts, role: str) -> Row:
    values = {"email": email, "name": _name(claims, email), "title": facts.organisation, "role": role}
    storage.execute(accounts.insert().values(values | {"subject": subject}))
    found = _by(storage, accounts.c.subject == subject)
    assert found is not None
    log(storage, found["id"], WHO, "openid-added", f"{role}, {subject}")
    return found


def _name(claims: Claims, email: str) -> str:
    for key in ("name", "given_name", "preferred_username"):
        given = claims.get(key)
        if isinstance(given, str) and is_plain(given) and 0 < len(given.strip()) <= MOST_CHARACTERS:
            return given.strip()
    return email.partition("@")[0]


def _brought_up_to_date(storage: Storage, account: Row, role: str) -> Row:
    if account["role"] == role:
        return account
    storage.execute(accounts.update().where(accounts.c.id == account["id"]).values(role=role))
    log(storage, account["id"], WHO, "openid-role", f"{account['role']} → {role}")
    return account | {"role": role}

"""The desk's accounts from a terminal: python -m comments moderator …"""

import argparse
from collections.abc import Callable
from typing import Any

from comments import accounts, links
from comments.moderation import Refused
from common.fact_values import MOST_CHARACTERS

ROLES = "moderator decides; author also answers as the letters' writers; admin also sees to accounts"

Row = dict[str, Any]


def add_account_commands(commands: Any, add: Callable[..., argparse.ArgumentParser]) -> None:
    """Put `moderator …` among the commands; `add` makes each."""
    group = commands.add_parser("moderator", help="accounts of the desk").add_subparsers(required=True)
    new = add(group, "add", add_moderator, "add an account and mail its invitation, or print it where no mail is sent")
    new.add_argument("--name", required=True, help="shown with official answers")
    new.add_argument("--title", help="the office, shown with the badge (default: the organisation)")
    new.add_argument("--role", choices=accounts.ROLES, default="moderator", help=ROLES)
    new.add_argument("--print", dest="shown", action="store_true", help="print the invitation, mail nothing")
    link = add(group, "link", sign_in_link, "print a link that signs in once, without password")
    for each in (new, link):
        each.add_argument("--origin", help="where the desk is (default: the address in site.toml)")
    close = add(group, "close", close_moderator, "close an account; what it decided stays signed by it")
    reset = add(group, "reset", reset_moderator, "take away the second step of one who has lost it")
    for each in (new, link, close, reset):
        each.add_argument("email", metavar="EMAIL")
    add(group, "list", list_moderators, "list the accounts")


def account_of(parts: Any, email: str | None, what: str = "--by") -> Row:
    """The open account with that address; Refused if there is none."""
    account = accounts.find(parts.storage, email) if email else None
    if account is None or account["closed"]:
        add = f"python -m comments moderator add {email} --name …"
        raise Refused(f'{what} must be a moderator, not "{email}"; add one: {add}')
    return account


def add_moderator(parts: Any, options: argparse.Namespace) -> Row:
    """Add an account; answers with its invitation, or with where that was mailed."""
    if "email" in parts.reception.flaws("-", options.email, "---") or not options.email.strip():
        raise Refused(f'EMAIL must be an address like name@example.com, not "{options.email}"')
    for name in ("name", "title"):
        text = getattr(options, name)
        if text is not None and not accounts.is_signature(text):
            raise Refused(f"--{name} must be plain text of at most {MOST_CHARACTERS} characters")
    title = options.title or parts.settings.facts.organisation
    _lead_to(parts, options)
    try:
        account = accounts.add(parts.storage, options.email, options.name, title, options.role)
    except accounts.LastAdmin:
        raise Refused(f"{options.email} is the only administrator; make somebody else one first") from None
    if parts.settings.smtp and not options.shown:
        parts.account_mails.invite(account)
        return {"email": account["email"], "invitation": "mailed"}
    secret = links.new(parts.storage, account["id"], "invitation")
    return {"email": account["email"], "invitation": parts.account_mails.link(secret)}


def sign_in_link(parts: Any, options: argparse.Namespace) -> Row:
    """A new one-time link for an account."""
    account = account_of(parts, options.email, "EMAIL")
    _lead_to(parts, options)
    return {
        "email": account["email"],
        "link": parts.account_mails.link(links.new(parts.storage, account["id"], "terminal")),
    }


def _lead_to(parts: Any, options: argparse.Namespace) -> None:
    if options.origin:
        parts.notices.origin = options.origin.rstrip("/")


def close_moderator(parts: Any, options: argparse.Namespace) -> Row:
    """Close an account."""
    account = account_of(parts, options.email, "EMAIL")
    try:
        accounts.close(parts.storage, account, accounts.TERMINAL)
    except accounts.LastAdmin:
        raise Refused(f"{options.email} is the only administrator; make somebody else one first") from None
    return {"email": account["email"], "state": "closed"}


def reset_moderator(parts: Any, options: argparse.Namespace) -> Row:
    """Take an account's second factors away."""
    account = account_of(parts, options.email, "EMAIL")
    accounts.reset(parts.storage, account, accounts.TERMINAL)
    return {"email": account["email"], "second factor": "taken away; a new one is set up at the next sign-in"}


def list_moderators(parts: Any, _options: argparse.Namespace) -> list[Row]:
    """All accounts, the open ones first, each {"email", "name", "title", "role", "state", "second"}."""
    return [
        {name: row[name] for name in ("email", "name", "title", "role")}
        | {"state": "closed" if row["closed"] else "open", "second": bool(row["totp"] or row["key_count"])}
        for row in accounts.everyone(parts.storage)
    ]

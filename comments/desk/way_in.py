"""How somebody becomes signed in: the one place where a session begins, and the wait for a second factor."""

from typing import Any
from urllib.parse import urlsplit

from flask import g, redirect, request, session, url_for
from werkzeug.wrappers import Response as BaseResponse

from comments import accounts, challenges, sessions
from comments.desk import devices
from comments.reception import is_plain
from comments.service import service

Row = dict[str, Any]

PENDING = "second-factor"
PENDING_SECONDS = 10 * 60
DESK = "/moderering/"


def let_in(account: Row, how: str, next: str | None = None) -> BaseResponse:
    """Sign an account in, and go where it wanted to, if that is a page of the desk.

    The session that this browser had ends, and its cookie gets another secret (OWASP ASVS 5.0, 7.2.4). `how` is
    link, password+totp, password+recovery, passkey, password+passkey or openid.
    """
    storage = service().storage
    with storage.transaction():
        sessions.end_secret(storage, session.get("token"))
        secret = sessions.begin(storage, account["id"], how, request.user_agent.string)
        accounts.log(storage, account["id"], account["email"], "signed-in", how)
    session.clear()
    session.permanent = True
    session["token"] = secret
    g.account = sessions.signed_in(storage, secret)
    answer = redirect(safe(next) or url_for("desk.queue"))
    devices.remember(answer, account["id"])
    return answer


def begin_pending(account: Row, next: str | None = None) -> None:
    """The password was right: wait for the second factor of that account, in this browser, for ten minutes."""
    value = safe(next) or ""
    session["pending"] = challenges.begin(service().storage, PENDING, value, PENDING_SECONDS, account["id"])


def pending() -> Row | None:
    """The account whose second factor is waited for; None where there is none, or it took too long."""
    found = challenges.look(service().storage, PENDING, session.get("pending"))
    account = accounts.get(service().storage, found["account"]) if found else None
    return account if account and not account["closed"] else None


def finish_pending(how: str) -> BaseResponse:
    """The second factor was right: sign in, once."""
    storage = service().storage
    with storage.transaction():
        found = challenges.take(storage, PENDING, session.get("pending"))
        account = accounts.get(storage, found["account"]) if found else None
        if found is None or account is None or account["closed"]:
            return redirect(url_for("desk.sign_in"))
        return let_in(account, how, found["value"])


def give_up() -> None:
    """End the wait: the way in begins again."""
    challenges.take(service().storage, PENDING, session.pop("pending", None))


def safe(address: str | None) -> str | None:
    """An address that was asked for, where it is a page of the desk; None for any other (CWE-601)."""
    if not address or not is_plain(address) or "\\" in address or len(address) > 400:
        return None
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    inside = parts.path.startswith(DESK) and "//" not in parts.path and ".." not in parts.path
    return address if inside and not parts.scheme and not parts.netloc else None

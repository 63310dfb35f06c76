"""Browsers that an account signed in on before: strangers who guess its password lock none of them out.

OWASP's "device cookies": a signed cookie that outlives the session and opens nothing.
"""

import secrets

from flask import Response, current_app, request
from itsdangerous import BadData, URLSafeTimedSerializer
from werkzeug.wrappers import Response as BaseResponse

SECONDS = 180 * 24 * 3600


def name() -> str:
    """The cookie's name, with the prefix that ties it to this host where the site has https."""
    return "__Host-enhet" if current_app.config["SESSION_COOKIE_SECURE"] else "enhet"


def remember(answer: Response | BaseResponse, account: int) -> None:
    """Mark the browser that gets this answer as one of the account's."""
    value = _signer().dumps([account, secrets.token_hex(8)])
    secure = bool(current_app.config["SESSION_COOKIE_SECURE"])
    answer.set_cookie(name(), value, max_age=SECONDS, secure=secure, httponly=True, samesite="Lax")


def known(account: int) -> str | None:
    """This browser's own mark, where the account has signed in on it; None elsewhere."""
    try:
        whose, mark = _signer().loads(request.cookies.get(name(), ""), max_age=SECONDS)
    except (BadData, ValueError, TypeError):
        return None
    return str(mark) if whose == account else None


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(str(current_app.secret_key), salt="device")

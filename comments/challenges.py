"""What a sign-in has begun and not ended: taken out when it is used, so that nothing works twice."""

import secrets
import time
from typing import Any

import sqlalchemy as sa

from comments.reception import hash_secret
from comments.storage import Storage, challenges

Row = dict[str, Any]


def begin(storage: Storage, purpose: str, value: str, seconds: int, account: int | None = None) -> str:
    """Keep a value for some seconds; gives the secret by which the browser that began finds it again."""
    secret, now = secrets.token_urlsafe(24), time.time()
    values = {"token": hash_secret(secret), "account": account, "purpose": purpose, "value": value}
    with storage.transaction():
        storage.execute(challenges.delete().where(challenges.c.expires < now))
        storage.execute(challenges.insert().values(values | {"expires": now + seconds}))
    return secret


def look(storage: Storage, purpose: str, secret: object) -> Row | None:
    """What was begun and has not grown old, left where it is; None for any other secret."""
    return storage.row(sa.select(challenges).where(_its(purpose, secret))) if isinstance(secret, str) else None


def take(storage: Storage, purpose: str, secret: object) -> Row | None:
    """The same, taken out: of two who come with one secret, one gets it."""
    if not isinstance(secret, str):
        return None
    return storage.row(challenges.delete().where(_its(purpose, secret)).returning(challenges))


def _its(purpose: str, secret: str) -> sa.ColumnElement[bool]:
    same = (challenges.c.token == hash_secret(secret)) & (challenges.c.purpose == purpose)
    return same & (challenges.c.expires > time.time())

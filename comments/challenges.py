"""What a sign-in has begun and not ended: a secret that one browser holds, good for once and for a few minutes."""

import secrets
import time
from typing import Any

from comments.reception import hash_secret
from comments.storage import Storage, challenges

SECONDS = 5 * 60


def begin(storage: Storage, purpose: str, value: str, account: int | None = None, seconds: float = SECONDS) -> str:
    """Keep a value of at most 500 characters; gives the secret that takes it out again."""
    secret = secrets.token_urlsafe(24)
    keep(storage, secret, purpose, value, account, seconds)
    return secret


def keep(
    storage: Storage, secret: str, purpose: str, value: str, account: int | None = None, seconds: float = SECONDS
) -> None:
    """The same with a secret that is there already; what has grown old is thrown away."""
    now = time.time()
    row = {"token": hash_secret(secret), "purpose": purpose, "value": value, "account": account}
    with storage.transaction():
        storage.execute(challenges.delete().where(challenges.c.expires < now))
        storage.execute(challenges.insert().values(row | {"expires": now + seconds}))


def take(storage: Storage, secret: object, purpose: str, account: int | None = None) -> str | None:
    """The value that was kept for this purpose and account, the first time and while it is fresh; None ever after."""
    if not isinstance(secret, str):
        return None
    fits = (challenges.c.token == hash_secret(secret)) & (challenges.c.purpose == purpose)
    with storage.transaction():
        taken: Any = challenges.delete().where(fits, challenges.c.account.is_not_distinct_from(account))
        row = storage.row(taken.returning(challenges.c.value, challenges.c.expires))
    return row["value"] if row and row["expires"] > time.time() else None

"""How often somebody may be wrong: pauses that grow, for the one who guesses and nobody else.

Failures are counted by account and network together, and by network; all strangers' together by account. A browser
that the account signed in on before is counted by itself, so that no stranger locks its owner out (OWASP ASVS 5.0,
6.3.1 and 6.3.2).
"""

import hashlib
import hmac
import time
from typing import Any

import sqlalchemy as sa

from comments.storage import Storage, attempts

WINDOW_SECONDS = 3600
PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 30, 15 * 60
FREE = {"device": 5, "pair": 5, "network": 30, "strangers": 60, "codes": 10}
"""Failures within an hour before the first pause."""


class Throttle:
    """The failures that are remembered, each as a keyed hash of whose they are."""

    def __init__(self, storage: Storage, key: str, limited: bool) -> None:
        self.storage = storage
        self.key = key.encode()
        self.limited = limited

    def pause(self, *keys: str) -> int:
        """For how many seconds whoever is counted by these keys, each "kind …", has to wait; 0 for not at all."""
        if not self.limited:
            return 0
        return max((self._pause(key) for key in keys), default=0)

    def _pause(self, key: str) -> int:
        found = self._lately(key)
        over = found["number"] - FREE[key.split()[0]]
        if over < 0:
            return 0
        pause = min(PAUSE_SECONDS * 2 ** min(over, 10), LONGEST_PAUSE_SECONDS)
        return max(0, round(found["last"] + pause - time.time()))

    def number(self, key: str) -> int:
        """How many failures of the last hour are counted by a key."""
        return int(self._lately(key)["number"])

    def _lately(self, key: str) -> dict[str, Any]:
        now = time.time()
        query = sa.select(sa.func.count().label("number"), sa.func.max(attempts.c.at).label("last"))
        return self.storage.rows(
            query.where(attempts.c.key == self._hash(key), attempts.c.at.between(now - WINDOW_SECONDS, now))
        )[0]

    def failed(self, *keys: str) -> None:
        """Remember a failure."""
        now = time.time()
        with self.storage.transaction():
            self.storage.execute(attempts.delete().where(attempts.c.at < now - WINDOW_SECONDS))
            self.storage.execute(attempts.insert(), [{"key": self._hash(key), "at": now} for key in keys])

    def succeeded(self, *keys: str) -> None:
        """Forget the failures that are counted by these keys."""
        self.storage.execute(attempts.delete().where(attempts.c.key.in_([self._hash(key) for key in keys])))

    def _hash(self, key: str) -> str:
        return hmac.new(self.key, f"attempts {key}".encode("utf-8", "replace"), hashlib.sha256).hexdigest()

"""Codes of a second factor: from an app (TOTP, RFC 6238), and those kept on paper for when it is lost."""

import base64
import hashlib
import hmac
import re
import secrets
import time
from typing import Any

import pyotp
import segno
import sqlalchemy as sa
from cryptography.fernet import Fernet, InvalidToken

from comments.storage import Storage, accounts, recovery_codes

Row = dict[str, Any]

STEP_SECONDS = 30
DRIFT_STEPS = 1
"""A clock may be so many steps off."""
SECRET = re.compile("[A-Z2-7]{32}")
RECOVERY_CODES = 10
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without signs that look alike."""


class Codes:
    """The codes of all accounts; their secrets are sealed with our key."""

    def __init__(self, storage: Storage, key: str, issuer: str) -> None:
        self.storage = storage
        self.key = key.encode()
        self.issuer = issuer
        self._seal = Fernet(base64.urlsafe_b64encode(hmac.digest(self.key, b"totp", "sha256")))

    def new_secret(self) -> str:
        """A secret for an app, base32, 160 bits."""
        return pyotp.random_base32()

    def usable(self, secret: str) -> str:
        """The secret that a form sends back, or a new one where it is none."""
        return secret if SECRET.fullmatch(secret) else self.new_secret()

    def address(self, account: Row, secret: str) -> str:
        """The otpauth: address by which an app takes the secret in."""
        return pyotp.TOTP(secret).provisioning_uri(name=account["email"], issuer_name=self.issuer)

    def picture(self, account: Row, secret: str) -> str:
        """The same as a QR code: a data: address of an SVG."""
        return segno.make(self.address(account, secret), error="m").svg_data_uri(scale=5, dark="#000", light="#fff")

    def set_up(self, account: int, secret: str, code: str) -> bool:
        """Have the account's codes come from `secret`, where `code` shows that the app has it."""
        step = _step_of(secret, code, 0) if SECRET.fullmatch(secret) else None
        if step is None:
            return False
        values = {"totp": self._seal.encrypt(secret.encode()).decode(), "totp_step": step}
        self.storage.execute(accounts.update().where(accounts.c.id == account).values(values))
        return True

    def remove(self, account: int) -> None:
        """No app shows the account's codes any more."""
        self.storage.execute(accounts.update().where(accounts.c.id == account).values(totp=None, totp_step=None))

    def is_right(self, account: Row, code: str) -> bool:
        """Whether an app shows that code now; each is right once."""
        secret = self._secret(account)
        step = _step_of(secret, code, account["totp_step"] or 0) if secret else None
        if step is None:
            return False
        unused = (accounts.c.id == account["id"]) & (sa.func.coalesce(accounts.c.totp_step, 0) < step)
        return self.storage.execute(accounts.update().where(unused).values(totp_step=step)).rowcount > 0

    def _secret(self, account: Row) -> str | None:
        try:
            return self._seal.decrypt(account["totp"].encode()).decode() if account["totp"] else None
        except InvalidToken:  # sealed with another key: the app has to be set up again
            return None

    def new_recovery_codes(self, account: int) -> list[str]:
        """Ten codes that each work once; those from before work no more."""
        codes = ["-".join(_letters(5) for _ in range(2)) for _ in range(RECOVERY_CODES)]
        with self.storage.transaction():
            self.storage.execute(recovery_codes.delete().where(recovery_codes.c.account == account))
            rows = [{"account": account, "code": self._hash(account, code)} for code in codes]
            self.storage.execute(recovery_codes.insert(), rows)
        return codes

    def use_recovery_code(self, account: int, code: str) -> bool:
        """Whether it is one of the account's that was not used; now it is."""
        its = (recovery_codes.c.account == account) & (recovery_codes.c.code == self._hash(account, code))
        used = recovery_codes.update().where(its, recovery_codes.c.used.is_(None)).values(used=time.time())
        return self.storage.execute(used).rowcount > 0

    def recovery_codes_left(self, account: int) -> int:
        """How many were not used."""
        left = (recovery_codes.c.account == account) & recovery_codes.c.used.is_(None)
        return int(self.storage.execute(sa.select(sa.func.count()).where(left)).scalar_one())

    def _hash(self, account: int, code: str) -> str:
        bare = "".join(character for character in code.casefold() if character.isalnum())
        return hmac.new(self.key, f"recovery {account} {bare}".encode("utf-8", "replace"), hashlib.sha256).hexdigest()


def _letters(number: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(number))


def _step_of(secret: str, code: str, after: int) -> int | None:
    """The step of 30 s, later than `after`, in which an app shows that code; None where it is none of now."""
    digits = "".join(code.split())
    if not (digits.isascii() and digits.isdigit() and len(digits) == 6):
        return None
    now = int(time.time()) // STEP_SECONDS
    steps = (step for step in range(now - DRIFT_STEPS, now + DRIFT_STEPS + 1) if step > after)
    return next(
        (step for step in steps if hmac.compare_digest(pyotp.TOTP(secret).at(step * STEP_SECONDS), digits)), None
    )

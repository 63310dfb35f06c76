"""Passwords: argon2id, long rather than odd, none that is common (OWASP ASVS 5.0, 6.2; NIST SP 800-63B)."""

import threading
import unicodedata
from collections.abc import Iterable
from gettext import NullTranslations
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from comments.reception import is_plain
from comments.storage import Storage, accounts

LEAST, MOST = 15, 128
"""Characters."""
RATED = 72
"""So much of a password is rated: the library takes no more, and its time."""
GOOD_ENOUGH = 3
"""Of 4: safe against 10⁸ guesses."""
LEAST_NAME = 4

HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
"""OWASP's password storage cheat sheet: 19 MiB, two passes."""
NOBODYS = HASHER.hash("the password of no account")
"""Compared where there is none to compare with, so that it takes as long."""

_rating = threading.Lock()  # the library keeps the names it is given where all threads see them


def flaw(password: str, names: Iterable[str], words: NullTranslations) -> str | None:
    """What is wrong with a new password, in words for the one who chose it; None where it is well.

    `names` are what an account is known by: a password made of them is no secret.
    """
    _, password = words.gettext, normal(password)
    if not LEAST <= len(password) <= MOST:
        return _("Choose a password of %(least)d to %(most)d characters. Four words at random make a good one.") % {
            "least": LEAST,
            "most": MOST,
        }
    if not is_plain(password):
        return _("This holds characters that can't be typed everywhere. Choose another password.")
    known = [name.casefold() for name in names if len(name) >= LEAST_NAME]
    folded = password.casefold()
    if any(name in folded for name in known):
        return _("Your name, your address or the name of the site is in the password. Choose one without them.")
    from zxcvbn import zxcvbn  # its lists of words take 13 MB, and passwords are seldom chosen

    with _rating:
        common = zxcvbn(folded[:RATED], known)["score"] < GOOD_ENOUGH
    return (
        _("Many people choose passwords like this one. Choose another; four words at random are good.")
        if common
        else None
    )


def is_right(kept: str | None, password: str) -> bool:
    """Whether a password is the one that is kept; it takes as long where none is."""
    try:
        HASHER.verify(kept or NOBODYS, normal(password[: 2 * MOST]))
    except (VerificationError, InvalidHashError, UnicodeEncodeError):
        return False
    return kept is not None


def check(storage: Storage, account: dict[str, Any] | None, password: str) -> bool:
    """Whether it is that open account's password; kept anew where the way of keeping has changed since."""
    kept = account["password"] if account and not account["closed"] else None
    right = is_right(kept, password)
    if right and account and HASHER.check_needs_rehash(str(kept)):
        keep(storage, account["id"], password)
    return right


def keep(storage: Storage, account: int, password: str) -> None:
    """Make it the account's password."""
    storage.execute(accounts.update().where(accounts.c.id == account).values(password=HASHER.hash(normal(password))))


def normal(password: str) -> str:
    """The same characters however a keyboard composes them (NFC, RFC 8265)."""
    return unicodedata.normalize("NFC", password)

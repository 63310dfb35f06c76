"""What a browser is asked for a passkey, and whether its answer can be trusted (Web Authentication, W3C, level 3).

The browser gets a challenge, its authenticator signs it with a key that only it has, and the library checks what
comes back. A passkey proves a device and, because user verification is always asked for, a person: two factors.
"""

import hmac
import time

import sqlalchemy as sa
import webauthn
from webauthn.helpers import (
    base64url_to_bytes,
    bytes_to_base64url,
    parse_authentication_credential_json,
    parse_registration_credential_json,
)
from webauthn.helpers.structs import (
    AuthenticationCredential,
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)
from webauthn.registration.verify_registration_response import VerifiedRegistration

from comments import challenges
from comments.passkeys import PasskeyRefused, Place, Row, handle, is_full, of
from comments.storage import Storage, accounts, passkeys

ANSWER_CHARACTERS = 20_000
"""Of what a browser sends back: a credential's id may have 1023 bytes (4.), an attestation some thousands."""
SECONDS = 5 * 60
"""For so long a challenge may be answered."""

ADD, USE = "passkey-new", "passkey-use"
VERIFIED = UserVerificationRequirement.REQUIRED


def begin_adding(storage: Storage, here: Place, account: Row) -> tuple[str, str]:
    """What the browser makes a passkey from, as JSON, and the secret that it has to hold meanwhile."""
    if is_full(storage, account["id"]):
        raise PasskeyRefused("many")
    options = webauthn.generate_registration_options(
        rp_id=here.id,
        rp_name=here.name,
        user_id=handle(here, account["id"]),
        user_name=account["email"],
        user_display_name=account["name"],
        timeout=SECONDS * 1000,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=VERIFIED
        ),
        exclude_credentials=_described(of(storage, account["id"])),
    )
    secret = challenges.begin(storage, ADD, bytes_to_base64url(options.challenge), SECONDS, account["id"])
    return webauthn.options_to_json(options), secret


def _described(rows: list[Row]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=base64url_to_bytes(row["credential"])) for row in rows]


def made(storage: Storage, here: Place, account: Row, secret: object, answer: str) -> VerifiedRegistration:
    """The passkey that the browser made for an account, checked; PasskeyRefused where it can't be taken."""
    challenge = _begun(storage, ADD, secret, account["id"])
    return _checked(here, challenge, answer)


def _begun(storage: Storage, purpose: str, secret: object, account: int | None) -> str:
    """The challenge that this browser was given for this account, taken out: right or wrong, no answer comes twice."""
    found = challenges.take(storage, purpose, secret)
    if found is None or found["account"] != account:
        raise PasskeyRefused("old")
    return str(found["value"])


def _checked(here: Place, challenge: str, answer: str) -> VerifiedRegistration:
    try:
        return webauthn.verify_registration_response(
            credential=parse_registration_credential_json(_short(answer)),
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=here.id,
            expected_origin=here.origin,
            require_user_verification=True,
        )
    except Exception as error:  # a garbled answer raises what the first parser that stumbles over it raises
        raise PasskeyRefused("untrue") from error


def _short(answer: str) -> str:
    if len(answer) > ANSWER_CHARACTERS:
        raise ValueError("longer than any answer of a browser")
    return answer


def begin_using(storage: Storage, here: Place, account: int | None = None) -> tuple[str, str]:
    """What the browser asks its passkeys with, as JSON, and the secret that it has to hold meanwhile.

    Without an account any passkey of this place will do; with one only its own, as the second factor.
    """
    options = webauthn.generate_authentication_options(
        rp_id=here.id,
        timeout=SECONDS * 1000,
        allow_credentials=_described(of(storage, account)) if account is not None else None,
        user_verification=VERIFIED,
    )
    secret = challenges.begin(storage, USE, bytes_to_base64url(options.challenge), SECONDS, account)
    return webauthn.options_to_json(options), secret


def use(storage: Storage, here: Place, secret: object, answer: str, account: int | None = None) -> Row:
    """The open account whose passkey signed the challenge; PasskeyRefused where none did, or another than `account`."""
    challenge = _begun(storage, USE, secret, account)
    given = _given(answer)
    with storage.transaction():
        row = _known(storage, here, given, account)
        count = _sign_count(here, challenge, given, row)
        used = {"sign_count": count, "used": time.time()}
        storage.execute(passkeys.update().where(passkeys.c.id == row["id"]).values(used))
        found = storage.row(sa.select(accounts).where(accounts.c.id == row["account"], accounts.c.closed.is_(None)))
    if found is None:
        raise PasskeyRefused("unknown")
    return found


def _given(answer: str) -> AuthenticationCredential:
    try:
        return parse_authentication_credential_json(_short(answer))
    except Exception as error:  # as above
        raise PasskeyRefused("untrue") from error


def _known(storage: Storage, here: Place, given: AuthenticationCredential, account: int | None) -> Row:
    """The passkey that an answer names; it says itself whose it is, unless that was known before (7.2, step 6)."""
    row = storage.row(sa.select(passkeys).where(passkeys.c.credential == bytes_to_base64url(given.raw_id)))
    if row is None or (account is not None and row["account"] != account):
        raise PasskeyRefused("unknown")
    said = given.response.user_handle
    if said is None and account is not None:
        return row
    if said is None or not hmac.compare_digest(said, handle(here, row["account"])):
        raise PasskeyRefused("untrue")
    return row


def _sign_count(here: Place, challenge: str, given: AuthenticationCredential, row: Row) -> int:
    try:
        return webauthn.verify_authentication_response(
            credential=given,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=here.id,
            expected_origin=here.origin,
            credential_public_key=row["key"],
            credential_current_sign_count=row["sign_count"],
            require_user_verification=True,
        ).new_sign_count
    except Exception as error:  # as above
        raise PasskeyRefused("untrue") from error

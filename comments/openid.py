"""Single sign-on by OpenID Connect: to the organisation's own sign-in, and back with what it says of the person.

Authlib speaks the protocol (code flow with state, nonce and PKCE); here stands whom it speaks to, and that an answer
which can't be trusted is one sentence and never a fault of ours.
"""

import hmac
import json
import logging
import time
from collections.abc import Callable
from typing import Any

import requests
from authlib.integrations.flask_client import FlaskIntegration, FlaskOAuth2App, OAuthError
from flask import redirect, request
from joserfc.errors import JoseError
from werkzeug.wrappers import Response

from comments import challenges
from comments.openid_accounts import Claims, OpenIDFailed
from comments.settings import Provider, is_safe
from comments.storage import Storage, StorageBusy

logger = logging.getLogger(__name__)

NAME, SCOPE = "openid", "openid profile email"
STATE_SECONDS = 15 * 60
"""For so long somebody may take to sign in over there: a forgotten telephone has to be fetched."""
METADATA_SECONDS = 3600
PATIENCE_SECONDS = 10
NEEDED = ("authorization_endpoint", "token_endpoint", "jwks_uri")
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
"""Signatures by a key of the provider's alone; "none" is no signature, and HS256 could be made with a public key."""


class Begun(FlaskIntegration):  # type: ignore[misc]  # a library without types
    """What Authlib remembers from leaving to coming back: in the database, for one browser, and once."""

    def __init__(self, storage: Storage) -> None:
        super().__init__(NAME)
        self.storage = storage

    def set_state_data(self, session: Any, state: str, data: Claims) -> None:
        """Keep nonce and code verifier; a sign-in that was begun before in this browser is given up."""
        value = json.dumps([state, data["nonce"], data["code_verifier"]])
        session[NAME] = challenges.begin(self.storage, NAME, value, STATE_SECONDS)

    def get_state_data(self, session: Any, state: str | None) -> Claims | None:
        """What was kept, where the state is the one it was kept with."""
        row = challenges.take(self.storage, NAME, session.pop(NAME, None))
        begun, nonce, verifier = json.loads(row["value"]) if row else ("", "", "")
        if not begun or not hmac.compare_digest(begun.encode(), (state or "").encode("utf-8", "replace")):
            return None
        return {"nonce": nonce, "code_verifier": verifier}

    def clear_state_data(self, session: Any, state: str | None) -> None:
        """It is gone already."""


class OpenID:
    """The organisation's own sign-in; what it says of itself is asked again every hour."""

    def __init__(self, storage: Storage, provider: Provider) -> None:
        self.provider = provider
        self.begun = Begun(storage)
        self._client: FlaskOAuth2App | None = None
        self._asked = 0.0

    def leave(self, back: str) -> Response:
        """The way to the sign-in over there; `back` is the address that it sends the browser to afterwards."""
        with _trouble():
            client = self._connected()
            begun = client.create_authorization_url(back)
            # The address is not kept: it says the same again, and is long.
            client.save_authorize_data(**{key: begun[key] for key in ("state", "nonce", "code_verifier")})
        return redirect(begun["url"])

    def come_back(self, back: str, is_enough: Callable[[Claims], bool]) -> Claims:
        """What the provider says of the person in the running request, checked (OpenID Connect Core 1.0, 3.1.3.7).

        Where the ID token does not say enough, its userinfo is asked for the rest.
        """
        if request.args.get("error"):
            logger.warning("the OpenID Connect provider said %.200r", request.args["error"])
            raise OpenIDFailed("denied", 403)
        if request.args.get("iss", self.provider.issuer) != self.provider.issuer:  # RFC 9207
            raise OpenIDFailed("nonsense", 502)
        with _trouble():
            client = self._connected()
            token = client.authorize_access_token(redirect_uri=back, claims_options=self._expected())
            claims = dict(token.get("userinfo") or {})
            if not _is_subject(claims.get("sub")):
                raise OpenIDFailed("nonsense", 502)
            return claims if is_enough(claims) else _completed(client, token, claims)

    def _expected(self) -> dict[str, Any]:
        return {
            "iss": {"essential": True, "value": self.provider.issuer},
            "aud": {"essential": True, "value": self.provider.client},
            "nonce": {"essential": True},
        }

    def _connected(self) -> FlaskOAuth2App:
        if self._client is None or not 0 <= time.monotonic() - self._asked < METADATA_SECONDS:
            self._client, self._asked = self._client_of(self._metadata()), time.monotonic()
        return self._client

    def _metadata(self) -> Claims:
        """The provider's discovery document, which must be about itself (OpenID Connect Discovery 1.0, 4.3)."""
        where = self.provider.issuer.rstrip("/") + "/.well-known/openid-configuration"
        answer = requests.get(where, timeout=PATIENCE_SECONDS)
        answer.raise_for_status()
        found = answer.json()
        if found["issuer"] != self.provider.issuer:
            logger.error("OIDC_ISSUER must be %.200r, as the provider calls itself", found["issuer"])
            raise OpenIDFailed("nonsense", 502)
        if not all(is_safe(found[name]) for name in NEEDED):
            raise OpenIDFailed("nonsense", 502)
        return found

    def _client_of(self, found: Claims) -> FlaskOAuth2App:
        known = {name: found[name] for name in (*NEEDED, "issuer")}
        if is_safe(str(found.get("userinfo_endpoint", ""))):
            known["userinfo_endpoint"] = found["userinfo_endpoint"]
        offered = found.get("id_token_signing_alg_values_supported", ["RS256"])
        return FlaskOAuth2App(
            self.begun,
            NAME,
            client_id=self.provider.client,
            client_secret=self.provider.secret,
            client_kwargs={
                "scope": SCOPE,
                "code_challenge_method": "S256",
                "default_timeout": PATIENCE_SECONDS,
                "token_endpoint_auth_method": _authentication(found),
            },
            id_token_signing_alg_values_supported=[name for name in ALGORITHMS if name in offered],
            **known,
        )


def _completed(client: FlaskOAuth2App, token: Any, claims: Claims) -> Claims:
    """With what stands in the provider's userinfo alone; the ID token has the last word."""
    if "userinfo_endpoint" not in client.server_metadata:
        return claims
    more = dict(client.userinfo(token=token))
    if more.get("sub") != claims["sub"]:  # 5.3.2: or it is about somebody else
        raise OpenIDFailed("nonsense", 502)
    return more | claims


def _authentication(found: Claims) -> str:
    """How the provider wants our secret: in a header unless it says that it takes it in the form alone."""
    offered = found.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
    return "client_secret_basic" if "client_secret_basic" in offered else "client_secret_post"


def _is_subject(value: object) -> bool:
    """Whether it is what a provider may call somebody (Core 1.0, 2: at most 255 ASCII characters)."""
    return isinstance(value, str) and 0 < len(value) <= 255 and value.isascii() and value.isprintable()


class _trouble:
    """Whatever the provider did wrong becomes an OpenIDFailed; what the log gets holds no secret and no token."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if error is None or isinstance(error, OpenIDFailed | StorageBusy) or not isinstance(error, Exception):
            return
        failed = _failure(error)
        if failed.status != 400:
            told = error if isinstance(error, requests.RequestException | OAuthError | JoseError) else ""
            logger.error("signing in by OpenID Connect failed: %s %.300s", type(error).__name__, told)
        raise failed from error


def _failure(error: Exception) -> OpenIDFailed:
    if isinstance(error, OAuthError) and error.error in ("mismatching_state", "invalid_grant"):
        return OpenIDFailed("old", 400)
    if isinstance(error, requests.ConnectionError | requests.Timeout):
        return OpenIDFailed("away", 503)
    return OpenIDFailed("nonsense", 502)

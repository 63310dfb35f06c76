"""A real OpenID Connect provider on a free port, which can be told to answer what no honest one would."""

import base64
import io
import json
import threading
import time
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from werkzeug.serving import make_server

with warnings.catch_warnings():
    # Its library warns of parts of its own that will go, and asks for that itself when it is imported.
    import authlib.deprecate  # noqa: F401

    warnings.simplefilter("ignore")
    import oidc_provider_mock
    from oidc_provider_mock import User

OLD_WAYS = "ignore:get_jwt_config:DeprecationWarning"
"""What the provider does as its own library no longer wants it; for pytest's filterwarnings."""

Claims = dict[str, Any]
Change = Callable[[Claims], None]


class Provider:
    """Between the provider and those who ask: passes everything on, and changes what a test wants changed.

    `change` alters an ID token's claims before it is signed anew with a key that the provider shows; `header` its
    header; `raw` replaces the answers of a path by bytes.
    """

    def __init__(self, people: dict[str, Claims]) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            known = [User(sub=sub, claims=claims) for sub, claims in people.items()]
            self.app = oidc_provider_mock.app(user_claims=known, require_nonce=True).wsgi_app
        self.people = people
        self.key = RSAKey.generate_key(2048, {"kid": "test"})
        self.issuer = ""
        self.behave()

    def behave(self) -> None:
        """Be honest, from now on."""
        self.change: Change | None = None
        self.header: Claims = {"alg": "RS256", "kid": "test"}
        self.discovery: Claims = {}
        self.raw: dict[str, tuple[str, bytes]] = {}
        self.asked: list[tuple[str, str]] = []

    def __call__(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        """Answer as the provider would, but for what was changed."""
        path = environ["PATH_INFO"]
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        self.asked.append((path, environ.get("QUERY_STRING", "") + "\n" + body.decode()))
        if path in self.raw:
            status, answer = self.raw[path]
            start_response(status, [("Content-Type", "application/json")])
            return [answer]
        if path not in ("/oauth2/token", "/jwks", "/.well-known/openid-configuration"):
            return self.app(environ, start_response)
        return self._changed(path, environ, start_response)

    def _changed(self, path: str, environ: Any, start_response: Any) -> Iterable[bytes]:
        begun: list[Any] = []
        answer = json.loads(b"".join(self.app(environ, lambda *given: begun.append(given))))
        if path == "/jwks" and self.change:
            answer = KeySet([self.key]).as_dict(private=False)
        elif path.startswith("/."):
            answer |= self.discovery
        elif self.change and "id_token" in answer:
            answer["id_token"] = self.forged(answer["id_token"])
        start_response(begun[0][0], [("Content-Type", "application/json")])
        return [json.dumps(answer).encode()]

    def forged(self, token: str) -> str:
        """A token with other claims, or another header, signed by a key that the provider shows."""
        claims = json.loads(_decoded(token.split(".")[1]))
        assert self.change
        self.change(claims)
        if self.header["alg"] == "none":
            return ".".join([_encoded(json.dumps(self.header)), _encoded(json.dumps(claims)), ""])
        return jwt.encode(self.header, claims, self.key, algorithms=[self.header["alg"]])


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _encoded(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


@contextmanager
def provider(people: dict[str, Claims]) -> Iterator[Provider]:
    """Run one for these people, by their subject."""
    made = Provider(people)
    server = make_server("localhost", 0, made, threaded=True)
    made.issuer = f"http://localhost:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=[0.01])
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def in_the_past(claims: Claims) -> None:
    """A token that has expired, by more than clocks may differ."""
    claims |= {"iat": time.time() - 7200, "exp": time.time() - 3600}

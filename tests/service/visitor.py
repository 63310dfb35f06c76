"""A reader whose browser runs Isso's stock client."""

from typing import Any

from werkzeug.test import Client

from tests.service.conftest import LETTER


class Visitor:
    """A browser with cookies of its own; `base` is where Isso's API begins."""

    def __init__(self, app: Any, base: str = "/isso") -> None:
        self.client = Client(app)
        self.base = base

    def call(self, method: str, path: str, address: str = "192.0.2.1", **given: Any) -> Any:
        """Send one request, from a network address."""
        given = {"environ_base": {"REMOTE_ADDR": address}} | given
        return self.client.open(self.base + path, method=method, buffered=True, **given)

    def new(self, uri: str = LETTER, headers: Any = None, address: str = "192.0.2.1", **fields: Any) -> Any:
        """Post a comment, with some fields changed."""
        body = {"author": "Eva", "text": "Evas text", "title": "Ett brev"} | fields
        return self.call("POST", "/new", query_string={"uri": uri}, json=body, headers=headers, address=address)

    def rename_cookie(self, own: int, other: int) -> None:
        """Show the edit cookie of one's own comment as if it were that of another."""
        cookie = self.client.get_cookie(str(own))
        assert cookie, "the comment must have come with a cookie"
        self.client.set_cookie(str(other), cookie.value)

    def thread(self) -> str:
        """The conversation as anyone may read it."""
        return self.call("GET", "/", query_string={"uri": LETTER}).text

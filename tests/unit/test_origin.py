"""Which requests are forged: those that a browser says come from another site's page."""

import pytest

from comments.origin import is_forged

SITE = "https://ordetfritt.lindhamn.example"
HOST = "ordetfritt.lindhamn.example"


def forged(method="POST", **headers):
    return is_forged({"REQUEST_METHOD": method, "HTTP_HOST": HOST} | headers, SITE)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"HTTP_ORIGIN": SITE},
        {"HTTP_REFERER": f"{SITE}/2026/ett/"},
        {"HTTP_SEC_FETCH_SITE": "same-origin", "HTTP_ORIGIN": "null"},
        {"HTTP_SEC_FETCH_SITE": "none"},
        {"HTTP_HOST": "localhost:8000", "HTTP_ORIGIN": "http://localhost:8000"},
        {"HTTP_HOST": "inne.lindhamn.example:8080", "HTTP_ORIGIN": SITE},
    ],
)
def test_our_own_pages_may_send(headers):
    """From the address of site.toml or the one that was asked, and programs that are no browsers."""
    assert not forged(**headers)


@pytest.mark.parametrize(
    "headers",
    [
        {"HTTP_ORIGIN": "https://ond.example"},
        {"HTTP_ORIGIN": "null"},
        {"HTTP_ORIGIN": f"{SITE}.ond.example"},
        {"HTTP_ORIGIN": f"{SITE}:8443"},
        {"HTTP_ORIGIN": f"https://{HOST}@ond.example"},
        {"HTTP_ORIGIN": HOST},
        {"HTTP_ORIGIN": "https://["},
        {"HTTP_REFERER": f"https://ond.example/?{SITE}"},
        {"HTTP_SEC_FETCH_SITE": "cross-site", "HTTP_ORIGIN": SITE},
        {"HTTP_SEC_FETCH_SITE": "same-site", "HTTP_ORIGIN": SITE},
        {"HTTP_SEC_FETCH_SITE": "Same-Origin"},
    ],
)
def test_another_sites_page_may_not(headers):
    """However much its address looks like ours."""
    assert forged(**headers)


@pytest.mark.parametrize(
    ("method", "is_refused"), [("GET", False), ("HEAD", False), ("PUT", True), ("get", True), ("X", True)]
)
def test_looking_is_free(method, is_refused):
    """Only what can change something is refused, and an unknown method can."""
    assert forged(method, HTTP_ORIGIN="https://ond.example") is is_refused

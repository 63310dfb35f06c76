"""Only this site's own pages may change anything: the answer to forged requests where no token can be."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

SAFE = ("GET", "HEAD", "OPTIONS")


def is_forged(environ: Mapping[str, Any], site_url: str) -> bool:
    """Whether a request changes something and a browser says that another site's page sent it.

    Sec-Fetch-Site decides where it is sent (Fetch Metadata); else Origin, else Referer. A request with
    none of them does not come from a page in a browser that could carry someone's cookies.
    """
    if environ["REQUEST_METHOD"] in SAFE:
        return False
    if environ.get("HTTP_SEC_FETCH_SITE"):
        return environ["HTTP_SEC_FETCH_SITE"] not in ("same-origin", "none")
    sender = environ.get("HTTP_ORIGIN") or environ.get("HTTP_REFERER")
    if not sender:
        return False
    try:
        netloc = urlsplit(sender).netloc
    except ValueError:
        return True
    return netloc not in (environ.get("HTTP_HOST"), urlsplit(site_url).netloc)

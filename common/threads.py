"""How a letter's conversation is named on disk, and on which page of it a comment stands."""

from collections.abc import Iterable, Mapping
from typing import Any


def published_name(uri: str) -> str:
    """The file of a thread's published conversation: "/2026/slug/" gives "2026_slug.json".

    Slugs hold only a-z, 0-9 and hyphens, so an underscore can't make two threads meet.
    """
    return uri.strip("/").replace("/", "_") + ".json"


def page_address(uri: str, number: int) -> str:
    """The address of a page of the conversation, counted from 1; the first is the letter itself."""
    return uri if number == 1 else f"{uri}kommentarer/{number}/"


def comment_address(uri: str, tops: Iterable[Mapping[str, Any]], id: int, per_page: int) -> str:
    """Where a comment stands: `tops` are the published top-level comments in order, with their replies."""
    for index, top in enumerate(tops):
        if id in (top["id"], *(reply["id"] for reply in top["replies"])):
            return f"{page_address(uri, index // per_page + 1)}#kommentar-{id}"
    return f"{uri}#kommentar-{id}"

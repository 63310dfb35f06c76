"""Finds published conversations that no letter shows any more, as a letter's address was changed under them."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from common.threads import published_name
from plugins.wording import Gettext


def lost_conversations(folder: Path, addresses: Iterable[str]) -> Iterator[tuple[Path, str]]:
    """Each published file with comments whose "uri" is none of these addresses, and that uri."""
    shown = {published_name(uri) for uri in addresses}
    for file in sorted(folder.glob("[!.]*.json")):
        if file.name not in shown and (uri := _uri_with_comments(file)):
            yield file, uri


def told(lost: Iterable[tuple[Path, str]], _: Gettext) -> Iterator[str]:
    """One sentence for each, with what to do."""
    message = _(
        '%(file)s: "uri" must be a letter\'s address, not "%(uri)s"; the letter\'s Date or Slug has changed: '
        "put back the old ones to show its comments, or remove this file if the letter is gone"
    )
    for file, uri in lost:
        yield message % {"file": file, "uri": uri}


def _uri_with_comments(file: Path) -> str:
    """The letter's address in a published file; "" where it has no comments or can't be read."""
    try:
        table = json.loads(file.read_bytes())
    except (OSError, ValueError, RecursionError):
        return ""
    return str(table.get("uri", "")) if isinstance(table, dict) and table.get("comments") else ""

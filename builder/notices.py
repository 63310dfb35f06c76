"""What every page of the preview says of texts with errors, and of a build that failed."""

from collections.abc import Iterator
from typing import Any

from plugins.wording import Gettext

Notice = dict[str, Any]
"""kind ("stop", "text" or "others"), heading, lines and links ({href, text}), as a page shows it."""


def notices(state: dict[str, Any], path: str, _: Gettext) -> Iterator[Notice]:
    """What the page at `path` is to say; `state` is the table in build.json."""
    if not state["ok"]:
        yield _notice("stop", _("The site was not built again. Put this right:"), state["errors"])
        return
    aside = state.get("set_aside", [])
    here = [each for each in aside if path in each["addresses"]]
    for each in here:
        message = _("This is shown as it was before. Put this right:") if each["shown"] else _("Put this right:")
        yield _notice("text", message, errors_in(each["file"], state))
    others = [each for each in aside if each not in here]
    if others:
        links = [{"href": each["addresses"][0], "text": each["file"]} for each in others if each["addresses"]]
        nowhere = [line for each in others if not each["addresses"] for line in errors_in(each["file"], state)]
        yield _notice("others", _("Texts with errors: %(number)d") % {"number": len(others)}, nowhere, links)


def errors_in(file: str, state: dict[str, Any]) -> list[str]:
    """The errors in that file, each `file:line: message`."""
    found = (each for each in state.get("findings", []) if each["file"] == file and each["level"] == "error")
    return [f"{each['file']}:{each['line']}: {each['message']}" for each in found]


def _notice(kind: str, heading: str, lines: list[str], links: list[dict[str, str]] | None = None) -> Notice:
    return {"kind": kind, "heading": heading, "lines": lines, "links": links or []}

"""The sections of the editor's panel, as tables that its script shows without knowing what they mean."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from time import time
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo

from builder.panel_reading import reading
from builder.places import ROOT
from builder.share_card import Card
from common.facts import Facts
from plugins.findings import short
from plugins.last_good import looked_for
from plugins.source_text import Unreadable
from plugins.sources import Source, read_source
from plugins.unpublished import mark_of
from plugins.wording import Gettext

Section = dict[str, Any]


def panel_of(
    text: tuple[Path, bool] | None,
    path: str,
    card: Card | None,
    state: Mapping[str, Any],
    settings: Mapping[str, Any],
    _: Gettext,
) -> dict[str, Any]:
    """{"label", "summary", "close", "sections"}: each section has a heading and facts, findings, a card or links."""
    found = findings_in(text[0], state) if text else []
    sections = [*_of_text(*text, found, settings, _)] if text else []
    if card:
        sections.append(_share(card, path, settings["FACTS"], _))
    sections.append(_links(_))
    return {"label": _("Writing help"), "summary": summary(found, _), "close": _("Close"), "sections": sections}


def findings_in(file: Path, state: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What the last build found in a file, errors first."""
    found = [each for each in state.get("findings", []) if (ROOT / each["file"]).resolve() == file.resolve()]
    return sorted(found, key=lambda each: (each["level"] != "error", each["line"]))


def summary(found: list[dict[str, Any]], _: Gettext) -> str:
    """How much there is to look at, short enough for a button; "" where there is nothing."""
    errors = sum(each["level"] == "error" for each in found)
    told = [_("errors: %(number)d") % {"number": errors}] if errors else []
    if advice := len(found) - errors:
        told.append(_("advice: %(number)d") % {"number": advice})
    return ", ".join(told)


def _of_text(
    file: Path, is_letter: bool, found: list[dict[str, Any]], settings: Mapping[str, Any], _: Gettext
) -> Iterator[Section]:
    try:
        source = read_source(file, is_letter)
    except Unreadable:
        source = None
    facts = [[_("File"), short(str(file))]]
    if source:
        facts = [[_("Status"), status(source, settings, _)], *_address(source, settings, _), *facts]
    yield {"heading": _("This text"), "facts": facts}
    yield _findings(found, _)
    if source:
        yield reading(source, settings, _)


def status(source: Source, settings: Mapping[str, Any], _: Gettext) -> str:
    """Who can see the text, now or later."""
    try:
        date = datetime.fromisoformat(source.get("date"))
    except ValueError:
        date = datetime.now()
    date = date.replace(tzinfo=ZoneInfo(settings["FACTS"].time_zone))
    mark = mark_of(SimpleNamespace(status=source.status, date=date), time(), settings["FACTS"].language, _)
    return mark or {"hidden": _("Published, in no list"), "skip": _("Left out")}.get(
        source.status, _("It is published")
    )


def _address(source: Source, settings: Mapping[str, Any], _: Gettext) -> Iterator[list[str]]:
    for own in looked_for(source.path, source.is_letter, settings)[-1:]:
        yield [_("Address when published"), f"{settings['FACTS'].url}{own}"]


def _findings(found: list[dict[str, Any]], _: Gettext) -> Section:
    levels = {"error": _("Error"), "advice": _("Advice")}
    line = _("line %(number)d")
    told = [
        {
            "level": each["level"],
            "text": each["message"],
            "place": f"{levels[each['level']]}, {line % {'number': each['line']}}",
        }
        for each in found
    ]
    return {"heading": _("Errors and advice"), "findings": told, "empty": _("Nothing to put right.")}


def _share(card: Card, path: str, facts: Facts, _: Gettext) -> Section:
    picture = f"/_preview/share.png?path={quote(path)}"
    site = urlsplit(facts.url).netloc
    shown = {"picture": picture, "site": site, "title": card.title, "description": card.description}
    return {"heading": _("When it is shared"), "card": shown}


def _links(_: Gettext) -> Section:
    links = [["/utkast/", _("Drafts and future letters")]]
    if find_spec("builder.editor"):
        links.append(["/redigera/", _("Edit in a form")])
    return {"heading": _("Go to"), "links": [*links, ["/moderering/", _("The moderators' desk")]]}

"""Letters of a later date: in publication they are left out until their minute, and checked all the same.

A build tells when the next of them comes (`next_change`), so that whoever runs builds can build again at that moment.
"""

import time
from collections.abc import Iterator, Mapping, MutableMapping
from typing import Any
from zoneinfo import ZoneInfo

from pelican import signals
from pelican.generators import ArticlesGenerator

from plugins.check_together import check_together
from plugins.findings import Finding
from plugins.moments import letter_moments, local_date, moment, possible
from plugins.sources import Source
from plugins.wording import Gettext


def check_in_time(written: list[Source], settings: MutableMapping[str, Any], _: Gettext) -> Iterator[Finding]:
    """What `check_together` finds, now and at each moment when one more letter comes.

    It leaves settings["NEXT_LETTER"], the next such moment in seconds since 1970 or None, and settings["NOT_YET"], the
    paths that publication leaves out now.
    """
    now = time.time()
    coming = {path: at for path, at in letter_moments(written, settings).items() if at > now}
    settings["NEXT_LETTER"] = min(coming.values(), default=None)
    settings["NOT_YET"] = frozenset() if settings.get("FUTURE_LETTERS", True) else frozenset(coming)
    yield from _skipped(written, settings, _)
    yield from _not_modified_yet(written, now, settings, _)
    at_last = set(check_together(written, settings, _))
    yield from at_last
    # From the last to now, as what is left behind in `settings` must be what is published now.
    for then in sorted({now, *coming.values()}, reverse=True)[1:] if settings["NOT_YET"] else ():
        out = [source for source in written if coming.get(source.path, now) <= then]
        settings["PICTURES_UNMADE"] = then != now
        yield from (_too_early(finding, _) for finding in check_together(out, settings, _) if finding not in at_last)


def _skipped(written: list[Source], settings: Mapping[str, Any], _: Gettext) -> Iterator[Finding]:
    zone = ZoneInfo(settings["TIMEZONE"])
    message = _("%(date)s is skipped when summer time begins; the letter is published at %(moment)s")
    for source in written:
        date = local_date(source)
        if date and (out := possible(date, zone)) != date:
            named = {"date": source.get("date"), "moment": f"{out:%Y-%m-%d %H:%M}"}
            yield Finding(str(source.path), source.line("date"), message % named, "advice")


def _not_modified_yet(written: list[Source], now: float, settings: Mapping[str, Any], _: Gettext) -> Iterator[Finding]:
    """A letter that says it was changed later than now; one that is still to come, later than its date."""
    zone = ZoneInfo(settings["TIMEZONE"])
    message = _('"Modified" must be a time that has been, not "%(value)s"')
    for source in (one for one in written if one.status != "draft" and one.get("modified")):
        date, modified = local_date(source), local_date(source, "modified")
        if date and modified and moment(modified, zone) > max(now, moment(date, zone)):
            yield Finding(str(source.path), source.line("modified"), message % {"value": source.get("modified")})


def _too_early(finding: Finding, _: Gettext) -> Finding:
    """A fault that time heals: a link to a letter that comes later than the text it stands in."""
    message = _("%(fault)s yet: a letter that is published later must not be linked to before")
    return Finding(finding.path, finding.line, message % {"fault": finding.message}, finding.level)


def _tell_next_letter(generator: ArticlesGenerator) -> None:
    moments = (generator.context.get("next_change"), generator.settings.get("NEXT_LETTER"))
    generator.context["next_change"] = min((each for each in moments if each is not None), default=None)


def register() -> None:
    """Called by Pelican; after plugins.conversation, which tells when comments open and close."""
    signals.article_generator_finalized.connect(_tell_next_letter)

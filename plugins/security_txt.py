"""Writes /.well-known/security.txt: whom to tell of a hole in the site (RFC 9116), from site.toml's [security].

What is out of date is worse than nothing, so no new version is published with less than thirty days left of it; in
work that is a warning, since whoever tries an old checkout has no part in it, and so it is where a version that is
public already is kept up to date.
"""

import logging
import re
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pelican import Pelican, signals

from common.facts import Facts
from common.language import translations
from common.security import SecurityFacts
from plugins.findings import ContentFaults, Finding
from plugins.wording import Gettext

SAVE_AS = ".well-known/security.txt"
NOTICE = timedelta(days=30)

logger = logging.getLogger(__name__)


def security_txt(security: SecurityFacts, facts: Facts) -> str:
    """The text of the file."""
    lines = [f"Contact: {uri}" for uri in security.contact]
    lines.append(f"Expires: {security.expires:%Y-%m-%dT%H:%M:%SZ}")
    lines.append(f"Preferred-Languages: {', '.join(security.languages)}")
    lines.append(f"Canonical: {facts.url}/{SAVE_AS}")
    lines += [f"Policy: {security.policy}"] if security.policy else []
    return "\n".join(lines) + "\n"


def fault(security: SecurityFacts, site: Path, now: datetime, _: Gettext) -> Finding | None:
    """What must be put right where less than NOTICE is left at `now`."""
    if security.expires - now >= NOTICE:
        return None
    lines = enumerate(site.read_text(encoding="utf-8").splitlines(), 1)
    line = next((number for number, each in lines if re.match(r"\s*expires\b", each)), 1)
    message = _(
        '"security.expires" must be at least 30 days ahead when the site is published, and is %(day)s; '
        "see to it that the contact is right, and give a new day, at most a year from now"
    )
    return Finding(str(site), line, message % {"day": f"{security.expires:%Y-%m-%d}"})


def _check(pelican: Pelican) -> None:
    settings: Mapping[str, Any] = pelican.settings
    facts: Facts = settings["FACTS"]
    if not facts.security:
        return
    now, gettext = datetime.fromtimestamp(time.time(), UTC), translations(facts.language).gettext
    found = fault(facts.security, Path(settings["SITE"]), now, gettext)
    if found and settings.get("NEW_VERSION"):
        raise ContentFaults([found])
    if found:
        logger.warning("%s", found)


def _write(pelican: Pelican) -> None:
    facts: Facts = pelican.settings["FACTS"]
    if facts.security:
        file = Path(pelican.output_path, SAVE_AS)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(security_txt(facts.security, facts), encoding="utf-8")


def register() -> None:
    """Called by Pelican."""
    signals.initialized.connect(_check)
    signals.finalized.connect(_write)

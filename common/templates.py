"""What every template of ours can use, in the theme and in the service."""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time
from jinja2 import Environment

from common.charts import chart_filters
from common.facts import Facts
from common.icon import icon_address
from common.language import direction, language_name, translations, with_territory
from common.typography import typeset


def prepare(env: Environment, facts: Facts, theme: Path) -> None:
    """Give `env` gettext, the organisation's facts as `site`, `asset()`, `icon` and the filters of this module."""
    env.add_extension("jinja2.ext.i18n")
    env.newstyle_gettext = True  # type: ignore[attr-defined]
    env.install_gettext_translations(translations(facts.language), newstyle=True)  # type: ignore[attr-defined]
    env.globals.update(site=facts, asset=_asset(theme, facts), icon=icon_address(facts, theme))
    env.filters.update(_date_filters(facts))
    env.filters.update(chart_filters(facts.language))
    env.filters.update(direction=direction, language_name=language_name, territory=with_territory)
    env.filters["typeset"] = lambda text: typeset(text, facts.language)


def _asset(theme: Path, facts: Facts) -> Callable[[str], str]:
    """Addresses of the theme's files with a mark of their content, so that a reader may keep them for long."""
    look = repr((sorted(facts.colours.items()), sorted(facts.fonts.items()))).encode()

    @lru_cache
    def asset(name: str) -> str:
        mark = hashlib.sha256((theme / "static" / name).read_bytes() + look).hexdigest()[:8]
        return f"/theme/{name}?v={mark}"

    return asset


def _date_filters(facts: Facts) -> dict[str, Callable[..., object]]:
    zone = ZoneInfo(facts.time_zone)

    def local(moment: datetime) -> datetime:
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(zone)

    @lru_cache(maxsize=4096)
    def long_date(moment: datetime) -> str:
        return format_date(local(moment), "long", locale=facts.language)

    @lru_cache(maxsize=4096)
    def short_date(moment: datetime) -> str:
        return format_date(local(moment), "d MMMM", locale=facts.language)

    @lru_cache(maxsize=4096)
    def date_time(moment: datetime) -> str:
        joined = " kl. " if facts.language == "sv" else ", "
        pattern = "HH.mm" if facts.language == "sv" else "HH:mm"
        return long_date(moment) + joined + format_time(local(moment), pattern, locale=facts.language)

    return {
        "plain_date": lambda day: format_date(day, "long", locale=facts.language),
        "long_date": long_date,
        "short_date": short_date,
        "date_time": date_time,
        "iso": lambda moment: local(moment).isoformat(timespec="seconds"),
        "parse_time": lambda text: local(datetime.fromisoformat(text)),
        "from_timestamp": lambda seconds: datetime.fromtimestamp(seconds, UTC).astimezone(zone),
    }

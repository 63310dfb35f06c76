"""Puts the organisation's own colours after the theme's, in the stylesheet that is published."""

import re
from collections.abc import Mapping
from pathlib import Path

from pelican import Pelican, signals

from common.facts import FactsError

_COLOUR = re.compile(r"#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})")
_NAMES = ("accent", "accent_dark")


def colour_rules(colours: Mapping[str, str]) -> str:
    """The CSS that sets the tokens of site.toml's [colours]; FactsError names a value that is no colour."""
    for name, value in colours.items():
        if name not in _NAMES:
            raise FactsError(f'"colours.{name}" must be one of {", ".join(_NAMES)}')
        if not _COLOUR.fullmatch(value):
            raise FactsError(f'"colours.{name}" must be a colour like #00573f, not "{value}"')
    rules = ""
    if "accent" in colours:
        rules += f"\n:root{{--accent:{colours['accent']}}}"
    if "accent_dark" in colours:
        rules += f"\n@media (prefers-color-scheme:dark){{:root{{--accent:{colours['accent_dark']}}}}}"
    return rules


def _append(pelican: Pelican) -> None:
    rules = colour_rules(pelican.settings["FACTS"].colours)
    stylesheet = Path(pelican.output_path, pelican.settings["THEME_STATIC_DIR"], "site.css")
    if rules and stylesheet.exists():
        stylesheet.write_text(stylesheet.read_text(encoding="utf-8") + rules + "\n", encoding="utf-8")


def register() -> None:
    """Called by Pelican."""
    signals.finalized.connect(_append)

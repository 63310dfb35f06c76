"""Publishes the stylesheet with the organisation's own colours and fonts, where they can be read (WCAG 2.2, 1.4.3)."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from pelican import Pelican, signals

from common.fact_values import FactsError
from common.language import marked as _

TEXT, EDGE = 4.5, 3.0
"""The least contrast of text, and of what shows where a field or button is: WCAG 2.2, 1.4.3 and 1.4.11."""
PAIRS = [(name, ground, TEXT) for name in ("ink", "muted", "accent", "success", "warning", "error")
         for ground in ("paper", "tint")] + [("edge", "paper", EDGE)]  # fmt: skip
FONTS = ("serif", "sans")
_COLOUR = re.compile(r"#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})")
_FONT = re.compile(r"[\w\- ,'\"]{1,300}")
_ROOT = re.compile(r":root \{(.*?)\}", re.DOTALL)
_TOKEN = re.compile(r"--(\w+): (#[0-9a-fA-F]{6});")

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_AROUND = re.compile(r"\s*([{};])\s*")
_AFTER_NAME = re.compile(r"([{;][\w-]+):\s+")

_HARD = _(
    '"%(key)s" must be easier to tell from %(other)s: %(its)s and %(others)s have a contrast of %(found).1f:1, '
    "and it must be %(least)g:1 at least"
)
_BETTER = _(
    '"%(key)s" must be easier to tell from %(other)s: %(its)s and %(others)s have a contrast of %(found).1f:1, '
    "and it must be %(least)g:1 at least; %(better)s would do"
)

Tokens = Mapping[str, str]


def theme_tokens(stylesheet: str) -> tuple[Tokens, Tokens]:
    """The colours of the theme by name, in light and in dark: its first two :root rules."""
    light, dark = (dict(_TOKEN.findall(rule)) for rule in _ROOT.findall(stylesheet)[:2])
    return light, light | dark


def look_rules(colours: Tokens, fonts: Tokens, stylesheet: str) -> str:
    """The CSS that sets the tokens of site.toml's [colours] and [fonts]; FactsError names what can't be used."""
    light, dark = theme_tokens(stylesheet)
    _check_names(colours, fonts, light)
    chosen = {name: value for name, value in colours.items() if not name.endswith("_dark")}
    chosen_dark = {name.removesuffix("_dark"): value for name, value in colours.items() if name.endswith("_dark")}
    for fault in (*_unreadable(light, chosen, ""), *_unreadable(dark, chosen_dark, "_dark")):
        raise fault
    # What is chosen for light must not reach the dark theme, which its rules follow.
    dark_again = {name: dark[name] for name in chosen} | chosen_dark
    rules = _rule(chosen | dict(fonts))
    return rules + (f"\n@media (prefers-color-scheme:dark){{{_rule(dark_again).strip()}}}" if dark_again else "")


def _rule(tokens: Tokens) -> str:
    return "\n:root{" + ";".join(f"--{name}:{value}" for name, value in tokens.items()) + "}" if tokens else ""


def _check_names(colours: Tokens, fonts: Tokens, known: Tokens) -> None:
    for name, value in colours.items():
        if name.removesuffix("_dark") not in known:
            message = _('"%(key)s" must be one of %(known)s, with _dark after it for dark mode')
            raise FactsError(message, key=f"colours.{name}", known=", ".join(known))
        if not _COLOUR.fullmatch(value):
            raise FactsError(
                '"%(key)s" must be a colour like #00573f, not "%(value)s"', key=f"colours.{name}", value=value
            )
    for name, value in fonts.items():
        if name not in FONTS:
            raise FactsError('"%(key)s" must be one of %(known)s', key=f"fonts.{name}", known=", ".join(FONTS))
        if not _FONT.fullmatch(value):
            message = _('"%(key)s" must be names of fonts with commas between, not "%(value)s"')
            raise FactsError(message, key=f"fonts.{name}", value=value)


def _unreadable(theme: Tokens, chosen: Tokens, end: str) -> Iterator[FactsError]:
    """An error for each pair of colours that is too hard to read and that site.toml has a part in."""
    both = {**theme, **chosen}
    for name, ground, least in PAIRS:
        found = contrast(both[name], both[ground])
        if found >= least or not {name, ground} & chosen.keys():
            continue
        blamed = name if name in chosen else ground
        other = ground if blamed == name else name
        better = readable(both[blamed], _demands(blamed, both))
        values: dict[str, object] = {
            "other": other,
            "its": both[blamed],
            "others": both[other],
            "found": found,
            "least": least,
        }
        yield FactsError(_BETTER if better else _HARD, key=f"colours.{blamed}{end}", better=better, **values)


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, from 1 to 21 (WCAG 2.2, relative luminance)."""
    darker, lighter = sorted((_luminance(_channels(one)), _luminance(_channels(other))))
    return (lighter + 0.05) / (darker + 0.05)


def _demands(name: str, tokens: Tokens) -> list[tuple[str, float]]:
    """The colours that one must be told from, each with the least contrast."""
    pairs = [({one, other} - {name}, least) for one, other, least in PAIRS if name in (one, other)]
    return [(tokens[others.pop()], least) for others, least in pairs]


def readable(colour: str, demands: list[tuple[str, float]]) -> str | None:
    """The colour nearest to `colour`, towards black or white, that has each demanded contrast; None if none has."""
    for step in range(1, 101):
        for end in (0, 255):
            mixed = "#" + "".join(f"{round(v + (end - v) * step / 100):02x}" for v in _channels(colour))
            if all(contrast(mixed, other) >= least for other, least in demands):
                return mixed
    return None


def _channels(colour: str) -> list[int]:
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    return [int(digits[at : at + 2], 16) for at in (0, 2, 4)]


def _luminance(channels: list[int]) -> float:
    linear = [v / 255 / 12.92 if v / 255 <= 0.04045 else ((v / 255 + 0.055) / 1.055) ** 2.4 for v in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _rules(pelican: Pelican) -> str:
    facts = pelican.settings["FACTS"]
    stylesheet = Path(pelican.settings["THEME"], "static", "site.css").read_text(encoding="utf-8")
    site = "\n:root{--site:" + json.dumps(facts.url) + "}"  # paper says where a link leads
    try:
        return site + look_rules(facts.colours, facts.fonts, stylesheet)
    except FactsError as error:
        raise error.at(Path(pelican.settings["SITE"])) from None


def _check(pelican: Pelican) -> None:
    _rules(pelican)


def lean(stylesheet: str) -> str:
    """The same rules without comments, and without the spaces that say nothing."""
    return _AFTER_NAME.sub(r"\1:", _AROUND.sub(r"\1", _COMMENT.sub("", stylesheet))).strip()


def _finish(pelican: Pelican) -> None:
    stylesheet = Path(pelican.output_path, pelican.settings["THEME_STATIC_DIR"], "site.css")
    if stylesheet.exists():
        stylesheet.write_text(lean(stylesheet.read_text(encoding="utf-8")) + _rules(pelican) + "\n", encoding="utf-8")


def register() -> None:
    """Called by Pelican."""
    signals.initialized.connect(_check)
    signals.finalized.connect(_finish)

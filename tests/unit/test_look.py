"""The organisation's colours and fonts: what can't be read is refused, with a colour that can."""

import pytest

from builder.places import ROOT
from common.fact_values import FactsError
from plugins.look import PAIRS, contrast, lean, look_rules, readable, theme_tokens

CSS = (ROOT / "theme" / "static" / "site.css").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("one", "other", "ratio"), [("#000", "#ffffff", 21), ("#777777", "#fff", 4.48), ("#fff", "#fff", 1)]
)
def test_contrast_is_wcag_s(one, other, ratio):
    """Known values, in either order and with three digits too."""
    assert contrast(one, other) == contrast(other, one) == pytest.approx(ratio, abs=0.01)


@pytest.mark.parametrize("scheme", [0, 1])
def test_the_theme_s_own_colours_can_be_read(scheme):
    """In light and in dark."""
    tokens = theme_tokens(CSS)[scheme]
    assert [pair for pair in PAIRS if contrast(tokens[pair[0]], tokens[pair[1]]) < pair[2]] == []


@pytest.mark.parametrize("key", ["accent", "ink", "tint", "paper_dark", "edge"])
def test_a_colour_that_is_hard_to_read_is_refused_with_one_that_is_not(key):
    """The message names the key, both colours, the contrast and a remedy that is none too little."""
    with pytest.raises(FactsError) as told:
        look_rules({key: "#9a9a9a"}, {}, CSS)
    assert f'"colours.{key}" must be easier to tell from' in str(told.value)
    if "would do" in str(told.value):
        look_rules({key: str(told.value).split("; ")[1].split()[0]}, {}, CSS)


def test_the_remedy_is_the_nearest():
    """Darker on a light ground, lighter on a dark one."""
    assert readable("#777777", [("#ffffff", 4.5)]) == "#767676"
    assert contrast(readable("#777777", [("#000000", 7)]) or "", "#000000") >= 7


def test_a_light_colour_leaves_the_dark_theme_alone():
    """The rule that follows sets it back there."""
    dark = theme_tokens(CSS)[1]["accent"]
    assert look_rules({"accent": "#123456"}, {}, CSS).endswith(f"dark){{:root{{--accent:{dark}}}}}")


def test_fonts_are_names_and_nothing_else():
    """They go into the stylesheet."""
    assert look_rules({}, {"serif": "Georgia, 'Times New Roman', serif"}, CSS).count("--serif:Georgia") == 1
    for fonts in ({"serif": "x;}*{display:none"}, {"serif": "url(//a)"}, {"mono": "Courier"}):
        with pytest.raises(FactsError, match="fonts"):
            look_rules({}, fonts, CSS)


def test_what_says_nothing_is_not_published():
    """Comments and spaces between rules; those in a value, a selector or a text stay."""
    written = (
        '/* a */\n:root {\n  --a: 1px  2px;\n}\n@media (width > 9px) { b :is(i, u) { content: " ( "; color: red; } }\n'
    )
    assert lean(written) == ':root{--a:1px  2px;}@media (width > 9px){b :is(i, u){content:" ( ";color:red;}}'

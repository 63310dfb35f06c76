"""How a share picture is set: which signs are drawn, where lines break, and when it is another picture."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import Environment, FileSystemLoader

from builder.places import ROOT
from common.facts import read_facts
from plugins.share_drawing import BOTTOM, MEASURE, SIZES, TOP, _width, drawable, fitted, set_title
from plugins.share_studio import Studio, Words


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("Åtta frågor – ”och é”", "Åtta frågor – ”och é”"),
        ("Hurra 😀 för  våren 👨‍👩‍👧", "Hurra för våren"),
        ("A\N{COMBINING RING ABOVE}r", "År"),
        ("a\x00\x07\ud800\u202eb", "ab"),
        ("مرحبا بكم", ""),
        ("日本 a", ""),
        ("!!!", ""),
        ("", ""),
    ],
)
def test_what_the_font_has_not_is_left_out(text: str, drawn: str) -> None:
    """And all of it where too little would be left."""
    assert drawable(text) == drawn


def test_a_short_title_is_large_and_a_long_one_small() -> None:
    """Three words fill the picture; three hundred signs are still read."""
    assert set_title("Vi provar oss").size == SIZES[0]
    assert set_title("ett ord till " * 24).size == SIZES[-1]


def test_lines_are_of_like_length() -> None:
    """No word is left alone in the last line where it could stand with others."""
    assert set_title("Vad jag lärde mig på kvällsbåten").lines == ("Vad jag lärde mig", "på kvällsbåten")


def test_what_fits_nowhere_ends_with_an_ellipsis() -> None:
    """After a whole word, and without the comma before it."""
    assert set_title("mycket, " * 200).lines[-1].endswith("mycket…")
    assert fitted("Lindhamns stad och kommun", 30, 200) == "Lindhamns…"


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=400))
def test_every_title_stays_in_its_room(title: str) -> None:
    """Whatever its length and wherever it could break."""
    made = set_title(drawable(title))
    assert all(_width(line) * made.size <= MEASURE for line in made.lines)
    assert made.top - made.size * 0.9 >= TOP
    assert made.top + made.leading * (len(made.lines) - 1) <= BOTTOM


def test_a_picture_has_another_name_whenever_it_would_be_another(tmp_path: Path) -> None:
    """Whatever it is made from: words, facts, colours, the portrait's bytes and the template."""
    facts = read_facts(ROOT / "site.toml")
    words = Words("Titel", "Namn", "Roll", "images/a.svg")

    def name(
        words: Words = words, template: str = "<svg/>", portrait: str = "a", accent: str = "#000", paper: str = "#fff",
        **changed: Any,
    ) -> str:  # fmt: skip
        (tmp_path / "share.svg").write_text(template, encoding="utf-8")
        (tmp_path / "images").mkdir(exist_ok=True)
        (tmp_path / "images/a.svg").write_text(portrait, encoding="utf-8")
        env = Environment(loader=FileSystemLoader(tmp_path), autoescape=True)
        tokens = {"accent": accent, "paper": paper}
        return Studio(env, replace(facts, **changed), tokens, tmp_path, tmp_path).file(words).name

    others = [name(replace(words, title="Annan")), name(template="<svg />"), name(portrait="b")]
    others += [name(organisation="Annan"), name(title="Annan"), name(accent="#001"), name(paper="#eef")]
    assert len({name(), *others}) == 8
    assert name() == name()

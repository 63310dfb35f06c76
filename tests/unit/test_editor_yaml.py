"""A letter with YAML front matter through the form at /redigera/ and back."""

from typing import Any

import pytest

from tests.unit.test_editor_letter import difference, edited, form

LETTER = (
    b"---\n# Vad brevet handlar om\ntitle: 'Ett: tv\xc3\xa5'\ndate: 2026-11-16T09:00\ntags:\n  - tillit\n  - skola\n"
    b'summary: >\n  En rad\n\n  och en till.\nauthor: "Kulturchefen"\nlang: sv\nstatus: draft\n---\n\n'
    b"Text.  \n\n---\n\n__Kultur__\n"
)


def test_a_form_without_an_edit_leaves_yaml_as_it_was() -> None:
    """Comments, quotes, lists and folded text."""
    assert form(LETTER)["tags"] == ["tillit", "skola"]
    assert edited(LETTER) == LETTER
    assert edited(LETTER.replace(b"\n", b"\r\n")) == LETTER.replace(b"\n", b"\r\n")


@pytest.mark.parametrize(
    ("values", "lines"),
    [
        ({"title": "Tre: fyra's"}, ["-title: 'Ett: två'\n", "+title: 'Tre: fyra''s'\n"]),
        ({"author": "Å"}, ['-author: "Kulturchefen"\n', '+author: "Å"\n']),
        ({"tags": ["kaj", "a: b"]}, ["-  - tillit\n", "-  - skola\n", '+  - "kaj"\n', '+  - "a: b"\n']),
        ({"tags": ["tillit", "kaj"]}, ["-  - skola\n", "+  - kaj\n"]),
        ({"summary": "Kort."}, ["-summary: >\n", "-  En rad\n", "-\n", "-  och en till.\n", "+summary: Kort.\n"]),
        ({"status": "published"}, ["-status: draft\n", "+status: published\n"]),
        ({"slug": "no"}, ["+slug: no\n"]),
        ({"brief": "# a: *b*"}, ['+brief: "# a: *b*"\n']),
        ({"tags": []}, ["-tags:\n", "-  - tillit\n", "-  - skola\n"]),
        ({"body": "Ny.\n\n---\n\n__Kultur__"}, ["-Text.  \n", "+Ny.\n"]),
    ],
)
def test_an_edit_in_yaml_is_written_as_yaml_has_it(values: dict[str, Any], lines: list[str]) -> None:
    """In the manner of what stood there, with quotes where they are needed."""
    assert difference(LETTER, edited(LETTER, **values)) == [line.encode() for line in lines]


@pytest.mark.parametrize(
    "value", ["'", '"', "a # b", "null", "~", "[a", "a\\", "- a", "& å", "”citat”", "%", "@x", "|"]
)
def test_any_value_comes_back_from_yaml(value: str) -> None:
    """Whatever it means to YAML."""
    assert form(edited(LETTER, title=value, brief=value)) == form(LETTER) | {"title": value, "brief": value}

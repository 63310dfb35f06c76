"""Whatever stands in a text, advice on it comes, soon, and for lines that are there."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from common.facts import Contact
from plugins.advice import all_advice, numbers_of
from plugins.prose import sentences
from plugins.sources import parse

FACTS = SimpleNamespace(language="sv", organisation="", title="", subtitle="", contact=Contact(), writers=())
PIECES = """
` `` ``` ~~~ ![ [ ]( ]( ) ][ ]: [^1] [^1]: <!-- --> < <a <i lang=en> </i> {: lang=en} {.a} { } * ** _ __ *** ---
| |-|-| # ## > >> - 1. \\ \\* &nbsp; . ! ? … : ” “ ( ) § 5 § 10% 12345 1,234 9-11 t ex kl. 5. Maj Måndag ord Ord
blev har ska beslutades a@b.se a@ http:// www. \ufffc \u0308 \U0001f600 אב أب ſs ß ŉ K ﬁ
"""
SIGNS = (*PIECES.split(), "\n", "\n\n", "    ", "  \n", " ", "\u00a0", "\t", "\x0b", "\x1c", "\u2028", "\r", "\udc80")
TEXTS = st.lists(st.sampled_from(SIGNS) | st.text(max_size=5), max_size=60).map("".join) | st.text(max_size=200)


def table(folder: Path) -> dict[str, Any]:
    """Settings without a dictionary, which is not ours to test."""
    return {"FACTS": FACTS, "DATA": str(folder), "PATH": str(folder), "DEFAULT_LANG": "sv", "DICTIONARY": folder / "no"}


@settings(max_examples=300, deadline=None)
@given(TEXTS)
@example("***\n: lang=en}")
def test_no_text_breaks_the_advice(text: str) -> None:
    """And every line that it names is one of the file's."""
    whole = f"Title: A\nSummary: {' '.join(text.split())}\n\n{text}"
    source = parse(Path("a.md"), True, whole)
    last = whole.replace("\r\n", "\n").replace("\r", "\n").count("\n") + 1
    for line, _message in all_advice(source, table(Path("nowhere")), str):
        assert 1 <= line <= last
    for sentence in sentences(source.body, "sv", source.body_line):
        assert source.body_line <= sentence.line <= last and sentence.words
    assert numbers_of(source, table(Path("nowhere"))).minutes >= 1


@pytest.mark.parametrize("piece", [*SIGNS, "]((", "](()", "![a](()", "<i lang=en>a", "*a* {", "a. ", "(a", "1 000 "])
def test_no_piece_repeated_takes_long(piece: str) -> None:
    """50,000 times: a pattern that looks back from each to the first would not come to an end here."""
    source = parse(Path("a.md"), True, "Title: A\n\n" + piece * 50_000)
    assert sum(1 for _remark in all_advice(source, table(Path("nowhere")), str)) < 50_010

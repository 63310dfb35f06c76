"""What typewriter signs become in print."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.typography import typeset

CASES = [
    ('"Hej", sa hon', "”Hej”, sa hon", "“Hej”, sa hon"),
    ("'a' och mamma's", "’a’ och mamma’s", "‘a’ och mamma’s"),
    ("Ja -- nej", "Ja_– nej", "Ja_– nej"),
    ("1914--1918", "1914–1918", "1914–1918"),
    ("Ja...", "Ja…", "Ja…"),
    ("Ja....", "Ja....", "Ja...."),
    ("12 345 678 kr", "12_345_678_kr", "12_345_678_kr"),
    ("år 2019 500 chefer", "år 2019 500 chefer", "år 2019 500 chefer"),
    ("042-10 50 00", "042-10 50 00", "042-10 50 00"),
    ("5 § och § 5", "5_§ och §_5", "5_§ och §_5"),
    ("kl. 9, s. 3, nr 4", "kl._9, s._3, nr_4", "kl._9, s._3, nr_4"),
    ("20 % av 7 km, 3 mkr", "20_% av 7_km, 3_mkr", "20_% av 7_km, 3_mkr"),
    ("7 kmtal", "7 kmtal", "7 kmtal"),
    ("---", "---", "---"),
    ("Inget att göra.", "Inget att göra.", "Inget att göra."),
]


@pytest.mark.parametrize(("text", "swedish", "english"), CASES, ids=[case[0] for case in CASES])
def test_a_text_is_set_by_its_language(text: str, swedish: str, english: str) -> None:
    """An underline stands for a no-break space here."""
    assert typeset(text, "sv") == swedish.replace("_", "\N{NO-BREAK SPACE}")
    assert typeset(text, "en") == english.replace("_", "\N{NO-BREAK SPACE}")


def test_quotation_marks_within_each_other_open_and_close() -> None:
    """English has two pairs of them."""
    assert typeset("He said \"it's 'fine'\"", "en") == "He said “it’s ‘fine’”"


def test_what_stands_before_decides_whether_a_mark_opens() -> None:
    """A mark right after *emphasis* closes what began before it."""
    assert (typeset('"', "en", "try"), typeset('"', "en", "to ")) == ("”", "“")


@given(st.text())
def test_a_text_that_is_set_is_set_the_same_again(text: str) -> None:
    """What passes twice, like a title in a list, doesn't change the second time."""
    once = typeset(text, "sv")
    assert typeset(once, "sv") == once

"""LIX, reading time and long sentences, counted by hand."""

from pathlib import Path

import pytest

from common.language import translations
from plugins.advice_readability import advise_length, advise_lix, advise_sentences
from plugins.prose import sentences
from plugins.readability import Readability, readability
from plugins.sources import parse

HEAVY = "Förvaltningen genomför verksamhetsutveckling enligt handlingsplanen. "


def numbers(text: str, language: str = "sv") -> Readability:
    """The numbers of a text."""
    return readability(list(sentences(text, language)), language)


def test_lix_is_words_a_sentence_and_the_share_of_long_words() -> None:
    """Björnsson 1968: 10 words in 2 sentences, 2 of them of more than six letters: 5 + 20."""
    assert numbers("Vi ses på kajen sommaren. Kom till oss i trädgården.").lix == 25


@pytest.mark.parametrize(
    ("word", "number"), [("trafik", 0), ("trafiken", 1), ("e-posten", 1), ("a-b-c-d-e", 0), ("12 345 678", 0)]
)
def test_a_long_word_has_more_than_six_letters(word: str, number: int) -> None:
    """Hyphens and digits are no letters."""
    assert len(numbers(f"Här är {word} nu.").long_words) == number


@pytest.mark.parametrize(
    ("lix", "band"),
    [(29, "very easy to read"), (30, "easy to read"), (40, "of medium difficulty"), (50, "hard to read")]
    + [(60, "very hard to read"), (99999, "very hard to read"), (None, "")],
)
def test_every_lix_has_a_band(lix: int | None, band: str) -> None:
    """By Björnsson's scale."""
    assert Readability(1, 1, 1, lix).band[0] == band


def test_the_words_that_drive_lix_come_most_frequent_first() -> None:
    """And the longest sentences longest first."""
    found = numbers("Trafiken är trafiken. Ordföranden säger det till oss. Hej.")
    assert found.long_words == (("trafiken", 2), ("ordföranden", 1))
    assert [len(sentence.words) for sentence in found.longest] == [5, 3, 1]


@pytest.mark.parametrize(("language", "minutes"), [("sv", 5), ("en", 4)])
def test_reading_time_is_by_the_language(language: str, minutes: int) -> None:
    """199 words a minute in Swedish, 228 in English (IReST, 2012)."""
    assert numbers("ord " * 1000, language).minutes == minutes


def test_english_has_no_lix() -> None:
    """Its scale is for Swedish."""
    assert numbers("We meet tomorrow.", "en").lix is None


def test_a_heavy_text_is_told_what_makes_it_so() -> None:
    """The number, the limit, the words and the lines."""
    source = parse(Path("a.md"), True, f"Title: A\n\n{HEAVY * 30}")
    ((line, message),) = advise_lix(source, numbers(HEAVY * 30), translations("sv").gettext)
    assert line == 3
    assert message.startswith("LIX är 85: texten är mycket svår. Vid högst 45 läses den som vanliga nyheter")
    assert "verksamhetsutveckling (30), handlingsplanen (30)" in message


def test_neither_a_light_text_nor_a_short_one_is() -> None:
    """Of few words LIX says little."""
    source = parse(Path("a.md"), True, "Title: A\n\n")
    assert not [*advise_lix(source, numbers(HEAVY), str), *advise_lix(source, numbers("Vi ses nu. " * 60), str)]


@pytest.mark.parametrize(("words", "number"), [(30, 0), (31, 1)])
def test_a_sentence_of_more_than_thirty_words_is_shown(words: int, number: int) -> None:
    """With its line, its length and its beginning."""
    found = list(advise_sentences(list(sentences("Kort.\n\n" + "ord " * words, "sv")), str))
    assert found == [(3, f'a sentence of {words} words: could it be two? "{" ".join(["ord"] * 12)} …"')] * number


@pytest.mark.parametrize(("minutes", "number"), [(8, 0), (9, 1)])
def test_a_letter_that_takes_long_is_told_so(minutes: int, number: int) -> None:
    """And that a summary in plain language helps."""
    source = parse(Path("a.md"), True, "Title: A\n\nText")
    found = [message for _line, message in advise_length(source, Readability(9, 9, minutes), str)]
    assert len(found) == number
    assert all('"Brief"' in message for message in found)

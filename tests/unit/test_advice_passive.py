"""Which words count as passive verbs, and when they follow each other too close."""

import pytest

from plugins.advice_passive import advise_passives, passives
from plugins.prose import sentences


@pytest.mark.parametrize(
    ("text", "verbs"),
    [
        ("Ärendet behandlas i juni.", ["behandlas"]),
        ("Planen beslutades i går.", ["beslutades"]),
        ("Förslaget genomfördes utan dröjsmål.", ["genomfördes"]),
        ("Resultaten sammanställdes och redovisades.", ["sammanställdes", "redovisades"]),
        ("Metoden användes ofta.", ["användes"]),
        ("Bänken köptes begagnad.", ["köptes"]),
        ("Taket byttes i våras.", ["byttes"]),
        ("Insatserna prioriteras nu.", ["prioriteras"]),
        ("Det ska inte hanteras här.", ["hanteras"]),
        ("Planen måste göras om.", ["göras"]),
        ("Beslutet kan alltså överklagas.", ["överklagas"]),
        ("Frågan har nu utretts.", ["utretts"]),
        ("Avtalet hade redan skrivits.", ["skrivits"]),
        ("Pengarna har inte använts.", ["använts"]),
        ("Ansökan blev avslagen.", ["blev avslagen"]),
        ("Hon har blivit kallad till möte.", ["blivit kallad"]),
        ("Skolan blir snart renoverad.", ["blir renoverad"]),
    ],
)
def test_passive_verbs_are_found(text: str, verbs: list[str]) -> None:
    """Present, past, infinitive, supine, and with "bli"."""
    assert list(passives(next(sentences(text, "sv")).words)) == verbs


@pytest.mark.parametrize(
    "text",
    [
        "Det finns hopp, och vi hoppas att du trivs.",
        "Jag minns att vi lyckades och skämdes lite.",
        "Det behövs fler, det märks och verkar synas.",
        "Vi träffades, umgicks och skildes åt.",
        "Vi måste enas och kunna samsas om det.",
        "Han har lyckats och vi har trivts.",
        "Deras arbete och allas våra barns framtid.",
        "Områdets och mötets alla deltagares frågor.",
        "Samarbetes- och ordförandes villkor i områdes planer.",
        "I våras och somras var Jonas, Andreas och Lukas här.",
        "Vi har en arbetsplats och en insats i Texas.",
        "Medarbetarnas och invånarnas vardag.",
        "De anställdas och berördas rätt.",
        "Operas, kameras och glas.",
        "Vi blir glada och hon blev arg.",
        "De blev mycket imponerade och intresserade.",
        "Staden utvecklas, priserna ökas och allt förändras.",
        "Hundratals kom, alldeles förgäves.",
        "Hans hus är vars och ens.",
        "Lindhamn styrs av dem som du har valt.",
        "Diabetes är en folksjukdom, och en Mercedes är en bil.",
        "Planen beslutas av nämnden.",
        "Vi har plats för kommunens skolors bibliotek.",
    ],
)
def test_words_that_only_look_like_it_are_not(text: str) -> None:
    """Verbs that always end in -s, genitives, names; nor is a sentence that says who does it."""
    assert list(passives(next(sentences(text, "sv")).words)) == []


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("Planen beslutades i går och genomfördes i dag.", [1]),
        ("Kort.\n\nAnsökan behandlas i maj. Den granskas sedan. Beslutet skickas hem.", [3]),
        ("Ansökan behandlas i maj. Den granskas sedan.", []),
        ("Ansökan behandlas.\n\nDen granskas.\n\nBeslutet skickas.", []),
        ("Ansökan behandlas. Vi ringer dig. Den granskas. Beslutet skickas.", []),
        ("Ansökan behandlas.", []),
    ],
)
def test_two_in_a_sentence_or_three_in_a_row_make_a_chain(text: str, lines: list[int]) -> None:
    """Only inside one paragraph, and told once, where it begins."""
    assert [line for line, _message in advise_passives(list(sentences(text, "sv")), str)] == lines


def test_the_verbs_are_named() -> None:
    """So that the writer sees what is meant."""
    ((_line, message),) = advise_passives(list(sentences("Det ska utredas och sedan beslutas.", "sv")), str)
    assert message == "passive verbs close together (utredas, beslutas): could it say who does it?"

"""How the sentences of a Markdown text are found, and on which lines."""

import pytest

from plugins.prose import sentences


def found(text: str, language: str = "sv") -> list[tuple[int, str]]:
    """The line and the text of each sentence."""
    return [(sentence.line, " ".join(sentence.text.split())) for sentence in sentences(text, language)]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("Vi ses. Vi hörs.", 2),
        ("Kom! Varför inte? Jo.", 3),
        ("Vi har t.ex. Anna och Bo här.", 1),
        ("Vi har bl.a. Västra hamnen.", 1),
        ("Det börjar kl. 9 på torget.", 1),
        ("Det kostar ca. 300 kronor.", 1),
        ("Enligt Dr. Berg är det bra.", 1),
        ("Skriv till J. Berg i dag.", 1),
        ("Vi ses den 5. Maj är bäst.", 1),
        ("Vi ses den 5. maj på torget.", 1),
        ("Det var 2025. Nu är det 2026.", 2),
        ("Snittet är 3,5 och 4.5 i år.", 1),
        ("Skor, kläder m.m. Allt såldes.", 2),
        ("Det kom 300 kr. Vi blev glada.", 2),
        ("”Kom hit!” sa hon. Vi kom.", 2),
        ("Vad ”roligt!” Vi kom.", 2),
        ("Han sa: ”Vi kommer.” Sedan gick vi.", 3),
        ("Jag undrar … men kommer.", 1),
        ("Jag undrar … Men kommer.", 2),
        ("PS. Skriv till oss.", 1),
    ],
)
def test_a_full_stop_ends_a_sentence_but_not_every_full_stop(text: str, number: int) -> None:
    """Abbreviations, ordinals, decimals and initials have one too."""
    assert len(found(text)) == number


def test_headings_items_and_quotations_are_sentences_of_their_own() -> None:
    """They need no full stop to end."""
    text = "# En rubrik\n\nText som\nfortsätter.\n- ett\n- två\n\n1. tre\n> citat\n> slut\n\n***\n\nUnder\n===\n"
    expected = [(1, "En rubrik"), (3, "Text som fortsätter."), (5, "ett"), (6, "två"), (8, "tre"), (9, "citat slut")]
    assert found(text) == [*expected, (14, "Under")]


def test_a_hard_line_break_ends_a_line_of_an_address() -> None:
    """A signature is no sentence."""
    assert found("**Direktören**  \nStaden") == [(1, "Direktören"), (2, "Staden")]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Läs [brevet](/a_(b)/ \"x\") nu.", "Läs brevet nu."),
        ("Läs [brevet][1] nu.\n\n[1]: /a/", "Läs brevet nu."),
        ("Se ![en bild av. Två](/a.jpg \"Text.\"){.decorative} här.", "Se här."),
        ("Not[^1] här.", "Not här."),
        ("Ett <b>viktigt</b> ord<br>.", "Ett viktigt ord."),
        ("Ett **viktigt** _ord_ i snake_case.", "Ett viktigt ord i snake_case."),
        ("Ett ord.<!-- Inte. Detta. -->", "Ett ord."),
        ("Vi kör *learning by doing*{: lang=en} här.", "Vi kör \ufffc här."),
        ("Vi kör <i lang=\"en\">learning by doing</i> här.", "Vi kör här."),
        ("Vi kör <i lang=\"sv\">lärande</i> här.", "Vi kör lärande här."),
        ("Hello there.\n{: lang=en}\n\nHej.", "Hej."),
        ("Skriv till <a@b.se> nu.", "Skriv till \ufffc nu."),
        ("Gå till https://a.se/b.html nu.", "Gå till \ufffc nu."),
        ("Kör `make. Serve` nu.", "Kör \ufffc nu."),
        ("```\nkod. Kod.\n```\nHej.", "Hej."),
        ("    kod. Kod.\n\nHej.", "Hej."),
        ("Hej.\n\n| a | b |\n| - | - |\n| c. D | e |", "Hej."),
        ("Hej.\n\na | b\n--|--\n", "Hej."),
        ("Rubrik {#id}\n---", "Rubrik"),
        ("Kommun&shy;full\u00admäk\u200btige h&auml;r &#38;&#x26; d&auml;r.", "Kommunfullmäktige här && där."),
        ("En&#10;rad &finnsinte; till.", "En rad &finnsinte; till."),
        ("En * ensam och en \\* till.", "En ensam och en * till."),
    ],
)  # fmt: skip
def test_only_what_is_read_aloud_is_prose(text: str, said: str) -> None:
    """Markup, addresses, code, tables, pictures and other languages are none."""
    assert [sentence for _line, sentence in found(text)] == [said]


def test_what_is_left_out_leaves_the_lines_where_they_were() -> None:
    """A writer must find the sentence."""
    text = "```\nkod\n```\n<!-- a\nb -->\n![en\nbild](/a.jpg) Hej.\nDu.\n\n<i\nlang=en>a\nb</i> Sist."
    assert found(text) == [(7, "Hej."), (8, "Du."), (12, "Sist.")]

"""What a moderator is told to look at twice."""

import pytest

from comments.flags import flags, marks
from comments.masking import MARKED, MASK, NotThere, mask

OFFICIALS = [
    {"name": "Stadsdirektören", "email": "stadsdirektoren@lindhamn.example"},
    {"name": "Lindhamns stad", "email": "kontaktcenter@lindhamn.example"},
]


def found(text="Tack för brevet!", author="En boende", email=None, **more):
    row = {"text": text, "author": author, "email": email, "modified": None} | more
    return flags(row, ["idiot*", "kasino"], OFFICIALS)


def test_an_ordinary_comment_has_no_flag():
    """Nothing to look at twice: also with a date, a clock, a sum and a question."""
    assert found("Den 24 november 2026 kl. 13.30 betalade jag 12 500 kr. Varför?") == []


@pytest.mark.parametrize("text", ["se https://x.example", "gå till www.x.example", "kolla billiga-lan.se", "HTTP://X"])
def test_a_link_is_told_of(text):
    """Written out or only hinted at."""
    assert found(text) == ["link"]


@pytest.mark.parametrize(
    "text", ["19811228-9874", "811228-9874", "8112289874", "198112289874", "19811288-9871", "nr 811228 9874."]
)
def test_a_personnummer_is_told_of(text):
    """In all the ways in which people write them; with the right last digit."""
    assert "personnummer" in found(f"Mitt nummer är {text}")


@pytest.mark.parametrize("text", ["19811228-9875", "diarienummer 2026-1234567890", "konto 1234 5678 9012 3456"])
def test_other_numbers_are_no_personnummer(text):
    """A wrong last digit, a case number, an account."""
    assert "personnummer" not in found(text)


@pytest.mark.parametrize("text", ["070-174 05 11", "ring 08-785 00 00", "+46 70 174 05 11"])
def test_a_phone_number_is_told_of(text):
    """Swedish ones, with or without the country's."""
    assert "phone" in found(text)


def test_shouting_is_told_of():
    """Most letters are capitals; an abbreviation is not shouting."""
    assert found("NI LYSSNAR ALDRIG PÅ OSS SOM BOR HÄR") == ["capitals"]
    assert found("Bra att SKR och MSB är med i det här arbetet") == []


def test_known_words_are_told_of():
    """Whole, or as the beginning where the list says so."""
    assert found("Vilka idioter!") == ["word"]
    assert found("Ett kasino i hamnen?") == ["word"]
    assert found("Kasinopengar") == []


@pytest.mark.parametrize(
    ("author", "email"),
    [
        ("stadsdirektören", None),
        ("Stads direktoren", None),
        ("Ѕtаdѕdіrеktören", None),
        ("Stadsd1rektören", None),
        ("Lindhamns stad, växeln", None),
        ("Boende", "KONTAKTCENTER@lindhamn.example"),
    ],
)
def test_an_imitated_official_is_told_of(author, email):
    """The same name in other letters, with blanks, with more behind it; or the address."""
    assert found(author=author, email=email) == ["imitates"]


@pytest.mark.parametrize("author", ["Direktör på sta'n", "Anna", "Lindhamnsbo", "Stadsodlaren", ""])
def test_other_names_imitate_nobody(author):
    """Names of residents are no reason to look twice."""
    assert found(author=author) == []


def test_edited_and_repeated_comments_are_told_of():
    """What the row itself says."""
    assert found(modified=1.0, again=True) == ["edited", "again"]


def test_the_same_text_has_the_same_fingerprint():
    """Whatever blanks, signs and capitals are between; a short text has none."""
    one, other = marks("Samma text igen, och igen!"), marks("samma  TEXT igen och igen…")
    assert one["fingerprint"] == other["fingerprint"] is not None
    assert marks("Tack!")["fingerprint"] is None
    assert (marks("Varför?")["asks"], marks("Därför.")["asks"]) == (1, 0)


@pytest.mark.parametrize("text", ["1" * 10_000, "070" * 3000, "a." * 5000, "\ud800", "\u202e" * 50, ""])
def test_no_text_is_too_much(text):
    """Hostile texts are looked through as well."""
    assert isinstance(found(text), list)


def test_masking_covers_each_place():
    """A longer detail before one that it begins with, and what a mark says is never searched."""
    text = mask("Anna Ek bor på Gatan 1. Anna!", ["Anna", "Anna Ek"])
    assert text == f"{MARKED} bor på Gatan 1. {MARKED}!"
    assert mask(text, ["Gatan 1"]).count(MARKED) == 3
    with pytest.raises(NotThere, match="person"):
        mask(text, ["person"])


def test_a_mark_is_never_a_link():
    """A detail before a parenthesis."""
    from comments.rendering import Renderer

    html = Renderer()(mask("Anna(https://x.example)", ["Anna"]))
    assert html.startswith(f"<p>{MASK}(")


def test_a_short_name_that_is_an_official_one_is_flagged():
    """Equal is equal, however short."""
    row = {"author": "Bo Ek", "email": "", "text": "Hej.", "modified": None}
    assert flags(row, [], [{"name": "Bo Ek", "email": ""}]) == ["imitates"]


def test_a_name_is_looked_through_as_a_text_is():
    """A number and an address of the web may stand there too."""
    row = {"author": "Ring 070-174 05 11 kasino.ru", "email": "", "text": "Hej.", "modified": None}
    assert flags(row, ["kasino*"], []) == ["link", "phone", "word"]

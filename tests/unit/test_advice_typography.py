"""What is advised on Swedish typography, and what is left alone."""

import pytest

from plugins.advice_typography import advise_typography, improvements
from plugins.prose import sentences


def better(text: str) -> list[str]:
    """What is to be written instead, for all that is advised on."""
    return [found.better for sentence in sentences(text, "sv") for found in improvements(sentence.text)]


@pytest.mark.parametrize(
    ("text", "instead"),
    [
        ("Han sa “hej”.", ["sa ”hej”."]),
        ("Han sa „hej“ ju.", ["sa ”hej“ ju.", "sa „hej” ju."]),
        ("Fullmäktige´s beslut.", ["Fullmäktige’s beslut."]),
        ("Vi kom - till sist - fram.", ["Vi kom – till sist", "till sist – fram."]),
        ("Vi kom — till sist.", ["Vi kom – till sist."]),
        ("Vi kom—till sist.", ["Vi kom – till sist."]),
        ("Öppet kl. 9-11 i dag.", ["kl. 9–11 i"]),
        ("Åren 2019-2024 gick.", ["Åren 2019–2024 gick."]),
        ("Barn 6-12 år.", ["Barn 6–12 år."]),
        ("Vi är 12000 invånare.", ["är 12 000 invånare."]),
        ("Vi är 1234567 invånare.", ["är 1 234 567 invånare."]),
        ("Det kostar 12345 kr.", ["kostar 12 345 kr."]),
        ("Det kostar 12,345 kronor.", ["kostar 12 345 kronor."]),
        ("Det kostar 12.345.678 kronor.", ["kostar 12 345 678 kronor."]),
        ("Det är 10% av alla.", ["är 10 % av"]),
        ("Det är 3,5% av alla.", ["är 3,5 % av"]),
        ("Det kostar 500kr nu.", ["kostar 500 kr nu."]),
        ("Enligt 5§ i lagen.", ["Enligt 5 § i"]),
        ("Enligt § 5 förvaltningslagen.", ["Enligt 5 § förvaltningslagen."]),
        ("Enligt kommunallagen §12 gäller.", ["kommunallagen 12 § gäller."]),
        ("Kom t ex hit.", ["Kom t.ex. hit."]),
        ("T ex här.", ["T.ex. här."]),
        ("Skolor, bl. a. Norr.", ["Skolor, bl.a. Norr."]),
        ("Det är d v s bra.", ["är d.v.s. bra."]),
        ("Den 5 Maj ses vi.", ["5 maj ses"]),
        ("Vi ses på Måndag.", ["på måndag."]),
        ("Den 5:e november ses vi.", ["Den 5 november"]),
        ("Hej ! Kom.", ["Hej!"]),
    ],
)
def test_what_the_site_cannot_mend_is_advised_on(text: str, instead: list[str]) -> None:
    """By Svenska skrivregler."""
    assert [one.split() for one in better(text)] == [one.split() for one in instead]


@pytest.mark.parametrize(
    "text",
    [
        "Han sa \"hej\" och ”hej” -- och det var 'bra'...",
        "Vi kom – till sist – fram.",
        "- ett\n- två, tre-fyra e-post Malmö-Lund\n",
        "Öppet kl. 9–11 och 2019–2024, 6–12 år.",
        "Den 2026-11-17, 17/11, ring 010-000 12 00 eller 08-12 34 56 eller 0431-12345.",
        "Vi vann med 3-1 mot covid-19 och 24-7.",
        "År 2026 bodde 12 345 här, och 1 234 567 där.",
        "Postnummer 25189, ärende 123456, dnr 20260012345 och tel. 042105000 finns.",
        "Ring 11313 eller 08-99 eller sms:a 72900 nu.",
        "Adressen är 12345 Lindhamn, org.nr 212000-1157.",
        "Vikten är 1,234 kg, pi är 3,141, och version 4.12.0 kom.",
        "Det är 10 %, 5 § och 500 kr, enligt 22 § förvaltningslagen.",
        "I protokollet står beslutet i § 45, se kommunallagen.",
        "Beslutet står i § 45.",
        "Kom t.ex. hit, bl.a. hit, d.v.s. dit m.m. och m.fl.",
        "Måndag är bra. Lördagsrådgivningen i Fredagsbacken.",
        "Maj och Augusti är namn, den 5 maj en dag.",
        "Skriv till a@b.se ! Eller kör `x “y” -- 10%`.",
        "Vi är glada :) och S K Berg är med.",
        "SS-EN 12464-1 och A4-7 och ISO 9001-2015 gäller.",
    ],
)
def test_what_is_right_or_mended_or_something_else_is_left_alone(text: str) -> None:
    """Telephone numbers, dates, addresses, code; quotation marks that the site sets by itself."""
    assert better(text) == []


def test_each_sign_is_told_once_at_its_first_line() -> None:
    """Fifty of a kind say no more than one."""
    found = list(advise_typography(list(sentences("Hej.\n\nDet är 10% nu.\n\nDe fick 10% till.", "sv")), str))
    assert found == [(3, "by the rules of Swedish writing: är 10 % nu. rather than är 10% nu.")]

"""What a moderator should look at twice in a comment: a hint beside it, never a decision."""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping
from difflib import SequenceMatcher
from typing import Any

from common.personnummer import is_personnummer

LEAST_CHARACTERS = 20
"""Shorter texts are said again by everybody: "Tack!" is nobody's repetition."""

LINK = re.compile(r"https?://|\bwww\.|\b[\w-]{2,}\.(?:se|com|net|org|nu|info|eu|io|ru|cn|top|xyz)\b", re.IGNORECASE)
NUMBER = re.compile(r"(?<!\d)(?:\d{2})?\d{6}[-+ ]?\d{4}(?!\d)")
MOST_SEARCHED = 10_000
"""Characters of a text that are looked through; the libraries below take their time."""

CAPITALS, LEAST_LETTERS = 0.6, 20
ALIKE = 0.87
LEAST_NAME = 5

LOOKALIKES = str.maketrans("аеорсухіјѕԁɡαονρτι0134578", "aeopcyxijsdgaovptioleastb")
"""Letters of other alphabets, and digits, that pass for Latin ones."""


def marks(text: str) -> dict[str, Any]:
    """What is kept of a text so that it can be found again: {"fingerprint", "asks"}, columns of `comments`."""
    bare = _bare(text)
    fingerprint = hashlib.sha256(bare.encode("utf-8", "surrogatepass")).hexdigest()
    return {"fingerprint": fingerprint if len(bare) >= LEAST_CHARACTERS else None, "asks": int("?" in text)}


def flags(row: Mapping[str, Any], words: Iterable[str], officials: Iterable[Mapping[str, str]]) -> list[str]:
    """Codes of what is remarkable about a comment, in a fixed order.

    `row` holds author, email, text, modified, and `again` (whether its text came before); `words` are the
    organisation's own; `officials` are those who speak for it, each {"name", "email"}. A code is one of
    edited, unmasked (what was masked before the edit may be back), link, personnummer, phone, capitals, again, word,
    imitates.
    """
    # A name is read as much as a text.
    text, said = row["text"][:MOST_SEARCHED], f"{row['author'] or ''}\n{row['text'][:MOST_SEARCHED]}"
    found = {
        "edited": bool(row["modified"]),
        "unmasked": bool(row.get("was_masked")) and row.get("masked") is None,
        "link": LINK.search(said) is not None,
        "personnummer": has_personnummer(said),
        "phone": has_phone_number(said),
        "capitals": shouts(text),
        "again": bool(row.get("again")),
        "word": has_word(said, words),
        "imitates": imitates(row["author"] or "", row["email"] or "", officials),
    }
    return [code for code, is_so in found.items() if is_so]


def has_personnummer(text: str) -> bool:
    """Whether a Swedish personal identity or coordination number stands in a text (the Act 1991:481, 18 §)."""
    return any(is_personnummer(each[0].replace(" ", "")) for each in NUMBER.finditer(text))


def has_phone_number(text: str) -> bool:
    """Whether a telephone number stands in a text, Swedish or with its country's."""
    if sum(character.isdigit() for character in text) < 7:
        return False
    import phonenumbers

    found = phonenumbers.PhoneNumberMatcher(text, "SE")
    return any(each.raw_string.lstrip().startswith(("0", "+", "(")) for each in found)


def shouts(text: str) -> bool:
    """Whether most letters of a text are capitals."""
    letters = [character for character in text if character.isalpha()]
    return len(letters) >= LEAST_LETTERS and sum(map(str.isupper, letters)) > CAPITALS * len(letters)


def has_word(text: str, words: Iterable[str]) -> bool:
    """Whether one of some words stands in a text, whole, or as its beginning where the word ends with *."""
    folded = text.casefold()
    return any(_pattern(word).search(folded) for word in words)


def _pattern(word: str) -> re.Pattern[str]:
    stem = re.escape(word.rstrip("*").casefold())
    return re.compile(rf"(?<!\w){stem}" + ("" if word.endswith("*") else r"(?!\w)"))


def imitates(name: str, email: str, officials: Iterable[Mapping[str, str]]) -> bool:
    """Whether a writer's name or address may be taken for one of those who speak for the organisation."""
    bare, address = _bare(name), email.strip().casefold()
    return any(_is_alike(bare, _bare(each["name"])) or address == each["email"].casefold() != "" for each in officials)


def _is_alike(name: str, official: str) -> bool:
    if name == official != "":
        return True
    if len(official) < LEAST_NAME or not name:
        return False
    return official in name or SequenceMatcher(None, name, official, autojunk=False).ratio() >= ALIKE


def _bare(text: str) -> str:
    """A text without blanks, marks, case and other alphabets' lookalikes."""
    plain = unicodedata.normalize("NFKD", text.casefold()).translate(LOOKALIKES)
    return "".join(character for character in plain if character.isalnum())

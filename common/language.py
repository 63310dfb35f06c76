"""The sentences that people meet: English in the code, Swedish in locale/sv.po."""

import contextlib
import gettext
import hashlib
import io
import os
import struct
from functools import lru_cache
from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.core import get_global

LOCALE = Path(__file__).parent.parent / "locale"


@lru_cache
def translations(language: str) -> gettext.NullTranslations:
    """The catalogue of that language, compiled from its .po file; English needs none.

    It is kept compiled beside it, as Python keeps its modules, where something can be written there.
    """
    source = LOCALE / f"{language}.po"
    if not source.exists():
        return gettext.NullTranslations()
    text = source.read_bytes()
    kept = LOCALE / "__pycache__" / f"{language}-{hashlib.sha256(text).hexdigest()[:16]}.mo"
    try:
        return gettext.GNUTranslations(io.BytesIO(kept.read_bytes()))
    except (OSError, ValueError, struct.error):  # there is none yet, or a damaged one
        compiled = _compiled(text, language)
    _keep(compiled, kept)
    return gettext.GNUTranslations(io.BytesIO(compiled))


def _compiled(text: bytes, language: str) -> bytes:
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    compiled = io.BytesIO()
    write_mo(compiled, read_po(io.BytesIO(text), locale=language))
    return compiled.getvalue()


def _keep(compiled: bytes, file: Path) -> None:
    fresh = file.with_name(f"{file.name}.{os.getpid()}")
    with contextlib.suppress(OSError):
        file.parent.mkdir(exist_ok=True)
        for old in file.parent.glob(f"{file.name.partition('-')[0]}-*.mo"):
            old.unlink(missing_ok=True)
        fresh.write_bytes(compiled)
        fresh.replace(file)


def language_name(code: str) -> str:
    """What a language calls itself, by CLDR ("svenska", "English", "العربية"); the code where nobody knows."""
    locale = _locale(code)
    return (locale and locale.get_language_name()) or code


def is_language(code: str) -> bool:
    """Whether CLDR knows a language by that code."""
    return _locale(code) is not None


def direction(code: str) -> str:
    """How a language is written, by CLDR: "rtl" or "ltr"."""
    locale = _locale(code)
    return "rtl" if locale and locale.character_order == "right-to-left" else "ltr"


@lru_cache
def _locale(code: str) -> Locale | None:
    try:
        return Locale.parse(code, sep="-")
    except (UnknownLocaleError, ValueError):
        return None


@lru_cache
def with_territory(code: str) -> str:
    """A language code with the country it is most spoken in where it names none (CLDR): sv gives sv_SE."""
    language, *rest = code.replace("_", "-").split("-")
    named = [part.upper() for part in rest if len(part) == 2]
    likely = get_global("likely_subtags").get(language.lower(), "").split("_")[1:]
    territory = (named or likely[-1:] or [""])[0]
    return "_".join(filter(None, (language.lower(), territory)))


def marked(sentence: str) -> str:
    """Marks a sentence for the catalogue; it is translated where it is shown. Imported as `_`, which is looked for."""
    return sentence

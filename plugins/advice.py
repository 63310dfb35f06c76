"""The advice on how a letter or page is written, which never stops anything: all of it, gathered."""

import hashlib
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from plugins.advice_header import advise_header
from plugins.advice_passive import advise_passives
from plugins.advice_readability import advise_length, advise_lix, advise_sentences
from plugins.advice_spelling import advise_spelling
from plugins.advice_store import AdviceStore, advice_store, rules_digest
from plugins.advice_typography import advise_typography
from plugins.findings import Remark
from plugins.prose import Sentence, sentences
from plugins.readability import Readability, readability
from plugins.sources import Source
from plugins.spelling import INSTALLER, dictionary_version, speller
from plugins.word_list import known_words
from plugins.wording import Gettext

_TEXTS = ("title", "summary", "brief")


def advise(source: Source, settings: Mapping[str, Any], _: Gettext) -> Iterator[Remark]:
    """Yield (line, advice) on how one source is written; of other languages than Swedish on its length alone."""
    yield from _store(settings).advice(source, lambda: sorted(all_advice(source, settings, _)))


def keep_advice(settings: Mapping[str, Any]) -> None:
    """Keep in DATA what was found out, for the next run: called when all texts have been looked at."""
    _store(settings).keep()
    if judge := speller(settings):
        judge.keep()


def _store(settings: Mapping[str, Any]) -> AdviceStore:
    of_machine = dictionary_version(settings)
    known = known_words(settings)
    return advice_store(Path(settings["DATA"], "advice.json"), _rules(settings["FACTS"].language, of_machine, known))


@lru_cache(maxsize=4)
def _rules(language: str, dictionary: str, known: frozenset[str]) -> str:
    words = hashlib.blake2b("\n".join(sorted(known)).encode("utf-8", "replace"), digest_size=16).hexdigest()
    return f"{rules_digest()} {language} {dictionary} {words}"


def all_advice(source: Source, settings: Mapping[str, Any], _: Gettext) -> Iterator[Remark]:
    """Yield the advice anew, without looking for it in DATA."""
    language = source.get("lang", settings["DEFAULT_LANG"]).lower()
    body = list(sentences(source.body, language, source.body_line))
    numbers = readability(body, language)
    yield from advise_header(source, _)
    yield from advise_length(source, numbers, _)
    yield from advise_sentences(body, _)
    if language.startswith("sv"):
        everything = [*_header_sentences(source, language), *body]
        yield from advise_lix(source, numbers, _)
        yield from advise_passives(body, _)
        yield from advise_typography(everything, _)
        if judge := speller(settings):
            yield from advise_spelling(everything, known_words(settings), judge, _)


def numbers_of(source: Source, settings: Mapping[str, Any]) -> Readability:
    """The numbers of one source's text, for the panel of the preview."""
    language = source.get("lang", settings["DEFAULT_LANG"]).lower()
    return readability(list(sentences(source.body, language, source.body_line)), language)


def missing_dictionary(settings: Mapping[str, Any], _: Gettext) -> Iterator[tuple[Path, str]]:
    """Yield what gets the dictionary, and that spelling is not looked at, where there is none."""
    if not dictionary_version(settings):
        yield INSTALLER, _("spelling is not looked at: run deploy/npm/install to get the Swedish dictionary")


def _header_sentences(source: Source, language: str) -> Iterator[Sentence]:
    for key in _TEXTS:
        if value := source.get(key):
            yield from sentences(value, language, source.line(key))

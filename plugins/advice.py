"""The advice on how a letter or page is written, which never stops anything: all of it, gathered."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from plugins.advice_header import advise_header
from plugins.advice_passive import advise_passives
from plugins.advice_readability import advise_length, advise_lix, advise_sentences
from plugins.advice_spelling import advice_on_word, doubtful_words
from plugins.advice_store import AdviceStore, Told, advice_store, rules_digest
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
    yield from adviser(settings, _)(source)


def adviser(settings: Mapping[str, Any], _: Gettext) -> Callable[[Source], list[Remark]]:
    """The same for many sources: what advises on each of them.

    With settings["ADVICE_AT_ONCE"] a run reads so many new texts at most, and looks for no suggestions: a build must
    not wait. What it leaves out the next run tells.
    """
    store, at_once = _store(settings), settings.get("ADVICE_AT_ONCE")

    def advise_on(source: Source) -> list[Remark]:
        told = store.told(source, lambda: all_advice(source, settings, _), at_once)
        judge = speller(settings) if told.words else None
        words = [(line, advice_on_word(word, judge, at_once is None, _)) for line, word in told.words if judge]
        return sorted([*told.remarks, *words])

    return advise_on


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


def all_advice(source: Source, settings: Mapping[str, Any], _: Gettext) -> Told:
    """What is told of one source, read anew."""
    language = source.get("lang", settings["DEFAULT_LANG"]).lower()
    body = list(sentences(source.body, language, source.body_line))
    numbers = readability(body, language)
    remarks = [*advise_header(source, _), *advise_length(source, numbers, _), *advise_sentences(body, _)]
    if not language.startswith("sv"):
        return Told(sorted(remarks))
    everything = [*_header_sentences(source, language), *body]
    remarks += [*advise_lix(source, numbers, _), *advise_passives(body, _), *advise_typography(everything, _)]
    judge = speller(settings)
    words = doubtful_words(everything, known_words(settings), judge) if judge else ()
    return Told(sorted(remarks), list(words))


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

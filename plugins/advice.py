"""The advice on how a letter or page is written, which never stops anything: all of it, gathered."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from plugins.advice_store import AdviceStore, Told, advice_store, rules_digest
from plugins.findings import Remark
from plugins.sources import Source
from plugins.spelling import INSTALLER, dictionary_version, speller
from plugins.word_list import known_words
from plugins.wording import Gettext

if TYPE_CHECKING:
    from plugins.readability import Readability


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
        told = store.told(source, lambda: _anew(source, settings, _), at_once)
        words = _on_words(told.words, settings, at_once is None, _) if told.words else ()
        return sorted([*told.remarks, *words])

    return advise_on


# The rules and the words they look for take a while to load, and most builds read no new text.
def _anew(source: Source, settings: Mapping[str, Any], _: Gettext) -> Told:
    from plugins.advice_rules import all_advice

    return all_advice(source, settings, _)


def _on_words(words: list[Remark], settings: Mapping[str, Any], may_look: bool, _: Gettext) -> Iterator[Remark]:
    from plugins.advice_spelling import advice_on_word

    if judge := speller(settings):
        yield from ((line, advice_on_word(word, judge, may_look, _)) for line, word in words)


def numbers_of(source: Source, settings: Mapping[str, Any]) -> "Readability":
    """The numbers of one source's text, for the panel of the preview."""
    from plugins.advice_rules import numbers

    return numbers(source, settings)


def keep_advice(settings: Mapping[str, Any]) -> int:
    """Keep in DATA what was found out, for the next run: called when all texts have been looked at.

    It tells how many of them are left for that one.
    """
    if judge := speller(settings):
        judge.keep()
    return _store(settings).keep()


def _store(settings: Mapping[str, Any]) -> AdviceStore:
    of_machine = dictionary_version(settings)
    known = known_words(settings)
    return advice_store(Path(settings["DATA"], "advice.json"), _rules(settings["FACTS"].language, of_machine, known))


@lru_cache(maxsize=4)
def _rules(language: str, dictionary: str, known: frozenset[str]) -> str:
    words = hashlib.blake2b("\n".join(sorted(known)).encode("utf-8", "replace"), digest_size=16).hexdigest()
    return f"{rules_digest()} {language} {dictionary} {words}"


def missing_dictionary(settings: Mapping[str, Any], _: Gettext) -> Iterator[tuple[Path, str]]:
    """Yield what gets the dictionary, and that spelling is not looked at, where there is none."""
    if not dictionary_version(settings):
        yield INSTALLER, _("spelling is not looked at: run deploy/npm/install to get the Swedish dictionary")

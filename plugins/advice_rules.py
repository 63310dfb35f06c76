"""The advice on one source, read anew: what plugins.advice keeps."""

from collections.abc import Iterator, Mapping
from typing import Any

from plugins.advice_header import advise_header
from plugins.advice_passive import advise_passives
from plugins.advice_readability import advise_length, advise_lix, advise_sentences
from plugins.advice_references import advise_references
from plugins.advice_spelling import doubtful_words
from plugins.advice_store import Told
from plugins.advice_typography import advise_typography
from plugins.prose import Sentence, sentences
from plugins.readability import Readability, readability
from plugins.sources import Source
from plugins.spelling import speller
from plugins.word_list import known_words
from plugins.wording import Gettext

_TEXTS = ("title", "summary", "brief")


def all_advice(source: Source, settings: Mapping[str, Any], _: Gettext) -> Told:
    """What is told of one source, read anew."""
    language = source.get("lang", settings["DEFAULT_LANG"]).lower()
    body = list(sentences(source.body, language, source.body_line))
    found = readability(body, language)
    remarks = [*advise_header(source, body, _), *advise_length(source, found, _), *advise_sentences(body, _)]
    remarks += advise_references(source, _)
    if not language.startswith("sv"):
        return Told(sorted(remarks))
    everything = [*_header_sentences(source, language), *body]
    remarks += [*advise_lix(source, found, _), *advise_passives(body, _), *advise_typography(everything, _)]
    judge = speller(settings)
    words = doubtful_words(everything, known_words(settings), judge) if judge else []
    return Told(sorted(remarks), words)


def numbers(source: Source, settings: Mapping[str, Any]) -> Readability:
    """The numbers of one source's text."""
    language = source.get("lang", settings["DEFAULT_LANG"]).lower()
    return readability(list(sentences(source.body, language, source.body_line)), language)


def _header_sentences(source: Source, language: str) -> Iterator[Sentence]:
    for key in _TEXTS:
        if value := source.get(key):
            yield from sentences(value, language, source.line(key))

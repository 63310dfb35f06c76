"""Every sentence that people meet has a Swedish translation with the same gaps to fill."""

import ast
import re

import pytest
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po

from comments.settings import ROOT
from common.language import translations

METHODS = [("**.py", "python"), ("**.html", "jinja2"), ("**.xml", "jinja2")]
OPTIONS = {"**.html": {"trimmed": "true", "silent": "false"}, "**.xml": {"trimmed": "true", "silent": "false"}}
GAP = re.compile(r"%(?:\((\w+)\))?[-+ 0#]*[\d.]*([diouxXeEfFgGcrsa%])")
FOLDERS = ("comments", "common", "theme", "plugins", "builder")
FILES = [*ROOT.glob("*.py"), *(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))]
SOURCES = [path.read_text() for path in FILES]
# An error that is told to a person takes its sentence where it is raised.
ERRORS = {name: None for text in SOURCES for name in re.findall(r"class (\w+)\(WordedError\)", text)}


def marked(folder):
    """The sentences marked for translation in a folder, each with where it stands."""
    for file, line, message, *_ in extract_from_dir(ROOT / folder, METHODS, OPTIONS, DEFAULT_KEYWORDS | ERRORS):
        for sentence in message if isinstance(message, tuple) else (message,):
            if sentence and re.search(r"\w", GAP.sub("", sentence)):
                yield sentence, f"{folder}/{file}:{line}"


def used():
    """All that code could ask a translation for: what is marked, and every text in Python."""
    for folder in FOLDERS:
        yield from (sentence for sentence, _ in marked(folder))
    for text in SOURCES:
        yield from (node.value for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Constant))


def gaps(sentence):
    """The placeholders of a sentence: named ones in any order, the others in theirs."""
    found = [(match[1], match[2]) for match in GAP.finditer(sentence)]
    return sorted(gap for gap in found if gap[0]), [gap for gap in found if not gap[0]]


def forms(message):
    """Sentence and translation of an entry, in singular and plural where it has both."""
    several = isinstance(message.id, tuple)
    return zip(message.id, message.string, strict=True) if several else [(message.id, message.string)]


@pytest.fixture(scope="module")
def entries():
    """The entries of locale/sv.po."""
    with (ROOT / "locale" / "sv.po").open("rb") as file:
        return [message for message in read_po(file, locale="sv") if message.id]


@pytest.fixture(scope="module")
def swedish(entries):
    """Translations by sentence."""
    return {sentence: translation for message in entries for sentence, translation in forms(message)}


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_sentence_is_translated(swedish, folder):
    """Nobody meets an English sentence on a Swedish site."""
    assert {sentence: place for sentence, place in marked(folder) if not swedish.get(sentence)} == {}


def test_sentences_are_found_at_all():
    """An extraction that finds nothing would prove nothing."""
    found = {sentence for folder in FOLDERS for sentence, _ in marked(folder)}
    assert {"Approve", "Thank you! Your comment has been received.", "Leave a comment"} <= found
    assert len(found) > 100


def test_a_translation_has_the_gaps_of_its_sentence(swedish):
    """A missing %(name)s loses a name, one too many is a crash."""
    wrong = {sentence: its for sentence, its in swedish.items() if gaps(sentence) != gaps(its)}
    assert wrong == {}


def test_no_translation_is_doubtful(entries):
    """A fuzzy entry is not used, though it looks translated."""
    assert [message.id for message in entries if message.fuzzy] == []


def test_no_translation_is_left_over(swedish):
    """What no code asks for any more is taken out."""
    assert sorted(swedish.keys() - set(used())) == []


def test_the_catalogue_is_read_as_it_stands():
    """The service compiles the .po file by itself; English needs none."""
    assert translations("sv").gettext("Approve") == "Godkänn"
    assert translations("en").gettext("Approve") == "Approve"

"""Which words are said to be misspelt, by a dictionary of a few words, and by the real one where it is installed."""

import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from common.facts import Contact, Facts, Writer
from plugins.advice import advise, keep_advice, missing_dictionary
from plugins.advice_spelling import advice_on_word, doubtful_words
from plugins.advice_store import advice_store
from plugins.prose import sentences
from plugins.sources import parse
from plugins.spelling import DICTIONARY, Speller, speller
from plugins.word_list import known_words

WORDS = ["kommun", "kommunen", "cykel", "gata", "gator", "vi", "bor", "Anna", "skola", "här", "på", "den", "av", "dvs."]


@pytest.fixture
def dictionary(tmp_path: Path) -> Path:
    """The folder of a small dictionary, as npm installs one."""
    folder = tmp_path / "dictionary"
    folder.mkdir()
    (folder / "package.json").write_text(json.dumps({"version": "1.0"}))
    (folder / "index.aff").write_text("SET UTF-8\nTRY aeiouåäökmn\nBREAK 0\n")
    (folder / "index.dic").write_text("\n".join([str(len(WORDS)), *WORDS]) + "\n")
    return folder


def told(text: str, judge: Speller, known: frozenset[str] = frozenset()) -> list[tuple[int, str]]:
    """The line and the word of each advice."""
    return doubtful_words(list(sentences(text, "sv")), known, judge)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Vi bor här på komunen.", ["komunen"]),
        ("Vi bor.\n\nKomunen bor här.", ["Komunen"]),
        ("Vi bor här, Annas skolla.", ["skolla"]),
        ("Vi bor på cykelgata, cykel-gata.", []),
        ("Vi bor här, dvs. på gata.", []),
        ("Lindhamn bor. Vi bor här på Lindhamn, på IMY, på iPad, på A4 och3.", []),
        ("Palle bor här.", []),
        ("Vi bor här på Komunen.", []),
        ("Vi bor här.Vi bor på a@bc.se, www.xyzzy.se, #xyzzy vård-.", []),
        ("Vi bor *xyzzy plugh*{: lang=en} här på `xyzzy`.", []),
        ("Vi bor här på kom&shy;munen, på kom\u00admunen, h&auml;r.", []),
        ("Vi bor här på Ἀθήνα, москва.", []),
    ],
)
def test_a_word_that_nothing_knows_is_told(dictionary: Path, text: str, words: list[str]) -> None:
    """But not a name, an abbreviation, an address, code, a compound of known words, or another language."""
    assert [word for _line, word in told(text, Speller(dictionary, dictionary / "kept"))] == words


def test_it_is_told_once_where_it_first_stands_with_what_may_be_meant(dictionary: Path) -> None:
    """Up to three suggestions."""
    judge = Speller(dictionary, dictionary / "kept")
    assert told("Vi bor\ni komunen.\n\nVi bor i komunen.", judge, frozenset({"i"})) == [(2, "komunen")]
    assert "kommunen" not in advice_on_word("komunen", judge, False, str)
    assert "kommunen" in advice_on_word("komunen", judge, True, str)
    assert "kommunen" in advice_on_word("komunen", judge, False, str)


def test_many_unknown_words_are_another_language(dictionary: Path) -> None:
    """Up to twenty-five are told one by one; more are one remark, with the first of them and what to do."""
    judge = Speller(dictionary, dictionary / "kept")
    words = [f"xyz{chr(97 + at)}q" for at in range(26)]
    assert [word for _line, word in told(f"Vi bor {' '.join(words[1:])}", judge)] == words[1:]
    ((line, many),) = told(f"Vi bor.\n\nVi bor {' '.join(words)}", judge)
    assert (line, many.split()) == (3, words[:8])
    assert '"Lang: en"' in advice_on_word(many, judge, True, str)


def test_letters_of_two_signs_are_the_same_letters(dictionary: Path) -> None:
    """A Mac writes å as a and a ring."""
    assert told("Vi bor ha\u0308r pa\u030a gata.", Speller(dictionary, dictionary / "kept")) == []


def test_what_is_decided_is_kept(dictionary: Path) -> None:
    """The next run needs no dictionary for the same words, suggestions included."""
    first = Speller(dictionary, dictionary / "kept.json")
    before = told("Vi bor på komunen.", first)
    first.keep()
    for part in ("aff", "dic"):
        (dictionary / f"index.{part}").unlink()
    assert told("Vi bor på komunen.", Speller(dictionary, dictionary / "kept.json")) == before


@pytest.mark.parametrize("kept", ["", "{", "[]", '{"right": 3, "wrong": []}', '{"wrong": {"gata": 3}}'])
def test_a_damaged_record_is_begun_anew(dictionary: Path, kept: str) -> None:
    """It is worth nothing but time."""
    (dictionary / "kept.json").write_text(kept)
    assert told("Vi bor på gata.", Speller(dictionary, dictionary / "kept.json")) == []


def test_a_record_that_cannot_be_written_is_no_fault(dictionary: Path) -> None:
    """The disk may be full."""
    judge = Speller(dictionary, dictionary / "index.aff" / "kept.json")
    told("Vi bor.", judge)
    judge.keep()


def settings(folder: Path, dictionary: Path) -> dict[str, object]:
    """What a build knows, in a folder of its own."""
    facts = SimpleNamespace(language="sv", organisation="Lindhamns stad", title="Ordet", subtitle="Brev")
    facts.contact, facts.writers = Contact(address="Torget 1"), (Writer("Vera Xyzzyqvist", "Plughgruppen"),)
    return {"FACTS": facts, "DATA": str(folder), "PATH": str(folder), "DEFAULT_LANG": "sv", "DICTIONARY": dictionary}


def test_the_project_has_words_of_its_own(tmp_path: Path, dictionary: Path) -> None:
    """Those in ordlista.txt, with their genitives, and the names in site.toml."""
    (tmp_path / "ordlista.txt").write_text("# Våra ord\nxyzzy  # vad det är\nPlugh\n", encoding="utf-8")
    known = known_words(settings(tmp_path, dictionary))
    assert {"xyzzy", "xyzzys", "Xyzzy", "Plugh", "Plughs", "Lindhamns", "Lindhamn", "Xyzzyqvist"} <= known
    assert not {"Våra", "vad"} & known


def test_advice_is_kept_until_a_text_or_a_rule_changes(tmp_path: Path, dictionary: Path) -> None:
    """A new word in the list is a new rule."""
    table = settings(tmp_path, dictionary)
    source = parse(tmp_path / "a.md", True, f"Title: Vi\nSummary: {'Vi bor. ' * 8}\n\nVi bor på xyzzy.")
    assert [line for line, _message in advise(source, table, str)] == [4]
    keep_advice(table)
    assert json.loads((tmp_path / "advice.json").read_text())["told"]
    (tmp_path / "ordlista.txt").write_text("xyzzy")
    assert [*advise(source, table, str)] == []


def test_a_build_reads_some_new_texts_and_the_next_run_the_others(tmp_path: Path, dictionary: Path) -> None:
    """A thousand letters must not keep a build waiting."""
    table = settings(tmp_path, dictionary)
    few = table | {"ADVICE_AT_ONCE": 1}
    texts = [parse(tmp_path / "a.md", False, f"Title: Vi\n\nVi bor på {word}.") for word in ("xyzzy", "plugh")]
    assert [len(list(advise(source, few, str))) for source in texts] == [1, 0]
    keep_advice(few)
    assert [len(list(advise(source, few, str))) for source in texts] == [1, 1]
    assert [len(list(advise(source, table, str))) for source in texts] == [1, 1]


@pytest.mark.parametrize("kept", ["", "[]", '{"told": 3}', None])
def test_a_new_run_tells_what_the_last_one_did(tmp_path: Path, dictionary: Path, kept: str | None) -> None:
    """From DATA, or anew where that is damaged."""
    table = settings(tmp_path, dictionary)
    source = parse(tmp_path / "a.md", True, "Title: Vi\n\nVi bor på xyzzy, 10% av gata.")
    before = list(advise(source, table, str))
    keep_advice(table)
    if kept is not None:
        (tmp_path / "advice.json").write_text(kept)
    advice_store.cache_clear()
    assert [line for line, _message in before] == [3, 3]
    assert list(advise(source, table, str)) == before


def test_without_a_dictionary_one_line_says_how_to_get_it(tmp_path: Path, dictionary: Path) -> None:
    """And nothing is said of any word."""
    table = settings(tmp_path, tmp_path / "nothing")
    ((path, message),) = missing_dictionary(table, str)
    assert path.is_file() and "deploy/npm/install" in message
    source = parse(tmp_path / "a.md", True, f"Title: Vi\nSummary: {'Vi bor. ' * 8}\n\nVi bor på xyzzy.")
    assert [*advise(source, table, str)] == []
    assert not list(missing_dictionary(settings(tmp_path, dictionary), str))


installed = pytest.mark.skipif(not DICTIONARY.is_dir(), reason="run deploy/npm/install")


COMPOUNDS = """
Kommunstyrelseordförande i trygghetsboende, stadsdirektörernas bygglovsrådgivning, e-tjänster på industrigatorna och en
cykelgata, stadsbyggnadsförvaltningen, hbtq-frågor, tillitsbaserad styrning, IT-avdelningen, ett 30-årigt mandat, skol-
och fritidsförvaltningen, medborgarlöften, matningshjälpmedel, åttioåriga biståndshandläggare.
"""
MISTAKES = {"komun": "kommun", "intresant": "intressant", "särskillt": "särskilt", "förvaltnigen": "förvaltningen"}


@installed
def test_the_real_dictionary_takes_compounds_and_endings(tmp_path: Path) -> None:
    """Of which Swedish makes new ones every day."""
    assert told(COMPOUNDS, Speller(DICTIONARY, tmp_path / "kept")) == []


@installed
def test_the_real_dictionary_finds_what_is_misspelt(tmp_path: Path) -> None:
    """And what was meant."""
    judge = Speller(DICTIONARY, tmp_path / "kept")
    assert [word for _line, word in told("Vi har " + " ".join(MISTAKES), judge)] == list(MISTAKES)
    assert all(meant in judge.suggestions(word) for word, meant in MISTAKES.items())


@installed
def test_the_sample_site_has_no_word_to_ask_about(tmp_path: Path) -> None:
    """What a new user meets first must not be a false alarm."""
    from common.facts import read_facts

    root = Path(__file__).parent.parent.parent
    table = {"FACTS": read_facts(root / "site.toml"), "DATA": str(tmp_path), "PATH": str(root / "content")}
    judge, known = speller(table), known_words(table)
    assert judge and isinstance(table["FACTS"], Facts)
    for path in (root / "content").rglob("*.md"):
        if ".en." not in path.name:
            source = parse(path, True, path.read_text(encoding="utf-8"))
            everything = source.body + "\n\n" + "\n\n".join(source.get(key) for key in ("title", "summary", "brief"))
            assert told(everything, judge, known) == []

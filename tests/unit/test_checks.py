"""What the checks of one text find, and what they leave alone."""

from pathlib import Path

import pytest
from pelican.settings import DEFAULT_CONFIG

from plugins.check_source import check_source
from plugins.sources import parse

HEAD = "Title: Ett brev\nDate: 2026-11-20 08:00\n\n"
WRONG = [
    ("# Rubrik", 4, "must begin with ##"),
    ("Rubrik\n======", 4, "must begin with ##"),
    ("<h1>Rubrik</h1>", 4, "must begin with ##"),
    ("#skola är viktigt", 4, '"#skola" must be written "\\#skola"'),
    ("### Rubrik", 4, "level 3 must not follow one of level 1; write ##"),
    ("## Ett\n\n#### Två", 6, "level 4 must not follow one of level 2; write ###"),
    ("<h3>Rubrik</h3>", 4, "level 3 must not follow"),
    ("Svaret finns [här](https://a.example/).", 4, 'the link "här" must say where it leads'),
    ("[**Läs mer** »](https://a.example/)", 4, 'the link "Läs mer »" must say where it leads'),
    ("[Klicka\nhär](https://a.example/)", 4, 'the link "Klicka här" must'),
    ("[read more][a]\n\n[a]: https://a.example/", 4, 'the link "read more" must'),
    ('<a href="https://a.example/">Here</a>', 4, 'the link "Here" must'),
    ("[](https://a.example/)", 4, "a link must have a text"),
    ("|  |  |\n|--|--|\n| a | b |", 4, "a table must have headings: the first row"),
    ("|--|--|\n| a | b |", 4, "a table must have a row of headings"),
    ("Hej.\n\n| a | b |\n| c | d |", 6, "a table must have headings in its first row and a line |---|---|"),
    ("<table><tr><td>1</td></tr></table>", 4, "put <th>…</th> into its first row"),
    ("<script>alert(1)</script>", 4, "<script> must be removed"),
    ("<style>p {}</style>", 4, "<style> must be removed"),
    ('<iframe src="https://a.example/"></iframe>', 4, "<iframe> must be a link instead"),
    ("Text <b\nonclick='x'>fet</b>", 4, '"onclick" must be removed from <b>'),
    ("<img/onerror=alert(1) src='/images/a.svg' alt='x'>", 4, '"onerror" must be removed from <img>'),
    ('<p style="color: red">', 4, '"style" must be removed from <p>'),
    ("## Rubrik {style='color:red'}", 4, '"style" must be removed from <{: }>'),
    ("[x](https://a.example/){onclick=y}", 4, '"onclick" must be removed'),
    ("Hej <?php x ?>", 4, '"<?php" must be written out in full'),
    ("`a\n\n<script>x</script>\n\nb`", 6, "<script> must be removed"),
    ("Skriv <namn> här", 4, "if it is to be read, write &lt;namn&gt;"),
    ("Hej.\n\nHon är 121212-1212.", 6, "must not give away a personal identity number"),
    ("(19121212-1212)", 4, "personal identity number"),
    ("191212121212", 4, "personal identity number"),
    ("1212121212", 4, "personal identity number"),
    ("121212+1212", 4, "personal identity number"),
    ("121212 1212", 4, "personal identity number"),
    ("19121212 1212", 4, "personal identity number"),
    ("1 och 121212-1212 2 gånger", 4, "personal identity number"),
    ("701063-2391", 4, "personal identity number"),
    ("personnummer 0101019800", 4, "personal identity number"),
    ("`121212-1212`", 4, "personal identity number"),
]
RIGHT = [
    "## Ett\n\n### Två\n\n## Tre\n\n---\n\nSlut.",
    "Hej.\n\n---\n\nSlut.\n***",
    "```\n# kod\n### kod\n<script>\n[här](x)\n```",
    "`<script>` och `# x`",
    "[protokollet från maj](https://a.example/) och [![En bänk](/images/a.svg)](https://a.example/)",
    "\\#skola och nummer #1",
    "| | Maj |\n|--|--|\n| a | b |",
    "<table><tr><th>År</th></tr><tr><td>1</td></tr></table>",
    '<abbr title="Förordning">GDPR</abbr> <span lang="en">hello</span> <https://a.example/> <a@b.example>',
    "<!-- en anteckning -->\n\n1 < 2 > 0 och a <b",
    "<details><summary>Mer</summary>Text</details>",
    "121212-1213 och 20301313-1234",
    "0701120602 eller +460701120602 eller 010-000 12 00",
    "12121212121212 och 5121212-1212 och 1 121212 1212 3 och 121212-12121",
    "Org.nr 212000-1157 och 556016-0680",
    "{a=b} och {x}",
]


def told(body: str, head: str = HEAD) -> list[tuple[int, str]]:
    """What check_source says of a letter with this text."""
    return list(check_source(parse(Path("brev.md"), True, head + body), DEFAULT_CONFIG, str))


@pytest.mark.parametrize(("body", "line", "message"), WRONG, ids=[wrong[0][:30] for wrong in WRONG])
def test_what_must_be_put_right_is_told_with_its_line(body: str, line: int, message: str) -> None:
    """One finding, in words that say what to do."""
    ((found, words),) = told(body)
    assert found == line
    assert message in words


@pytest.mark.parametrize("body", RIGHT, ids=[right[:30] for right in RIGHT])
def test_what_is_right_is_left_alone(body: str) -> None:
    """A check that cries wolf is switched off."""
    assert told(body) == []


def test_a_personal_identity_number_is_found_in_the_header_too() -> None:
    """A summary stands in lists, feeds and search."""
    assert [line for line, _ in told("Hej.", f"Summary: Om 121212-1212\n{HEAD}")] == [1]


def test_the_number_itself_is_not_told_on() -> None:
    """What a check prints is read by others, and kept by machines."""
    assert "1212" not in told("121212-1212")[0][1]


def test_unknown_keys_of_yaml_are_named_with_the_nearest() -> None:
    """Whatever kind of value YAML would have made of the key."""
    found = told("Hej.", "---\ntitle: A\ndate: 2026-11-20\ntitel: B\n1: C\n---\n")
    assert [(line, words.partition(";")[0]) for line, words in found] == [
        (4, 'unknown key "titel"'),
        (5, 'unknown key "1"'),
    ]
    assert 'must it be "Title"?' in found[0][1]

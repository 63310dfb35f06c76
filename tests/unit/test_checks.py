"""What the checks of one text find, and what they leave alone."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pelican.settings import DEFAULT_CONFIG

from pelicanconf import MARKDOWN
from plugins.check_source import check_source
from plugins.source_text import Unreadable
from plugins.sources import parse

SETTINGS = DEFAULT_CONFIG | {"MARKDOWN": MARKDOWN, "DEFAULT_LANG": "sv", "PATH": "content"}
HEAD = "Title: Ett brev\nDate: 2026-11-20 08:00\n\n"
WRONG = [
    ("# Rubrik", 4, "must begin with ##"),
    ("Rubrik\n======", 4, "must begin with ##"),
    ("<h1>Rubrik</h1>", 4, "must begin with ##"),
    ("#skola är viktigt", 4, '"#skola" must be written "\\#skola"'),
    ("### Rubrik", 4, "level 3 must not follow one of level 1; write ##"),
    ("## Ett\n\n#### Två", 6, "level 4 must not follow one of level 2; write ###"),
    ("<h3>Rubrik</h3>", 4, "level 3 must not follow"),
    ("Hej.\n\nSe [om oss nu](/om/", 6, 'the link "[om oss nu](/om/" must be written like'),
    ("Se [om **oss** nu](/om/ och (en sak).", 4, 'the link "[om oss nu](/om/" must be written like'),
    ("Se [om oss nu] (/om/).", 4, 'the link "[om oss nu] (/om/)" must be written like'),
    ("Se [om oss nu]\n(https://a.example/).", 4, 'the link "[om oss nu] (https://a.example/)" must be written like'),
    ("Se om oss](/om/).", 4, 'the link "](/om/)" must be written like'),
    ("![Bild här.](/images/a.svg", 4, 'the picture "![Bild här.](/images/a.svg" must be written like'),
    ("![Bild här.] (/images/a.svg)", 4, 'the picture "![Bild här.] (/images/a.svg)" must be written like'),
    ("![Bild här.][bänken]", 4, 'the picture "![Bild här.][bänken" must be written like'),
    ("[om oss](/om/) och\n\n`[om oss](/om/`\n\n> [om oss](/om/", 8, 'the link "[om oss](/om/" must be written'),
    ("<p>\n[om oss](/om/)</p>", 5, 'the link "[om oss](/om/)" must be HTML too'),
    ("Hej.\n\n## \n\nText.", 6, "a heading must have a text"),
    ("##", 4, "a heading must have a text"),
    ("## <!-- skrivs\nsenare -->\n\nText.", 4, "a heading must have a text"),
    ("## Ett\n\nTvå\n---\n\n> ### \n\n## Tre", 9, "a heading must have a text"),
    ("## Ett\n\n## &nbsp;\u200b", 6, "a heading must have a text"),
    ("## Ett\n\n<h2> <b></b></h2>", 6, "a heading must have a text"),
    ("## Ett\n\n## ![](/images/a.svg){.decorative}\n\n## Tre", 6, "a heading must have a text"),
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
    ("\u00ad\u00ad\n\n811218-9876", 6, "personal identity number"),
    ("personnummer 0101019800", 4, "personal identity number"),
    ("`121212-1212`", 4, "personal identity number"),
    ("_121212-1212_ eller pnr.121212-1212", 4, "personal identity number"),
    ("Anna,121212-1212,x", 4, "personal identity number"),
    ("Hej.\n\n**121212**-1212", 6, "personal identity number"),
    ("121212\\-1212", 4, "personal identity number"),
    ("121212&#45;1212", 4, "personal identity number"),
    ("121212\u22121212", 4, "personal identity number"),
    ("121212\u20101212", 4, "personal identity number"),
    ("121212 - 1212", 4, "personal identity number"),
    ("1912-12-12-1212", 4, "personal identity number"),
    ("121212-\n1212", 4, "personal identity number"),
    ("Hej.\n\n121212\u00ad-1212", 6, "personal identity number"),
    ("1212\u200b12\u200c-12\u200d12\ufeff", 4, "personal identity number"),
    ("Hej.\n\n121212&shy;-12&#8288;12", 6, "personal identity number"),
    ("12 12 12-1212", 4, "personal identity number"),
    ("19 12 12 12-1212", 4, "personal identity number"),
    ("12-12-12-1212", 4, "personal identity number"),
    ("70.10.63-2391", 4, "personal identity number"),
    ("121212.1212", 4, "personal identity number"),
    ("nr121212-1212", 4, "personal identity number"),
    ("121212\t1212", 4, "personal identity number"),
    ("Hej.\n\n## Mötet {#p121212-1212}", 6, "personal identity number"),
    ("> # Ett", 4, "must begin with ##"),
    ("Hej.\n\n> #### Fyra", 6, "level 4 must not follow one of level 1"),
    ("* Ett\n\n    #### Fyra", 6, "level 4 must not follow one of level 1"),
    ("> | | |\n> |---|---|\n> | aaa | b |", 6, "a table must have headings"),
    ("| &nbsp; | &nbsp; |\n|---|---|\n| aaa | b |", 6, "a table must have headings"),
    ("[här]\n\n[här]: https://a.example/", 4, 'the link "här" must'),
    ("[h&auml;r](https://a.example/)", 4, 'the link "här" must'),
    ("[läs&nbsp;mer](https://a.example/)", 4, 'the link "läs mer" must'),
    ("[(här)](https://a.example/)", 4, 'the link "(här)" must'),
    ("[”här”](https://a.example/)", 4, 'the link "”här”" must'),
    ("[här ➜](https://a.example/)", 4, 'the link "här ➜" must'),
    ('<a href="https://a.example/" aria-label="">här</a>', 4, 'the link "här" must'),
    ("[→](https://a.example/)", 4, "a link must have a text"),
    ('Hej.\n\n<p id="kommentarer">x</p>', 6, 'the mark "#kommentarer" must be another'),
    ('## A {#mm}\n\n<p id="mm">x</p>', 6, 'the mark "#mm" must be another'),
    ("Rad<br>två.\n\n`<b>`\n\n<b>fet</b>\n\nHej <b>fet", 10, "<b> must be closed"),
    ("1212 är koden.\n\n**121212**-1212", 6, "personal identity number"),
    ("Skolan.\n\n> #### Skolan", 6, "level 4 must not follow one of level 1"),
    ("## A {#mm}\n\nHej.\n\n<p id='mm'>x</p>", 8, 'the mark "#mm" must be another'),
    ("Hej.\n\n</div> x", 6, "</div> must be removed"),
    ("Hej.\n\n<details><summary>Mer</summary>", 6, "<details> must be closed with </details>"),
    ("<div>aldrig stängd\n\nHej.", 4, "<div> must be closed"),
    ("Hej <b>fet", 4, "<b> must be closed"),
    ("Hej <b><i>x</b></i>", 4, "<i> must be closed"),
    ("Hej.\n\n<details><summary>Mer</summary>\n\nText <3\n\n</details>", 8, '"<3" must be written out in full'),
    ("Hej.\n\n<p>Vi såg 5 <6 gånger</p>", 6, '"<6 gånger" must be written out in full'),
    ("Hej.\n\n<div>5 < 6 och</div>", 6, '"< 6 och" must be written out in full'),
    ('Hej.\n\n<q cite="javascript:alert(1)">x</q>', 6, 'the address "javascript:alert(1)" must begin'),
    ("Hej.\n\n" + 5000 * "[", 6, 'must not have 5000 times "[" that nothing ends'),
    ("Hej.\n\n" + 5000 * "![a](", 6, 'must not have 5000 times "](" that nothing ends'),
    ("Hej.\n\n" + 5000 * "<a ", 6, 'must not have 5000 times "<" that nothing ends'),
    (100 * f"{400 * '['}\n\n", 4, 'must not have 40000 times "[" that nothing ends'),
    ("[x](javascript:alert)", 4, 'the address "javascript:alert" must begin'),
]
RIGHT = [
    "## Ett\n\n### Två\n\n## Tre\n\n---\n\nSlut.",
    "Hej.\n\n---\n\nSlut.\n***",
    "## ![En bänk](/images/a.svg)\n\n## `make`\n\n## 1\n\n<h2><b>Ett</b></h2>\n\n\\## och `## `",
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
    "Han ”kom [sic] (och gick)”, vi [...] (https://a.example/) och [1] (se nedan) [2] (https://a.example/), [om] (oss)",
    "\\[om oss](/om/) och [om oss\\](/om/) och [om oss]\\(/om/) och `[om oss](/om/` och \\[om oss] (/om/)",
    "Hurra![Skratt] (applåder)",
    "Hurra![1][2] och [a][b] och lista[i][j] och [sic][se nedan] och text[^1](se noten)\n\n[^1]: Noten.",
    "[om oss](/om/(nu(då))) och [om oss][om] och [om] (/om/)\n\n[om]: /om/\n\n```\n[om oss](/om/\n```",
    "<details><summary>[1] (se nedan)</summary><code>[om oss](/om/)</code></details>",
    "Så här:\n\n    [här](/om/)\n    <script>\n\n    | a | b |\n    | c | d |\n\nSlut.",
    "* Ett\n\n    Två\n\nEn not.[^1]\n\n[^1]: Noten.\n\n    Mer.",
    "<details><summary>Mer</summary>\n\nText <br> <b>fet</b>\n\n</details>",
    "- 2012-12-12 - 1830 och 2024-05-12",
    "Anna (1912-12-12 – 1212), möte 1912-12-12 1212, från 1912-12-12\n1212 elever",
    "21121212-1212",
    "Ring 08-12 12 12 12, 070-121 21 21, +46 12 12 12-1212 eller 0512 12 12 12-1212",
    "Bankgiro 121-2121 eller 5050-1212, plusgiro 12 12 12-1",
    "2012-12-12 12:12, 12-12-12 1212, 12.12.12 12.12 och 20121212T1212",
    "1 212 121 212 kronor, 12 12 12 1212, 1 121212.1212 och 121212.1212,5",
    "| År | 12 | 12 | 1212 |\n|---|---|---|---|\n| 12 | 12 | 12 | 1212 |",
    "<table><tr><th>År<td>121212</td>\n<td>1212</td></table>",
    "```\n121212  1212  12\n```",
    "Dnr KS 2012/12121-1212, KS1212121212, 2012-121212-1212 och SE121212121201",
    "Commit a121212-1212-4abc och den 121212. 1212 elever",
    "<ul>\n<li>Ett\n<li>Två\n</ul>",
    "<dl><dt>A\n<dd>12 kr\n</dl>",
    "<table><tr><th>A<tr><td>1</table>",
    "<p>Hej",
    "| Ämne | Halt |\n|---|---|\n" + 120 * "| PFAS | <5 |\n",
    101 * "Tack <3\n",
    101 * "- punkt [1\n",
]


def told(body: str, head: str = HEAD) -> list[tuple[int, str]]:
    """What check_source says of a letter with this text."""
    return list(check_source(parse(Path("brev.md"), True, head + body), SETTINGS, str))


@pytest.mark.parametrize(("body", "line", "message"), WRONG, ids=[wrong[0][:30] for wrong in WRONG])
def test_what_must_be_put_right_is_told_with_its_line(body: str, line: int, message: str) -> None:
    """One finding, in words that say what to do."""
    ((found, words),) = told(body)
    assert found == line
    assert message in words


def test_a_heading_that_only_holds_an_empty_link_is_told_of_both_ways() -> None:
    """It lacks a text as a link, and as a heading."""
    (heading, link) = sorted(told("Hej.\n\n## [](/om/)"))
    assert heading[0] == link[0] == 6
    assert heading[1].startswith("a heading must have a text") and link[1].startswith("a link must have a text")


@pytest.mark.parametrize("body", RIGHT, ids=[right[:30] for right in RIGHT])
def test_what_is_right_is_left_alone(body: str) -> None:
    """A check that cries wolf is switched off."""
    assert told(body) == []


def test_a_personal_identity_number_is_found_in_the_header_too() -> None:
    """A summary stands in lists, feeds and search."""
    assert [line for line, _ in told("Hej.", f"Summary: Om 121212-1212\n{HEAD}")] == [1]
    assert [line for line, _ in told("Hej.", f"Slug: p121212-1212\n{HEAD}")] == [1]


def test_the_number_itself_is_not_told_on() -> None:
    """What a check prints is read by others, and kept by machines."""
    assert "1212" not in told("121212-1212")[0][1]


@pytest.mark.parametrize(
    ("date", "modified", "is_right"),
    [
        ("2026-11-20", "2026-11-10", False),
        ("2026-11-20 08:00", "2026-11-20 07:59", False),
        ("2026-11-20 08:00", "2026-11-19", False),
        ("2026-11-20 08:00", "2026-11-20", True),
        ("2026-11-20", "2026-11-20 00:00", True),
        ("2026-11-20 08:00", "2026-11-20 08:00:00", True),
        ("igår", "2026-11-10", True),
    ],
)
def test_no_letter_is_changed_before_its_date(date: str, modified: str, is_right: bool) -> None:
    """A day without a time is that day, whatever its hour."""
    found = told("Hej.", f"Title: A\nDate: {date}\nModified: {modified}\n\n")
    lines = [line for line, words in found if '"Modified" must not be before "Date"' in words]
    assert lines == ([] if is_right else [3])


def test_a_title_without_letters_asks_for_a_slug() -> None:
    """None was written that could be wrong."""
    [(line, words)] = told("Hej.", "Date: 2026-11-20\nTitle: 🎉🎉\n\n")
    assert (line, words) == (2, 'no address can be made of "🎉🎉"; give it one: Slug: my-letter')
    assert told("Hej.", "Date: 2026-11-20\nTitle: 🎉🎉\nSlug: fest\n\n") == []


def test_unknown_keys_of_yaml_are_named_with_the_nearest() -> None:
    """Whatever kind of value YAML would have made of the key."""
    found = told("Hej.", "---\ntitle: A\ndate: 2026-11-20\ntitel: B\n1: C\n---\n")
    assert [(line, words.partition(";")[0]) for line, words in found] == [
        (4, 'unknown key "titel"'),
        (5, 'unknown key "1"'),
    ]
    assert 'must it be "Title"?' in found[0][1]


PIECES = [
    *("\n", " ", "#", "##", "-", "=", "[", "]", "(", ")", "<", ">", "<a href=x>", "table", "`", "```\n", "{", "}", "|"),
    *("121212-1212", "!", "\\", "&", ":", "---\n", "title: ", "a: ", "\x85", "\u2028", "\t", "å"),
]


@settings(deadline=None, max_examples=300)
@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join), st.sampled_from(["", HEAD, "---\n"]))
def test_no_text_makes_a_check_fall_over(text: str, head: str) -> None:
    """Each finding has a line of the text, or the text is refused in words."""
    try:
        assert all(1 <= line <= f"{head}{text}".count("\n") + 1 for line, _ in told(text, head))
    except Unreadable as error:
        assert "must" in str(error)

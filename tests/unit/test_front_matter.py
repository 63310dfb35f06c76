"""YAML between --- and ---, and Pelican's own header lines, say the same in the same words."""

from pathlib import Path

import pytest

from plugins.source_text import Unreadable
from plugins.sources import Source, parse


def read(text: str) -> Source:
    """A letter of that text."""
    return parse(Path("brev.md"), True, text)


SAME = [
    ("Title: Ett brev", 'title: "Ett brev"'),
    ("Title: Ett: två", "Title: 'Ett: två'"),
    ("Date: 2026-11-20 09:00", "date: 2026-11-20 09:00"),
    ("Date: 2026-11-20 09:00:00", "date: 2026-11-20T09:00:00"),
    ("Date: 2026-11-20", "date: 2026-11-20"),
    ("Tags: tillit, skola", "tags: [tillit, skola]"),
    ("Tags: tillit, skola", "tags:\n  - tillit\n  - skola"),
    ("Tags: tillit, skola", "tags: tillit, skola"),
    ("Summary: Ett. Två.", "summary: |\n  Ett.\n  Två."),
    ("Summary: Ett. Två.", "summary: >\n  Ett.\n\n  Två."),
    ("Summary: Ett. Två.", "summary: Ett.\n  Två."),
    ("Translation: true", "translation: true"),
    ("Order: 3", "order: 3"),
    ("Slug: 2026", "slug: 2026"),
    ("Author:", "author: null"),
    ("Author:", "author:"),
]


@pytest.mark.parametrize(("own", "in_yaml"), SAME)
def test_both_say_the_same(own: str, in_yaml: str) -> None:
    """Key for key, as text."""
    one, other = read(f"{own}\n\nHej."), read(f"---\n{in_yaml}\n---\nHej.")
    key = own.partition(":")[0].lower()
    assert one.get(key) == other.get(key)
    assert one.body.strip() == other.body.strip() == "Hej."


def test_a_tag_with_a_comma_stays_one() -> None:
    """Pelican takes a list with semicolons apart by these alone."""
    assert read('---\ntags: ["skola, förskola", bad]\n---\n').get("tags") == "skola, förskola; bad;"


def test_keys_know_their_lines() -> None:
    """So do the text, and a key that stands twice."""
    source = read("---\n# en anteckning\ntitle: A\n\nsummary: |\n  B\n  C\ntitle: D\n---\nHej.")
    assert (source.line("title"), source.line("summary"), source.body_line) == (3, 5, 10)
    assert [line.number for line in source.repeated] == [8]


BROKEN = [
    ("---\ntitle: A\n\nHej.", 1, "a line --- must follow where the header ends"),
    ("---\n" + "a: b\n" * 10_000 + "---\n", 1, "a line --- must follow"),
    ("---\ntitle: " + "x" * 30_000 + "\n---\n", 1, "must have at most 20000 characters"),
    ("---\ntitle: A\n\tdate: B\n---\n", 3, "must be indented with spaces, not tabs"),
    ("---\ntitle: Ett: två\n---\n", 2, "a value with a colon in it must stand in quotes"),
    ('---\ndate: A\nsummary: "Ett?" Två.\n---\n', 3, "must end with the same one"),
    ('---\nsummary: "Ett\ntitle: A\n---\n', 2, "must end with the same one"),
    ("---\ntitle: *viktigt* brev\n---\n", 2, "in quotes"),
    ("---\ntitle: &a lol\nslug: *a\n---\n", 2, "must not begin with & or *"),
    ("---\ntitle: !!python/object/apply:os.system [ls]\n---\n", 2, "must not begin with !"),
    ("---\ntitle: @alla\n---\n", 2, "in quotes"),
    ("---\ntitle: {a: b}\n---\n", 2, "must be one value, or a list"),
    ("---\ntitle: [a, b]\n---\n", 2, "must be one value, not a list"),
    ("---\ntags: [[a]]\n---\n", 2, "must be a plain list of words"),
    ("---\n? [a, b]\n: c\n---\n", 2, 'must be lines like "Title: …"'),
    ("---\nHej på dig\n---\n", 2, 'must be lines like "Title: …"'),
    ("---\n- a\n---\n", 2, 'must be lines like "Title: …"'),
    ("---\ntitle: A\nhej\n---\n", 3, 'must be "Key: value"'),
    ("---\ntitle: A\nslug: \x07\n---\n", 3, "control characters"),
    ("---\ntitle: " + "[" * 10_000 + "\n---\n", 2, "in quotes"),
]


@pytest.mark.parametrize(("text", "line", "message"), BROKEN, ids=[broken[0][4:24] for broken in BROKEN])
def test_what_is_broken_is_told_in_plain_words(text: str, line: int, message: str) -> None:
    """With the line, and never in YAML's own terms."""
    with pytest.raises(Unreadable, match="must") as told:
        read(text)
    assert message in str(told.value)
    assert told.value.line == line


def test_a_bomb_costs_nothing() -> None:
    """Nine lines that would unfold to a billion words are refused at the first name (CWE-776)."""
    lines = [
        "a: &a [lol]",
        *(
            f"{after}: &{after} [{', '.join([f'*{one}'] * 9)}]"
            for one, after in zip("abcdefgh", "bcdefghi", strict=True)
        ),
    ]
    with pytest.raises(Unreadable, match="must not begin with & or"):
        read("---\n" + "\n".join(lines) + "\n---\n")

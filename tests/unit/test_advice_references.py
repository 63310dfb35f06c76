"""Which brackets are asked about: those that look like a link or a note, and lead nowhere."""

from pathlib import Path

import pytest

from plugins.advice_references import advise_references
from plugins.sources import parse


def told(body: str) -> list[tuple[int, str]]:
    """The line of the text, and what readers see as it stands."""
    source = parse(Path("brev.md"), True, f"Title: Ett brev\n\n{body}")
    return [(line - 2, words.split('"')[1]) for line, words in advise_references(source, str)]


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("Hej.\n\nSe [a][b].", (3, "[a][b]")),
        ("Se [om oss][1].", (1, "[om oss][1]")),
        ("Se [om oss][].\n\n[om dem]: /om/", (1, "[om oss][]")),
        ("En not.[^1]\n\n[^2]: Noten.", (1, "[^1]")),
    ],
)
def test_brackets_that_nothing_defines_are_asked_about(body: str, found: tuple[int, str]) -> None:
    """A name misspelt, or a line that was forgotten."""
    assert told(body) == [found]


@pytest.mark.parametrize(
    "body",
    [
        "Se [om oss][Om], [om][] och [om].\n\n[om]: /om/",
        "En not.[^1][^två]\n\n[^1]: Noten.\n[^två]: En till.",
        "Rapporten [1][2] och [sic], [...] och [1] (se nedan), [a] [b].",
        "`[a][b]` och `[^1]`, \\[a][b] och \\[^1].\n\n    [a][b]\n",
        "![Bild][kajen] och [om oss](/om/)[^1]\n\n[^1]: Noten.",
    ],
)
def test_what_leads_somewhere_or_is_ordinary_text_is_left_alone(body: str) -> None:
    """Numbers are sources, and a picture is an error elsewhere."""
    assert told(body) == []

"""One converter for all texts, which looks for what a text can hold alone."""

from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from markdown import Markdown
from pelican.settings import DEFAULT_CONFIG

from pelicanconf import MARKDOWN
from plugins.converting import _SIGNS, Converter, LetterMarkdown
from plugins.picture_store import Album
from plugins.sources import parse

SETTINGS = DEFAULT_CONFIG | {"MARKDOWN": MARKDOWN, "DEFAULT_LANG": "sv", "PATH": "content"}
PIECES = ["a", "Hej på dig.", " ", "  \n", "\n", "\n\n", "* ", "## ", "> ", "1. ", "\t", "*", "**", "_", "__", "`"]
PIECES += ["\\", "\\*", "[a](/b/)", "[a](<", "[a][b]", '\n\n[b]: /c/ "d & e"\n\n', "![c](/images/d.svg)", "![c][b]"]
PIECES += [
    "![b]",
    "[b]",
    "[",
    "](",
    "]",
    ")",
    "<https://a.example/>",
    "<a@b.example>",
    "<b>c</b>",
    "&amp;",
    "&",
    "<br>",
]
PIECES += [
    "[^1]",
    "\n\n[^1]: Not & *mer*\n\n",
    "{#m}",
    "\n| a | b |\n|---|---|\n| c | d |\n",
    "\n```\nkod\n```\n",
    "PS. ",
]


class Every(Converter):
    """Looks for everything in every text, as Python-Markdown does."""

    def _needed(self, body: str) -> list[Any]:
        return self._patterns


def test_the_signs_are_of_patterns_that_there_are() -> None:
    """Another version of Python-Markdown may call them otherwise."""
    markdown: Markdown = LetterMarkdown(**SETTINGS["MARKDOWN"])
    assert [name for name in _SIGNS if name not in markdown.inlinePatterns] == []


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_what_is_not_looked_for_is_not_there(body: str) -> None:
    """Whatever a text holds, it is converted as with every pattern."""
    source = parse(Path("content/letters/a.md"), True, f"Title: A\nDate: 2026-11-20\n\n{body}")
    told = []
    for kind in (Converter, Every):
        try:
            told.append(str(kind(SETTINGS).convert(source, Album())))
        except Exception as error:
            told.append(repr(error))
    assert told[0] == told[1]

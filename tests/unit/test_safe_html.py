"""What the converter refuses to make HTML of, whatever the checks of the text have seen."""

from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown import Markdown

from plugins.safe_html import ELEMENTS, UnsafeHtml

REFUSED = [
    "<script>alert(1)</script>",
    "Text <script>alert(1)</script>",
    "<div>\n<img src=x onerror=alert(1)>\n</div>",
    "<svg/onload=alert(1)>",
    "<p style='color:red'>x</p>",
    "<iframe src='//a.example'></iframe>",
    "[x](javascript:alert(1))",
    "[x](java&#115;cript:alert(1))",
    "[x][a]\n\n[a]: JavaScript:alert(1)",
    "<a href='java\tscript:alert(1)'>x</a>",
    "<a href=data:text/html,x>x</a>",
    "[x](/a/){onclick=alert(1)}",
    "## Rubrik {: style='color:red' }",
    "<?php x ?>\n\nHej",
    "<!DOCTYPE html>\n\nHej",
    "<div <script>",
    '<b title="x> " onmouseover=alert(1) z>',
]
KEPT = [
    "<b>fet</b>",
    "<!-- en anteckning -->\n\nHej",
    "Hej <!-- en --> du",
    "```html\n<script>\n```",
    "`<script>`",
    "a <b",
]


PIECES = [
    *("<script>", "</script>", "<div>", "</div>", "<img src=x onerror=y>", '<b title="x>" onclick=y>', "<a href=x>"),
    *("`", "```\n", "~~~\n", "\n", "\n\n", "    ", "- ", "> ", "x", "<!--", "-->", "<?", "?>", "<!x>", "<", '"', "\\"),
    *(
        "[a](javascript:x)",
        "[a]",
        ": javascript:x",
        "{onclick=x}",
        "{: style=y }",
        "<svg/onload=x>",
        "[^1]: ",
        "<a: b>",
    ),
]


class Seen(HTMLParser):
    """What a browser would make of some HTML that must not be there."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Called for each element."""
        runs = [key for key, value in attrs if key.startswith("on") or "javascript" in (value or "")]
        self.found += runs if tag in ELEMENTS else [tag]

    def handle_comment(self, data: str) -> None:
        """Called for each comment."""
        self.found.append(data)


def converted(text: str) -> str:
    """HTML as the site's converter makes it."""
    extensions = ["tables", "footnotes", "attr_list", "sane_lists", "fenced_code", "plugins.safe_html"]
    return Markdown(extensions=extensions, output_format="html").convert(text)


@pytest.mark.parametrize("text", REFUSED)
def test_what_runs_or_fetches_is_refused(text: str) -> None:
    """Not one way round is left open."""
    with pytest.raises(UnsafeHtml):
        converted(text)


@pytest.mark.parametrize("text", KEPT)
def test_what_only_says_something_is_kept(text: str) -> None:
    """And comments, which are for writers, stay at home."""
    html = converted(text)
    assert "anteckning" not in html
    assert "<script>" not in html


@settings(deadline=None, max_examples=300)
@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
def test_no_way_of_putting_it_gets_through(text: str) -> None:
    """Whatever is refused or kept, a browser finds nothing that runs."""
    try:
        html = converted(text)
    except UnsafeHtml:
        return
    assert Seen(html).found == []

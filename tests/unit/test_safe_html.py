"""What the converter refuses to make HTML of, whatever the checks of the text have seen."""

import pytest
from markdown import Markdown

from plugins.safe_html import UnsafeHtml

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

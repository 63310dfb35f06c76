"""What a comment's Markdown becomes: safe, and as people expect."""

import pytest

from comments.rendering import Renderer


@pytest.fixture(scope="module")
def render():
    """Our renderer."""
    return Renderer()


def test_a_bare_address_is_a_link(render):
    """Most people paste; the sentence's own full stop is none of it."""
    assert render("Se https://example.com/a?b=1&c=2.") == (
        '<p>Se <a href="https://example.com/a?b=1&amp;c=2" rel="nofollow ugc noopener">'
        "https://example.com/a?b=1&amp;c=2</a>.</p>"
    )


@pytest.mark.parametrize("address", ["javascript:alert(1)", "vbscript:x", "data:text/html,x", "JaVaScRiPt:x"])
def test_a_link_that_runs_a_script_is_its_words_alone(render, address):
    """No page gets a reference that leads nowhere."""
    html = render(f"Klicka [*här* då]({address}) nu")
    assert "<em>här</em> då" in html
    assert "href" not in html

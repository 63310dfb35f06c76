"""From a comment's Markdown to the HTML that anyone may see."""

import re
from functools import lru_cache
from html import escape
from importlib.metadata import version

from isso import config
from isso.html import Markup

HEADING = re.compile(r"<(/?)h[1-6]>")
OURS = 4  # to be raised when this file makes other HTML of the same text
SIGN = re.compile(r"[^\w\s]|_")
PLUGINS = "strikethrough, subscript, superscript, url"
"""Isso's own, and links of bare addresses."""
MOST_TIMES, LEAST_HTML = 12, 4000
"""A text whose HTML is so many times longer repeats a link that it wrote once: it is shown as it was written."""
MOST_SIGNS, SHARE_OF_SIGNS = 1000, 0.15
LONGEST_WORD = re.compile(r"\S{1000}")
REL = 'rel="nofollow noopener"'
HARMFUL = re.compile(r'<a href="#harmful-link"[^>]*>(.*?)</a>', re.DOTALL)
"""What Mistune makes of a link that runs a script: its words stay, and lead nowhere."""


class Renderer:
    """Markdown of a comment to safe HTML, by Isso's renderer and sanitiser.

    A heading becomes bold text, so that no comment breaks the outline of the letter's page. What is hardly words
    is shown as it was written: with 5,000 characters of it one person could keep the desk waiting for seconds.
    `version` names all that the result depends on besides the text.
    """

    def __init__(self) -> None:
        self.version = f"{OURS}, " + ", ".join(f"{name} {version(name)}" for name in ("isso", "mistune", "bleach"))
        settings = config.load(config.default_file())
        settings.set("markup.mistune", "plugins", PLUGINS)
        self.markup = Markup(settings)
        # Rendering is a pure function of the text; few of the long texts, to bound the memory.
        self._remembered = lru_cache(maxsize=2048)(self._render)
        self._long_ones = lru_cache(maxsize=32)(self._render)

    def __call__(self, text: str) -> str:
        """Sanitised HTML of one comment."""
        return self._remembered(text) if len(text) <= 10_000 else self._long_ones(text)

    def _render(self, text: str) -> str:
        if _is_laborious(text):
            return _as_written(text)
        safe = self.markup.render(text)
        if len(safe) > max(LEAST_HTML, MOST_TIMES * len(text)):
            return _as_written(text)
        safe = HARMFUL.sub(r"\1", safe)
        bold = HEADING.sub(lambda tag: "</strong></p>" if tag[1] else "<p><strong>", safe)
        return bold.replace(REL, 'rel="nofollow ugc noopener"')


def _as_written(text: str) -> str:
    paragraphs = re.split(r"\n{2,}", escape(text.strip(), quote=False))
    return "\n".join("<p>" + each.replace("\n", "<br>\n") + "</p>" for each in paragraphs)


def _is_laborious(text: str) -> bool:
    """Whether a text is made to keep the renderer busy, whose time grows with the square of some signs.

    People write three signs in a hundred characters, and no word of a thousand.
    """
    signs = len(SIGN.findall(text))
    return signs > max(MOST_SIGNS, SHARE_OF_SIGNS * len(text)) or LONGEST_WORD.search(text) is not None

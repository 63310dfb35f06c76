"""From a comment's Markdown to the HTML that anyone may see."""

import re
from functools import lru_cache
from importlib.metadata import version

from isso import config
from isso.html import Markup

HEADING = re.compile(r"<(/?)h[1-6]>")
OURS = 1  # to be raised when this file makes other HTML of the same text
REL = 'rel="nofollow noopener"'


class Renderer:
    """Markdown of a comment to safe HTML, by Isso's renderer and sanitiser.

    A heading becomes bold text, so that no comment breaks the outline of the letter's page.
    `version` names all that the result depends on besides the text.
    """

    def __init__(self) -> None:
        self.version = f"{OURS}, " + ", ".join(f"{name} {version(name)}" for name in ("isso", "mistune", "bleach"))
        self.markup = Markup(config.load(config.default_file()))
        # Rendering is a pure function of the text; long texts are left out to bound the memory.
        self._remembered = lru_cache(maxsize=2048)(self._render)

    def __call__(self, text: str) -> str:
        """Sanitised HTML of one comment."""
        return self._remembered(text) if len(text) <= 10_000 else self._render(text)

    def _render(self, text: str) -> str:
        safe = self.markup.render(text)
        bold = HEADING.sub(lambda tag: "</strong></p>" if tag[1] else "<p><strong>", safe)
        return bold.replace(REL, 'rel="nofollow ugc noopener"')

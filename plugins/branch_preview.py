"""Marks a preview of a branch on every page: a band that says so, nothing for search engines, no form for comments.

It looks at the finished pages and not at the theme, which a branch may have changed.
"""

import re
from pathlib import Path

from markupsafe import escape
from pelican import Pelican, signals
from pelican.generators import ArticlesGenerator

from common.language import translations
from plugins.translations import every_letter

STYLESHEET = "forhandsvisning.css"
STYLE = """\
.branch-band { position: sticky; inset-block-start: 0; z-index: 9; margin: 0; padding: .5rem 1rem; background: #ffd54a;
  color: #1b1b1b; font: 600 1rem/1.4 var(--sans, system-ui); text-align: center; overflow-wrap: anywhere;
  border-block-end: 2px solid #1b1b1b }
:target, :focus { scroll-margin-block-start: 4rem }
@media print { .branch-band { position: static } }
"""
ROBOTS = "User-agent: *\nDisallow: /\n"
HEAD = f'<meta name="robots" content="noindex, nofollow">\n<link rel="stylesheet" href="/{STYLESHEET}">\n'


_FORM = re.compile(r"<form\b[^<>]*\bmethod=\"?post\b.*?</form>", re.DOTALL | re.IGNORECASE)


def marked(page: str, band: str, closed: str) -> str:
    """The page with HEAD at the end of its head, and the band first in its body, a form that is sent away `closed`.

    `band` and `closed` are HTML.
    """
    page = _FORM.sub(lambda _form: closed, page)
    head, end_of_head, rest = page.partition("</head>")
    if not end_of_head:
        return page
    start, end_of_start, body = rest.partition("<body")
    attributes, bracket, inside = body.partition(">")
    return f"{head}{HEAD}{end_of_head}{start}{end_of_start}{attributes}{bracket}\n{band}{inside}"


def _mark_pages(pelican: Pelican) -> None:
    settings, output = pelican.settings, Path(pelican.output_path)
    _ = translations(settings["FACTS"].language).gettext
    words = _("Preview of the branch %(branch)s. This is not published.") % {"branch": settings["BRANCH"]}
    band = f'<p class="branch-band" role="note">{escape(words)}</p>\n'
    closed = f'<p class="notice">{escape(_("This is a preview: nothing can be sent from here."))}</p>'
    for file in output.rglob("*.html"):
        text = file.read_text(encoding="utf-8")
        if HEAD not in text:
            inward = text.replace(f'href="{settings["FACTS"].url}/', 'href="/')
            file.write_text(marked(inward, band, closed), encoding="utf-8")
    (output / STYLESHEET).write_text(STYLE, encoding="utf-8")
    (output / "robots.txt").write_text(ROBOTS, encoding="utf-8")


def _close(generator: ArticlesGenerator) -> None:
    """Nobody must write a comment to the city where nobody can publish it."""
    _ = translations(generator.settings["FACTS"].language).gettext
    for letter in every_letter(generator):
        letter.comments_open = False
        letter.closed_notice = _("This is a preview: comments are written under the published letter.")


def register() -> None:
    """Called by Pelican; after plugins.page_writer, which writes the pages, and plugins.conversation."""
    signals.article_generator_finalized.connect(_close)
    signals.finalized.connect(_mark_pages)

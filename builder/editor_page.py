"""The page at /redigera/: the editor, or how to get it."""

from html import escape
from pathlib import Path
from urllib.parse import quote

from common.facts import Facts
from plugins.wording import Gettext


def address(file: Path, content: Path) -> str:
    """Where a letter or page is open in the form; the form's first page for a file that it doesn't show."""
    for folder in ("letters", "pages"):
        if file.is_relative_to(content / folder) and ".." not in file.parts:
            place = file.relative_to(content / folder).with_suffix("").as_posix()
            return f"/redigera/#/collections/{folder}/entries/{quote(place)}"
    return "/redigera/"


def opening(facts: Facts, token: str, _: Gettext) -> str:
    """The page that starts the editor; it alone holds the token."""
    without = _("The form needs JavaScript. Letters can be written as files, too: they lie in content/letters.")
    return _page(
        facts,
        _("Write"),
        '<link rel="cms-config-url" href="/redigera/config.json" type="application/json">'
        f"<noscript>{escape(without)}</noscript>"
        f'<script src="/redigera/start.js" data-token="{token}" data-language="{facts.language}"></script>'
        '<script src="/redigera/sveltia-cms.js"></script>',
    )


def lacking(facts: Facts, _: Gettext) -> str:
    """The page while the editor is not installed."""
    title = _("The form is not installed")
    words = _("The form for letters and pages needs a package that is not here yet. In a terminal, in this project:")
    rest = _("Then load this page again. Letters can be written as files meanwhile: they lie in content/letters.")
    return _page(
        facts,
        title,
        '<link rel="stylesheet" href="/theme/site.css">'
        '<main class="letter-head" style="max-inline-size:40rem;margin:3rem auto;padding-inline:1rem">'
        f"<h1>{escape(title)}</h1><p>{escape(words)}</p>"
        f"<pre>sudo apt install npm\ndeploy/npm/install</pre><p>{escape(rest)}</p></main>",
    )


def _page(facts: Facts, title: str, body: str) -> str:
    return (
        f'<!doctype html><html lang="{facts.language}"><meta charset="utf-8"><title>{escape(title)}</title>'
        '<meta name="viewport" content="width=device-width"><meta name="robots" content="noindex">'
        f'<link rel="icon" href="/favicon.ico">{body}'
    )

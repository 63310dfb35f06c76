"""Loaded once by the watcher's fork server: the libraries a build needs, but none of our own modules.

What a build imports of ours is read anew each time, so that a changed plugin takes effect.
"""

from importlib import import_module

LIBRARIES = (
    "babel.dates",
    "babel.messages.mofile",
    "babel.messages.pofile",
    "feedgenerator",
    "jinja2.ext",
    "markdown.extensions.attr_list",
    "markdown.extensions.fenced_code",
    "markdown.extensions.footnotes",
    "markdown.extensions.sane_lists",
    "markdown.extensions.tables",
    "pagefind.service",
    "pelican",
    "PIL.Image",
)

for name in LIBRARIES:
    import_module(name)

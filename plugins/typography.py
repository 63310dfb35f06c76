"""Markdown extension: typesets the text of letters and pages in their own language, but never code."""

import re
from xml.etree.ElementTree import Element

from markdown import Markdown
from markdown.extensions import Extension
from markdown.treeprocessors import Treeprocessor
from markdown.util import AtomicString

from common.typography import typeset

_AS_WRITTEN = frozenset({"code", "pre", "kbd", "samp", "script", "style"})


_MARKUP = re.compile(r"[\\`*_\[<&]|  \n")
"""Every sign that one of Python-Markdown's inline patterns, or of the extensions we use, begins with."""


class PlainText(AtomicString):
    """Text without inline markup, so that Python-Markdown need not look for any; it is typeset all the same."""


def set_plain_text_apart(root: Element) -> None:
    """Mark texts without inline markup: most paragraphs, each of which fourteen patterns would search."""
    for element in root.iter():
        if element.text and not isinstance(element.text, AtomicString) and not _MARKUP.search(element.text):
            element.text = PlainText(element.text)


def typeset_tree(root: Element, language: str) -> None:
    """Typeset every text in `root` in place; code, and addresses shown as they are, stay as written."""
    for block in root:
        _typeset(block, language, "")
    if root.text:
        root.text = typeset(root.text, language)


def _typeset(element: Element, language: str, before: str) -> str:
    """Typeset one element and give back the text that now stands last in it."""
    if element.tag in _AS_WRITTEN:
        return "x"
    if element.text and type(element.text) is not AtomicString:
        element.text = typeset(str(element.text), language, before)
    for name in ("title", "alt"):
        if value := element.get(name):
            element.set(name, typeset(value, language))
    before = element.text or before
    for child in element:
        before = _typeset(child, language, before)
        if child.tail and not isinstance(child.tail, AtomicString):
            child.tail = typeset(child.tail, language, before)
        before = child.tail or before
    return before


class _Separator(Treeprocessor):
    def run(self, root: Element) -> None:
        set_plain_text_apart(root)


class _Typesetter(Treeprocessor):
    def run(self, root: Element) -> None:
        place = getattr(self.md, "place", None)
        typeset_tree(root, place.language if place else "sv")


class TypographyExtension(Extension):
    """Runs after the inline patterns (20) have made elements, and before escaped signs are put back (0)."""

    def extendMarkdown(self, md: Markdown) -> None:
        """Called by Python-Markdown."""
        md.treeprocessors.register(_Separator(md), "plain_text", 21)
        md.treeprocessors.register(_Typesetter(md), "typography", 16)


def makeExtension(**settings: object) -> TypographyExtension:
    """Called by Python-Markdown."""
    return TypographyExtension(**settings)

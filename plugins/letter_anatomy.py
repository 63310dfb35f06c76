"""Markdown extension: gives a letter its figures, its tables that scroll by themselves, its signature."""

import copy
import re
from xml.etree.ElementTree import Element, SubElement

from markdown import Markdown
from markdown.extensions import Extension
from markdown.serializers import to_html_string
from markdown.treeprocessors import Treeprocessor

from common.language import translations
from plugins.converting import Place
from plugins.picture_markup import offer_movement, put_in_formats
from plugins.pictures import DECORATIVE, drawing_size, picture_file
from plugins.renditions import Card

MOST_IN_SIGNATURE = 8
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_POSTSCRIPT = re.compile(r"\s*P\.?\s?S\b")


def frame_pictures(root: Element, place: Place) -> None:
    """Size every picture, let all but the first wait, make a paragraph of one picture a figure, and offer formats."""
    cards: dict[Element, Card] = {}
    for number, image in enumerate(root.iter("img")):
        file = picture_file(image.get("src", ""), place.content, place.path)
        card = place.pictures.card(file)
        if card:
            cards[image] = card
        _prepare(image, (card.width, card.height) if card else drawing_size(file) if file else None)
        image.set(*(("loading", "lazy") if number else ("fetchpriority", "high")))
    for paragraph in root.iter("p"):
        if (picture := _only_picture(paragraph)) is not None:
            _make_figure(paragraph, picture, cards.get(picture), place.language)
    for image, card in cards.items():
        put_in_formats(image, card)


def _prepare(image: Element, size: tuple[int, int] | None) -> None:
    if size:
        image.set("width", str(size[0]))
        image.set("height", str(size[1]))
    names = image.attrib.pop("class", "").split()
    if kept := [name for name in names if name != DECORATIVE]:
        image.set("class", " ".join(kept))


def _only_picture(paragraph: Element) -> Element | None:
    """The picture that is all a paragraph holds, be it inside a link; else None."""
    inner = paragraph
    while len(inner) == 1 and not (inner.text or "").strip() and not (inner[0].tail or "").strip():
        inner = inner[0]
        if inner.tag == "img":
            return inner
        if inner.tag != "a":
            break
    return None


def _make_figure(paragraph: Element, image: Element, card: Card | None, language: str) -> None:
    paragraph.tag = "figure"
    if card and card.moving:
        offer_movement(paragraph, image, card, language)
    caption = image.attrib.pop("title", "")
    if caption:
        SubElement(paragraph, "figcaption").text = caption


def decoration(root: Element) -> str:
    """The HTML of the first figure's picture, without its alternative text; "" where there is none in our folders."""
    for figure in root.iter("figure"):
        found = figure.find(".//picture")
        picture = copy.deepcopy(found if found is not None else figure.find(".//img"))
        if picture is None:
            continue
        image = picture if picture.tag == "img" else picture.find("img")
        if image is None or not image.get("src", "").startswith("/"):
            return ""
        picture.tail = None
        image.attrib.pop("loading", None)
        image.set("alt", "")
        return to_html_string(picture)
    return ""


def wrap_tables(root: Element, language: str) -> None:
    """Put each table in a region that scrolls and can be reached by keyboard (WCAG 2.1.1, 1.4.10)."""
    heading = ""
    for index, block in enumerate(list(root)):
        if block.tag in _HEADINGS:
            heading = "".join(block.itertext()).strip()
        if block.tag != "table":
            continue
        label = translations(language).gettext("Table")
        frame = Element("div", {"class": "table", "role": "region", "tabindex": "0"})
        frame.set("aria-label", f"{label}: {heading}" if heading else label)
        frame.tail, block.tail = block.tail, None
        frame.append(block)
        root[index] = frame
        for cell in block.iterfind("thead/tr/th"):
            cell.set("scope", "col")


def sign(root: Element) -> None:
    """Move what follows the last line across into `<footer class="signature">`, if it is short enough.

    A longer part, or one with headings, is text after a divider and stays so.
    """
    blocks = list(root)
    lines = [index for index, block in enumerate(blocks) if block.tag == "hr"]
    if not lines:
        return
    tail = [block for block in blocks[lines[-1] + 1 :] if block.get("class") != "footnote"]
    if not 0 < len(tail) <= MOST_IN_SIGNATURE or any(block.tag in _HEADINGS for block in tail):
        return
    signature = Element("footer", {"class": "signature"})
    for block in tail:
        root.remove(block)
        signature.append(block)
        if block.tag == "p" and _POSTSCRIPT.match("".join(block.itertext())):
            block.set("class", "ps")
    root[lines[-1]] = signature


class _Anatomist(Treeprocessor):
    def run(self, root: Element) -> None:
        place: Place | None = getattr(self.md, "place", None)
        if place is None:
            return
        frame_pictures(root, place)
        place.first_picture = decoration(root) if place.is_letter else ""
        wrap_tables(root, place.language)
        if place.is_letter:
            sign(root)


class AnatomyExtension(Extension):
    """Runs when pictures and tables are typeset (16) and have their attributes (8), before the tree becomes text."""

    def extendMarkdown(self, md: Markdown) -> None:
        """Called by Python-Markdown."""
        md.treeprocessors.register(_Anatomist(md), "letter_anatomy", 7)


def makeExtension(**settings: object) -> AnatomyExtension:
    """Called by Python-Markdown."""
    return AnatomyExtension(**settings)

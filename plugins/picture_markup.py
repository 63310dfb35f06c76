"""What a raster picture is in a letter's HTML: `<picture>` with all its formats and widths."""

import re
from xml.etree.ElementTree import Element, SubElement

from common.language import translations
from plugins.renditions import SIZES, TYPES, Card

_CHOICE = re.compile(r'<source\b[^>]*>|</?picture>|\s(?:srcset|sizes)="[^"]*"(?=[^<]*>)')


def put_in_formats(image: Element, card: Card) -> None:
    """Make an `<img>` in place a `<picture>`: the lightest format that a browser knows, in the width it needs."""
    attributes = dict(image.attrib)
    *better, plain = card.formats
    image.tag = "picture"
    image.attrib.clear()
    for suffix in better:
        SubElement(image, "source", {"type": TYPES[suffix]} | _choice(card, suffix))
    choice = _choice(card, plain) if len(card.widths) > 1 else {}
    SubElement(image, "img", {**attributes, **choice, "src": card.plain_address(), "decoding": "async"})


def _choice(card: Card, suffix: str) -> dict[str, str]:
    several = {"sizes": SIZES} if len(card.widths) > 1 else {}
    return {"srcset": card.candidates(suffix), **several}


def offer_movement(figure: Element, image: Element, card: Card, language: str) -> None:
    """Before the still picture, something to open that shows it moving, and stops it when closed (WCAG 2.2.2)."""
    details = Element("details")
    figure.insert(0, details)
    SubElement(details, "summary").text = translations(language).gettext("Show the moving picture")
    moving = {"src": card.moving_address(), "alt": image.get("alt", ""), "loading": "lazy"}
    SubElement(details, "img", {**moving, "width": image.get("width", ""), "height": image.get("height", "")})


def without_choice(html: str) -> str:
    """HTML for feeds, with one file for each picture: feed readers clean the others away, or take the widest."""
    return _CHOICE.sub("", html)

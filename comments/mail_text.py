"""A mail in words, and the same as plain text and as HTML."""

from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader

TEMPLATES = Path(__file__).parent / "templates"
HTML = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, trim_blocks=True, lstrip_blocks=True)


@dataclass(frozen=True)
class Link:
    """Where to go, and in words why."""

    words: str
    address: str


@dataclass(frozen=True)
class Quote:
    """What somebody said, in their own language."""

    said: str
    lang: str


Part = str | Link | Quote


@dataclass(frozen=True)
class Mail:
    """A subject, the paragraphs of what it says, and those of why it comes."""

    subject: str
    parts: tuple[Part, ...]
    foot: tuple[Part, ...] = ()


def as_text(mail: Mail) -> str:
    """Plain text: paragraphs with an empty line between, each address on a line of its own."""
    above = "\n\n".join(_text(part) for part in mail.parts)
    below = "\n\n".join(_text(part) for part in mail.foot)
    return f"{above}\n\n-- \n{below}\n" if below else f"{above}\n"


def _text(part: Part) -> str:
    if isinstance(part, Link):
        return f"{part.words}:\n{part.address}"
    if isinstance(part, Quote):
        return "\n".join(f"> {line}".rstrip() for line in part.said.splitlines())
    return part


def as_html(mail: Mail, lang: str) -> str:
    """A page of its own, in the language `lang`, that fetches nothing."""
    return HTML.get_template("mail/mail.html").render(mail=mail, lang=lang)

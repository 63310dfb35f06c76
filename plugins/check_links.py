"""What must be right in the links and pictures of a letter or a page."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from urllib.parse import SplitResult, unquote, urljoin, urlsplit, urlunsplit

from plugins.addresses import Addresses
from plugins.findings import Remark
from plugins.marks import blank, without_code
from plugins.pictures import DECORATIVE, is_address, is_file, picture_file
from plugins.sources import Source
from plugins.wording import Gettext

_TARGET = (
    r"\(\s*(?:<(?P<angled>[^>\n]*)>|(?P<bare>[^\s()]*(?:\([^\s()]*\)[^\s()]*)*(?: +(?![\"'(])[^\s()]+)*))"
    r"(?:\s+[\"'(][^\n]*?)?\s*\)"
)
_MARK = r"(?P<mark>\{:?[^{}\n]*\})?"
_PICTURE = re.compile(r"!\[(?P<alt>[^\[\]]*)\]" + _TARGET + _MARK)
_REFERRING = re.compile(r"!\[(?P<alt>[^\[\]]*)\]\s?\[(?P<name>[^\[\]]*)\]" + _MARK)
_LINK = re.compile(r"\[(?:[^\[\]]|\[[^\[\]]*\])*\]" + _TARGET)
_ESCAPED = re.compile(r"\\[\[\]()!]")
_DEFINITION = re.compile(r"^ {0,3}\[(?!\^)(?P<name>[^\]\n]+)\]:[ \t]*\n?[ \t]*<?(?P<target>[^\s>]+)>?", re.MULTILINE)
_AUTOLINK = re.compile(r"<(?P<target>https?://[^\s<>]*)>", re.IGNORECASE)
_TAG = re.compile(r"<(?P<name>a|img)\b(?P<rest>[^<>]*)>", re.IGNORECASE)
_ATTRIBUTE = re.compile(
    r"\b(?P<key>href|src|alt|class)\s*=\s*(?:\"(?P<quoted>[^\"]*)\"|'(?P<single>[^']*)'|(?P<open>[^\s\"'<>]+))", re.I
)
_INWARD = re.compile(r"[{|](?P<what>filename|static|attach|tag|author|index)[|}](?P<path>.*)")


@dataclass(frozen=True)
class Link:
    """A link or picture as written: where in the text, its target, and a picture's alt text (else None).

    A `decorative` picture says nothing, so it needs no text. `is_tag` is what is written in HTML.
    """

    offset: int
    target: str
    alt: str | None = None
    decorative: bool = False
    is_tag: bool = False


def links(text: str) -> Iterator[Link]:
    """The links and pictures of a Markdown text, code left out."""
    text = without_code(text)
    if "\\" in text:
        text = _ESCAPED.sub("  ", text)
    if "![" in text:
        for match in _PICTURE.finditer(text):
            yield Link(match.start(), match["angled"] or match["bare"] or "", match["alt"], _is_marked(match["mark"]))
        yield from _referring(text)
    for match in _LINK.finditer(_PICTURE.sub(blank, text) if "![" in text else text):
        yield Link(match.start(), match["angled"] or match["bare"] or "")
    for match in _DEFINITION.finditer(text):
        yield Link(match.start("target"), match["target"])
    for match in _AUTOLINK.finditer(text):
        yield Link(match.start(), match["target"])
    for match in _TAG.finditer(text):
        found = {one["key"].lower(): unquoted(one) for one in _ATTRIBUTE.finditer(match["rest"])}
        picture = match["name"].lower() == "img"
        target = found.get("src" if picture else "href")
        if target is not None:
            decorative = DECORATIVE in found.get("class", "").split()
            yield Link(match.start(), unescape(target), found.get("alt", "") if picture else None, decorative, True)


def unquoted(attribute: re.Match[str]) -> str:
    """The value of an attribute, however it is quoted."""
    return attribute["quoted"] or attribute["single"] or attribute["open"] or ""


def _referring(text: str) -> Iterator[Link]:
    """The pictures whose address is defined elsewhere: ![alt][name]."""
    defined = definitions(text)
    for match in _REFERRING.finditer(text):
        if target := defined.get((match["name"] or match["alt"]).lower()):
            yield Link(match.start(), target, match["alt"], _is_marked(match["mark"]))


def definitions(text: str) -> dict[str, str]:
    """The addresses that lines like [name]: /address/ give to names, which are in lower case here."""
    return {match["name"].lower(): match["target"] for match in _DEFINITION.finditer(text)}


def _is_marked(mark: str | None) -> bool:
    return f".{DECORATIVE}" in re.split(r"[\s{}:]+", mark or "")


def check_links(source: Source, address: str, addresses: Addresses, _: Gettext) -> Iterator[Remark]:
    """Yield (line, "must …") for every link that leads nowhere and every picture that is missing or mute."""
    if "](" not in source.body and "<" not in source.body and "]:" not in source.body:
        return
    for link in links(source.body):
        line = source.body_line + source.body.count("\n", 0, link.offset)
        if not is_address(link.target):
            yield line, _('"%(link)s" must be an address; what stands in [ ] can be none') % {"link": link.target}
            continue
        check = _link if link.alt is None else _picture
        for message in check(link, source, address, addresses, _):
            yield line, message


def _picture(link: Link, source: Source, _address: str, addresses: Addresses, _: Gettext) -> Iterator[str]:
    named, alt = {"picture": link.target}, unescape(link.alt or "").strip()
    if link.is_tag and link.decorative == bool(alt):
        message = _('the picture "%(picture)s" must have either alt="what it shows" or class="decorative" in its tag')
        yield message % named
    elif link.decorative and alt:
        yield _('the picture "%(picture)s" must have no text between [ and ], or not be marked {.decorative}') % named
    elif not link.decorative and not alt:
        yield (
            _(
                'the picture "%(picture)s" must have a text that says what it shows, between [ and ]; '
                "if it says nothing, write {.decorative} right after it"
            )
            % named
        )
    file = picture_file(link.target, addresses.content, source.path)
    if file is None:
        yield _('the picture "%(picture)s" must lie in images and be written /images/name') % named
    elif not is_file(file):
        yield _('the picture "%(picture)s" must exist; there is no such file') % named


def _link(link: Link, source: Source, address: str, addresses: Addresses, _: Gettext) -> Iterator[str]:
    target, named = inside(link.target, addresses.site), {"link": link.target}
    inward = _INWARD.fullmatch(unquote(target))
    if inward:
        place, leads = _leads_inward(inward["what"], inward["path"], source, addresses)
    elif (parts := urlsplit(target)).scheme or parts.netloc:
        place, leads = "", True  # plugins.safe_html says which schemes may be
        if _is_unfinished(parts):
            yield _('the link "%(link)s" must say where it leads: what comes after the colon is missing') % named
            return
    else:
        place = urljoin(address, unquote(parts.path)) if parts.path else address
        leads = addresses.leads_somewhere(place) if parts.path else bool(target.strip("/ "))
    if not leads:
        yield _('the link "%(link)s" must lead to a page or file of this site; there is none') % named
    elif (mark := unquote(urlsplit(target).fragment)) and not addresses.has_mark(place, mark):
        message = _('the link "%(link)s" must lead to a mark in a text; there is no {#%(mark)s}')
        yield message % {**named, "mark": mark}


def _is_unfinished(parts: SplitResult) -> bool:
    """Whether it names no host, or nobody to write to or call; a mail may ask who that is (RFC 6068, 2)."""
    if parts.scheme in ("http", "https"):
        return not parts.hostname
    return parts.scheme in ("mailto", "tel") and not (parts.path.strip() or parts.query)


def inside(target: str, site: str) -> str:
    """The target as seen from the root, where it is written with this site's host, in whatever way."""
    if "//" not in target:
        return target
    parts, own = urlsplit(target), urlsplit(site)
    is_own = parts.scheme in ("", "http", "https") and parts.netloc and parts.hostname == own.hostname
    if not is_own or parts.port not in (None, 80, 443, own.port):
        return target
    return urlunsplit(("", "", parts.path or "/", parts.query, parts.fragment))


def _leads_inward(what: str, target: str, source: Source, addresses: Addresses) -> tuple[str, bool]:
    """Where {filename}… and the like lead, where that is a text, and whether there is anything."""
    path = urlsplit(target).path
    if what == "index":
        return "", True
    if what in ("tag", "author"):
        return "", addresses.has_list(what, path.strip())
    base = addresses.content if path.startswith("/") else source.path.parent
    file = (base / path.lstrip("/")).resolve()
    if what == "filename":
        return str(file), file in addresses.sources
    return "", is_file(file) and file.suffix != ".md" and file.is_relative_to(addresses.content.resolve())

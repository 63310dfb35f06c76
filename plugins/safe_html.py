"""Which HTML a writer may put into a text: elements that say what something is, and none that do or fetch anything.

The check names the rest before anything is built. The Markdown extension here is the lock behind that door: what the
converter lets through as HTML, by whatever way, is looked at once more, and nothing is built with what is refused.
"""

import re
from collections.abc import Iterator
from html import unescape
from xml.etree.ElementTree import Element

from markdown import Markdown
from markdown.extensions import Extension
from markdown.postprocessors import Postprocessor
from markdown.treeprocessors import Treeprocessor

from common.language import marked as _
from plugins.wording import WordedError

ELEMENTS = {
    "a", "abbr", "b", "bdi", "bdo", "blockquote", "br", "caption", "cite", "code", "col", "colgroup", "data",
    "dd", "del", "details", "dfn", "div", "dl", "dt", "em", "figcaption", "figure", "h1", "h2", "h3", "h4", "h5",
    "h6", "hr", "i", "img", "ins", "kbd", "li", "mark", "ol", "p", "pre", "q", "rp", "rt", "ruby", "s", "samp",
    "section", "small", "span", "strong", "sub", "summary", "sup", "table", "tbody", "td", "tfoot", "th", "thead",
    "time", "tr", "u", "ul", "var", "wbr",
}  # fmt: skip
ATTRIBUTES = {
    "abbr", "alt", "cite", "class", "colspan", "datetime", "dir", "headers", "height", "href", "hreflang", "id",
    "lang", "loading", "open", "rel", "reversed", "rowspan", "scope", "span", "src", "start", "title",
    "translate", "type", "value", "width",
}  # fmt: skip
SCHEMES = frozenset({"http", "https", "mailto", "tel"})
_INSTEAD = {
    "script": _("<%(element)s> must be removed: no script of a text runs on the site"),
    "style": _("<%(element)s> must be removed: how the site looks is the theme's to say"),
    "iframe": _("<%(element)s> must be a link instead, like [The film about the quay](https://…)"),
    "form": _("<%(element)s> must be a link to the form instead, like [Tell us about your street](https://…)"),
    "svg": _("<%(element)s> must be a file instead: save it in images and write ![What it shows](/images/name.svg)"),
    "picture": _("<%(element)s> must be written ![What it shows](/images/name.jpg)"),
}
_KINDS = {
    "style": "link font center big basefont blink marquee",
    "iframe": "audio embed frame frameset object video track portal",
    "form": "button fieldset input label legend option output select textarea",
    "svg": "canvas math",
    "picture": "source",
    "script": "noscript template slot base meta",
}
_LIKE = {name: kind for kind, names in _KINDS.items() for name in names.split()}
_UNKNOWN = _("<%(element)s> must not stand in a text; if it is to be read, write &lt;%(element)s&gt;")
_RUNS = _('"%(attribute)s" must be removed from <%(element)s>: no script of a text runs on the site')
_LOOKS = _('"%(attribute)s" must be removed from <%(element)s>: how the site looks is the theme\'s to say')
_OTHER = _('"%(attribute)s" must be removed from <%(element)s>: a text must not use it')
_LEADS = _('the address "%(address)s" must begin with https:, http:, mailto: or tel:, or lie on this site')
_BROKEN = _('"%(start)s" must be written out in full, or with &lt; in the place of < if it is to be read')
_MARK = "{: }"

TAG = re.compile(r"<(?P<end>/?)(?P<name>[A-Za-z][^\s/<>]*)(?P<rest>(?:\"[^\"]*\"|'[^']*'|[^'\"<>])*)>")
_ATTRIBUTE = re.compile(
    r"(?P<key>[^\s/>=\"'][^\s/>=]*)(?:\s*=\s*(?:\"(?P<quoted>[^\"]*)\"|'(?P<single>[^']*)'|(?P<open>[^\s>]+)))?"
)
_AUTOLINK = re.compile(r"<(?:(?:https?|ftps?)://[^<>]*|[^<> !]+@[^@<> ]+)>", re.IGNORECASE)
_OTHER_MARKUP = re.compile(r"<[?!][^\s>]*")
_LIST = re.compile(r"\{:?(?P<inside>[^{}\n]*=[^{}\n]*)\}")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_SCHEME = re.compile(r"\s*(?P<scheme>[a-z][a-z0-9+.-]*):", re.IGNORECASE)
_BLANK = re.compile(r"[\x00-\x20\x7f]")
_LOOK_ATTRIBUTES = {
    "style", "align", "bgcolor", "border", "color", "face", "size", "valign", "cellpadding", "cellspacing",
}  # fmt: skip
_NOT_IN_LISTS = {
    "action", "formaction", "href", "src", "srcdoc", "srcset", "style", "target", "xlink:href",
}  # fmt: skip

Refusal = tuple[int, str, dict[str, str]]
"""Where, counted in characters from 0, the sentence about it, and what goes into that."""


class UnsafeHtml(WordedError):
    """The converter made HTML that must not be published."""


def refusals(text: str) -> Iterator[Refusal]:
    """What a text must not hold of HTML: elements, and attributes, also those in braces behind Markdown's marks."""
    for tag in TAG.finditer(text) if "<" in text else ():
        name = tag["name"].lower()
        if _AUTOLINK.fullmatch(tag[0]):
            continue
        if name not in ELEMENTS:
            if not tag["end"]:
                yield tag.start(), _INSTEAD.get(_LIKE.get(name, name), _UNKNOWN), {"element": name}
        else:
            yield from ((tag.start(), *refusal) for refusal in _in_attributes(name, tag["rest"]))
    for found in _OTHER_MARKUP.finditer(text):
        yield found.start(), _BROKEN, {"start": found[0][:30]}
    for found in _LIST.finditer(text) if "{" in text and "=" in text else ():
        for one in _ATTRIBUTE.finditer(found["inside"]):
            if (key := one["key"].lower()) in _NOT_IN_LISTS or key.startswith("on"):
                yield found.start(), _about(key), {"attribute": key, "element": _MARK}


def _in_attributes(name: str, rest: str) -> Iterator[tuple[str, dict[str, str]]]:
    for one in _ATTRIBUTE.finditer(rest):
        key = one["key"].lower()
        if key not in ATTRIBUTES and not key.startswith("aria-"):
            yield _about(key), {"attribute": key, "element": name}


def _about(key: str) -> str:
    return _RUNS if key.startswith("on") else _LOOKS if key in _LOOK_ATTRIBUTES else _OTHER


def _leads_astray(address: str) -> bool:
    scheme = _SCHEME.match(_BLANK.sub("", unescape(address)))
    return bool(scheme and scheme["scheme"].lower() not in SCHEMES)


def check_raw(html: str) -> str:
    """A writer's HTML as it may be published, without comments; UnsafeHtml where it may not be."""
    html = _COMMENT.sub("", html)
    for _at, message, values in refusals(html):
        raise UnsafeHtml(message, **values)
    for tag in TAG.finditer(html):
        for one in _ATTRIBUTE.finditer(tag["rest"]):
            _check_address(one["key"], one["quoted"] or one["single"] or one["open"] or "")
    left = TAG.sub("", html)
    if "<" in left:
        raise UnsafeHtml(_BROKEN, start=left[left.index("<") :].split("\n")[0][:30])
    return html


def _check_address(key: str, value: str) -> None:
    if key.lower() in ("href", "src", "cite") and _leads_astray(value):
        raise UnsafeHtml(_LEADS, address=value)


def check_tree(root: Element) -> None:
    """Raise UnsafeHtml for an attribute that runs something, or an address that does."""
    for element in root.iter():
        for key, value in element.attrib.items():
            if key.lower().startswith("on") or key.lower() in _NOT_IN_LISTS - {"href", "src", "srcset"}:
                raise UnsafeHtml(_about(key.lower()), attribute=key, element=element.tag)
            _check_address(key, value)


class _Raw(Postprocessor):
    def run(self, text: str) -> str:
        stash = self.md.htmlStash.rawHtmlBlocks
        stash[:] = [check_raw(each) if isinstance(each, str) else each for each in stash]
        return text


class _Tree(Treeprocessor):
    def run(self, root: Element) -> None:
        check_tree(root)


class SafeHtmlExtension(Extension):
    """Looks at the tree when all attributes are set (attr_list, 8), and at raw HTML before it is put back (30)."""

    def extendMarkdown(self, md: Markdown) -> None:
        """Called by Python-Markdown."""
        md.treeprocessors.register(_Tree(md), "safe_tree", 1)
        md.postprocessors.register(_Raw(md), "safe_html", 35)


def makeExtension(**settings: object) -> SafeHtmlExtension:
    """Called by Python-Markdown."""
    return SafeHtmlExtension(**settings)

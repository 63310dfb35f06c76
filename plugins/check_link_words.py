"""What a link must say: where it leads, also when read alone, as in a screen reader's list of links (WCAG 2.4.4)."""

import re
from collections.abc import Iterator

from plugins.findings import Remark
from plugins.sources import Source
from plugins.wording import Gettext

EMPTY_WORDS = {
    "här", "klicka", "klicka här", "tryck här", "läs mer", "läs mera", "läs vidare", "läs mer här", "läs här", "se här",
    "se mer", "mer", "mera", "mer information", "mer info", "länk", "länken", "denna länk", "den här länken",
    "följ länken",
    "here", "click", "click here", "press here", "read more", "read on", "read more here", "learn more", "see more",
    "see here", "more", "more information", "more info", "link", "this link", "the link", "this page",
}  # fmt: skip
_LINK = re.compile(
    r"(?<![!\\])\[(?P<text>(?:[^\[\]\n]|\n(?!\n)|\[[^\[\]]*\])*)\](?:\((?!\s*\))|\s?\[[^\[\]\n]*\])"
    r"|<a\b(?P<rest>[^<>]*)>(?P<inner>(?:(?!<a\b).)*?)</a\s*>",
    re.IGNORECASE | re.DOTALL,
)
_PICTURE = re.compile(
    r"!\[([^\[\]]*)\](?:\([^()]*\)|\[[^\[\]]*\])|<img\b[^<>]*?\balt\s*=\s*[\"']([^\"'<>]*)[\"'][^<>]*>",
    re.IGNORECASE,
)
_NO_WORDS = re.compile(r"<[^<>]*>|\{[^{}\n]*\}|[*_`\\]")


def check_link_words(source: Source, text: str, _: Gettext) -> Iterator[Remark]:
    """Yield (line, "must …") for every link that says "here" or nothing; `text` is the body without code."""
    if "](" not in text and "][" not in text and "<a" not in text.lower():
        return
    for link in _LINK.finditer(text):
        if "aria-label" in (link["rest"] or "") or (link["inner"] is not None and "href" not in link["rest"].lower()):
            continue
        said = _said(link["text"] if link["inner"] is None else link["inner"])
        line = source.body_line + text.count("\n", 0, link.start())
        if not said:
            yield line, _("a link must have a text that says where it leads, between [ and ]")
        elif said.casefold().strip(" .,:;!?…»›>→-–") in EMPTY_WORDS:
            message = _(
                'the link "%(text)s" must say where it leads, like "the minutes from May": links are also read alone'
            )
            yield line, message % {"text": said}


def _said(text: str) -> str:
    with_alt = _PICTURE.sub(lambda picture: picture[1] or picture[2] or "", text)
    return " ".join(_NO_WORDS.sub("", with_alt).replace("\u00a0", " ").split())

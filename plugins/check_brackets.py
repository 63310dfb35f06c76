"""What was to be a link or a picture and came to nothing: readers see its brackets."""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice

from plugins.as_published import Html
from plugins.findings import Remark
from plugins.sources import Source
from plugins.wording import Gettext

_SIGNS = "](", "] (", "]\n(", "!["
_CODE = re.compile(r"<(code|pre|kbd|samp)\b.*?</\1\s*>", re.DOTALL | re.IGNORECASE)
_LEFT = re.compile(
    r"(?:(?P<sign>!?)\[(?P<words>[^\[\]\n]{0,300}))?\](?=(?P<joint>\s?[(\[])(?P<target>[^\s()\[\]]{0,100}\)?))"
)
"""[words], or its end alone, with what may be an address or a name behind it."""
_ADDRESS = re.compile(r"/|\.\.?/|https?:|mailto:|tel:|\{(?:filename|static|attach|tag|author|index)\}")
_TEXT = re.compile(r"[^\W\d_]{2}")
_BETWEEN = r"\W{0,40}?"
SHOWN = 60
MOST_TOLD = 50
"""Each is looked for in the whole text."""


def check_brackets(source: Source, text: str, html: Html, _: Gettext) -> Iterator[Remark]:
    r"""Yield (line, "must …") for each, but not where a \ says that the brackets are to be read.

    `text` is the body without code, `html` what was made of it all.
    """
    if not any(sign in html.html for sign in _SIGNS):
        return
    shown, before = Html(_CODE.sub("", html.html)).text, Counter[str]()
    for left in islice(filter(_was_meant, _LEFT.finditer(shown)), MOST_TOLD):
        pattern = _as_written(left)
        places = list(re.finditer(pattern, text))
        if before[pattern] < len(places):
            line = source.body_line + text.count("\n", 0, places[before[pattern]].start())
            told = " ".join(shown[left.start() : left.end("target")].split())
            yield line, _message(left, _) % {"text": told if len(told) <= SHOWN else f"{told[:SHOWN]} …"}
        before[pattern] += 1


def _was_meant(left: re.Match[str]) -> bool:
    """Whether it can't well be ordinary text, as [1] (https://…) and Hurrah![1][2] are."""
    is_address = bool(_ADDRESS.match(left["target"]))
    if left["joint"] == "(":
        return is_address or left["words"] is not None
    if not left["words"] or not _TEXT.search(left["words"]) or left["words"].casefold() == "sic":
        return False
    if left["joint"].endswith("["):
        return bool(left["sign"])  # of others plugins.advice_references asks
    return is_address and (bool(left["sign"]) or left["target"].endswith(")"))


def _as_written(left: re.Match[str]) -> str:
    """A pattern for how it stands in the source."""
    words = _BETWEEN.join(re.findall(r"\w+", left["words"] or ""))
    begins = "" if left["words"] is None else rf"{left['sign']}(?<!\\)\[{_BETWEEN}{words}{_BETWEEN}"
    ends = "" if left["target"].endswith(")") else r"(?!\))"
    return rf"{begins}(?<!\\)\]\s?{re.escape(left['joint'].strip() + left['target'])}{ends}"


def _message(left: re.Match[str], _: Gettext) -> str:
    if left["joint"] == "(" and left["words"] and left["target"].endswith(")"):
        return _(
            'the link "%(text)s" must be HTML too, like <a href="/address/">…</a>: inside HTML readers see its brackets'
        )
    if left["sign"]:
        return _(
            'the picture "%(text)s" must be written like ![What it shows](/images/name.jpg), with all its brackets and '
            "nothing between them; now readers see them"
        )
    return _(
        'the link "%(text)s" must be written like [the minutes from May](/2026/minutes/), with all its brackets and '
        "nothing between them; now readers see them"
    )

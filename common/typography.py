"""Swedish and English typesetting of plain text: quotation marks, dashes, ellipses, no-break spaces.

Rules of Swedish: Språkrådet, Svenska skrivregler (4th edition), on citattecken, tankstreck and mellanslag.
"""

import re

NO_BREAK = "\N{NO-BREAK SPACE}"
DASH = "\N{EN DASH}"
ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"

_UNITS = (
    "kr|tkr|mkr|mdkr|kronor|euro|öre|procent|promille|miljoner|miljarder|"
    "km|m|dm|cm|mm|km/h|m²|m³|kvm|ha|kg|g|ton|l|dl|liter|tim|min|kWh|MWh|GWh|kW|MW|GB|MB"
)
_AFTER_WORD = r"(?<=\bkl\. )|(?<=\bs\. )|(?<=\bp\. )|(?<=\bkap\. )|(?<=\bart\. )|(?<=\bNo\. )|(?<=\bnr )|(?<=\bca )"
_MARKED = re.compile(r"[\"']|--|\.\.\.|[\d§] | [\d§–—]")
_KEPT_TOGETHER = re.compile(
    r" (?:(?=[–—](?:\s|$))"  # before a dash that stands alone
    r"|(?<=\d )(?:(?=\d{3}(?!\d))(?<!\d{4} )"  # in 12 345, but not in 2019 500
    rf"|(?=[§%‰€°]|(?:{_UNITS})(?!\w)))"  # in 5 § and 12 kr
    rf"|(?=\d)(?:(?<=§ )|{_AFTER_WORD}))"  # in § 5 and kl. 9
)
_OPENS_AFTER = frozenset(" \t\n([{–—-/“‘" + NO_BREAK)


def typeset(text: str, language: str, before: str = "") -> str:
    """The same text with its typewriter signs set as print has them.

    `before` is the text that stands just before it, which decides whether an English quotation mark opens.
    """
    if not _MARKED.search(text):
        return text
    if "--" in text:
        text = re.sub(r"(?<!-)--(?!-)", DASH, text)
    if "..." in text:
        text = re.sub(r"(?<!\.)\.\.\.(?!\.)", ELLIPSIS, text)
    return _KEPT_TOGETHER.sub(NO_BREAK, _quoted(text, language, before[-1:]))


def _quoted(text: str, language: str, before: str) -> str:
    if language == "sv":
        return text.replace('"', "”").replace("'", "’")
    return _english(text, before) if '"' in text or "'" in text else text


def _english(text: str, before: str) -> str:
    """A mark opens at the start, after a space or bracket, and after another mark that opens."""
    last = ""

    def set_mark(match: re.Match[str]) -> str:
        nonlocal last
        previous = text[match.start() - 1] if match.start() else before
        previous = last if match.start() and previous in "\"'" else previous
        opens = not previous or previous in _OPENS_AFTER
        last = ("“" if opens else "”") if match[0] == '"' else ("‘" if opens else "’")
        return last

    return re.sub("[\"']", set_mark, text)

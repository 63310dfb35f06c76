"""Tells findings to a person at a terminal, or to an editor as JSON: the one place that prints them."""

import json
import os
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import TextIO

from plugins.findings import Finding, Level
from plugins.wording import Gettext

COLOURS: Mapping[Level, str] = {"error": "\033[31m", "advice": "\033[33m"}
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
END = "\033[0m"


def told(findings: Iterable[Finding], coloured: bool) -> list[str]:
    """One line for each, `file:line: message`, by file and line; the place in red for errors, yellow for advice."""
    return [_line(finding, coloured) for finding in sorted(findings)]


def _line(finding: Finding, coloured: bool) -> str:
    place, message = _one_line(finding.place), _one_line(finding.message)
    return f"{COLOURS[finding.level]}{place}:{END} {message}" if coloured else f"{place}: {message}"


def _one_line(text: str) -> str:
    """Whatever a text or a name holds: it must not break the line, nor speak to the terminal."""
    return _CONTROL.sub("�", " ".join(text.split()))


def numbers(findings: Iterable[Finding], _: Gettext) -> str:
    """The last line: how many there are of each kind."""
    levels = [finding.level for finding in findings]
    if not levels:
        return _("Nothing to put right.")
    number = {"errors": levels.count("error"), "advice": levels.count("advice")}
    return _("To put right: %(errors)d. Advice: %(advice)d.") % number


def as_json(findings: Iterable[Finding]) -> str:
    """A list of {"file", "line", "message", "level"}, by file and line."""
    return json.dumps([finding.table() for finding in sorted(findings)], ensure_ascii=False, indent=1)


def is_coloured(stream: TextIO, environment: Mapping[str, str] = os.environ) -> bool:
    """Whether to colour: on a terminal, unless NO_COLOR is set to anything (no-color.org) or the terminal is dumb."""
    return stream.isatty() and not environment.get("NO_COLOR") and environment.get("TERM") != "dumb"


def report(findings: Sequence[Finding], _: Gettext, json_wanted: bool = False, stream: TextIO | None = None) -> int:
    """Print the findings and their numbers, or the JSON alone; the exit code: 1 with errors, 0 with advice alone."""
    stream = stream or sys.stdout
    lines = [as_json(findings)] if json_wanted else [*told(findings, is_coloured(stream)), numbers(findings, _)]
    try:
        print("\n".join(lines), file=stream, flush=True)
    except BrokenPipeError:  # somebody has read enough: make check | head
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    return 1 if any(finding.stops for finding in findings) else 0

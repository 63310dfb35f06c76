"""The Nu HTML checker (npm's vnu-jar) on built pages, and the findings that we live with."""

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

from tests.tools import MODULES

JAR = MODULES / "vnu-jar" / "build" / "dist" / "vnu.jar"
JVM = ("-Xss4m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
"""A stack that its schemas fit in, and no work on what runs for three seconds."""

DELIBERATE = {
    r"The “list” role is unnecessary for element “[ou]l”\.": (
        "Safari tells no list where list-style is none, unless the role says so (WCAG 1.3.1)"
    ),
    r"The “align” attribute on the “t[dh]” element is obsolete\. Use CSS instead\.": (
        "Markdown aligns columns, and the content security policy forbids style attributes"
    ),
}
"""Warnings that we live with, each with its reason."""


def check(folder: Path) -> list[str]:
    """A line for each error and warning in the HTML files below `folder`, in one run of the checker."""
    command = ["java", *JVM, "-jar", str(JAR), "--skip-non-html", "--exit-zero-always"]
    done = subprocess.run([*command, "--stdout", "--format", "json", str(folder)], capture_output=True, text=True)
    try:
        messages = json.loads(done.stdout)["messages"]
    except (ValueError, KeyError):
        raise AssertionError(f"the checker must answer; it said:\n{done.stdout}{done.stderr}") from None
    return [_told(folder, message) for message in messages if not _deliberate(message["message"])]


def _deliberate(message: str) -> bool:
    return any(re.fullmatch(known, message) for known in DELIBERATE)


def _told(folder: Path, message: dict[str, Any]) -> str:
    file = os.path.relpath(message.get("url", "").removeprefix("file:"), folder)
    return f"{file}:{message.get('lastLine', 0)}: {message['message']} {message.get('extract', '').strip()!r}"

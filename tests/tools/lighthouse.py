"""Lighthouse on pages: what they score on an emulated phone, and every audit that is not right."""

import json
import os
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.browser import chromium

PROGRAM = Path(__file__).with_name("lighthouse.mjs")
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
TIMELESS = CATEGORIES[1:]
"""Those whose score is the same on a slow machine and a quick one."""
PAGES = ("letter", "index", "search")
"""The types of pages that are measured; those that the site has."""
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
)
UNWEIGHED = ("notApplicable", "manual", "informative")


@dataclass(frozen=True)
class Report:
    """The scores in percent by category, and what lowers them."""

    address: str
    scores: dict[str, int]
    faults: list[str]


def run(addresses: Sequence[str], categories: Sequence[str] = CATEGORIES) -> list[Report]:
    """Measure pages as Lighthouse does by default: a mid-range phone on a slow 4G line, simulated."""
    with tempfile.TemporaryDirectory(prefix="ordetfritt-lighthouse-") as folder:
        command = ["node", "--no-warnings", str(PROGRAM), ",".join(categories), *addresses]
        own = {"CHROME_PATH": chromium.find() or "", "CHROME_FLAGS": " ".join(FLAGS), "TMPDIR": folder}
        done = subprocess.run(command, env=os.environ | own, capture_output=True, text=True)
    tables = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    failed = [table["runtimeError"] for table in tables if table.get("runtimeError")]
    if failed or len(tables) != len(addresses):
        raise AssertionError(f"Lighthouse must measure {addresses}; it said:\n{failed or done.stderr}")
    return [_report(table) for table in tables]


def _report(table: dict[str, Any]) -> Report:
    categories, audits = table["categories"], table["audits"]
    scores = {name: round(100 * (category["score"] or 0)) for name, category in categories.items()}
    weighed = [part["id"] for category in categories.values() for part in category["auditRefs"] if part["weight"]]
    faults = [_told(audits[name]) for name in weighed if _is_wrong(audits[name])]
    return Report(table["requestedUrl"], scores, faults)


def _is_wrong(audit: dict[str, Any]) -> bool:
    return audit["scoreDisplayMode"] not in UNWEIGHED and (audit["score"] or 0) < 1


def _told(audit: dict[str, Any]) -> str:
    """The audit's name and the first things that it faults."""
    items = (audit.get("details") or {}).get("items", [])[:3]
    return f"{audit['id']}: {audit['title']} {json.dumps(items, ensure_ascii=False)}"

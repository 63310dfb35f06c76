"""Which Chromium the browser tests use: CHROMIUM, the system's, or Playwright's own download.

Its headless shell comes first: the same engine without a window's parts, at a third of the processor's time.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find() -> str | None:
    """Path of the browser, or None where there is none."""
    named = os.environ.get("CHROMIUM")
    if named:
        return named if Path(named).exists() else None
    return next(filter(_starts, filter(None, map(shutil.which, NAMES))), None) or _downloaded()


def _starts(path: str) -> bool:
    """Whether it is a browser: Ubuntu puts a signpost to its snap in the same place."""
    return subprocess.run([path, "--version"], capture_output=True).returncode == 0


def _downloaded() -> str | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


if __name__ == "__main__":
    found = find()
    print(found or "none")
    sys.exit(0 if found else 1)

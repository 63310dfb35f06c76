"""Text has room: nothing scrolls sideways, nothing is cut off, no line lies on another (WCAG 1.4.4, 1.4.10, 1.4.12).

At 320 CSS pixels, which is what is left of 1280 at 400 %; with text at 200 %; and with the spacing of WCAG 1.4.12.
"""

from pathlib import Path
from typing import Any

from playwright.sync_api import Page

SCRIPT = Path(__file__).with_name("reflow.js").read_text(encoding="utf-8")
DOUBLED = ":root { font-size: 200% !important }"
SPACED = """
* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }
p { margin-block-end: 2em !important }
"""


def check_reflow(page: Page) -> None:
    """Fail where text has no room: at the window's width, and with each of the readers' own styles."""
    settings = {"as it is": "", "spaced": SPACED}
    if (page.viewport_size or {"width": 0})["width"] >= 640:  # 200 % of what is already enlarged is not asked for
        settings["doubled"] = DOUBLED
    for name, style in settings.items():
        found: list[Any] = page.evaluate(SCRIPT, style)
        assert not found, f"{page.url} ({name}, {page.viewport_size}): {found[:5]}"

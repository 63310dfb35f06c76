"""A walk through a page with the Tab key alone."""

from pathlib import Path
from typing import Any

from playwright.sync_api import Page

HERE = Path(__file__).parent
SCRIPTS = [(HERE / name).read_text(encoding="utf-8") for name in ("colours.js", "keyboard.js")]


def walk(page: Page) -> int:
    """Press Tab until the end: every control has its turn, in the document's order, and the focus is seen on it.

    Nothing holds the focus (WCAG 2.1.2, 2.4.3, 2.4.7, 2.4.11, 2.4.13). Gives the number of controls.
    """
    page.emulate_media(reduced_motion="reduce")  # what scrolls smoothly is not there yet when it is looked at
    for script in SCRIPTS:
        page.evaluate(script)
    expected: list[str] = page.evaluate("keyboard.begin()")
    for place, control in enumerate(expected):
        seen = _next(page, "Tab")
        assert seen["place"] == place, f"{page.url}: Tab must lead to {control}; it leads to {seen['html']}"
        assert not seen["faults"], f"{page.url}: on {control} the focus has {seen['faults']}"
    assert _next(page, "Tab")["place"] in (-1, 0), f"{page.url}: {expected[-1]} holds the focus"
    return len(expected)


def _next(page: Page, key: str) -> dict[str, Any]:
    page.keyboard.press(key)
    seen: dict[str, Any] = page.evaluate("keyboard.look()")
    return seen

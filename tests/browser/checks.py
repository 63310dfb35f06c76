"""What holds for every page in every shape: axe finds nothing, and text has room however it is set."""

from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.reflow import check_reflow
from tests.tools import AXE

WIDTHS = (1280, 320)
HEIGHT = 900
SCHEMES: dict[str, dict[str, Any]] = {
    "light": {},
    "dark": {"color_scheme": "dark"},
    "light, more contrast": {"contrast": "more"},
    "dark, more contrast": {"color_scheme": "dark", "contrast": "more"},
}
TWO = {scheme: SCHEMES[scheme] for scheme in ("light", "dark")}
"""On a narrow page the same colours stand elsewhere; that more contrast is enough, the wide page has shown."""
FORCED: dict[str, dict[str, Any]] = {
    "forced colours": {"forced_colors": "active"},
    "forced colours, dark": {"forced_colors": "active", "color_scheme": "dark"},
}
PLAIN: dict[str, Any] = {"color_scheme": "light", "contrast": "no-preference", "forced_colors": "none"}
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
COLOURS = ["color-contrast", "link-in-text-block"]
"""The rules that a colour scheme can break; all others say the same in each."""
COLOURS_JS, CONTRAST = ((Path(__file__).parent / name).read_text("utf-8") for name in ("colours.js", "contrast.js"))

axe = Axe.from_file(AXE) if AXE.exists() else Axe()


def check(page: Page) -> None:
    """Fail with axe's own report in the first shape where it finds something, or where text has no room."""
    page.wait_for_load_state("load")
    window = page.viewport_size
    page.evaluate(axe.axe_script)
    page.evaluate(COLOURS_JS)
    try:
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": HEIGHT})
            for scheme, media in SCHEMES.items() if width == WIDTHS[0] else TWO.items():
                page.emulate_media(**(PLAIN | media), reduced_motion="reduce")
                _run(page, f"{scheme}, {width}", whole=scheme == "light")
            for scheme, media in FORCED.items():
                page.emulate_media(**(PLAIN | media))
                _stand_out(page, f"{scheme}, {width}")
            page.emulate_media(**PLAIN)
            check_reflow(page)
    finally:
        page.emulate_media(**PLAIN)
        if window:
            page.set_viewport_size(window)


def _run(page: Page, shape: str, whole: bool) -> None:
    only = {"type": "tag", "values": TAGS} if whole else {"type": "rule", "values": COLOURS}
    options = {"resultTypes": ["violations"], "runOnly": only}
    found = page.evaluate("options => axe.run(document, options)", options)["violations"]
    told = [(rule["id"], rule["help"], [node["html"] for node in rule["nodes"]]) for rule in found]
    assert not told, f"{page.url} ({shape}): {told}"


def _stand_out(page: Page, shape: str) -> None:
    """Our own measure where colours are forced: axe reads a colour there that is not the one in use."""
    told = page.evaluate(CONTRAST)
    assert not told, f"{page.url} ({shape}): {told}"

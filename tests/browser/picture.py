"""Draw the README's picture, docs/letter.png: python -m tests.browser.picture."""

import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

from tests.browser import chromium
from tests.running import ROOT, running

LETTER = "/2026/vi-provar-oss-fram/"
HEIGHT = 900  # CSS pixels


def main() -> None:
    """The head of the sample letter beside its conversation, at two thirds of their size."""
    with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as site, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.find(), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1000, "height": HEIGHT})
        page.goto(site.origin + LETTER)
        page.locator("article.comment").first.wait_for()
        page.screenshot(path=f"{folder}/head.png")
        page.locator("#kommentarer").scroll_into_view_if_needed()
        page.evaluate("document.querySelector('#kommentarer').scrollIntoView()")
        page.screenshot(path=f"{folder}/conversation.png")
        browser.close()
        halves = [Image.open(f"{folder}/{name}.png").convert("RGB") for name in ("head", "conversation")]
        sheet = Image.new("RGB", (2040, HEIGHT), "#7a858a")
        for half, left in zip(halves, (0, 1040), strict=True):
            sheet.paste(half, (left, 0))
        sheet.resize((1360, 600)).quantize(128).save(ROOT / "docs" / "letter.png", optimize=True)


if __name__ == "__main__":
    main()

"""Pictures of a fixed set of pages, which tests compare with; `make screens` draws them, the README's, the handbook's.

Letters look a little different on each machine and in each Chromium. So the pictures say what they were drawn with,
and are compared in cells of eight by eight dots: a colour or a margin that has changed shows, a smoother edge doesn't.
"""

import io
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from PIL import Image, ImageChops, ImageStat
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

from tests.browser import chromium
from tests.browser.handbook import Reader, fill_queue
from tests.browser.writing import computer
from tests.published import Published, published
from tests.running import ROOT, running

FOLDER = Path(__file__).parent / "screens"
MADE_WITH = FOLDER / "made-with.json"
WIDTHS = {1280: 400, 320: 160}
"""The window's width, in CSS pixels, and the picture's, in dots."""
HEIGHT = 1600
"""Of the window, in CSS pixels."""
SCHEMES = ("light", "dark")
CELL = 8
MOST_MEAN, MOST_CELL = 1.5, 17.0
"""How much all cells and any one cell may differ, in levels of 255."""
VIEWS = ("letter", "conversation", "index", "archive", "topic", "page", "form", "search", "missing")
FAMILIES = (
    "serif",
    "sans-serif",
    "Georgia",
    "Palatino",
    "Noto Serif",
    "Arial",
    "Liberation Sans",
    "Noto Sans",
    "Roboto",
)
RULER = """families => families.map(family => {
    const context = document.createElement("canvas").getContext("2d");
    context.font = `100px "${family}", ${family}`;
    return context.measureText("Ordet fritt, brev åt alla").width.toFixed(1);
})"""
STILL = """async () => {
    for (const time of document.querySelectorAll(".conversation time")) {
        time.textContent = time.textContent.includes("kl.") ? "17 november 2026 kl. 09.00" : "17 november 2026";
    }
    await Promise.all([...document.images].map(image => image.decode().catch(() => {})));
    await document.fonts.ready;
}"""


def made_with(page: Page) -> dict[str, Any]:
    """The Chromium and, by the width of a line in each, the fonts of this machine."""
    browser = page.context.browser
    assert browser
    return {"chromium": browser.version.split(".")[0], "fonts": page.evaluate(RULER, FAMILIES)}


def open_view(page: Page, site: Published, view: str) -> bool:
    """Bring a page into view; False where the site has none of that kind."""
    path = site.pages().get({"conversation": "letter", "form": "letter"}.get(view, view))
    if path is None:
        return False
    page.goto(site.origin + path)
    if view == "form":  # as the service answers where there is no script
        page.evaluate("HTMLFormElement.prototype.submit.call(document.querySelector('form.comment-form'))")
        page.wait_for_url("**/kommentarer/ny")
    return True


def draw(page: Page, view: str) -> Iterator[tuple[str, Image.Image]]:
    """What is open, in each width and scheme, each with the name of its picture."""
    for width, dots in WIDTHS.items():
        page.set_viewport_size({"width": width, "height": HEIGHT})
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
            page.evaluate("scrollTo(0, 0)")
            if view == "conversation":
                page.evaluate("document.querySelector('.conversation').scrollIntoView()")
            page.evaluate(STILL)
            image = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
            yield f"{view}-{width}-{scheme}", image.resize((dots, HEIGHT * dots // width), Image.Resampling.LANCZOS)


def difference(drawn: Image.Image, known: Image.Image) -> tuple[float, float]:
    """How far two pictures of one size are apart, in levels of 255: on the whole, and in the cell that differs most."""
    small = (drawn.width // CELL, drawn.height // CELL)
    cells = [image.resize(small, Image.Resampling.BOX) for image in (drawn, known)]
    apart = ImageStat.Stat(ImageChops.difference(*cells))
    return sum(apart.mean) / 3, float(max(high for _low, high in apart.extrema))


def file_of(name: str) -> Path:
    """Where the picture of that name is kept."""
    return FOLDER / f"{name}.webp"


def _draw_all(page: Page, site: Published) -> None:
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.glob("*.webp"):
        old.unlink()
    for view in VIEWS:
        for name, image in draw(page, view) if open_view(page, site, view) else ():
            image.save(file_of(name), quality=70, method=6)
    MADE_WITH.write_text(json.dumps(made_with(page), indent=1) + "\n", encoding="utf-8")


def _draw_readme(page: Page, site: Published) -> None:
    """docs/letter-light.png and -dark: the head of a letter beside its conversation, at two thirds of their size."""
    page.set_viewport_size({"width": 1000, "height": 900})
    page.goto(site.origin + site.letter)
    for scheme, between in (("light", "#7a858a"), ("dark", "#7d888d")):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        sheet = Image.new("RGB", (2040, 900), between)
        for left, place in ((0, "body"), (1040, ".conversation")):
            page.evaluate("place => document.querySelector(place).scrollIntoView()", place)
            page.evaluate(STILL)
            sheet.paste(Image.open(io.BytesIO(page.screenshot())).convert("RGB"), (left, 0))
        small = sheet.resize((1360, 600), Image.Resampling.LANCZOS)
        small.quantize(128).save(ROOT / "docs" / f"letter-{scheme}.png", optimize=True)


def _draw_handbook(browser: Browser, playwright: Playwright) -> None:
    """docs/bilder/: what somebody sees who does as the handbook says."""
    with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as site:
        fill_queue(site, playwright)
        page = browser.new_page(base_url=site.origin, locale="sv-SE", viewport={"width": 860, "height": 760})
        page.goto(site.sign_in_link())
        page.get_by_role("button", name="Logga in").click()
        Reader(page, shell=print, edit=print, show=_draw_step).follow("granska-kommentarer.md")
    with tempfile.TemporaryDirectory() as folder, computer(Path(folder)) as own:
        page = browser.new_page(base_url=own.origin, locale="sv-SE", viewport={"width": 1100, "height": 820})
        Reader(page, shell=own.shell, edit=own.edit, show=_draw_step).follow("skriv-ett-brev.md")


def _draw_step(page: Page, file: Path) -> None:
    page.emulate_media(reduced_motion="reduce")
    page.evaluate("document.activeElement.scrollIntoView({block: 'center'})")
    image = Image.open(io.BytesIO(page.screenshot(animations="disabled", caret="hide"))).convert("RGB")
    file.parent.mkdir(exist_ok=True)
    image.quantize(64).save(file, optimize=True)


def main() -> None:
    """Draw all of them."""
    with tempfile.TemporaryDirectory() as folder, published(Path(folder)) as site, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.find(), args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        _draw_all(page, site)
        _draw_readme(page, site)
        _draw_handbook(browser, playwright)
        browser.close()


if __name__ == "__main__":
    main()

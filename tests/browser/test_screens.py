"""A change in look is seen: pages compared with pictures of how they looked when somebody last looked at them."""

import json

import pytest
from PIL import Image
from playwright.sync_api import Page

from comments.sample import LETTER
from tests.browser import screens
from tests.published import Published
from tests.running import ROOT

ADOPT = """style => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(style);
    document.adoptedStyleSheets = [sheet];
}"""
RESULTS = ROOT / "test-results"


@pytest.fixture(scope="module")
def page(browser, public_site: Published):
    """A browser like the one that drew the pictures."""
    made = browser.new_page()
    known = json.loads(screens.MADE_WITH.read_text(encoding="utf-8"))
    if public_site.letter != LETTER:
        pytest.skip("the pictures are of the sample letters")
    if (here := screens.made_with(made)) != known:
        pytest.skip(f"the pictures were drawn with {known}, and here is {here}: `make screens` draws them anew")
    yield made
    made.close()


def changed(page: Page, view: str) -> list[str]:
    """What differs from its picture, and where to see how it looks now."""
    told = []
    for name, drawn in screens.draw(page, view):
        file = screens.file_of(name)
        mean, cell = screens.difference(drawn, Image.open(file)) if file.exists() else (255.0, 255.0)
        if mean > screens.MOST_MEAN or cell > screens.MOST_CELL:
            RESULTS.mkdir(exist_ok=True)
            drawn.save(RESULTS / f"{name}.png")
            told.append(f"{name}: {mean:.1f} on the whole, {cell:.0f} in one cell; see {RESULTS / name}.png")
    return told


@pytest.mark.parametrize("view", screens.VIEWS)
def test_a_page_looks_as_it_did(page: Page, public_site: Published, view: str) -> None:
    """On a phone and a desk, light and dark; where the change is meant, look at it and run `make screens`."""
    if not screens.open_view(page, public_site, view):
        pytest.skip("the site has no such page")
    assert changed(page, view) == []


@pytest.mark.parametrize(
    "style",
    [
        ":root { --accent: #7a1f3d }",
        ".prose > * + * { margin-block-start: 1.5em }",
        ".letter-head h1 { font-weight: 400 }",
        ".byline { display: none }",
    ],
)
def test_another_look_is_noticed(page: Page, public_site: Published, style: str) -> None:
    """Another accent, other margins, another weight, something gone."""
    screens.open_view(page, public_site, "letter")
    page.evaluate(ADOPT, style)
    assert changed(page, "letter")

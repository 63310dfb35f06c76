"""Each screen fetches the picture that it can show, and nothing moves when it comes."""

import pytest

LETTER = "/2026/vad-jag-larde-mig-pa-kvallsbaten/"
SHOWN = "En gångväg lyser i mörkret"
CHOSEN = """image => new Promise(done => {
  const look = () => done(image.currentSrc.split("-").pop());
  image.scrollIntoView();
  image.complete && image.naturalWidth ? look() : image.addEventListener("load", look);
})"""


@pytest.mark.parametrize(
    ("width", "pixels", "file"),
    [(320, 1, "320.avif"), (320, 2, "640.avif"), (390, 3, "1280.avif"), (1280, 1, "640.avif")],
)
def test_a_screen_fetches_what_it_can_show(visitor, width, pixels, file):
    """In AVIF, and the next width above what it needs."""
    page = visitor(LETTER, viewport={"width": width, "height": 700}, device_scale_factor=pixels)
    image = page.get_by_alt_text(SHOWN, exact=False)
    assert image.evaluate(CHOSEN) == file


def test_nothing_moves_when_a_picture_comes(visitor):
    """Its place is kept while it is on its way: the page is as high before as after."""
    page, held = visitor("about:blank", viewport={"width": 320, "height": 700}), []
    page.route("**/bilder/*", lambda route: held.append(route))
    image = page.get_by_alt_text(SHOWN, exact=False)
    with page.expect_request("**/bilder/*"):
        page.goto(LETTER)
        image.scroll_into_view_if_needed()
    before = page.evaluate("document.documentElement.scrollHeight")
    held.pop().continue_()
    image.evaluate(CHOSEN)
    assert page.evaluate("document.documentElement.scrollHeight") == before

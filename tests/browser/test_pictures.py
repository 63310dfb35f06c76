"""Each screen fetches the picture that it can show, and nothing moves when it comes."""

import pytest

LETTER = "/2026/vad-jag-larde-mig-pa-kvallsbaten/"
CHOSEN = """image => new Promise(done => {
  const look = () => done(image.currentSrc.split("-").pop());
  image.scrollIntoView();
  image.complete && image.naturalWidth ? look() : image.addEventListener("load", look);
})"""
SHIFT = """() => new Promise(done => new PerformanceObserver(list =>
  done(list.getEntries().filter(entry => entry.value))).observe({type: "layout-shift", buffered: true})
  || setTimeout(() => done([]), 300))"""


@pytest.mark.parametrize(
    ("width", "pixels", "file"),
    [(320, 1, "320.avif"), (320, 2, "640.avif"), (390, 3, "1280.avif"), (1280, 1, "640.avif")],
)
def test_a_screen_fetches_what_it_can_show(visitor, width, pixels, file):
    """In AVIF; the next width above what it needs, and its place was kept."""
    page = visitor(LETTER, viewport={"width": width, "height": 700}, device_scale_factor=pixels)
    image = page.get_by_alt_text("En gångväg lyser i mörkret", exact=False)
    assert image.evaluate(CHOSEN) == file
    assert page.evaluate(SHIFT) == []

"""In the preview a builder tells where the texts are now that once had another address."""

from collections.abc import Iterator

import pytest

from builder.places import places
from builder.running import Running
from tests.site.conftest import Site


@pytest.fixture
def preview(site: Site) -> Iterator[Running]:
    """Builds as `make serve` does, with the last build at hand."""
    running = Running(places())
    yield running
    running.end()


def test_each_former_address_is_known(site: Site, preview: Running) -> None:
    """Of letters and pages, however often they move; one that is back where it was has not moved from there."""
    site.page("om")
    for header in ({"status": "draft"}, {}, {"slug": "nytt"}, {"slug": "nytt", "date": "2025-11-20"}):
        site.letter("brev", **header)
        preview.build(None)
    assert preview.build(None)["moved"] == dict.fromkeys(("/utkast/brev/", "/2026/brev/", "/2026/nytt/"), "/2025/nytt/")
    site.letter("brev")
    site.page("om", slug="om-oss")
    moved = preview.build(None)["moved"]
    assert (moved["/2025/nytt/"], moved["/om/"], "/2026/brev/" in moved) == ("/2026/brev/", "/om-oss/", False)


def test_a_text_without_a_page_is_gone_until_it_has_one_again(site: Site, preview: Running) -> None:
    """Whether its file is removed or it is left out; not when the file has another name."""
    site.letter("annat")
    path = site.letter("brev")
    preview.build(None)
    path.unlink()
    assert preview.build(None)["moved"] == {"/2026/brev/": ""}
    site.letter("brev", slug="nytt")
    assert preview.build(None)["moved"] == {"/2026/brev/": "/2026/nytt/"}
    path.rename(path.with_name("namn.md"))
    preview.build(None)
    site.letter("namn", slug="nyast")
    assert preview.build(None)["moved"]["/2026/nytt/"] == "/2026/nyast/"


def test_a_letter_that_could_not_be_shown_is_known_by_where_it_was_looked_for(site: Site, preview: Running) -> None:
    """Whoever has the page open that says so is led to it."""
    site.letter("annat")
    site.letter("brev", modified="sen")
    preview.build(None)
    site.letter("brev", status="draft")
    assert preview.build(None)["moved"] == {"/2026/brev/": "/utkast/brev/"}


def test_it_outlasts_a_quick_build_a_fault_and_the_builder(site: Site, preview: Running) -> None:
    """It is with what builds remember, which is written down."""
    moved = {"/utkast/brev/": "/2026/brev/"}
    site.letter("brev", status="draft")
    preview.build(None)
    path = site.letter("brev")
    assert preview.build(None)["moved"] == moved
    site.letter("brev", "Andra ord.")
    assert preview.build([str(path)])["moved"] == moved
    preview.write_down()
    site.build()  # as `make html` does
    away = site.where.content.rename(site.where.content.with_name("borta"))
    failed = preview.build(None)
    assert (failed["ok"], failed["moved"]) == (False, moved)
    away.rename(site.where.content)
    assert Running(places()).build(None)["moved"] == moved

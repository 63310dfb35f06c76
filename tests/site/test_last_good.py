"""In the preview a text with errors is built as it was when it last had none; everywhere else it stops the build."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from builder.places import places
from builder.running import Running
from tests.site.conftest import Site

Preview = Callable[[], SimpleNamespace]


@pytest.fixture
def preview(site: Site) -> Iterator[Preview]:
    """Build as `make serve` does, with the last build at hand; gives what it tells."""
    running = Running(places())
    yield lambda: SimpleNamespace(**running.build(None))
    running.end()


def test_a_letter_with_an_error_is_built_as_it_was(site: Site, preview: Preview) -> None:
    """Everything else is built as it is, and the report tells what was set aside."""
    path = site.letter("ett", "Som det var.")
    preview()
    site.letter("ett", "Som det blev.", modified="sen")
    site.letter("tva", "[Se det första](/2026/ett/)")
    report = preview()
    assert (report.errors, report.letters) == ([], 2)
    assert report.set_aside == [{"file": str(path), "addresses": ["/2026/ett/"], "shown": True}]
    assert [finding["level"] for finding in report.findings if finding["file"] == str(path)][-1] == "error"
    assert "Som det var." in site.read("2026/ett/index.html")
    site.letter("tva", "Ännu en gång.")
    assert preview().set_aside == report.set_aside


def test_advice_is_on_the_text_that_is_being_written(site: Site, preview: Preview) -> None:
    """Not on the older one that is shown meanwhile."""
    path = site.letter("ett", "Det kostar 15000 kronor.")
    preview()
    site.letter("ett", "### Fel\n\nHej.\n\nDet kostar 25000 kronor.")
    found = [finding for finding in preview().findings if finding["file"] == str(path) and finding["level"] == "advice"]
    assert any("25" in finding["message"] for finding in found)
    assert not any("15" in finding["message"] for finding in found)


def test_whatever_is_wrong_with_a_file_concerns_it_alone(site: Site, preview: Preview) -> None:
    """A link out of CONTENT, a name that looks like another's or is no UTF-8, or is as long as one can be."""
    site.letter("ett", "Ett.")
    preview()
    letters = site.where.content / "letters"
    (letters / "ut.md").symlink_to("/etc/passwd")
    (letters / "i-ring.md").symlink_to("i-ring.md")
    for name in ("r\u00e4v.md", "ra\u0308v.md", os.fsdecode(b"b\xe5t.md")):
        (letters / name).write_text("Title: Räv\nDate: 2026-11-20\nSlug: rav\n\nRäv.\n", encoding="utf-8")
    (letters / f"{'a' * 250}.md").write_text("Title: A\nDate: 2026-11-20\n\nA.\n", encoding="utf-8")
    site.letter("ett", "Ett, men längre.")
    report = preview()
    assert report.errors == [] and "men längre" in site.read("2026/ett/index.html")
    assert site.has("2026/a/index.html")
    told = [finding for finding in report.findings if finding["file"].endswith("ut.md")]
    assert len(told) == 1 and "CONTENT" in told[0]["message"]


def test_a_new_letter_with_an_error_is_left_out_and_can_be_linked_to(site: Site, preview: Preview) -> None:
    """Its address has a page that says so; who links to it has done nothing wrong."""
    site.letter("ett", "[Se det nya](/2026/nytt/)")
    path = site.letter("nytt", modified="sen")
    report = preview()
    assert (report.errors, report.letters) == ([], 1)
    assert report.set_aside == [{"file": str(path), "addresses": ["/2026/nytt/"], "shown": False}]
    assert not site.has("2026/nytt/index.html")


def test_a_translation_of_what_is_left_out_is_built(site: Site, preview: Preview) -> None:
    """It has done nothing wrong either."""
    site.letter("brev.en", "Hello.", slug="brev", lang="en", translation="true")
    path = site.letter("brev", modified="sen")
    report = preview()
    assert [each["file"] for each in report.set_aside] == [str(path)]
    assert "Hello." in site.read("2026/brev/en/index.html")
    site.letter("brev", "Hej.")
    assert preview().set_aside == [] and "Hej." in site.read("2026/brev/index.html")


def test_two_letters_of_one_address_keep_the_one_that_had_it(site: Site, preview: Preview) -> None:
    """The one that took it is as it was, at its own."""
    site.letter("ett", "Ett.")
    other = site.letter("tva", "Två.")
    preview()
    site.letter("tva", "Två.", slug="ett")
    report = preview()
    assert (report.errors, report.letters) == ([], 2)
    assert report.set_aside[1] == {"file": str(other), "addresses": ["/2026/tva/", "/2026/ett/"], "shown": True}


def test_a_picture_that_goes_takes_no_letter_with_it_twice(site: Site, preview: Preview) -> None:
    """Where the older text has the same error the letter is left out, until the picture is back."""
    site.picture("kaj.svg")
    site.letter("ett", "![Kajen](/images/kaj.svg)")
    site.letter("tva")
    assert preview().letters == 2
    (site.where.content / "images" / "kaj.svg").unlink()
    assert (preview().letters, site.has("2026/ett/index.html")) == (1, False)
    site.picture("kaj.svg")
    assert (preview().letters, site.has("2026/ett/index.html")) == (2, True)


def test_no_text_is_kept_of_a_letter_that_is_gone(site: Site, preview: Preview) -> None:
    """What a writer removes is nowhere."""
    path = site.letter("ett")
    site.letter("tva")
    preview()
    kept = Path(site.where.data, "last-good", "letters")
    assert sorted(file.name for file in kept.iterdir()) == ["ett.md", "tva.md"]
    path.unlink()
    preview()
    assert [file.name for file in kept.iterdir()] == ["tva.md"]


def test_a_single_build_stops_at_an_error(site: Site, preview: Preview) -> None:
    """make html and make publish forgive nothing, though the preview has just been there."""
    site.letter("ett")
    preview()
    site.letter("ett", modified="sen")
    assert len(site.build().faults) == 1
    assert len(site.build("publishconf.py").faults) == 1

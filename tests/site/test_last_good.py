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


@pytest.mark.parametrize("slug", ["/annan.example", '"><b>', "å"])
def test_no_page_is_looked_for_at_an_address_that_none_can_have(site: Site, preview: Preview, slug: str) -> None:
    """Nor is anybody led there."""
    site.letter("ett")
    site.letter("tva", slug=slug, status="draft")
    assert [each["addresses"] for each in preview().set_aside] == [[]]


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


@pytest.mark.parametrize(
    "body",
    [
        "[Läs ett]({filename}ett.md)",
        "[Läs ett](/2026/ett/#slut)",
        "![Kaj](/images/kaj.svg) [Kaj]({static}/images/kaj.svg)",
    ],
)
def test_a_letter_whose_link_or_picture_has_gone_is_shown_as_it_was(site: Site, preview: Preview, body: str) -> None:
    """It stays in the lists, with the message, and whoever writes on in it loses nothing; our own words are enough."""
    kaj = site.picture("kaj.svg").read_text(encoding="utf-8")
    gone = site.letter("ett", "## Slut {#slut}\n\nSlut.")
    path = site.letter("tva", f"Som det var. {body}", title="Den andra")
    assert preview().letters == 2
    gone.unlink()
    (site.where.content / "images" / "kaj.svg").unlink()
    for text in ("Som det var.", "Som det blev."):
        site.letter("tva", f"{text} {body}", title="Den andra")
        report = preview()
        assert (report.errors, report.letters) == ([], 1)
        assert report.set_aside == [{"file": str(path), "addresses": ["/2026/tva/"], "shown": True}]
        assert [line for line in report.warnings if f"{path}:" not in line] == []
        assert "Som det var." in site.read("2026/tva/index.html")
        assert "Den andra" in site.read("index.html")
    site.picture("kaj.svg", kaj)
    site.letter("ett", "## Slut {#slut}\n\nSlut.")
    assert (preview().letters, "Som det blev." in site.read("2026/tva/index.html")) == (2, True)


def test_a_translation_whose_original_has_gone_is_shown_as_it_was(site: Site, preview: Preview) -> None:
    """At its own address."""
    gone = site.letter("ett", lang="sv")
    site.letter("one", "As it was.", slug="ett", lang="en", translation="true")
    preview()
    gone.unlink()
    report = preview()
    assert (report.errors, [each["shown"] for each in report.set_aside]) == ([], [True])
    assert "As it was." in site.read("2026/ett/en/index.html")


def test_an_older_text_that_can_t_be_built_either_is_left_out(site: Site, preview: Preview) -> None:
    """Its address has been taken meanwhile; both come when that is put right."""
    site.letter("ett")
    site.letter("tva")
    preview()
    site.letter("tva", slug="ny", modified="sen")
    site.letter("tre", slug="tva")
    report = preview()
    assert (report.errors, report.letters) == ([], 1)
    site.letter("tva", slug="ny")
    assert preview().letters == 3


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


def test_a_letter_saved_under_another_ending_is_told_of_on_every_page(site: Site, preview: Preview) -> None:
    """And keeps nothing else from being seen."""
    site.letter("ett")
    path = site.where.content / "letters" / "tva.txt"
    path.write_text("Title: Två\n", encoding="utf-8")
    report = preview()
    assert (report.errors, report.letters) == ([], 1)
    assert report.set_aside == [{"file": str(path), "addresses": [], "shown": False}]
    assert [finding["level"] for finding in report.findings if finding["file"] == str(path)] == ["error"]
    path.unlink()
    assert preview().set_aside == []

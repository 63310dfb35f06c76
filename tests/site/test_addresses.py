"""Where things are found on the site."""

import json
import re

import pytest

from tests.site.conftest import Site


def test_a_letter_stands_under_its_year_and_slug(site: Site) -> None:
    """/<year>/<slug>/ is where a letter is read."""
    site.letter("mod", date="2019-03-11", tags="mod, tillit", author="Stadsdirektören")
    site.built()
    for path in ("2019/mod", "amnen/mod", "amnen/tillit", "forfattare/stadsdirektoren", "arkiv"):
        assert site.has(f"{path}/index.html")


def test_pages_and_files_have_their_fixed_addresses(site: Site) -> None:
    """Every address that DESIGN.md names for the site is built."""
    site.letter()
    site.page("om")
    site.built()
    for path in (
        "index.html", "om/index.html", "404.html", "robots.txt", "sitemap.xml", "letters.json",
        "atom.xml", "kommentarer.xml", "theme/site.css", "images/portratt.svg", "tillganglighet/index.html",
    ):  # fmt: skip
        assert site.has(path), path


def test_nothing_is_built_that_nobody_asked_for(site: Site) -> None:
    """Pelican's categories, periods and feeds of everything are switched off."""
    site.letter(tags="mod")
    site.built()
    top = {path.name for path in site.where.output.iterdir()}
    assert top == {
        ".built", "2026", "404.html", "amnen", "apple-touch-icon.png", "arkiv", "atom.xml", "favicon.ico", "feed.json",
        "forfattare", "icon-192.png", "icon-512.png", "icon-maskable.png", "images", "index.html", "kommentarer.xml",
        "letters.json", "manifest.webmanifest", "pagefind", "robots.txt", "sitemap.xml", "sok", "statistik", "theme",
        "tillganglighet", "utkast",
    }  # fmt: skip


def test_every_template_is_our_own(site: Site) -> None:
    """Pelican would fall back to its unstyled `simple` theme for a template that is missing."""
    names = {path.name for path in (site.where.theme / "templates").iterdir()}
    assert names >= {"index.html", "article.html", "page.html", "archives.html", "tag.html", "author.html"}
    assert names >= {"base.html", "conversation.html", "404.html", "sitemap.xml", "robots.txt"}


def test_the_index_continues_on_numbered_pages(site: Site) -> None:
    """Ten letters stand on the first page, older ones at /sida/2/."""
    for number in range(11):
        site.letter(f"brev-{number}", title=f"Brev {number}.", date=f"2026-01-{number + 1:02}")
    site.built()
    assert "Brev 10." in site.read("index.html")
    assert "Brev 0." not in site.read("index.html")
    assert "Brev 0." in site.read("sida/2/index.html")


def test_letters_may_lie_in_the_content_folder_itself(site: Site) -> None:
    """`make html CONTENT=../shared/letters` works: without letters/, every .md but README.md is a letter."""
    letter = site.letter("mod")
    letter.rename(site.where.content / "mod.md")
    letter.parent.rmdir()
    (site.where.content / "README.md").write_text("# No letter\n", encoding="utf-8")
    assert site.built().has("2026/mod/index.html")


def test_a_draft_is_read_in_work_and_not_in_publication(site: Site) -> None:
    """Status: draft gives /utkast/<slug>/ while writing, and nothing when published."""
    site.letter("utkast", status="draft", title="Halvfärdigt")
    site.letter("klart")
    assert site.built().has("utkast/utkast/index.html")
    site.built("publishconf.py")
    assert not site.has("utkast/utkast/index.html")
    assert "Halvfärdigt" not in site.read("letters.json") + site.read("atom.xml") + site.read("sitemap.xml")


def test_a_draft_takes_no_comments(site: Site) -> None:
    """A draft's page has no form, as the service would refuse the comment."""
    site.letter("utkast", status="draft")
    assert "<comment-form" not in site.built().read("utkast/utkast/index.html")


@pytest.mark.parametrize("conf", ["pelicanconf.py", "publishconf.py"])
def test_the_sitemap_names_each_page_by_its_whole_address(site: Site, conf: str) -> None:
    """Sitemaps take absolute addresses only (sitemaps.org protocol)."""
    site.letter("mod", tags="tillit")
    site.page("om")
    found = re.findall("<loc>(.*?)</loc>", site.built(conf).read("sitemap.xml"))
    root = "https://ordetfritt.lindhamn.example/"
    assert {root, f"{root}2026/mod/", f"{root}om/", f"{root}amnen/tillit/", f"{root}arkiv/"} <= set(found)


def test_letters_json_tells_which_letters_take_comments(site: Site) -> None:
    """The service accepts comments on these letters alone, and shows these pages in its footer."""
    site.letter("oppet", title='"Öppet" & <b>')
    site.letter("stangt", date="2026-11-19", comments="closed", lang="en")
    site.letter("gomt", status="hidden")
    site.page("b", title="Sist", order="2")
    site.page("a", title="Först", order="1")
    table = json.loads(site.built().read("letters.json"))
    assert table["letters"] == [
        {"uri": "/2026/oppet/", "title": "”Öppet” & <b>", "lang": "sv", "comments": "open", "closes": None},
        {"uri": "/2026/stangt/", "title": "Ett brev", "lang": "en", "comments": "closed", "closes": None},
    ]
    statement = {"title": "Tillgänglighetsredogörelse", "url": "/tillganglighet/"}
    assert table["pages"] == [{"title": "Först", "url": "/a/"}, {"title": "Sist", "url": "/b/"}, statement]


def test_publication_has_canonical_addresses(site: Site) -> None:
    """publishconf.py knows where the site will stand."""
    site.letter("mod")
    page = site.built("publishconf.py").read("2026/mod/index.html")
    assert 'rel="canonical" href="https://ordetfritt.lindhamn.example/2026/mod/"' in page

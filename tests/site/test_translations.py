"""A letter in several languages: each links to the others, and the conversation stays with the original."""

import re

import pytest

from tests.site.conftest import Site, comment

PAGE, ENGLISH = "2026/brev/index.html", "2026/brev/en/index.html"
WHO = {"slug": "brev", "date": "2026-11-20 08:00"}


@pytest.fixture
def letter(site: Site) -> Site:
    """A letter in Swedish, English and Arabic."""
    site.letter("brev", title="Ett brev")
    site.letter("brev.en", title="A letter", lang="en", translation="true", **WHO)
    site.letter("brev.ar", title="رسالة", lang="ar", translation="true", **WHO)
    return site


def test_each_version_links_to_the_others(letter: Site) -> None:
    """In the page by the language's own name, in its head for search engines with itself among them."""
    letter.built()
    for page, others in ((PAGE, ("English", "العربية")), (ENGLISH, ("svenska", "العربية"))):
        text = letter.read(page)
        shown = re.findall(r'hreflang="\w+" lang="\w+" dir="auto">([^<]+)</a>', text)
        assert sorted(shown) == sorted(others)
        assert len(re.findall(r'<link rel="alternate" hreflang=', text)) == 3
    assert 'hreflang="en" href="https://ordetfritt.lindhamn.example/2026/brev/en/"' in letter.read(PAGE)


def test_a_translation_says_its_language_and_how_it_is_written(letter: Site) -> None:
    """The words around it stay in the site's."""
    letter.built()
    assert '<div class="prose" itemprop="articleBody" lang="en">' in letter.read(ENGLISH)
    assert '<div class="prose" itemprop="articleBody" lang="ar" dir="rtl">' in letter.read("2026/brev/ar/index.html")
    assert '<html lang="sv">' in letter.read(ENGLISH)


def test_a_translation_is_in_no_list(letter: Site) -> None:
    """Lists, feeds and the letters that take comments name the original alone."""
    letter.built()
    for name in ("index.html", "arkiv/index.html", "atom.xml", "letters.json"):
        assert "A letter" not in letter.read(name)
    assert "/2026/brev/en/" in letter.read("sitemap.xml")


def test_the_conversation_is_under_the_original(letter: Site) -> None:
    """The translation leads there, and has no form."""
    letter.conversation("/2026/brev/", [comment(1)])
    page = letter.built().read(ENGLISH)
    assert 'href="/2026/brev/#kommentarer"' in page
    assert "<form" not in page.split("<main")[1]
    assert "Kommentar 1." not in page


def test_a_page_can_have_a_translation(site: Site) -> None:
    """It is not in the footer a second time."""
    site.page("om")
    site.page("om.en", title="About", lang="en", translation="true", slug="om")
    site.built()
    assert 'hreflang="en"' in site.read("om/index.html")
    assert site.read("om/en/index.html").count('href="/om/en/"') == 0


def test_a_draft_translation_waits_by_itself(site: Site) -> None:
    """Its original is published meanwhile."""
    site.letter("brev")
    site.letter("brev.en", title="A letter", lang="en", translation="true", status="draft", **WHO)
    site.built()
    assert site.has("utkast/brev/en/index.html")
    assert "hreflang" not in site.read(PAGE)


@pytest.mark.parametrize(
    ("header", "told"),
    [
        ({"slug": "annat", "lang": "en"}, 'samma Slug och samma år som originalet; inget har adressen ”annat”'),
        ({"date": "2025-11-20", "lang": "en"}, "samma år som originalet"),
        ({"lang": "sv"}, "en översättning måste vara på ett annat språk än originalet; båda är på ”sv”"),
        ({"lang": ""}, 'en översättning måste ha en rad ”Lang: …”'),
        ({"lang": "en", "translation": "ja"}, "måste vara"),
    ],
)  # fmt: skip
def test_a_translation_of_nothing_is_told(site: Site, header: dict[str, str], told: str) -> None:
    """With its file and the line to change."""
    site.letter("brev")
    given = {**WHO, "translation": "true", **header}
    site.letter("brev.en", title="A letter", **given)
    assert any("brev.en.md:" in fault and told in fault for fault in site.build().faults)


def test_a_summary_in_plain_language_stands_first(site: Site) -> None:
    """With a heading of its own; quotes and tags in it are text."""
    site.letter("brev", brief='Vi "provar" <b>först</b>.')
    page = site.built().read(PAGE)
    assert '<h2 id="kort-sagt">Kort sagt</h2>' in page
    assert "Vi ”provar” &lt;b&gt;först&lt;/b&gt;." in page
    assert page.index("kort-sagt") < page.index('class="prose"')


def test_a_translation_has_the_topics_of_its_original(site: Site) -> None:
    """They list originals, so a topic of the translation's own would lead nowhere."""
    site.letter("brev", tags="skola")
    site.letter("brev.en", title="A letter", lang="en", translation="true", tags="school", **WHO)
    page = site.built().read(ENGLISH)
    assert "/amnen/skola/" in page
    assert "/amnen/school/" not in page


def test_what_stands_inside_a_translation_is_said_in_its_language(letter: Site) -> None:
    """Where it is one of ours: else in the site's, and marked so."""
    letter.letter("brev.en", title="A letter", lang="en", translation="true", brief="Short.", tags="x", **WHO)
    letter.built()
    assert '<h2 id="kort-sagt" lang="en">In short</h2>' in letter.read(ENGLISH)
    assert '<span lang="en">This is a translation.' in letter.read(ENGLISH)
    assert "<span>Det här är en översättning." in letter.read("2026/brev/ar/index.html")

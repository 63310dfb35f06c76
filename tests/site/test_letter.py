"""What a letter looks like when it is built: its anatomy and its typography."""

import re

import feedparser
from PIL import Image

from tests.site.conftest import Site

LETTER = """Det är "modigt" att prova -- men svårt. Vi har 12 345 kr enligt 5 § i lagen, se s. 3.

![Två kajer](/images/kajen.svg 'Kajen i "maj", 20 % större')

## Siffrorna

| År | Kronor |
|----|-------:|
| 2026 | 12 345 |

![Torget](/images/torget.png)

Mer finns att läsa.[^1]

[^1]: I budgeten.

***

**Stadsdirektören**
Lindhamns stad

PS. Skriv till mig!

<stadsdirektoren@lindhamn.example>
"""


def built(site: Site, **header: str) -> str:
    site.picture("kajen.svg", '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 800 450"></svg>')
    Image.new("RGB", (64, 48)).save(site.where.content / "images" / "torget.png")
    site.letter("brev", LETTER, **header)
    return site.built().read("2026/brev/index.html")


def test_typewriter_signs_become_print(site: Site) -> None:
    """Swedish quotation marks, dashes and no-break spaces, in text, captions and titles."""
    page = built(site, title='"Mod" -- 5 §', summary='Om "mod"...')
    assert "Det är ”modigt” att prova\N{NO-BREAK SPACE}– men svårt." in page
    assert "12\N{NO-BREAK SPACE}345\N{NO-BREAK SPACE}kr enligt 5\N{NO-BREAK SPACE}§" in page
    assert ">”Mod”\N{NO-BREAK SPACE}– 5\N{NO-BREAK SPACE}§</h1>" in page
    assert "Om ”mod”…" in page


def test_an_english_letter_has_english_marks(site: Site) -> None:
    """A letter is set in its own language, and says which it is."""
    site.letter("letter", 'It\'s "good" to *"try"*.', lang="en", title='"Courage"')
    page = site.built().read("2026/letter/index.html")
    assert "It’s “good” to <em>“try”</em>." in page
    assert 'lang="en"' in page


def test_code_and_addresses_are_left_as_written(site: Site) -> None:
    """Nothing is typeset that someone may copy."""
    site.letter("brev", '`"a" -- b`\n\n    "kod" ...\n\n<https://a.example/x--y>')
    page = site.built().read("2026/brev/index.html")
    assert '<code>"a" -- b</code>' in page or "<code>&quot;a&quot; -- b</code>" in page
    assert ">https://a.example/x--y</a>" in page


def test_a_picture_alone_becomes_a_figure(site: Site) -> None:
    """With its caption, its size, and loaded late unless it is the first."""
    page = built(site)
    assert (
        '<figure><img alt="Två kajer" fetchpriority="high" height="450" src="/images/kajen.svg" width="800">'
        "<figcaption>Kajen i ”maj”, 20\N{NO-BREAK SPACE}% större</figcaption>"
    ) in page
    assert re.search(r'<img alt="Torget" decoding="async" height="48" loading="lazy" src="[^"]+" width="64">', page)


def test_a_table_scrolls_by_itself_and_has_a_name(site: Site) -> None:
    """A wide table can be reached and scrolled by keyboard (WCAG 2.1.1)."""
    page = built(site)
    assert '<div aria-label="Tabell: Siffrorna" class="table" role="region" tabindex="0">' in page
    assert '<th scope="col">' in page


def test_a_column_s_side_is_no_style_attribute(site: Site) -> None:
    """The content security policy would drop it."""
    page = built(site)
    assert '<td align="right">' in page
    assert "style=" not in page.partition('class="prose"')[2].partition("</article>")[0]


def test_what_follows_the_last_line_is_the_signature(site: Site) -> None:
    """The name, the PS and the address; footnotes stay outside it."""
    page = built(site)
    (signature,) = re.findall(r'<footer class="signature">(.*?)</footer>', page, re.DOTALL)
    assert "<strong>Stadsdirektören</strong>" in signature
    assert '<p class="ps">PS. Skriv till mig!</p>' in signature
    assert "I budgeten" not in signature
    assert "I budgeten" in page


def test_a_divider_inside_a_text_is_no_signature(site: Site) -> None:
    """A line across that headings follow only divides."""
    site.letter("brev", "Ett.\n\n***\n\n## Två\n\nTre.")
    page = site.built().read("2026/brev/index.html")
    assert 'class="signature"' not in page
    assert "<hr>" in page


def test_the_writer_is_shown_with_title_and_picture(site: Site) -> None:
    """A small drawn portrait travels inside the page, and costs no request."""
    page = built(site, author="Stadsdirektören")
    assert "Lindhamns stad" in page
    assert 'src="data:image/svg+xml;base64,' in page


def test_a_writer_who_is_not_in_site_toml_has_a_name(site: Site) -> None:
    """Guests write too."""
    page = built(site, author="En rektor")
    assert 'href="/forfattare/en-rektor/"' in page
    assert "data:image/svg+xml;base64," not in page


def test_a_large_portrait_is_a_file(site: Site) -> None:
    """Above 4 kB it is fetched once for all pages."""
    site.picture("portratt.svg", "<svg xmlns='http://www.w3.org/2000/svg'>" + " " * 5000 + "</svg>")
    assert 'src="/images/portratt.svg"' in built(site, author="Stadsdirektören")


def test_neighbours_lead_to_the_letters_before_and_after(site: Site) -> None:
    """The newest letter has none after it."""
    for day in (1, 2, 3):
        site.letter(f"brev-{day}", date=f"2026-01-0{day}")
    page = site.built().read("2026/brev-2/index.html")
    assert 'rel="next" href="/2026/brev-3/"' in page
    assert 'rel="prev" href="/2026/brev-1/"' in page
    assert 'rel="next"' not in site.read("2026/brev-3/index.html")


def test_a_letter_without_summary_is_introduced_by_its_opening(site: Site) -> None:
    """Lists show its first paragraph as text, without pictures and footnotes."""
    site.letter("brev", "![x](/images/portratt.svg)\n\nDet *började* i maj.[^1]\n\n[^1]: Sent i maj.")
    page = site.built().read("index.html")
    assert "Det började i maj." in page
    assert "<figure" not in page
    assert "fn:1" not in page


def test_the_feed_of_letters_is_whole_and_absolute(site: Site) -> None:
    """Readers of feeds see pictures and links although they are elsewhere."""
    built(site, title='A & "B" <c>', modified="2026-11-21")
    feed = feedparser.parse(site.read("atom.xml"))
    assert not feed.bozo
    (entry,) = feed.entries
    assert entry.link == "https://ordetfritt.lindhamn.example/2026/brev/"
    assert entry.title == "A & ”B” <c>"
    assert entry.updated.startswith("2026-11-21")
    assert 'src="https://ordetfritt.lindhamn.example/images/kajen.svg"' in entry.content[0].value
    assert 'src="/' not in entry.content[0].value


def test_the_newest_letter_shows_its_first_picture_on_the_front_page(site: Site) -> None:
    """As a decoration: the link's words are the letter's title."""
    site.picture("nyast.svg")
    site.letter("nytt", "Text.\n\n![En bild som visar något](/images/nyast.svg)", date="2026-11-21 08:00")
    site.letter("gammalt", "![En annan bild](/images/portratt.svg)")
    page = site.built().read("index.html")
    assert re.findall(r'<img[^>]*src="/images/(\w+)\.svg"[^>]*alt=""|alt=""[^>]*src="/images/(\w+)\.svg"', page)
    assert "/images/nyast.svg" in page and "/images/portratt.svg" not in page
    assert "En bild som visar något" not in page

"""What a page says of itself to machines: where it is shared, searched and kept on a telephone."""

import json
import re
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest
from lxml import html
from PIL import Image

from builder.build import build
from builder.places import ROOT, places
from plugins.icons import PAPER
from plugins.look import theme_tokens
from plugins.share_pictures import MANY
from plugins.share_studio import portrait_address
from tests.days import publishable
from tests.site.conftest import Site, comment
from tests.site.microdata import Item, items

ROOT_URL = "https://ordetfritt.lindhamn.example"
LONG = 'En "rubrik" med <script>alert(1)</script> & mer ' + "som är mycket lång " * 14
LETTERS = {
    "brev": {"title": "Vi provar", "modified": "2026-11-21 09:00", "summary": "Kort.", "author": "Stadsdirektören"},
    "langt": {"title": LONG, "slug": "", "date": "2026-10-01", "author": 'En "rektor" & <b>'},
    "annat": {"title": "مرحبا بكم في المدينة", "date": "2026-09-01", "lang": "ar"},
    "glatt": {"title": "Hurra 😀 för \x07 våren", "date": "2026-08-01", "lang": "en-GB", "author": "En gäst"},
    "gomt": {"date": "2026-07-01", "status": "hidden"},
}
"""The slug of the last but one of these is made from a title that no path could hold."""


@pytest.fixture(scope="module")
def published(module_site: Site) -> Site:
    """Letters of every kind, with a conversation under the first, as they are published."""
    for name, header in LETTERS.items():
        module_site.letter(name, tags="mod", **header)
    replies = [comment(2, answers=1, edited="2026-11-20T09:00:00+00:00"), comment(3, answers=2, official="Staden")]
    hidden = comment(4, state="hidden", author=None, html="", replies=[comment(5, answers=4)])
    many = [comment(number) for number in range(10, 65)]
    module_site.conversation("/2026/brev/", [comment(1, replies=replies), hidden, *many])
    module_site.page("om")
    return module_site.built("publishconf.py")


def head(page: str) -> dict[str, str]:
    """The content of each meta element of a page, by its name or property."""
    found = html.fromstring(page).xpath("//meta[@content]")
    return {each.get("name") or each.get("property") or each.get("itemprop"): each.get("content") for each in found}


PAGES = ["", "arkiv/", "amnen/mod/", "forfattare/stadsdirektoren/", "om/", "2026/brev/", "2026/brev/kommentarer/2/"]


@pytest.mark.parametrize("address", [*PAGES, "statistik/"])
def test_a_page_names_its_own_address(published: Site, address: str) -> None:
    """Wherever a copy is found, it is clear which one counts (RFC 6596)."""
    page = html.fromstring(published.read(f"{address}index.html"))
    assert page.xpath("//link[@rel='canonical']/@href") == [f"{ROOT_URL}/{address}"]
    assert page.xpath("//meta[@property='og:url']/@content") == [f"{ROOT_URL}/{address}"]


def test_a_page_that_is_not_there_names_no_address(published: Site) -> None:
    """The page of 404 stands at every address that there is not."""
    assert "canonical" not in published.read("404.html")


def test_a_letter_tells_what_its_card_shows(published: Site) -> None:
    """The Open Graph protocol's basic and article properties, and X's kind of card."""
    told = head(published.read("2026/brev/index.html"))
    assert (told["og:title"], told["og:description"], told["og:type"]) == ("Vi provar", "Kort.", "article")
    assert (told["og:site_name"], told["og:locale"], told["author"]) == ("Ordet fritt", "sv_SE", "Stadsdirektören")
    assert told["article:published_time"] == "2026-11-20T08:00:00+01:00"
    assert told["article:modified_time"] == "2026-11-21T09:00:00+01:00"
    assert told["article:author"] == f"{ROOT_URL}/forfattare/stadsdirektoren/"
    assert told["twitter:card"] == "summary_large_image"
    assert told["og:image:alt"] == "Vi provar. Stadsdirektören. Ordet fritt. Lindhamns stad"


def test_a_letter_s_language_has_a_country(published: Site) -> None:
    """og:locale knows no language without one."""
    found = [head(published.read(f"2026/{slug}/index.html"))["og:locale"] for slug in ("annat", "glatt")]
    assert found == ["ar_EG", "en_GB"]


def picture(site: Site, path: str) -> Path:
    """The file of the share picture that a page names."""
    address = head(site.read(path))["og:image"]
    assert address.startswith(f"{ROOT_URL}/delning/")
    return site.where.output / address.removeprefix(f"{ROOT_URL}/")


@pytest.mark.parametrize("slug", ["brev", "glatt", "annat", "gomt"])
def test_each_letter_has_a_picture(published: Site, slug: str) -> None:
    """Of the size that its page says, and small."""
    file = picture(published, f"2026/{slug}/index.html")
    told = head(published.read(f"2026/{slug}/index.html"))
    with Image.open(file) as image:
        assert (str(image.width), str(image.height)) == (told["og:image:width"], told["og:image:height"])
        assert image.format == "PNG"
        ground = image.convert("RGB").crop((0, 0, 60, 60)).tobytes()
    assert max(abs(a - b) for a, b in zip(ground[:3], bytes.fromhex("0d5262"), strict=True)) <= 1
    assert set(ground) == set(ground[:3])
    assert file.stat().st_size < 50_000


def test_a_title_that_can_t_be_drawn_has_the_site_s_picture(published: Site) -> None:
    """Our font has no Arabic, and a row of empty boxes is worse than no title."""
    assert picture(published, "2026/annat/index.html") == picture(published, "index.html")
    assert picture(published, "2026/brev/index.html") != picture(published, "index.html")
    assert picture(published, "2026/brev/kommentarer/2/index.html") == picture(published, "2026/brev/index.html")


def test_a_title_of_three_hundred_signs_is_drawn_and_escaped(published: Site) -> None:
    """Quotes and markup stay text, and the address has a length that a disk can hold."""
    (page,) = published.where.output.glob("2026/en-rubrik-*/index.html")
    assert len(page.parent.name) <= 200
    text = page.read_text(encoding="utf-8")
    assert head(text)["og:title"].startswith("En ”rubrik” med <script>alert(1)</script> & mer")
    assert "<script>alert" not in text
    assert head(text)["author"] == 'En "rektor" & <b>'
    assert picture(published, str(page.relative_to(published.where.output))).is_file()


def test_pictures_are_drawn_once(published: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """What did not change costs nothing, and gives the same bytes under the same name."""
    before = {file.name: file.read_bytes() for file in (published.where.output / "delning").iterdir()}
    for module in ("icons", "share_studio"):
        monkeypatch.setattr(f"plugins.{module}.draw", lambda *_: pytest.fail("drawn again"))
    published.built("publishconf.py")
    assert {file.name: file.read_bytes() for file in (published.where.output / "delning").iterdir()} == before
    monkeypatch.undo()


def test_a_picture_is_the_same_wherever_it_is_drawn(published: Site, tmp_path: Path) -> None:
    """A build on another machine gives the same bytes."""
    kept = published.where.data / "share"
    before = {file.name: file.read_bytes() for file in kept.iterdir()}
    kept.rename(tmp_path / "share")
    published.built("publishconf.py")
    assert {file.name: file.read_bytes() for file in kept.iterdir()} == before


def test_what_is_kept_is_what_is_used(published: Site) -> None:
    """Pictures of titles that were changed do not pile up."""
    old = published.where.data / "share" / "old.png"
    old.write_bytes(b"x")
    published.built("publishconf.py")
    assert not old.exists()
    assert len(list(old.parent.iterdir())) == len(list((published.where.output / "delning").iterdir()))


def test_where_nothing_can_be_kept_it_is_drawn_again(site: Site) -> None:
    """A build needs no place for what only makes it quick."""
    for name in ("share", "icons"):
        site.where.data.mkdir(exist_ok=True)
        (site.where.data / name).write_text("in the way", encoding="utf-8")
    site.letter()
    site.built("publishconf.py")
    assert len(list(site.where.output.glob("delning/*.png"))) == 2


def test_many_pictures_are_drawn_by_several_processes(site: Site) -> None:
    """And none is left out."""
    for number in range(MANY):
        site.letter(f"brev-{number}", date="2026-01-01", title=f"Brev {number}")
    command = [sys.executable, "-W", "error", "-m", "builder", "publish"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(list(site.where.output.glob("delning/brev-*.png"))) == MANY


def test_in_work_nothing_is_said_of_an_address(site: Site) -> None:
    """A page on one's own machine has none to share, and no picture need be drawn."""
    site.letter()
    page = site.built().read("2026/brev/index.html")
    assert "canonical" not in page
    assert "og:image" not in page
    assert not site.has("delning")


def test_a_photograph_of_the_writer_is_drawn_round(site: Site) -> None:
    """In the circle that its place is; one that is broken leaves the name alone."""
    Image.new("RGB", (640, 480), "#ff0000").save(site.where.content / "images" / "foto.jpg")
    text = site.where.site.read_text(encoding="utf-8").replace("portratt.svg", "foto.jpg")
    site.where.site.write_text(text, encoding="utf-8")
    site.letter(author="Stadsdirektören")
    (file,) = site.built("publishconf.py").where.output.glob("delning/brev-*.png")
    with Image.open(file) as image:
        middle, corner = (image.convert("RGB").crop((x, y, x + 1, y + 1)).tobytes() for x, y in ((130, 526), (81, 477)))
    assert middle[0] > 250 and corner[0] < 20
    assert portrait_address(b"\x89PNG broken", "foto.png") == ""


def letter_item(site: Site, path: str = "2026/brev/index.html") -> Item:
    """The one item that a page tells of."""
    (item,) = items(site.read(path))
    return item


def test_a_letter_is_a_posting_with_what_search_engines_ask_for(published: Site) -> None:
    """schema.org/BlogPosting on the elements that a reader sees."""
    letter = letter_item(published)
    assert letter.type == "https://schema.org/BlogPosting"
    assert (letter["headline"], letter["description"]) == ("Vi provar", "Kort.")
    assert (letter["author"]["name"], letter["author"]["url"]) == ("Stadsdirektören", "/forfattare/stadsdirektoren/")
    assert letter["datePublished"] == "2026-11-20T08:00:00+01:00"
    assert letter["dateModified"] == "2026-11-21T09:00:00+01:00"
    assert letter["articleBody"] == "Hej."
    assert letter["commentCount"] == "59"
    assert letter["image"] == head(published.read("2026/brev/index.html"))["og:image"]


def test_comments_are_the_letter_s_and_replies_the_comment_s(published: Site) -> None:
    """schema.org/Comment; what a moderator took down is none, and the reply to it is the letter's."""
    first, orphan, *rest = letter_item(published).values["comment"]
    assert (first.type, len(rest)) == ("https://schema.org/Comment", 48)
    assert (first["author"]["name"], first["text"], first["url"]) == ("Invånare 1", "Kommentar 1.", "#kommentar-1")
    assert first["dateCreated"] == "2026-11-20T08:01:00+00:00"
    edited, answer = first.values["comment"]
    assert edited["dateModified"] == "2026-11-20T09:00:00+00:00"
    assert (answer["parentItem"], answer["author"]["name"]) == ("#kommentar-2", "Invånare 3")
    assert orphan["text"] == "Kommentar 5."


def test_further_comments_are_the_same_letter_s(published: Site) -> None:
    """The second page of a conversation says which letter it belongs to."""
    letter = letter_item(published, "2026/brev/kommentarer/2/index.html")
    assert (letter["headline"], letter["url"]) == ("Vi provar", "/2026/brev/")
    assert len(letter.values["comment"]) == 7


@pytest.mark.parametrize("address", ["index.html", "arkiv/index.html", "om/index.html", "404.html"])
def test_no_property_stands_outside_an_item(published: Site, address: str) -> None:
    """Lists of letters use the same pieces, and are no items."""
    assert items(published.read(address)) == []


ICONS = {"apple-touch-icon.png": 180, "icon-192.png": 192, "icon-512.png": 512, "icon-maskable.png": 512}


@pytest.mark.parametrize(("name", "side"), ICONS.items())
def test_icons_have_their_sizes(published: Site, name: str, side: int) -> None:
    """Those that telephones cut have something in every corner."""
    with Image.open(published.where.output / name) as image:
        assert image.size == (side, side)
        corner = image.convert("RGBA").getpixel((0, 0))
    assert (corner == (*bytes.fromhex(PAPER[1:]), 255)) == (name in ("apple-touch-icon.png", "icon-maskable.png"))


def test_the_manifest_names_the_site_and_its_icons(published: Site) -> None:
    """What a telephone needs to put the site on its home screen; the front page links to it."""
    table = json.loads(published.read("manifest.webmanifest"))
    assert (table["name"], table["short_name"], table["lang"]) == ("Ordet fritt – Lindhamns stad", "Ordet fritt", "sv")
    for icon in table["icons"]:
        with Image.open(published.where.output / icon["src"].lstrip("/")) as image:
            assert icon["sizes"] == "{}x{}".format(*image.size)
    assert {icon["purpose"] for icon in table["icons"]} == {"any", "maskable"}
    assert '<link rel="manifest" href="/manifest.webmanifest">' in published.read("index.html")


def test_the_icon_travels_inside_the_page(published: Site) -> None:
    """It costs no request, and old programs find theirs at its old place."""
    page = published.read("2026/brev/index.html")
    assert re.search('<link rel="icon" href="data:image/svg\\+xml,%3Csvg%20[^"<>&# ]*">', page)
    with Image.open(BytesIO((published.where.output / "favicon.ico").read_bytes())) as image:
        assert (image.format, image.size) == ("ICO", (32, 32))


def test_colours_here_are_the_style_sheet_s() -> None:
    """The icon and the window's frame follow the theme."""
    light, dark = theme_tokens((ROOT / "theme/static/site.css").read_text(encoding="utf-8"))
    assert light["paper"] == PAPER
    base = (ROOT / "theme/templates/base.html").read_text(encoding="utf-8")
    assert f'"{light["paper"]}"' in base and f'"{dark["paper"]}"' in base
    assert f'color="{light["accent"]}"' in (ROOT / "theme/static/icon.svg").read_text(encoding="utf-8")


def test_pictures_have_the_organisation_s_colours(site: Site) -> None:
    """Its accent is their ground; its paper is that of the icons, the manifest and the window's frame."""
    text = site.where.site.read_text(encoding="utf-8")
    site.where.site.write_text(text + '[colours]\naccent = "#7a0014"\npaper = "#fff8f0"\n', encoding="utf-8")
    site.letter()
    site.built("publishconf.py")
    with Image.open(next(site.where.output.glob("delning/brev-*.png"))) as share:
        assert share.convert("RGB").crop((0, 0, 1, 1)).tobytes()[0] in range(0x78, 0x7D)
    with Image.open(site.where.output / "icon-maskable.png") as icon:
        assert icon.convert("RGB").crop((0, 0, 1, 1)).tobytes() == bytes.fromhex("fff8f0")
    assert json.loads(site.read("manifest.webmanifest"))["theme_color"] == "#fff8f0"
    assert '<meta name="theme-color" content="#fff8f0">' in site.read("index.html")


def with_facts(site: Site, lines: str) -> Site:
    """The site with these lines before the tables of its site.toml, and a letter."""
    text = site.where.site.read_text(encoding="utf-8")
    site.where.site.write_text(text.replace("\n[comments]", f"\n{lines}\n[comments]"), encoding="utf-8")
    site.letter()
    return site


def test_an_organisation_has_an_icon_of_its_own(site: Site) -> None:
    """One SVG among the pictures gives them all."""
    site.picture("ikon.svg", '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><path d="M0 0h1v1H0z"/></svg>')
    built = with_facts(site, 'icon = "images/ikon.svg"').built()
    assert '<link rel="icon" href="/icon.svg">' in built.read("index.html")
    assert built.read("icon.svg").startswith("<svg")
    with Image.open(built.where.output / "icon-192.png") as image:
        assert image.convert("RGBA").getpixel((96, 96)) == (0, 0, 0, 255)


EMPTY = '<svg xmlns="http://www.w3.org/2000/svg" width="0" height="0"/>'


@pytest.mark.parametrize("content", [None, "nej", "<svg", "<p/>", EMPTY])
def test_an_icon_that_is_none_is_told(site: Site, content: str | None) -> None:
    """With its file and what to do, and never a traceback."""
    if content is not None:
        site.picture("ikon.svg", content)
    (fault,) = with_facts(site, 'icon = "images/ikon.svg"').build().faults
    assert re.search("måste vara en (hel )?SVG", fault)
    assert "images/ikon.svg" in fault and "\n" not in fault


SECURITY = """
[security]
contact = ["sakerhet@lindhamn.example", "https://lindhamn.example/brister"]
expires = 2026-12-31
policy = "https://lindhamn.example/policy"
languages = ["sv", "en"]
"""


@pytest.fixture
def on(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Set the clock to a day."""
    return lambda day: monkeypatch.setattr(
        time, "time", lambda: datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp()
    )


def secured(site: Site) -> Site:
    """The site with whom to tell of holes in it."""
    text = site.where.site.read_text(encoding="utf-8")
    site.where.site.write_text(text + SECURITY, encoding="utf-8")
    site.letter()
    return site


def test_whoever_finds_a_hole_reads_whom_to_tell(site: Site, on: Callable[[str], None]) -> None:
    """RFC 9116, with the fields that it asks for."""
    on("2026-12-01")
    lines = secured(site).built("publishconf.py").read(".well-known/security.txt").splitlines()
    assert lines == [
        "Contact: mailto:sakerhet@lindhamn.example",
        "Contact: https://lindhamn.example/brister",
        "Expires: 2026-12-31T00:00:00Z",
        "Preferred-Languages: sv, en",
        f"Canonical: {ROOT_URL}/.well-known/security.txt",
        "Policy: https://lindhamn.example/policy",
    ]


def test_security_txt_is_not_published_out_of_date(site: Site, on: Callable[[str], None]) -> None:
    """From thirty days before it expires somebody must look it over."""
    on("2026-12-02")
    (fault,) = secured(site).build("publishconf.py").faults
    line = site.where.site.read_text(encoding="utf-8").splitlines().index("expires = 2026-12-31") + 1
    assert fault.startswith(f"{site.where.site}:{line}: ”security.expires” måste ligga minst 30 dagar fram")
    assert "2026-12-31" in fault


def test_in_work_that_is_a_warning(site: Site, on: Callable[[str], None]) -> None:
    """A newcomer with an old checkout can try it all the same."""
    on("2030-01-01")
    report = secured(site).build()
    assert (report.faults, len(report.warnings)) == ([], 1)
    assert "2026-12-31" in report.warnings[0]
    assert site.has(".well-known/security.txt")


def test_the_sample_site_can_be_published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As soon as its days have been looked over."""
    (tmp_path / "site.toml").write_text(publishable((ROOT / "site.toml").read_text(encoding="utf-8")), encoding="utf-8")
    for name in ("output", "data"):
        monkeypatch.setenv(name.upper(), str(tmp_path / name))
    monkeypatch.setenv("SITE", str(tmp_path / "site.toml"))
    monkeypatch.setenv("CONTENT", str(ROOT / "content"))
    report = build(ROOT / "publishconf.py", places())
    assert (report.faults, report.warnings) == ([], [])
    drawn = {file.name.rpartition("-")[0] for file in (tmp_path / "output/delning").iterdir()}
    assert {"webbplatsen", "vi-provar-oss-fram"} < drawn and len(drawn) == report.letters + 1


def test_without_a_contact_there_is_no_file(published: Site) -> None:
    """Nothing is better than an address that nobody reads."""
    assert not published.has(".well-known/security.txt")

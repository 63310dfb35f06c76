"""The feeds: valid whatever stands in them, whole, and the same for as long as their content is."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import feedparser
import pytest
from lxml import etree
from markupsafe import Markup

from common.facts import CommentFacts, Contact, Facts
from plugins.feed_items import absolute, letter_item, plain
from tests.site.conftest import Site, comment

ROOT_URL = "https://ordetfritt.lindhamn.example"
SCHEMA = etree.RelaxNG(etree.parse(Path(__file__).with_name("atom.rng")))
ATOM = {"a": "http://www.w3.org/2005/Atom"}
HOSTILE = "a ]]> & <b> \x00\x08\x1f \x7f 😀 \u202eابت \ufffe &amp;"
BODY = """![Kajen](/images/portratt.svg "På kajen")

[Om](../../om/) och [roten](/om/).[^1]

[^1]: En not.
"""


@pytest.fixture(scope="module")
def built(module_site: Site) -> Site:
    """A site with letters, topics and comments that try what feeds are made of."""
    module_site.page("om")
    module_site.letter("brev", BODY, tags="mod, C & D", modified="2026-11-22", summary='Om "mod" & <b>', title="Ett")
    module_site.letter(
        "gammalt",
        HOSTILE.replace("\x00", "").replace("<b>", "<b>fet</b>"),
        title=f"Två {HOSTILE}".replace("\x00", ""),
        date="2019-01-01",
        tags="mod",
        lang="en",
        author='En "rektor" & <b>',
    )
    for number in range(31):
        module_site.letter(f"n{number}", date=f"2020-01-{number + 1:02}")
    hostile = comment(2, author=HOSTILE, html=f"<p>{HOSTILE}</p>", edited="2026-11-25T08:00:00+00:00")
    module_site.conversation("/2026/brev/", [comment(1, replies=[hostile]), comment(3, state="hidden", author=None)])
    module_site.conversation("/2020/n3/", [comment(4)])
    module_site.conversation("/2020/n4/", [comment(5, state="hidden", author=None)])
    return module_site.built()


FEEDS = {
    "atom.xml": "",
    "kommentarer.xml": "",
    "amnen/mod/atom.xml": "amnen/mod/",
    "amnen/c-d/atom.xml": "amnen/c-d/",
    "2026/brev/kommentarer.xml": "2026/brev/",
}
"""Each feed, and the page that it is of."""


def entries(site: Site, name: str) -> list[Any]:
    """The entries of a feed, read by an independent reader without a fault."""
    feed = feedparser.parse(site.read(name))
    assert not feed.bozo, feed.get("bozo_exception")
    return feed.entries


@pytest.mark.parametrize(("name", "shown_at"), FEEDS.items())
def test_each_feed_is_valid_atom(built: Site, name: str, shown_at: str) -> None:
    """By the schema of RFC 4287 and by the rules in its prose: ids, links and the newest date."""
    root = etree.parse(built.where.output / name).getroot()
    SCHEMA.assertValid(root)
    assert root.xpath("a:link[@rel='self']/@href", namespaces=ATOM) == [f"{ROOT_URL}/{name}"]
    assert root.xpath("a:link[@rel='alternate']/@href", namespaces=ATOM) == [f"{ROOT_URL}/{shown_at}"]
    assert root.get("{http://www.w3.org/XML/1998/namespace}lang") == "sv"
    ids = root.xpath("//a:id/text()", namespaces=ATOM)
    assert len(ids) == len(set(ids)) > 1
    moments = [datetime.fromisoformat(each) for each in root.xpath("//a:updated/text()", namespaces=ATOM)]
    assert moments[0] == max(moments[1:])


def test_the_schema_refuses_what_is_no_feed() -> None:
    """A check that lets everything through is none."""
    feed = '<feed xmlns="http://www.w3.org/2005/Atom"><title>x</title><id>tag:a,2026:b</id></feed>'
    assert not SCHEMA.validate(etree.fromstring(feed))


def test_a_letter_is_told_in_full(built: Site) -> None:
    """Pictures, links and footnotes lead to the site from wherever they are read."""
    entry = entries(built, "atom.xml")[0]
    assert (entry.title, entry.link, entry.author) == ("Ett", f"{ROOT_URL}/2026/brev/", "Stadsdirektören")
    assert (entry.published, entry.updated) == ("2026-11-20T08:00:00+01:00", "2026-11-22T00:00:00+01:00")
    assert entry.id == "tag:ordetfritt.lindhamn.example,2026:/2026/brev/"
    assert entry.author_detail.href == f"{ROOT_URL}/forfattare/stadsdirektoren/"
    assert [tag.term for tag in entry.tags] == ["mod", "C & D"]
    (content,) = entry.content
    addresses = re.findall('(?:href|src)="([^"]*)"', content.value)
    assert f"{ROOT_URL}/images/portratt.svg" in addresses
    assert addresses.count(f"{ROOT_URL}/om/") == 2
    assert any(each.startswith(f"{ROOT_URL}/2026/brev/#fn") for each in addresses)
    assert all(each.startswith(ROOT_URL) for each in addresses)


def test_a_summary_in_plain_language_comes_first() -> None:
    """Who reads in a feed meets it as the page's readers do."""
    facts = Facts("Staden", "Ordet", "", ROOT_URL, "sv", "Europe/Stockholm", Contact(), CommentFacts(""))
    letter = SimpleNamespace(
        uri="/2026/a/", url="2026/a/", date=datetime(2026, 1, 1, tzinfo=UTC), title=Markup("A"), summary=Markup(""),
        author=SimpleNamespace(url="b/"), lang="sv", brief=Markup("Mer &amp; nu."), get_content=lambda _: "<p>B</p>",
    )  # fmt: skip
    assert letter_item(letter, facts).content == "<p><strong>Kort sagt:</strong> Mer &amp; nu.</p>\n<p>B</p>"


def test_the_newest_thirty_letters_are_told(built: Site) -> None:
    """A topic has its own thirty, so an old letter stands there still."""
    assert len(entries(built, "atom.xml")) == 30
    assert [entry.title for entry in entries(built, "amnen/mod/atom.xml")] == ["Ett", f"Två {shown(HOSTILE)}"]


def shown(text: str) -> str:
    """A title as it is shown: without what no XML may hold."""
    return plain(text).replace("\x00", "").replace("\x7f", "").strip()


def test_an_entry_has_the_letter_s_language(built: Site) -> None:
    """Feed readers read aloud too."""
    root = etree.parse(built.where.output / "amnen/mod/atom.xml").getroot()
    found = root.xpath("a:entry/@xml:lang", namespaces=ATOM | {"xml": "http://www.w3.org/XML/1998/namespace"})
    assert found == ["en"]


def test_a_conversation_has_a_feed_of_its_own(built: Site) -> None:
    """The newest comment first, hidden ones left out, and none where nobody wrote; it stays when all are hidden."""
    found = entries(built, "2026/brev/kommentarer.xml")
    assert [entry.link.partition("#")[2] for entry in found] == ["kommentar-2", "kommentar-1"]
    assert found[0].updated == "2026-11-25T08:00:00+00:00"
    assert len(entries(built, "kommentarer.xml")) == 3
    assert not built.has("2019/gammalt/kommentarer.xml")
    assert entries(built, "2020/n4/kommentarer.xml") == []


@pytest.mark.parametrize(
    ("folder", "feed"), [("2026/brev", "2026/brev/kommentarer.xml"), ("amnen/mod", "amnen/mod/atom.xml")]
)
def test_a_page_names_its_feed(built: Site, folder: str, feed: str) -> None:
    """Feed readers find it by themselves."""
    assert f'href="/{feed}"' in built.read(f"{folder}/index.html").partition("</head>")[0]
    assert "2019/gammalt/kommentarer.xml" not in built.read("2019/gammalt/index.html")


def test_the_json_feed_says_the_same(built: Site) -> None:
    """JSON Feed 1.1, with the fields that it must and should have."""
    feed = json.loads(built.read("feed.json"))
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert (feed["feed_url"], feed["home_page_url"]) == (f"{ROOT_URL}/feed.json", f"{ROOT_URL}/")
    assert (feed["language"], feed["authors"]) == ("sv", [{"name": "Lindhamns stad", "url": f"{ROOT_URL}/"}])
    first, *_rest = feed["items"]
    atom = entries(built, "atom.xml")
    assert [item["id"] for item in feed["items"]] == [entry.id for entry in atom]
    assert (first["url"], first["title"], first["summary"]) == (atom[0].link, "Ett", "Om ”mod” & <b>")
    assert (first["date_published"], first["date_modified"]) == (atom[0].published, atom[0].updated)
    assert all(value for item in feed["items"] for value in item.values())  # what is not known is left out
    assert (first["tags"], first["language"]) == (["mod", "C & D"], "sv")
    assert f'src="{ROOT_URL}/images/portratt.svg"' in first["content_html"]


def test_ids_outlast_a_change_of_day(site: Site) -> None:
    """Who puts a letter's date right must not send it to all subscribers again."""
    ids = []
    for date in ("2026-11-20", "2026-11-23"):
        site.letter(date=date)
        ids.append(entries(site.built(), "atom.xml")[0].id)
    assert ids[0] == ids[1]


def test_an_empty_site_has_valid_feeds(site: Site) -> None:
    """Before the first letter somebody may subscribe already."""
    site.built()
    for name in ("atom.xml", "kommentarer.xml"):
        SCHEMA.assertValid(etree.parse(site.where.output / name))
    assert json.loads(site.read("feed.json"))["items"] == []


def test_signs_from_site_toml_do_not_break_a_feed(site: Site) -> None:
    """TOML writes them as escapes, and XML has no way to."""
    text = site.where.site.read_text(encoding="utf-8").replace("från stads", "\\u0001 ]]> & <b> stads")
    site.where.site.write_text(text, encoding="utf-8")
    site.letter()
    assert entries(site.built(), "atom.xml")
    assert "\x01" not in json.loads(site.read("feed.json"))["description"]


@pytest.mark.parametrize(
    ("html", "made"),
    [
        ('<a href="/x/">', '<a href="https://a.example/x/">'),
        ('<a href="//b.example/x">', '<a href="https://b.example/x">'),
        ('<a href="mailto:a@b">', '<a href="mailto:a@b">'),
        ('<a href="&#109;&#97;ilto&#58;a">', '<a href="&#109;&#97;ilto&#58;a">'),
        ('<a href="/x?a=1&amp;b=2">', '<a href="https://a.example/x?a=1&amp;b=2">'),
        ('<a href="#fn:1">', '<a href="https://a.example/2026/brev/#fn:1">'),
        ('<a href="http://[">', '<a href="http://[">'),
        (
            '<picture><source srcset="/a.avif 480w"><img srcset="/b.jpg 2x" src="/c.jpg" sizes="100vw"></picture>',
            '<img src="https://a.example/c.jpg">',
        ),
        ("<p>\x0c\ud800x</p>", "<p>x</p>"),
    ],
)
def test_addresses_become_whole(html: str, made: str) -> None:
    """RFC 3986, 5.2, as seen from the letter; what is no address stays."""
    assert absolute(html, "https://a.example/2026/brev/") == made

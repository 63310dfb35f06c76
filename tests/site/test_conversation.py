"""The published conversation stands in the letter's page, whatever becomes of the service."""

import re

import feedparser
import pytest

from tests.site.conftest import Site, comment

URI = "/2026/brev/"
PAGE = "2026/brev/index.html"


@pytest.fixture
def letter(site: Site) -> Site:
    """A site with one letter, at URI."""
    site.letter("brev")
    return site


def test_comments_and_replies_stand_in_the_page(letter: Site) -> None:
    """Name, time, text and reply, each comment with an address of its own."""
    reply = comment(2, official="Stadsdirektör, Lindhamns stad", answers=1)
    letter.conversation(URI, [comment(1, replies=[reply])])
    page = letter.built().read(PAGE)
    assert 'id="kommentar-1"' in page
    assert page.index("Kommentar 1.") < page.index('id="kommentar-2"') < page.index("Kommentar 2.")
    assert "Stadsdirektör, Lindhamns stad" in page
    assert 'datetime="2026-11-20T08:01:00+00:00"' in page


def test_the_number_of_comments_is_told_in_lists(letter: Site) -> None:
    """Replies count, hidden comments don't."""
    hidden = comment(3, state="hidden", author=None, html="", replies=[comment(4, answers=3)])
    letter.conversation(URI, [comment(1, replies=[comment(2, answers=1)]), hidden])
    assert "3 kommentarer" in letter.built().read("index.html")


def test_a_hidden_comment_with_replies_keeps_its_place(letter: Site) -> None:
    """A placeholder says that something was there, so that the reply can be understood."""
    hidden = comment(1, state="hidden", author=None, html="", replies=[comment(2, answers=1)])
    letter.conversation(URI, [hidden])
    page = letter.built().read(PAGE)
    assert 'id="kommentar-1"' in page
    assert "Invånare 1" not in page
    assert "Kommentar 2." in page


def test_a_hidden_comment_says_why(letter: Site) -> None:
    """By a published rule or a ground of the law; what is not known is not told."""
    away = [
        comment(n, state="hidden", author=None, html="", reason=code, replies=[comment(n + 9, answers=n)])
        for n, code in enumerate(("regel-2", "hot", "regel-99", None), 1)
    ]
    letter.conversation(URI, away)
    page = letter.built().read(PAGE)
    assert "Skälet: Visa respekt." in page
    assert "Skälet: Olaga hot" in page
    assert page.count("Skälet:") == 2
    assert page.count("har tagits bort av en moderator") == 4


def test_a_comment_that_is_held_again_keeps_its_place(letter: Site) -> None:
    """One that its writer changed after it was published is not called removed, and shows nothing."""
    held = comment(1, state="held", author=None, html="", replies=[comment(2, answers=1)])
    letter.conversation(URI, [held])
    page = letter.built().read(PAGE)
    assert "Kommentaren granskas på nytt." in page
    assert "svar till en kommentar som inte visas" in page
    assert "tagits bort" not in page
    assert "1 kommentar<" in page


def test_a_long_conversation_continues_on_further_pages(letter: Site) -> None:
    """Fifty top-level comments stand with the letter, the others at kommentarer/2/ and so on."""
    letter.conversation(URI, [comment(number) for number in range(1, 102)])
    first = letter.built().read(PAGE)
    assert "Kommentar 50." in first
    assert "Kommentar 51." not in first
    assert "Kommentar 51." in letter.read("2026/brev/kommentarer/2/index.html")
    assert "Kommentar 101." in letter.read("2026/brev/kommentarer/3/index.html")
    assert not letter.has("2026/brev/kommentarer/4/index.html")
    assert f'href="{URI}kommentarer/2/"' in first


def test_pages_that_are_no_longer_needed_are_removed(letter: Site) -> None:
    """Hiding the fifty-first comment takes its page away."""
    letter.conversation(URI, [comment(number) for number in range(1, 52)])
    assert letter.built().has("2026/brev/kommentarer/2/index.html")
    letter.conversation(URI, [comment(number) for number in range(1, 51)])
    letter.built()
    assert not (letter.where.output / "2026/brev/kommentarer").exists()


def test_a_closed_letter_keeps_its_conversation(site: Site) -> None:
    """Closed letters take no new comments, and show the old ones."""
    site.letter("brev", comments="closed")
    site.conversation(URI, [comment(1)])
    page = site.built().read(PAGE)
    assert "Kommentar 1." in page
    assert 'action="/kommentarer/ny"' not in page


def test_an_open_letter_has_the_form(letter: Site) -> None:
    """The form is in the static page and names the letter."""
    page = letter.built().read(PAGE)
    assert re.search(rf'<form[^>]+action="/kommentarer/ny"[\s\S]+name="uri" value="{URI}"', page)


BROKEN = {
    "half": b'{"format":1,"uri":"/2026/brev/","comments":[{"id":1',
    "empty": b"",
    "binary": b"\x80\xff",
    "list": b"[]",
    "other letter": b'{"format":1,"uri":"/2026/annat/","comments":[]}',
    "other format": b'{"format":2,"uri":"/2026/brev/","comments":[]}',
    "no id": b'{"format":1,"uri":"/2026/brev/","comments":[{}]}',
    "nested": b"[" * 100_000,
}


@pytest.mark.parametrize("data", BROKEN.values(), ids=BROKEN)
def test_a_broken_file_is_named_and_its_last_good_version_shown(letter: Site, data: bytes) -> None:
    """A half-written or broken file never empties a page."""
    path = letter.conversation(URI, [comment(1)])
    letter.built()
    path.write_bytes(data)
    report = letter.build()
    assert report.ok
    assert len(report.warnings) == 1
    assert report.warnings[0].startswith(f"{path}: ")
    assert "den senaste fungerande versionen används" in report.warnings[0]
    assert "Kommentar 1." in letter.read(PAGE)


def test_a_broken_file_that_was_never_whole_is_left_out(letter: Site) -> None:
    """There is nothing to show, and the warning says so."""
    letter.conversation(URI, []).write_bytes(b"{")
    (warning,) = letter.build().warnings
    assert warning.endswith("den utelämnas")


def test_a_folder_that_is_gone_loses_no_conversation(letter: Site) -> None:
    """Without the service's files the last conversation seen is shown."""
    path = letter.conversation(URI, [comment(1)])
    letter.built()
    path.unlink()
    path.parent.rmdir()
    (warning,) = letter.build().warnings
    assert warning.startswith(f"{path}: måste finnas kvar")
    assert "Kommentar 1." in letter.read(PAGE)


def test_a_site_without_service_is_built_in_silence(letter: Site) -> None:
    """No folder and no copy is how every site begins."""
    assert letter.build().warnings == []


def test_a_conversation_whose_letter_got_another_address_is_named(letter: Site) -> None:
    """Nobody's comments go away without a word when a Slug is changed."""
    path = letter.conversation(URI, [comment(1)])
    letter.conversation("/2026/tomt/", [])
    letter.built()
    letter.letter("brev", slug="nytt-namn")
    (warning,) = letter.build().warnings
    assert warning.startswith(f"{path}: ")
    assert f"inte ”{URI}”; brevets Date eller Slug har ändrats" in warning


@pytest.mark.parametrize("conf", ["pelicanconf.py", "publishconf.py"])
@pytest.mark.parametrize("status", ["draft", "hidden"])
def test_a_letter_taken_back_for_a_while_has_not_lost_its_conversation(letter: Site, conf: str, status: str) -> None:
    """Its address waits for it."""
    letter.conversation(URI, [comment(1)])
    letter.letter("brev", status=status)
    letter.letter("annat")
    letter.built(conf)


def test_the_feed_of_comments_is_whole_and_absolute(letter: Site) -> None:
    """The newest fifty published comments, each with an address and an id that stays."""
    newest = comment(61, answers=60, author="A <b> & B", created="2026-11-21T08:00:00+00:00")
    hidden = comment(60, state="hidden", author=None, html="", replies=[newest])
    letter.conversation(URI, [*(comment(number) for number in range(1, 60)), hidden])
    feed = feedparser.parse(letter.built().read("kommentarer.xml"))
    assert not feed.bozo
    assert len(feed.entries) == 50
    links = {entry.link for entry in feed.entries}
    assert "https://ordetfritt.lindhamn.example/2026/brev/kommentarer/2/#kommentar-61" in links
    assert all(link.startswith("https://ordetfritt.lindhamn.example/2026/brev/") for link in links)
    assert len({entry.id for entry in feed.entries}) == 50
    assert not any("kommentar-60" in link for link in links)


def test_a_feed_without_comments_stays_the_same(letter: Site) -> None:
    """A file that changed at every build would be written and fetched for nothing."""
    letter.built()
    assert letter.build().changed == 0


def test_a_long_branch_is_folded_up(letter: Site) -> None:
    """Two replies stand there, the rest inside <details>, which says how many and whether we answered."""
    official = comment(9, official="Stadsdirektör", answers=1)
    letter.conversation(URI, [comment(1, replies=[*(comment(n, answers=1) for n in range(2, 9)), official])])
    page = letter.built().read(PAGE)
    folded = page.split("<details>")[1].split("</details>")[0]
    assert "<summary>Visa 6 svar till, varav 1 officiellt</summary>" in folded
    assert re.findall(r'id="kommentar-(\d)"', folded) == list("456789")


def test_a_short_branch_is_not_folded(letter: Site) -> None:
    """Four replies are fewer clicks than a click."""
    letter.conversation(URI, [comment(1, replies=[comment(n, answers=1) for n in range(2, 6)])])
    assert "<details" not in letter.built().read(PAGE)


def test_the_newest_official_answer_is_linked_from_the_top(letter: Site) -> None:
    """Of the letter and of the conversation, on whichever page it stands; a hidden one is not."""
    answers = [comment(n + 100, official="Stadsdirektör", answers=n) for n in (1, 60)]
    answers[1]["created"] = "2026-11-21T08:00:00+00:00"
    hidden = comment(999, state="hidden", author=None, html="", official=None, answers=2)
    tops = [comment(n, replies=[each for each in answers if each["answers"] == n]) for n in range(1, 61)]
    letter.conversation(URI, [*tops, hidden])
    page = letter.built().read(PAGE)
    assert page.count(f'href="{URI}kommentarer/2/#kommentar-160">Senaste officiella svaret') == 2

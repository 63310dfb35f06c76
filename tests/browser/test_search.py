"""Searching at /sok/ as readers do, in the sample letters and a dozen more."""

import json
import re
import shutil
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.checks import check
from tests.browser.conftest import LETTER
from tests.running import ROOT, Running, running

MORE = 12


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A site of its own, once all that is written can be found, the conversation too."""
    folder = tmp_path_factory.mktemp("site")
    shutil.copytree(ROOT / "content", folder / "content")
    letters = folder / "content" / "letters"
    expected = swedish(letters) + len(list((folder / "content" / "pages").iterdir())) + MORE + 1
    for number in range(MORE):
        write(letters, f"gurka-{number}", f"Gurka {number}", "Gurkan växer.")
    write(letters, "bench", "A bench", "We sit on the benches by the quay.", "Lang: en")
    with running(folder, CONTENT=str(folder / "content")) as started:
        patience = time.monotonic() + 60
        while indexed(started) < expected and time.monotonic() < patience:
            time.sleep(0.1)
        yield started


def swedish(letters: Path) -> int:
    """How many of the letters are published in Swedish."""
    texts = [file.read_text(encoding="utf-8") for file in letters.iterdir()]
    return sum("Status: draft" not in text and "Lang: en" not in text for text in texts)


def write(letters: Path, slug: str, title: str, text: str, line: str = "Lang: sv") -> None:
    """Write a letter of one sentence."""
    head = f"Title: {title}\nDate: 2024-01-02\nSlug: {slug}\n{line}\n"
    (letters / f"{slug}.md").write_text(f"{head}\n{text}\n", encoding="utf-8")


def indexed(site: Running) -> int:
    """How many things can be found."""
    try:
        with urllib.request.urlopen(f"{site.origin}/pagefind/sv/pagefind-entry.json") as answer:
            return int(json.load(answer)["languages"]["sv"]["page_count"])
    except OSError:
        return 0


@pytest.fixture
def asked(visitor: Callable[..., Page]) -> Callable[..., Page]:
    """Open the page with a query, and wait for what it says."""

    def ask(query: str, **options: Any) -> Page:
        page = visitor(f"/sok/?{query}", **options)
        expect(page.get_by_role("status")).to_have_text(re.compile(r"\w"))
        return page

    return ask


def hits(page: Page) -> list[str]:
    """The titles that are shown."""
    return page.locator(".search-hits h2").all_inner_texts()


def test_another_form_of_the_word_is_found(asked):
    """Swedish word endings, with the word marked in the text around it."""
    page = asked("q=bänkar")
    expect(page.get_by_role("status")).to_have_text(re.compile("träff"))
    assert "Vi provar oss fram" in hits(page)
    expect(page.locator("mark", has_text="bänk").first).to_be_visible()
    expect(page.locator(".search-hits time").first).to_have_text(re.compile(r"\d+ \w+ 20\d\d"))


def test_swedish_letters_are_letters_of_their_own(asked):
    """Thanks are no roofs; but who has no key for å, ä and ö finds what nothing else is called."""
    page = asked("q=tack")
    assert "täcker" not in page.locator(".search-hits").inner_text()
    assert hits(asked("q=kvallsbaten")) == ["Vad jag lärde mig på kvällsbåten"]


def test_a_letter_in_another_language_is_found_by_its_own_endings(asked):
    """And is read aloud in it."""
    page = asked("q=benched")
    assert hits(page) == ["A bench"]
    expect(page.locator(".search-hits .summary")).to_have_attribute("lang", "en")


def test_searching_begins_while_the_reader_writes(visitor):
    """The address says what was asked, so that going back from a letter comes back to the hits."""
    page = visitor("/sok/")
    page.get_by_label("Sök efter").fill("kvällsbåten")
    page.get_by_role("link", name="Vad jag lärde mig på kvällsbåten").click()
    page.wait_for_url("**/vad-jag-larde-mig-pa-kvallsbaten/")
    page.go_back()
    expect(page.get_by_label("Sök efter")).to_have_value("kvällsbåten")
    expect(page.get_by_role("link", name="Vad jag lärde mig på kvällsbåten")).to_be_visible()
    page.get_by_label("Sök efter").fill("")
    expect(page).to_have_url(re.compile(r"/sok/$"))
    expect(page.get_by_role("heading", name="Ämnen")).to_be_visible()


def test_the_header_leads_to_the_hits(visitor):
    """By a field where there is room, and by a link on a phone."""
    page = visitor(LETTER, viewport={"width": 1280, "height": 900})
    page.get_by_role("banner").get_by_label("Sök efter").fill("gurka")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_have_text("12 träffar")
    page = visitor(LETTER, viewport={"width": 320, "height": 900})
    page.get_by_role("banner").get_by_role("link", name="Sök").click()
    expect(page.get_by_role("heading", name="Sök", level=1)).to_be_visible()
    page = visitor("/finns-inte/")
    page.get_by_label("Sök efter").fill("gurka")
    page.get_by_role("button", name="Sök").click()
    expect(page.get_by_role("status")).to_have_text("12 träffar")


def test_conversations_are_found_when_asked_for(asked):
    """Each hit leads to the comment itself."""
    page = asked("q=matsalen")
    assert not [title for title in hits(page) if title.startswith("Samtalet")]
    page.get_by_label("Samtal").check()
    expect(page.locator("h2", has_text="Samtalet om ”Vi provar oss fram”")).to_be_visible()
    assert "slag=samtal" in page.url
    page.locator(".search-hits .summary a").first.click()
    expect(page).to_have_url(re.compile(f"{LETTER}#kommentar-\\d+$"))
    expect(page.locator(":target")).to_contain_text("matsalen")


def test_ten_hits_are_shown_at_a_time(asked):
    """The next ones come below, and the keyboard goes on at the first of them."""
    page = asked("q=gurka")
    expect(page.locator(".search-hits > li")).to_have_count(10)
    page.get_by_role("button", name="Visa fler").press("Enter")
    expect(page.locator(".search-hits > li")).to_have_count(12)
    expect(page.locator(".search-hits > li").nth(10).get_by_role("link")).to_be_focused()
    expect(page.get_by_role("button", name="Visa fler")).to_be_hidden()


def test_the_keyboard_reaches_everything_in_order(visitor):
    """Field, button, kinds and hits."""
    page = visitor("/sok/")
    page.get_by_label("Sök efter").focus()
    page.keyboard.type("gurka 3")
    expect(page.get_by_role("status")).to_have_text("En träff")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Sök")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_label("Samtal")).to_be_checked()
    expect(page.get_by_role("status")).to_have_text(re.compile("Inga träffar"))
    page.keyboard.press("ArrowUp")
    expect(page.get_by_role("status")).to_have_text("En träff")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Gurka 3")).to_be_focused()


def test_without_javascript_the_page_leads_on(visitor):
    """No field that does nothing, but the archive and the topics."""
    page = visitor("/sok/?q=bänkar", java_script_enabled=False)
    expect(page.locator("noscript > p")).to_be_visible()
    expect(page.get_by_label("Sök efter")).to_be_hidden()
    page.get_by_role("link", name="2025").click()
    expect(page.get_by_role("heading", name="2025")).to_be_visible()


def test_no_other_page_loads_the_search(visitor):
    """And this one not until it is asked something."""
    page = visitor("about:blank")
    loaded: list[str] = []
    page.on("request", lambda request: loaded.append(urlsplit(request.url).path))
    for path in ("/", LETTER, "/arkiv/", "/finns-inte/", "/sok/"):
        page.goto(path, wait_until="networkidle")
    assert not [path for path in loaded if path.startswith("/pagefind/")]
    assert loaded.count("/theme/site-search.js") == 1


@pytest.mark.parametrize(
    "query",
    [
        f"q={quote('<script>document.title = 1</script>')}",
        f"q={quote('<img src=x onerror=alert(1)>')}&slag=constructor",
        f"q={'gurka+' * 2000}",
        f"q={quote('‮akrug')}&slag=allt",
        "q=%ff%fe%00&slag=%ff",
        f"q={quote('👩‍👩‍👧 __proto__ ___PAGEFIND_WEIGHT___')}",
        "q=%22&q=x&slag=samtal&slag=",
    ],
)
def test_a_hostile_query_finds_something_or_nothing(asked, query):
    """And does nothing else."""
    page = asked(query)
    expect(page).to_have_title("Sök – Ordet fritt")
    expect(page.get_by_role("status")).to_have_text(re.compile("träff"))
    assert len(page.get_by_label("Sök efter").input_value()) <= 200


def test_a_search_that_fails_says_what_to_do(visitor):
    """No network, or an index that is not there; the same can be tried again."""
    page = visitor("/sok/")
    page.route("**/fragment/*", lambda route: route.abort())
    page.get_by_label("Sök efter").fill("gurka")
    expect(page.get_by_role("status")).to_have_text(re.compile("Sökningen fungerade inte. Ladda om sidan"))
    expect(page.get_by_role("link", name="2026")).to_be_visible()
    page.unroute("**/fragment/*")
    page.reload()
    expect(page.get_by_role("status")).to_have_text("12 träffar")


def test_nothing_moves_and_nothing_is_refused(visitor):
    """No layout shift, and no error in the console, with the hits of an address."""
    page = visitor("about:blank")
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if message.type in ("error", "warning") else None)
    page.goto("/sok/?q=gurka&slag=allt")
    expect(page.get_by_role("status")).to_have_text("12 träffar")
    assert errors == []


def test_the_search_has_no_faults(visitor, asked):
    """Empty, with hits of both kinds, without hits, and failed."""
    check(visitor("/sok/"))
    page = asked("q=stadsdirektören&slag=allt")
    check(page)
    page.get_by_label("Sök efter").fill("xyzzyx")
    expect(page.get_by_role("status")).to_have_text(re.compile("Inga träffar"))
    check(page)

"""The form at /redigera/ in a real browser, over a working copy in git of its own."""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from builder import editor_parts
from tests.running import ROOT, Running, running, until_built

pytestmark = pytest.mark.skipif(
    not editor_parts.installed(), reason="the form is not installed; see deploy/npm/install"
)

HARD = (
    "\ufeffTitle: Ett svårt brev\r\nAuthor: Kulturchefen\r\nDate: 2026-11-16\r\nslug: svart\r\nStatus: draft\r\n"
    "Tags: tillit;  skola\r\nSummary: En rad\r\n    och en till.\r\n\r\nMed fotnot.[^1]  \r\nNy rad.\r\n\r\n"
    "\tkod\tmed tabb\r\n\r\n| a | b |\r\n| --- | ---: |\r\n| 1 | 2 |\r\n{: #tab }\r\n\r\n<!-- kommentar -->\r\n\r\n"
    "* en\r\n+ två\r\n\r\nText {.lead}   \r\n\r\n[^1]: Fot.\r\n\r\n***\r\n\r\n"
    "__Kulturchefen__\\\r\nLindhamns *stad*\r\n\r\n"
).encode()


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project's letters and one that is hard to keep as it is, all committed."""
    folder = tmp_path_factory.mktemp("copy") / "content"
    shutil.copytree(ROOT / "content", folder)
    (folder / "letters/svart.md").write_bytes(HARD)
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "a")
    return folder


@pytest.fixture(scope="module")
def writing(content: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The preview over that working copy."""
    with running(tmp_path_factory.mktemp("writing"), CONTENT=str(content)) as started:
        yield started


@pytest.fixture
def form(browser: Browser, writing: Running) -> Iterator[Callable[[str], Page]]:
    """Open the form at a place in it; no request may leave this origin, and none may fail."""
    context = browser.new_context(locale="sv-SE", timezone_id="America/New_York")
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url))

    def open(place: str) -> Page:
        page = context.new_page()
        page.goto(f"{writing.origin}/redigera/#/collections/{place}")
        return page

    yield open
    context.close()
    schemes = {urlsplit(url).scheme for url in asked}
    assert schemes <= {"http", "blob", "data"}
    assert {urlsplit(url).netloc for url in asked if url.startswith("http")} == {urlsplit(writing.origin).netloc}


def git(folder: Path, *command: str) -> bytes:
    return subprocess.run(["git", "-C", str(folder), *command], check=True, capture_output=True).stdout


def saved(page: Page) -> None:
    """Save, and wait until it is on the disk."""
    with page.expect_response("**/contents"):
        page.get_by_role("button", name="Spara").first.click()
    expect(page.get_by_text("Post sparad.")).to_be_visible()


def test_a_letter_written_in_the_form_is_built(form, content, writing):
    """It lies among the letters under a name by Swedish rules, as a draft, and the preview has its page."""
    page = form("letters/new")
    page.get_by_role("textbox", name="Rubrik").fill("Åtta ägg på ön")
    page.get_by_role("textbox", name="Texten", exact=True).fill("Första **stycket**.\n\nAndra.")
    saved(page)
    lines = (content / "letters/atta-agg-pa-on.md").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "Title: Åtta ägg på ön"
    assert lines[2:] == ["Author: Stadsdirektören", "Status: draft", "", "Första **stycket**.", "", "Andra."]
    until_built(writing, "/utkast/atta-agg-pa-on/", "<strong>stycket</strong>")


def test_a_letter_written_by_hand_is_saved_unchanged_but_for_the_edit(form, content):
    """With all that Markdown and a header can hold: the difference is the line that was edited."""
    page = form("letters/entries/svart")
    page.get_by_role("textbox", name="Rubrik").fill("Ett lätt brev")
    saved(page)
    assert (content / "letters/svart.md").read_bytes() == HARD.replace("svårt".encode(), "lätt".encode())
    text = page.get_by_role("textbox", name="Texten", exact=True)
    text.evaluate("field => field.setSelectionRange(3, 3)")
    text.press_sequentially("XX")
    saved(page)
    assert (content / "letters/svart.md").read_bytes() == HARD.replace("svårt".encode(), "lätt".encode()).replace(
        b"Med fot", b"MedXX fot"
    )


def test_a_letter_changed_on_the_disk_meanwhile_is_not_overwritten(form, content):
    """The writer is told, and what was written in the form is still there."""
    file = content / "letters/aret-i-svar.md"
    page = form("letters/entries/aret-i-svar")
    page.get_by_role("textbox", name="Rubrik").fill("Ett annat år")
    theirs = file.read_bytes() + b"Ett PS.\n"
    file.write_bytes(theirs)
    page.get_by_role("button", name="Spara").first.click()
    expect(page.get_by_text("Ändrat på annat håll under tiden")).to_be_visible()
    page.get_by_role("button", name="Avbryt", exact=True).click()
    expect(page.get_by_role("textbox", name="Rubrik")).to_have_value("Ett annat år")
    assert file.read_bytes() == theirs


def test_a_page_of_another_website_can_t_write(browser, content, writing):
    """Neither by its script, which gets no answer, nor by a form that it sends."""
    context = browser.new_context(bypass_csp=True)  # the other site is the preview under another name
    page = context.new_page()
    page.goto(writing.origin.replace("localhost", "127.0.0.1"))
    before = git(content, "status", "--short")
    address = f"{writing.origin}/redigera/api/v1/repos/ordet/fritt/contents"
    asked = page.evaluate(
        """address => fetch(address, {method: "POST", mode: "no-cors", body: "{}"}).catch(() => "refused")""",
        address,
    )
    page.set_content(f'<form method="post" enctype="text/plain" action="{address}"><button>Vinn</button></form>')
    page.get_by_role("button").click()
    expect(page.get_by_text("en annan webbplats bad om det här")).to_be_visible()
    context.close()
    assert asked == "refused"
    assert git(content, "status", "--short") == before

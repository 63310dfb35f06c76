"""What residents meet after they wrote: their own page, mails from a real server, another look, reports."""

import re

import pytest
from playwright.sync_api import Page, expect

from comments.storage import Storage
from tests.browser.checks import check
from tests.browser.conftest import LETTER
from tests.running import running
from tests.service.mailbox import let_time_pass


@pytest.fixture(scope="module")
def site(tmp_path_factory, mailbox):
    """A running product of its own, that mails by that server."""
    folder = tmp_path_factory.mktemp("residents")
    with running(folder, SMTP=f"smtp://127.0.0.1:{mailbox.port}", DATABASE_URL="") as started:
        yield started


@pytest.fixture
def links(site, mailbox):
    """Have what waits sent now; gives the links, from the root, in the newest mail to an address on a subject."""

    def read(page: Page, to: str, subject: str) -> list[str]:
        storage = Storage(f"sqlite:///{site.environment['DATA']}/comments.db")
        let_time_pass(storage)
        storage.close()
        for _ in range(300):
            for recipient, message in reversed(mailbox.taken):
                if (recipient, message["Subject"]) == (to, subject):
                    return re.findall(r"https?://[^/]+(\S+)", message.get_body(("plain",)).get_content())
            page.wait_for_timeout(100)
        raise AssertionError(f"no mail to {to} with the subject {subject}: {[m['Subject'] for _, m in mailbox.taken]}")

    return read


def write(page: Page, text: str, email: str = "") -> str:
    """Send a comment, with mail asked for where an address is given; gives the address of its own page."""
    page.goto(LETTER)
    page.get_by_label("Namn *").fill("En förälder i Väst")
    page.get_by_label("Kommentar *").fill(text)
    if email:
        page.get_by_label("E-post").fill(email)
        page.get_by_label(re.compile("^Mejla mig")).check()
    page.get_by_role("button", name="Skicka").click()
    return page.get_by_role("link", name=re.compile("egen sida|Följ din kommentar")).get_attribute("href") or ""


def number(site, text: str) -> str:
    """The number of the waiting comment with that text."""
    found = re.search(rf'"id": (\d+),(?:(?!"id":).)*{re.escape(text)}', site.comments("queue", "--json"), re.DOTALL)
    assert found, f"{text} must wait"
    return found[1]


@pytest.mark.parametrize("script", [True, False])
def test_a_refused_writer_is_mailed_and_asks_another_moderator(site, visitor, links, script):
    """The mail's link leads to the page; the request to the second moderator; the outcome back by mail."""
    text, to = f"Ska avböjas, skript: {script}.", f"foralder-{script}@resident.example"
    resident = visitor(LETTER, java_script_enabled=script)
    write(resident, text, to)
    id = number(site, text)
    for email in ("granskare@lindhamn.example", "andra@lindhamn.example"):
        site.sign_in_link(email)
    site.comments("decline", id, "--reason", "regel-1", "--by", "granskare@lindhamn.example")
    resident.goto(links(resident, to, "Din kommentar publicerades inte")[0])
    expect(resident.get_by_text("Håll dig till brevets ämne.")).to_be_visible()
    resident.get_by_label("Varför tycker du det?").fill("Brevet handlar visst om skolan.")
    resident.get_by_role("button", name="Begär omprövning").click()
    expect(resident.get_by_text("Din begäran har kommit fram")).to_be_visible()

    desk = visitor(site.sign_in_link("andra@lindhamn.example").removeprefix(site.origin))
    desk.get_by_role("button", name="Logga in").click()
    desk.goto(f"/moderering/{id}")
    expect(desk.get_by_text("Brevet handlar visst om skolan.")).to_be_visible()
    desk.get_by_role("button", name="Publicera ändå").click()
    resident.goto(links(resident, to, "Din kommentar är publicerad")[0])
    expect(resident.get_by_text(text)).to_be_visible()


def test_an_answer_is_mailed_once_the_address_is_confirmed(site, visitor, links):
    """Two links: the first mail's confirms, the second's leads to the answer; then the mails are ended."""
    resident = visitor(LETTER)
    write(resident, "När öppnar simhallen?", "simmare@resident.example")
    id = number(site, "När öppnar simhallen?")
    site.sign_in_link()
    site.comments("approve", id, "--by", "granskare@lindhamn.example")
    found = links(resident, "simmare@resident.example", "Din kommentar är publicerad")
    resident.goto(next(each for each in found if "bekrafta" in each))
    resident.get_by_role("button", name="Bekräfta min adress").click()
    expect(resident.get_by_role("status")).to_be_visible()
    answered = ("reply", id, "--text", "Den 12 december.", "--by", "granskare@lindhamn.example")
    site.comments(*answered)
    found = links(resident, "simmare@resident.example", "Din kommentar har fått svar")
    resident.goto(next(each for each in found if "visa" in each))
    expect(resident.get_by_text("Den 12 december.")).to_be_visible()
    resident.goto(next(each for each in found if "avsluta" in each))
    resident.get_by_role("button", name="Avsluta mejlen").click()
    expect(resident.get_by_role("heading", name="Mejlen är avslutade")).to_be_visible()


def test_a_reader_reports_and_learns_what_came_of_it(site, visitor, moderator):
    """Without script: from the comment to the form, the receipt, the moderator, and the page that tells."""
    reader = visitor(LETTER, java_script_enabled=False)
    card = reader.get_by_role("article").filter(has_text="Vi provade korta morgonmöten").first
    card.get_by_role("link", name="Anmäl").click()
    reader.get_by_role("button", name="Skicka anmälan").click()
    expect(reader.get_by_role("alert")).to_contain_text("Välj vad som är fel")
    reader.get_by_label("Håll dig till brevets ämne.").check()
    reader.get_by_label("Med dina egna ord").fill("Det hör inte hit.")
    reader.get_by_role("button", name="Skicka anmälan").click()
    reader.get_by_role("link", name="Din anmälans egen sida").click()
    desk = moderator()
    desk.get_by_role("link", name="Anmälda").click()
    desk.get_by_role("link", name="Öppna").click()
    desk.get_by_label("Svar till den som anmälde").fill("Det får stå kvar.")
    desk.get_by_role("button", name="Låt kommentaren").click()
    reader.reload()
    expect(reader.get_by_text("Det får stå kvar.")).to_be_visible()


def test_their_pages_have_no_faults(site, visitor, links):
    """Form, error, receipt and page of a report; status page refused and contested; confirming and ending mails."""
    page = visitor(LETTER)
    text, to = "Sidorna ses.", "sidor@resident.example"
    status = write(page, text, to)
    id = number(site, text)
    site.sign_in_link()
    page.goto("/kommentarer/anmal/1")
    check(page)
    page.get_by_role("button", name="Skicka anmälan").click()
    check(page)
    page.get_by_role("radio").first.check()
    page.get_by_label("Med dina egna ord").fill(text)
    page.get_by_role("button", name="Skicka anmälan").click()
    check(page)
    page.get_by_role("link", name="Din anmälans egen sida").click()
    check(page)
    site.comments("approve", id, "--by", "granskare@lindhamn.example")
    found = links(page, to, "Din kommentar är publicerad")
    for ending in ("bekrafta", "avsluta"):
        page.goto(next(each for each in found if ending in each))
        check(page)
    site.comments("hide", id, "--reason", "regel-2", "--by", "granskare@lindhamn.example")
    page.goto(status)
    check(page)
    page.get_by_role("button", name="Begär omprövning").click()
    check(page)

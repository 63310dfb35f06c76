"""Signing in with a real browser: an invitation by mail, a password, an app's codes, paper; with script and without."""

import re
import time

import pyotp
import pytest
from playwright.sync_api import Page, expect

from tests.browser.checks import check
from tests.running import running

PASSWORD = "stolpe bro hamnkran"


@pytest.fixture(scope="module")
def site(tmp_path_factory, mailbox):
    """A running product of its own, that mails by that server."""
    folder = tmp_path_factory.mktemp("sign-in")
    with running(folder, SMTP=f"smtp://127.0.0.1:{mailbox.port}", DATABASE_URL="") as started:
        yield started


@pytest.fixture
def mailed(site, mailbox):
    """The link, from the root, in the mail to an address on a subject."""

    def read(page: Page, to: str, subject: str) -> str:
        for _ in range(300):
            for recipient, message in reversed(mailbox.taken):
                if recipient == to and subject in message["Subject"]:
                    text = message.get_body(("plain",)).get_content()
                    found = re.search(r"https?://[^/]+(/moderering/logga-in/\S+)", text)
                    assert found
                    return found[1]
            page.wait_for_timeout(100)
        raise AssertionError(f"no mail to {to} on {subject}")

    return read


def invited(site, email: str) -> str:
    """The link, from the root, of an invitation that the terminal prints."""
    printed = site.comments("moderator", "add", email, "--name", "Den inbjudna", "--print")
    found = re.search(r"https://[^/]+(/\S+)", printed)
    assert found, printed
    return found[1]


def choose_password(page: Page, path: str) -> None:
    page.goto(path)
    page.get_by_label("Nytt lösenord").fill(PASSWORD)
    page.get_by_role("button", name="Fortsätt").click()


def set_up_app(page: Page) -> pyotp.TOTP:
    """Set up an app as a person does who types the key; gives the app."""
    app = pyotp.TOTP(page.locator(".key").inner_text().replace(" ", ""))
    page.get_by_label("Skriv de sex siffror").fill(app.now())
    page.get_by_role("button", name="Logga in", exact=True).click()
    expect(page.get_by_role("heading", name="Dina reservkoder")).to_be_visible()
    return app


def sign_in(page: Page, email: str, code: str) -> None:
    page.goto("/moderering/")
    page.get_by_label("E-postadress").fill(email)
    page.get_by_label("Lösenord").fill(PASSWORD)
    page.get_by_role("button", name="Fortsätt").click()
    page.get_by_label("Kod från din app").fill(code)
    page.get_by_role("button", name="Logga in", exact=True).click()


@pytest.mark.parametrize("script", [True, False])
def test_from_an_invitation_to_the_queue_and_back_in(site, visitor, mailed, script):
    """The mail's link, a password, an app; out again; in by password and the next code, then by paper."""
    email = f"inbjuden-{script}@lindhamn.example".lower()
    site.comments("moderator", "add", email, "--name", "Den inbjudna", "--origin", site.origin)
    page = visitor("/", java_script_enabled=script)
    choose_password(page, mailed(page, email, "Inbjudan"))
    app = set_up_app(page)
    paper = page.locator(".codes code").first.inner_text()
    page.get_by_role("link", name="Jag har sparat dem").click()
    expect(page.get_by_role("heading", name="Kommentarer")).to_be_visible()
    page.get_by_role("button", name="Logga ut").click()
    sign_in(page, email, app.at(int(time.time()) + 30))
    expect(page.get_by_role("heading", name="Kommentarer")).to_be_visible()
    page.get_by_role("button", name="Logga ut").click()
    sign_in(page, email, paper)
    expect(page.get_by_role("heading", name="Kommentarer")).to_be_visible()


def test_a_forgotten_password_is_chosen_anew(site, visitor, mailed):
    """By the mailed link; the app's code is asked for all the same."""
    email = "glomsk@lindhamn.example"
    page = visitor("/")
    choose_password(page, invited(site, email))
    app = set_up_app(page)
    other = visitor("/moderering/")
    other.get_by_role("link", name="Har du glömt lösenordet?").click()
    other.get_by_label("Din e-postadress").fill(email)
    other.get_by_role("button", name="Skicka länken").click()
    expect(other.get_by_role("status")).to_be_visible()
    choose_password(other, mailed(other, email, "Välj ett nytt lösenord"))
    other.get_by_label("Kod från din app").fill(app.at(int(time.time()) + 30))
    other.get_by_role("button", name="Logga in", exact=True).click()
    expect(other.get_by_role("heading", name="Kommentarer")).to_be_visible()
    page.goto("/moderering/")
    expect(page.get_by_role("heading", name="Logga in för att granska")).to_be_visible()


def test_the_pages_of_accounts_have_no_faults(site, visitor, moderator):
    """Each step on the way in, in error too; one's own account, the others', and one of them."""
    email = "sidor@lindhamn.example"
    path = invited(site, email)
    page = visitor("/moderering/")
    check(page)
    page.get_by_label("E-postadress").fill(email)
    page.get_by_label("Lösenord").fill("fel lösenord här")
    page.get_by_role("button", name="Fortsätt").click()
    check(page)
    page.goto("/moderering/logga-in/glomt")
    check(page)
    page.goto(path)
    page.get_by_label("Nytt lösenord").fill("kort")
    page.get_by_role("button", name="Fortsätt").click()
    check(page)
    choose_password(page, path)
    check(page)
    set_up_app(page)
    check(page)
    page.goto(path)
    check(page)
    desk = moderator()
    for address in ("konto", "konto/app", "konton", "konton/1", "konton/2", "brev"):
        desk.goto(f"/moderering/{address}")
        check(desk)
    desk.goto("/moderering/konton")
    desk.get_by_role("button", name="Skicka inbjudan").click()
    check(desk)

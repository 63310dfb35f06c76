"""Passkeys in a real browser, on a device that Chromium plays."""

import itertools
from collections.abc import Callable

import pytest
from playwright.sync_api import CDPSession, Page, expect

from tests.browser.checks import check
from tests.running import Running

NUMBERS = itertools.count()
PASSWORD = "fyra ord på måfå tagna"
LIGHT = 60_000  # bytes, uncompressed
SIZE = """[...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
    .reduce((sum, each) => sum + each.decodedBodySize, 0)"""
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


class Device:
    """A telephone or computer that keeps passkeys; its owner may refuse to show finger or PIN."""

    def __init__(self, page: Page) -> None:
        self.browser: CDPSession = page.context.new_cdp_session(page)
        self.browser.send("WebAuthn.enable")
        self.id = self.browser.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})["authenticatorId"]

    def refuse(self, refuses: bool = True) -> None:
        """Whether the owner breaks it off."""
        self.browser.send("WebAuthn.setUserVerified", {"authenticatorId": self.id, "isUserVerified": not refuses})

    def forget(self) -> None:
        """Empty the device."""
        self.browser.send("WebAuthn.clearCredentials", {"authenticatorId": self.id})


@pytest.fixture
def account(visitor: Callable[..., Page], site: Running) -> Page:
    """The account page of somebody new, freshly signed in by a link from the terminal."""
    email = f"moderator-{next(NUMBERS)}@lindhamn.example"
    page = visitor(site.sign_in_link(email).removeprefix(site.origin))
    page.get_by_role("button", name="Logga in").click()
    page.goto("/moderering/konto")
    return page


def add(page: Page, name: str = "Telefonen") -> None:
    """Add a passkey and give it a name."""
    page.get_by_role("button", name="Lägg till en passnyckel").click()
    expect(page.get_by_role("status")).to_contain_text("tillagd")
    page.get_by_label("Namn").fill(name)
    page.get_by_role("button", name="Spara namnet").click()
    expect(page.get_by_role("link", name=name)).to_be_visible()


def sign_out(page: Page) -> None:
    """Leave, and stand before the ways in."""
    page.get_by_role("button", name="Logga ut").click()
    expect(page.get_by_role("button", name="Logga in med passnyckel")).to_be_visible()


def test_a_passkey_is_added_and_signs_in(account):
    """Without address and without password."""
    Device(account)
    add(account)
    sign_out(account)
    account.get_by_role("button", name="Logga in med passnyckel").click()
    account.wait_for_url("**/moderering/")
    account.goto("/moderering/konto")
    expect(account.get_by_text("Senast använd")).to_be_visible()


def test_who_wanted_somewhere_gets_there(account):
    """The page that asked for a sign-in comes after it."""
    Device(account)
    add(account)
    sign_out(account)
    account.goto("/moderering/konto")
    account.get_by_role("button", name="Logga in med passnyckel").click()
    expect(account.get_by_role("heading", name="Ditt konto", exact=True)).to_be_visible()


def set_password(page: Page) -> None:
    """Have a password as well."""
    page.get_by_text("Välj ett lösenord").click()
    page.get_by_label("Nytt lösenord").fill(PASSWORD)
    page.get_by_role("button", name="Ändra lösenordet").click()
    expect(page.get_by_role("status").first).to_contain_text("ändrat")


def give_password(page: Page, email: str) -> None:
    """The first step of signing in."""
    page.get_by_label("E-postadress").fill(email)
    page.get_by_label("Lösenord", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Fortsätt", exact=True).click()


def email_of(page: Page) -> str:
    """The address of the account whose page this is."""
    return page.locator("dl.facts dd").nth(1).inner_text()


def test_a_passkey_is_the_second_step_after_a_password(account):
    """And changing anything asks for the password again."""
    Device(account)
    add(account)
    set_password(account)
    email = email_of(account)
    account.get_by_role("button", name="Lägg till en passnyckel").click()
    sign_out(account)
    give_password(account, email)
    check(account)
    account.get_by_role("button", name="Fortsätt med din passnyckel").click()
    expect(account.get_by_role("heading", name="Kommentarer")).to_be_visible()


def test_a_password_alone_makes_its_owner_add_one(account):
    """Who has no second step makes a passkey on the way in, and sees the recovery codes once."""
    Device(account)
    set_password(account)
    email = email_of(account)
    sign_out(account)
    give_password(account, email)
    check(account)
    account.get_by_role("button", name="Gör en passnyckel och logga in").click()
    expect(account.get_by_role("heading", name="Dina reservkoder")).to_be_visible()
    account.goto("/moderering/konto")
    expect(account.get_by_role("link", name="Passnyckel")).to_be_visible()


def test_who_breaks_it_off_is_told_and_may_try_again(account):
    """In words, beside the button, with the focus on it."""
    device = Device(account)
    add(account)
    sign_out(account)
    device.refuse()
    button = account.get_by_role("button", name="Logga in med passnyckel")
    button.click()
    expect(account.locator("pass-key [role=alert]")).to_contain_text("avbröts")
    expect(button).to_be_focused()
    check(account)
    device.refuse(False)
    button.click()
    expect(account.get_by_role("heading", name="Kommentarer")).to_be_visible()


def test_a_device_with_a_passkey_is_told_so(account):
    """Nobody needs two on one device."""
    Device(account)
    add(account)
    account.get_by_role("button", name="Lägg till en passnyckel").click()
    expect(account.locator("pass-key [role=alert]")).to_contain_text("har redan en passnyckel")


def test_a_passkey_that_was_removed_is_not_known(account):
    """It is still on the device, and the page says what happened."""
    device = Device(account)
    add(account)
    device.browser.send("WebAuthn.disable")
    device.browser.send("WebAuthn.enable")
    Device(account)
    add(account, "Datorn")
    account.get_by_role("link", name="Datorn").click()
    check(account)
    account.get_by_role("button", name="Ta bort passnyckeln").click()
    expect(account.get_by_role("status")).to_contain_text("borttagen")
    sign_out(account)
    account.get_by_role("button", name="Logga in med passnyckel").click()
    expect(account.get_by_role("alert")).to_contain_text("känns inte igen här")
    check(account)


def test_a_browser_without_passkeys_says_so(visitor):
    """The other ways are there."""
    page = visitor("/moderering/")
    page.add_init_script("delete globalThis.PublicKeyCredential")
    page.reload()
    expect(page.locator("pass-key [role=alert]")).to_contain_text("kan inte använda passnycklar")
    expect(page.get_by_role("button", name="Logga in med passnyckel")).to_be_hidden()


def test_without_script_the_page_says_what_is_missing(visitor):
    """And offers the password."""
    page = visitor("/moderering/logga-in", java_script_enabled=False)
    expect(page.get_by_text("behövs JavaScript")).to_be_visible()
    expect(page.get_by_role("button", name="Logga in med passnyckel")).to_be_hidden()
    expect(page.get_by_label("Lösenord", exact=True)).to_be_visible()


def test_the_pages_have_no_faults_and_are_light(account):
    """With a passkey on them."""
    Device(account)
    account.reload()
    expect(account.get_by_role("button", name="Lägg till en passnyckel")).to_be_visible()
    assert account.evaluate(SIZE) < LIGHT
    add(account)
    check(account)
    account.get_by_role("link", name="Telefonen").click()
    account.get_by_label("Namn").fill("")
    account.get_by_role("button", name="Spara namnet").click()
    expect(account.get_by_label("Namn")).to_be_focused()
    check(account)

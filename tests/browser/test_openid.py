"""Single sign-on in a real browser, through the provider's own page."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.checks import check
from tests.provider import OLD_WAYS, Provider, provider
from tests.running import ROOT, Running, running

pytestmark = pytest.mark.filterwarnings(OLD_WAYS)

BUTTON = "Logga in med stadens konto"
GROUPS = """
openid_name = "Logga in med stadens konto"
[sign_in.groups]
"/ordet-fritt/moderatorer" = "moderator"
"""
PEOPLE = {
    "k1": {
        "email": "kommunikatoren@lindhamn.example",
        "name": "Kommunikatören",
        "groups": ["/ordet-fritt/moderatorer"],
    },
    "k2": {"email": "vikarien@lindhamn.example", "name": "Vikarien", "groups": ["/annat"]},
}


@pytest.fixture(scope="module")
def there() -> Iterator[Provider]:
    """The organisation's own sign-in."""
    with provider(dict(PEOPLE)) as started:
        yield started


@pytest.fixture(scope="module")
def connected(there: Provider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The product, set up with it."""
    folder: Path = tmp_path_factory.mktemp("connected")
    toml = (ROOT / "site.toml").read_text(encoding="utf-8").replace("[sign_in]\n", f"[sign_in]{GROUPS}")
    (folder / "site.toml").write_text(toml, encoding="utf-8")
    settings = {"OIDC_ISSUER": there.issuer, "OIDC_CLIENT_ID": "ordet", "OIDC_CLIENT_SECRET": "mycket-hemligt"}
    with running(folder, SITE=str(folder / "site.toml"), **settings) as started:
        yield started


@pytest.fixture
def page(browser: Browser, connected: Running) -> Iterator[Page]:
    """A browser of somebody at the organisation."""
    context = browser.new_context(base_url=connected.origin, locale="sv-SE")
    opened = context.new_page()
    opened.route("**/_preview/**", lambda route: route.fulfill(body="", content_type="text/javascript"))
    yield opened
    context.close()


@pytest.fixture
def leave(page: Page) -> Callable[[], None]:
    """Go to the provider's page, by the button."""

    def leave() -> None:
        page.goto("/moderering/konto")
        page.get_by_role("link", name=BUTTON).click()
        expect(page.get_by_role("heading", name="Authorize Client")).to_be_visible()

    return leave


def test_the_organisations_account_signs_in(page, leave):
    """And leads to the page that was asked for."""
    leave()
    page.get_by_role("button", name="k1").click()
    expect(page.get_by_role("heading", name="Ditt konto", exact=True)).to_be_visible()
    expect(page.get_by_text("kommunikatoren@lindhamn.example").first).to_be_visible()
    check(page)


def test_who_has_no_group_is_told_what_to_do(page, leave):
    """On a page without faults, from which the way in is one click away."""
    leave()
    page.get_by_role("button", name="k2").click()
    expect(page.get_by_role("alert")).to_contain_text("ingen grupp")
    check(page)
    page.get_by_role("link", name="Tillbaka till inloggningen").click()
    expect(page.get_by_role("link", name=BUTTON)).to_be_visible()
    check(page)


def test_who_says_no_over_there_comes_back(page, leave):
    """With words instead of a session."""
    leave()
    page.get_by_role("button", name="Deny").click()
    expect(page.get_by_role("alert")).to_contain_text("släppte inte igenom")


def test_a_provider_out_of_order_is_told(page, there):
    """The other ways in are still there."""
    page.goto("/moderering/logga-in")
    there.raw["/oauth2/token"] = "503 Away", b""
    page.get_by_role("link", name=BUTTON).click()
    page.get_by_role("button", name="k1").click()
    expect(page.get_by_role("alert")).to_contain_text("går att lita på")
    there.behave()

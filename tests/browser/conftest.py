"""A real Chromium on the real product, served as `make serve` does it."""

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser import chromium
from tests.running import Running, free_port, running, until_built
from tests.service.mailbox import Mailbox, answering

LETTER = "/2026/vi-provar-oss-fram/"
expect.set_options(timeout=20_000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without Chromium browser tests are left out, or fail where they must not be."""
    missing = chromium.find() is None
    for item in items:
        if "/browser/" in item.nodeid:
            item.add_marker(pytest.mark.browser)
            if missing and not os.environ.get("REQUIRE_BROWSER"):
                item.add_marker(pytest.mark.skip(reason="no Chromium; see tests/browser/chromium.sh"))


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """Chromium as found, quiet and without its sandbox (tests run as root in CI)."""
    quiet = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
    return {"executable_path": chromium.find(), "args": [*quiet, "--no-first-run", "--disable-sync"]}


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The running product with its sample letters and sample conversation, which is on the page."""
    with running(tmp_path_factory.mktemp("site")) as started:
        until_built(started, LETTER, 'class="comment"')
        yield started


@pytest.fixture(scope="module")
def mailbox() -> Iterator[Mailbox]:
    """What a real mail server took, and its port."""
    with answering(free_port()) as box:
        yield box


@pytest.fixture
def visitor(browser: Browser, site: Running) -> Iterator[Callable[..., Page]]:
    """Open a page in a browser of its own: visitor("/path", java_script_enabled=False, …); `live` reloads itself."""
    contexts: list[BrowserContext] = []

    def open(path: str, live: bool = False, **options: Any) -> Page:
        contexts.append(browser.new_context(base_url=site.origin, locale="sv-SE", **options))
        page = contexts[-1].new_page()
        if not live:  # a page that loads itself again pulls the carpet from under a test
            page.route("**/_preview/**", lambda route: route.fulfill(body="", content_type="text/javascript"))
        page.goto(path)
        return page

    yield open
    for context in contexts:
        context.close()


@pytest.fixture
def moderator(visitor: Callable[..., Page], site: Running) -> Callable[..., Page]:
    """A moderator's browser, signed in and at the queue."""

    def sign_in(**options: Any) -> Page:
        page = visitor(site.sign_in_link().removeprefix(site.origin), **options)
        page.get_by_role("button", name="Logga in").click()
        expect(page.get_by_role("heading", name="Kommentarer")).to_be_visible()
        return page

    return sign_in


def reload_until(page: Page, condition: Callable[[], bool]) -> None:
    """Load the page again until the builder has written what is waited for."""
    for _ in range(200):
        if condition():
            return
        page.wait_for_timeout(100)
        page.reload()
    raise AssertionError(f"never came to be on {page.url}")

"""What a browser asks for, keeps and moves about while somebody reads a page from its top to its end."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, Page, Response

from tests.published import packed

SERVICE = ("/kommentarer/", "/isso/", "/moderering")
WATCH_SHIFTS = """
    window.shift = 0;
    new PerformanceObserver(list => list.getEntries().forEach(entry => { window.shift += entry.value }))
        .observe({ type: "layout-shift", buffered: true });
"""
SCROLL = """async () => {
    const next = () => new Promise(done => requestAnimationFrame(() => setTimeout(done)));
    for (let top = 0; top < document.body.scrollHeight; top += innerHeight / 2) {
        scrollTo({ top, behavior: "instant" });
        await next();
    }
    await Promise.all([...document.images].map(image => image.decode().catch(() => {})));
    await next();
}"""
KEPT = """async () => [
    ...Object.keys(localStorage), ...Object.keys(sessionStorage), ...await caches.keys(),
    ...(await indexedDB.databases()).map(each => each.name),
    ...(await navigator.serviceWorker.getRegistrations()).map(each => each.scope),
]"""


@dataclass
class Reading:
    """Addresses asked for in turn; bytes over the wire by kind; what was kept; how much moved; errors told."""

    asked: list[str] = field(default_factory=list)
    weights: dict[str, int] = field(default_factory=dict)
    kept: list[str] = field(default_factory=list)
    shift: float = 0.0
    errors: list[str] = field(default_factory=list)

    def elsewhere(self, origin: str) -> list[str]:
        """Requests to other hosts."""
        return [url for url in self.asked if not url.startswith(origin)]

    def of_service(self) -> list[str]:
        """Requests that the comment service would have to answer."""
        return [url for url in self.asked if urlsplit(url).path.startswith(SERVICE)]


def read(context: BrowserContext, addresses: Sequence[str]) -> list[Reading]:
    """Read pages, each in a tab of its own: down to their ends, and until they ask for nothing more."""
    opened = [_open(context.new_page(), address) for address in addresses]
    return [_finished(page, made, answers) for page, made, answers in opened]


def _open(page: Page, address: str) -> tuple[Page, Reading, list[Response]]:
    made, answers = Reading(), list[Response]()
    page.add_init_script(WATCH_SHIFTS)
    page.on("response", lambda answer: answers.append(answer))
    page.on("pageerror", lambda error: made.errors.append(str(error)))
    page.on("console", lambda message: made.errors.append(message.text) if message.type == "error" else None)
    page.goto(address)
    page.evaluate(SCROLL)
    return page, made, answers


def _finished(page: Page, made: Reading, answers: list[Response]) -> Reading:
    page.wait_for_load_state("networkidle")
    made.shift = page.evaluate("window.shift")
    made.kept = page.evaluate(KEPT) + [cookie.get("name", "") for cookie in page.context.cookies()]
    for answer in answers:
        _weigh(made, answer)
    page.close()
    return made


def _weigh(made: Reading, answer: Response) -> None:
    if answer.url.startswith("data:"):
        return
    kind, body = answer.request.resource_type, answer.body()
    made.asked.append(answer.url)
    made.weights[kind] = made.weights.get(kind, 0) + len(body if kind in ("image", "font") else packed(body))

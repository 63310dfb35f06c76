"""Plays the handbook: does what each of its steps says, in a real browser and a real shell, as a reader would.

A step is an item of a numbered list in docs/*.md. What it says to do is read off its words: press **a control**, write
”a text” in **a field**, choose **an option** under **a field**, and what is then to be seen. A step that says nothing
of the kind is a fault, and so is one that can't be done. Where a picture stands, the page looks as in the picture.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Locator, Page, Playwright, expect

from tests.browser.conftest import LETTER
from tests.running import ROOT, Running

DOCS = ROOT / "docs"
WORDS = {
    "at": r"[Vv]id kommentaren från \*\*(?P<of>.+?)\*\*",
    "press": r"[Tt]ryck (?:sedan )?på \*\*(?P<control>.+?)\*\*",
    "write": r"[Ss]kriv ”(?P<text>.+?)” i \*\*(?P<place>.+?)\*\*",
    "choose": r"[Vv]älj \*\*(?P<option>.+?)\*\* under \*\*(?P<list>.+?)\*\*",
    "open": r"[Öö]ppna (?:sidan )?`(?:http://localhost:8000)?(?P<path>/\S*?)`",
    "fill_in": r"[Ff]yll i raden `(?P<line>\w+: .+?)`",
    "take_out": r"[Tt]a bort raden `(?P<gone>\w+: .+?)`",
    "see": r"[Dd]å står det (?:[^.*]+ )?\*\*(?P<seen>.+?)\*\*",
    "key": r"[Tt]ryck (?:sedan )?på tangenten \*\*(?P<letter>\S+?)\*\*",
}
INSTRUCTION = re.compile("|".join(f"(?P<{name}>{words})" for name, words in reversed(WORDS.items())))
STEP = re.compile(r"^\d+\. (?P<text>(?:.+\n?)(?: {3,}.*\n?|\n(?= {3}))*)", re.MULTILINE)
PICTURE = re.compile(r"^(?P<indent> *)!\[(?P<alt>[^\]]+)\]\((?P<file>bilder/[\w-]+\.png)\)$", re.MULTILINE)
BLOCK = re.compile(r"^(?P<indent> *)```(?P<kind>\w+)\n(?P<lines>.*?)^(?P=indent)```$", re.MULTILINE | re.DOTALL)


WAITING = {
    "Handlare på torget": "Tio procent på allt hos oss på torget i dag, kom och handla!",
    "En granne i Öst": "Gungan på lekplatsen är trasig igen. Ring mig på 070-174 05 11, så visar jag var.",
}
"""What residents have written when the handbook begins, beside the sample conversation."""


def fill_queue(site: Running, playwright: Playwright) -> None:
    """Have the comments wait that the handbook tells of."""
    api = playwright.request.new_context(base_url=site.origin, extra_http_headers={"Origin": site.origin})
    for author, text in WAITING.items():
        form: dict[str, str | float | bool] = {"uri": LETTER, "author": author, "text": text, "email": ""}
        assert api.post("/kommentarer/ny", form=form, headers={"Accept": "application/json"}).ok
    api.dispose()


class CannotBeDone(AssertionError):
    """A step of the handbook that is no longer true."""


@dataclass
class Reader:
    """Somebody who follows the handbook with a browser, and where it says so with a shell and an editor."""

    page: Page
    shell: Callable[[str], None]
    """Runs the lines of a block ```sh, and fails where they do."""
    edit: Callable[[str, str], None]
    """Edits the letter: "text" writes the lines of a block ```markdown, "fill in" or "take out" one of its header's."""
    show: Callable[[Page, Path], None] = lambda page, file: None
    """Is told that the page should look as in a picture."""
    scope: Locator | None = field(default=None)

    def follow(self, name: str) -> int:
        """Do all that a page of the handbook says, in order; gives the number of its steps."""
        text, done = (DOCS / name).read_text(encoding="utf-8"), 0
        for found in parts(text):
            try:
                done += self._do(found)
            except Exception as error:
                line = text.count("\n", 0, found.start()) + 1
                raise CannotBeDone(f"docs/{name}:{line}: {found[0].strip()}\n{error}") from error
        return done

    def _do(self, found: re.Match[str]) -> int:
        if found.re is PICTURE:
            self.show(self.page, DOCS / found["file"])
            return 0
        text, blocks = found["text"], list(BLOCK.finditer(found["text"]))
        instructions = list(INSTRUCTION.finditer(re.sub(r"\s+", " ", BLOCK.sub("", text))))
        if not instructions and not blocks:
            raise CannotBeDone("this step says nothing that could be tried")
        self.scope = None
        for block in blocks:
            self._block(block)
        for each in instructions:
            getattr(self, f"_{_kind(each)}")(each)
        return 1

    def _block(self, block: re.Match[str]) -> None:
        lines = re.sub(rf"^{block['indent']}", "", block["lines"], flags=re.MULTILINE)
        if block["kind"] == "sh":
            self.shell(lines)
        else:
            self.edit("text", lines)

    def _at(self, told: re.Match[str]) -> None:
        heading = self.page.get_by_role("heading", name=told["of"], exact=True)
        self.scope = self.page.get_by_role("article").filter(has=heading).first

    def _press(self, told: re.Match[str]) -> None:
        within = self.scope or self.page
        name = re.compile(rf"^\s*{re.escape(told['control'])}")
        control = within.get_by_role("button", name=name).or_(within.get_by_role("link", name=name))
        control = control.or_(within.locator("summary").filter(has_text=name))
        control.filter(visible=True).first.click()

    def _key(self, told: re.Match[str]) -> None:
        self.page.keyboard.press(told["letter"])

    def _write(self, told: re.Match[str]) -> None:
        self._field(told["place"]).fill(told["text"])

    def _choose(self, told: re.Match[str]) -> None:
        options = self._field(told["list"]).locator("option")
        whole = options.filter(has_text=told["option"]).first.inner_text()
        self._field(told["list"]).select_option(label=whole)

    def _open(self, told: re.Match[str]) -> None:
        self.page.goto(told["path"])

    def _fill_in(self, told: re.Match[str]) -> None:
        self.edit("fill in", told["line"])

    def _take_out(self, told: re.Match[str]) -> None:
        self.edit("take out", told["gone"])

    def _see(self, told: re.Match[str]) -> None:
        expect(self.page.get_by_text(told["seen"]).filter(visible=True).first).to_be_visible()

    def _field(self, name: str) -> Locator:
        name_of = re.compile(rf"^\s*{re.escape(name)}\b")
        text = self.page.get_by_role("textbox", name=name_of)
        return text.or_(self.page.get_by_role("combobox", name=name_of)).filter(visible=True).first


def _kind(found: re.Match[str]) -> str:
    return next(name for name in WORDS if found[name] is not None)


def parts(text: str) -> Iterator[re.Match[str]]:
    """The steps and pictures of a page of the handbook, in the order in which they stand."""
    found = [match for kind in (STEP, PICTURE) for match in kind.finditer(text)]
    yield from sorted(found, key=lambda match: match.start())

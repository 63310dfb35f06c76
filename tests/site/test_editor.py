"""The editor at /redigera/ over a working copy: what it reads and writes there, and whom it answers."""

import base64
import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import Client, TestResponse

from builder import editor_parts
from builder.editor import Editor
from builder.editor_files import Changed, create, mark
from builder.editor_page import address
from builder.places import ROOT, places

LETTER = b"Title: Ett\nDate: 2026-11-16 09:00\nStatus: draft\n\nHej.\n"
API = "/redigera/api/v1/repos/ordet/fritt"
ORIGIN = "http://localhost"


class Form:
    """The editor's page in a browser, over a content folder of its own in git."""

    def __init__(self, folder: Path) -> None:
        self.content = folder / "content"
        for name in ("letters", "pages", "images"):
            (self.content / name).mkdir(parents=True)
        self.letter = self.content / "letters/ett.md"
        self.letter.write_bytes(LETTER)
        where = places({"CONTENT": str(self.content), "DATA": str(folder / "var"), "SITE": str(ROOT / "site.toml")})
        self.editor = Editor(where, lambda text: text)
        self.client = Client(self.editor)

    def ask(self, path: str, method: str = "GET", sent: Any = None, **headers: str) -> TestResponse:
        own = {"Authorization": f"token {self.editor.token}", "Sec-Fetch-Site": "same-origin", "Origin": ORIGIN}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.open(path, method=method, json=sent, headers=own | named, base_url=ORIGIN)

    def save(self, path: str, data: Any, operation: str = "create", **more: Any) -> TestResponse:
        body = data if isinstance(data, bytes) else json.dumps(data).encode()
        change = {"operation": operation, "path": path, "content": base64.b64encode(body).decode(), **more}
        return self.ask(f"{API}/contents", "POST", {"files": [change]})

    def opened(self, path: str) -> dict[str, Any]:
        answer = self.ask(f"{API}/file-contents?ref=main", "POST", {"files": [path]})
        return dict(json.loads(base64.b64decode(told(answer)[0]["content"])))

    def commit(self) -> None:
        git = ["git", "-C", str(self.content), "-c", "user.name=a", "-c", "user.email=a@b"]
        for command in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "a"]):
            subprocess.run([*git, *command], check=True)


@pytest.fixture
def form(tmp_path: Path) -> Form:
    return Form(tmp_path)


def told(answer: TestResponse) -> Any:
    """What an answer says."""
    return json.loads(answer.text)


def files(folder: Path) -> dict[str, bytes]:
    """All that lies below a folder."""
    found = (path for path in folder.rglob("*") if path.is_file() and ".git" not in path.parts)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


def test_the_form_of_a_letter_is_read_as_json(form: Form) -> None:
    """As Gitea gives files: by path, in base64."""
    answer = form.ask(f"{API}/file-contents?ref=main", "POST", {"files": ["letters/ett.md", "letters/nej.md"]})
    shown = form.opened("letters/ett.md")
    assert (shown["title"], shown["status"], shown["body"], told(answer)[1]) == ("Ett", "draft", "Hej.\n", None)


def test_an_edit_is_written_into_the_file(form: Form) -> None:
    """And the answer has the hash of what lies there now, by which the next edit is taken."""
    answer = form.save("letters/ett.md", {"title": "Två"}, "update", sha=mark(LETTER))
    assert form.letter.read_bytes() == LETTER.replace(b"Ett", "Två".encode())
    assert told(answer)["files"] == [{"path": "letters/ett.md", "sha": mark(form.letter.read_bytes())}]
    assert told(form.ask(f"{API}/branches/main"))["commit"]["id"] == told(answer)["commit"]["sha"]


def test_a_file_that_was_changed_since_is_never_overwritten(form: Form) -> None:
    """Nor one that was removed; the writer is told to keep the text."""
    form.letter.write_bytes(LETTER + b"Mer.\n")
    answer = form.save("letters/ett.md", {"title": "Två"}, "update", sha=mark(LETTER))
    assert (answer.status_code, form.letter.read_bytes()) == (409, LETTER + b"Mer.\n")
    assert "copy your text" in told(answer)["message"]
    form.letter.unlink()
    assert form.save("letters/ett.md", {"title": "Två"}, "update", sha=mark(LETTER)).status_code == 409
    assert files(form.content) == {}


def test_what_was_written_elsewhere_meanwhile_stays_beside_the_edit(form: Form) -> None:
    """Also when the writer saves all the same, which sends the hash of what lies there now; only two texts can't."""
    theirs = LETTER.replace(b"Status: draft", b"Status: published")
    opened = form.opened("letters/ett.md")
    form.letter.write_bytes(theirs)
    form.save("letters/ett.md", opened | {"title": "Min"}, "update", sha=mark(theirs))
    assert form.letter.read_bytes() == theirs.replace(b"Ett", b"Min")
    mine = opened | {"title": "Min", "body": "Hej igen.\n"}
    form.save("letters/ett.md", mine, "update", sha=mark(form.letter.read_bytes()))
    assert form.letter.read_bytes() == theirs.replace(b"Ett", b"Min").replace(b"Hej.", b"Hej igen.")
    form.letter.write_bytes(LETTER.replace(b"Hej.", b"Nej."))
    answer = form.save("letters/ett.md", mine | {"body": "Hej."}, "update", sha=mark(form.letter.read_bytes()))
    assert (answer.status_code, form.letter.read_bytes()) == (422, LETTER.replace(b"Hej.", b"Nej."))


def test_a_new_letter_never_overwrites_an_old_one(form: Form) -> None:
    """The same letter sent once more, because the answer was lost, is no other letter."""
    assert form.save("letters/ett.md", {"title": "Nytt"}).status_code == 409
    assert form.letter.read_bytes() == LETTER
    assert [form.save("letters/nytt.md", {"title": "Nytt"}).status_code for _ in range(2)] == [200, 200]


@pytest.mark.parametrize(
    "path",
    [
        "letters/../../ut.md",
        "../ut.md",
        "/etc/ut.md",
        "letters//ut.md",
        "letters/./ut.md",
        "letters/.ut.md",
        "letters/ut\0.md",
        "letters\\ut.md",
        "letters/ut.py",
        "images/ut.html",
        "site.toml",
        "letters/länk/ut.md",
        "letters/Ut ö.md",
        "letters/a/b/ut.md",
        "letters/" + "x" * 300 + ".md",
        "",
    ],
)
def test_no_path_leads_out_of_letters_pages_and_pictures(form: Form, path: str, tmp_path: Path) -> None:
    """By dots, links, other folders, other endings, or a name that no address could hold (CWE-22)."""
    (tmp_path / "elsewhere").mkdir()
    (form.content / "letters/länk").symlink_to(tmp_path / "elsewhere")
    (form.content / "letters/länk.md").symlink_to(tmp_path / "secret.md")
    (tmp_path / "secret.md").write_bytes(LETTER)
    before = files(tmp_path)
    for operation in ("create", "update", "delete"):
        assert form.save(path, {"title": "Å"}, operation, sha=mark(LETTER)).status_code in (409, 422)
    assert form.save("letters/länk.md", {"title": "Å"}, "update", sha=mark(LETTER)).status_code == 422
    assert form.ask(f"{API}/media/main/{path}").status_code in (404, 409, 422)
    assert files(tmp_path) == before


def test_only_what_the_editor_may_touch_is_listed(form: Form, tmp_path: Path) -> None:
    """No links, hidden files or other endings, and no text that is not UTF-8."""
    (form.content / "letters/länk.md").symlink_to(tmp_path / "var/editor-token")
    for name in ("letters/.dold.md", "letters/a.txt", "images/b.html"):
        (form.content / name).write_text("a")
    (form.content / "letters/latin.md").write_bytes("Title: Å".encode("latin-1"))
    tree = told(form.ask(f"{API}/git/trees/x?recursive=1"))["tree"]
    assert [entry["path"] for entry in tree] == ["letters/ett.md"]


def test_a_file_goes_only_when_git_has_it(form: Form) -> None:
    """As it is now: what was never committed would be lost."""
    delete: Callable[[], TestResponse] = lambda: form.save(  # noqa: E731
        "letters/ett.md", b"", "delete", sha=mark(form.letter.read_bytes())
    )
    assert (delete().status_code, form.letter.exists()) == (422, True)
    form.commit()
    form.letter.write_bytes(LETTER + b"Mer.\n")
    assert (delete().status_code, form.letter.exists()) == (422, True)
    form.letter.write_bytes(LETTER)
    assert (delete().status_code, form.letter.exists()) == (200, False)


def test_all_of_a_save_is_done_or_nothing(form: Form) -> None:
    """A letter with a picture whose name is taken waits for a better name."""
    (form.content / "images/a.png").write_bytes(b"a")
    changes = [
        {"operation": "create", "path": "letters/b.md", "content": base64.b64encode(b'{"title": "B"}').decode()},
        {"operation": "create", "path": "images/a.png", "content": base64.b64encode(b"b").decode()},
    ]
    assert form.ask(f"{API}/contents", "POST", {"files": changes}).status_code == 409
    assert not (form.content / "letters/b.md").exists()


def test_a_letter_gets_another_file_name(form: Form) -> None:
    """Its own text goes with it, and another letter's name is not taken."""
    moved = form.save("letters/tva.md", {"title": "Ett"}, "update", from_path="letters/ett.md", sha=mark(LETTER))
    assert (moved.status_code, files(form.content)) == (200, {"letters/tva.md": LETTER})
    form.letter.write_bytes(LETTER)
    again = form.save("letters/tva.md", {"title": "Ett"}, "update", from_path="letters/ett.md", sha=mark(LETTER))
    assert (again.status_code, form.letter.exists()) == (409, True)


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://elak.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:8001"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
        {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "navigate"},
        {"Host": "elak.example", "Origin": "http://elak.example"},
        {"Host": "localhost.elak.example", "Origin": "http://localhost.elak.example"},
        {"Host": "[", "Origin": "http://["},
        {"Content_Type": "text/plain"},
        {"Authorization": ""},
        {"Authorization": "token gissning"},
        {"Authorization": "token å"},
    ],
)
def test_another_website_can_t_write(form: Form, headers: dict[str, str]) -> None:
    """Neither by a form of its own (CSRF), nor by a name that leads to this machine (DNS rebinding)."""
    change = {"operation": "update", "path": "letters/ett.md", "content": "e30=", "sha": mark(LETTER)}
    assert form.ask(f"{API}/contents", "POST", {"files": [change]}, **headers).status_code == 403
    assert form.letter.read_bytes() == LETTER


@pytest.mark.parametrize("headers", [{"Host": "elak.example"}, {"Sec_Fetch_Site": "cross-site"}])
def test_another_website_can_t_read_the_token(
    form: Form, headers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It stands in the page, which nobody else may frame."""
    monkeypatch.setattr("builder.editor_parts.SCRIPT", form.letter)
    assert form.editor.token in form.ask("/redigera/").text
    assert form.editor.token not in form.ask("/redigera/", **headers).text
    assert "frame-ancestors 'none'" in form.ask("/redigera/").headers["Content-Security-Policy"]


def test_the_token_is_kept_for_those_who_keep_the_page_open(form: Form, tmp_path: Path) -> None:
    """In a file that nobody else may read."""
    again = Editor(form.editor.where, lambda text: text)
    assert again.token == form.editor.token
    assert (tmp_path / "var/editor-token").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"[]",
        b"{}",
        b'{"files": 1}',
        b'{"files": [{"operation": "x"}]}',
        b'{"files":' + 200_000 * b"[",
        b"\xff",
        b'{"files": [{"content": "\xc3"}]}',
    ],
)
def test_what_can_t_be_read_is_told(form: Form, sent: bytes) -> None:
    """In a sentence, and nothing is written."""
    headers = {"Authorization": f"token {form.editor.token}", "Origin": ORIGIN, "Content-Type": "application/json"}
    answer = form.client.post(f"{API}/contents", data=sent, headers=headers, base_url=ORIGIN)
    assert (answer.status_code, bool(told(answer)["message"])) == (422, True)


@pytest.mark.parametrize(
    "data",
    [{"title": "A\ud800"}, {"title": ["a"], "body": 1, "tags": {"a": 1}}, b"{", b"[]", b'{"title":' + 200_000 * b"["],
)
def test_a_form_of_nonsense_loses_nothing(form: Form, data: Any) -> None:
    """It is refused, or written as it can be."""
    assert form.save("letters/ett.md", data, "update", sha=mark(LETTER)).status_code in (200, 422)
    assert form.letter.read_bytes().startswith(b"Title: ")


def test_what_no_field_can_hold_is_refused(form: Form) -> None:
    """A table is no title."""
    assert form.save("letters/ny.md", {"title": {"a": 1}, "body": ["x"]}).status_code == 422
    assert files(form.content) == {"letters/ett.md": LETTER}


def test_what_is_too_large_is_refused(form: Form, monkeypatch: pytest.MonkeyPatch) -> None:
    """A letter over one megabyte, and a request over all bounds, which is not even read."""
    assert form.save("letters/ny.md", {"title": "A", "body": "a" * 1_000_001}).status_code == 422
    monkeypatch.setattr("builder.editor.MOST_BYTES", 10)
    assert "at most 40 MB" in told(form.save("letters/ny.md", {"title": "A"}))["message"]
    assert files(form.content) == {"letters/ett.md": LETTER}


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux")
def test_a_full_disk_is_told_and_leaves_the_letter(form: Form, monkeypatch: pytest.MonkeyPatch) -> None:
    """The old one lies there whole, without a half one beside it; when there is room again, the same is saved."""
    fdopen = os.fdopen

    def full(handle: int, mode: str) -> Any:
        os.close(handle)
        return fdopen(os.open("/dev/full", 1), mode)

    edited = form.opened("letters/ett.md") | {"title": "Två"}
    with monkeypatch.context() as patched:
        patched.setattr("os.fdopen", full)
        answer = form.save("letters/ett.md", edited, "update", sha=mark(LETTER))
    assert "the disk is full" in told(answer)["message"]
    assert files(form.content) == {"letters/ett.md": LETTER}
    assert form.save("letters/ett.md", edited, "update", sha=mark(LETTER)).status_code == 200
    assert form.letter.read_bytes() == LETTER.replace(b"Ett", "Två".encode())


def test_without_the_package_the_page_says_how_to_get_it(form: Form, monkeypatch: pytest.MonkeyPatch) -> None:
    """And that letters are files, too."""
    monkeypatch.setattr("builder.editor_parts.SCRIPT", form.content / "none.js")
    page = form.ask("/redigera/").text
    assert "deploy/npm/install" in page
    assert "content/letters" in page
    assert form.editor.token not in page


@pytest.mark.parametrize(
    "path", ["npm/../../secret", "npm/@a/../../../secret", "npm/@a/b@1/../../../secret", "npm/@a/b@1/\0", "chunks/.."]
)
def test_no_path_leads_out_of_the_packages(
    form: Form, path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What lies beside them is not the editor's (CWE-22)."""
    packages = tmp_path / "node/modules"
    (packages / "@a/b").mkdir(parents=True)
    for name in ("secret", "node/secret", "node/modules/@a/b/code.js"):
        (tmp_path / name).write_text("hemligt")
    monkeypatch.setattr("builder.editor_parts.NPM", packages)
    ask = lambda path: form.client.get(  # noqa: E731
        "/x", base_url=ORIGIN, environ_overrides={"PATH_INFO": f"/redigera/{path}"}
    )
    assert ask("npm/@a/b@1.2/code.js").text == "hemligt"
    assert ask(path).status_code == 404


@pytest.mark.skipif(not editor_parts.installed(), reason="the form is not installed; see deploy/npm/install")
def test_the_editor_s_script_asks_no_other_host_for_its_parts(form: Form) -> None:
    """Its languages, fonts and chunks come from this machine, and are there."""
    script = form.ask("/redigera/sveltia-cms.js").text
    assert "unpkg.com" not in script
    assert "jsdelivr" not in script
    fonts = set(re.findall(r"/redigera/fonts/[^)\"']+", script))
    assert {form.ask(font).status_code for font in fonts} == {200}
    assert form.ask("/redigera/npm/@sveltia/cms@1/locales/sv.json").status_code == 200


def test_a_file_made_in_the_very_same_moment_is_not_written_over(form: Form) -> None:
    """The name is taken in one step, not looked at first."""
    with pytest.raises(Changed):
        create(form.letter, b"Nytt")
    assert files(form.content) == {"letters/ett.md": LETTER}


@pytest.mark.parametrize(
    ("file", "place"),
    [
        ("letters/ett.en.md", "#/collections/letters/entries/ett.en"),
        ("pages/om.md", "#/collections/pages/entries/om"),
        ("letters/2026/ett två.md", "#/collections/letters/entries/2026/ett%20tv%C3%A5"),
        ("images/a.png", ""),
        ("../ut.md", ""),
    ],
)
def test_a_letter_has_an_address_in_the_form(form: Form, file: str, place: str) -> None:
    """To which the preview of the letter leads."""
    assert address(form.content / file, form.content) == f"/redigera/{place}"


def test_a_drawing_shown_by_the_editor_runs_nothing(form: Form) -> None:
    """Opened by its address it is in a sandbox."""
    shutil.copy(ROOT / "content/images/kajen.svg", form.content / "images")
    answer = form.ask(f"{API}/media/main/images/kajen.svg")
    assert (answer.headers["Content-Type"], answer.data[:4]) == ("image/svg+xml", b"<svg")
    assert answer.headers["Content-Security-Policy"].endswith("sandbox")

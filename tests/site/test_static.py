"""The preview's static files: folders, freshness, types, and nothing outside the site."""

from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import Client, TestResponse

from builder.preview import mark_of, with_head
from builder.static import StaticSite

PATHS_OF_POLICIES = ["/sok/", "/pagefind/sv/pagefind-worker.js", "/", "/nej"]


@pytest.fixture
def client(tmp_path: Path) -> Client:
    """A site of a few files, with a secret beside it."""
    root = tmp_path / "output"
    (root / "2026/brev").mkdir(parents=True)
    (root / ".well-known").mkdir()
    for name, text in {
        "index.html": "<body>Hem</body>",
        "404.html": "<body>Finns inte</body>",
        "2026/brev/index.html": "<body>Brev</body>",
        "atom.xml": "<feed/>",
        "feed.json": "{}",
        "manifest.webmanifest": "{}",
        ".well-known/security.txt": "Contact: mailto:a@b",
        ".well-known/.hidden": "",
        "å.svg": "<svg/>",
        ".built": "index.html\n",
    }.items():
        (root / name).write_text(text, encoding="utf-8")
    (tmp_path / "secret").write_text("hemligt", encoding="utf-8")
    (root / "link").symlink_to(tmp_path / "secret")
    return Client(StaticSite(root))


def get(client: Client, path: str, **headers: str) -> TestResponse:
    environ: dict[str, Any] = {f"HTTP_{name.upper()}": value for name, value in headers.items()}
    return client.get(path, environ_overrides=environ)


def test_a_folder_shows_its_index(client: Client) -> None:
    """/2026/brev/ is 2026/brev/index.html."""
    assert (get(client, "/").text, get(client, "/2026/brev/").text) == ("<body>Hem</body>", "<body>Brev</body>")


def test_a_folder_without_slash_leads_to_it(client: Client) -> None:
    """The query is kept."""
    answer = get(client, "/2026/brev?a=1")
    assert (answer.status_code, answer.headers["Location"]) == (301, "/2026/brev/?a=1")


def test_a_redirect_never_leads_to_another_host(client: Client) -> None:
    """`//2026/brev` would else be read as a host (CWE-601)."""
    answer = client.get("/x", environ_overrides={"PATH_INFO": "//2026/brev"})
    assert answer.headers["Location"] == "/2026/brev/"


@pytest.mark.parametrize(
    "path",
    [
        "/nej",
        "/../secret",
        "/2026/../../secret",
        "/.built",
        "/.well-known/.hidden",
        "/link",
        "/\0",
        "/\xff",
        "/2026/",
        "/%2e%2e/secret",
        "/" + "x" * 300,
    ],
)
def test_what_is_not_of_the_site_is_not_found(client: Client, path: str) -> None:
    """Neither outside its folder, nor hidden, nor by a link (CWE-22)."""
    answer = client.get("/x", environ_overrides={"PATH_INFO": path})
    assert (answer.status_code, answer.text) == (404, "<body>Finns inte</body>")


def test_an_unchanged_file_is_not_sent_again(client: Client) -> None:
    """By ETag, which decides, or by date (RFC 9110, 13.1)."""
    first = get(client, "/atom.xml")
    assert get(client, "/atom.xml", if_none_match=first.headers["ETag"]).status_code == 304
    assert get(client, "/atom.xml", if_modified_since=first.headers["Last-Modified"]).status_code == 304
    stale = get(client, "/atom.xml", if_none_match='"x"', if_modified_since=first.headers["Last-Modified"])
    assert stale.status_code == 200


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", "text/html; charset=utf-8"),
        ("/atom.xml", "application/atom+xml; charset=utf-8"),
        ("/feed.json", "application/feed+json"),
        ("/manifest.webmanifest", "application/manifest+json"),
        ("/.well-known/security.txt", "text/plain; charset=utf-8"),
        ("/å.svg", "image/svg+xml"),
    ],
)
def test_types_are_told(client: Client, path: str, kind: str) -> None:
    """The same on every machine, whatever its list of types says."""
    assert get(client, path).headers["Content-Type"] == kind


def test_every_answer_has_the_security_headers(client: Client) -> None:
    """Redirects and faults too."""
    for answer in (get(client, "/"), get(client, "/nej"), get(client, "/2026/brev"), client.post("/")):
        assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_only_reading_is_allowed(client: Client) -> None:
    """POST to a page is 405, and HEAD has no body."""
    assert (client.post("/").status_code, client.post("/").headers["Allow"]) == (405, "GET, HEAD")
    answer = client.head("/")
    assert (answer.text, answer.headers["Content-Length"]) == ("", "16")


def test_the_preview_s_scripts_stand_last_in_the_head() -> None:
    """Only the preview puts them there; what is built has none."""
    head, end, body = with_head("<head>å</head><body></body>".encode(), 7, "ab").decode().partition("</head>")
    assert head.startswith('<head>å<link rel="stylesheet" href="/_preview/page.css"><script type="module" ')
    assert 'src="/_preview/reload.js?build=7&amp;mark=ab"></script>' in head
    assert (end, body) == ("</head>", "<body></body>")


def test_a_page_s_mark_is_another_when_what_it_shows_is(tmp_path: Path) -> None:
    """Its own words or a picture in it; a picture elsewhere changes nothing."""
    page, picture = b'<img src="/images/a.svg">', tmp_path / "images" / "a.svg"
    picture.parent.mkdir()
    picture.write_text("en", encoding="utf-8")
    before = mark_of(page, tmp_path)
    picture.with_name("b.svg").write_text("en", encoding="utf-8")
    assert mark_of(page, tmp_path) == before != mark_of(page + b" ", tmp_path)
    picture.write_text("en annan", encoding="utf-8")
    assert mark_of(page, tmp_path) != before


def test_only_the_search_may_run_webassembly(client: Client, tmp_path: Path) -> None:
    """Its page, and its worker, which has the policy that its own file was sent with."""
    for name in ("output/sok/index.html", "output/pagefind/sv/pagefind-worker.js"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).touch()
    allowed = {path: "wasm" in get(client, path).headers["Content-Security-Policy"] for path in PATHS_OF_POLICIES}
    assert allowed == dict(zip(PATHS_OF_POLICIES, [True, True, False, False], strict=True))

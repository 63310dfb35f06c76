"""Branches other than main: a preview for those who know its address, and for nobody else."""

import json
import re
from pathlib import Path

import pytest

from builder.receive.releases import branch_channel
from common.threads import published_name
from tests.publishing.conftest import Server, Writer, new_server
from tests.site.conftest import comment

URL = "https://ordetfritt.lindhamn.example"
PREVIEWS = "PREVIEWS=https://{token}.forhandsvisning.lindhamn.example\n"


def push_branch(writer: Writer, server: Server, name: str = "nytt-brev") -> str:
    """Push a branch with a draft, a letter of a later date and a link; gives what was said."""
    (server.house.root / "settings").write_text(PREVIEWS, encoding="utf-8")
    writer.git("checkout", "-q", "-b", name)
    writer.letter("utkast", status="draft")
    writer.letter("sedan", date="2999-01-01", body=f"[Ett](/2026/ett/) [Ett]({URL}/2026/ett/)")
    writer.write("content/pages/om.md", "Title: Om\n\nOm oss.\n")
    writer.commit()
    pushed = writer.push(name)
    assert pushed.ok, pushed.said
    return pushed.said


def preview(server: Server, name: str = "nytt-brev") -> Path:
    """The folder that the web server shows at the preview's address."""
    return branch_channel(server.house, name).link


def test_a_branch_is_previewed_and_main_is_not_touched(writer: Writer, server: Server) -> None:
    """The address is printed; drafts and what comes later are there."""
    before = server.house.current.readlink()
    said = push_branch(writer, server)
    [token] = re.findall(r"https://([0-9a-f]{32})\.forhandsvisning\.lindhamn\.example/", said)
    assert preview(server).name == token
    assert (preview(server) / "utkast/utkast/index.html").is_file()
    assert (preview(server) / "2999/sedan/index.html").is_file()
    assert (server.house.current.readlink(), server.shows("ett")) == (before, True)


def test_every_page_of_a_preview_says_what_it_is(writer: Writer, server: Server) -> None:
    """To people by a band with the branch's name, to search engines by noindex; nothing can be sent from it."""
    push_branch(writer, server, "nytt-<brev>")
    pages = list(preview(server, "nytt-<brev>").resolve().rglob("*.html"))
    assert len(pages) > 8
    for page in (path.read_text(encoding="utf-8") for path in pages if "pagefind" not in path.parts):
        assert '<meta name="robots" content="noindex, nofollow">' in page.partition("</head>")[0]
        assert page.count("Förhandsvisning av grenen nytt-&lt;brev&gt;. Det här är inte publicerat.") == 1
        assert 'method="post"' not in page
    assert "Disallow: /\n" in (preview(server, "nytt-<brev>") / "robots.txt").read_text(encoding="utf-8")
    letter = (preview(server, "nytt-<brev>") / "2026/ett/index.html").read_text(encoding="utf-8")
    assert "kommentarer skrivs under det publicerade brevet" in letter


def test_a_preview_has_no_comments(writer: Writer, server: Server) -> None:
    """One that is hidden later would stay, as a preview is built by its push alone."""
    published = server.house.data / "published"
    published.mkdir()
    table = {"format": 1, "uri": "/2026/ett/", "count": 1, "comments": [comment(1)]}
    (published / published_name("/2026/ett/")).write_text(json.dumps(table), encoding="utf-8")
    push_branch(writer, server)
    pages = [path for path in preview(server).resolve().rglob("*") if path.suffix in (".html", ".xml", ".json")]
    assert pages
    assert not any("Kommentar 1." in path.read_text(encoding="utf-8") for path in pages)


def test_links_stay_in_the_preview(writer: Writer, server: Server) -> None:
    """It has a host of its own, so that addresses from the root lead into it."""
    push_branch(writer, server)
    site = preview(server).resolve()
    for page in site.rglob("*.html"):
        for target in re.findall(r'(?:href|src|action)="([^"#?]+)', page.read_text(encoding="utf-8")):
            assert not target.startswith(URL), page


def test_a_preview_is_built_anew_and_removed_with_its_branch(writer: Writer, server: Server) -> None:
    """Nothing of it is left on the server."""
    push_branch(writer, server)
    writer.letter("ett", "Rättat.")
    writer.commit()
    writer.push("nytt-brev")
    assert "Rättat." in (preview(server) / "2026/ett/index.html").read_text(encoding="utf-8")
    assert "Förhandsvisningen av nytt-brev är borttagen" in writer.push("--delete", "nytt-brev").said
    assert not preview(server).is_symlink()
    assert not any(path.name == preview(server).name for path in server.house.root.rglob("*"))


def test_a_branch_that_cant_be_built_is_turned_away(writer: Writer, server: Server) -> None:
    """The preview that is there stays."""
    push_branch(writer, server)
    writer.letter("ett", date="igår")
    writer.commit()
    pushed = writer.push("nytt-brev")
    assert not pushed.ok
    assert "content/letters/ett.md:2: " in pushed.said
    assert (preview(server) / "2026/ett/index.html").is_file()


def test_a_branch_that_is_turned_away_at_first_leaves_nothing(writer: Writer, server: Server) -> None:
    """Its drafts must not stay on the server, as there is no branch to remove."""
    before = sorted((server.house.root / "work").iterdir())
    writer.git("checkout", "-q", "-b", "nytt-brev")
    writer.letter("hemligt", date="igår")
    writer.commit()
    assert not writer.push("nytt-brev").ok
    assert sorted((server.house.root / "work").iterdir()) == before
    assert list((server.house.root / "branches").iterdir()) == []


@pytest.mark.parametrize("pushes", [0])
def test_addresses_are_made_of_a_secret(server: Server, tmp_path: Path) -> None:
    """Another server gives the same branch another address, and the same server another branch another."""
    other = new_server(tmp_path / "other")
    names = [(each.house, name) for each in (server, other) for name in ("a", "b")]
    assert len({house.token(name) for house, name in names}) == 4
    assert server.house.token("a") == server.house.token("a")


@pytest.mark.parametrize("pushes", [0])
def test_a_preview_may_come_before_anything_is_published(writer: Writer, server: Server) -> None:
    """Whoever sets up a site tries it on a branch first."""
    writer.letter("ett")
    push_branch(writer, server)
    assert (preview(server) / "index.html").is_file()
    assert not server.house.current.is_symlink()

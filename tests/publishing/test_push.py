"""git push checks, builds and publishes; what can't be built is turned away and changes nothing."""

import os
from pathlib import Path

import pytest

from builder.receive.git import Git
from builder.receive.releases import main_channel
from pelicanconf import ADVICE_AT_ONCE
from tests.publishing.conftest import Server, Writer, new_server, new_writer, releases


def test_a_push_publishes(writer: Writer, server: Server) -> None:
    """Whoever pushes reads how it went and where the letter is."""
    writer.letter("tva")
    writer.commit("Skriv brev två")
    said = writer.push().said
    assert "remote: Granskar och bygger" in said
    assert "Nytt: Brevet tva, https://ordetfritt.lindhamn.example/2026/tva/" in said
    assert "(Skriv brev två)" in said
    assert server.shows("ett", "tva")


def test_what_cant_be_built_is_turned_away(writer: Writer, server: Server) -> None:
    """Every fault is named with its line; main, the site and its files are as they were."""
    [first] = writer.commits()
    before = server.house.current.readlink()
    writer.letter("tva", date="igår", body="[hit](/finns-inte/)")
    writer.commit()
    pushed = writer.push()
    assert not pushed.ok
    assert "remote: content/letters/tva.md:2: ”Date” måste vara ett datum" in pushed.said
    assert "remote: content/letters/tva.md:5: " in pushed.said
    assert (server.main(), server.house.current.readlink(), server.left_over()) == (first, before, [])


def test_a_release_leaves_older_ones_alone(writer: Writer, server: Server) -> None:
    """They share files on the disk, so one must never be written into."""
    [first] = releases(server)
    folder = server.house.root / "releases" / first / "site"
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    writer.publish("ett", "Sedan så.")
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
    assert (folder / "theme/site.css").samefile(server.house.current / "theme/site.css")
    assert "Sedan så." in server.read("2026/ett/index.html")


def test_an_older_commit_can_be_pushed(writer: Writer, server: Server) -> None:
    """git push --force goes back, and says to what."""
    first = writer.commits()[0]
    writer.publish("tva")
    assert "Det här går tillbaka till en äldre version" in writer.push("--force", f"{first}:main").said
    assert server.shows("ett")
    assert server.main() == first


def test_the_second_of_two_is_built_upon_the_first(writer: Writer, server: Server, tmp_path: Path) -> None:
    """Whoever has not seen the other's letter is told to fetch it; then both are there."""
    other = new_writer(tmp_path / "history/other", server)
    other.git("fetch", "-q", "publicera", "main")
    other.git("reset", "-q", "--hard", "FETCH_HEAD")
    writer.publish("tva")
    other.letter("tre")
    other.commit()
    assert not other.push().ok
    other.git("pull", "-q", "--rebase", "publicera", "main")
    assert other.push().ok
    assert server.shows("ett", "tva", "tre")


def test_old_releases_are_removed(writer: Writer, server: Server) -> None:
    """The disk must not fill; what is shown is never among them."""
    (server.house.root / "settings").write_text("KEEP=2\n", encoding="utf-8")
    writer.publish("tva")
    writer.publish("tre")
    assert len(releases(server)) == 2
    assert server.shows("ett", "tva", "tre")


def test_the_program_on_the_server_builds(writer: Writer, server: Server) -> None:
    """Code that is pushed never runs there; whoever pushes it is told."""
    writer.write("pelicanconf.py", "raise SystemExit('pushed')")
    writer.write("plugins/check.py", "raise SystemExit('pushed')")
    writer.commit()
    pushed = writer.push()
    assert pushed.ok
    assert "en annan pelicanconf.py, plugins/check.py" in pushed.said


def test_the_theme_is_the_pushed_one_unless_the_server_says_otherwise(writer: Writer, server: Server) -> None:
    """A template is code, so an organisation can keep it out of the push."""
    for name in ("templates", "static"):
        source = Path(__file__).parent.parent.parent / "theme" / name
        writer.write(f"theme/{name}/.keep", "")
        for file in (each for each in source.rglob("*") if each.is_file()):
            writer.write(f"theme/{name}/{file.relative_to(source)}", file.read_text(encoding="utf-8"))
    writer.write("theme/templates/404.html", "Vårt eget")
    writer.publish("tva")
    assert server.read("404.html").startswith("Vårt eget")
    (server.house.root / "settings").write_text(f"THEME={Path(__file__).parents[2] / 'theme'}\n", encoding="utf-8")
    writer.publish("tre")
    assert not server.read("404.html").startswith("Vårt eget")


def test_what_the_service_reads_comes_with_the_switch(server: Server) -> None:
    """letters.json lies in what the link shows: a letter takes comments from the moment it is there."""
    assert '"uri": "/2026/ett/"' in (server.house.root / "current" / "letters.json").read_text(encoding="utf-8")
    assert os.path.realpath(server.house.current).startswith(str(server.house.root / "releases"))


def test_setting_up_again_keeps_what_is_there(writer: Writer, server: Server) -> None:
    """A new version of the program writes its hooks anew."""
    secret = (server.house.root / "secret").read_bytes()
    (server.house.repository / "hooks/pre-receive").unlink()
    new_server(server.house.root)
    assert (server.house.root / "secret").read_bytes() == secret
    assert (server.house.root / "secret").stat().st_mode & 0o077 == 0
    writer.publish("tva")
    assert server.shows("ett", "tva")


@pytest.mark.parametrize("name", ["refs/notes/commits", "refs/for/main"])
def test_other_refs_are_turned_away(writer: Writer, server: Server, name: str) -> None:
    """Nobody keeps things there."""
    pushed = writer.push(f"HEAD:{name}")
    assert not pushed.ok
    assert "måste vara en gren eller en tagg" in pushed.said
    assert Git(server.house.repository).commit(name) is None
    assert main_channel(server.house).shown()


def test_advice_that_is_still_to_come_is_told_of(writer: Writer) -> None:
    """A push waits for that on some new texts alone; what it lists is then not all there is."""
    for number in range(ADVICE_AT_ONCE + 3):
        writer.letter(f"brev-{number}")
    writer.commit()
    assert "remote: Texter som det inte finns råd om än: 3." in writer.push().said
    writer.letter("till")
    writer.commit()
    assert "råd om än" not in writer.push().said

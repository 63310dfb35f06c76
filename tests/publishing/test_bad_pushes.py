"""What can be wrong with a push: each is said in plain words, and the published site stays as it was."""

import subprocess
from collections.abc import Iterator

import pytest

from builder.receive import tree
from builder.receive.git import Entry, Git
from builder.receive.pushed import refusals, updates
from builder.receive.talk import clean
from tests.publishing.conftest import Server, Writer

REFUSED = "Ingenting publicerades: refs/heads/main är som förut"


@pytest.fixture(autouse=True)
def untouched(server: Server) -> Iterator[None]:
    """Whatever is pushed here, "ett" is published afterwards, main is what it was, and nothing is left over."""
    before, main = server.house.current.readlink(), server.main()
    yield
    assert (server.house.current.readlink(), server.main(), server.left_over()) == (before, main, [])
    assert server.shows("ett")


def refused(writer: Writer, *refspec: str) -> str:
    """Commit and push what must be turned away; gives what was said."""
    writer.commit()
    pushed = writer.push(*refspec)
    assert not pushed.ok
    assert REFUSED in pushed.said
    return pushed.said


def test_a_link_out_of_the_site(writer: Writer) -> None:
    """It would publish any file of the server."""
    (writer.folder / "content/letters/passwd.md").symlink_to("/etc/passwd")
    said = refused(writer)
    assert "content/letters/passwd.md: måste vara en fil, inte en länk" in said
    assert "root:" not in said


def test_another_repository_in_it(writer: Writer) -> None:
    """git pushes its name alone, not what it holds."""
    writer.git("update-index", "--add", "--cacheinfo", f"160000,{writer.commits()[0]},content/letters/annat")
    writer.git("commit", "-q", "-m", "Annat")
    pushed = writer.push()
    assert not pushed.ok
    assert "content/letters/annat: måste vara en vanlig mapp" in pushed.said


@pytest.mark.parametrize("name", ["rad\nbrytning.md", "f\x1b[31m\x9bärg.md", "\u202egnp.md", "bak\\streck.md"])
def test_a_name_that_a_terminal_would_obey(writer: Writer, name: str) -> None:
    """It is written out, and can't be used."""
    writer.write(f"content/letters/{name}", "Title: x\n")
    said = refused(writer)
    assert "namnet måste bestå av vanliga bokstäver" in said
    assert "\x1b[31m" not in said
    assert "\u202e" not in said


def test_a_name_that_is_no_text(writer: Writer) -> None:
    """A file from an old disk, named in Latin-1."""
    name = b"br\xe9v.md".decode("utf-8", "surrogateescape")
    writer.write(f"content/letters/{name}", "x")
    assert "content/letters/br\\xe9v.md: namnet måste" in refused(writer)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"PK\x03\x04\x00\x00", "brev.md:1: "),
        ("Title: Ärende".encode("latin-1"), "brev.md:1: "),
        ("Title: Ärende".encode("utf-16"), "brev.md:1: "),
    ],
)
def test_a_file_that_is_no_letter(writer: Writer, content: bytes, words: str) -> None:
    """Named with what it must be."""
    (writer.folder / "content/letters/brev.md").write_bytes(content)
    assert f"content/letters/{words}" in refused(writer)


def test_a_letter_saved_under_another_ending(writer: Writer) -> None:
    """In the words of the check, not as if it were published."""
    writer.write("content/letters/brev.md.txt", "Title: Brev\n")
    assert "remote: content/letters/brev.md.txt:1: är inget brev och kommer inte med" in refused(writer)


def test_a_file_in_the_place_of_the_letters(writer: Writer) -> None:
    """It would be a site without any."""
    writer.git("rm", "-q", "-r", "content")
    writer.write("content/letters", "x")
    assert "remote: content/letters:1: måste vara en mapp, inte en fil" in refused(writer)


def test_ten_thousand_faulty_files(writer: Writer) -> None:
    """Whoever pushes them reads the first, and how many there are."""
    for number in range(10_000):
        writer.write(f"content/letters/fil-{number}.md", "Ingenting")
    said = refused(writer)
    assert "content/letters/fil-0.md:1: " in said
    assert "fler" in said or " till." in said
    assert len(said.splitlines()) < 100


def test_no_letters_at_all(writer: Writer) -> None:
    """A repository of something else."""
    writer.git("rm", "-q", "-r", "content", "site.toml")
    writer.write("index.js", "")
    said = refused(writer)
    assert "Det måste finnas en mapp ”content”" in said
    assert "Det måste finnas en fil ”site.toml”" in said


def test_a_commit_without_files(writer: Writer) -> None:
    """An empty tree."""
    writer.git("rm", "-q", "-r", ".")
    assert "Det finns inga filer i det du pushade" in refused(writer)


def test_an_empty_repository(writer: Writer) -> None:
    """git itself says that there is nothing to push."""
    writer.git("checkout", "-q", "--orphan", "tom")
    assert not writer.push("tom").ok


def test_a_tag(writer: Writer) -> None:
    """It is taken in, and publishes nothing."""
    writer.git("tag", "v1")
    pushed = writer.push("v1")
    assert pushed.ok
    assert "En tagg publicerar ingenting" in pushed.said


def test_a_deleted_main(writer: Writer) -> None:
    """The site can't be removed by a slip."""
    pushed = writer.push("--delete", "main")
    assert not pushed.ok
    assert "Grenen main måste vara kvar" in pushed.said


def test_a_site_toml_that_cant_be_read(writer: Writer) -> None:
    """Named as whoever pushed it knows it, not by the server's own folders."""
    writer.write("site.toml", "organisation = ")
    said = refused(writer)
    assert "remote: site.toml" in said
    assert "/work/" not in said


def test_a_push_to_more_than_one_branch_is_all_or_nothing(writer: Writer, server: Server) -> None:
    """Nobody has to think about which half came through."""
    writer.git("branch", "bra")
    writer.letter("trasigt", date="igår")
    refused(writer, "bra", "main")
    assert Git(server.house.repository).commit("refs/heads/bra") is None


def test_objects_that_git_finds_broken(writer: Writer, server: Server) -> None:
    """A tree with a way out of the folder doesn't get as far as our own checks."""
    blob = writer.git("hash-object", "-w", "site.toml")
    data = b"100644 ..\0" + bytes.fromhex(blob)
    command = ["git", "hash-object", "-t", "tree", "-w", "--stdin", "--literally"]
    made = subprocess.run(command, input=data, cwd=writer.folder, capture_output=True, check=True).stdout.decode()
    commit = writer.git("commit-tree", made.strip(), "-m", "x")
    assert not writer.push("--force", f"{commit}:main").ok


def test_limits_of_number_and_size(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Above them a build would not end; the words say what may be."""
    monkeypatch.setattr(tree, "MOST_FILES", 3)
    entries = [Entry("100644", "0" * 40, 1, f"content/{number}.md") for number in range(3)]
    entries.append(Entry("100644", "0" * 40, 1, "site.toml"))
    assert list(tree.tree_faults(entries, str)) == [
        "There must be at most 3 files in a site; what you pushed has 4."
    ]  # fmt: skip
    large = Entry("100644", "0" * 40, 123_000_000, "content/film.mp4")
    assert list(tree.tree_faults([large, entries[-1]], str)) == [
        "content/film.mp4: must have at most 100 MB, not 123 MB"
    ]


@pytest.mark.parametrize("path", ["content/../x", "content/./x", f"content/{'å' * 128}.md"])
def test_paths_that_lead_elsewhere(server: Server, path: str) -> None:
    """git turns most of them away; what comes through is named."""
    entries = [Entry("100644", "0" * 40, 1, name) for name in (path, "site.toml")]
    assert "can't be used on the server" in next(tree.tree_faults(entries, str))


def test_a_branch_that_is_no_commit(server: Server, writer: Writer) -> None:
    """A blob or a tag can't be shown."""
    blob = Git(server.house.repository).ask("rev-parse", "main:site.toml")
    [update] = updates([f"{'0' * 40} {blob} refs/heads/x\n"])
    assert "must be a commit" in next(refusals(update, Git(server.house.repository), str))


def test_what_is_said_is_one_plain_line() -> None:
    """Whatever a file, a commit or a branch is called."""
    assert clean("a\r\n\x1b]0;x\x07\u2028\u202eb\udcff") == "a\\r\\n\\x1b]0;x\\x07\\u2028\\u202eb\\xff"
    assert clean("Brevet om räkor – ”klart” 🙂") == "Brevet om räkor – ”klart” 🙂"

"""make new begins a letter; the hook that it offers checks what is about to be committed. Both with a real git."""

import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from builder.checking import findings
from builder.hook import hook, hook_file
from builder.new import new
from builder.places import ROOT
from tests.site.conftest import Site


@pytest.fixture
def repository(site: Site, monkeypatch: pytest.MonkeyPatch) -> Site:
    """A site whose CONTENT lies in a git repository of its own."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    git(site, "init", "-q", "..")
    git(site, "config", "user.name", "En redaktör")
    git(site, "config", "user.email", "redaktor@lindhamn.example")
    return site


def git(site: Site, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run git where the letters are; stdout and stderr together."""
    command = ["git", "-C", str(site.where.content), *arguments]
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def letters(site: Site) -> list[str]:
    """The names of the files that hold letters."""
    return sorted(file.name for file in (site.where.content / "letters").iterdir())


def test_a_new_letter_is_a_draft_that_passes_every_check(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    """Its address follows Swedish habit, and what to do next is said."""
    assert new(site.where, 'Åsa, "Örjan" & Zoë: 100 % på väg?') == 0
    text = (site.where.content / "letters" / "asa-orjan-zoe-100-pa-vag.md").read_text(encoding="utf-8")
    assert text.startswith('Title: Åsa, "Örjan" & Zoë: 100 % på väg?\nDate: 20')
    assert "\nAuthor: Stadsdirektören\nSlug: asa-orjan-zoe-100-pa-vag\n" in text
    assert "\nStatus: draft\n" in text
    assert findings(site.where) == []
    assert "asa-orjan-zoe-100-pa-vag.md finns nu, som utkast." in capsys.readouterr().out
    assert "Åsa, ”Örjan” &amp; Zoë" in site.built().read("utkast/asa-orjan-zoe-100-pa-vag/index.html")


REFUSED = [
    ("", "TITLE must be given"),
    (" ", "TITLE must be given"),
    ("Två\nrader", "TITLE must be one line of text"),
    ("😀😀", "TITLE must hold letters or digits"),
    ("../..", "TITLE must hold letters or digits"),
    ("x" * 300, "TITLE must have at most 200 characters, not 300"),
]


@pytest.mark.parametrize(("title", "message"), REFUSED)
def test_a_title_that_won_t_do_is_told(
    site: Site, title: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """In one sentence, and nothing is written."""
    site.set_language("en")
    assert new(site.where, title) == 1
    assert capsys.readouterr().err.startswith(message)
    assert letters(site) == []


@pytest.mark.parametrize("title", ["$(touch x) `y` \\ ../../etc", "'; rm -rf / #", "-x", "Pris $HOME $5"])
def test_no_title_gets_out_of_its_line(site: Site, title: str) -> None:
    """Through make and the shell it comes as it was written."""
    done = subprocess.run(["make", "-s", "-f", ROOT / "Makefile", "-o", ".venv/run", "new", f"TITLE={title}"], cwd=ROOT)
    (name,) = letters(site)
    assert done.returncode == 0
    assert (site.where.content / "letters" / name).read_text(encoding="utf-8").startswith(f"Title: {title}\n")


def test_an_address_that_is_taken_is_named(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    """A letter of this year has it, whatever its file is called; nothing is ever written over."""
    site.set_language("en")
    assert new(site.where, "God jul") == 0
    (site.where.content / "letters" / "god-jul.md").rename(site.where.content / "letters" / "annat.md")
    assert new(site.where, "God jul!") == 1
    assert "annat.md; give the letter another title" in capsys.readouterr().err


def test_drafts_of_all_years_have_their_addresses_beside_each_other(
    site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    """In the preview, /utkast/god-jul/, where there can be one."""
    site.letter("god-jul", date="2020-12-24", status="draft")
    assert new(site.where, "God jul") == 1
    assert "god-jul.md" in capsys.readouterr().err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux")
def test_a_full_disk_leaves_no_half_letter(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """It would be in the way of the next try."""
    opened = Path.open

    def full(path: Path, mode: str = "r", **more: Any) -> Any:
        if mode != "x":
            return opened(path, mode, **more)
        file = opened(path, mode, **more)
        os.dup2(os.open("/dev/full", os.O_WRONLY), file.fileno())
        return file

    with monkeypatch.context() as patched:
        patched.setattr(Path, "open", full)
        assert new(site.where, "God jul") == 1
    assert letters(site) == []
    assert new(site.where, "God jul") == 0


def test_what_a_letter_begins_with_is_not_published(site: Site) -> None:
    """A draft may keep it; the handbook's reader has put their own text there."""
    assert new(site.where, "God jul") == 0
    file = site.where.content / "letters" / "god-jul.md"
    assert site.build().ok
    file.write_text(file.read_text(encoding="utf-8").replace("Status: draft\n", ""), encoding="utf-8")
    assert [fault.partition(" får inte säga")[0] for fault in site.build().faults] == [
        f"{file}:{line}:" for line in (8, 12, 18)
    ]


def test_last_year_s_letter_may_have_the_same_title(site: Site) -> None:
    """Its address has another year, and its file stays."""
    before = site.letter("god-jul", date="2020-12-24").read_bytes()
    assert new(site.where, "God jul") == 0
    assert len(letters(site)) == 2
    assert (site.where.content / "letters" / "god-jul.md").read_bytes() == before


@pytest.mark.parametrize(("name", "author"), [("stadsdirektören", "Stadsdirektören"), ("Okänd", "Stadsdirektören")])
def test_the_author_is_a_writer_of_the_site(repository: Site, name: str, author: str) -> None:
    """The one that git knows, else the first in site.toml."""
    git(repository, "config", "user.name", name)
    new(repository.where, "Hej")
    assert f"\nAuthor: {author}\n" in (repository.where.content / "letters" / "hej.md").read_text(encoding="utf-8")


def test_a_commit_with_errors_is_not_made(repository: Site) -> None:
    """What counts is what is staged, not what the file says by now; names may have å and spaces."""
    assert hook(repository.where) == 0
    path = repository.letter("mitt brev på kajen", "[här](/nej/)", slug="kajen")
    git(repository, "add", "-A", "..")
    path.write_text(path.read_text(encoding="utf-8").replace("[här](/nej/)", "Bra."), encoding="utf-8")
    told = git(repository, "commit", "-m", "Ett brev")
    assert told.returncode == 1
    assert "content/letters/mitt brev på kajen.md:5: länken ”här” måste säga" in told.stdout
    assert "Att rätta: 2. Råd: 0." in told.stdout
    assert git(repository, "commit", "-am", "Ett brev").returncode == 0
    assert not list((repository.where.content.parent / ".git").glob("ordetfritt-*"))


def test_a_commit_is_held_for_what_it_breaks_elsewhere(repository: Site) -> None:
    """Two letters may each be right, and not together; old faults elsewhere are nobody's today."""
    repository.letter("ett", "# Gammalt fel")
    two = repository.letter("tva", "[det första brevet]({filename}ett.md)")
    git(repository, "add", "-A", "..")
    git(repository, "commit", "-m", "Två brev")
    hook(repository.where)
    two.write_text(two.read_text(encoding="utf-8") + "\nMer.\n", encoding="utf-8")
    assert git(repository, "commit", "-am", "Mer").returncode == 0
    git(repository, "rm", "-q", "letters/ett.md")
    told = git(repository, "commit", "-m", "Bort")
    assert told.returncode == 1
    assert "content/letters/tva.md:5: länken ”{filename}ett.md”" in told.stdout


def test_a_letter_of_another_ending_is_told_of_when_it_is_committed(repository: Site) -> None:
    """And only then."""
    hook(repository.where)
    (repository.where.content / "letters" / "brev.txt").write_text("Title: Brev\n", encoding="utf-8")
    git(repository, "add", "-A", "..")
    told = git(repository, "commit", "-m", "Brev")
    assert told.returncode == 1
    assert "content/letters/brev.txt:1: är inget brev och kommer inte med" in told.stdout
    git(repository, "commit", "-n", "-m", "Brev")
    repository.letter("ett")
    git(repository, "add", "-A", "..")
    assert git(repository, "commit", "-m", "Ett").returncode == 0


def test_a_commit_of_other_files_is_none_of_our_business(repository: Site) -> None:
    """And what is not staged stays unread."""
    hook(repository.where)
    repository.letter("fel", "# Fel")
    (repository.where.content.parent / "annat.txt").write_text("x", encoding="utf-8")
    git(repository, "add", "../annat.txt")
    assert git(repository, "commit", "-m", "Annat").returncode == 0


def test_a_second_working_copy_is_checked_by_its_own_letters(repository: Site, tmp_path: Path) -> None:
    """Also where git tells the hook, in its environment, in which folder it keeps what it knows."""
    repository.letter("ett")
    git(repository, "add", "-A", "..")
    git(repository, "commit", "-m", "Ett brev")
    hook(repository.where)
    copy = tmp_path / "kopia"
    git(repository, "worktree", "add", "-q", str(copy))
    for folder, kept in ((copy, []), (repository.where.content.parent, ["--git-dir=.git"])):
        path = folder / "content" / "letters" / "ett.md"
        path.write_text(path.read_text(encoding="utf-8") + "\n# Fel\n", encoding="utf-8")
        told = git(repository, "-C", str(folder), *kept, "commit", "-am", "Fel")
        assert (told.returncode, "content/letters/ett.md:7: " in told.stdout) == (1, True), told.stdout


def test_another_s_hook_stays(repository: Site, capsys: pytest.CaptureFixture[str]) -> None:
    """What to add to it is said; core.hooksPath is where git looks."""
    repository.set_language("en")
    git(repository, "config", "core.hooksPath", "krokar")
    file = hook_file(repository.where.content)
    file.parent.mkdir()
    file.write_text("#!/bin/sh\ntrue\n", encoding="utf-8")
    assert hook(repository.where) == 1
    assert "-m builder check --staged || exit 1" in capsys.readouterr().err
    assert file.read_text(encoding="utf-8") == "#!/bin/sh\ntrue\n"


def at_a_terminal(site: Site, title: str, answer: str) -> str:
    """What `builder new` says to somebody at a terminal who answers so."""
    ours, theirs = pty.openpty()
    os.write(ours, f"{answer}\n".encode())
    command = [sys.executable, "-m", "builder", "new", title]
    try:
        return subprocess.run(command, cwd=ROOT, stdin=theirs, capture_output=True, text=True, check=True).stdout
    finally:
        os.close(ours)
        os.close(theirs)


def test_the_hook_is_offered_at_a_terminal(repository: Site) -> None:
    """In the site's language; once it is there nobody is asked again."""
    assert "Ska brev kontrolleras före varje commit?" in at_a_terminal(repository, "Ett", "ja")
    assert os.access(hook_file(repository.where.content), os.X_OK)
    assert "Ska brev" not in at_a_terminal(repository, "Två", "nej")


def test_a_no_is_remembered(repository: Site) -> None:
    """By the repository, so that nobody is asked twice."""
    at_a_terminal(repository, "Ett", "nej")
    assert not hook_file(repository.where.content).exists()
    assert "Ska brev" not in at_a_terminal(repository, "Två", "ja")


def test_without_a_repository_there_is_nothing_to_hook(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    """Which is said."""
    site.set_language("en")
    assert hook(site.where) == 1
    assert "must lie in a git repository" in capsys.readouterr().err

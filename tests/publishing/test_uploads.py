"""deploy/upload: brings a built site to a server that has no builder, and goes back; a folder stands for the server."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from builder.places import ROOT

COMMIT = "0123456789abcdef0123456789abcdef01234567"
COMMITS = [f"{number}{COMMIT[1:]}" for number in range(4)]


@dataclass(frozen=True)
class Uploads:
    """The programs that there are, a built site, and the server's folder."""

    path: str
    built: Path
    server: Path

    def bring(self, commit: str, *more: str, text: str = "") -> str:
        """Upload a site that says `text`, or what commit it is of; the release's name, or "" where it isn't brought."""
        (self.built / "theme").mkdir(parents=True, exist_ok=True)
        (self.built / "theme/site.css").write_text("body {}")
        (self.built / "index.html").write_text(text or commit)
        return self.run(str(self.built), str(self.server), commit, *more)

    def run(self, *arguments: str) -> str:
        """Run deploy/upload; what it printed."""
        environment = os.environ | {"PATH": self.path}
        done = subprocess.run(["deploy/upload", *arguments], cwd=ROOT, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        assert done.stdout or "has gone back from" in done.stderr
        assert "--back" not in arguments or "a comment that was hidden since is there" in done.stderr
        return done.stdout.strip()

    def back(self) -> str:
        """Go back; the release's name."""
        return self.run("--back", str(self.server))

    def to_build(self, commit: str) -> str:
        """The commit that a scheduled build of `commit` is to build."""
        return self.run("--shown", str(self.server), commit)

    @property
    def shown(self) -> str:
        """What readers see."""
        return (self.server / "current/index.html").read_text()

    @property
    def kept(self) -> list[str]:
        """The releases' names, the oldest first."""
        return sorted(path.name for path in (self.server / "releases").iterdir())


@pytest.fixture(scope="module", params=["nothing", "rsync"])
def path(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A PATH with the same programs but one: with rsync, which sends only what changed, or without."""
    if request.param == "nothing" and not shutil.which("rsync"):
        pytest.skip("rsync must be installed")
    folder = tmp_path_factory.mktemp("tools")
    for place in os.environ["PATH"].split(":"):
        for program in Path(place).glob("*"):
            if program.name != request.param and not (folder / program.name).exists():
                (folder / program.name).symlink_to(program)
    return str(folder)


@pytest.fixture
def uploads(path: str, tmp_path: Path) -> Uploads:
    """A server that nothing has been brought to."""
    return Uploads(path, tmp_path / "output", tmp_path / "srv")


def test_an_upload_switches_at_once_and_can_be_taken_back(uploads: Uploads) -> None:
    """Old versions are as they were."""
    names = [uploads.bring(commit) for commit in COMMITS[:3]]
    assert (uploads.shown, uploads.kept) == (COMMITS[2], names)
    assert uploads.back() == names[1]
    assert uploads.shown == COMMITS[1]
    styles = {(uploads.server / "releases" / name / "site/theme/site.css").stat().st_ino for name in names}
    assert len(styles) == (1 if (Path(uploads.path) / "rsync").exists() else 3)


def test_builds_of_the_clock_push_no_other_commit_out(uploads: Uploads) -> None:
    """Of each commit the last is kept, of ten commits."""
    names = [uploads.bring(f"{number:x}{COMMIT[1:]}") for number in range(11)]
    renewed = [uploads.bring(f"a{COMMIT[1:]}", text=str(number)) for number in range(3)]
    assert (uploads.shown, uploads.kept) == ("2", [*names[1:10], renewed[2]])
    assert uploads.back() == names[9]


def test_what_was_gone_back_from_is_not_shown_by_the_clock(uploads: Uploads) -> None:
    """A scheduled build renews the commit that is shown instead, and a new commit ends it."""
    good, bad, mended, _ = COMMITS
    for commit in (good, bad):
        uploads.bring(commit)
    uploads.back()
    assert uploads.bring(bad) == ""
    assert uploads.to_build(bad) == good
    uploads.bring(good, text="Renewed")
    assert (uploads.bring(bad), uploads.shown) == ("", "Renewed")
    assert uploads.to_build(mended) == mended
    uploads.bring(mended)
    assert uploads.shown == uploads.to_build(mended) == mended
    uploads.bring(bad)
    assert uploads.shown == bad


def test_going_back_again_goes_further_back(uploads: Uploads) -> None:
    """Not to what was left a moment ago, though what is shown has been built anew after it."""
    first, second, third, _ = COMMITS
    for commit in (first, second, third):
        uploads.bring(commit)
    uploads.back()
    uploads.bring(second)
    uploads.back()
    assert (uploads.shown, uploads.to_build(third)) == (first, first)
    assert (uploads.bring(second), uploads.bring(third), uploads.shown) == ("", "", first)


def test_an_older_commit_built_anew_stays_as_one_gone_back_to(uploads: Uploads) -> None:
    """Until a new one comes, or it is told to show the commit that was left."""
    older, bad, _, _ = COMMITS
    for commit in (older, bad):
        uploads.bring(commit)
    uploads.bring(older, bad, text="Built anew")
    assert (uploads.bring(bad), uploads.to_build(bad), uploads.shown) == ("", older, "Built anew")
    uploads.bring(bad, bad)
    assert uploads.shown == uploads.to_build(bad) == bad


def test_an_older_commit_built_anew_leaves_the_one_gone_back_to(uploads: Uploads) -> None:
    """A build of the clock that was under way does not show that again; nor is a commit lost that came meanwhile."""
    oldest, older, bad, mended = COMMITS
    for commit in (oldest, older, bad):
        uploads.bring(commit)
    uploads.back()
    uploads.bring(oldest, bad)
    assert (uploads.bring(older), uploads.bring(bad), uploads.shown) == ("", "", oldest)
    uploads.bring(mended)
    uploads.bring(oldest, bad)
    assert (uploads.bring(bad), uploads.to_build(mended)) == ("", mended)


def test_going_back_needs_another_commit(uploads: Uploads) -> None:
    """What cannot be gone back from is as it was, and can be shown anew."""
    for _ in range(2):
        uploads.bring(COMMIT)
    with pytest.raises(AssertionError, match="no version before"):
        uploads.back()
    assert uploads.bring(COMMIT, text="Anew")
    assert uploads.shown == "Anew"


@pytest.mark.parametrize(
    "arguments",
    ["{0} srv " + COMMIT, "{0} /srv/$(id) " + COMMIT, "{0} /srv/x v1", "{0} /srv/x 0123456789ab",
     "{0} /srv/x " + COMMIT + " main", "--shown /srv/x v1", "/finns-inte /srv/x " + COMMIT],
)  # fmt: skip
def test_an_upload_that_cant_be_is_refused(tmp_path: Path, arguments: str) -> None:
    """Before anything is sent."""
    (tmp_path / "index.html").write_text("")
    command = ["deploy/upload", *arguments.format(tmp_path).split(" ")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 1
    assert " must " in done.stderr

"""The workflows to copy: their lines are run here as they stand, with a folder in the place of the server."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from builder.places import ROOT
from tests.site.conftest import Site

FILES = {"github": ROOT / "deploy/github-actions.yml", "gitlab": ROOT / "deploy/gitlab-ci.yml"}
COMMIT = "0123456789abcdef0123456789abcdef01234567"


def lines(kind: str, job: str) -> list[str]:
    """The shell lines of a job."""
    table: dict[str, Any] = yaml.safe_load(FILES[kind].read_text(encoding="utf-8"))
    if kind == "gitlab":
        return list(table[job]["script"])
    return [step["run"] for step in table["jobs"][job]["steps"] if "run" in step and ".ssh" not in step["run"]]


def run(line: str, site: Site, **variables: str) -> str:
    """Run a line as the workflow does; gives what it printed."""
    # What the lines make is there: a test must not install anything.
    environment = os.environ | {"MAKEFLAGS": "-o .venv/run"} | site.where.environment() | variables
    done = subprocess.run(["sh", "-euc", line], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def tools(folder: Path, without: str) -> str:
    """A PATH with the same programs but one."""
    folder.mkdir()
    for place in os.environ["PATH"].split(":"):
        for program in Path(place).glob("*"):
            if program.name != without and not (folder / program.name).exists():
                (folder / program.name).symlink_to(program)
    return str(folder)


@pytest.mark.parametrize("kind", FILES)
def test_the_lines_build_and_publish(kind: str, site: Site, tmp_path: Path) -> None:
    """Check, build, upload and switch; the site stands in what the web server shows."""
    site.letter("ett")
    for line in lines(kind, "bygg"):
        run(line, site)
    target = {"TARGET": str(tmp_path / "srv"), "GITHUB_SHA": COMMIT, "CI_COMMIT_SHA": COMMIT}
    for line in lines(kind, "publicera"):
        run(re.sub(r"\boutput\b", str(site.where.output), line), site, **target)
    assert (tmp_path / "srv/current/2026/ett/index.html").is_file()
    assert (tmp_path / "srv/current").readlink().parts[0] == "releases"


@pytest.mark.parametrize(("source", "is_built"), [("schedule", True), ("push", False)])
def test_a_scheduled_build_keeps_what_is_public_up_to_date(site: Site, source: str, is_built: bool) -> None:
    """Also when the review of its accessibility has become too old for a new version."""
    site.letter("ett")
    facts = site.where.site.read_text(encoding="utf-8")
    site.where.site.write_text(re.sub(r"(?m)^reviewed = .*", "reviewed = 2024-01-01", facts), encoding="utf-8")
    line = next(line for line in lines("gitlab", "bygg") if "make publish" in line)
    if is_built:
        run(line, site, CI_PIPELINE_SOURCE=source)
    else:
        with pytest.raises(AssertionError, match="accessibility.reviewed"):
            run(line, site, CI_PIPELINE_SOURCE=source)
    (job,) = (job for job in yaml.safe_load(FILES["github"].read_text())["jobs"].values() if "env" in job)
    assert "github.event_name == 'schedule'" in job["env"]["RENEWAL"]


@pytest.mark.parametrize("without", ["nothing", "rsync"])
def test_an_upload_switches_at_once_and_can_be_taken_back(site: Site, tmp_path: Path, without: str) -> None:
    """With rsync, which sends only what changed, or without; old versions are as they were."""
    if without == "nothing" and not shutil.which("rsync"):
        pytest.skip("rsync must be installed")
    path, target, built = tools(tmp_path / "tools", without), str(tmp_path / "srv"), site.where.output
    versions = []
    for number in range(3):
        (built / "theme").mkdir(parents=True, exist_ok=True)
        (built / "theme/site.css").write_text("body {}")
        (built / "index.html").write_text(f"Version {number}")
        line = f"deploy/upload {built} {target} {number}{COMMIT[1:]}"
        versions.append(run(line, site, PATH=path).strip())
    now = tmp_path / "srv/current/index.html"
    assert (now.read_text(), sorted(path.name for path in (tmp_path / "srv/releases").iterdir())) == (
        "Version 2",
        versions,
    )
    assert run(f"deploy/upload --back {target}", site, PATH=path).strip() == versions[1]
    assert now.read_text() == "Version 1"
    styles = {(tmp_path / "srv/releases" / version / "site/theme/site.css").stat().st_ino for version in versions}
    assert len(styles) == (1 if without == "nothing" else 3)


@pytest.mark.parametrize(
    "arguments", ["{0} srv " + COMMIT, "{0} /srv/$(id) " + COMMIT, "{0} /srv/x v1", "/finns-inte /srv/x " + COMMIT]
)
def test_an_upload_that_cant_be_is_refused(site: Site, arguments: str) -> None:
    """Before anything is sent."""
    site.where.output.mkdir()
    (site.where.output / "index.html").write_text("")
    command = ["deploy/upload", *arguments.format(site.where.output).split(" ")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 1
    assert " must " in done.stderr

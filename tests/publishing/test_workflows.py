"""The workflows to copy: their lines are run here as they stand, with a folder in the place of the server."""

import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from jinja2 import Environment

from builder.places import ROOT
from tests.publishing.conftest import ALONE, WHO
from tests.site.conftest import Site, comment

FILES = {"github": ROOT / "deploy/github-actions.yml", "gitlab": ROOT / "deploy/gitlab-ci.yml"}
LOCKS = ("requirements-build.lock", "requirements.lock")
PROGRAM = ("Makefile", *LOCKS, ".venv", "builder", "common", "deploy", "plugins")


@dataclass(frozen=True)
class Workflow:
    """A copy of the repository, which a workflow is run in, and the server's folder."""

    kind: str
    site: Site
    folder: Path

    @property
    def server(self) -> Path:
        """What stands for the server."""
        return self.folder / "srv"

    def commit(self) -> str:
        """Commit the content to main; the commit's name."""
        self.git("add", "content")
        self.git("commit", "--quiet", "--message", "Ett brev")
        return self.git("rev-parse", "HEAD")

    def git(self, *arguments: str) -> str:
        """Run git in the copy; gives what it printed."""
        command, environment = ["git", *arguments], os.environ | WHO | ALONE
        return subprocess.run(
            command, cwd=self.folder, env=environment, check=True, capture_output=True, text=True
        ).stdout.strip()

    def run(self, event: str, commit: str = "") -> None:
        """Run the jobs that an event starts on main, one after another; `commit` is what a person typed in."""
        self.git("checkout", "--quiet", "main")
        given = self.folder / ("shown.env" if self.kind == "gitlab" else "given")
        given.write_text("")
        for job in ("vilken", "bygg", "publicera") if event == "schedule" else ("bygg", "publicera"):
            shown = given.read_text().strip().partition("=")[2]
            for line, variables in self.lines(job, event, commit, shown):
                run(line, self.folder, self.site, GITHUB_OUTPUT=str(given), **variables)

    def lines(self, job: str, event: str, commit: str, shown: str) -> Iterator[tuple[str, dict[str, str]]]:
        """The shell lines of a job, each with the variables that it is given."""
        main, target = self.git("rev-parse", "main"), str(self.server)
        table: dict[str, Any] = yaml.safe_load(FILES[self.kind].read_text(encoding="utf-8"))
        if self.kind == "gitlab":
            job_variables = {name: str(value) for name, value in table[job].get("variables", {}).items()}
            own = {"TARGET": target, "CI_COMMIT_SHA": main, "CI_PIPELINE_SOURCE": event, "COMMIT": commit}
            yield from ((line, {**job_variables, **own, "SHOWN": shown}) for line in table[job]["script"])
            return
        names = {
            "github": {"event_name": event, "sha": main},
            "inputs": {"commit": commit},
            "needs": {"vilken": {"outputs": {"commit": shown}}},
            "vars": {"TARGET": target, "CONVERSATIONS": self.site.where.conversations},
        }
        steps = table["jobs"][job]["steps"]
        for step in (step for step in steps if "run" in step and ".ssh" not in step["run"]):
            env = {**table["jobs"][job].get("env", {}), **step.get("env", {})}
            yield step["run"], {"GITHUB_SHA": main} | {name: worked_out(value, names) for name, value in env.items()}


def worked_out(text: str, names: Mapping[str, Any]) -> str:
    """A value with its expressions as GitHub has them, which Jinja reads with other words for && and ||."""

    def value(found: re.Match[str]) -> str:
        expression = found[1].replace("&&", " and ").replace("||", " or ")
        return str(Environment().compile_expression(expression)(**names))

    return re.sub(r"\$\{\{(.*?)\}\}", value, text)


def run(line: str, folder: Path, site: Site, **variables: str) -> None:
    """Run a line as the workflow does."""
    # What the lines make is there: a test must not install anything.
    environment = os.environ | {"MAKEFLAGS": "-o .venv/run"} | site.where.environment() | variables
    done = subprocess.run(["sh", "-euc", line], cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def review_long_ago(site: Site) -> None:
    """Let the last review of the accessibility be too old for anything new to be published."""
    facts = site.where.site.read_text(encoding="utf-8")
    site.where.site.write_text(re.sub(r"(?m)^reviewed = .*", "reviewed = 2024-01-01", facts), encoding="utf-8")


@pytest.fixture(params=FILES)
def workflow(request: pytest.FixtureRequest, site: Site) -> Workflow:
    """The program with a small site's content, on main."""
    folder = site.where.site.parent
    for part in PROGRAM:
        (folder / part).symlink_to(ROOT / part)
    made = Workflow(request.param, site, folder)
    made.git("init", "--quiet", "--initial-branch=main")
    return made


def test_the_lines_build_and_publish(workflow: Workflow) -> None:
    """Check, build, upload and switch; the site stands in what the web server shows."""
    workflow.site.letter("ett")
    workflow.commit()
    workflow.run("push")
    assert (workflow.server / "current/2026/ett/index.html").is_file()
    assert (workflow.server / "current").readlink().parts[0] == "releases"


def test_going_back_shows_an_older_commit_with_the_comments_of_today(workflow: Workflow) -> None:
    """Also by the builds of the clock: a comment that is hidden goes, however old the accessibility's review is."""
    letter, page = workflow.site.letter("ett", "Som det var."), workflow.server / "current/2026/ett/index.html"
    older = workflow.commit()
    letter.write_text(letter.read_text(encoding="utf-8").replace("Som det var.", "Fel."), encoding="utf-8")
    workflow.commit()
    review_long_ago(workflow.site)
    workflow.site.conversation("/2026/ett/", [comment(1), comment(2)])
    workflow.run("workflow_dispatch", older)
    assert all(text in page.read_text(encoding="utf-8") for text in ("Som det var.", "Kommentar 1.", "Kommentar 2."))
    workflow.site.conversation("/2026/ett/", [comment(2)])
    workflow.run("schedule")
    assert all(text in page.read_text(encoding="utf-8") for text in ("Som det var.", "Kommentar 2."))
    assert "Kommentar 1." not in page.read_text(encoding="utf-8")


def test_a_commit_of_another_branch_is_not_gone_back_to(workflow: Workflow) -> None:
    """What nobody has put into main is not published from it."""
    workflow.site.letter("ett")
    workflow.commit()
    workflow.git("checkout", "--quiet", "-b", "utkast")
    workflow.site.letter("två")
    draft = workflow.commit()
    with pytest.raises(AssertionError, match=f"{draft} finns inte på grenen"):
        workflow.run("workflow_dispatch", draft)


def test_nothing_new_is_published_on_a_review_that_is_too_old(workflow: Workflow) -> None:
    """What is public already is kept up to date all the same, as going back shows."""
    workflow.site.letter("ett")
    workflow.commit()
    review_long_ago(workflow.site)
    with pytest.raises(AssertionError, match="accessibility.reviewed"):
        workflow.run("push")

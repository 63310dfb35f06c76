"""python -m builder check tells what all the checks find, to people and to programs, and builds nothing."""

import io
import json
import os
import pty
import subprocess
import sys
import unicodedata
from dataclasses import asdict
from typing import Literal

import pytest

from builder.findings_report import is_coloured, report
from builder.places import ROOT
from builder.words import advice_in_a_line
from plugins.findings import Finding
from tests.site.conftest import Site

FINDINGS = [
    Finding("/a/b.md", 10, "must be\nright"),
    Finding("/a/b.md", 9, "might be better", "advice"),
    Finding("/a/a.md", 11, "must be right"),
]


def told(findings: list[Finding], json_wanted: bool = False) -> tuple[int, str]:
    """Exit code and text of a report that goes into a file."""
    stream = io.StringIO()
    return report(findings, str, json_wanted, stream), stream.getvalue()


def check(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command as the Makefile does."""
    command = [sys.executable, "-m", "builder", "check", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)


def test_findings_are_sorted_by_file_and_line() -> None:
    """One line each, whatever the message holds, and the numbers last."""
    assert told(FINDINGS) == (
        1,
        "/a/a.md:11: must be right\n/a/b.md:9: might be better\n/a/b.md:10: must be right\n"
        "To put right: 2. Advice: 1.\n",
    )


def test_no_text_speaks_to_the_terminal() -> None:
    """A title may hold what would clear the screen, and a file's name a new line."""
    text = told([Finding("/a/b\nc.md", 1, 'not "\x1b[2J\x07"')])[1]
    assert text.splitlines()[0] == '/a/b c.md:1: not "�[2J�"'


def test_whoever_has_read_enough_may_go(site: Site) -> None:
    """As in: make check | head -1"""
    site.letter("fel", "# Fel")
    command = f"{sys.executable} -m builder check | true"
    assert subprocess.run(command, shell=True, cwd=ROOT, capture_output=True).stderr == b""


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_file_s_name_may_have_spaces_and_rings(site: Site, form: Literal["NFC", "NFD"]) -> None:
    """However the system that the name comes from writes å."""
    file = site.letter("ett brev å", "# Fel", slug="ett")
    name = unicodedata.normalize(form, str(file))
    done = subprocess.run(["make", "check", f"ARGS={name}"], cwd=ROOT, capture_output=True, text=True)
    assert f"{file}:5: " in done.stdout and done.returncode == 2


def test_advice_alone_is_no_failure() -> None:
    """Only errors stop a commit or a build."""
    assert told([FINDINGS[1]])[0] == 0
    assert told([]) == (0, "Nothing to put right.\n")


def test_json_is_a_list_for_editors() -> None:
    """With the names that the README tells."""
    code, text = told(FINDINGS, json_wanted=True)
    assert code == 1
    assert json.loads(text)[1] == {"file": "/a/b.md", "line": 9, "message": "might be better", "level": "advice"}


def at_a_terminal(**environment: str) -> str:
    """What the command writes to somebody at a terminal."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "builder", "check"]
    subprocess.run(command, cwd=ROOT, stdout=theirs, env={**os.environ, "TERM": "xterm", **environment})
    os.close(theirs)
    try:
        return os.read(ours, 65_536).decode()
    finally:
        os.close(ours)


def test_colours_are_for_terminals_alone(site: Site) -> None:
    """Red for errors; never into a file, nor with NO_COLOR."""
    site.letter("fel", "# Fel")
    assert "\x1b[31m" in at_a_terminal(NO_COLOR="")
    assert "\x1b" not in at_a_terminal(NO_COLOR="1")
    assert "\x1b" not in check().stdout
    assert not is_coloured(io.StringIO(), {})


def test_a_check_builds_nothing(site: Site) -> None:
    """It tells what a build would, and ends with 1 when something must be put right."""
    path = site.letter("fel", "# Fel")
    site.letter("ratt")
    done = check("--json")
    (found,) = json.loads(done.stdout)
    assert (done.returncode, found["file"], found["line"], found["level"]) == (1, str(path), 5, "error")
    assert not site.where.output.exists()


def test_a_check_of_one_file_tells_of_that_alone(site: Site) -> None:
    """Others may be half-written."""
    site.letter("fel", "# Fel")
    right = site.letter("ratt")
    assert check(str(right)).returncode == 0
    assert "måste vara en fil eller en mapp" in check(str(right.with_name("borta.md"))).stdout


def test_a_check_of_what_is_no_letter_does_not_call_it_right(site: Site) -> None:
    """Nobody has looked at it."""
    site.letter("ratt")
    wrong = site.where.content / "letters" / "brev.txt"
    wrong.write_text("Title: Brev\n", encoding="utf-8")
    done = check(str(wrong))
    assert (done.returncode, done.stdout.count("ett brevs namn slutar på .md")) == (1, 1)
    for other in (site.where.content / "images" / "portratt.svg", site.where.site):
        assert check(str(other)).returncode == 0
    for other in (ROOT / "README.md", ROOT / "theme"):
        assert "granskas inte" in check(str(other)).stdout


def test_a_check_of_a_folder_tells_of_the_texts_in_it(site: Site) -> None:
    """And of no others."""
    letter, page = site.letter("fel", "# Fel"), site.page("om", "# Fel")
    told = check(str(site.where.content)).stdout
    assert f"{letter}:5: " in told and f"{page}:4: " in told
    told = check(str(letter.parent)).stdout
    assert f"{letter}:5: " in told and str(page) not in told


def test_no_letter_is_right_beside_a_broken_site_toml(site: Site) -> None:
    """Nothing was looked at."""
    site.where.site.write_text("title = [", encoding="utf-8")
    done = check(str(site.letter("ratt")))
    assert done.returncode == 1 and str(site.where.site) in done.stdout


@pytest.mark.parametrize(("text", "line"), [("title = [", 1), ("", 1), ('nej = "x"\n', 1)])
def test_a_fault_in_site_toml_is_a_finding(site: Site, text: str, line: int) -> None:
    """An editor shows it where it is."""
    site.where.site.write_text(text, encoding="utf-8")
    (found,) = json.loads(check("--json").stdout)
    assert (found["file"], found["line"], found["level"]) == (str(site.where.site), line, "error")


def test_a_build_tells_its_findings(site: Site) -> None:
    """As tables, which build.json holds; advice is one line at the terminal, however much there is."""
    path = site.letter("fel", "# Fel")
    report = site.build()
    assert [(each["file"], each["line"], each["level"]) for each in report.findings] == [(str(path), 5, "error")]
    assert asdict(report)["findings"] == report.findings
    report.findings += [FINDINGS[1].table()] * 100
    assert advice_in_a_line(report, site.where) == ["Råd om texterna: 100. ”make check” visar dem."]

"""Advice goes with the checks and the builds, and stops neither."""

import os
import signal
from pathlib import Path

import pytest

from builder.checking import findings
from builder.words import advice_in_a_line
from pelicanconf import ADVICE_AT_ONCE
from tests.site.conftest import Site

ROOT = Path(__file__).parent.parent.parent
SUMMARY = "Om en plan som skulle ha blivit mycket kortare än vad den blev till slut."


def told(site: Site) -> list[tuple[str, int, str]]:
    """File, line and level of all that a check finds."""
    return [(Path(each.path).name, each.line, each.level) for each in findings(site.where) if "npm" not in each.path]


def test_advice_stops_nothing(site: Site) -> None:
    """A letter with every fault of style is published."""
    site.letter("lang", f"{'ord ' * 40}.\n\nVi vill ha 10% – det beslutades och genomfördes.", summary=SUMMARY)
    assert told(site) == [("lang.md", 6, "advice"), ("lang.md", 8, "advice"), ("lang.md", 8, "advice")]
    report = site.build()
    assert report.ok and [each["line"] for each in report.findings if "npm" not in each["file"]] == [6, 8, 8]


@pytest.mark.skipif(len(os.sched_getaffinity(0)) == 1, reason="on one core the build gives it itself")
def test_advice_that_can_t_be_given_stops_nothing(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process that gives it is killed where there is no memory for it."""
    monkeypatch.setattr("plugins.check.keep_advice", lambda _settings: os.kill(os.getpid(), signal.SIGKILL))
    site.letter()
    assert site.build().ok


def test_the_word_list_is_not_published(site: Site) -> None:
    """It lies among the letters, and is the writers' own."""
    site.letter()
    (site.where.content / "ordlista.txt").write_text("xyzzy\n", encoding="utf-8")
    assert site.build().ok
    assert not list(site.where.output.rglob("ordlista*"))


def test_what_was_written_last_is_advised_on_first(site: Site) -> None:
    """Where a build has not the time for all texts: somebody waits for the advice on that one."""
    for name, written in (("aldst", 1), ("nyast", 9), ("mellan", 5)):
        os.utime(site.letter(name, "Vi vill ha 10% av allt."), (written, written))
    found = findings(site.where, ADVICE_AT_ONCE=1)
    assert [Path(each.path).name for each in found if "npm" not in each.path] == ["nyast.md"]


def test_a_build_that_has_not_read_all_texts_says_so(site: Site) -> None:
    """The number in its line is that of a check, or it says that there may be more."""
    for number in range(ADVICE_AT_ONCE + 1):
        site.letter(f"brev-{number}", "Vi vill ha 10% av allt. Vi vill ha 10% av allt.")
    wrong = site.letter("fel", "# Fel")
    first, second = (advice_in_a_line(site.build(), site.where) for _ in range(2))
    wrong.unlink()
    everything = len(findings(site.where))
    assert first[0].startswith("Råd om texterna hittills: ")
    assert second == advice_in_a_line(site.build(), site.where)
    assert second == [f"Råd om texterna: {everything}. ”make check” visar dem."]

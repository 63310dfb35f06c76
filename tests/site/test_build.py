"""What a build does to the folder that is served, and how it says what went wrong."""

import fcntl
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from builder.build import build
from builder.places import ROOT
from plugins.page_writer import LEAST_PAGES
from tests.site.conftest import Site


def test_only_changed_files_are_written(site: Site) -> None:
    """Whoever copies the output onward by date copies what changed."""
    site.letter("ett", title="Ett", date="2026-01-01", author="En rektor")
    site.letter("tva", title="Två", date="2026-01-02")
    site.letter("tre", title="Tre", date="2026-01-03")
    site.built()
    before = {path: path.stat().st_mtime_ns for path in site.where.output.rglob("*.html")}
    site.letter("tre", title="Tre", date="2026-01-03", body="Nytt.")
    site.built()
    changed = {path.parent.name for path, time in before.items() if path.stat().st_mtime_ns != time}
    assert changed == {"tre", "output"} or changed == {"tre", "output", "stadsdirektoren"}


def test_what_is_no_longer_written_is_removed(site: Site) -> None:
    """A withdrawn letter leaves no page behind, and no empty folder."""
    site.letter("kvar", date="2025-01-01")
    letter = site.letter("bort")
    site.built()
    letter.unlink()
    site.built()
    assert not (site.where.output / "2026").exists()
    assert site.has("2025/kvar/index.html")


def test_letters_of_one_moment_keep_their_order(site: Site) -> None:
    """Pelican reads the files in any order, which would else change pages from build to build."""
    for name in "dbcae":
        site.letter(name, date="2026-01-01", title=f"Brev-{name}.")
    page = site.built().read("index.html")
    assert [page.index(f"Brev-{name}.") for name in "abcde"] == sorted(page.index(f"Brev-{n}.") for n in "abcde")


def test_foreign_files_in_the_output_stay(site: Site) -> None:
    """OUTPUT=~/public must not cost anybody their files."""
    site.where.output.mkdir()
    (site.where.output / "mitt.txt").write_text("kvar", encoding="utf-8")
    site.letter()
    site.built()
    assert site.built().read("mitt.txt") == "kvar"


def test_cleaning_removes_what_was_built_and_nothing_else(site: Site, tmp_path: Path) -> None:
    """`make clean OUTPUT=~/public` must not cost anybody their files either."""
    site.letter()
    site.built()
    (site.where.output / "mitt.txt").write_text("kvar", encoding="utf-8")
    (tmp_path / "annat").mkdir()
    (tmp_path / "annat/mitt.txt").write_text("kvar", encoding="utf-8")
    for folder in ("output", "annat"):
        subprocess.run(["make", "-f", ROOT / "Makefile", "clean", f"OUTPUT={folder}"], cwd=tmp_path, check=True)
        assert [path.name for path in (tmp_path / folder).rglob("*")] == ["mitt.txt"]


def test_builds_wait_for_each_other(site: Site) -> None:
    """Two builds at once are done one after the other."""
    site.letter()
    with (site.where.output.parent / ".output.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        build = threading.Thread(target=site.built)
        build.start()
        build.join(0.3)
        assert build.is_alive()
        assert not site.where.output.exists()
    build.join()
    assert site.has("index.html")


def build_apart(cores: int) -> subprocess.CompletedProcess[str]:
    """`python -m builder html` in a process that may use so many cores."""
    code = (
        "import os, runpy, sys; "
        f"os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:{cores}]); sys.argv = ['builder', 'html']; "
        "runpy.run_module('builder', run_name='__main__')"
    )
    command = [sys.executable, "-W", "error", "-c", code]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=False)


def test_a_large_site_is_the_same_whoever_writes_it(site: Site) -> None:
    """Several processes share the pages, and leave none out."""
    for number in range(LEAST_PAGES + 10):
        site.letter(f"brev-{number}", f"Text {number}.", date=f"2026-01-{number % 28 + 1:02}")
    assert build_apart(2).returncode == 0
    before = {path: path.read_text(encoding="utf-8") for path in site.where.output.rglob("*.html")}
    site.where.output.rename(site.where.output.with_name("before"))
    assert build_apart(1).returncode == 0
    assert {path: path.read_text(encoding="utf-8") for path in site.where.output.rglob("*.html")} == before


def test_a_helper_s_fault_is_told(site: Site, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A page that only another process writes still fails the build, with the template's file and line."""
    theme = _copy_of_theme(site, tmp_path, monkeypatch)
    for number in range(LEAST_PAGES + 10):
        site.letter(f"brev-{number}", date="2026-01-01")
    (theme / "templates/404.html").write_text("\n{{ 1 / 0 }}", encoding="utf-8")
    done = build_apart(2)
    assert done.returncode == 1
    assert done.stderr.startswith(f"{theme}/templates/404.html:2: ZeroDivisionError")
    assert not site.where.output.exists()


@pytest.mark.parametrize("name", ["article.html", "base.html"])
def test_a_broken_template_is_named(site: Site, name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Whoever works on the theme reads the template's file and line, not a traceback."""
    theme = _copy_of_theme(site, tmp_path, monkeypatch)
    (theme / "templates" / name).write_text("Hej\n{% if %}\n", encoding="utf-8")
    site.letter()
    (fault,) = site.build().faults
    assert fault.startswith(f"{theme}/templates/{name}:2: ")


def test_an_error_in_a_template_is_named(site: Site, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Also where it arises only when the page is written."""
    theme = _copy_of_theme(site, tmp_path, monkeypatch)
    (theme / "templates/article.html").write_text("Hej\n{{ 1 / 0 }}\n", encoding="utf-8")
    site.letter()
    (fault,) = site.build().faults
    assert fault.startswith(f"{theme}/templates/article.html:2: ZeroDivisionError")


@pytest.mark.parametrize("name", ["article", "page", "index", "archives", "author", "tag", "sitemap", "search"])
def test_a_template_that_is_missing_stops_the_build(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """No other theme's stands in for it."""
    site.letter(tags="tillit", author="Stadsdirektören")
    site.page()
    theme = _copy_of_theme(site, tmp_path, monkeypatch)
    next((theme / "templates").glob(f"{name}.*")).unlink()
    (fault,) = site.build().faults
    assert fault == f"{theme}: mallen ”{name}” måste finnas; temat har ingen med det namnet"
    assert not site.where.output.exists()


@pytest.mark.parametrize("name", ["article.html", "404.html"])
@pytest.mark.parametrize("words", ['{% include "nej.html" %}', '{% from "nej.html" import a %}'])
def test_a_template_that_is_named_and_missing_is_told_where_it_is_named(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: str, name: str
) -> None:
    """In the process that builds and in those that help it."""
    for number in range(LEAST_PAGES + 10):
        site.letter(f"brev-{number}", date="2026-01-01")
    theme = _copy_of_theme(site, tmp_path, monkeypatch)
    (theme / "templates" / name).write_text(f"\n{words}", encoding="utf-8")
    done = build_apart(2)
    assert done.returncode == 1
    assert done.stderr.startswith(f"{theme}/templates/{name}:2: mallen ”nej.html” måste finnas; temat har ingen")


@pytest.mark.parametrize("command", ["html", "publish", "check", "serve", "new"])
def test_a_theme_that_is_none_is_told(
    site: Site, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, command: str
) -> None:
    """Before anything is read from it, whatever was asked for."""
    none = tmp_path / "inget"
    monkeypatch.setenv("THEME", str(none))
    arguments = [sys.executable, "-m", "builder", command, *(["Ett nytt brev"] if command == "new" else [])]
    done = subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 1
    told = done.stdout + done.stderr
    assert str(none) in told
    assert "måste vara en mapp med mappen ”templates” i" in told
    assert "Traceback" not in told


def _copy_of_theme(site: Site, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    theme = folder / "theme"
    for path in site.where.theme.rglob("*.*"):
        copy = theme / path.relative_to(site.where.theme)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())
    monkeypatch.setenv("THEME", str(theme))
    return theme


def test_a_missing_plugin_fails_the_build(site: Site, tmp_path: Path) -> None:
    """Pelican alone logs an error, builds without the plugin and ends with 0."""
    conf = tmp_path / "conf.py"
    lines = [
        "from pelican.settings import get_settings_from_file",
        f"globals().update(get_settings_from_file({str(ROOT / 'pelicanconf.py')!r}))",
        "PLUGINS = [*PLUGINS, 'plugins.no_such_plugin']",
    ]
    conf.write_text("\n".join(lines), encoding="utf-8")
    site.letter()
    assert "plugins.no_such_plugin" in build(conf, site.where).faults[0]


def test_wrong_facts_are_one_line(site: Site) -> None:
    """A fault in site.toml is told like one in a letter."""
    site.where.site.write_text("title = 1", encoding="utf-8")
    (fault,) = site.build().faults
    assert fault == f"{site.where.site}:1: ”organisation” måste finnas: en text inom citattecken"


def test_the_organisation_s_colours_follow_the_theme_s(site: Site) -> None:
    """Two lines in site.toml change the accent, in light and dark."""
    text = site.where.site.read_text(encoding="utf-8")
    colours = '[colours]\naccent = "#123456"\naccent_dark = "#abcdef"\n'
    site.where.site.write_text(text + colours, encoding="utf-8")
    site.letter()
    css = site.built().read("theme/site.css")
    assert css.endswith(":root{--accent:#123456}\n@media (prefers-color-scheme:dark){:root{--accent:#abcdef}}\n")


def test_a_colour_that_is_none_is_told(site: Site) -> None:
    """Anything but a colour could be CSS of another kind."""
    text = site.where.site.read_text(encoding="utf-8")
    site.where.site.write_text(text + '[colours]\naccent = "red;}"\n', encoding="utf-8")
    site.letter()
    assert "colours.accent" in site.build().faults[0]


def test_output_inside_content_is_refused(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """A build would else read its own result the next time."""
    monkeypatch.setenv("OUTPUT", str(site.where.content / "ut"))
    (fault,) = site.build().faults
    assert fault.startswith("OUTPUT måste ligga utanför CONTENT")


def test_content_that_is_no_folder_is_told(site: Site, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A mistyped variable is the commonest fault of all."""
    monkeypatch.setenv("CONTENT", str(tmp_path / "nej"))
    (fault,) = site.build().faults
    assert fault == f"CONTENT måste vara en mapp med brev; ”{tmp_path / 'nej'}” är ingen mapp"

"""What is built bit by bit is what would be built at once."""

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from builder.build import build, build_on
from builder.places import ROOT, places
from builder.report import Report
from builder.running import CONF, Running
from common.closures import FILE
from plugins.memory import Memory
from tests.site.conftest import Site, comment, new_site

EXAMPLES = int(os.environ.get("EXAMPLES", "8"))
"""More of them are drawn by hand: EXAMPLES=500 pytest tests/site/test_incremental.py."""
TEMPLATES = ("article", "base", "index", "sitemap", "parts/letter", "parts/letter_card", "parts/comment", "archives")

Header = dict[str, str]
Edit = Callable[[Site, Header, int], object]
Drawn = tuple[str, int, int]


def _set(key: str, *values: str) -> Edit:
    def edit(_site: Site, header: Header, number: int) -> None:
        header[key] = values[number % len(values)]

    return edit


def _comment(site: Site, header: Header, number: int) -> Path:
    uri = f"/{header['date'][:4]}/{header['slug']}/"
    states = ("published", "hidden")
    every = [comment(at, state=states[number >> at & 1 if at < 3 else 0]) for at in range(1, 1 + number % 60)]
    return site.conversation(uri, every)


def _template(site: Site, _header: Header, number: int) -> None:
    name = TEMPLATES[number % len(TEMPLATES)]
    (file,) = site.where.theme.glob(f"templates/{name}.*")
    text = file.read_text(encoding="utf-8").replace("</a>", f"<!--{number}--></a>", 1)
    file.write_text(text + f"{{# {number} #}}\n", encoding="utf-8")


def _stylesheet(site: Site, _header: Header, number: int) -> None:
    with (site.where.theme / "static" / "site.css").open("a", encoding="utf-8") as file:
        file.write(f"/* {number} */ .x{number} {{ margin: 0 }}\n")


def _settings(site: Site, _header: Header, number: int) -> None:
    text = site.where.site.read_text(encoding="utf-8")
    site.where.site.write_text(text.replace("Ordet", f"Ordet{number}", 1), encoding="utf-8")


def _page(site: Site, _header: Header, number: int) -> None:
    name = ("om", "kommentarsregler", "personuppgifter")[number % 3]
    file = site.page(name, f"Sida {number}.", title=f"Om {number % 2}", order=str(number % 5))
    if number % 4 == 3:
        file.unlink()


def _picture(site: Site, _header: Header, number: int) -> None:
    site.picture("bild.svg", f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {number % 90 + 10} 96"></svg>\n')


def _closed(site: Site, _header: Header, number: int) -> None:
    notice = "" if number % 2 else "Vi har stängt."
    period = {
        "starts": "2020-01-01T00:00:00+00:00",
        "ends": None,
        "notice": notice,
        "kind": "closed",
        "uri": "/2026/b1/",
    }
    text = {"format": 1, "periods": [], "letters": [period] if number % 3 else []}
    (site.where.published / FILE).write_text(json.dumps(text), encoding="utf-8")


EDITS: dict[str, Edit] = {
    "text": _set(
        "body",
        "Hej.",
        "Hej då.",
        "## Rubrik\n\nLäs [om oss](/).",
        "![Bild](/images/bild.svg)",
        "Hej igen.",
        "Hej då, alla.",
        "`{x}` | y",
        "[Hit](/nej/)",
    ),
    "title": _set("title", "Ett brev", "Ett *annat* brev", "<Brev> & sånt", "Ett brev"),
    "date": _set("date", "2026-11-20 08:00", "2026-01-01 08:00", "2025-06-01 08:00", "2024-02-29 08:00"),
    "topic": _set("tags", "", "skola", "Skola, vård", "vård", "Äldre"),
    "status": _set("status", "", "draft", "", "hidden", "", "skip"),
    "summary": _set("summary", "", "Kort sagt.", "Kortare."),
    "author": _set("author", "", "Stadsdirektören", "En kommunchef"),
    "closed": _set("comments", "", "closed"),
    "modified": _set("modified", "", "2026-11-21 09:00"),
    "language": _set("lang", "", "en", "ar"),
    "slug": lambda _site, header, number: header.update(slug=f"{header['slug'][:2]}{'x' * (number % 3)}"),
    "delete": _set("gone", "yes", "", ""),
    "rename": _set("name", "", "b-annat", "å ä ö"),
    "translation": _set("translation", "", "en", "ar"),
    "link": lambda _site, header, number: header.update(link=f"b{number % 6}"),
    "comments": _comment,
    "template": _template,
    "stylesheet": _stylesheet,
    "settings": _settings,
    "page": _page,
    "picture": _picture,
    "closure": _closed,
}


def _write(site: Site, letters: list[Header]) -> None:
    """Write the letters as they are now, and only those that are not so already."""
    wanted: dict[str, tuple[str, Header]] = {}
    for at, letter in enumerate(letters):
        header = {key: letter[key] for key in letter if key not in ("body", "gone", "name", "translation", "link")}
        if letter.get("gone"):
            continue
        name = f"{letter['name']}{at}" if letter.get("name") else f"b{at}"
        body = letter["body"]
        target = int(letter["link"][1:]) if letter.get("link") else at
        if target != at and not any(letters[target].get(key) for key in ("gone", "status", "name")):
            body += f"\n\nSe [brevet]({{filename}}b{target}.md)."
        wanted[name] = body, header
        if letter.get("translation") and letter.get("status") != "skip" and not letter.get("lang"):
            wanted[f"{name}-t"] = "Hello.", {**header, "lang": letter["translation"], "translation": "true"}
    for file in site.where.content.glob("letters/*.md"):
        if file.stem not in wanted:
            file.unlink()
    for name, (body, header) in wanted.items():
        file = site.where.content / "letters" / f"{name}.md"
        lines = [f"{key.capitalize()}: {value}" for key, value in header.items() if value]
        text = "\n".join([*lines, "", body, ""])
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            file.write_text(text, encoding="utf-8")


def _files(folder: Path) -> dict[str, bytes]:
    """Every file of a site but the search's index, which comes after the pages."""
    files = (file for file in folder.rglob("*") if file.is_file() and "pagefind" not in file.parts)
    return {str(file.relative_to(folder)): file.read_bytes() for file in files if file.name != ".built"}


def _difference(built: dict[str, bytes], wanted: dict[str, bytes]) -> dict[str, tuple[bytes, bytes]]:
    """The files that are not as wanted, each with what it holds, and what it should, around where they part."""
    found = {}
    for name in built.keys() | wanted.keys():
        one, other = built.get(name, b""), wanted.get(name, b"")
        if one != other or (name in built) != (name in wanted):
            at = max(0, len(os.path.commonprefix([one, other])) - 60)
            found[name] = one[at : at + 160], other[at : at + 160]
    return found


def _clean(site: Site) -> dict[str, bytes]:
    """What a build from nothing gives."""
    where = replace(places(), output=site.where.output.with_name("clean"))
    shutil.rmtree(where.output, ignore_errors=True)
    report, _made = build_on(CONF, where, Memory("", where.output), search_later=True)
    assert report.faults == []
    return _files(where.output)


ELSEWHERE = {"template", "stylesheet", "settings", "page", "picture", "closure"}
"""What is not done in letters' files or conversations: then a watch has more to tell than their names."""


def _edit(site: Site, letters: list[Header], burst: list[Drawn]) -> set[str] | None:
    """Make some edits; what a watch tells of them: the letters' and conversations' files, None where there is more."""
    before, names = _texts(site), set()
    for name, at, number in burst:
        found = EDITS[name](site, letters[at], number)
        names |= {str(found)} if name == "comments" else set()
    _write(site, letters)
    after = _texts(site)
    names |= {file for file in before.keys() | after.keys() if before.get(file) != after.get(file)}
    return None if ELSEWHERE & {name for name, _at, _number in burst} else names


def _texts(site: Site) -> dict[str, bytes]:
    return {str(file): file.read_bytes() for file in site.where.content.glob("letters/*.md")}


def _begin(folder: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Site, list[Header]]:
    """A site of eight letters with a theme of its own."""
    shutil.rmtree(folder, ignore_errors=True)
    site = new_site(folder, monkeypatch)
    shutil.copytree(ROOT / "theme", folder / "theme")
    monkeypatch.setenv("THEME", str(folder / "theme"))
    site = Site(places(), site.set_language)
    site.picture("bild.svg")
    site.where.published.mkdir(parents=True)
    letters = [
        {"title": f"Brev {at}", "date": f"2026-0{1 + at}-01 08:00", "slug": f"b{at}", "body": "Hej."} for at in range(8)
    ]
    _write(site, letters)
    return site, letters


edits = st.lists(st.tuples(st.sampled_from(sorted(EDITS)), st.integers(0, 7), st.integers(0, 99)), min_size=1)


@settings(
    max_examples=EXAMPLES,
    phases=[Phase.generate],  # to find the shortest sequence that fails takes minutes
    deadline=None,
    database=None,
    derandomize="EXAMPLES" not in os.environ,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(bursts=st.lists(st.tuples(st.booleans(), edits), min_size=2, max_size=6))
def test_any_sequence_of_edits_gives_what_a_clean_build_gives(
    bursts: list[tuple[bool, list[Drawn]]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Built after each burst of edits, by one builder that stays or by new ones, it is as if built from nothing."""
    site, letters = _begin(tmp_path / "site", monkeypatch)
    running, has_seen_all = Running(places()), True
    for stays, burst in bursts:
        changed = _edit(site, letters, burst)
        before = _files(site.where.output)
        ok = running.build(changed if has_seen_all else None)["ok"] if stays else build(CONF, places()).ok
        has_seen_all = stays
        assert _difference(_files(site.where.output), _clean(site) if ok else before) == {}


def test_new_words_take_no_whole_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The builder that stays brings them to the letter's page, the lists and the feeds, and reads no other letter."""
    site, letters = _begin(tmp_path / "site", monkeypatch)
    letters[3]["summary"] = "Kort sagt."
    _write(site, letters)
    running = Running(places())
    assert running.build(None)["ok"]
    monkeypatch.setattr("builder.running.build_on", None)
    for words in ("Hej igen.", "Helt andra ord, och *fler*.", "Hej."):
        letters[3]["body"] = words
        table = running.build(_edit(site, letters, []))
        assert table["ok"] and {"2026/b3/index.html", "atom.xml"} <= set(table["changed"])
        assert _difference(_files(site.where.output), _clean(site)) == {}


def test_words_that_must_not_be_published_take_nothing_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The letter's page stays as it was, and so do the lists and the feeds."""
    site, letters = _begin(tmp_path / "site", monkeypatch)
    letters[3] |= {"summary": "Kort sagt.", "body": "Så var det."}
    _write(site, letters)
    running = Running(places())
    running.build(None)
    before = _files(site.where.output)
    for words in ("<p>Vi såg 5 <6 gånger</p>", "Hej. </div>", "Hej <b>du."):
        letters[3]["body"] = words
        assert running.build(_edit(site, letters, []))["set_aside"]
        assert _files(site.where.output) == before


def test_new_comments_take_no_whole_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The builder that stays brings them to the letter's pages, the lists and the feeds, and looks at nothing else."""
    site, letters = _begin(tmp_path / "site", monkeypatch)
    running = Running(places())
    assert running.build(None)["ok"]
    monkeypatch.setattr("builder.running.build_on", None)
    for number in (55, 2, 58):
        table = running.build({str(_comment(site, letters[3], number))})
        assert table["ok"] and "2026/b3/index.html" in table["changed"] and "kommentarer.xml" in table["changed"]
        assert _files(site.where.output) == _clean(site)


def test_a_letter_s_own_pages_come_before_the_lists(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever waits for a comment waits for no list of all letters."""
    site, letters = _begin(tmp_path / "site", monkeypatch)
    running = Running(places())
    assert running.build(None)["ok"]
    told: list[tuple[bool, ...]] = []

    def seen(report: Report) -> None:
        assert "2026/b3/index.html" in report.changed_files
        told.append(tuple("Kommentar 2." in site.read(name) for name in ("2026/b3/index.html", "kommentarer.xml")))

    assert running.build_quickly({str(_comment(site, letters[3], 2))}, seen)
    assert told == [(True, False)]
    assert _files(site.where.output) == _clean(site)

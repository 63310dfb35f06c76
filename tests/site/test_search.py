"""/sok/: what can be found there, and above all what can't."""

import contextlib
import gzip
import json
import signal
import sys
import time
from multiprocessing import Pipe
from pathlib import Path
from typing import Any

import psutil
import pytest

from builder.build import build_on, finish_search
from builder.places import ROOT
from builder.remember import remembered
from builder.running import Running
from plugins.search_index import Indexing
from plugins.search_records import records
from tests.running import wait_for
from tests.site.conftest import Site, comment

Fragment = dict[str, Any]
UNSEEN = "gurkmejan"


def opened(file: Path) -> bytes:
    """What Pagefind wrote into a file of its own, without its mark."""
    return gzip.decompress(file.read_bytes()).removeprefix(b"pagefind_dcd")


def fragments(site: Site, language: str = "sv") -> dict[str, Fragment]:
    """What is quoted of each thing that can be found, by its address."""
    files = (site.where.output / "pagefind" / language / "fragment").iterdir()
    found: list[Fragment] = [json.loads(opened(file)) for file in files]
    return {fragment["url"]: fragment for fragment in found}


def everything(folder: Path) -> str:
    """All words in all files of an index, or of what is kept of it."""
    files = [file for file in folder.rglob("*") if file.is_file()]
    return "".join((opened(file) if ".pf_" in file.name else file.read_bytes()).decode("latin-1") for file in files)


def program(site: Site, monkeypatch: pytest.MonkeyPatch, script: str) -> Path:
    """Another program in the place of Pagefind's."""
    file = site.where.content.parent / "pagefind"
    file.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    file.chmod(0o700)
    monkeypatch.setenv("PAGEFIND_BINARY_PATH", str(file))
    return file


def test_a_letter_is_found_by_its_words_its_writer_and_its_topics(site: Site) -> None:
    """Its signature, its PS and what its pictures show as well."""
    body = "![En kran](/images/portratt.svg)\n\n## Båtar\n\nText.[^1]\n\n[^1]: Not.\n\n"
    body += "***\n\n**Direktören**\n\nPS. Skriv gärna."
    site.letter("brev", body, tags="hamn, tillit", summary="Kort sagt.")
    letter = fragments(site.built())["/2026/brev/"]
    assert letter["content"] == "Kort sagt. En kran. Båtar. Text. Direktören. PS. Skriv gärna. Not."
    about = {"title": "Ett brev", "date": "2026-11-20", "author": "Stadsdirektören", "topics": "hamn, tillit"}
    assert letter["meta"].items() >= about.items()
    assert letter["filters"] == {}


def test_pages_are_found_and_empty_sites_are_built(site: Site) -> None:
    """A site with nothing to find has no index, and the page says so by naming no language."""
    assert 'data-languages=""' in site.built().read("sok/index.html")
    site.page("om", "Vi som skriver.")
    assert fragments(site.built())["/om/"]["content"] == "Vi som skriver."
    assert 'data-languages="sv"' in site.read("sok/index.html")


def test_a_comment_is_found_under_its_own_address(site: Site) -> None:
    """A page of the conversation is one find, marked as conversation, with a heading for each comment."""
    site.letter()
    answer = comment(52, html="<p>Svar.</p>")
    site.conversation("/2026/brev/", [*(comment(n) for n in range(1, 51)), comment(51, replies=[answer])])
    found = fragments(site.built())
    assert set(found) == {"/2026/brev/", "/2026/brev/kommentarer/1/", "/2026/brev/kommentarer/2/"}
    second = found["/2026/brev/kommentarer/2/"]
    assert second["content"] == "Invånare 51. Kommentar 51. Invånare 52. Svar."
    assert [(anchor["id"], anchor["text"]) for anchor in second["anchors"]] == [
        ("kommentar-51", "Invånare 51"),
        ("kommentar-52", "Invånare 52"),
    ]
    assert (second["filters"], second["meta"]) == ({"samtal": ["ja"]}, {"title": "Ett brev"})


def test_what_is_not_published_is_nowhere_in_the_index(site: Site) -> None:
    """Neither drafts nor hidden letters, nor a comment in any other state, nor the name of who wrote it."""
    site.letter("utkast", UNSEEN, status="draft")
    site.letter("gomt", UNSEEN, status="hidden")
    site.page("gomd", UNSEEN, status="hidden")
    site.letter("brev", "Synligt.")
    hidden = [
        comment(n, state=state, author=UNSEEN, html=f"<p>{UNSEEN}</p>")
        for n, state in enumerate(("hidden", "held", "disposed"), 2)
    ]
    site.conversation("/2026/brev/", [comment(1, replies=hidden[:1]), *hidden[1:]])
    site.built()
    assert UNSEEN not in everything(site.where.output / "pagefind")
    assert set(fragments(site)) == {"/2026/brev/", "/2026/brev/kommentarer/1/"}


def test_a_comment_that_is_hidden_leaves_the_index_with_the_next_build(site: Site) -> None:
    """Of the site and of what is kept in DATA; the letter is still found."""
    site.letter()
    site.conversation("/2026/brev/", [comment(1, html=f"<p>{UNSEEN}</p>")])
    assert UNSEEN in everything(site.built().where.output / "pagefind")
    site.conversation("/2026/brev/", [comment(1, state="hidden", html="", author=None)])
    site.built()
    assert UNSEEN not in everything(site.where.output / "pagefind") + everything(site.where.data / "search")
    assert set(fragments(site)) == {"/2026/brev/"}


def test_the_same_words_give_the_same_index(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Byte for byte, also when it is made anew."""
    for number in range(30):
        site.letter(f"brev-{number}", f"Ord {number}.", tags=f"ämne {number % 3}", date=f"2026-01-{number % 28 + 1:02}")
    site.conversation("/2026/brev-1/", [comment(n) for n in range(60)][1:])
    first = bytes_of(site.built())
    monkeypatch.setenv("DATA", str(site.where.data.with_name("data2")))
    site.where = site.where.__class__(**vars(site.where) | {"output": site.where.output.with_name("output2")})
    monkeypatch.setenv("OUTPUT", str(site.where.output))
    monkeypatch.setenv("CONVERSATIONS", str(site.where.published))
    assert bytes_of(site.built()) == first


def bytes_of(site: Site) -> dict[str, bytes]:
    """The published index, file by file."""
    folder = site.where.output / "pagefind"
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_what_did_not_change_is_not_indexed_again(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """A build of the same words asks Pagefind nothing, and changes no file."""
    site.letter(tags="tillit")
    site.built()
    program(site, monkeypatch, "exit 1")
    report = site.build()
    assert (report.faults, report.changed) == ([], 0)


def test_only_what_the_page_needs_is_published(site: Site) -> None:
    """None of Pagefind's own user interfaces."""
    site.letter()
    names = {file.name for file in (site.built().where.output / "pagefind" / "sv").iterdir()}
    (meta,) = [name for name in names if name.endswith(".pf_meta")]
    files = {"pagefind.js", "pagefind-worker.js", "pagefind-entry.json", "wasm.sv.pagefind", meta}
    assert names == {*files, "fragment", "index"}


def test_each_language_has_an_index_of_its_own(site: Site) -> None:
    """The site's own first; a language whose word endings are not known is searched all the same."""
    site.letter("brev", "Bänken.")
    site.letter("letter", "Benches.", lang="en-GB", date="2026-11-19")
    site.letter("warqad", "Kursi.", lang="so", date="2026-11-18")
    assert 'data-languages="sv en so"' in site.built().read("sok/index.html")
    assert set(fragments(site, "en")) == {"/2026/letter/"}
    assert (site.where.output / "pagefind" / "so" / "wasm.unknown.pagefind").is_file()


def test_translations_are_found_in_their_language(site: Site) -> None:
    """Under their own address, with what the letter says in short."""
    site.letter("brev", "Bänken.", brief="Sitt ned.")
    letter = site.letter("brev.en", "The bench.", slug="brev", lang="en", translation="true", brief="Sit down.")
    assert letter.is_file()
    english, swedish = fragments(site.built(), "en"), fragments(site)
    assert [found["content"] for found in (*english.values(), *swedish.values())] == [
        "Sit down. The bench.",
        "Sitt ned. Bänken.",
    ]
    assert set(swedish) == {"/2026/brev/"}
    (address,) = english
    assert site.has(f"{address.lstrip('/')}index.html")


def test_without_pagefind_the_site_is_built_without_an_index(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """One warning says what to install; an index of older words does not stay."""
    site.letter()
    site.built()
    monkeypatch.setenv("PAGEFIND_BINARY_PATH", "/nowhere/pagefind")
    site.letter("brev", "Nytt.")
    report = site.build()
    assert report.faults == []
    assert report.warnings == [
        'Pagefinds program måste finnas för att sökningen ska fungera; installera "pagefind[bin]"'
    ]
    assert not (site.where.output / "pagefind").exists()


def test_an_index_that_fails_leaves_the_site_as_it_was(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """The fault has Pagefind's own words, and nothing half made is kept."""
    site.letter("brev", "Ett.")
    site.built()
    program(site, monkeypatch, "echo disk full; exit 3")
    site.letter("brev", "Två.")
    (fault,) = site.build().faults
    assert fault == "sökningen kan inte byggas: Pagefind slutade med: disk full"
    assert "Ett." in site.read("2026/brev/index.html")
    assert len(list((site.where.data / "search").iterdir())) == 1


def test_an_index_that_found_no_room_is_told(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a full disk Pagefind leaves empty files and ends well."""
    program(site, monkeypatch, 'mkdir -p "$4"; : > "$4/pagefind-entry.json"')
    site.letter()
    (fault,) = site.build().faults
    assert "det måste finnas plats på disken" in fault


def test_the_preview_does_not_wait_for_the_index(site: Site) -> None:
    """The page is there with the last index, and the new one follows; what it replaces goes."""
    site.letter("brev", "Ett.")
    site.built()
    site.letter("brev", "Två.")
    conf = ROOT / "pelicanconf.py"
    _report, made = build_on(conf, site.where, remembered(conf, site.where), search_later=True)
    assert "Två." in site.read("2026/brev/index.html")
    assert fragments(site)["/2026/brev/"]["content"] == "Ett."
    assert made and finish_search(made) == []
    assert fragments(site)["/2026/brev/"]["content"] == "Två."
    assert site.build().changed == 0


@pytest.mark.parametrize("at_once", [False, True])
def test_an_index_nobody_waits_for_leaves_nothing(site: Site, monkeypatch: pytest.MonkeyPatch, at_once: bool) -> None:
    """Its program is ended, as when another build follows at once."""
    program(site, monkeypatch, "exec sleep 600")
    indexing = Indexing({"sv": {"om/": "<html>"}}, site.where.data / "search")
    indexing.start()
    (process,) = indexing.running.values()
    indexing.end(at_once)
    assert process.returncode is not None
    assert at_once or list((site.where.data / "search").iterdir()) == []
    wait_for(lambda: not [*(site.where.data / "search").iterdir()])


@pytest.mark.parametrize(
    "words",
    [
        "___END_PAGEFIND_WEIGHT___ ___END_PAGEFIND_WEIGHT___ ord",
        "___PAGEFIND_WEIGHT___ 10 ord",
        "___PAGEFIND_ANCHOR___h2:0:kommentar-9 ord",
        "&lt;script&gt;alert(1)&lt;/script&gt; ord",
        "\u202eord \u200bord 👩‍👩‍👧 z̷͓̀",
        "ord" * 2000,
    ],
)
def test_a_comment_gives_pagefind_no_orders(site: Site, words: str) -> None:
    """It is indexed as the words it is, without an anchor of its own making."""
    site.letter()
    site.conversation("/2026/brev/", [comment(1, html=f"<p>{words}</p>"), comment(2)])
    found = fragments(site.built())["/2026/brev/kommentarer/1/"]
    assert "ord" in found["content"]
    assert [anchor["id"] for anchor in found["anchors"]] == ["kommentar-1", "kommentar-2"]


def test_titles_with_signs_are_shown_as_they_are_written(site: Site) -> None:
    """Quotes, tags and entities, and a letter of 100,000 words."""
    site.letter("brev", "ord " * 100_000 + "sistord", title='Om "hus" & <script> &amp;')
    found = fragments(site.built())["/2026/brev/"]
    assert found["meta"]["title"] == "Om ”hus” & <script> &amp;"
    assert found["content"].endswith("sistord.")


def test_the_page_leads_on_without_javascript(site: Site) -> None:
    """To the archive by year and to the topics; it stands in no sitemap, and no page takes its addresses."""
    site.letter("nytt", tags="tillit")
    site.letter("gammalt", date="2019-03-11")
    page = site.built().read("sok/index.html")
    assert "<noscript>" in page
    for address in ("/arkiv/#ar-2026", "/arkiv/#ar-2019", "/amnen/tillit/"):
        assert f'href="{address}"' in page
    assert "/sok/" not in site.read("sitemap.xml")
    site.page("pagefind")
    site.page("sok")
    assert len(site.build().faults) == 2


def test_every_page_leads_to_the_search(site: Site) -> None:
    """By a form or a link in its header; the page of a wrong address has a field of its own."""
    site.letter("brev", "Se [sökningen](/sok/).")
    site.page()
    site.built()
    for path in ("index.html", "2026/brev/index.html", "om/index.html", "404.html"):
        assert site.read(path).count('action="/sok/" role="search"') == 1
        assert 'href="/sok/"' in site.read(path)


def test_records_of_nothing_are_none() -> None:
    """As on the first day."""
    assert records([], []) == {}


def goes_on(indexing: Indexing) -> Path:
    """What Indexing.finished does where the exception that the signal raises gets lost."""
    indexing.start()
    while True:
        with contextlib.suppress(SystemExit):
            time.sleep(600)


@pytest.mark.parametrize(
    "wrong",
    [{}, {"end": lambda _indexing, **_how: None}, {"finished": goes_on}],
    ids=["in order", "started unnoticed", "signal lost"],
)
def test_a_builder_that_ends_leaves_no_program_of_the_index(
    site: Site, monkeypatch: pytest.MonkeyPatch, wrong: dict[str, Any]
) -> None:
    """It is broken off in the middle, whatever the process does about it."""
    monkeypatch.setattr("builder.running.LEAVE_SECONDS", 0.2)
    for name, method in wrong.items():
        monkeypatch.setattr(Indexing, name, method)
    program(site, monkeypatch, "exec sleep 600")
    site.letter()
    before = signal.signal(signal.SIGTERM, lambda *_of: sys.exit())
    running, pipe = Running(site.where), Pipe()[0]
    try:
        assert running.build(None)["ok"]
        running.go_on(pipe)
        (started,) = next(found for found in iter(psutil.Process(running.searching).children, None) if found)
        running.end()
        started.wait(60)
        if not wrong:  # what was written is removed too, which nobody waits for
            wait_for(lambda: not [*(site.where.data / "search").iterdir()])
    finally:
        signal.signal(signal.SIGTERM, before)

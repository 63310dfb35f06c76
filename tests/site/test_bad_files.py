"""Files that are no letters, whatever they are called, are named in plain words; the site that was there stays."""

import os
import unicodedata
from pathlib import Path
from typing import Literal

import pytest

from plugins.findings import short
from tests.site.conftest import Site

Form = Literal["NFC", "NFD"]
LETTER = "Title: Åre\nDate: 2026-11-20 08:00\nSlug: are\n\nHej på dig.\n"


@pytest.fixture
def published(module_site: Site) -> Site:
    """A site with one letter, built once; each test adds a file to it."""
    module_site.set_language("en")
    if not module_site.where.output.exists():
        module_site.letter("kvar")
        module_site.built()
    return module_site


def refused(site: Site, path: Path, *more: Path) -> str:
    """What a build says of that file, which is removed again; the output must be as before, to the byte."""
    before = {file: file.read_bytes() for file in site.where.output.rglob("*") if file.is_file()}
    try:
        (fault,) = site.build().faults
    finally:
        for each in (path, *more):
            each.rmdir() if each.is_dir() and not each.is_symlink() else each.unlink()
    assert before == {file: file.read_bytes() for file in site.where.output.rglob("*") if file.is_file()}
    assert fault.startswith(f"{short(str(path))}:"), fault
    return fault


WRITTEN = [
    (LETTER.encode("latin-1"), ":1: must be text in UTF-8, and is probably Windows-1252 (Latin-1), as line 1 shows"),
    (LETTER.replace("Å", "A").encode("latin-1"), ":5: must be text in UTF-8, and is probably Windows-1252"),
    (LETTER.encode("utf-16"), ":1: must be text in UTF-8, and is probably UTF-16"),
    (LETTER.encode("utf-16-le"), ":1: must be text in UTF-8, and is probably UTF-16"),
    (b"\x7fELF\x02\x01\x01\x00\x00\xff\x03", ":1: must be text in UTF-8, not a binary file"),
    (b"PK\x03\x04\x14\x00\x00\xff", ":1: must be text, and is another kind of file (Word, Zip)"),
    (b"%PDF-1.7\n%\xb5\xb5\xb5", ":1: must be text, and is another kind of file (PDF)"),
    (LETTER.encode() + b"\0", "not a binary file"),
    (b"---\ntitle: x\n\nHej", ":1: the first line is ---, so a line --- must follow"),
    (b"Title: A\nDate: 2026-11-20\nSlug: ../../etc\n\nHej", '"Slug" must hold only a-z, 0-9 and single hyphens'),
    (b"Title: A\nDate: 2026-11-20\n\n<script>x</script>", ":4: <script> must be removed"),
]


@pytest.mark.parametrize(("data", "message"), WRITTEN, ids=[case[1][:40] for case in WRITTEN])
def test_what_a_file_probably_is_is_told(published: Site, data: bytes, message: str) -> None:
    """With what to do about it."""
    path = published.where.content / "letters" / "brev.md"
    path.write_bytes(data)
    assert message in refused(published, path)


def test_what_the_checks_miss_is_stopped_at_the_last_door(published: Site) -> None:
    """In raw HTML a backtick begins no code, though in a text it does."""
    path = published.letter("brev", "<div>`<script>x</script>`</div>")
    assert ":5: <script> must be removed" in refused(published, path)


def test_a_name_that_is_no_utf_8_is_named(published: Site) -> None:
    """As an old archive leaves it when it is unpacked."""
    path = Path(os.fsdecode(os.fsencode(published.where.content / "letters") + b"/br\xe5k.md"))
    path.write_text(LETTER.replace("are", "brak"), encoding="utf-8")
    assert "br�k.md:1: the name must be in UTF-8; rename the file" in refused(published, path)


def test_a_letter_of_50_mb_is_refused_unread(published: Site) -> None:
    """The disk tells how large it is; this one holds nothing that could be read."""
    path = published.where.content / "letters" / "stor.md"
    with path.open("wb") as file:
        file.truncate(50_000_000)
    assert "must have at most 1000 kB, not 50000" in refused(published, path)


def test_a_folder_called_as_a_letter_is_named(published: Site) -> None:
    """And so is a pipe, which would else be waited for."""
    path = published.where.content / "letters" / "mapp.md"
    path.mkdir()
    assert "must be a file; a folder or something else" in refused(published, path)
    os.mkfifo(path)
    assert "must be a file; a folder or something else" in refused(published, path)


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is unreadable for root")
def test_an_unreadable_file_is_named(published: Site) -> None:
    """With the reason that the system gives."""
    path = published.letter("last")
    path.chmod(0)
    assert "must be a readable file (Permission denied)" in refused(published, path)


def test_a_link_out_of_content_is_refused(published: Site, tmp_path: Path) -> None:
    """A letter's name must not publish what lies elsewhere on the machine."""
    secret = tmp_path / "secret.md"
    secret.write_text(LETTER, encoding="utf-8")
    path = published.where.content / "letters" / "lank.md"
    path.symlink_to(secret)
    assert f'not a link out of CONTENT to "{secret}"' in refused(published, path)


def test_a_link_to_a_folder_is_refused(published: Site, tmp_path: Path) -> None:
    """Out of CONTENT, or to a folder that it lies in itself, which would never end."""
    path = published.where.content / "letters" / "mapp"
    path.symlink_to(tmp_path)
    assert "not a link out of CONTENT to" in refused(published, path)
    path.symlink_to("..")
    assert 'must be a folder of its own, not a link to ".."' in refused(published, path)


def test_a_link_to_itself_is_refused(published: Site) -> None:
    """Which no program can follow."""
    path = published.where.content / "letters" / "runt.md"
    path.symlink_to("runt.md")
    assert "must be a file of its own, not a link to itself" in refused(published, path)


def test_a_dead_link_says_why_in_the_language_of_the_site(published: Site) -> None:
    """The system's own reason is English."""
    path = published.where.content / "letters" / "borta.md"
    path.symlink_to(published.where.content / "letters" / "fanns.md")
    published.set_language("sv")
    (fault,) = published.build().faults
    path.unlink()
    published.set_language("en")
    assert fault.endswith("borta.md:1: måste vara en läsbar fil (det finns ingen sådan fil eller mapp)")


@pytest.mark.parametrize("sign", ["\x08", "\x1b", "\x7f", "\x85", "\ufeff\ufeff"])
def test_signs_that_nobody_sees_are_left_out(published: Site, sign: str) -> None:
    """They come along from other programs, and no page may hold them."""
    path = published.where.content / "letters" / "brev.md"
    path.write_text(f"{sign}{LETTER}A{sign}b{sign}", encoding="utf-8")
    published.built()
    path.unlink()
    assert "<p>Hej på dig.\nAb</p>" in published.read("2026/are/index.html")


def test_a_break_of_a_word_processor_is_one_of_lines(published: Site) -> None:
    """Between lines, and between pages."""
    path = published.where.content / "letters" / "brev.md"
    path.write_bytes(LETTER.encode() + b"a\x0bb\x0cc\r\rd\r\ne")
    published.built()
    path.unlink()
    assert "\na\nb\nc</p>\n<p>d\ne</p>" in published.read("2026/are/index.html")


def test_two_names_that_look_the_same_are_named(published: Site) -> None:
    """A Mac writes å as a and a ring; beside the other å that is a second file."""
    one = published.letter("båt", slug="en-bat")
    two = published.letter(unicodedata.normalize("NFD", "båt"), slug="annan-bat")
    assert f"must differ from that of {two}" in refused(published, one, two)


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_name_gives_the_same_address_in_both_forms(site: Site, form: Form) -> None:
    """Of a letter without Slug, and of a drawing, which texts name in the usual form."""
    site.picture(unicodedata.normalize(form, "mitt träd.svg"))
    text = unicodedata.normalize(form, "![Ett träd](</images/mitt träd.svg>)")
    site.letter(unicodedata.normalize(form, "mitt träd"), text, title=unicodedata.normalize(form, "Mitt träd"), slug="")
    assert "Mitt träd" in site.built().read("2026/mitt-trad/index.html")
    assert site.has("images/mitt träd.svg")


def test_a_folder_of_ten_thousand_other_files_is_no_fault(site: Site) -> None:
    """What is no letter is not read, however much of it there is."""
    for number in range(10_000):
        (site.where.content / "letters" / f"{number}.csv").touch()
    site.letter("brev")
    assert site.built().has("2026/brev/index.html")


def test_windows_line_ends_and_a_byte_order_mark_are_no_fault(site: Site) -> None:
    """Nor are they seen on the page."""
    site.letter("brev").write_bytes(b"\xef\xbb\xbf" + LETTER.replace("\n", "\r\n").encode())
    assert "<p>Hej på dig.</p>" in site.built().read("2026/are/index.html")


YAML = """---
title: "Åre: en stad"
date: 2026-11-20 08:00
tags: [tillit, skola]
summary: >
  Ett.
  Två.
---

Hej på dig.
"""
OWN = "Title: Åre: en stad\nDate: 2026-11-20 08:00\nTags: tillit, skola\nSummary: Ett. Två.\n\nHej på dig.\n"


def test_yaml_gives_the_same_page_as_header_lines(site: Site) -> None:
    """To the byte."""
    path = site.where.content / "letters" / "brev.md"
    path.write_text(OWN, encoding="utf-8")
    page = site.built().read("2026/are-en-stad/index.html")
    path.write_text(YAML, encoding="utf-8")
    assert site.build().changed == 0
    assert site.read("2026/are-en-stad/index.html") == page


@pytest.mark.parametrize("name", ["brev.txt", "brev.MD", "brev.md.txt", "brev.markdown", "brev.docx", "år 1/brev.odt"])
def test_a_text_with_another_ending_is_named(published: Site, name: str) -> None:
    """Whoever saved it so believes that it is published."""
    path = published.where.content / "letters" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(LETTER, encoding="utf-8")
    more = [path.parent] if "/" in name else []
    assert ":1: is no letter and is left out; the name of a letter ends in .md" in refused(published, path, *more)


def test_a_page_with_another_ending_is_named(published: Site) -> None:
    """As a letter is."""
    path = published.where.content / "pages" / "kontakt.txt"
    path.write_text("Title: Kontakt\n\nHej.\n", encoding="utf-8")
    assert "the name of a letter ends in .md" in refused(published, path)


def test_other_files_among_the_letters_stop_nothing(site: Site) -> None:
    """Advice on what might have been meant as one; none on pictures, and on what programs leave there."""
    letters = site.where.content / "letters"
    for name in ("kaj.jpg", "brev.md~", "brev.bak", ".brev.txt", "~$brev.docx", "Thumbs.db", "README.txt", "brev.htm"):
        (letters / name).touch()
    (site.where.content / "ordlista.txt").write_text("Lindhamn\n", encoding="utf-8")
    site.letter("brev")
    found = [finding for finding in site.built().build().findings if "slutar på .md" in finding["message"]]
    assert [(Path(finding["file"]).name, finding["level"]) for finding in found] == [("brev.htm", "advice")]


@pytest.mark.parametrize("status", ["published", "draft", "skip"])
def test_a_file_that_a_letter_links_to_is_left_alone(site: Site, status: str) -> None:
    """Also while that letter is not published."""
    (site.where.content / "letters" / "bilaga å.txt").write_text("Bilaga.\n", encoding="utf-8")
    site.letter("brev", "[Bilagan](<{static}bilaga å.txt>)", status=status)
    site.built()
    site.built("publishconf.py")


def test_a_folder_s_name_is_no_file_s(site: Site) -> None:
    """Without the folder of letters a site would be published with none."""
    letters = site.where.content / "letters"
    letters.rmdir()
    letters.write_text("x", encoding="utf-8")
    assert "letters:1: måste vara en mapp, inte en fil" in site.build().faults[0]

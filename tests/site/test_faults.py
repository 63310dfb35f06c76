"""What is wrong in a text stops the build, and is told in plain words with its file and line."""

from pathlib import Path

import pytest

from tests.site.conftest import Site

FAULTY = [
    ({"title": ""}, "", 1, 'must have a line "Title: …" among its first lines'),
    ({"date": ""}, "", 1, 'must have a line "Date: …" among its first lines'),
    ({"date": "i går"}, "", 2, '"Date" must be a date like 2026-11-20 or 2026-11-20 08:00, not "i går"'),
    ({"date": "2026-02-30"}, "", 2, '"Date" must be a date like 2026-11-20 or 2026-11-20 08:00, not "2026-02-30"'),
    ({"modified": "sen"}, "", 4, '"Modified" must be a date like 2026-11-20 or 2026-11-20 08:00, not "sen"'),
    ({"titel": "x"}, "", 4, 'unknown key "Titel"; must it be "Title"?'),
    ({"status": "klar"}, "", 4, '"Status" must be one of published, draft, hidden, skip, not "klar"'),
    ({"comments": "ja"}, "", 4, '"Comments" must be one of open, closed, not "ja"'),
    ({"lang": "svenska!"}, "", 4, '"Lang" must be a language code like sv or en, not "svenska!"'),
    ({"lang": "xx"}, "", 4, '"Lang" must be a language code like sv or en, not "xx"'),
    ({"tags": "mod, !"}, "", 4, 'a tag must hold letters or digits, not only "!"'),
    ({"tags": ".."}, "", 4, 'a tag must hold letters or digits, not only ".."'),
    ({"tags": "<b>"}, "", 4, 'a tag must hold letters or digits, not only "<b>"'),
    ({"tags": "x" * 300}, "", 4, "a tag must have at most 200 characters, not 300"),
    ({"author": "?!"}, "", 4, '"Author" must be a name with letters or digits, of at most 200 characters, not "?!"'),
    ({"slug": "x" * 300}, "", 3, '"Slug" must have at most 200 characters, not 300'),
    ({"slug": "Åre_2"}, "", 3, '"Slug" must hold only a-z, 0-9 and single hyphens, not "Åre_2"'),
    ({}, "![Bild](/images/x.svg)", 5, 'the picture "/images/x.svg" must exist; there is no such file'),
    ({}, '<img src="/images/portratt.svg">', 5, 'must have either alt="what it shows" or class="decorative"'),
    ({}, "![](/images/portratt.svg)", 5, 'the picture "/images/portratt.svg" must have a text that says what it shows'),
    ({}, "![Bild](x.svg)", 5, 'the picture "x.svg" must lie in images and be written /images/name'),
    ({}, "Hej\n\n[dit](/finns-ej/)", 7, 'the link "/finns-ej/" must lead to a page or file of this site'),
    ({}, "[dit]({filename}finns-ej.md)", 5, 'the link "{filename}finns-ej.md" must lead to'),
    ({}, "[dit]({static}/images/nej.pdf)", 5, 'the link "{static}/images/nej.pdf" must lead to'),
    ({}, "[dit](#nej)", 5, 'the link "#nej" must lead to a mark in a text; there is no {#nej}'),
    ({}, "[dit](/2026/fel/#nej)", 5, 'the link "/2026/fel/#nej" must lead to a mark'),
    ({}, "[dit]({filename}fel.md#nej)\n\n`{#nej}`", 5, 'the link "{filename}fel.md#nej" must lead to a mark'),
    ({}, "[dit](../nej/)", 5, 'the link "../nej/" must lead to'),
    ({}, "[dit][a]\n\n[a]: /nej/", 7, 'the link "/nej/" must lead to'),
    ({}, '<a href="/nej/">dit</a>', 5, 'the link "/nej/" must lead to'),
    ({}, "[dit](javascript:alert(1))", 5, 'the address "javascript:alert(1)" must begin with'),
    ({}, "[dit]({static}/letters/fel.md)", 5, 'the link "{static}/letters/fel.md" must lead to'),
    ({}, "[dit]({static}/../../../../etc/hostname)", 5, '/etc/hostname" must lead to'),
    ({}, "![Kaj](/images/../letters/fel.md)", 5, 'the picture "/images/../letters/fel.md" must lie in images'),
    ({}, "[dit]({tag}nej)", 5, 'the link "{tag}nej" must lead to'),
    ({}, "[dit]({author}Nej)", 5, 'the link "{author}Nej" must lead to'),
    ({}, "[dit]()", 5, 'the link "" must lead to'),
    ({}, "[dit][x]\n\n[x]:\n    /nej/", 8, 'the link "/nej/" must lead to'),
    ({}, "[dit](https://[adressen])", 5, '"https://[adressen]" must be an address'),
    ({}, "[dit](https://)", 5, 'the link "https://" must say where it leads'),
    ({}, "[dit](http:///x)", 5, 'the link "http:///x" must say where it leads'),
    ({}, "[dit][a]\n\n[a]: https:/a.example", 7, 'the link "https:/a.example" must say where it leads'),
    ({}, "[dit](mailto:)", 5, 'the link "mailto:" must say where it leads'),
    ({}, '<a href="tel: ">dit</a>', 5, 'the link "tel: " must say where it leads'),
    ({}, "[dit](//)", 5, 'the link "//" must lead to'),
    ({}, "[dit](//[)", 5, '"//[" must be an address'),
    ({}, "![x](http://[::1)", 5, '"http://[::1" must be an address'),
    ({}, '<a href="http://[::1">dit</a>', 5, '"http://[::1" must be an address'),
    ({}, "[dit](https://a.example:99999999/)", 5, '"https://a.example:99999999/" must be an address'),
    ({}, f"[dit](/images/{'a' * 300}.svg)", 5, '.svg" must lead to'),
    ({}, f"![bild](/images/{'a' * 300}.svg)", 5, '.svg" must lie in images'),
    ({}, f"[dit](/theme/{'a' * 300})", 5, '" must lead to'),
    ({}, "<https://ordetfritt.lindhamn.example/nej/>", 5, 'example/nej/" must lead to'),
    ({}, "[dit](http://ordetfritt.lindhamn.example/nej/)", 5, 'example/nej/" must lead to'),
    ({}, "[dit](//ordetfritt.lindhamn.example/nej/)", 5, 'example/nej/" must lead to'),
    ({}, "[dit](HTTPS://ORDETFRITT.lindhamn.example:443/nej/)", 5, ':443/nej/" must lead to'),
    ({}, "[dit](#fn:99)", 5, 'the link "#fn:99" must lead to a mark'),
    ({}, "![&nbsp;](/images/portratt.svg)", 5, 'the picture "/images/portratt.svg" must have a text'),
    ({}, "<p>Vi såg 5 <6 gånger</p>", 5, '"<6 gånger" must be written out in full'),
    ({}, "[dit](https://ordetfritt.lindhamn.example/nej/)", 5, 'example/nej/" must lead to'),
]


@pytest.mark.parametrize(("header", "body", "line", "message"), FAULTY, ids=[fault[3][:40] for fault in FAULTY])
def test_a_fault_is_told_with_file_line_and_words(
    site: Site, header: dict[str, str], body: str, line: int, message: str
) -> None:
    """`file:line: message`, one line a fault."""
    site.set_language("en")
    path = site.letter("fel", body, **header)
    (fault,) = site.build().faults
    assert fault.startswith(f"{path}:{line}: ")
    assert message in fault


GOOD_LINKS = """
[hem](/) [arkivet](/arkiv/) [ämnet](/amnen/mod/) [sig själv](/2026/brev/#kommentera) [flödet](/atom.xml)
[ämnets flöde](/amnen/mod/atom.xml) [samtalets](/2026/brev/kommentarer.xml)
[bilden](/images/portratt.svg) [sidan](/om/) [sidan]({filename}../pages/om.md) [granskning](/moderering/)
[ut](https://lindhamn.example/nej) <brev@lindhamn.example> [ned](#rubrik) [om](../../om/) [sida](/sida/2/)
[jag](https://ordetfritt.lindhamn.example/om/) `[kod](/nej/)` [en](<https://a.example/x y>) [nr](tel:+4610000)
[dela](mailto:?subject=Brev) [utåt](https://ordetfritt.lindhamn.example:8443/nej) [v6](http://[::1]/)
[fil]({static}/images/portratt.svg) \\[inte](/nej/)
[dit]({filename}brev.md#rubrik) [dit](/2026/brev/#rubrik) [upp](#top) [not](#fn:1) En not.[^1]
[mod]({tag}Mod) [hans brev]({author}Stadsdirektören)

## En rubrik {#rubrik}

```
[kod](/nej/)
```

Slut.

    [kod](/nej/) <script>

[^1]: Noten.
"""


def test_a_link_that_leads_somewhere_is_no_fault(site: Site) -> None:
    """Pages, files and tags of the site, the service's addresses, other sites, and anything in code."""
    site.letter(body=GOOD_LINKS, tags="mod")
    site.page("om")
    assert site.build().faults == []


def test_every_fault_is_told_at_once_in_swedish(site: Site) -> None:
    """A writer puts everything right in one round."""
    one = site.letter("ett", date="")
    two = site.letter("tva", "![](/images/a.svg)", titel="x")
    assert site.build().faults == [
        f"{one}:1: måste ha en rad ”Date: …” bland de första raderna",
        f"{two}:4: okänd rubrik ”Titel”; ska det vara ”Title”?",
        f"{two}:6: bilden ”/images/a.svg” måste finnas; det finns ingen sådan fil",
        f"{two}:6: bilden ”/images/a.svg” måste ha en text som säger vad den visar, mellan [ och ]; "
        "om den inte säger något, skriv {.decorative} direkt efter den",
    ]


@pytest.mark.parametrize(
    "header", ["Title: Nytt\nDate: snart\nTags: vatten", "Title: Nytt\nTags: vatten", "---", "\xe5"]
)
def test_a_text_s_fault_is_told_of_that_alone(site: Site, header: str) -> None:
    """Not of those that lead to it, nor of its translation: they are right as soon as it is."""
    file = site.where.content / "letters" / "nytt.md"
    file.write_bytes(f"{header}\n\nHej.\n".encode("latin-1"))
    site.letter("nytt.en", slug="nytt", lang="en", translation="true")
    site.letter("ett", "[Det nya]({filename}nytt.md#mark), [samma](/2026/nytt/), [på engelska](/2026/nytt/en/)")
    if "vatten" in header:
        site.letter("tva", "[Om vatten](/amnen/vatten/)")
    assert {finding["file"] for finding in site.build().findings if finding["level"] == "error"} == {str(file)}
    file.unlink()
    assert all(any(name in fault for fault in site.build().faults) for name in ("ett.md:5", "nytt.en.md:5"))


def test_two_letters_with_one_address_are_both_named(site: Site) -> None:
    """Whichever of them should move is the writers' choice."""
    site.set_language("en")
    one, two = site.letter("ett", slug="samma"), site.letter("tva", slug="samma")
    assert site.build().faults == [
        f"{one}:3: the address /2026/samma/ must be one letter's alone; {two} has it too",
        f"{two}:3: the address /2026/samma/ must be one letter's alone; {one} has it too",
    ]


def test_a_page_must_not_take_an_address_of_the_site(site: Site) -> None:
    """A page called arkiv would write over the archive."""
    path = site.page("arkiv")
    assert site.build().faults == [f"{path}:2: ”Slug” får inte vara ”arkiv”: den adressen använder webbplatsen själv"]


def test_a_writer_without_picture_file_is_told_with_the_line_of_site_toml(site: Site) -> None:
    """site.toml names the portraits, so a missing one is told there."""
    (site.where.content / "images" / "portratt.svg").unlink()
    site.letter()
    assert site.build().faults == [
        f"{site.where.site}:18: bilden ”images/portratt.svg” måste finnas; det finns ingen sådan fil"
    ]


def test_a_link_to_a_draft_breaks_only_in_publication(site: Site) -> None:
    """What can't be read by anyone can't be linked to."""
    site.letter("utkast", status="draft")
    site.letter("brev", "[dit]({filename}utkast.md)")
    (advice,) = site.build().findings
    assert (advice["line"], advice["level"]) == (5, "advice")
    assert "utkast.md" in site.build("publishconf.py").faults[0]


def test_a_draft_s_faults_do_not_stop_publication(site: Site) -> None:
    """Half-written is what drafts are."""
    site.letter("utkast", "![](/images/nej.svg)", status="draft")
    site.letter("brev")
    assert site.build("publishconf.py").ok


def test_the_site_that_was_there_stays(site: Site) -> None:
    """A failed build changes no byte of the output."""
    site.letter("brev")
    site.built()
    before = _contents(site.where.output)
    site.letter("brev", title="Nytt", date="fel")
    assert not site.build().ok
    assert _contents(site.where.output) == before
    assert not site.where.output.with_name(".output.new").exists()


def _contents(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {str(path): (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.rglob("*") if path.is_file()}


def test_a_mark_that_the_page_has_already_is_told(site: Site) -> None:
    """The writer's own twice, or one of the page around the text; in code it is no mark."""
    site.letter(body="## Ett {#del}\n\n## Två {#del}\n\n## Tre {#kommentarer}\n\n`{#del}`\n\n## Fyra {#fyra}")
    faults = site.build().faults
    assert [fault.partition("brev.md")[2] for fault in faults] == [
        ":7: märket ”#del” måste heta något annat; sidan har redan ett med det namnet",
        ":9: märket ”#kommentarer” måste heta något annat; sidan har redan ett med det namnet",
    ]

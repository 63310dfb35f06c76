"""Drafts and letters of the future are marked and listed in work, and publication knows nothing of it."""

from datetime import UTC, datetime, timedelta

from werkzeug.test import Client

from builder.preview import Preview
from builder.sync import LIST
from tests.site.conftest import Site

SOON = datetime.now(UTC) + timedelta(days=3)
LATER = f"{SOON:%Y-%m-%d} 08:00"


def written(site: Site) -> Site:
    """Two letters that are published, a draft, a draft of a page, and a letter of the future."""
    site.letter("ett")
    site.letter("tva", title="Ett brev till")
    site.letter("utkast", title="Ett utkast", status="draft")
    site.page("mer", title="En sida", status="draft")
    site.letter("sedan", title="Ett brev sedan", date=LATER)
    return site


def test_what_nobody_else_sees_is_marked_on_its_page_and_in_lists(site: Site) -> None:
    """A band above a draft and a letter of the future, which says when; a mark where the letter is listed."""
    written(site).built()
    assert "Utkast – syns bara här" in site.read("utkast/utkast/index.html")
    assert "Utkast – syns bara här" in site.read("utkast/mer/index.html")
    for page in (f"{SOON:%Y}/sedan/index.html", "index.html", "arkiv/index.html"):
        assert site.read(page).count("Publiceras ") == 1
    assert "unpublished" not in site.read("2026/ett/index.html")


def test_drafts_and_future_letters_have_a_list(site: Site) -> None:
    """At /utkast/, also when nothing waits."""
    listed = written(site).built().read("utkast/index.html")
    for title in ("Ett utkast", "En sida", "Ett brev sedan"):
        assert f">{title}</a>" in listed
    assert "Ett brev till" not in listed


def test_a_draft_has_no_name_among_what_was_published(site: Site) -> None:
    """Twice, as the second build goes by what the first remembers."""
    for _time in range(2):
        written(site).built("publishconf.py")
        assert "" not in site.read(LIST).split("\n")[:-1]


def test_the_list_is_there_when_nothing_waits(site: Site) -> None:
    """And says so."""
    site.letter()
    assert "Det finns inget utkast." in site.built().read("utkast/index.html")


def test_the_page_changes_at_the_letter_s_minute(site: Site) -> None:
    """The builder is told when to build again; Swedish time, summer and winter."""
    site.letter("sedan", date=LATER)
    moment = datetime.fromtimestamp(site.build().next_change or 0, UTC)
    assert (moment.minute, moment.hour in (6, 7), moment > datetime.now(UTC)) == (0, True, True)


def test_publication_has_none_of_it(site: Site) -> None:
    """No mark, no list, no script of the preview in any file."""
    written(site).built("publishconf.py")
    built = [file for file in site.where.output.rglob("*") if file.suffix in (".html", ".xml", ".json", ".css", ".js")]
    for file in built:
        text = file.read_text(encoding="utf-8")
        assert not any(word in text for word in ("unpublished", "Publiceras ", "/utkast/", "_preview", "Skrivhjälp"))
    assert len(built) > 10
    assert not site.has("utkast/index.html")


def test_the_panel_is_for_this_machine_s_own_pages_alone(site: Site) -> None:
    """Another site's page gets no word of it, nor one whose name was made to point here."""
    site.letter()
    site.built()
    panel = Client(Preview(site.where, str))
    address = "/_preview/panel.json?path=/2026/brev/"
    assert "https://ordetfritt.lindhamn.example/2026/brev/" in panel.get(address).text
    assert panel.get(address, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert panel.get(address, base_url="http://elsewhere.example:8000").status_code == 403
    assert panel.get("/_preview/share.png?path=/2026/brev/").data.startswith(b"\x89PNG")

"""/statistik/: what became of the comments, by the file that the service publishes."""

import json
import re
from typing import Any

import pytest

from plugins.statistics_page import NotStatistics, read_statistics, shown
from tests.site.conftest import Site
from tests.site.test_conversation_url import Service, remote, service

__all__ = ["Service", "remote", "service"]

PAGE = "statistik/index.html"


def month(name: str, **other: Any) -> dict[str, Any]:
    """A month as the service publishes it."""
    numbers = {"received": 8, "published": 5, "declined": 2, "hidden": 0, "waiting": 1, "answered": 3}
    return {"month": name, **numbers, "median_hours": 3.1, "p90_hours": 8.5, **other}


def table(*months: dict[str, Any], **other: Any) -> dict[str, Any]:
    """The whole file."""
    reasons = [{"year": 2026, "code": "regel-1", "text": "Håll dig till <ämnet>.", "number": 2}]
    return {"format": 1, "months": list(months), "declined": reasons, **other}


def publish(site: Site, content: Any) -> None:
    """Write published/statistics.json as the service would."""
    site.where.published.mkdir(parents=True, exist_ok=True)
    (site.where.published / "statistics.json").write_text(json.dumps(content), encoding="utf-8")


def test_the_page_says_so_when_there_is_nothing_yet(site: Site) -> None:
    """It is there all the same, and the footer leads to it."""
    page = site.built().read(PAGE)
    assert "Det finns inget att räkna än" in page
    assert 'href="/statistik/"' in site.read("index.html")
    assert "<svg" not in page


def test_the_promise_stands_against_the_measured_median(site: Site) -> None:
    """In the newest month that has one, in whole hours."""
    publish(site, table(month("2026-10"), month("2026-11", median_hours=None, p90_hours=None)))
    page = re.sub(r"\s+", " ", site.built().read(PAGE))
    assert "Vi lovar att läsa och besvara inom en arbetsdag." in page
    assert "I oktober 2026 fick hälften av kommentarerna beslut inom 4 arbetstimmar." in page


def test_each_chart_has_a_name_a_description_and_a_table(site: Site) -> None:
    """No style attribute, which the content security policy forbids; text from site.toml is escaped."""
    publish(site, table(month("2026-10"), month("2026-11")))
    page = site.built().read(PAGE)
    assert page.count('role="img"') == page.count("<desc id=") == page.count("<title id=") == 2
    assert page.count("<table") == 3
    assert "style=" not in page
    assert "Håll dig till &lt;ämnet&gt;." in page
    assert '<th scope="row">november 2026</th><td>8</td><td>5</td><td>2</td>' in page


def test_twelve_months_are_drawn_and_earlier_ones_listed(site: Site) -> None:
    """The chart begins with empty months where there are fewer."""
    months = [month(f"{year}-{number:02}") for year in (2025, 2026) for number in range(1, 13)]
    assert [row["month"] for row in shown(table(*months))["latest"]] == [f"2026-{number:02}" for number in range(1, 13)]
    assert len(shown(table(*months))["earlier"]) == 12
    few = shown(table(month("2026-02")))["latest"]
    assert (few[0]["month"], few[0]["received"], len(few)) == ("2025-03", 0, 12)
    publish(site, table(*months))
    assert "Tidigare månader" in site.built().read(PAGE)


def test_no_number_is_drawn_where_a_median_would_single_somebody_out(site: Site) -> None:
    """All months have too few decisions."""
    publish(site, table(month("2026-11", median_hours=None, p90_hours=None)))
    page = site.built().read(PAGE)
    assert page.count('role="img"') == 1
    assert "för få beslut" in page


@pytest.mark.parametrize(
    "broken",
    [
        b"{",
        b"\xff",
        b"[]",
        b'{"format": 2, "months": [], "declined": []}',
        b'{"format": 1, "months": {}, "declined": []}',
        b'{"format": 1, "months": [], "declined": [1]}',
        json.dumps(table(month("2026-13"))).encode(),
        json.dumps(table(month("2026-11", received=-1))).encode(),
        json.dumps(table(month("2026-11", received="8"))).encode(),
        json.dumps(table(month("2026-11", median_hours=float("nan")))).encode(),
        json.dumps(table(month("2026-11", p90_hours=None))).encode(),
    ],
)
def test_a_broken_file_is_refused_and_the_last_good_one_shown(site: Site, broken: bytes) -> None:
    """One warning that names the file, and no fault: the letters are built."""
    with pytest.raises(NotStatistics):
        read_statistics(broken)
    publish(site, table(month("2026-11")))
    site.built()
    (site.where.published / "statistics.json").write_bytes(broken)
    report = site.build()
    assert report.faults == []
    assert len(report.warnings) == 1
    assert "statistics.json: måste" in report.warnings[0]
    assert "november 2026" in site.read(PAGE)


def test_the_numbers_are_read_from_an_address(remote: Site, service: Service) -> None:
    """As the conversations are, and without asking for what is there already."""
    service.files["statistics.json"] = json.dumps(table(month("2026-11"))).encode()
    assert "november 2026" in remote.built().read(PAGE)
    service.answers.clear()
    remote.built()
    assert sorted(service.answers) == [304, 304, 404, 404]


def test_the_published_file_is_no_lost_conversation(site: Site) -> None:
    """It lies among them, and no letter has it."""
    publish(site, table(month("2026-11")))
    site.letter()
    site.built()


def test_no_page_takes_its_address(site: Site) -> None:
    """Its slug is the site's own."""
    site.page("statistik")
    (fault,) = site.build().faults
    assert "statistik" in fault

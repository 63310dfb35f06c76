"""/tillganglighet/: the accessibility statement, made of [accessibility] in site.toml; what it lacks is told."""

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from builder.places import ROOT
from common.accessibility import last_day
from common.fact_values import FactsError
from common.facts import read_facts
from tests.days import publishable
from tests.site.conftest import SITE, Site
from tests.statement import statement

PAGE, PUBLISHED = "tillganglighet/index.html", "publishconf.py"
TODAY = datetime.now(UTC).date()
WHOLE = """
[accessibility]
status = "partly"
reviewed = {today}
updated = {today}
published = 2026-11-20
review = "both"
reviewer = "Granskarna <AB>"
method = "Först det ena.\\n\\nSedan det andra."
works = ["att läsa"]
answer = "inom en dag"
other_ways = "Ring oss."
authority = "Den nya myndigheten"
authority_url = "https://tillsyn.example/anmal/"
[[accessibility.not_accessible]]
kind = "not_compliant"
content = "Film utan text."
requirement = "WCAG 1.2.2"
why = "Den är ny."
instead = "Läs manuset."
[[accessibility.not_accessible]]
kind = "burden"
content = "Hundra år av protokoll."
why = "Det kostar mer än det ger."
[[accessibility.not_accessible]]
kind = "out_of_scope"
content = "Kartan."
why = "Kartor är undantagna."
"""


def write(site: Site, toml: str, language: str = "sv") -> None:
    """Have this as the end of site.toml."""
    site.where.site.write_text(SITE.format(language=language) + toml, encoding="utf-8")


def text(page: str) -> str:
    """What a reader reads of a page's main part."""
    main = page[page.index("<main") : page.index("</main>")]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", main))


SWEDISH = [
    "Lindhamns stad står bakom den här webbplatsen",
    "lagen (2018:1937) om tillgänglighet till digital offentlig service",
    "Webbplatsen är delvis förenlig med lagen",
    "att läsa",
    "Vi svarar normalt inom en dag.",
    "Ring oss.",
    "Den nya myndigheten har tillsyn",
    "Bristande förenlighet med lagkraven",
    "Film utan text. Det gäller WCAG 1.2.2. Den är ny. I stället: Läs manuset.",
    "Oskäligt betungande anpassning",
    "Hundra år av protokoll. Det kostar mer än det ger.",
    "Innehåll som inte omfattas av lagen",
    "Kartan. Kartor är undantagna.",
    "Granskarna &lt;AB&gt;, som är oberoende av oss",
    "Först det ena.",
    "Sedan det andra.",
    "Webbplatsen publicerades den 20 november 2026.",
]


def test_the_page_holds_all_that_is_written(site: Site) -> None:
    """Each field that MDFFS 2019:2 asks for, in its place and escaped, with the way to report to the authority."""
    write(site, WHOLE.format(today=TODAY))
    page = site.built(PUBLISHED).read(PAGE)
    said = text(page)
    assert [part for part in SWEDISH if part not in said] == []
    assert 'href="https://tillsyn.example/anmal/"' in page
    assert page.count(f'<time datetime="{TODAY}">') == 2


def test_the_page_is_whole_in_english(site: Site) -> None:
    """No Swedish sentence of ours is left, and Digg supervises where nobody else is named."""
    write(site, statement(), "en")
    page = site.built(PUBLISHED).read(PAGE)
    said = text(page)
    assert "The site is partly compliant with the act" in said
    assert "The Agency for Digital Government, Digg, supervises that the act is followed." in said
    assert 'href="https://www.digg.se/tdosanmalan"' in page
    assert not re.search("lagen|webbplats|förenlig", said)


@pytest.mark.parametrize(("status", "words"), [("fully", "helt förenlig"), ("not", "inte förenlig")])
def test_how_far_the_site_complies_is_said_in_the_words_of_the_law(site: Site, status: str, words: str) -> None:
    """Helt, delvis or inte förenlig; a site that complies has nothing to list."""
    entries = "" if status == "fully" else WHOLE[WHOLE.index("[[") :]
    table = f'[accessibility]\nreview="self"\nmethod="x"\nreviewed={TODAY}\nupdated={TODAY}\nstatus="{status}"\n'
    write(site, table + entries)
    assert f"Webbplatsen är {words} med lagen" in text(site.built(PUBLISHED).read(PAGE))


def test_every_page_leads_to_it(site: Site) -> None:
    """From the footer, also of the service's pages, and from the sitemap."""
    site.letter()
    site.built()
    for path in ("index.html", "2026/brev/index.html", "404.html", PAGE):
        assert re.search(r'href="/tillganglighet/"[^>]*>Tillgänglighetsredogörelse<', site.read(path)), path
    assert "/tillganglighet/</loc>" in site.read("sitemap.xml")


def test_the_form_posts_to_the_service(site: Site) -> None:
    """Plain HTML, with a label and a hint for each field."""
    page = site.built().read(PAGE)
    assert '<form class="stack" id="formular" action="/kommentarer/tillganglighet" method="post"' in page
    for name in ("text", "page", "contact"):
        assert f'<label for="f-{name}">' in page
        assert f'name="{name}" aria-describedby="f-{name}-hint f-{name}-error"' in page


def test_a_site_without_a_statement_is_not_published(site: Site) -> None:
    """In one line that says what to do; in work the same line is a warning, and the form is there."""
    write(site, "")
    (fault,) = site.build(PUBLISHED).faults
    assert fault.startswith(f"{site.where.site}:1: måste ha en tabell [accessibility]")
    assert not site.has(PAGE)
    report = site.build()
    assert (report.faults, report.warnings) == ([], [fault])
    assert 'action="/kommentarer/tillganglighet"' in site.read(PAGE)


@pytest.mark.parametrize("key", ["status", "reviewed", "updated", "review", "method"])
def test_a_missing_field_is_told_with_its_name(site: Site, key: str) -> None:
    """A publication stops, and the line is that of the table."""
    write(site, re.sub(rf"(?m)^{key} = .*\n", "", statement()), "en")
    (fault,) = site.build(PUBLISHED).faults
    assert re.match(rf'.*site\.toml:\d+: "accessibility\.{key}" must', fault)
    assert site.build().warnings == [fault]
    assert site.has(PAGE)


def test_it_is_told_with_all_other_faults(site: Site) -> None:
    """Whoever publishes need not build again to hear of the next."""
    write(site, "")
    site.letter(title="")
    faults = site.build(PUBLISHED).faults
    assert [re.split(r"/|:\d", fault)[-2] for fault in faults] == ["brev.md", "site.toml"]


LACKING = [
    ('reviewer = "Granskarna <AB>"\n', "", '"accessibility.reviewer" must name the third party'),
    ('requirement = "WCAG 1.2.2"\n', "", 'number 1 must have "requirement"'),
    ('why = "Det kostar mer än det ger."\n', "", ':39: "accessibility.not_accessible" number 2 must have "why"'),
    ('content = "Kartan."\n', 'content = ""\n', 'number 3 must have "content"'),
    ('status = "partly"', 'status = "fully"', '"accessibility.status" must be "partly" or "not"'),
    ("published = 2026-11-20", "published = 9999-12-31", '"accessibility.published" must not lie ahead'),
]


@pytest.mark.parametrize(("old", "new", "message"), LACKING, ids=[each[2][:40] for each in LACKING])
def test_what_does_not_hold_together_stops_a_publication(site: Site, old: str, new: str, message: str) -> None:
    """And is told in work."""
    assert old in WHOLE
    write(site, WHOLE.format(today=TODAY).replace(old, new), "en")
    (fault,) = site.build(PUBLISHED).faults
    assert message in fault


def test_a_site_that_complies_in_part_says_in_which(site: Site) -> None:
    """What the act does not cover is no shortcoming."""
    table = statement()
    write(site, table[: table.index("[[")] + WHOLE[WHOLE.rindex("[[") :], "en")
    (fault,) = site.build(PUBLISHED).faults
    assert "[[accessibility.not_accessible]] must say what is not accessible" in fault


def reviewed(site: Site, day: date) -> None:
    """Have the site reviewed on that day."""
    write(site, re.sub(r"reviewed = .*", f"reviewed = {day}", statement()), "en")


def test_a_review_of_more_than_twelve_months_ago_stops_a_publication(site: Site) -> None:
    """In work it is a warning, so that an old copy can still be tried; the line is the date's own."""
    reviewed(site, TODAY - timedelta(days=368))
    (fault,) = site.build(PUBLISHED).faults
    assert re.match(r'.*site\.toml:22: "accessibility.reviewed" must be at most 12 months ago', fault)
    assert site.build().warnings == [fault]


def test_a_review_that_is_soon_too_old_is_told_in_time(site: Site) -> None:
    """A month before, while the site can still be published."""
    reviewed(site, TODAY - timedelta(days=350))
    report = site.build(PUBLISHED)
    assert report.ok
    assert "is soon too old: the site must be reviewed again by" in report.warnings[0]
    reviewed(site, TODAY - timedelta(days=330))
    site.built(PUBLISHED)


@pytest.mark.parametrize(
    ("day", "last"),
    [(date(2026, 11, 17), date(2027, 11, 17)), (date(2028, 2, 29), date(2029, 2, 28)), (date.max, date(9999, 2, 28))],
)
def test_a_review_lasts_for_a_year(day: date, last: date) -> None:
    """To the day, also from a day that the next year has not."""
    assert last_day(day) == last


def test_a_page_in_its_place_is_told(site: Site) -> None:
    """Two statements would be one too many: the page's file and line, and what to do."""
    site.set_language("en")
    path = site.page("tillganglighet")
    (fault,) = site.build().faults
    assert fault.startswith(f"{path}:2: the address /tillganglighet/ must be free")


WRONG = [
    ('status = "delvis"', "status", "fully, partly, not"),
    ("status = 5", "status", "fully, partly, not"),
    ('review = "me"', "review", "self, third_party, both"),
    ('reviewed = "2026-11-17"', "reviewed", "a date without quotes"),
    ("reviewed = 2026-11-17T08:00:00", "reviewed", "a date without quotes"),
    ("reviewed = 2026-11-17\nupdated = 2026-11-16", "updated", "must not come before the review"),
    ("method = 1", "method", "a text in quotes"),
    ('works = "allt"', "works", "a list"),
    ('authority = "Digg"', "authority_url", "https://"),
    ('authority_url = "https://digg.se"', "authority", "a text in quotes"),
    ('authority = "Digg"\nauthority_url = "javascript:alert(1)"', "authority_url", "https://"),
    ('statuss = "partly"', "statuss", "must be one of"),
    ("not_accessible = 1", "not_accessible", "[[accessibility.not_accessible]]"),
    ("not_accessible = [1]", "not_accessible", "[[accessibility.not_accessible]]"),
    ('not_accessible = [{kind = "lat"}]', "not_accessible.kind", "not_compliant, burden, out_of_scope"),
    ('not_accessible = [{kind = "burden", varfor = "x"}]', "not_accessible.varfor", "must be one of"),
]


@pytest.mark.parametrize(("line", "key", "words"), WRONG, ids=[each[0][:30] for each in WRONG])
def test_a_field_that_is_wrong_is_told_at_once(tmp_path: Path, line: str, key: str, words: str) -> None:
    """As all of site.toml: the key, and what it must be."""
    path = tmp_path / "site.toml"
    path.write_text(f"{SITE.format(language='sv')}\n[accessibility]\n{line}\n", encoding="utf-8")
    with pytest.raises(FactsError, match=r"^[^\n]+$") as error:
        read_facts(path)
    assert f'"accessibility.{key}"' in str(error.value)
    assert words in str(error.value)


def test_our_own_statement_can_be_published(site: Site) -> None:
    """The sample's, but for the date, which the city has to see to."""
    toml = (ROOT / "site.toml").read_text(encoding="utf-8")
    site.picture("stadsdirektoren.svg")
    site.picture("bitradande-stadsdirektoren.svg")
    site.where.site.write_text(publishable(toml), encoding="utf-8")
    assert "delvis förenlig" in site.built(PUBLISHED).read(PAGE)

"""Whatever the published site leads to is there; CONTENT=… checks another folder of letters."""

from pathlib import Path

import pytest
from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import RequestRedirect

from tests.links import broken, read
from tests.published import Published

ORIGIN = "https://ordetfritt.lindhamn.example"


def nothing(_path: str) -> bool:
    return False


def test_every_reference_leads_to_something(public_site: Published) -> None:
    """Pages, pictures, styles, feeds, fragments, and the service's own addresses."""
    routes = public_site.app.url_map.bind("localhost")

    def serves(path: str) -> bool:
        try:
            routes.match(path)
        except MethodNotAllowed:
            return True
        except (NotFound, RequestRedirect):
            return path.startswith("/isso/")
        return True

    origin = public_site.app.extensions["ordetfritt"].settings.facts.url
    assert list(broken(public_site.where.output, origin, serves)) == []


@pytest.mark.parametrize(
    ("link", "fault"),
    [
        ("/borta/", "leads to nothing"),
        ("/brev", "lacks its slash at the end"),
        ("/brev/#borta", "names an id that is not there"),
        (ORIGIN + "/borta.png", "leads to nothing"),
        ("../borta.html", "leads to nothing"),
    ],
)
def test_a_reference_to_nothing_is_found(tmp_path: Path, link: str, fault: str) -> None:
    """In a page, whichever way it is written; what leads elsewhere or to something is none."""
    (tmp_path / "brev").mkdir()
    good = '<p id="å"><a href="/brev/#%C3%A5"></a><a href="https://other.example/x"></a><a href="mailto:a@b.example">'
    (tmp_path / "brev" / "index.html").write_text(f'{good}<a href="{link}"></a>', encoding="utf-8")
    assert list(broken(tmp_path, ORIGIN, nothing)) == [f'/brev/: "{link}" {fault}']


def test_feeds_and_styles_are_read_too(tmp_path: Path) -> None:
    """The text inside a feed, its own links, and the pictures of a style."""
    feed = f'<feed><link href="{ORIGIN}/a"/><content type="html">&lt;img src="/b.png"&gt;</content></feed>'
    (tmp_path / "atom.xml").write_text(feed, encoding="utf-8")
    (tmp_path / "site.css").write_text("a { background: url(c.png) }", encoding="utf-8")
    told = list(broken(tmp_path, ORIGIN, nothing))
    assert [line.split('"')[1] for line in told] == [ORIGIN + "/a", "/b.png", "c.png"]


def test_each_width_of_a_picture_is_a_reference() -> None:
    """Of `srcset`, also beside a comma in an address."""
    page = read('<img src="/a.jpg" srcset="/a-480.jpg 480w,\n /a,b.jpg 960w">')
    assert page.links == ["/a.jpg", "/a-480.jpg", "/a,b.jpg"]

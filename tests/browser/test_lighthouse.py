"""Lighthouse has nothing to say against the published pages; its score for speed is for make bench."""

from tests.published import Published
from tests.tools import lighthouse, needs

pytestmark = needs("node")


def test_lighthouse_gives_full_marks(public_site: Published) -> None:
    """In accessibility, best practices and SEO; on the letter, the index and the search."""
    paths = public_site.pages()
    addresses = [public_site.origin + paths[name] for name in lighthouse.PAGES if name in paths]
    for report in lighthouse.run(addresses, lighthouse.TIMELESS):
        assert set(report.scores.values()) == {100}, (report.address, report.faults)

"""What a writer or a resident writes is shown as written, never taken for markup."""

import json

from tests.site.conftest import Site, comment

HOSTILE = "\"><b>fet</b> & 'citat' <script>alert(1)</script>"
SHOWN = "”&gt;&lt;b&gt;fet&lt;/b&gt; &amp; ’citat’ &lt;script&gt;alert(1)&lt;/script&gt;"


def test_a_hostile_title_is_text_everywhere(site: Site) -> None:
    """In headings, attributes, lists, the archive and the feed."""
    site.letter("brev", title=HOSTILE, summary=HOSTILE, tags="a<b>&c", author="<i>N</i>")
    site.letter("annat", date="2026-11-19")
    site.built()
    for path in ("2026/brev/index.html", "2026/annat/index.html", "index.html", "arkiv/index.html"):
        page = site.read(path)
        assert SHOWN in page, path
        assert "<b>" not in page
        assert "alert(1)</script>" not in page
        assert "<i>" not in page


def test_a_hostile_title_is_whole_in_letters_json(site: Site) -> None:
    """JSON carries the plain text; the service escapes it for itself."""
    site.letter("brev", title="Å <b> & 'x'")
    assert json.loads(site.built().read("letters.json"))["letters"][0]["title"] == "Å <b> & ’x’"


def test_a_hostile_name_is_text(site: Site) -> None:
    """The author of a comment reaches us unescaped, and is escaped once."""
    site.letter("brev")
    site.conversation("/2026/brev/", [comment(1, author='<b>"Å" & ö</b>')])
    page = site.built().read("2026/brev/index.html")
    assert "&lt;b&gt;&#34;Å&#34; &amp; ö&lt;/b&gt;" in page
    assert "<b>" not in page

"""Where pictures lie, how large they are, how their files are called, and what a drawing must not hold."""

from pathlib import Path

import pytest
from PIL import Image

from plugins.check_links import Link, links
from plugins.drawings import drawing_faults
from plugins.picture_maker import chosen_widths, make
from plugins.picture_markup import without_choice
from plugins.picture_store import card_of
from plugins.pictures import drawing_size, picture_file
from plugins.renditions import WIDTHS, picture_digest

SVG = '<?xml version="1.0"?><!-- x --><svg xmlns="http://www.w3.org/2000/svg" {}></svg>'


@pytest.mark.parametrize(
    ("attributes", "size"),
    [
        ('width="80" height="40"', (80, 40)),
        ('width="80px" height="40.4px"', (80, 40)),
        ('viewBox="0 0 800 450"', (800, 450)),
        ('viewBox="0,0,800,450" width="100%"', (800, 450)),
        ('width="-1" height="2"', None),
        ("", None),
    ],
)
def test_a_drawing_tells_its_size(tmp_path: Path, attributes: str, size: tuple[int, int] | None) -> None:
    """By width and height in pixels, or by its viewBox."""
    file = tmp_path / "a.svg"
    file.write_text(SVG.format(attributes), encoding="utf-8")
    assert drawing_size(file) == size


@pytest.mark.parametrize(
    "text",
    ["", "<svg", "<html width='1' height='1'/>", '<!DOCTYPE svg [<!ENTITY a "b">]><svg width="1" height="1"/>', "\0"],
)
def test_what_is_no_safe_drawing_has_no_size(tmp_path: Path, text: str) -> None:
    """Half files and files with entities (CWE-776) are not read on."""
    file = tmp_path / "a.svg"
    file.write_text(text, encoding="utf-8")
    assert drawing_size(file) is None


@pytest.mark.parametrize(
    ("address", "file"),
    [
        ("/images/a.svg", "images/a.svg"),
        ("{static}/images/a.svg", "images/a.svg"),
        ("{static}b.svg", "letters/b.svg"),
        ("/images/%C3%A5.svg", "images/å.svg"),
        ("/images/../../secret", None),
        ("{static}/../secret", None),
        ("https://a.example/images/a.svg", None),
        ("a.svg", None),
    ],
)
def test_a_picture_lies_inside_content(tmp_path: Path, address: str, file: str | None) -> None:
    """An address that leads out of content/ is none of ours."""
    found = picture_file(address, tmp_path, tmp_path / "letters/brev.md")
    assert found == (tmp_path.resolve() / file if file else None)


@pytest.mark.parametrize(
    ("size", "widths"),
    [
        ((4000, 3000), [320, 640, 960, 1280, 1920]),
        ((1000, 500), [320, 640, 960, 1000]),
        ((640, 480), [320, 640]),
        ((40, 30), [40]),
        ((1920, 38_400), [320, 640, 819]),
    ],
)
def test_a_picture_is_never_made_wider_than_it_is(size: tuple[int, int], widths: list[int]) -> None:
    """Nor higher than WebP allows, which is 16,383 pixels."""
    assert chosen_widths(*size, WIDTHS) == widths


def test_a_picture_s_files_are_named_by_content_and_width() -> None:
    """A name never gets other content, so it can be kept for ever; the writer's name for it stays legible."""
    table = {
        "widths": [320, 500],
        "formats": ["avif", "jpg"],
        "width": 500,
        "height": 300,
        "own": "500.jpg",
        "moving": "",
    }
    card = card_of(table, Path("Kajen i mars (2).JPG"), "0123456789abcdef")
    assert list(card.files().values()) == [
        f"bilder/kajen-i-mars-2-0123456789-{name}" for name in ("320.avif", "500.avif", "320.jpg", "500.jpg")
    ]
    assert card_of(table, Path("…!.jpg"), "0123456789abcdef").name == "0123456789"


def test_a_picture_has_another_digest_as_a_portrait() -> None:
    """What is made of it differs, so its names must."""
    assert picture_digest(b"a", "letter", ".jpg") != picture_digest(b"a", "portrait", ".jpg")
    assert picture_digest(b"a", "letter", ".jpg") == picture_digest(b"a", "letter", ".JPG")


def test_the_same_picture_comes_of_it_on_however_many_threads(tmp_path: Path) -> None:
    """What is made at one time must not take another's settings."""
    file = tmp_path / "a.jpg"
    Image.effect_noise((300, 200), 90).save(file)
    digest = picture_digest(file.read_bytes(), "letter", ".jpg")
    for threads in (1, 8):
        make(file, tmp_path / str(threads), "letter", digest, threads)
    one, other = ({path.name: path.read_bytes() for path in (tmp_path / str(n)).iterdir()} for n in (1, 8))
    assert one == other


NS = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'


@pytest.mark.parametrize(
    ("inside", "told"),
    [
        ("<script/>", "<script>"),
        ('<x:script xmlns:x="http://www.w3.org/2000/svg"/>', "<x:script>"),
        ("<foreignObject/>", "<foreignObject>"),
        ('<g ONLOAD="x()"/>', "the attribute ONLOAD"),
        ('<a href="javascript:x()"/>', '"javascript:x()"'),
        ('<a xlink:href=" JavaScript:x()"/>', '" JavaScript:x()"'),
        ('<image href="https://a.example/x.png"/>', '"https://a.example/x.png"'),
        ('<image href="/images/x.png"/>', '"/images/x.png"'),
        ('<use href="x.svg#a"/>', '"x.svg#a"'),
        ('<image href="data:image/svg+xml,&lt;svg/&gt;"/>', '"data:image/svg+xml,'),
        ('<rect fill="url(https://a.example/#b)"/>', '"https://a.example/#b"'),
        ("<style>@import 'https://a.example/x.css';</style>", '"https://a.example/x.css"'),
        ("<style><![CDATA[a{background:URL( '//a.example/x')}]]></style>", '"//a.example/x"'),
        ("<animate/>", "<animate>"),
        ("<style>@keyframes a{}</style>", "@keyframes"),
        ("<g>", "must be a whole SVG drawing"),
    ],
)
def test_a_drawing_must_not_run_move_or_reach_out(tmp_path: Path, inside: str, told: str) -> None:
    """Each fault names its line in the drawing, and what must go."""
    file = tmp_path / "a.svg"
    file.write_text(f"<svg {NS}>\n{inside}\n</svg>", encoding="utf-8")
    ((line, message),) = drawing_faults(file, str)
    assert (line, told in message) == (3 if inside == "<g>" else 2, True)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<svg",
        "<html/>",
        "\0",
        '<?xml-stylesheet href="x.css"?><svg/>',
        '<!DOCTYPE svg [<!ENTITY a "b"><!ENTITY b "&a;&a;">]><svg>&b;</svg>',
    ],
)
def test_what_is_no_plain_drawing_is_a_fault(tmp_path: Path, text: str) -> None:
    """Half files, other files, style sheets from outside, and entities (CWE-776)."""
    file = tmp_path / "a.svg"
    file.write_text(text, encoding="utf-8")
    assert len(drawing_faults(file, str)) == 1


def test_what_drawing_programs_write_is_no_fault(tmp_path: Path) -> None:
    """A DOCTYPE, metadata, gradients of its own, embedded pixels and other namespaces."""
    file = tmp_path / "a.svg"
    own = """<rect fill="url(#a)" style="fill:url('#a')"/><use xlink:href="#a"/>"""
    inside = f'{own}<image href="data:image/png;base64,AA"/>'
    doctype = '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">'
    file.write_text(f'{doctype}<svg {NS} xmlns:i="urn:i"><i:page/>{inside}</svg>', encoding="utf-8")
    assert drawing_faults(file, str) == []


@pytest.mark.parametrize(
    ("text", "alt", "decorative"),
    [
        ("![a](/images/x.jpg)", "a", False),
        ("![](/images/x.jpg){.decorative}", "", True),
        ("![](/images/x.jpg){: .wide .decorative }", "", True),
        ("![](/images/x.jpg){.decoratively}", "", False),
        ("![a][x]\n\n[x]: /images/x.jpg", "a", False),
        ("![][x]{.decorative}\n\n[x]: /images/x.jpg", "", True),
        ("![x][]\n\n[X]: /images/x.jpg", "x", False),
        ('<img class="a decorative" alt="" src="/images/x.jpg">', "", True),
    ],
)
def test_a_picture_is_found_with_its_text_and_mark(text: str, alt: str, decorative: bool) -> None:
    """However Markdown lets one write it."""
    first = next(link for link in links(text) if link.alt is not None)
    assert first == Link(text.find("!") if "!" in text else 0, "/images/x.jpg", alt, decorative, is_tag="<img" in text)


def test_a_feed_keeps_the_picture_and_drops_the_choice() -> None:
    """Nothing else that looks like one is touched."""
    image = '<img sizes="9vw" alt="x" srcset="/b 1w" src="/b">'
    html = f'<p>srcset="a" <picture><source srcset="/a 1w" sizes="9vw">{image}</picture>'
    assert without_choice(html) == '<p>srcset="a" <img alt="x" src="/b">'

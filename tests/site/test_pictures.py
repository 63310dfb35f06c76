"""What becomes of a picture made of pixels: light, upright, in true colours, and silent about its origin."""

import json
import os
import re
import struct
import time
import zlib
from collections.abc import Iterator
from pathlib import Path

import feedparser
import pytest
from PIL import Image, ImageCms, ImageDraw, PngImagePlugin

from tests.site.conftest import Site, new_site

HOME = "Hamngatan 3"
LETTER = """![Två kajer](/images/foto.jpg "Kajen.")

![Märket](/images/ritad.png) och ![](/images/djup.png){.decorative}

![En boll rullar](/images/boll.gif "Bollen.")

![Tryckt](/images/tryck.jpg)

[Stor bild]({static}/images/stor.jpg), ![Samma][samma], <img src="/images/rad.jpg" alt="I en rad">

[samma]: /images/annan.webp
"""


def photograph(folder: Path) -> None:
    """Held upright: stored lying, left half red; with its place, a comment, and a profile whose red is sRGB's green."""
    image = Image.new("RGB", (1050, 700), (0, 0, 255))
    ImageDraw.Draw(image).rectangle((0, 0, 524, 699), fill=(255, 0, 0))
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, HOME
    exif.get_ifd(0x8825)[1] = "N"
    image.save(folder / "foto.jpg", exif=exif, comment=HOME, icc_profile=swapped_profile(), xmp=HOME.encode())


def swapped_profile() -> bytes:
    """An sRGB profile in which red and green have changed places."""
    data = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    at = {bytes(data[place : place + 4]): place + 4 for place in range(132, 132 + 12 * data[131], 12)}
    red, green = (slice(at[tag], at[tag] + 8) for tag in (b"rXYZ", b"gXYZ"))
    data[red], data[green] = data[green], data[red]
    return bytes(data)


def other_pictures(folder: Path) -> None:
    """With transparency, with 16 bits, moving, for print; one that is linked to, one in HTML, one that nobody names."""
    told = PngImagePlugin.PngInfo()
    told.add_text("Comment", HOME)
    drawn = Image.new("RGBA", (400, 200), (0, 0, 0, 0))
    drawn.paste((0, 128, 0, 255), (100, 50, 300, 150))
    drawn.save(folder / "ritad.png", pnginfo=told)
    Image.new("I;16", (330, 100), 0x8080).save(folder / "djup.png")
    frames = [Image.new("RGB", (200, 100), (shade, 0, 0)) for shade in (0, 120, 240)]
    frames[0].save(folder / "boll.gif", save_all=True, append_images=frames[1:], duration=700, loop=0, comment=HOME)
    Image.new("CMYK", (330, 100), (0, 255, 255, 0)).save(folder / "tryck.jpg")
    Image.new("RGB", (2500, 20)).crop((0, 0, 2500, 200)).save(folder / "stor.jpg", comment=HOME)
    for name in ("rad.jpg", "annan.webp", "glomd.jpg"):
        Image.new("RGB", (330, 100)).save(folder / name)
    (folder / "glomd.bak").write_bytes((folder / "foto.jpg").read_bytes())


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One site with all these pictures, built once."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        site = new_site(tmp_path_factory.mktemp("site"), monkeypatch)
        photograph(site.where.content / "images")
        other_pictures(site.where.content / "images")
        site.letter("brev", LETTER)
        yield site.built()


def tag(page: str, alt: str) -> str:
    """The `<img>` with that text."""
    return next(one for one in re.findall(r"<img [^>]*>", page) if f'alt="{alt}"' in one)


def picture(page: str, alt: str) -> str:
    """The `<picture>` around the `<img>` with that text."""
    return next(one for one in re.findall(r"<picture>.*?</picture>", page, re.DOTALL) if f'alt="{alt}"' in one)


def candidates(part: str) -> list[tuple[str, int]]:
    """The files that a srcset names, with the width it gives them."""
    choice = re.search(r'srcset="([^"]*)"', part)
    assert choice
    return [(path.lstrip("/"), int(width[:-1])) for path, width in (one.split() for one in choice[1].split(", "))]


def pixel(site: Site, path: str, x: float, y: float) -> tuple[int, ...]:
    """A pixel of a built picture, by shares of its width and height."""
    with Image.open(site.where.output / path) as image:
        found = image.convert("RGBA").getpixel((int(image.width * x), int(image.height * y)))
    assert isinstance(found, tuple)
    return tuple(int(channel) for channel in found)


def near(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    """Whether two colours look alike."""
    return max(abs(a - b) for a, b in zip(one, other, strict=True)) < 24


def test_a_photograph_has_three_formats_in_the_widths_it_can_fill(shown: Site) -> None:
    """AVIF, WebP and its own; never wider than it is, and each file as wide as its srcset says."""
    parts = re.findall(r"<(?:source|img) [^>]*>", picture(shown.read("2026/brev/index.html"), "Två kajer"))
    assert [re.findall(r'type="(.*?)"', part) for part in parts] == [["image/avif"], ["image/webp"], []]
    for part, kind in zip(parts, ("AVIF", "WEBP", "JPEG"), strict=True):
        assert [width for _, width in candidates(part)] == [320, 640, 700]
        for path, width in candidates(part):
            with Image.open(shown.where.output / path) as image:
                assert (image.format, image.size) == (kind, (width, width * 3 // 2))


def test_a_picture_keeps_its_place_until_it_comes(shown: Site) -> None:
    """Width and height as shown, so that nothing is pushed away."""
    assert 'height="1050"' in tag(shown.read("2026/brev/index.html"), "Två kajer")
    assert 'width="700"' in tag(shown.read("2026/brev/index.html"), "Två kajer")


def test_only_the_first_picture_is_fetched_at_once(shown: Site) -> None:
    """With high priority, as it is what a reader waits for; those below wait for the reader."""
    page = shown.read("2026/brev/index.html")
    first, second = tag(page, "Två kajer"), tag(page, "Märket")
    assert 'fetchpriority="high"' in first
    assert "lazy" not in first
    assert 'loading="lazy"' in second
    assert "fetchpriority" not in second


def test_a_picture_stands_upright_in_the_colours_of_the_web(shown: Site) -> None:
    """The camera was turned and its profile wide; the files say neither any more."""
    for part in re.findall(r"<(?:source|img) [^>]*>", picture(shown.read("2026/brev/index.html"), "Två kajer")):
        path = candidates(part)[0][0]
        assert near(pixel(shown, path, 0.5, 0.2), (0, 255, 0, 255))
        assert near(pixel(shown, path, 0.5, 0.8), (0, 0, 255, 255))


def test_nothing_that_an_original_tells_is_published(shown: Site) -> None:
    """Neither place nor camera, comment, XMP nor profile, in any file; where an original stood, too (EXIF, IPTC)."""
    files = [
        path for path in shown.where.output.rglob("*.*") if path.suffix in (".jpg", ".png", ".webp", ".avif", ".gif")
    ]
    assert len(files) > 35
    for path in files:
        with Image.open(path) as image:
            assert not image.getexif(), path
            assert not {"exif", "xmp", "icc_profile", "comment", "Comment", "photoshop"} & image.info.keys(), path
        assert HOME.encode() not in path.read_bytes()


def test_at_an_original_s_address_stands_a_cleaned_one(shown: Site) -> None:
    """A link to a picture leads somewhere, and at most 1920 pixels are sent."""
    with Image.open(shown.where.output / "images/stor.jpg") as image:
        assert (image.format, image.size) == ("JPEG", (1920, 154))
    assert shown.has("images/rad.jpg")


def test_a_picture_that_no_text_names_is_not_published(shown: Site) -> None:
    """What lies in images may be a draft."""
    assert not list(shown.where.output.rglob("glomd*"))


def test_what_is_clear_stays_clear(shown: Site) -> None:
    """A drawing without ground stands on the page's own, dark or light."""
    for part in re.findall(r"<(?:source|img) [^>]*>", picture(shown.read("2026/brev/index.html"), "Märket")):
        path = candidates(part)[-1][0]
        assert pixel(shown, path, 0.05, 0.05)[3] == 0
        assert near(pixel(shown, path, 0.5, 0.5), (0, 128, 0, 255))


@pytest.mark.parametrize(("alt", "colour"), [("Tryckt", (255, 0, 0, 255)), ("", (128, 128, 128, 255))])
def test_every_kind_of_pixel_is_read_right(shown: Site, alt: str, colour: tuple[int, ...]) -> None:
    """Four inks, and sixteen bits."""
    for part in re.findall(r"<(?:source|img) [^>]*>", picture(shown.read("2026/brev/index.html"), alt)):
        assert near(pixel(shown, candidates(part)[-1][0], 0.5, 0.5), colour)


def test_a_picture_moves_only_when_asked_to(shown: Site) -> None:
    """It stands still at first, and can be stopped again (WCAG 2.2.2)."""
    page = shown.read("2026/brev/index.html")
    (figure,) = (one for one in re.findall(r"<figure>.*?</figure>", page) if "Bollen." in one)
    offered, _, still = figure.partition("</details>")
    assert "moving" not in still
    assert offered.startswith("<figure><details><summary>Visa den rörliga bilden</summary><img ")
    (path,) = re.findall(r'src="/([^"]+-moving\.webp)"', offered)
    for file, kind in ((path, "WEBP"), ("images/boll.gif", "GIF")):
        with Image.open(shown.where.output / file) as image:
            assert (image.format, image.n_frames) == (kind, 3)  # type: ignore[attr-defined]


def test_a_decorative_picture_has_an_empty_text(shown: Site) -> None:
    """The mark itself is not for readers."""
    page = shown.read("2026/brev/index.html")
    assert 'alt=""' in picture(page, "")
    assert "decorative" not in page


def test_a_feed_shows_one_file_of_each_picture(shown: Site) -> None:
    """With its whole address: what chooses between several is cleaned away by feed readers."""
    (entry,) = feedparser.parse(shown.read("atom.xml"), sanitize_html=False).entries
    content = entry.content[0].value
    assert re.search(r'src="https://ordetfritt\.lindhamn\.example/bilder/foto-\w+-700\.jpg"', content)
    assert not re.search(r'srcset|sizes=|<picture|<source|"/', content)


def test_what_did_not_change_is_not_made_again(shown: Site) -> None:
    """The second build touches nothing, and neither does one that has lost all it kept."""
    kept = {path: path.stat().st_ino for path in (shown.where.data / "pictures").rglob("*")}
    assert shown.built().build().changed == 0
    assert {path: path.stat().st_ino for path in (shown.where.data / "pictures").rglob("*")} == kept
    (shown.where.data / "pictures").rename(shown.where.data / "gone")
    assert shown.build().changed == 0


def test_what_a_killed_build_left_is_not_used(site: Site) -> None:
    """A picture comes whole or not at all, and half ones are swept away."""
    Image.new("RGB", (400, 300)).save(site.where.content / "images" / "a.png")
    site.letter(body="![A](/images/a.png)")
    (made,) = (path for path in (site.built().where.data / "pictures").iterdir() if path.is_dir())
    half = made.rename(made.with_name(f".{made.name}-1"))
    (half / "card.json").unlink()
    os.utime(half, (time.time() - 9999,) * 2)
    assert site.built().build().changed == 0
    assert [path for path in made.parent.iterdir() if path.is_dir()] == [made]


def test_a_portrait_made_of_pixels_is_square_and_small(site: Site) -> None:
    """56 CSS pixels beside a letter and 96 on the writer's page, twice as many for fine screens."""
    text = site.where.site.read_text(encoding="utf-8")
    site.where.site.write_text(text.replace("portratt.svg", "portratt.jpg"), encoding="utf-8")
    Image.new("RGB", (600, 800), (200, 0, 0)).save(site.where.content / "images" / "portratt.jpg")
    site.letter(author="Stadsdirektören")
    shown = re.search(r"<picture>.*?</picture>", site.built().read("2026/brev/index.html"), re.DOTALL)
    assert shown
    assert re.findall(r"-(\d+)\.avif( 2x)?", shown[0]) == [("72", ""), ("144", " 2x")]
    assert re.findall(r"-(\d+)\.jpg 2x", site.read("forfattare/stadsdirektoren/index.html")) == ["192"]
    for path in (site.where.output / "bilder").iterdir():
        with Image.open(path) as image:
            assert image.size == (int(re.findall(r"-(\d+)\.", path.name)[0]),) * 2


def bad_pictures(folder: Path) -> None:
    """One file for each fault."""
    Image.new("RGB", (64, 64)).save(folder / "png.jpg", "PNG")
    Image.effect_noise((200, 200), 90).save(folder / "hel.jpg")
    whole = (folder / "hel.jpg").read_bytes()
    (folder / "halv.jpg").write_bytes(whole[: len(whole) // 2])
    (folder / "tom.jpg").write_bytes(b"")
    Image.effect_noise((200, 200), 90).save(folder / "hel.png")
    spoilt = bytearray((folder / "hel.png").read_bytes())
    spoilt[len(spoilt) // 2] ^= 1
    (folder / "skadad.png").write_bytes(spoilt)
    Image.new("1", (20_000, 10_000)).save(folder / "stor.png")
    Image.new("1", (1, 60_000)).save(folder / "remsa.png")
    (folder / "bomb.png").write_bytes(whole_png_header(60_000, 60_000))
    for name in ("skanning.tif", "ra.cr2"):
        Image.new("RGB", (64, 64)).save(folder / name, "TIFF")
    frames = [Image.new("1", (2000, 1000), number % 2) for number in range(31)]
    frames[0].save(folder / "film.gif", save_all=True, append_images=frames[1:])
    frames[0].save(folder / "rorlig.png", save_all=True, append_images=frames[1:3])
    (folder / "sida.jpg").write_text("<html><script>alert(1)</script></html>", encoding="utf-8")


def whole_png_header(width: int, height: int) -> bytes:
    """What begins a PNG of that size: it would unfold to gigabytes."""
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    begun = struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header))
    return b"\x89PNG\r\n\x1a\n" + begun + struct.pack(">I", 1 << 20) + b"IDAT"


BAD = {
    "png.jpg": "must have a name that ends in .png, as it is a PNG",
    "halv.jpg": "must be whole; the file is broken or half copied",
    "tom.jpg": "must be a JPEG, PNG, WebP, AVIF or GIF; the file is something else, or broken",
    "sida.jpg": "must be a JPEG, PNG, WebP, AVIF or GIF; the file is something else, or broken",
    "skadad.png": "must be whole; the file is broken or half copied",
    "stor.png": "must have at most 50 megapixels, not 200; make it smaller",
    "bomb.png": "must have at most 50 megapixels, not 3600",
    "remsa.png": "must not be more than 20 times as long as it is wide; it has 1 × 60000 pixels",
    "ra.cr2": "must be a JPEG, PNG, WebP, AVIF, GIF or SVG, as browsers show no other",
    "skanning.tif": "must be a JPEG, PNG, WebP, AVIF, GIF or SVG, as browsers show no other",
    "film.gif": "must move through fewer or smaller frames: it has 31 of 2000 × 1000 pixels",
    "rorlig.png": "must not move; only a GIF or WebP may",
}


@pytest.fixture(scope="module")
def faults(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, list[str]]]:
    """A letter that shows each bad picture on a line of its own, and what two builds said."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        site = new_site(tmp_path_factory.mktemp("site"), monkeypatch)
        site.set_language("en")
        bad_pictures(site.where.content / "images")
        path = site.letter("fel", "\n".join(f"![Bild](/images/{name})" for name in BAD))
        first, again = site.build().faults, site.build().faults
        assert first == again
        yield path, first


@pytest.mark.parametrize("name", BAD)
def test_a_bad_picture_is_told_with_the_letter_s_line(faults: tuple[Path, list[str]], name: str) -> None:
    """`file:line: message`, with the picture as it is written there and what to do, again as long as it is so."""
    path, told = faults
    line = 5 + list(BAD).index(name)
    (fault,) = (one for one in told if f'"/images/{name}"' in one)
    assert fault.startswith(f"{path}:{line}: the picture ")
    assert BAD[name] in fault


def test_a_picture_that_got_its_right_name_is_shown(site: Site) -> None:
    """What was said of the same pixels under another name is not held against it."""
    wrong = site.where.content / "images" / "a.jpg"
    Image.new("RGB", (64, 64)).save(wrong, "PNG")
    letter = site.letter(body="![A](/images/a.jpg)")
    assert not site.build().ok
    wrong.rename(wrong.with_suffix(".png"))
    letter.write_text(letter.read_text(encoding="utf-8").replace("a.jpg", "a.png"), encoding="utf-8")
    assert site.built().has("images/a.png")


@pytest.mark.parametrize("name", ["%00.jpg", "a" * 300 + ".jpg", "%FF%FE.jpg", "..%2f..%2fx.jpg", "%3Cscript%3E.jpg"])
def test_a_name_that_no_picture_can_have_is_a_fault(site: Site, name: str) -> None:
    """Told like any other that is not there."""
    path = site.letter("fel", f"![Bild](</images/{name}>)")
    (fault,) = site.build().faults
    assert fault.startswith(f"{path}:5: bilden ”/images/")


def test_a_bad_portrait_is_told_with_the_line_of_site_toml(site: Site) -> None:
    """A portrait is a picture like others."""
    text = site.where.site.read_text(encoding="utf-8")
    site.where.site.write_text(text.replace("portratt.svg", "portratt.png"), encoding="utf-8")
    (site.where.content / "images" / "portratt.png").write_bytes(b"")
    site.letter()
    (fault,) = site.build().faults
    assert fault.startswith(f"{site.where.site}:18: bilden ”images/portratt.png” måste vara")


def test_a_drawing_that_could_do_harm_is_told_with_its_line(site: Site) -> None:
    """Also one that no letter shows, as all drawings are published."""
    svg = '<svg xmlns="http://www.w3.org/2000/svg">\n<script>1</script>\n<g onload="x()"/></svg>'
    path = site.picture("ond.svg", svg)
    site.letter()
    assert site.build().faults == [
        f"{path}:2: får inte ha <script>, för i en teckning får ingenting köras; ta bort det",
        f"{path}:3: får inte ha attributet onload, för i en teckning får ingenting köras; ta bort det",
    ]


def test_a_broken_index_only_costs_reading(site: Site) -> None:
    """It is rebuilt, and the pictures stay."""
    Image.new("RGB", (40, 30)).save(site.where.content / "images" / "a.png")
    site.letter(body="![A](/images/a.png)")
    index = site.built().where.data / "pictures" / "index.json"
    for broken in ("{", "[]", '{"a": 1}'):
        index.write_text(broken, encoding="utf-8")
        assert site.built().build().changed == 0
    assert json.loads(index.read_text(encoding="utf-8"))


def test_a_file_that_only_a_draft_shows_stays_at_home(site: Site) -> None:
    """And one that no text shows: in work the draft has it, in publication nobody."""
    site.picture("hemlig.svg")
    site.picture("ingens.svg")
    site.picture("visad.svg")
    site.letter("utkast", "![Plan](/images/hemlig.svg)", status="draft")
    site.letter("brev", "![Bild](/images/visad.svg) och [ritning](/images/visad.svg)")
    assert site.built().has("images/hemlig.svg")
    site.built("publishconf.py")
    assert [name for name in ("hemlig", "ingens", "visad") if site.has(f"images/{name}.svg")] == ["visad"]

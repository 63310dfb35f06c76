"""Where pictures lie and how large they are."""

from pathlib import Path

import pytest

from plugins.pictures import drawing_size, picture_file

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

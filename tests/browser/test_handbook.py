"""The handbook is true: each of its steps is done, in a real browser, as a new colleague would."""

import pytest

from tests.browser.handbook import DOCS, PICTURE, Reader, fill_queue
from tests.running import running


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A running product of its own, where three comments wait."""
    with running(tmp_path_factory.mktemp("handbook")) as started:
        yield started


@pytest.fixture
def waiting(site, playwright):
    """What residents have written since the sample conversation was made."""
    fill_queue(site, playwright)


def nothing(_lines: str) -> None:
    """Moderators need neither a shell nor an editor."""
    raise AssertionError("a moderator has no terminal")


def test_a_new_moderator_can_do_what_the_handbook_says(waiting, moderator):
    """Approve, decline, mask, answer, hide, each as it is written there."""
    reader = Reader(moderator(), shell=nothing, edit=nothing)
    assert reader.follow("granska-kommentarer.md") > 15


@pytest.mark.parametrize("name", sorted(file.name for file in DOCS.glob("*-*.md")))
def test_every_picture_of_the_handbook_is_there(name):
    """`make screens` has drawn it, and it says in words what it shows."""
    pictures = list(PICTURE.finditer((DOCS / name).read_text(encoding="utf-8")))
    assert pictures
    assert all((DOCS / each["file"]).is_file() for each in pictures)

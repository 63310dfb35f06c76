"""The handbook is true: each of its steps is done, in a real browser, as a new colleague would."""

import pytest

from tests.browser.handbook import DOCS, PICTURE, Reader, fill_queue
from tests.browser.writing import computer
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


def nothing(*_said: str) -> None:
    """Moderators need neither a shell nor an editor."""
    raise AssertionError("a moderator has no terminal")


def test_a_new_writer_can_do_what_the_handbook_says(tmp_path, browser):
    """From a title to a published letter and back, in the terminal, an editor and the browser."""
    with computer(tmp_path) as own, browser.new_context(base_url=own.origin, locale="sv-SE") as context:
        assert Reader(context.new_page(), shell=own.shell, edit=own.edit).follow("skriv-ett-brev.md") > 8
        assert own.published == [True, False]


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

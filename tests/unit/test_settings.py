"""What the service is told from outside, and what it keeps to itself."""

from pathlib import Path

import pytest

from comments.settings import SettingsError, read_settings
from comments.storage import Storage


def test_places_are_read_as_the_builder_reads_them(tmp_path, monkeypatch):
    """An empty variable is the default, ~ is the home folder."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("OUTPUT", "")
    settings = read_settings({"DATA": "~/data"})
    assert settings.data == tmp_path / "data"
    assert settings.letters == str(Path(__file__).parents[2] / "output" / "letters.json")


@pytest.mark.parametrize("key", ["a", "kort", "x" * 31])
def test_a_short_key_is_refused(tmp_path, monkeypatch, key):
    """Whoever could guess it could sign a moderator's cookie."""
    monkeypatch.setenv("SECRET_KEY", key)
    with pytest.raises(SettingsError, match="32 characters"):
        read_settings({"DATA": str(tmp_path)}).secret_key()


def test_the_key_is_made_once_and_for_its_owner_alone(tmp_path):
    """A second start signs with the same key."""
    settings = read_settings({"DATA": str(tmp_path)})
    assert settings.secret_key() == settings.secret_key()
    assert (tmp_path / "secret").stat().st_mode & 0o777 == 0o600


def test_the_database_is_its_owners_alone(tmp_path):
    """It holds addresses and what was never published."""
    Storage(f"sqlite:///{tmp_path}/comments.db").close()
    assert (tmp_path / "comments.db").stat().st_mode & 0o777 == 0o600

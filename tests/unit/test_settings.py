"""What the service is told from outside, and what it keeps to itself."""

from pathlib import Path

import pytest

from comments.settings import SettingsError, read_settings
from comments.storage import Storage
from tests.unit.test_facts import LEAST


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


OIDC = {"OIDC_ISSUER": "https://id.lindhamn.example", "OIDC_CLIENT_ID": "ordet", "OIDC_CLIENT_SECRET": "hemligt"}


@pytest.fixture
def site(tmp_path):
    """A site.toml with this in it; gives what the settings are read from."""

    def write(text: str) -> dict[str, str]:
        path = tmp_path / "site.toml"
        path.write_text(LEAST + text, encoding="utf-8")
        return {"DATA": str(tmp_path), "SITE": str(path)}

    return write


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"OIDC_ISSUER": "http://id.lindhamn.example"}, "OIDC_ISSUER must .* https://"),
        ({"OIDC_ISSUER": "https://["}, "OIDC_ISSUER must"),
        ({"OIDC_CLIENT_ID": ""}, "OIDC_CLIENT_ID must"),
        ({"OIDC_CLIENT_SECRET": " "}, "OIDC_CLIENT_SECRET must"),
    ],
)
def test_half_a_provider_is_refused(site, changed, words):
    """Nobody could sign in, or somebody on the way could read it."""
    with pytest.raises(SettingsError, match=words):
        read_settings(site('[sign_in.groups]\na = "admin"\n') | OIDC | changed)


def test_the_secret_of_the_provider_is_in_no_trace(site):
    """What is printed of the settings does not hold it."""
    settings = read_settings(site('[sign_in.groups]\na = "admin"\n') | OIDC)
    assert settings.provider is not None and settings.provider.secret == "hemligt"
    assert "hemligt" not in repr(settings)


def test_a_way_in_that_lets_nobody_in_is_refused(site):
    """A provider without groups, or no passwords and no provider."""
    with pytest.raises(SettingsError, match=r"sign_in\.groups.* must"):
        read_settings(site("") | OIDC)
    with pytest.raises(SettingsError, match=r"sign_in\.password.* must"):
        read_settings(site("[sign_in]\npassword = false\n"))


def test_the_key_is_made_once_and_for_its_owner_alone(tmp_path):
    """A second start signs with the same key."""
    settings = read_settings({"DATA": str(tmp_path)})
    assert settings.secret_key() == settings.secret_key()
    assert (tmp_path / "secret").stat().st_mode & 0o777 == 0o600


def test_the_database_is_its_owners_alone(tmp_path):
    """It holds addresses and what was never published."""
    Storage(f"sqlite:///{tmp_path}/comments.db").close()
    assert (tmp_path / "comments.db").stat().st_mode & 0o777 == 0o600

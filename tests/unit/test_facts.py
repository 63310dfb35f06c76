"""site.toml: what is read from it, and that every fault is one line which names the key."""

import pytest

from comments.settings import ROOT
from common.fact_values import FactsError
from common.facts import Facts, Writer, language_of, read_facts
from common.language import translations

LEAST = """
organisation = "Lindhamns stad"
title = "Ordet fritt"
url = "https://ordetfritt.lindhamn.example/"
[comments]
promise = "inom en arbetsdag"
"""


@pytest.fixture
def read(tmp_path):
    """Read a site.toml with this text."""

    def read(text: str) -> Facts:
        path = tmp_path / "site.toml"
        path.write_text(text, encoding="utf-8")
        return read_facts(path)

    return read


def fault(read, text):
    """The one line that a faulty site.toml is answered with."""
    with pytest.raises(FactsError) as raised:
        read(text)
    assert "\n" not in str(raised.value)
    return str(raised.value)


def test_the_least_that_must_be_said(read):
    """The rest has defaults."""
    facts = read(LEAST)
    assert facts.url == "https://ordetfritt.lindhamn.example"
    assert (facts.language, facts.time_zone) == ("sv", "Europe/Stockholm")
    assert (facts.comments.max_characters, facts.comments.per_page) == (5000, 50)
    assert (facts.writers, dict(facts.reasons), dict(facts.colours)) == ((), {}, {})


def test_a_writer_is_found_by_name(read):
    """One who is not named in site.toml has nothing but the name."""
    facts = read(LEAST + '[[writers]]\nname = "Stadsdirektören"\ntitle = "Lindhamns stad"\n')
    assert facts.writer("Stadsdirektören") == Writer("Stadsdirektören", "Lindhamns stad")
    assert facts.writer("En gäst") == Writer("En gäst")


def test_groups_get_roles(read):
    """A group is a name, a path or a number; the rest of how moderators sign in has defaults."""
    facts = read(LEAST + '[sign_in.groups]\n"/ordet-fritt/moderatorer" = "moderator"\n"7d0b-3e" = "admin"\n')
    assert dict(facts.sign_in.groups) == {"/ordet-fritt/moderatorer": "moderator", "7d0b-3e": "admin"}
    assert (facts.sign_in.password, facts.sign_in.groups_claim, facts.sign_in.trust_email) == (True, "groups", False)


def test_what_the_service_was_told_cannot_be_changed(read):
    """Facts are shared by every request, so nobody writes in them."""
    facts = read(LEAST + '[reasons]\nregel-1 = "Håll dig till ämnet."\n')
    with pytest.raises(TypeError):
        facts.reasons["regel-1"] = "Något annat"


def test_our_own_site_toml_is_right():
    """The one that a newcomer starts from."""
    assert read_facts(ROOT / "site.toml").organisation


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('organisation = "Lindhamns stad"', "", ['"organisation"']),
        ('organisation = "Lindhamns stad"', 'organisation = "  "', ['"organisation"']),
        ('organisation = "Lindhamns stad"', "organisation = 5", ['"organisation"', "5"]),
        ("Lindhamns stad", "L" * 201, ['"organisation"', "200"]),
        ("[comments]", f'[reasons]\n{"r" * 41} = "Håll dig till ämnet."\n[comments]', ['"reasons.rrr', "40"]),
        ("[comments]", f'[[writers]]\nname = "A"\ntitle = "{"t" * 201}"\n[comments]', ['"writers.title"', "200"]),
        ('title = "Ordet fritt"', "title = 2026-01-01", ['"title"']),
        ("https://ordetfritt.lindhamn.example/", "ordetfritt.lindhamn.example", ['"url"', "https://"]),
        ("https://ordetfritt.lindhamn.example/", "https://", ['"url"']),
        ("https://ordetfritt.lindhamn.example/", "https://[", ['"url"', "'https://['"]),
        ("https://ordetfritt.lindhamn.example/", "javascript:alert(1)", ['"url"']),
        ('promise = "inom en arbetsdag"', "", ['"comments.promise"']),
        ("[comments]", "[komentarer]", ['"komentarer"', "comments"]),
        ("[comments]", "[comments]\nmax_charcters = 100", ['"comments.max_charcters"', "max_characters"]),
        ("[comments]", "[comments]\nmax_characters = 99", ['"comments.max_characters"', "100 to 10000", "99"]),
        ("[comments]", '[comments]\nmax_characters = "5000"', ['"comments.max_characters"']),
        ("[comments]", "[comments]\nmax_characters = 500.0", ['"comments.max_characters"']),
        ("[comments]", "[comments]\nper_page = 0", ['"comments.per_page"', "0"]),
        ("[comments]", "[comments]\nper_page = true", ['"comments.per_page"', "True"]),
        ("[comments]", "[comments]\npromise_hours = 0", ['"comments.promise_hours"', "1000", "0"]),
        ("[comments]", "[comments]\npromise_hours = nan", ['"comments.promise_hours"', "nan"]),
        ("[comments]", '[moderation]\nworking_day = "17:00-08:00"\n[comments]', ['"moderation.working_day"', "17:00"]),
        ("[comments]", '[moderation]\nworking_day = "8-17"\n[comments]', ['"moderation.working_day"', '"8-17"']),
        ("[comments]", "[moderation]\nweekdays = []\n[comments]", ['"moderation.weekdays"', "[]"]),
        ("[comments]", "[moderation]\nweekdays = [0, 8]\n[comments]", ['"moderation.weekdays"', "[0, 8]"]),
        ("[comments]", '[moderation]\nholidays = "Sverige"\n[comments]', ['"moderation.holidays"', "Sverige"]),
        ("[comments]", "[moderation]\nfree_days = [24]\n[comments]", ['"moderation.free_days"', "[24]"]),
        ("[comments]", "[comments]\nedit_window_minutes = -1", ['"comments.edit_window_minutes"', "-1"]),
        ("[comments]", "[comments]\nclose_after_days = -1", ['"comments.close_after_days"', "0 to 3650", "-1"]),
        ("[comments]", 'language = "de"\n[comments]', ['"language"', "sv, en", '"de"']),
        ("[comments]", 'time_zone = "Europe/Lindhamn"\n[comments]', ['"time_zone"', '"Europe/Lindhamn"']),
        ("[comments]", 'time_zone = "Europe"\n[comments]', ['"time_zone"', '"Europe"']),
        ("[comments]", 'time_zone = "../../etc/passwd"\n[comments]', ['"time_zone"']),
        ("[comments]", "contact = 1\n[comments]", ['"contact"', "[contact]"]),
        ("[comments]", '[contact]\nepost = "a@lindhamn.example"\n[comments]', ['"contact.epost"', "email"]),
        ("[comments]", "[reasons]\nregel-1 = 1\n[comments]", ['"reasons.regel-1"']),
        ("[comments]", 'writers = "jag"\n[comments]', ['"writers"', "[[writers]]"]),
        ("[comments]", 'writers = ["jag"]\n[comments]', ['"writers"', "[[writers]]"]),
        ("[comments]", '[[writers]]\ntitle = "Utan namn"\n[comments]', ['"writers.name"']),
        ("[comments]", '[[writers]]\nname = "A"\ntitel = "B"\n[comments]', ['"writers.titel"', "title"]),
        ("[comments]", "[colours]\naccent = 0\n[comments]", ['"colours.accent"']),
        ("[comments]", "sign_in = 1\n[comments]", ['"sign_in"', "[sign_in]"]),
        ("[comments]", "[sign_in]\npasword = false\n[comments]", ['"sign_in.pasword"', "password"]),
        ("[comments]", '[sign_in]\npassword = "nej"\n[comments]', ['"sign_in.password"', "true or false", "'nej'"]),
        ("[comments]", "[sign_in]\ntrust_email = 1\n[comments]", ['"sign_in.trust_email"', "true or false"]),
        ("[comments]", '[sign_in]\ngroups_claim = ""\n[comments]', ['"sign_in.groups_claim"']),
        ("[comments]", f'[sign_in]\nopenid_name = "{"n" * 61}"\n[comments]', ['"sign_in.openid_name"', "60"]),
        ("[comments]", '[sign_in]\ngroups = ["a"]\n[comments]', ['"sign_in.groups"', "[sign_in.groups]"]),
        ("[comments]", '[sign_in.groups]\na = "chef"\n[comments]', ['"sign_in.groups.a"', "admin", '"chef"']),
        ("[comments]", "[sign_in.groups]\na = true\n[comments]", ['"sign_in.groups.a"', "True"]),
        ("[comments]", "[comments", ["TOML", "line"]),
        ("[comments]", '[comments]\npromise = "en gång till"', ["TOML"]),
    ],
)
def test_a_fault_is_one_line_that_names_the_key(read, old, new, words):
    """It says what the key must be, and quotes what stands there."""
    assert old in LEAST
    line = fault(read, LEAST.replace(old, new))
    assert line.count("site.toml") == 1
    assert "must" in line
    assert all(word in line for word in words), line


def test_a_file_that_is_not_there_is_told(tmp_path):
    """With its path, and what to do."""
    with pytest.raises(FactsError, match=r"site\.toml:1: must exist; copy"):
        read_facts(tmp_path / "site.toml")


def test_a_file_that_is_no_text_is_told(tmp_path):
    """A folder, or bytes that are no UTF-8."""
    (tmp_path / "site.toml").mkdir()
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe\x00")
    for name in ("site.toml", "bytes.toml"):
        with pytest.raises(FactsError, match=rf"{name}:1: must be a readable UTF-8 file"):
            read_facts(tmp_path / name)


def test_whom_to_tell_of_holes(read):
    """An address to mail becomes a URI, a day its first second; without the table there is nobody."""
    facts = read(LEAST + '[security]\ncontact = "a@lindhamn.example"\nexpires = 2027-11-01\n')
    assert facts.security is not None
    assert (facts.security.contact, facts.security.languages) == (("mailto:a@lindhamn.example",), ("sv",))
    assert facts.security.expires.isoformat() == "2027-11-01T00:00:00+00:00"
    assert read(LEAST).security is None


@pytest.mark.parametrize(
    ("lines", "key"),
    [
        ("expires = 2027-11-01", "contact"),
        ("contact = []\nexpires = 2027-11-01", "contact"),
        ('contact = "ring oss"\nexpires = 2027-11-01', "contact"),
        ('contact = "a@b.example\\nExpires: x"\nexpires = 2027-11-01', "contact"),
        ('contact = "http://a.example"\nexpires = 2027-11-01', "contact"),
        ('contact = ["a@b.example", 1]\nexpires = 2027-11-01', "contact"),
        ('contact = "a@b.example"', "expires"),
        ('contact = "a@b.example"\nexpires = "2027-11-01"', "expires"),
        ('contact = "a@b.example"\nexpires = 2027-11-01T08:00:00', "expires"),
        ('contact = "a@b.example"\nexpires = 9999-12-31T23:00:00-12:00', "expires"),
        ('contact = "a@b.example"\nexpires = 2027-11-01\npolicy = "a@b.example"', "policy"),
        ('contact = "a@b.example"\nexpires = 2027-11-01\npolicy = "https://b.example/\\nHiring: x"', "policy"),
        ('contact = "a@b.example"\nexpires = 2027-11-01\nlanguages = "sv"', "languages"),
        ('contact = "a@b.example"\nexpires = 2027-11-01\nlanguages = ["sv", "x y"]', "languages"),
        ('contact = "a@b.example"\nexpires = 2027-11-01\nemail = "x"', "email"),
    ],
)
def test_a_faulty_security_table_is_told(read, lines, key):
    """What stands in the file is read by machines, so nothing else goes in."""
    assert f'security.{key}" must' in fault(read, f"{LEAST}[security]\n{lines}\n")


@pytest.mark.parametrize("icon", ['"images/icon.png"', '"../icon.svg"', '"images/../../icon.svg"', "1"])
def test_an_icon_is_a_drawing_among_the_pictures(read, icon):
    """Every size is made from it, so it can't be made of dots."""
    assert '"icon" must' in fault(read, f"icon = {icon}\n{LEAST}")


SWEDISH = [
    (LEAST + 'timezone = "x"', 7, "nyckeln ”comments.timezone” är okänd; den måste vara någon av"),
    (LEAST.replace('title = "Ordet fritt"\n', ""), 1, "”title” måste finnas: en text inom citattecken"),
    (LEAST + 'per_page = "50"', 7, "”comments.per_page” måste vara ett heltal från 1 till 1000, inte '50'"),
    (LEAST + "[moderation]\n\nweekdays = [8]", 9, "”moderation.weekdays” måste vara en lista med tal"),
    (LEAST + '[[writers]]\nname = 3\n[contact]\nemail = ""', 8, "”writers.name” måste vara en text"),
    (LEAST + '[sign_in.groups]\n"/a b" = "chef"', 8, "”sign_in.groups./a b” måste vara något av"),
    (LEAST + 'per_page = "50', 7, "måste vara giltig TOML; saknas ett citattecken"),
    (LEAST + "[contact", 7, "måste vara giltig TOML"),
    ('language = "sv"\ntitle = = ""', 2, "måste vara giltig TOML"),
]


@pytest.mark.parametrize(("text", "line", "words"), SWEDISH)
def test_a_fault_is_told_in_the_site_s_language_with_its_line(tmp_path, text, line, words):
    """Also where the file can't be read far enough to know which that is."""
    file = tmp_path / "site.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(FactsError) as raised:
        read_facts(file)
    told = raised.value.told(translations(language_of(file)).gettext)
    assert told.startswith(f"{file}:{line}: {words}"), told


def test_an_english_site_is_told_in_english(tmp_path):
    """By the line that says so."""
    (tmp_path / "site.toml").write_text("title = = 1\nlanguage = 'en'\n", encoding="utf-8")
    assert [language_of(tmp_path / name) for name in ("site.toml", "none.toml")] == ["en", "sv"]


def test_a_mark_of_windows_at_the_beginning_is_no_fault(tmp_path):
    """Notepad writes one."""
    (tmp_path / "site.toml").write_text(LEAST.lstrip(), encoding="utf-8-sig")
    assert read_facts(tmp_path / "site.toml").title == "Ordet fritt"


@pytest.mark.parametrize("text", ["x = " + "[" * 5000, "x = " + "9" * 5000])
def test_what_has_no_end_is_told(read, text):
    """As anything that is no TOML."""
    assert "must be valid TOML" in fault(read, text)

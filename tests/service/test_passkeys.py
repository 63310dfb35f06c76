"""Passkeys: made, used and refused, with an authenticator that really signs."""

import json
import time

import pytest
import sqlalchemy as sa
from flask import session

from comments import accounts, passkey_checks, passkeys, passwords, sessions
from comments.desk import way_in
from comments.storage import account_log, outbox
from comments.storage import accounts as account_table
from comments.storage import passkeys as table
from comments.storage import sessions as session_table
from tests.conftest import ONCE
from tests.service.authenticator import Authenticator
from tests.service.conftest import Desk

SIGN_IN, ADD = "/moderering/logga-in/passnyckel", "/moderering/konto/passnycklar"


class Browser:
    """A browser at the desk; what its script does is done by hand."""

    def __init__(self, client):
        self.client = client

    def token(self):
        """What a form of this browser carries against forgery."""
        page = self.client.get("/moderering/logga-in", follow_redirects=True).text
        return page.split('csrf_token" value="')[1].split('"')[0]

    def begin(self, path, **fields):
        """The options for the browser, asked for as the script does."""
        data = fields | {"csrf_token": self.token()}
        return self.client.post(f"{path}/borja", data=data, headers={"Accept": "application/json"})

    def send(self, path, **fields):
        """Send a form."""
        return self.client.post(path, data=fields | {"csrf_token": self.token()})

    def add(self, device):
        """Make a passkey on that device."""
        return self.send(ADD, answer=device.create(self.begin(ADD).json))

    def sign_in(self, device, **changes):
        """Sign in with it."""
        return self.send(SIGN_IN, answer=device.get(self.begin(SIGN_IN).json, **changes))


@pytest.fixture
def mine(desk):
    """A signed-in moderator's browser."""
    return Browser(desk.client)


@pytest.fixture
def device(mine):
    """A device with a passkey of that moderator."""
    device = Authenticator()
    assert mine.add(device).status_code == 302
    return device


@pytest.fixture
def stranger(app):
    """A stranger in which nobody is signed in."""
    return Browser(app.test_client())


def is_in(browser):
    """Whether somebody is signed in there."""
    return browser.client.get("/moderering/").status_code == 200


def log(parts):
    """What was noted of accounts, the oldest first."""
    return [row["what"] for row in parts.storage.rows(sa.select(account_log).order_by(account_log.c.id))]


def test_a_passkey_signs_in_without_password(stranger, device, parts):
    """Device and finger are two factors."""
    answer = stranger.sign_in(device)
    assert (answer.status_code, answer.location) == (302, "/moderering/")
    assert is_in(stranger)
    assert [row["how"] for row in sessions.of(parts.storage, 1)][0] == "passkey"


def test_the_options_ask_for_a_verified_person(mine, stranger):
    """And for a passkey that needs no name: without both it would not be two factors, nor without password."""
    made = mine.begin(ADD).json
    assert made["authenticatorSelection"]["userVerification"] == "required"
    assert made["authenticatorSelection"]["residentKey"] == "required"
    assert stranger.begin(SIGN_IN).json["userVerification"] == "required"
    assert made["rp"]["id"] == "ordetfritt.lindhamn.example"


def test_the_place_is_never_what_a_request_says(mine, stranger):
    """A forged Host header makes no passkey for another site."""
    headers = {"X-CSRFToken": mine.token(), "X-Forwarded-Host": "onda.example"}
    mine.client.set_cookie("moderering", mine.client.get_cookie("moderering").value, domain="onda.example")
    assert (
        mine.client.post(f"{ADD}/borja", base_url="http://onda.example", headers=headers).json["rp"]["id"]
        == "ordetfritt.lindhamn.example"
    )


def test_a_person_is_called_by_a_number_that_tells_nothing(mine, device):
    """What a device hands out before it knows its owner is no address (14.6.1)."""
    assert len(device.user) == 32
    assert b"moderator" not in device.user


def test_a_device_is_not_registered_twice(mine, device):
    """The stranger is told which passkeys are there, and one that comes anyway is refused."""
    options = mine.begin(ADD).json
    assert [each["id"] for each in options["excludeCredentials"]] == [json.loads(device.create(options))["id"]]
    answer = mine.send(ADD, answer=device.create(options))
    assert answer.status_code == 400
    assert "finns redan" in answer.text


def test_another_challenge_is_refused(stranger, device):
    """One that this stranger was not given."""
    options = stranger.begin(SIGN_IN).json
    assert stranger.send(SIGN_IN, answer=device.get(options | {"challenge": "AAAA"})).status_code == 403
    assert not is_in(stranger)


def test_an_answer_is_taken_once(stranger, device):
    """Not again in this stranger, and not after a wrong one."""
    answer = device.get(stranger.begin(SIGN_IN).json)
    assert stranger.send(SIGN_IN, answer="{}").status_code == 403
    assert stranger.send(SIGN_IN, answer=answer).status_code == 400
    assert not is_in(stranger)


def test_a_cookie_that_was_kept_brings_no_challenge_back(app, stranger, device):
    """A challenge is in the database, and out of it once it was used."""
    answer = device.get(stranger.begin(SIGN_IN).json)
    kept = stranger.client.get_cookie("moderering").value
    assert stranger.send(SIGN_IN, answer=answer).status_code == 302
    other = Browser(app.test_client())
    other.client.set_cookie("moderering", kept)
    assert other.send(SIGN_IN, answer=answer).status_code == 400


def test_a_challenge_belongs_to_its_browser(app, stranger, device):
    """What was signed for one opens no other."""
    answer = device.get(stranger.begin(SIGN_IN).json)
    other = Browser(app.test_client())
    other.begin(SIGN_IN)
    assert other.send(SIGN_IN, answer=answer).status_code == 403
    assert not is_in(other)


def test_a_challenge_grows_old(stranger, device, monkeypatch):
    """After five minutes."""
    answer = device.get(stranger.begin(SIGN_IN).json)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + passkey_checks.SECONDS + 1)
    assert stranger.send(SIGN_IN, answer=answer).status_code == 400


def test_a_challenge_for_making_signs_nobody_in(mine, device):
    """Nor the other way round."""
    assert mine.send(SIGN_IN, answer=device.get(mine.begin(ADD).json | {"rpId": "x"})).status_code == 400
    options = mine.begin(SIGN_IN).json | {"user": {"id": "AAAA"}, "rp": {"id": "ordetfritt.lindhamn.example"}}
    assert mine.send(ADD, answer=Authenticator().create(options)).status_code == 400


@ONCE
@pytest.mark.parametrize("origin", ["https://onda.example", "http://ordetfritt.lindhamn.example", "https://localhost"])
def test_another_origin_is_refused(stranger, device, origin):
    """A page that imitates ours gets nothing that opens ours."""
    device.origin = origin
    assert stranger.sign_in(device).status_code == 403
    assert not is_in(stranger)


def test_another_place_is_refused(stranger, device):
    """What was signed for another host."""
    options = stranger.begin(SIGN_IN).json | {"rpId": "onda.example"}
    assert stranger.send(SIGN_IN, answer=device.get(options)).status_code == 403


def test_without_finger_or_pin_it_is_refused(mine, stranger, device):
    """A stolen device alone is one factor."""
    device.verifies = False
    assert stranger.sign_in(device).status_code == 403
    assert mine.add(Authenticator(verifies=False)).status_code == 403
    assert not is_in(stranger)


def test_a_count_that_was_set_back_is_refused(stranger, device, parts):
    """There are two of that key (7.2, step 22)."""
    device.count = 5
    stranger.sign_in(device)
    device.count = 3
    other = Browser(stranger.client.application.test_client())
    assert other.sign_in(device).status_code == 403
    assert parts.storage.row(sa.select(table))["sign_count"] == 6


def test_a_device_that_does_not_count_signs_in_again(app, stranger, device):
    """Most passkeys in clouds stand at zero for good."""
    for _ in range(2):
        device.count = -1
        stranger = Browser(app.test_client())
        assert stranger.sign_in(device).status_code == 302


def test_a_false_signature_is_refused(stranger, device):
    """Another key's, or one of nothing."""
    device.key = Authenticator().key
    assert stranger.sign_in(device).status_code == 403
    assert stranger.sign_in(device, signature=b"").status_code == 403


def test_a_passkey_that_is_not_known_is_told_in_words(stranger, device):
    """It may have been removed here, and still be on the device."""
    answer = stranger.sign_in(Authenticator())
    assert answer.status_code == 403
    assert "känns inte igen här" in answer.text


def test_a_passkey_says_itself_whose_it_is(stranger, device):
    """One that names another account, or nobody, is refused (7.2, step 6)."""
    device.user = passkeys.handle(passkeys.place("https://ordetfritt.lindhamn.example", ""), 2)
    assert stranger.sign_in(device).status_code == 403
    device.user = b""
    assert stranger.sign_in(device).status_code == 403


def test_a_closed_account_has_no_passkey(stranger, device, parts):
    """Whatever is on the device."""
    parts.storage.execute(account_table.update().values(closed=1.0))
    assert stranger.sign_in(device).status_code == 403
    assert not is_in(stranger)


@pytest.fixture
def halfway(app, stranger, parts):
    """A stranger in which a moderator's password was right."""

    def go(email):
        account = accounts.find(parts.storage, email) or {}
        with app.test_request_context():
            way_in.begin_pending(account, "/moderering/?flik=fragor")
            secret = session["pending"]
        with stranger.client.session_transaction() as cookie:
            cookie["pending"] = secret
        return stranger

    return go


@pytest.fixture
def with_password(mine, parts):
    """The moderator has a password, too."""
    passwords.keep(parts.storage, 1, PASSWORD)


PASSWORD = "fyra ord på måfå tagna"


@pytest.mark.parametrize("current", ["", "fel lösenord helt och hållet"])
def test_who_has_a_password_gives_it_first(mine, with_password, parts, current):
    """Whoever finds a screen unlocked makes no way in of their own (ASVS 5.0, 7.5.1)."""
    answer = mine.begin(ADD, current=current)
    assert (answer.status_code, "lösenord" in answer.json["error"].lower()) == (403, True)
    options = mine.begin(ADD, current=PASSWORD).json
    assert mine.send(ADD, answer=Authenticator().create(options)).status_code == 302
    assert mine.send(f"{ADD}/1/ta-bort", current=current).status_code == 400
    assert parts.storage.row(sa.select(table))["id"] == 1


def test_who_has_none_has_signed_in_a_moment_ago(mine, parts):
    """An old session is no proof."""
    parts.storage.execute(session_table.update().values(created=session_table.c.created - 3600))
    assert mine.begin(ADD).status_code == 403


SET_UP = "/moderering/logga-in/andra-steget/ny-passnyckel"


def test_the_first_second_factor_may_be_a_passkey(app, halfway, parts):
    """Made after the password, with recovery codes for the day when the device is lost."""
    browser = halfway(Desk(app, "ny@lindhamn.example").email)
    answer = browser.send(SET_UP, answer=Authenticator().create(browser.begin(SET_UP).json))
    assert answer.status_code == 200
    assert "/moderering/?flik=fragor" in answer.text
    assert is_in(browser) and parts.codes.recovery_codes_left(1) == 10


def test_who_has_a_second_factor_makes_no_other_halfway(halfway, desk, device):
    """Whoever knows the password alone must not replace it."""
    browser = halfway(desk.email)
    assert browser.begin(SET_UP).status_code == 403
    answer = browser.send(
        SET_UP, answer=Authenticator().create({"user": {"id": ""}, "rp": {"id": ""}, "challenge": ""})
    )
    assert answer.status_code == 302
    assert not is_in(browser)


SECOND = "/moderering/logga-in/andra-steget/passnyckel"


def test_a_passkey_is_a_second_factor(halfway, desk, device):
    """After the password, and on to where one wanted to go."""
    stranger = halfway(desk.email)
    options = stranger.begin(SECOND).json
    assert len(options["allowCredentials"]) == 1
    answer = stranger.send(SECOND, answer=device.get(options))
    assert (answer.status_code, answer.location) == (302, "/moderering/?flik=fragor")
    assert is_in(stranger)


def test_another_accounts_passkey_is_no_second_factor(app, halfway, device):
    """Whoever knows a colleague's password does not get in with a passkey of their own."""
    Desk(app, "annan@lindhamn.example")
    stranger = halfway("annan@lindhamn.example")
    assert stranger.send(SECOND, answer=device.get(stranger.begin(SECOND).json)).status_code == 403
    assert not is_in(stranger)


def test_a_challenge_for_anybody_is_no_second_factor(halfway, desk, device):
    """It was not asked for after this password."""
    stranger = halfway(desk.email)
    answer = device.get(stranger.begin(SIGN_IN).json)
    assert stranger.send(SECOND, answer=answer).status_code == 400
    assert not is_in(stranger)


def test_no_second_factor_without_the_first(stranger, device):
    """Nobody's password was right here."""
    assert stranger.begin(SECOND).status_code == 403
    assert stranger.send(SECOND, answer=device.get({"rpId": "x", "challenge": "AAAA"})).status_code == 302
    assert not is_in(stranger)


def test_whoever_adds_one_is_told_by_mail_and_alone(app, desk, parts):
    """Logged, mailed, and all other sessions of the account ended."""
    elsewhere = Desk(app, desk.email)
    mine = Browser(desk.client)
    mine.add(Authenticator())
    assert "passkey-added" in log(parts)
    mail = parts.storage.row(sa.select(outbox).where(outbox.c.recipient == desk.email))
    assert "passnyckel" in mail["body"]
    assert is_in(mine) and not is_in(Browser(elsewhere.client))


def test_a_passkey_gets_a_name(mine, device, parts):
    """What it is called is for its owner to choose."""
    assert mine.send(f"{ADD}/1/namn", name="  Telefonen ").status_code == 302
    assert parts.storage.row(sa.select(table))["name"] == "Telefonen"
    assert "Telefonen" in mine.client.get(f"{ADD}/1").text


@ONCE
@pytest.mark.parametrize("name", ["", "   ", "x" * 101, "a\x00b", "\ufffd"])
def test_a_name_that_cannot_be_shown_is_refused(mine, device, parts, name):
    """With what was typed, in the same form."""
    answer = mine.send(f"{ADD}/1/namn", name=name)
    assert answer.status_code == 400
    assert parts.storage.row(sa.select(table))["name"] == "Passnyckel"
    if name.startswith("x"):
        assert name in answer.text and 'aria-describedby="name-hint name-error"' in answer.text


def test_another_accounts_passkey_is_not_there(app, device):
    """Neither seen, named nor removed by anybody else, administrators included."""
    other = Browser(Desk(app, "annan@lindhamn.example").client)
    assert other.client.get(f"{ADD}/1").status_code == 404
    assert other.send(f"{ADD}/1/namn", name="Min").status_code == 404
    assert other.send(f"{ADD}/1/ta-bort").status_code == 404
    assert other.client.get(f"{ADD}/{2**63}").status_code == 404


def test_the_only_second_factor_stays(mine, device, parts):
    """Without it the password alone would open the desk."""
    answer = mine.send(f"{ADD}/1/ta-bort")
    assert answer.status_code == 409
    assert "enda" in answer.text
    assert parts.storage.row(sa.select(table)) is not None


@pytest.mark.parametrize("other", [{"totp": "x"}, {"subject": "x"}])
def test_it_goes_where_another_remains(app, mine, device, stranger, parts, other):
    """Codes, or the organisation's sign-in; then it signs nobody in any more."""
    parts.storage.execute(account_table.update().values(other))
    assert mine.send(f"{ADD}/1/ta-bort").status_code == 302
    assert "passkey-removed" in log(parts)
    assert stranger.sign_in(device).status_code == 403


def test_of_two_passkeys_one_goes(mine, device):
    """And the last stays."""
    mine.add(Authenticator())
    assert mine.send(f"{ADD}/1/ta-bort").status_code == 302
    assert mine.send(f"{ADD}/2/ta-bort").status_code == 409


def test_an_account_has_so_many_passkeys_and_no_more(mine, parts, monkeypatch):
    """Each is sent to the stranger when another is added."""
    monkeypatch.setattr(passkeys, "MOST", 2)
    first, second = Authenticator(), Authenticator()
    mine.add(first)
    late = mine.begin(ADD).json
    mine.add(second)
    assert mine.begin(ADD).status_code == 400
    assert mine.send(ADD, answer=Authenticator().create(late)).status_code == 400


GARBLED = [
    "",
    "[]",
    "{",
    "null",
    '{"id": 1}',
    "[" * 15_000,
    "x" * 100_000,
    '{"id": "\\ud800", "rawId": "\\ud800", "type": "public-key", "response": {}}',
    json.dumps({"id": "å", "rawId": "å", "type": "public-key", "response": {"clientDataJSON": "å"}}),
    json.dumps(
        {
            "id": "AAAA",
            "rawId": "AAAA",
            "type": "public-key",
            "response": dict.fromkeys(["clientDataJSON", "attestationObject", "authenticatorData", "signature"], "AA"),
        }
    ),
]


@ONCE
@pytest.mark.parametrize("answer", GARBLED)
def test_garbled_answers_are_refused(mine, stranger, device, answer):
    """None of them is a fault of ours."""
    mine.begin(ADD)
    assert mine.send(ADD, answer=answer).status_code in (400, 403)
    stranger.begin(SIGN_IN)
    assert stranger.send(SIGN_IN, answer=answer).status_code in (400, 403)
    assert not is_in(stranger)


def test_strangers_reach_no_passkeys(stranger):
    """The pages of an account are for whoever is signed in to it."""
    for path in (f"{ADD}/1", f"{ADD}/1/namn", f"{ADD}/1/ta-bort", f"{ADD}/borja", ADD):
        assert stranger.send(path).status_code in (302, 405)


def test_no_form_of_another_site_is_taken(mine, device):
    """Each carries a token (ASVS 5.0, 3.5.1)."""
    for path in (f"{ADD}/1/namn", f"{ADD}/1/ta-bort", f"{ADD}/borja", ADD, SIGN_IN, f"{SIGN_IN}/borja"):
        assert mine.client.post(path, data={"name": "x"}).status_code == 400


@ONCE
@pytest.mark.parametrize("next", ["https://onda.example", "//onda.example", "/\\onda.example", "/kommentarer/ny"])
def test_nobody_is_sent_away_after_signing_in(stranger, device, next):
    """An address that was asked for leads to the desk or nowhere (CWE-601)."""
    answer = stranger.send(f"{SIGN_IN}?till={next}", answer=device.get(stranger.begin(SIGN_IN).json))
    assert answer.location == "/moderering/"

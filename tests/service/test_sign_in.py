"""Signing in: invitation, password, second factor, forgotten password; and those who try without.

The numbers are those of OWASP ASVS 5.0, level 2: V6 authentication, V7 sessions, V8 authorization.
"""

import re
import time
from types import SimpleNamespace

import pyotp
import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher

from comments import accounts, codes, links, passwords, sessions, throttle
from comments.account_mails import LINKS_PER_HOUR
from comments.storage import account_log, challenges, outbox, sign_in_links
from comments.storage import accounts as table
from comments.storage import sessions as kept_sessions
from tests.conftest import ONCE

WHO = "granskare@lindhamn.example"
PASSWORD = "stolpe bro hamnkran"
IN, SECOND = "/moderering/logga-in", "/moderering/logga-in/andra-steget"
TOKEN = r'csrf_token" value="([^"]+)'


def found(pattern: str, text: str) -> str:
    """What the group of a pattern finds in a text."""
    match = re.search(pattern, text)
    assert match, f"{pattern} must stand in the page"
    return match[1]


class Browser:
    """Somebody's browser without script."""

    def __init__(self, app, address="127.0.0.1"):
        self.client = app.test_client()
        self.address = address

    def get(self, path):
        return self.client.get(path, environ_base={"REMOTE_ADDR": self.address})

    def send(self, path, page=None, **fields):
        """Send a form of a page, with the token that stands on it."""
        data = fields | {"csrf_token": found(TOKEN, self.get(page or path).text)}
        return self.client.post(path, data=data, environ_base={"REMOTE_ADDR": self.address})

    def give_password(self, password=PASSWORD, email=WHO, **more):
        return self.send(IN, email=email, password=password, **more)

    def sign_in(self, code):
        self.give_password()
        return self.send(SECOND, code=code)

    @property
    def inside(self):
        return self.get("/moderering/").status_code == 200


@pytest.fixture
def clock(monkeypatch):
    """A clock that the test sets forward."""
    ahead = SimpleNamespace(seconds=0)
    real = time.time
    for module in (codes, throttle, sessions, links):
        fake = SimpleNamespace(time=lambda: real() + ahead.seconds, monotonic=time.monotonic)
        monkeypatch.setattr(module, "time", fake)
    return ahead


@pytest.fixture
def browser(app):
    """A browser."""
    return Browser(app)


@pytest.fixture
def secret():
    """What an app makes its codes from."""
    return pyotp.random_base32()


@pytest.fixture
def account(parts, secret, clock):
    """An account with password, app and recovery codes; gives its row, and `paper`, the codes."""
    row = accounts.add(parts.storage, WHO, "Kommunikatören", "Lindhamns stad", "admin")
    passwords.keep(parts.storage, row["id"], PASSWORD)
    clock.seconds = -120
    assert parts.codes.set_up(row["id"], secret, shown(secret, clock))
    clock.seconds = 0
    paper = parts.codes.new_recovery_codes(row["id"])
    return (accounts.get(parts.storage, row["id"]) or {}) | {"paper": paper}


def shown(secret, clock):
    """The code that an app shows now."""
    return pyotp.TOTP(secret).at(int(time.time() + clock.seconds))


@pytest.fixture
def now(account, parts):
    """The account as it stands by now."""

    def look():
        row = accounts.get(parts.storage, account["id"])
        assert row
        return row

    return look


@pytest.fixture
def code(secret, clock):
    """What the app shows now."""
    return lambda: shown(secret, clock)


@pytest.fixture
def told(parts):
    """What was noted of an account."""
    return lambda: [row["what"] for row in parts.storage.rows(sa.select(account_log).order_by(account_log.c.id))]


# The way in


def test_an_invitation_leads_to_password_second_step_and_queue(parts, browser, clock):
    """The codes for paper are shown once; from then on password and code let in."""
    row = accounts.add(parts.storage, "ny@lindhamn.example", "Den nya", "Lindhamns stad")
    path = f"{IN}/{links.new(parts.storage, row['id'], 'invitation')}"
    assert "Välkommen, Den nya" in browser.get(path).text
    assert browser.send(path, password=PASSWORD).headers["Location"] == SECOND
    assert not browser.inside
    key = found(r'name="secret" value="(\w+)"', browser.get(SECOND).text)
    page = browser.send(SECOND, secret=key, code=shown(key, clock))
    assert len(re.findall(r"<li><code>[a-z0-9]{5}-[a-z0-9]{5}</code>", page.text)) == 10
    assert browser.inside


def test_password_and_code_let_in(account, browser, code, told):
    """The first alone does not (6.3.3)."""
    assert browser.give_password().headers["Location"] == SECOND
    assert not browser.inside
    assert browser.send(SECOND, code=code()).headers["Location"] == "/moderering/"
    assert browser.inside
    assert told()[-1] == "signed-in"


def test_a_code_is_read_as_people_type_it(account, browser, code):
    """With a blank in the middle, as apps show it."""
    now = code()
    assert browser.sign_in(f" {now[:3]} {now[3:]} ").headers["Location"] == "/moderering/"


def test_a_password_is_the_same_however_it_is_composed(account, parts, browser):
    """å as one character or as two (6.2.8, RFC 8265)."""
    passwords.keep(parts.storage, account["id"], "blåsippsbacke i maj")
    assert browser.give_password("bla\u030asippsbacke i maj").headers["Location"] == SECOND


def test_where_one_wanted_to_go_is_where_one_comes(account, browser, code):
    """A page of the desk that was asked for before."""
    wanted = browser.get("/moderering/?visa=dolda").headers["Location"]
    browser.send(IN, wanted, email=WHO, password=PASSWORD, next="/moderering/?visa=dolda")
    assert browser.send(SECOND, code=code()).headers["Location"] == "/moderering/?visa=dolda"


@ONCE
@pytest.mark.parametrize(
    "next",
    [
        "https://ond.example/",
        "//ond.example/moderering/",
        "/\\ond.example",
        "/moderering//ond.example",
        "/moderering/../ond",
        "javascript:alert(1)",
        "/moderering/\r\nX: y",
        "/kommentarer/ny",
        "/moderering/\x00",
        "http://[",
        "/moderering/" + "a" * 5000,
    ],
)
def test_nobody_is_led_away(account, browser, code, next):
    """Wherever a link to the sign-in wants to send (1.2.2, CWE-601)."""
    browser.give_password(next=next)
    assert browser.send(SECOND, code=code()).headers["Location"] == "/moderering/"


# Those who try


@ONCE
@pytest.mark.parametrize(
    ("email", "password"),
    [
        (WHO, "fel lösenord här"),
        (WHO, ""),
        (WHO, "a" * 100_000),
        (WHO, "\x00" * 20),
        ("ingen@lindhamn.example", PASSWORD),
        ("a" * 300 + "@lindhamn.example", PASSWORD),
        ("\x00", PASSWORD),
        ("", ""),
    ],
)
def test_whoever_is_wrong_learns_nothing(account, browser, email, password):
    """Neither which addresses have accounts nor what was wrong (6.3.8)."""
    page = browser.give_password(password, email)
    assert page.status_code == 400
    assert "Adressen eller lösenordet är fel." in page.text
    assert not browser.inside


@ONCE
@pytest.mark.parametrize("who", ["wrong", "unknown", "closed", "without"])
def test_a_wrong_guess_takes_as_long_for_everybody(account, parts, browser, monkeypatch, who):
    """One comparison each, whatever there is to compare with (6.3.8)."""
    counted = []
    real = passwords.HASHER

    def verify(kept, given):
        counted.append(kept)
        return real.verify(kept, given)

    if who == "closed":
        accounts.add(parts.storage, "andra@lindhamn.example", "A", "L", "admin")
        accounts.close(parts.storage, account, "test")
    if who == "without":
        parts.storage.execute(table.update().values(password=None))
    monkeypatch.setattr(passwords, "HASHER", SimpleNamespace(verify=verify, check_needs_rehash=real.check_needs_rehash))
    browser.give_password("fel lösenord här", "ingen@lindhamn.example" if who == "unknown" else WHO)
    assert len(counted) == 1


def test_a_closed_account_stays_outside(account, parts, browser, code):
    """Also one who was inside, and one who stood between the steps."""
    accounts.add(parts.storage, "andra@lindhamn.example", "A", "L", "admin")
    browser.sign_in(code())
    between = Browser(browser.client.application)
    between.give_password()
    accounts.close(parts.storage, account, "test")
    assert not browser.inside
    assert between.get(SECOND).headers["Location"] == IN


def test_a_code_works_once(account, app, browser, code):
    """Whoever looked over the shoulder comes too late (6.5.1)."""
    now = code()
    browser.sign_in(now)
    other = Browser(app)
    assert other.sign_in(now).status_code == 400
    assert not other.inside


def test_a_code_grows_old(account, browser, code, clock):
    """After a minute and a half (6.5.5)."""
    old = code()
    clock.seconds = 90
    assert browser.sign_in(old).status_code == 400


@ONCE
@pytest.mark.parametrize("wrong", ["", "12345", "1234567", "abcdef", "１２３４５６", "\x00", "a" * 10_000, "-12345"])
def test_what_is_no_code_lets_nobody_in(account, browser, wrong):
    """A clear answer beside the field."""
    page = browser.sign_in(wrong)
    assert (page.status_code, "Koden är fel" in page.text) == (400, True)
    assert not browser.inside


def test_a_recovery_code_works_once_and_is_told(account, app, browser, parts, told):
    """By mail as well: perhaps it was somebody else (6.3.7)."""
    assert browser.sign_in(account["paper"][3].upper().replace("-", " ")).headers["Location"] == "/moderering/"
    assert "recovery-code-used" in told()
    assert "En av dina reservkoder" in parts.storage.row(sa.select(outbox))["body"]
    other = Browser(app)
    assert other.sign_in(account["paper"][3]).status_code == 400


def test_codes_are_guessed_five_times(account, browser, app):
    """Then it begins again with the password (6.5.4 and 6.6.3)."""
    browser.give_password()
    for _ in range(4):
        assert browser.send(SECOND, code="000000").status_code == 400
    assert browser.send(SECOND, code="000000").headers["Location"] == IN
    assert browser.get(SECOND).headers["Location"] == IN


def test_guessing_codes_is_slowed_down_over_all_sign_ins(account, app, code):
    """Whoever has the password can't go on by beginning again."""
    thief = Browser(app, "203.0.113.9")
    for _ in range(2):
        thief.give_password()
        for _ in range(5):
            thief.send(SECOND, code="000000")
    thief.give_password()
    answer = thief.send(SECOND, code=code())
    assert (answer.status_code, int(answer.headers["Retry-After"]) > 0) == (429, True)


def test_a_second_step_cannot_be_skipped_or_begun_anew(account, browser, now):
    """Who has an app can't set up another one between the steps (6.5.1)."""
    browser.give_password()
    thief = pyotp.random_base32()
    browser.send(SECOND, secret=thief, code=pyotp.TOTP(thief).now())
    assert not browser.inside
    assert now()["totp"] == account["totp"]


@ONCE
@pytest.mark.parametrize("path", [SECOND, "/moderering/konto", "/moderering/konton", "/moderering/konto/app"])
def test_between_the_steps_nothing_else_opens(account, browser, path):
    """Without a password not even the second step."""
    assert browser.get(path).headers["Location"].startswith(IN)
    browser.give_password()
    assert path == SECOND or browser.get(path).headers["Location"].startswith(IN)


def test_the_second_step_is_of_the_browser_that_gave_the_password(account, app, browser, code):
    """A challenge taken from another browser opens nothing once it is used (6.8.4)."""
    browser.give_password()
    cookie = browser.client.get_cookie("moderering").value
    thief = Browser(app)
    browser.send(SECOND, code=code())
    thief.client.set_cookie("moderering", cookie)
    assert thief.get(SECOND).headers["Location"] == IN


# Slowing down


def test_a_stranger_who_guesses_is_slowed_down(account, app, clock):
    """In words and with the time to wait; the right password too has to wait then (6.3.1)."""
    stranger = Browser(app, "203.0.113.7")
    for _ in range(5):
        assert stranger.give_password("gissning nummer ett").status_code == 400
    answer = stranger.give_password()
    assert (answer.status_code, "Försök igen om 1 minut" in answer.text) == (429, True)
    clock.seconds = int(answer.headers["Retry-After"]) + 1
    assert stranger.give_password().headers["Location"] == SECOND


@ONCE
def test_pauses_grow(account, app, clock):
    """Each is longer than the one before, up to a quarter of an hour."""
    stranger, pauses = Browser(app, "203.0.113.7"), []
    for _ in range(5):
        stranger.give_password("gissning nummer ett")
    for _ in range(4):
        pauses.append(int(stranger.give_password("gissning nummer ett").headers["Retry-After"]))
        clock.seconds += pauses[-1] + 1
        stranger.give_password("gissning nummer ett")
    assert pauses == sorted(set(pauses))


@ONCE
def test_no_stranger_locks_a_moderator_out(account, app, browser, code, clock):
    """Not even from many networks: a browser that the account knows is counted by itself (6.3.1)."""
    browser.sign_in(code())
    browser.send("/moderering/logga-ut", "/moderering/")
    for number in range(70):
        Browser(app, f"203.0.113.{number}").give_password("gissning nummer ett")
    assert Browser(app, "198.51.100.1").give_password().status_code == 429
    clock.seconds += 60
    assert browser.sign_in(code()).headers["Location"] == "/moderering/"


def test_a_made_up_device_is_a_stranger(account, app):
    """The mark is signed, and of one account."""
    stranger = Browser(app, "203.0.113.7")
    for value in ("x", "WzEsImEiXQ.aaaa.bbbb"):
        stranger.client.set_cookie("enhet", value)
        for _ in range(5):
            stranger.give_password("gissning nummer ett")
    assert stranger.give_password().status_code == 429


def test_an_unknown_address_is_slowed_down_alike(account, app):
    """So that the pause tells nobody which accounts there are."""
    stranger = Browser(app, "203.0.113.7")
    pages = [stranger.give_password("gissning nummer ett", "ingen@lindhamn.example") for _ in range(6)]
    assert [page.status_code for page in pages] == [400] * 5 + [429]


# Passwords


@ONCE
@pytest.mark.parametrize(
    ("password", "words"),
    [
        ("kort", "15 till 128 tecken"),
        ("a" * 129, "15 till 128 tecken"),
        ("passwordpassword", "Många väljer"),
        ("qwertyuiopasdfgh", "Många väljer"),
        ("111111111111111111", "Många väljer"),
        ("hamnkran Kommunikatören bro", "Ditt namn"),
        ("granskare och hamnkran", "Ditt namn"),
        ("Lindhamns stad 2026!", "Ditt namn"),
        ("noll \x00 i mitten av allt", "tecken som inte går"),
    ],
)
def test_a_weak_password_is_refused_with_what_to_do(account, parts, browser, password, words):
    """And the link is not used up (6.2.1 to 6.2.12)."""
    path = f"{IN}/{links.new(parts.storage, account['id'], 'password')}"
    page = browser.send(path, password=password)
    assert (page.status_code, words in page.text) == (400, True)
    assert browser.send(path, password="lampa tegel fiskmås").headers["Location"] == SECOND


def test_a_password_is_kept_by_argon2id(account):
    """And nothing that can be read (11.4.2)."""
    assert account["password"].startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert PASSWORD not in str(account)


def test_a_password_kept_in_an_older_way_is_kept_anew(account, parts, browser, now):
    """When its owner signs in."""
    old = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    parts.storage.execute(table.update().values(password=old))
    browser.give_password()
    assert now()["password"].startswith("$argon2id$v=19$m=19456")


def test_the_secret_of_the_app_is_sealed(account, secret):
    """Whoever reads the database makes no codes (13.3.1)."""
    assert secret not in str(account)


# Forgotten


def forget(browser, email=WHO):
    return browser.send(f"{IN}/glomt", email=email)


def mailed_link(parts):
    body = parts.storage.rows(sa.select(outbox).order_by(outbox.c.id.desc()))[0]["body"]
    return found(r"https://ordetfritt\.lindhamn\.example(/\S+)", body)


def test_a_forgotten_password_is_chosen_anew(account, parts, app, browser, code):
    """By a mailed link; the second step is asked for all the same, and all who were inside are out (6.4.3, 7.4.3)."""
    browser.sign_in(code())
    other = Browser(app)
    forget(other, f" {WHO.upper()} ")
    answer = other.send(mailed_link(parts), password="lampa tegel fiskmås")
    assert answer.headers["Location"] == SECOND
    assert not browser.inside
    assert not other.inside
    assert "Ditt lösenord har ändrats" in parts.storage.rows(sa.select(outbox).order_by(outbox.c.id))[-1]["body"]


def test_an_old_link_works_no_more_when_a_new_one_is_sent(account, parts, browser):
    """The newest alone (6.4.1)."""
    forget(browser)
    old = mailed_link(parts)
    forget(browser)
    assert browser.get(old).status_code == 403
    assert browser.get(mailed_link(parts)).status_code == 200


@ONCE
@pytest.mark.parametrize(("purpose", "hours"), [("invitation", 72), ("password", 1), ("terminal", 24)])
def test_links_grow_old(account, parts, browser, clock, purpose, hours):
    """Each in its time (6.4.1)."""
    path = f"{IN}/{links.new(parts.storage, account['id'], purpose)}"
    clock.seconds = hours * 3600 - 10
    assert browser.get(path).status_code == 200
    clock.seconds = hours * 3600 + 10
    page = browser.get(path)
    assert (page.status_code, "fungerar inte längre" in page.text) == (403, True)


@pytest.mark.parametrize("purpose", ["invitation", "password"])
def test_a_link_is_used_once(account, app, parts, purpose, now):
    """Of two who send its form, one chooses the password."""
    path = f"{IN}/{links.new(parts.storage, account['id'], purpose)}"
    first, second = Browser(app), Browser(app)
    second.get(path)
    token = found(TOKEN, second.get(path).text)
    first.send(path, password="lampa tegel fiskmås")
    second.client.post(path, data={"csrf_token": token, "password": "tjuvens eget lösenord"})
    assert passwords.is_right(now()["password"], "lampa tegel fiskmås")


@pytest.mark.parametrize("purpose", ["invitation", "password", "terminal"])
def test_a_scanner_uses_no_link_up(account, browser, parts, purpose):
    """It opens and probes every link in a mail."""
    path = f"{IN}/{links.new(parts.storage, account['id'], purpose)}"
    for method in ("get", "head", "options"):
        getattr(browser.client, method)(path)
    assert parts.storage.row(sa.select(sign_in_links))["used"] is None
    assert not browser.inside


@ONCE
@pytest.mark.parametrize("email", ["ingen@lindhamn.example", "x@\x00", "@", "a" * 400 + "@b.example"])
def test_nobody_learns_which_addresses_have_accounts(account, parts, browser, email):
    """The page is the same, and no mail is written (6.3.8)."""
    unknown = forget(browser, email)
    assert parts.storage.rows(sa.select(outbox)) == []
    assert forget(browser).text == unknown.text
    assert len(parts.storage.rows(sa.select(outbox))) == 1


def test_no_mailbox_is_flooded_with_links(account, parts, browser):
    """A few an hour; the page stays the same."""
    pages = {forget(browser).text for _ in range(LINKS_PER_HOUR + 3)}
    assert (len(parts.storage.rows(sa.select(outbox))), len(pages)) == (LINKS_PER_HOUR, 1)


def test_no_password_is_mailed_to_one_who_signs_in_elsewhere(account, parts, browser):
    """The organisation's own sign-in decides who gets in."""
    parts.storage.execute(table.update().values(password=None, subject="https://id.example 42"))
    forget(browser)
    assert parts.storage.rows(sa.select(outbox)) == []


def test_a_mailed_link_leads_to_our_own_site(account, parts, browser):
    """Whatever a request says that the host is called (4.1.2)."""
    token = found(TOKEN, browser.get(f"{IN}/glomt").text)
    headers = {"X-Forwarded-Host": "ond.example", "X-Forwarded-Proto": "http"}
    browser.client.post(f"{IN}/glomt", data={"csrf_token": token, "email": WHO}, headers=headers)
    assert mailed_link(parts).startswith("/moderering/logga-in/")


# Forms


@ONCE
@pytest.mark.parametrize("path", [IN, SECOND, f"{IN}/glomt", "/moderering/logga-ut"])
def test_a_form_needs_the_token_of_its_page(account, browser, path, parts):
    """Another site's page signs nobody in or out, and mails nothing (3.5.1)."""
    data = {"email": WHO, "password": PASSWORD, "code": "000000"}
    assert browser.client.post(path, data=data).status_code in (302, 400)
    assert not browser.inside
    assert parts.storage.rows(sa.select(outbox)) == parts.storage.rows(sa.select(challenges)) == []


# Sessions


def test_signing_in_gives_another_session(account, app, browser, code):
    """One that was planted in the browser before is worth nothing (7.2.4)."""
    browser.get(IN)
    planted = browser.client.get_cookie("moderering").value
    browser.sign_in(code())
    assert browser.client.get_cookie("moderering").value != planted
    thief = Browser(app)
    thief.client.set_cookie("moderering", planted)
    assert not thief.inside


def test_signing_in_again_ends_the_session_before(account, parts, browser, code, clock):
    """The browser has one."""
    browser.sign_in(code())
    parts_before = parts.storage.rows(sa.select(kept_sessions))
    clock.seconds = 60
    path = f"{IN}/{links.new(parts.storage, account['id'], 'terminal')}"
    browser.send(path)
    (after,) = parts.storage.rows(sa.select(kept_sessions))
    assert after["token"] != parts_before[0]["token"]


def test_a_copy_of_the_cookie_is_worth_nothing_after_signing_out(account, app, browser, code):
    """It ends at the server (7.4.1)."""
    browser.sign_in(code())
    copy = browser.client.get_cookie("moderering").value
    browser.send("/moderering/logga-ut", "/moderering/")
    thief = Browser(app)
    thief.client.set_cookie("moderering", copy)
    assert not thief.inside


@ONCE
@pytest.mark.parametrize(("idle", "steps"), [(2 * 3600 + 1, 1), (3600, 12)])
def test_a_session_ends(account, browser, code, clock, idle, steps):
    """After two idle hours, and after twelve in any case (7.3.1, 7.3.2)."""
    browser.sign_in(code())
    for _ in range(steps - 1):
        clock.seconds += idle
        assert browser.inside
    clock.seconds += idle
    assert not browser.inside


def test_the_cookies_are_tied_to_the_host_and_kept_from_scripts(make_app, parts, account, code):
    """Where the site has https: __Host-, Secure, HttpOnly, SameSite, for the whole path (3.3.1 to 3.3.4)."""
    app = make_app(TRUSTED_PROXIES="1")
    path = f"{IN}/{links.new(parts.storage, account['id'], 'terminal')}"
    client, https = app.test_client(), {"base_url": "https://ordetfritt.lindhamn.example"}
    token = found(TOKEN, client.get(path, **https).text)
    headers = {"Referer": "https://ordetfritt.lindhamn.example/"}
    answer = client.post(path, data={"csrf_token": token}, headers=headers, **https)
    cookies = answer.headers.getlist("Set-Cookie")
    assert {cookie.partition("=")[0] for cookie in cookies} == {"__Host-moderering", "__Host-enhet"}
    for cookie in cookies:
        assert all(flag in cookie for flag in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"))
        assert "Domain" not in cookie

"""Accounts: one's own, the others', who may do what, and what is noted of it."""

import re
import time

import pyotp
import pytest
import sqlalchemy as sa

from comments import accounts, passwords, sessions
from comments.desk import permissions
from comments.storage import account_log, outbox
from comments.storage import sessions as kept_sessions
from tests.conftest import ONCE
from tests.service.conftest import Desk
from tests.service.test_sign_in import PASSWORD, found

KONTO, KONTON = "/moderering/konto", "/moderering/konton"
NEW = "lampa tegel fiskmås"


@pytest.fixture
def moderator(app, parts, desk):
    """A signed-in moderator with a password, who is no administrator; `desk` is one."""
    own = Desk(app, "moderator2@lindhamn.example")
    account = accounts.find(parts.storage, own.email)
    assert account
    accounts.change(parts.storage, account, "test", role="moderator")
    passwords.keep(parts.storage, account["id"], PASSWORD)
    return own


@pytest.fixture
def of(parts):
    """Look up an account by its address."""

    def look(desk):
        row = accounts.find(parts.storage, desk if isinstance(desk, str) else desk.email)
        assert row
        return row

    return look


@pytest.fixture
def log(parts):
    """What was noted of whom by whom."""
    names = [account_log.c[name] for name in ("account", "who", "what")]
    return lambda: [tuple(row.values()) for row in parts.storage.rows(sa.select(*names).order_by(account_log.c.id))]


# Who may do what


def test_every_endpoint_has_its_rule(app):
    """What is in no list is refused, and no list holds what is not there (8.2.1)."""
    there = {rule.endpoint.removeprefix("desk.") for rule in app.url_map.iter_rules() if rule.endpoint[:5] == "desk."}
    ruled = permissions.OPEN | permissions.EVERYBODY | permissions.ADMINS
    assert there == ruled
    assert not permissions.OPEN & permissions.EVERYBODY
    assert not permissions.allows("desk.something-new", "admin")


@ONCE
@pytest.mark.parametrize("role", [None, "moderator", "author", "admin"])
def test_accounts_are_for_administrators(app, parts, moderator, of, role):
    """Whatever is asked for, and by whatever method (8.2.2)."""
    if role in ("author", "admin"):
        accounts.change(parts.storage, of(moderator), "test", role=role)
    client = moderator.client if role else app.test_client()
    answers = [client.get(path).status_code for path in (KONTON, f"{KONTON}/1")]
    assert answers == [{None: 302, "admin": 200}.get(role, 403)] * 2


@ONCE
@pytest.mark.parametrize("path", ["", "/1", "/1/stang", "/1/aterstall", "/1/bjud-in"])
def test_a_moderator_changes_no_account(moderator, desk, path, log):
    """With a token of a page that is open to them (8.2.1)."""
    before = log()
    fields = {"email": "x@lindhamn.example", "name": "X", "title": "X", "role": "admin"}
    assert moderator.submit(f"{KONTON}{path}", KONTO, **fields).status_code == 403
    assert log() == before


@ONCE
@pytest.mark.parametrize("field", ["role", "account", "id", "email", "closed", "subject"])
def test_no_form_of_ones_own_gives_more(moderator, of, field):
    """A field that a form doesn't have changes nothing (8.2.3)."""
    before = of(moderator)
    values = {"role": "admin", "account": "1", "id": "1", "email": "x@lindhamn.example", "closed": "", "subject": "x"}
    moderator.submit(f"{KONTO}/losenord", KONTO, current=PASSWORD, password=NEW, **{field: values[field]})
    after = of(moderator)
    assert after | {"password": before["password"]} == before
    assert passwords.is_right(after["password"], NEW)


def test_nobody_answers_as_somebody_else(app, moderator, post, desk):
    """A moderator has their own voice, whatever the form says."""
    id = post().json["id"]
    desk.decide(id, "godkann")
    answer = moderator.decide(id, "svara", voice="Stadsdirektören, Lindhamns stad", text="Jag lovar allt.")
    assert answer.status_code == 400


# One's own


@pytest.mark.parametrize(
    ("current", "new", "words"),
    [
        ("fel lösenord här", NEW, "Lösenordet är fel."),
        ("", NEW, "Lösenordet är fel."),
        (PASSWORD, "kort", "15 till 128 tecken"),
    ],
)
def test_a_password_is_not_changed_by_others_or_to_a_weak_one(moderator, of, current, new, words):
    """The old one is asked for (6.2.3)."""
    page = moderator.submit(f"{KONTO}/losenord", KONTO, current=current, password=new)
    assert (page.status_code, words in page.text) == (400, True)
    assert passwords.is_right(of(moderator)["password"], PASSWORD)


def test_a_new_password_ends_all_other_sessions_and_is_told(app, moderator, parts, of):
    """By mail to its owner (7.4.3 and 6.3.7)."""
    other = Desk(app, moderator.email)
    accounts.change(parts.storage, of(moderator), "test", role="moderator")
    moderator.submit(f"{KONTO}/losenord", KONTO, current=PASSWORD, password=NEW)
    assert other.get().status_code == 302
    assert moderator.get().status_code == 200
    assert "Ditt lösenord har ändrats." in parts.storage.rows(sa.select(outbox))[-1]["body"]


def test_guessing_the_old_password_is_slowed_down(moderator):
    """Whoever finds a browser that is signed in has a few tries."""
    for _ in range(5):
        moderator.submit(f"{KONTO}/losenord", KONTO, current="fel lösenord här", password=NEW)
    page = moderator.submit(f"{KONTO}/losenord", KONTO, current=PASSWORD, password=NEW)
    assert "för många gånger" in page.text


def test_an_app_is_set_up_with_the_password(moderator, of):
    """And with a code that shows that the app has the key; the codes for paper come with it."""
    key = found(r'name="secret" value="(\w+)"', moderator.get(f"{KONTO}/app").text)
    wrong = moderator.submit(f"{KONTO}/app", secret=key, code="000000", current=PASSWORD)
    assert (wrong.status_code, key in wrong.text) == (400, True)
    stranger = moderator.submit(f"{KONTO}/app", secret=key, code=pyotp.TOTP(key).now(), current="fel lösenord här")
    assert stranger.status_code == 400
    page = moderator.submit(f"{KONTO}/app", secret=key, code=pyotp.TOTP(key).now(), current=PASSWORD)
    assert len(re.findall("<li><code>", page.text)) == 10
    assert of(moderator)["totp"]


@ONCE
@pytest.mark.parametrize("secret", ["", "å", "A" * 31, "a" * 32, "1" * 32, "A" * 100_000])
def test_a_made_up_key_is_not_taken(moderator, of, secret):
    """It is another's way to know the codes."""
    assert moderator.submit(f"{KONTO}/app", secret=secret, code="000000", current=PASSWORD).status_code == 400
    assert of(moderator)["totp"] is None


def test_the_only_second_step_is_not_removed(moderator, parts, of):
    """The account would be open to its password alone."""
    key = parts.codes.new_secret()
    parts.codes.set_up(of(moderator)["id"], key, pyotp.TOTP(key).now())
    page = moderator.submit(f"{KONTO}/app/ta-bort", KONTO, current=PASSWORD)
    assert (page.status_code, "ditt enda andra steg" in page.text) == (400, True)
    assert of(moderator)["totp"]


def test_new_recovery_codes_replace_the_old_ones(moderator, parts, of):
    """They are shown once, and asked for with the password."""
    id = of(moderator)["id"]
    (old, *_) = parts.codes.new_recovery_codes(id)
    assert moderator.submit(f"{KONTO}/koder", KONTO, current="fel").status_code == 400
    page = moderator.submit(f"{KONTO}/koder", KONTO, current=PASSWORD)
    (new, *_) = re.findall(r"<li><code>([a-z0-9-]+)</code>", page.text)
    assert not parts.codes.use_recovery_code(id, old)
    assert parts.codes.use_recovery_code(id, new)


def test_without_a_password_a_fresh_sign_in_proves_who_it_is(desk, parts):
    """After a quarter of an hour it is asked for again (7.5.1)."""
    parts.storage.execute(kept_sessions.update().values(created=time.time() - 3600))
    page = desk.submit(f"{KONTO}/losenord", KONTO, password=NEW)
    assert (page.status_code, "nyss har loggat in" in page.text) == (400, True)
    again = Desk(desk.client.application, desk.email)
    assert again.submit(f"{KONTO}/losenord", KONTO, password=NEW).status_code == 302


def test_ones_sessions_are_listed_and_ended(app, moderator, parts, of):
    """Each by itself, or all but this one; nobody else's (7.5.2)."""
    elsewhere = [Desk(app, moderator.email) for _ in range(3)]
    accounts.change(parts.storage, of(moderator), "test", role="moderator")
    mine, *others = reversed(sessions.of(parts.storage, of(moderator)["id"]))
    assert moderator.get(KONTO).text.count("Logga ut där") == 3
    moderator.submit(f"{KONTO}/sessioner/{others[0]['id']}/avsluta", KONTO)
    assert [desk.get().status_code for desk in elsewhere] == [302, 200, 200]
    moderator.submit(f"{KONTO}/sessioner/avsluta", KONTO)
    assert [desk.get().status_code for desk in (moderator, *elsewhere)] == [200, 302, 302, 302]


@pytest.mark.parametrize("id", [0, 10**30, 2**63])
def test_nobody_elses_session_is_ended(moderator, desk, parts, of, id):
    """Nor one that is not there (8.2.2)."""
    (its,) = sessions.of(parts.storage, of(desk)["id"])
    for number in (id, its["id"]):
        moderator.submit(f"{KONTO}/sessioner/{number}/avsluta", KONTO)
    assert desk.get().status_code == 200


# The others'


def invite(desk, **changes):
    fields = {"email": "ny@lindhamn.example", "name": "Den nya", "title": "", "role": "author"} | changes
    return desk.submit(KONTON, **fields)


def test_an_administrator_invites(desk, parts, of, log):
    """By mail; who did it is noted."""
    assert invite(desk).status_code == 302
    account = of("ny@lindhamn.example")
    assert (account["role"], account["title"], account["password"]) == ("author", "Lindhamns stad", None)
    (mail,) = parts.storage.rows(sa.select(outbox))
    assert mail["recipient"] == "ny@lindhamn.example"
    assert "/moderering/logga-in/" in mail["body"]
    assert (account["id"], desk.email, "added") in log()


@ONCE
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", ""),
        ("email", "ingen adress"),
        ("email", "a" * 300 + "@lindhamn.example"),
        ("email", "moderator@lindhamn.example"),
        ("name", ""),
        ("name", "a" * 201),
        ("name", "\x00"),
        ("title", "a" * 201),
        ("role", "kung"),
        ("role", ""),
    ],
)
def test_what_is_no_account_is_refused_beside_its_field(desk, parts, field, value):
    """With the rest as it was filled in; nothing is mailed."""
    page = invite(desk, **{"name": "Den nya", field: value})
    assert (page.status_code, "error-message" in page.text) == (400, True)
    assert field == "name" or 'value="Den nya"' in page.text
    assert parts.storage.rows(sa.select(outbox)) == []


def test_a_role_is_changed_and_noted(desk, moderator, of, log):
    """Whoever is signed in has it at once."""
    path = f"{KONTON}/{of(moderator)['id']}"
    desk.submit(path, name="Kommunikatören", title="Lindhamns stad", role="admin")
    assert moderator.get(KONTON).status_code == 200
    assert (of(moderator)["id"], desk.email, "role-changed") in log()
    assert "<strong>Rollen ändrad</strong>, administratör" in desk.get(path).text


def test_the_list_tells_who_has_a_second_step(desk, moderator, of, parts):
    """By an app or a passkey; at first nobody."""
    assert "har ett andra steg" not in desk.get(KONTON).text
    key = parts.codes.new_secret()
    parts.codes.set_up(of(moderator)["id"], key, pyotp.TOTP(key).now())
    assert desk.get(KONTON).text.count("har ett andra steg") == 1


def test_closing_signs_out_and_keeps_the_signature(desk, moderator, of, post, parts):
    """At once; decisions stay signed."""
    id = post().json["id"]
    moderator.decide(id, "godkann")
    path = f"{KONTON}/{of(moderator)['id']}"
    desk.submit(f"{path}/stang", path)
    assert moderator.get().status_code == 302
    assert moderator.email in desk.get(f"/moderering/{id}").text


def test_a_closed_account_is_opened_by_a_new_invitation(desk, moderator, of, parts):
    """And by nothing else."""
    path = f"{KONTON}/{of(moderator)['id']}"
    desk.submit(f"{path}/stang", path)
    assert of(moderator)["closed"]
    desk.submit(f"{path}/bjud-in", path)
    assert of(moderator)["closed"] is None
    assert parts.storage.rows(sa.select(outbox))[-1]["kind"] == "invitation"


def test_a_lost_second_step_is_taken_away(desk, moderator, of, parts, log):
    """Its owner is out, is told, and sets up another."""
    key = parts.codes.new_secret()
    parts.codes.set_up(of(moderator)["id"], key, pyotp.TOTP(key).now())
    path = f"{KONTON}/{of(moderator)['id']}"
    desk.submit(f"{path}/aterstall", path)
    assert of(moderator)["totp"] is None
    assert moderator.get().status_code == 302
    assert "andra steg" in parts.storage.rows(sa.select(outbox))[-1]["body"]
    assert (of(moderator)["id"], desk.email, "second-factor-reset") in log()


def test_nobody_closes_or_degrades_themselves(desk, of):
    """Nor takes away their own second step."""
    path = f"{KONTON}/{of(desk)['id']}"
    for act in ("stang", "aterstall", "bjud-in"):
        assert desk.submit(f"{path}/{act}", path).status_code == 403
    page = desk.submit(path, name="K", title="L", role="moderator")
    assert (page.status_code, of(desk)["role"]) == (400, "admin")


def test_the_last_administrator_stays(parts, desk, of):
    """Whoever asks, from the terminal as well."""
    for act in (accounts.close, lambda storage, row, who: accounts.change(storage, row, who, role="author")):
        with pytest.raises(accounts.LastAdmin):
            act(parts.storage, of(desk), "test")
    assert (of(desk)["role"], of(desk)["closed"]) == ("admin", None)


@ONCE
@pytest.mark.parametrize("id", [0, 99, 2**63, 10**30])
@pytest.mark.parametrize("act", ["", "/stang", "/aterstall", "/bjud-in"])
def test_an_account_that_is_not_there(desk, id, act):
    """A clear answer."""
    assert desk.submit(f"{KONTON}/{id}{act}", KONTON, name="X", title="X", role="admin").status_code == 404


def test_the_log_is_for_its_owner_and_administrators(desk, moderator, of):
    """Each sees their own."""
    assert "Inloggad" in moderator.get(KONTO).text
    assert desk.email not in moderator.get(KONTO).text
    assert "Inloggad" in desk.get(f"{KONTON}/{of(moderator)['id']}").text


@pytest.mark.parametrize("title", ["", " "])
def test_nobody_answers_without_an_office(desk, moderator, of, title):
    """An office that is taken away is the organisation's: it is the badge."""
    desk.submit(f"{KONTON}/{of(moderator)['id']}", name="K", title=title, role="moderator")
    assert of(moderator)["title"] == "Lindhamns stad"


@ONCE
@pytest.mark.parametrize("name", ["\u200b\u2060", "\u202etkeriD", "a\u2067b"])
def test_a_name_is_read_as_it_is_written(desk, moderator, of, name):
    """It can be seen, and nothing turns it round."""
    page = desk.submit(f"{KONTON}/{of(moderator)['id']}", name=name, title="L", role="moderator")
    assert page.status_code == 400

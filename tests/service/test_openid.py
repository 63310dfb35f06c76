"""Single sign-on against a real OpenID Connect provider, honest and not."""

import base64
import hashlib
import time
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
import requests
import sqlalchemy as sa

from comments import accounts, links, sessions
from comments.openid import STATE_SECONDS
from comments.storage import account_log
from comments.storage import accounts as table
from tests.conftest import ONCE
from tests.provider import OLD_WAYS, in_the_past, provider
from tests.service.conftest import SITE

pytestmark = pytest.mark.filterwarnings(OLD_WAYS)


BACK = "/moderering/logga-in/openid/svar"
GROUPS = """
[sign_in]
openid_name = "Logga in med stadens konto"
[sign_in.groups]
"/ordet-fritt/moderatorer" = "moderator"
"/ordet-fritt/skribenter" = "author"
7d0b1c3e-5d4f-4a55-9a51-0c8b2f6f0e11 = "admin"
"""
ADDRESS = "kommunikatoren@lindhamn.example"
PERSON = {
    "email": ADDRESS,
    "email_verified": True,
    "name": "Kommunikatören",
    "groups": ["/ordet-fritt/moderatorer"],
}


@pytest.fixture(scope="module")
def running():
    """The provider."""
    with provider({"k1": {}, "k2": PERSON | {"email": "annan@lindhamn.example"}}) as started:
        yield started


@pytest.fixture
def there(running, folder):
    """The provider, honest at first and set up at the service."""
    (folder / "site.toml").write_text(SITE + GROUPS, encoding="utf-8")
    running.behave()
    return running


@pytest.fixture
def person(there):
    """What the provider says of the person whose subject is k1; a test may change it."""
    said = there.people["k1"]
    said.clear()
    said |= PERSON
    return said


@pytest.fixture
def app(there, person, make_app):
    """The service, which knows the provider."""
    return make_app(OIDC_ISSUER=there.issuer, OIDC_CLIENT_ID="ordet", OIDC_CLIENT_SECRET="mycket-hemligt")


def leave(client, query=""):
    """Go to the provider and sign in there; gives the way back."""
    gone = client.get(f"/moderering/logga-in/openid{query}")
    assert gone.status_code == 302
    back = requests.post(gone.location, data={"sub": "k1"}, allow_redirects=False).headers["Location"]
    parts = urlsplit(back)
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == f"https://ordetfritt.lindhamn.example{BACK}"
    return f"{BACK}?{parts.query}"


def sign_in(client, query=""):
    """The whole way."""
    return client.get(leave(client, query))


def is_in(client):
    """Whether somebody is signed in."""
    return client.get("/moderering/").status_code == 200


def everyone(parts):
    """The accounts."""
    return parts.storage.rows(sa.select(table).order_by(table.c.id))


def log(parts):
    """What was noted of accounts."""
    return [row["what"] for row in parts.storage.rows(sa.select(account_log).order_by(account_log.c.id))]


def refused(client, parts, status, words):
    """Nobody is let in, and told in words why."""
    answer = sign_in(client)
    assert (answer.status_code, is_in(client)) == (status, False)
    assert words in answer.text
    return True


def test_somebody_of_the_organisation_signs_in(client, parts):
    """An account is made, with the role of the group."""
    answer = sign_in(client)
    assert (answer.status_code, answer.location) == (302, "/moderering/")
    assert is_in(client)
    [made] = everyone(parts)
    assert (made["email"], made["name"], made["title"]) == (ADDRESS, "Kommunikatören", "Lindhamns stad")
    assert made["role"] == "moderator"
    assert sessions.of(parts.storage, made["id"])[0]["how"] == "openid"
    assert "openid-added" in log(parts)


def test_the_same_person_has_the_same_account(client, parts, person):
    """By issuer and subject, whatever the address and the name are by now."""
    sign_in(client)
    person |= {"email": "nytt-namn@lindhamn.example", "name": "Chefen"}
    sign_in(client)
    assert [row["email"] for row in everyone(parts)] == [ADDRESS]


def test_the_request_has_state_nonce_and_pkce(client, there):
    """RFC 9700, 2.1.1: and the verifier fits the challenge."""
    gone = dict(parse_qsl(urlsplit(client.get("/moderering/logga-in/openid").location).query))
    assert gone["state"] and gone["nonce"] and gone["code_challenge_method"] == "S256"
    sign_in(client)
    asked = [query for path, query in there.asked if path == "/oauth2/authorize"][-1]
    verifier = parse_qs([body for path, body in there.asked if path == "/oauth2/token"][-1].strip())["code_verifier"][0]
    digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    assert f"code_challenge={digest}" in asked


def test_the_button_says_what_the_organisation_calls_it(client):
    """A link, since a form may lead nowhere but here."""
    page = client.get("/moderering/logga-in").text
    assert "Logga in med stadens konto" in page and 'href="/moderering/logga-in/openid"' in page


@ONCE
@pytest.mark.parametrize(
    ("groups", "role"),
    [
        (["/ordet-fritt/skribenter", "/ordet-fritt/moderatorer"], "author"),
        (["7d0b1c3e-5d4f-4a55-9a51-0c8b2f6f0e11", "/ordet-fritt/moderatorer", "/annat"], "admin"),
        ("/ordet-fritt/moderatorer", "moderator"),
    ],
)
def test_the_highest_role_wins(client, parts, person, groups, role):
    """Of a list, whatever its order, and of a single group."""
    person["groups"] = groups
    sign_in(client)
    assert everyone(parts)[0]["role"] == role


@ONCE
@pytest.mark.parametrize("groups", [[], ["/annat"], None, 5, {"a": 1}, [["/ordet-fritt/moderatorer"], 1, None]])
def test_without_a_mapped_group_nobody_gets_in(client, parts, person, groups):
    """And no account is made."""
    person["groups"] = groups
    assert refused(client, parts, 403, "ingen grupp")
    assert everyone(parts) == []


def test_the_role_follows_the_groups(client, parts, person):
    """At every sign-in, up and down, and it is noted."""
    sign_in(client)
    person["groups"] = ["7d0b1c3e-5d4f-4a55-9a51-0c8b2f6f0e11"]
    sign_in(client)
    assert (everyone(parts)[0]["role"], "openid-role" in log(parts)) == ("admin", True)
    person["groups"] = ["/ordet-fritt/moderatorer"]
    sign_in(client)
    assert everyone(parts)[0]["role"] == "moderator"


def test_who_left_the_groups_is_out_everywhere(app, client, parts, person):
    """The sessions that were there end as soon as the provider says so."""
    sign_in(client)
    person["groups"] = []
    other = app.test_client()
    assert sign_in(other).status_code == 403
    assert not is_in(client)


def test_roles_may_lie_deeper(make_app, there, folder, person, parts):
    """Keycloak's roles stand in realm_access.roles."""
    toml = SITE + GROUPS.replace("[sign_in.groups]", 'groups_claim = "realm_access.roles"\n[sign_in.groups]')
    (folder / "site.toml").write_text(toml, encoding="utf-8")
    person |= {"groups": [], "realm_access": {"roles": ["offline_access", "/ordet-fritt/skribenter"]}}
    app = make_app(OIDC_ISSUER=there.issuer, OIDC_CLIENT_ID="ordet", OIDC_CLIENT_SECRET="mycket-hemligt")
    sign_in(app.test_client())
    assert everyone(parts)[0]["role"] == "author"


@pytest.mark.parametrize("claims", [{"_claim_names": {"groups": "src1"}}, {"hasgroups": True}])
def test_too_many_groups_are_told_to_whoever_can_help(client, parts, person, claims):
    """Entra ID lists 200, and otherwise says where else to ask."""
    del person["groups"]
    person |= claims
    assert refused(client, parts, 403, "Groups assigned to the application")


def test_what_the_id_token_leaves_out_is_in_the_userinfo(client, parts, there):
    """Keycloak may put groups there alone."""
    there.change = lambda claims: [claims.pop(name) for name in ("groups", "email")]
    assert sign_in(client).status_code == 302
    assert everyone(parts)[0]["email"] == ADDRESS


def test_userinfo_about_somebody_else_is_refused(client, parts, there):
    """Core 1.0, 5.3.2."""
    there.change = lambda claims: claims.update(sub="k2", groups=None)
    assert refused(client, parts, 502, "går att lita på")


def test_an_account_that_is_there_is_taken_over_once(client, parts, person):
    """By a confirmed address, and by nobody else with that address afterwards."""
    accounts.add(parts.storage, ADDRESS, "Kommunikatören", "Lindhamns stad", "admin")
    sign_in(client)
    [row] = everyone(parts)
    assert (row["role"], "openid-bound" in log(parts)) == ("moderator", True)
    parts.storage.execute(table.update().values(subject="https://annan.example k1"))
    assert refused(client.application.test_client(), parts, 403, "inte säkert")


UNCONFIRMED = [
    {"email_verified": False},
    {"email_verified": None},
    {"email_verified": "false"},
    {"email_verified": False, "xms_edov": True},
    {"email_verified": 2},
]


@ONCE
@pytest.mark.parametrize("claims", UNCONFIRMED)
def test_an_unconfirmed_address_takes_nothing_over(client, parts, person, claims):
    """Anybody could have written it into their profile."""
    accounts.add(parts.storage, ADDRESS, "Kommunikatören", "Lindhamns stad", "admin")
    person |= claims
    assert refused(client, parts, 403, "inte säkert")
    assert everyone(parts)[0]["subject"] is None


def test_an_unconfirmed_address_that_is_free_gets_an_account(client, parts, person):
    """It takes nothing from anybody."""
    del person["email_verified"]
    assert sign_in(client).status_code == 302
    assert everyone(parts)[0]["subject"].endswith(" k1")


@ONCE
@pytest.mark.parametrize("value", [True, "1", 1, "true"])
def test_entra_confirms_in_its_own_way(client, parts, person, value):
    """With xms_edov, since it leaves email_verified out."""
    accounts.add(parts.storage, ADDRESS, "Kommunikatören", "Lindhamns stad")
    del person["email_verified"]
    person["xms_edov"] = value
    assert sign_in(client).status_code == 302


def test_an_organisation_may_trust_its_own_addresses(make_app, there, folder, person, parts):
    """When site.toml says so, a sign-in name will do."""
    toml = SITE + GROUPS.replace("[sign_in.groups]", "trust_email = true\n[sign_in.groups]")
    (folder / "site.toml").write_text(toml, encoding="utf-8")
    accounts.add(parts.storage, ADDRESS, "Kommunikatören", "Lindhamns stad")
    del person["email_verified"], person["email"]
    person["preferred_username"] = ADDRESS.upper()
    app = make_app(OIDC_ISSUER=there.issuer, OIDC_CLIENT_ID="ordet", OIDC_CLIENT_SECRET="mycket-hemligt")
    assert sign_in(app.test_client()).status_code == 302
    assert len(everyone(parts)) == 1


def test_a_sign_in_name_takes_nothing_over(client, parts, person):
    """It is confirmed by nobody, even where an address would be."""
    accounts.add(parts.storage, ADDRESS, "Kommunikatören", "Lindhamns stad")
    del person["email"]
    person["preferred_username"] = ADDRESS
    assert refused(client, parts, 403, "inte säkert")


@ONCE
@pytest.mark.parametrize("address", [None, "", "ingen adress", 5, "a\x00b@lindhamn.example", f"{'a' * 300}@x.example"])
def test_without_an_address_there_is_no_account(client, parts, person, address):
    """Told in words that an administrator understands."""
    person["email"] = address
    assert refused(client, parts, 403, "vilken e-postadress")
    assert everyone(parts) == []


@ONCE
@pytest.mark.parametrize("name", [None, "", "a\x00b", "x" * 500, ["Namn"]])
def test_a_name_that_cannot_be_shown_is_left_out(client, parts, person, name):
    """The address stands in for it."""
    person["name"] = name
    assert sign_in(client).status_code == 302
    assert everyone(parts)[0]["name"] == "kommunikatoren"


@pytest.mark.parametrize("bound", [True, False])
def test_a_closed_account_stays_closed(client, parts, there, bound):
    """Whether it was signed in to this way before or not."""
    accounts.add(parts.storage, ADDRESS, "Kommunikatören", "Lindhamns stad")
    parts.storage.execute(table.update().values(closed=1.0, subject=f"{there.issuer} k1" if bound else None))
    assert refused(client, parts, 403, "stängt")


@ONCE
@pytest.mark.parametrize("query", ["", "?code=x", "?state=x&code=x", "?state=%00&code=x", "?state=å&code=å&code=y"])
def test_a_state_that_was_not_given_is_refused(client, parts, query):
    """Nobody is signed in as somebody else by a link (RFC 6749, 10.12)."""
    leave(client)
    answer = client.get(BACK + query)
    assert (answer.status_code, is_in(client)) == (400, False)


def test_an_answer_is_taken_once(app, client, parts):
    """Not again, and not with a cookie that was kept."""
    back = leave(client)
    kept = client.get_cookie("moderering").value
    assert client.get(back).status_code == 302
    other = app.test_client()
    other.set_cookie("moderering", kept)
    assert other.get(back).status_code == 400
    assert not is_in(other)


def test_an_answer_belongs_to_its_browser(app, client):
    """One that was begun elsewhere signs nobody in here."""
    back, other = leave(client), app.test_client()
    assert other.get(back).status_code == 400
    leave(other)
    assert other.get(back).status_code == 400
    assert not is_in(other)


def test_an_answer_grows_old(client, monkeypatch):
    """After a quarter of an hour."""
    back, now = leave(client), time.time()
    monkeypatch.setattr(time, "time", lambda: now + STATE_SECONDS + 1)
    assert client.get(back).status_code == 400


def test_a_code_that_was_used_is_refused(client, there):
    """The provider says invalid_grant: begin again."""
    back = leave(client)
    there.raw["/oauth2/token"] = "400 Bad Request", b'{"error": "invalid_grant"}'
    assert client.get(back).status_code == 400


def test_who_says_no_over_there_comes_back_to_the_ways_in(client):
    """With words, and nothing more."""
    answer = client.get(BACK + "?error=access_denied&error_description=<b>nej</b>")
    assert answer.status_code == 403
    assert "släppte inte igenom" in answer.text and "<b>nej" not in answer.text


FORGED = {
    "nonce": lambda claims: claims.update(nonce="annan"),
    "no nonce": lambda claims: claims.pop("nonce"),
    "issuer": lambda claims: claims.update(iss="https://onda.example"),
    "no issuer": lambda claims: claims.pop("iss"),
    "audience": lambda claims: claims.update(aud=["annan"]),
    "another's audience": lambda claims: claims.update(aud=["annan"], azp="ordet"),
    "no audience": lambda claims: claims.pop("aud"),
    "several audiences": lambda claims: claims.update(aud=["ordet", "annan"], azp="annan"),
    "expired": in_the_past,
    "no end": lambda claims: claims.pop("exp"),
    "no subject": lambda claims: claims.pop("sub"),
    "an odd subject": lambda claims: claims.update(sub="x\x00"),
    "a long subject": lambda claims: claims.update(sub="x" * 256),
    "no text as subject": lambda claims: claims.update(sub=5),
}


@ONCE
@pytest.mark.parametrize("what", FORGED)
def test_a_forged_token_is_refused(client, parts, there, what):
    """Signed by the provider, and not for us, not now or not about anybody (Core 1.0, 3.1.3.7)."""
    there.change = FORGED[what]
    assert refused(client, parts, 502, "går att lita på")
    assert everyone(parts) == []


def test_a_token_signed_anew_is_taken_where_nothing_is_forged(client, there):
    """Or the tests of forged ones would prove nothing."""
    there.change = lambda claims: None
    assert sign_in(client).status_code == 302


def test_a_token_without_signature_is_refused(client, parts, there):
    """Even where the provider says that it gives such."""
    there.change, there.header = lambda claims: None, {"alg": "none"}
    there.discovery = {"id_token_signing_alg_values_supported": ["none", "RS256"]}
    assert refused(client, parts, 502, "går att lita på")


def test_a_token_signed_by_another_key_is_refused(client, parts, there):
    """One that the provider does not show."""
    there.change = lambda claims: None
    there.raw["/jwks"] = "200 OK", b'{"keys": []}'
    assert refused(client, parts, 502, "går att lita på")


NONSENSE = [
    ("/.well-known/openid-configuration", "200 OK", b"<html>"),
    ("/.well-known/openid-configuration", "200 OK", b"[]"),
    ("/.well-known/openid-configuration", "200 OK", b"{}"),
    ("/.well-known/openid-configuration", "200 OK", b'{"issuer": "https://onda.example"}'),
    ("/.well-known/openid-configuration", "500 Oh", b"{}"),
    ("/oauth2/token", "200 OK", b"<html>"),
    ("/oauth2/token", "200 OK", b"[]"),
    ("/oauth2/token", "200 OK", b"{}"),
    ("/oauth2/token", "200 OK", b'{"access_token": "a", "token_type": "Bearer"}'),
    ("/oauth2/token", "200 OK", b'{"access_token": "a", "token_type": "Bearer", "id_token": "x.y.z"}'),
    ("/oauth2/token", "200 OK", b'{"access_token": "a", "token_type": "Bearer", "id_token": 5}'),
    ("/oauth2/token", "401 No", b'{"error": "invalid_client"}'),
    ("/oauth2/token", "500 Oh", b""),
    ("/jwks", "200 OK", b"\xff"),
    ("/jwks", "200 OK", b'{"keys": 5}'),
    ("/jwks", "500 Oh", b""),
]


@ONCE
@pytest.mark.parametrize(("path", "status", "body"), NONSENSE)
def test_a_provider_that_answers_nonsense_is_told_in_words(client, there, path, status, body):
    """502, and no fault of ours."""
    there.raw[path] = status, body
    gone = client.get("/moderering/logga-in/openid")
    if gone.status_code == 302:
        gone = client.get(leave(client))
    assert gone.status_code == 502
    assert "går att lita på" in gone.text


def test_a_provider_that_sends_people_elsewhere_is_refused(client, there):
    """An address that others could read on the way."""
    there.discovery = {"token_endpoint": "http://onda.example/token"}
    assert client.get("/moderering/logga-in/openid").status_code == 502


def test_a_provider_that_is_away_is_told_in_words(make_app, there):
    """503, to try again; the other ways in are there."""
    app = make_app(OIDC_ISSUER="http://localhost:9", OIDC_CLIENT_ID="ordet", OIDC_CLIENT_SECRET="mycket-hemligt")
    client = app.test_client()
    answer = client.get("/moderering/logga-in/openid")
    assert (answer.status_code, "svarar inte" in answer.text) == (503, True)
    assert client.get("/moderering/logga-in").status_code == 200


def test_a_provider_that_went_away_halfway_is_told_in_words(client, there, monkeypatch):
    """And that comes back is asked again."""
    back = leave(client)

    def away(*_args, **_more):
        raise requests.ConnectTimeout

    with monkeypatch.context() as patch:
        patch.setattr(requests.Session, "send", away)
        assert client.get(back).status_code == 503
    assert sign_in(client).status_code == 302


def test_nothing_secret_is_logged(client, there, caplog):
    """Neither our secret nor a token."""
    there.raw["/oauth2/token"] = "401 No", b'{"error": "invalid_client", "error_description": "nej"}'
    client.get(leave(client))
    assert "invalid_client" in caplog.text
    assert "mycket-hemligt" not in caplog.text


def test_the_way_back_is_never_what_a_request_says(client):
    """A forged Host header sends nobody's code to another site."""
    gone = client.get("/moderering/logga-in/openid", base_url="http://onda.example")
    assert parse_qs(urlsplit(gone.location).query)["redirect_uri"] == [f"https://ordetfritt.lindhamn.example{BACK}"]


def test_who_wanted_somewhere_gets_there(client):
    """A page of the desk that was asked for."""
    assert sign_in(client, "?till=/moderering/7").location == "/moderering/7"


@ONCE
@pytest.mark.parametrize("next", ["https://onda.example", "//onda.example", "/\\onda.example", "/kommentarer/ny"])
def test_nobody_is_sent_away_after_signing_in(client, next):
    """An address that was asked for leads to the desk or nowhere (CWE-601)."""
    assert sign_in(client, f"?till={next}").location == "/moderering/"


def test_the_session_is_another_one_afterwards(client):
    """What somebody planted in the browser before is worth nothing (CWE-384)."""
    back = leave(client)
    with client.session_transaction() as cookie:
        cookie["token"] = "planted"
    client.get(back)
    with client.session_transaction() as cookie:
        assert cookie["token"] != "planted" and "openid" not in cookie


def test_where_it_is_not_set_up_nothing_shows(folder, make_app):
    """Neither button nor address."""
    (folder / "site.toml").write_text(SITE, encoding="utf-8")
    client = make_app().test_client()
    assert "openid" not in client.get("/moderering/logga-in").text
    assert client.get("/moderering/logga-in/openid").status_code == 404
    assert client.get(BACK).status_code == 404


@pytest.fixture
def without_passwords(make_app, there, person, folder):
    """The service with passwords switched off."""
    toml = SITE + GROUPS.replace("[sign_in.groups]", "password = false\n[sign_in.groups]")
    (folder / "site.toml").write_text(toml, encoding="utf-8")
    return make_app(OIDC_ISSUER=there.issuer, OIDC_CLIENT_ID="ordet", OIDC_CLIENT_SECRET="mycket-hemligt")


def test_passwords_can_be_switched_off(without_passwords):
    """They are neither shown nor taken, and nothing leads to one."""
    client = without_passwords.test_client()
    page = client.get("/moderering/logga-in").text
    assert 'type="password"' not in page and "stadens konto" in page
    token = page.split('csrf_token" value="')[1].split('"')[0]
    for path in ("", "/glomt", "/andra-steget"):
        sent = client.post(f"/moderering/logga-in{path}", data={"csrf_token": token, "email": ADDRESS, "password": "x"})
        assert (sent.status_code, "med lösenord" in sent.text) == (403, True)
    assert client.get("/moderering/logga-in/glomt").status_code == 403


@pytest.mark.parametrize(("purpose", "status"), [("terminal", 200), ("invitation", 403), ("password", 403)])
def test_links_from_the_terminal_stay(without_passwords, purpose, status):
    """For the day when the provider is away; those that lead to a password don't."""
    parts = without_passwords.extensions["ordetfritt"]
    account = accounts.add(parts.storage, ADDRESS, "Kommunikatören", "Lindhamns stad")
    secret = links.new(parts.storage, account["id"], purpose)
    assert without_passwords.test_client().get(f"/moderering/logga-in/{secret}").status_code == status

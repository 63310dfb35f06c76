"""Isso's known traps: each one is shown to snap at plain Isso 0.14.0, and to be closed here.

A trap is a function that walks into it and tells whether it snapped. The plain Isso is made as its own
tests make it, with moderation on, and behind the proxy handling that its `make_app` puts around it.
"""

import gc
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import isso
import pytest
import sqlalchemy as sa
from isso.core import Mixin, ThreadedMixin
from itsdangerous import URLSafeTimedSerializer

from comments.engine import Engine
from tests.service.conftest import LETTER
from tests.service.visitor import Visitor

# Isso closes none of its connections; Python 3.13 says so of each. Those of our own must be closed.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed database:ResourceWarning")

MONTHS_SECONDS = 60 * 24 * 3600


class PlainIsso(isso.Isso, Mixin):  # type: ignore[misc]
    """Isso as its own tests run it: without its purge thread."""


@dataclass
class Site:
    """One of the two services: what its visitors, its moderator and its operator do."""

    app: Any
    base: str
    engine: sa.Engine
    approve: Callable[[int], object]
    restart: Callable[[], object]
    sign: Callable[[int], str]

    def visitor(self) -> Visitor:
        """Somebody new."""
        return Visitor(self.app, self.base)

    def sql(self, statement: str) -> list[Any]:
        """Look into the database, or do what another process would do to it."""
        with self.engine.connect() as connection:
            answer = connection.exec_driver_sql(statement)
            rows = [tuple(row) for row in answer] if answer.returns_rows else []
            connection.commit()
        return rows


@pytest.fixture
def make_plain(tmp_path) -> Iterator[Callable[..., Site]]:
    """Make a plain Isso on a fresh database."""

    def make(**guard: str) -> Site:
        conf = isso.config.load(isso.config.default_file())
        conf.set("general", "dbpath", str(tmp_path / "isso.db"))
        conf.set("general", "latest-enabled", "true")
        conf.set("moderation", "enabled", "true")
        conf.set("rss", "base", "https://ordetfritt.lindhamn.example")
        for key, value in ({"ratelimit": "100"} | guard).items():
            conf.set("guard", key, value)
        app = PlainIsso(conf)
        purge_after = conf.getint("moderation", "purge-after")
        return Site(
            isso.ProxyFixCustom(app),
            "",
            sa.create_engine(f"sqlite:///{tmp_path}/isso.db", poolclass=sa.NullPool),
            app.db.comments.activate,
            lambda: app.db.comments.purge(purge_after),  # what Isso's thread does at every start
            app.sign,
        )

    yield make
    gc.collect()


@pytest.fixture
def plain(make_plain) -> Site:
    """Plain Isso."""
    return make_plain()


@pytest.fixture
def ours(app, parts, make_app) -> Site:
    """Our service, by its /isso/."""
    return Site(
        app,
        "/isso",
        parts.storage.engine,
        lambda id: parts.moderation.decide(id, "approved", "moderator@lindhamn.example"),
        make_app,
        URLSafeTimedSerializer(parts.key, salt="isso-edit").dumps,
    )


def test_nobody_gets_the_comment_of_another(plain, ours):
    """Isso reads its new row back with MAX(id): whoever writes in between is shown and handed over."""
    between = "CREATE TRIGGER another AFTER INSERT ON comments BEGIN INSERT INTO comments"
    plain.sql(
        f"{between} (tid, created, mode, remote_addr, author, text, voters) "
        "VALUES (NEW.tid, 1, 2, '', 'Bo', 'Bos text', x''); END"
    )
    bo = "INSERT INTO comments (tid, created, state, sender, author, text) VALUES"
    bo = f"{bo} (NEW.tid, 1, 'pending', '', 'Bo', 'Bos text')"
    if ours.engine.dialect.name == "sqlite":
        ours.sql(f"CREATE TRIGGER another AFTER INSERT ON comments BEGIN {bo}; END")
    else:
        body = f"BEGIN IF pg_trigger_depth() = 1 THEN {bo}; END IF; RETURN NEW; END"
        ours.sql(f"CREATE FUNCTION another() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$")
        ours.sql("CREATE TRIGGER another AFTER INSERT ON comments FOR EACH ROW EXECUTE FUNCTION another()")

    def trap(site: Site) -> bool:
        answer = site.visitor().new()
        return "Bos text" in answer.text and answer.headers["Set-Cookie"].startswith("2=")

    assert trap(plain)
    assert not trap(ours)
    assert ours.visitor().new(text="Min egen").json["text"] == "<p>Min egen</p>"


def test_an_edit_is_not_shown_before_it_is_reviewed(plain, ours):
    """Isso leaves an approved comment approved when its author puts another text there."""

    def trap(site: Site) -> bool:
        author = site.visitor()
        id = author.new().json["id"]
        site.approve(id)
        assert author.call("PUT", f"/id/{id}", json={"author": "Eva", "text": "Ett annat budskap"}).status_code == 200
        return "Ett annat budskap" in site.visitor().thread()

    assert trap(plain)
    assert not trap(ours)


def test_anothers_edit_cookie_does_not_show_a_held_comment(plain, ours):
    """Isso shows a comment to the holder of any edit cookie, renamed to its number."""

    def trap(site: Site) -> bool:
        held = site.visitor().new().json["id"]
        stranger = site.visitor()
        own = stranger.new(author="Bo", text="Bos text").json["id"]
        stranger.rename_cookie(own, held)
        return "Evas text" in stranger.call("GET", f"/id/{held}").text

    assert trap(plain)
    assert not trap(ours)


def test_the_author_cannot_remove_the_record(plain, ours):
    """Isso deletes the row when its author asks for it; here it is a public record."""

    def trap(site: Site) -> bool:
        author = site.visitor()
        author.new()
        author.call("DELETE", "/id/1", json={})
        return site.sql("SELECT count(*) FROM comments") == [(0,)]

    assert trap(plain)
    assert not trap(ours)


def test_an_id_is_never_given_twice(plain, ours):
    """Isso gives the number of a deleted comment to the next one."""

    def trap(site: Site) -> bool:
        author = site.visitor()
        first = author.new().json["id"]
        author.call("DELETE", f"/id/{first}", json={})
        return site.visitor().new(text="En annan text").json["id"] == first

    assert trap(plain)
    assert not trap(ours)


def test_an_old_key_approves_nothing(plain, ours):
    """Isso's key from the mail about one comment approves the next one that gets its number."""

    def trap(site: Site) -> bool:
        author = site.visitor()
        id = author.new().json["id"]
        key = site.sign(id)
        author.call("DELETE", f"/id/{id}", json={})
        author.new(text="En annan text")
        author.call("POST", f"/id/{id}/activate/{key}")
        return "En annan text" in site.visitor().thread()

    assert trap(plain)
    assert not trap(ours)


def test_one_key_does_not_fit_every_action(plain, ours):
    """Isso's key to approve one comment rewrites it as well, at the address of any comment."""

    def trap(site: Site) -> bool:
        author = site.visitor()
        id = author.new().json["id"]
        author.call("POST", f"/id/99/edit/{site.sign(id)}", json={"text": "Av en annan hand"})
        return site.sql("SELECT text FROM comments") == [("Av en annan hand",)]

    assert trap(plain)
    assert not trap(ours)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("DELETE", "/id/1"),
        ("GET", "/id/1/activate/nyckel"),
        ("POST", "/id/1/activate/nyckel"),
        ("POST", "/id/1/delete/nyckel"),
        ("POST", "/id/1/edit/nyckel"),
        ("GET", "/id/1/unsubscribe/eva@lindhamn.example/nyckel"),
        ("GET", f"/feed?uri={LETTER}"),
        ("GET", "/latest?limit=5"),
        ("GET", "/demo/"),
        ("GET", "/admin/"),
        ("POST", "/login/"),
        ("GET", "/info"),
    ],
)
def test_an_unsafe_route_is_closed(plain, ours, method, path):
    """What Isso offers to key holders, administrators and the curious is not there."""
    for site in (plain, ours):
        site.visitor().new()
    assert plain.visitor().call(method, path).status_code not in (404, 405)
    assert ours.visitor().call(method, path).status_code in (404, 405)


@pytest.mark.parametrize("uri", ["javascript:alert(1)", "https://ond.example/", "/2026/finns-inte/", "", "/\x00/"])
def test_a_thread_belongs_to_a_letter(plain, ours, uri):
    """Isso makes a thread for any address that comes with a title."""

    def trap(site: Site) -> bool:
        site.visitor().new(uri=uri)
        return site.sql("SELECT count(*) FROM threads") == [(1,)]

    assert trap(plain)
    assert not trap(ours)


def test_the_title_of_a_thread_is_the_letters_own(plain, ours):
    """Isso takes the title that the first visitor sends."""

    def trap(site: Site) -> bool:
        site.visitor().new(title="Köp klockor")
        return site.sql("SELECT title FROM threads") == [("Köp klockor",)]

    assert trap(plain)
    assert not trap(ours)


@pytest.mark.parametrize(
    ("uri", "body"),
    [
        (LETTER, "[]"),
        (LETTER, '{"author": "A", "title": "T", "text": "halv \\ud800 bokstav"}'),
        (LETTER, '{"author": "A", "title": {"a": 1}, "text": "Ett objekt som titel"}'),
        ("/2026/blåbär/", '{"author": "A", "text": "En adress utanför ASCII"}'),
    ],
)
def test_a_broken_body_is_not_a_crash(plain, ours, uri, body):
    """A list, half a character, an object for a title or a letter å in the address bring Isso down with a 500."""
    sent = {"query_string": {"uri": uri}, "data": body, "content_type": "application/json"}
    assert plain.visitor().call("POST", "/new", **sent).status_code == 500
    answer = ours.visitor().call("POST", "/new", **sent)
    assert 400 <= answer.status_code < 500
    assert answer.json["message"]


def test_a_post_without_a_content_type_is_refused(plain, ours):
    """Isso takes a body without Content-Type for its own script's, whoever sent it."""

    def trap(site: Site) -> bool:
        body = '{"author": "A", "title": "T", "text": "Utan typ"}'
        answer = site.visitor().call("POST", "/new", query_string={"uri": LETTER}, data=body, content_type="")
        return answer.status_code == 202

    assert trap(plain)
    assert not trap(ours)


@pytest.mark.parametrize("header", ["Origin", "Referer"])
def test_another_site_cannot_post(plain, ours, header):
    """Isso answers another site's request as well as its own."""

    def trap(site: Site) -> bool:
        return site.visitor().new(headers={header: "https://ond.example"}).status_code == 202

    assert trap(plain)
    assert not trap(ours)


def test_an_address_cannot_be_made_up(plain, ours):
    """Isso believes what anybody writes in X-Forwarded-For, so a limit for each address limits nothing."""

    def trap(site: Site) -> bool:
        for number in (1, 2):
            site.visitor().new(headers={"X-Forwarded-For": f"198.51.{number}.7"})
        column = "remote_addr" if site.base == "" else "sender"
        return len(site.sql(f"SELECT DISTINCT {column} FROM comments")) == 2

    assert trap(plain)
    assert not trap(ours)


def test_a_trusted_proxy_is_believed_and_its_clients_are_not(make_app):
    """Behind one proxy the last address counts, that which the proxy itself has seen."""
    app = make_app(TRUSTED_PROXIES="1")
    for claim in ("203.0.113.1", "203.0.113.2"):
        Visitor(app, "/isso").new(headers={"X-Forwarded-For": f"{claim}, 198.51.100.7"})
    storage = app.extensions["ordetfritt"].storage
    with storage.transaction() as connection:
        senders = connection.exec_driver_sql("SELECT DISTINCT sender FROM comments").fetchall()
    assert len(senders) == 1


def test_an_office_behind_one_address_is_never_locked_out(plain, ours):
    """Isso refuses the fourth answer to a letter from one /24, months after the first three."""

    def trap(site: Site) -> bool:
        for host in (1, 2, 3):
            site.visitor().new(address=f"192.0.2.{host}")
        site.sql(f"UPDATE comments SET created = created - {MONTHS_SECONDS}")
        return site.visitor().new(address="192.0.2.4").status_code == 403

    assert trap(plain)
    assert not trap(ours)


def test_lifted_limits_leave_required_fields_required(make_plain, make_app):
    """Isso's guard.enabled = false also forgets that an author must be named."""
    plain = make_plain(**{"enabled": "false", "require-author": "true"})
    ours = Visitor(make_app(RATE_LIMIT="off"), "/isso")
    assert plain.visitor().new(author=None).status_code == 202
    assert ours.new(author=None).status_code == 400


def test_the_public_hash_tells_nothing(plain, ours):
    """Isso gives whoever writes a person's e-mail address that person's public mark."""

    def trap(site: Site) -> bool:
        true, false = (site.visitor().new(author=name, email="direktor@lindhamn.example") for name in ("A", "B"))
        return bool(true.json["hash"]) and true.json["hash"] == false.json["hash"]

    assert trap(plain)
    assert not trap(ours)


def test_a_name_is_kept_as_written(plain, ours):
    """Isso stores names escaped, so that every other reader of the table escapes them twice."""

    def trap(site: Site) -> bool:
        author = site.visitor()
        answer = author.new(author="A & B", website="https://lindhamn.example/?a&b")
        assert answer.json["author"] == "A &amp; B"  # Isso's client expects this of both
        author.call("PUT", f"/id/{answer.json['id']}", json={"author": "C & <D>", "text": "Ändrad"})
        return site.sql("SELECT author, website FROM comments") != [("C & <D>", "https://lindhamn.example/?a&b")]

    assert trap(plain)
    assert not trap(ours)


def test_a_waiting_comment_waits_as_long_as_it_takes(plain, ours):
    """Isso purges what has waited for thirty days; a public authority may not."""

    def trap(site: Site) -> bool:
        site.visitor().new()
        site.sql(f"UPDATE comments SET created = created - {MONTHS_SECONDS}")
        site.restart()
        return site.sql("SELECT count(*) FROM comments") == [(0,)]

    assert trap(plain)
    assert not trap(ours)


def test_no_key_is_written_to_the_log(plain, ours, caplog, monkeypatch):
    """Isso logs the addresses that approve and delete a comment, for anyone who can read the log."""
    # Where Pelican was imported first, its loggers drop a message that was logged before.
    monkeypatch.setattr(logging.getLogger("isso"), "filters", [])

    def trap(site: Site) -> bool:
        caplog.clear()
        with caplog.at_level(logging.DEBUG):
            site.visitor().new()
        return "/activate/" in caplog.text or "/delete/" in caplog.text

    assert trap(plain)
    assert not trap(ours)


def test_no_purge_thread_runs_beside_ours():
    """Isso's make_app gives its threaded form, which purges, whatever is asked for; ours is not made of it."""
    assert hasattr(ThreadedMixin, "purge")
    assert not issubclass(Engine, ThreadedMixin)

"""The Nu HTML checker finds neither error nor warning in what the service answers, and its pages lead somewhere."""

import re
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
from flask import Flask, Response, request

from comments import links
from tests.conftest import ONCE
from tests.links import Page, read
from tests.service.conftest import CLOSED, HOSTILE, LETTER, Desk
from tests.tools import html_checker, needs

pytestmark = [ONCE, needs("java")]
SERVICE = ("/kommentarer/", "/moderering")
PERIOD = {"start_date": "2027-09-07", "start_time": "08:00", "end_date": "2027-09-14", "end_time": "08:00"}


@pytest.fixture
def kept(app: Flask, tmp_path: Path) -> Path:
    """The folder where every page that the service answers with from now on is kept."""
    folder = tmp_path / "answers"
    folder.mkdir()

    def keep(answer: Response) -> Response:
        if answer.mimetype == "text/html" and answer.status_code not in (301, 302, 303):
            name = f"{len(list(folder.iterdir())):03} {request.method} {request.endpoint} {answer.status_code}.html"
            (folder / name).write_bytes(answer.get_data())
        return answer

    app.after_request_funcs.setdefault(None, []).append(keep)
    return folder


@pytest.fixture
def comments(kept, post, desk: Desk) -> list[int]:
    """Comments in every state: published and answered, hidden, declined, and two that wait."""
    ids = [post(text=text).json["id"] for text in (*HOSTILE[:6], "Ska vänta.", "Ring 070-174 05 11, du din ...!")]
    for id in ids[:4]:
        desk.decide(id, "godkann")
    desk.submit(f"/moderering/{ids[0]}/svara", f"/moderering/{ids[0]}", text="Hej!", voice="Stadsdirektören")
    desk.decide(ids[1], "dolj", reason="hot")
    desk.decide(ids[4], "avboj", reason="regel-1")
    return ids


def test_what_residents_meet_is_right(kept, comments, client, post) -> None:
    """Form, faults, receipt, one's own page, reply, report, and what was refused."""
    form = {"uri": LETTER, "author": "", "text": "", "email": "å"}
    client.post("/kommentarer/ny", data=form)
    for changes in ({}, {"parent": str(comments[0])}, {"uri": CLOSED}, {"uri": "/borta/"}, {"text": HOSTILE[0]}):
        client.post("/kommentarer/ny", data=form | {"author": "Å", "text": f"Ö {changes}", "email": ""} | changes)
    own = post(text="Min egen sida.").json["status_url"]
    for id in (comments[0], comments[1], 999):
        client.get(f"/kommentarer/svara/{id}")
        client.get(f"/kommentarer/anmal/{id}")
    client.get(own)
    client.post(f"/kommentarer/anmal/{comments[0]}", data={"email": "å"})
    receipt = client.post(f"/kommentarer/anmal/{comments[0]}", data={"reason": "regel-1", "text": HOSTILE[0]})
    for address in re.findall(r'href="(/kommentarer/anmalan/[^"]+)"', receipt.text):
        client.get(address)
    for address in ("/kommentarer/borta/bekrafta", "/kommentarer/borta/avsluta", "/kommentarer/status/borta"):
        client.get(address)
    assert html_checker.check(kept) == []


def test_what_moderators_meet_is_right(kept, comments, client, desk: Desk) -> None:
    """Every page that the desk leads to, and its forms with faults; each link and its fragment is there."""
    waiting = f"/moderering/{comments[-1]}"
    client.post(f"/kommentarer/anmal/{comments[0]}", data={"reason": "regel-1", "text": HOSTILE[0]})
    desk.submit(f"{waiting}/avboj", waiting, reason="")
    desk.submit(f"/moderering/{comments[0]}/svara", f"/moderering/{comments[0]}", text="")
    desk.submit(f"/moderering/{comments[0]}/maskera", f"/moderering/{comments[0]}", details="finns inte")
    desk.submit("/moderering/brev/period", **dict.fromkeys(PERIOD, ""), notice="")
    desk.submit("/moderering/brev/period", **PERIOD, notice=HOSTILE[0])
    desk.submit("/moderering/konton", email="å", name="")
    desk.submit("/moderering/konton", email="ny@lindhamn.example", name=HOSTILE[1], role="author")
    desk.submit("/moderering/konto/losenord", "/moderering/konto", password="kort")
    desk.get("/moderering/sok?q=förälder")
    desk.get("/moderering/sok?q=")
    assert crawl(desk, "/moderering/") > 20
    assert html_checker.check(kept) == []


def test_the_ways_in_are_right(kept, app, parts, desk: Desk) -> None:
    """Sign-in with and without faults, a forgotten password, an invitation and its steps."""
    visitor = Desk.__new__(Desk)
    visitor.client = app.test_client()
    visitor.submit("/moderering/logga-in", email=desk.email, password="fel lösenord")
    visitor.submit("/moderering/logga-in/glomt", email=desk.email)
    visitor.get("/moderering/logga-in/borta")
    invitation = f"/moderering/logga-in/{links.new(parts.storage, 1, 'invitation')}"
    visitor.submit(invitation, password="kort")
    visitor.submit(invitation, password="stolpe bro hamnkran")
    visitor.get("/moderering/logga-in/andra-steget")
    visitor.submit("/moderering/logga-in/andra-steget", code="000000")
    assert html_checker.check(kept) == []


def crawl(desk: Desk, start: str) -> int:
    """Open all that can be reached by links of the service; gives how many pages there were."""
    pages: dict[str, Page] = {}
    wanted = [(start, "", start)]
    for address, fragment, source in wanted:
        if address not in pages:
            pages[address] = _page(desk, address, source)
            wanted += [(*_parts(address, link), address) for link in pages[address].links if _is_ours(link)]
        # What a harmful link in a comment is made into leads nowhere on purpose.
        if fragment not in ("", "harmful-link"):
            assert fragment in pages[address].ids, f"{source} leads to {address}#{fragment}"
    return len(pages)


def _page(desk: Desk, address: str, source: str) -> Page:
    with desk.client.get(address, follow_redirects=True) as answer:
        assert answer.status_code == 200, f"{source} leads to {address}: {answer.status_code}"
        return read(answer.get_data(as_text=True)) if answer.mimetype == "text/html" else Page([], frozenset())


def _is_ours(link: str) -> bool:
    return link.startswith(("?", "#", *SERVICE)) and not link.endswith("/logga-ut")


def _parts(address: str, link: str) -> tuple[str, str]:
    target = urlsplit(urljoin(address, link))
    return target._replace(fragment="").geturl(), target.fragment

"""Letters closed and opened: by hand, by their age, all of them during a period; and what the builder is told."""

import json
import re
import time
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from comments.cli import main
from comments.storage import closures
from tests.service.conftest import CLOSED, LETTER, OTHER, Desk
from tests.service.test_scale import asked, many, scans  # noqa: F401
from tests.service.visitor import Visitor

BREV = "/moderering/brev"
VAL = "Kommentarerna är stängda under valet. Välkommen tillbaka den 14 september!"
OPEN, SHUT = 202, 403


@pytest.fixture
def clock(monkeypatch):
    """Put the service's clock to a moment of Swedish time."""

    def set(text):
        now = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/Stockholm")).timestamp()
        monkeypatch.setattr(time, "time", lambda: now)

    set("2026-09-01 09:00")
    return set


@pytest.fixture
def plan(app, desk):
    """Plan a period at the desk, or change one; signed in anew, as the clock may have been put forward."""

    def plan(start="2026-09-07 08:00", end="2026-09-14 08:00", notice=VAL, id=None):
        fields = dict(
            zip(("start_date", "start_time", "end_date", "end_time"), [*start.split(), *end.split()], strict=False)
        )
        path = f"{BREV}/period/{id}" if id else f"{BREV}/period"
        desk.client = Desk(app, desk.email).client
        return desk.submit(path, f"{BREV}/period", notice=notice, **fields)

    return plan


@pytest.fixture
def close(app, desk):
    """Close or open a letter at the desk, signed in anew."""

    def close(uri=LETTER, notice="", act="stang"):
        desk.client = Desk(app, desk.email).client
        return desk.submit(f"{BREV}/{act}", f"{BREV}/period", uri=uri, notice=notice)

    return close


@pytest.fixture
def told(folder):
    """The file that the builder reads."""
    return lambda: json.loads((folder / "var" / "published" / "closures.json").read_text("utf-8"))


def set_letters(folder, **changes):
    """Give the open letter of letters.json other values."""
    path = folder / "letters.json"
    table = json.loads(path.read_text("utf-8"))
    table["letters"][0] |= changes
    path.write_text(json.dumps(table) + " " * len(changes), "utf-8")


# One letter, by hand


def test_a_closed_letter_takes_no_comments_until_it_is_opened(close, post):
    """The one that was closed alone; the notice is what the resident reads."""
    assert close(notice="Vi har fått svar nog. Tack!").status_code == 302
    answer = post()
    assert (answer.status_code, answer.json["error"]) == (SHUT, "Vi har fått svar nog. Tack!")
    assert post(uri=OTHER).status_code == OPEN
    assert close(act="oppna").status_code == 302
    assert post().status_code == OPEN


def test_a_letter_closed_without_words_says_what_it_always_said(close, post):
    """The same sentence as where the letter's own line closes it."""
    close()
    assert (
        post().json["error"] == post(uri=CLOSED).json["error"] == "Det går inte längre att kommentera det här brevet."
    )


def test_nothing_of_what_was_typed_is_lost(close, client):
    """The page that says so has the text to copy, as it was written; also where something else was wrong with it."""
    close(notice="Stängt <nu>.")
    for author in ("Eva", ""):
        page = client.post("/kommentarer/ny", data={"uri": LETTER, "author": author, "text": "Rad 1\nRad <2>"})
        assert page.status_code == SHUT
        assert "Stängt &lt;nu&gt;." in page.text
        assert "Rad 1\nRad &lt;2&gt;</textarea>" in page.text.replace("\r\n", "\n")


def test_the_reply_form_and_isso_s_api_are_closed_as_well(close, desk, post, client, app):
    """Each way in says the same words."""
    id = post().json["id"]
    desk.decide(id, "godkann")
    close(notice="Stängt nu.")
    form, isso = client.get(f"/kommentarer/svara/{id}"), Visitor(app).new()
    assert (form.status_code, "Stängt nu." in form.text) == (SHUT, True)
    assert (isso.status_code, isso.json["message"]) == (SHUT, "Stängt nu.")
    assert post(parent=id).status_code == SHUT


def test_what_was_sent_before_is_still_acknowledged(close, client):
    """A receipt that was lost on the way comes again, although the letter has been closed since."""
    fields = {"uri": LETTER, "author": "Eva", "text": "Hann jag?"}
    first = client.post("/kommentarer/ny", data=fields, headers={"Accept": "application/json"})
    close()
    again = client.post("/kommentarer/ny", data=fields, headers={"Accept": "application/json"})
    assert (again.status_code, again.json["id"]) == (OPEN, first.json["id"])


def test_what_waits_is_decided_about_and_answered(close, desk, post, parts):
    """A closed letter's conversation goes on from the organisation's side."""
    id = post().json["id"]
    close()
    desk.decide(id, "godkann")
    assert desk.decide(id, "svara", voice="Stadsdirektören, Lindhamns stad", text="Tack!").status_code == 302
    assert parts.moderation.case(id + 1)["official"]


def test_what_the_letter_itself_closes_the_desk_can_not_open(close, post):
    """Only its own line can; nor is there anything to close."""
    for act in ("oppna", "stang"):
        answer = close(uri=CLOSED, act=act)
        assert (answer.status_code, "Comments: closed" in answer.text) == (409, True)
    assert post(uri=CLOSED).status_code == SHUT


def test_the_second_of_two_moderators_is_told_what_the_first_did(app, close, desk, told):
    """Nothing is overwritten, and what was typed is still there."""
    close(notice="Den första.")
    other = Desk(app, "andra@lindhamn.example")
    answer = other.submit(f"{BREV}/stang", f"{BREV}/period", uri=LETTER, notice="Den andra.")
    assert (answer.status_code, f"redan stängt, av {desk.email}" in answer.text) == (409, True)
    assert [each["notice"] for each in told()["letters"]] == ["Den första."]
    assert close(act="oppna").status_code == 302
    answer = close(act="oppna")
    assert (answer.status_code, "Brevet är redan öppet." in answer.text) == (409, True)


def test_the_page_says_who_did_what(app, close, desk, post):
    """With how many comments there are and wait."""
    desk.decide(post().json["id"], "godkann")
    post()
    close(notice="Vi är klara.")
    other = Desk(app, "andra@lindhamn.example")
    other.submit(f"{BREV}/oppna", f"{BREV}/period", uri=LETTER)
    page = " ".join(re.sub("<[^>]*>", " ", desk.get(BREV).text).split())
    assert "Tar emot kommentarer Kommentarer: 1 väntar: 1" in page
    assert re.search(f"Öppnat av {other.email} .* Stängt av {desk.email}", page)


# By its age


def test_a_letter_closes_by_its_age_and_is_opened_by_hand(folder, clock, close, post, told):
    """At the very second; opened, it stays so until somebody closes it."""
    set_letters(folder, closes="2026-09-01T10:00:00+02:00")
    clock("2026-09-01 09:59:59")
    assert post().status_code == OPEN
    clock("2026-09-01 10:00:00")
    assert post().status_code == SHUT
    assert close(act="oppna").status_code == 302
    assert [each["kind"] for each in told()["letters"]] == ["open"]
    assert post().status_code == OPEN
    close()
    assert post().status_code == SHUT
    close(act="oppna")
    assert post().status_code == OPEN


def test_a_letter_closed_before_its_time_and_opened_still_closes_by_its_age(folder, clock, close, post):
    """Opening takes back what a hand did, and no more."""
    set_letters(folder, closes="2026-10-01T10:00:00+02:00")
    close()
    close(act="oppna")
    assert post().status_code == OPEN
    clock("2026-10-01 10:00:00")
    assert post().status_code == SHUT


def test_a_list_without_ages_is_read_as_before(folder, post):
    """One that an older builder wrote; one that can't be read leaves the last good one."""
    assert post().status_code == OPEN
    set_letters(folder, closes="i morgon", title="Annat")
    assert post().status_code == OPEN


# All letters during a period


def test_a_period_begins_and_ends_at_the_very_second(clock, plan, post):
    """By the service's own clock, whatever page the resident has before them."""
    assert plan().status_code == 302
    for now, status in (
        ("2026-09-07 07:59:59", OPEN),
        ("2026-09-07 08:00:00", SHUT),
        ("2026-09-14 07:59:59", SHUT),
        ("2026-09-14 08:00:00", OPEN),
    ):
        clock(now)
        answer = post()
        assert answer.status_code == status
        assert status == OPEN or answer.json["error"] == VAL
        assert post(uri=OTHER).status_code == status


def test_a_period_is_changed_and_taken_back(clock, plan, app, desk, post, told):
    """What stood before is kept, with who put another in its place."""
    plan()
    plan(end="2026-09-10 12:00", notice="Kortare nu.", id=1)
    (period,) = told()["periods"]
    assert (period["ends"], period["notice"]) == ("2026-09-10T10:00:00+00:00", "Kortare nu.")
    clock("2026-09-08 08:00")
    assert post().status_code == SHUT
    other = Desk(app, desk.email)
    other.submit(f"{BREV}/period/2/hav", f"{BREV}/period")
    assert post().status_code == OPEN
    assert told()["periods"] == []
    assert other.get(BREV).text.count(f"hävd eller ändrad av {desk.email},") == 2


def test_a_period_without_an_end_lasts_until_somebody_takes_it_back(clock, plan, post, desk):
    """Also one that has begun already when it is planned."""
    plan(start="2026-08-31 08:00", end=" ")
    assert post().status_code == SHUT
    assert "tills någon öppnar" in desk.get(BREV).text
    clock("2031-01-01 00:00")
    assert post().status_code == SHUT


def test_a_letter_can_not_be_opened_out_of_a_period(clock, plan, close, post):
    """The period holds for all; what a hand had closed before is opened with it."""
    close()
    plan(start="2026-08-31 08:00")
    assert close(act="oppna").status_code == 302
    answer = close(act="oppna")
    assert (answer.status_code, "stängda under en period" in answer.text) == (409, True)
    assert post().json["error"] == VAL


def test_the_form_of_a_change_holds_what_was_planned(clock, plan, desk):
    """Sent as it is, it plans the same again."""
    plan(start="2026-10-25 02:30", end="2026-10-25 02:30")
    page = desk.get(f"{BREV}/period/1").text
    assert re.findall(r'type="(?:date|time)" value="([^"]*)"', page) == ["2026-10-25", "02:30"] * 2
    assert f"{VAL}</textarea>" in page


@pytest.mark.parametrize(
    ("start", "end", "seconds", "said"),
    [
        ("2026-10-25 02:30", "2026-10-25 04:00", 2.5 * 3600, "Den första gäller."),
        ("2026-10-25 00:00", "2026-10-25 02:30", 3.5 * 3600, "Den andra gäller."),
        ("2026-10-25 02:30", "2026-10-25 02:30", 3600, "Den andra gäller."),
        ("2027-03-28 00:00", "2027-03-28 04:00", 3 * 3600, "planerad"),
        ("2026-09-07 8.00", "2026-09-07 9:30", 5400, "planerad"),
    ],
)
def test_a_night_when_the_clocks_are_changed_has_a_clear_outcome(clock, plan, desk, parts, start, end, seconds, said):
    """A time that comes twice: the first for a start, the second for an end, so that nothing is left out."""
    assert plan(start=start, end=end).status_code == 302
    assert said in desk.get(BREV).text
    (row,) = parts.storage.rows(sa.select(closures))
    assert row["ends"] - row["starts"] == seconds


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"start": "2027-03-28 02:30", "end": "2027-03-28 04:00"}, "Klockan blir aldrig 02:30 den 2027-03-28"),
        ({"end": "2027-03-28 02:59"}, "Klockan blir aldrig 02:59 den 2027-03-28"),
        ({"end": "2026-09-07 08:00"}, "Perioden måste sluta efter att den har börjat."),
        ({"end": "2026-09-06 08:00"}, "Perioden måste sluta efter att den har börjat."),
        ({"start": "2026-08-01 08:00", "end": "2026-09-01 09:00"}, "Perioden måste sluta senare än nu."),
        ({"start": "2026-02-30 08:00"}, "Skriv datumet som 2026-09-13"),
        ({"start": "2026-09-07 25:00"}, "Skriv datumet som 2026-09-13"),
        ({"start": "0001-01-01 08:00"}, "Skriv datumet som 2026-09-13"),
        ({"start": "99999999999999999999-01-01 08:00"}, "Skriv datumet som 2026-09-13"),
        ({"start": "٢٠٢٦-09-07 08:00"}, "Skriv datumet som 2026-09-13"),
        ({"start": "x\x00 y"}, "Skriv datumet som 2026-09-13"),
        ({"end": "2026-09-14 inte"}, "Skriv datumet som 2026-09-13"),
        ({"notice": ""}, "Skriv vad läsarna får veta."),
        ({"notice": " \u2800 "}, "Skriv vad läsarna får veta."),
        ({"notice": "a" * 10_000}, "Texten har 10000 tecken och får ha högst 500."),
        ({"notice": "Stängt\x00."}, "tecken som inte kan visas"),
        ({"notice": "Stängt \ufffd."}, "tecken som inte kan visas"),
    ],
)
def test_a_period_that_can_not_be_meant_is_refused(clock, plan, parts, changes, said):
    """With what to mend beside the field, and all that was typed."""
    answer = plan(**changes)
    assert (answer.status_code, said in answer.text) == (400, True)
    assert changes.get("notice", VAL).strip("\x00 ")[:6] in answer.text
    assert parts.storage.rows(sa.select(closures)) == []


@pytest.mark.parametrize("path", ["2", "0", "9223372036854775808", "2/hav", f"{2**70}/hav"])
def test_a_period_that_there_is_not_is_not_found(clock, plan, desk, path):
    """Neither to change nor to take back."""
    plan()
    assert desk.submit(f"{BREV}/period/{path}", f"{BREV}/period", notice=VAL).status_code == 404


def test_a_letter_s_own_closure_is_no_period(clock, close, desk):
    """Its number changes nothing there."""
    close()
    assert desk.submit(f"{BREV}/period/1/hav", f"{BREV}/period").status_code == 404
    assert desk.get(f"{BREV}/period/1").status_code == 404


def test_a_period_that_is_over_or_taken_back_is_left_as_it_is(clock, plan, desk, app):
    """The second moderator is told what the first did."""
    plan()
    plan(start="2026-09-20 08:00", end="2026-09-21 08:00")
    desk.submit(f"{BREV}/period/2/hav", f"{BREV}/period")
    other = Desk(app, "andra@lindhamn.example")
    answer = other.submit(f"{BREV}/period/2/hav", f"{BREV}/period")
    assert (answer.status_code, f"av {desk.email}. Ingenting ändrades" in answer.text) == (409, True)
    clock("2026-09-14 08:00")
    for answer in (plan(end="2026-09-30 08:00", id=1), Desk(app, desk.email).get(f"{BREV}/period/1")):
        assert (answer.status_code, "Perioden är över." in answer.text) == (409, True)


@pytest.mark.parametrize("uri", ["", "/finns/inte/", "javascript:alert(1)", "/2026/x\x00/", "/" + "a" * 9000])
@pytest.mark.parametrize("act", ["stang", "oppna"])
def test_a_letter_that_there_is_not_is_not_found(close, uri, act):
    """In words, and nothing is made of it."""
    answer = close(uri=uri, act=act)
    assert (answer.status_code, "Det finns inget brev på den här adressen." in answer.text) == (404, True)


@pytest.mark.parametrize("notice", ["a" * 10_000, "Stängt\x00.", "Stängt \ufffd"])
def test_a_notice_that_can_not_be_shown_is_refused(close, post, notice):
    """The letter stays open, and what was typed stands in its form."""
    answer = close(notice=notice)
    assert (answer.status_code, notice[:6] in answer.text) == (400, True)
    assert 'aria-invalid="true"' in answer.text
    assert post().status_code == OPEN


def test_the_letters_are_for_moderators(client, desk):
    """Whoever is not signed in is asked to; a form of another site has no token."""
    for path in (BREV, f"{BREV}/period", f"{BREV}/period/1"):
        assert client.get(path).headers["Location"].partition("?")[0] == "/moderering/logga-in"
    for path in ("stang", "oppna", "period", "period/1", "period/1/hav"):
        assert desk.client.post(f"{BREV}/{path}", data={"uri": LETTER, "notice": VAL}).status_code == 400


def test_many_letters_have_pages_and_are_found_by_title(folder, desk, close):
    """A letter that was refused stands on the page that tells so; no page is heavy."""
    letters = [
        {"uri": f"/2026/brev-{n}/", "title": f"Brev nummer {n}", "lang": "sv", "comments": "open"} for n in range(90)
    ]
    (folder / "letters.json").write_text(json.dumps({"letters": letters, "pages": []}), "utf-8")
    page = desk.get(f"{BREV}?sida=3")
    assert "Brev nummer 40" in page.text
    assert len(page.data) < 50_000
    assert "Brev nummer 77" in close(uri="/2026/brev-77/", notice="\x00").text
    assert re.findall(r"Brev nummer \d+</a>", desk.get(f"{BREV}?q=NUMMER 7").text)[0] == "Brev nummer 7</a>"
    for odd in ("sida=0", "sida=-1", "sida=99999999999", "sida=x", "q=%00", "q=" + "a" * 999, "q=finns inte"):
        assert desk.get(f"{BREV}?{odd}").status_code == 200


# What the builder is told


def test_the_builder_is_told_public_things_alone(clock, plan, close, told, desk):
    """Times, words and addresses of letters; never who."""
    plan()
    close(notice="  Vi är\r\n klara.  ")
    assert told() == {
        "format": 1,
        "periods": [{"starts": "2026-09-07T06:00:00+00:00", "ends": "2026-09-14T06:00:00+00:00", "notice": VAL}],
        "letters": [
            {
                "uri": LETTER,
                "kind": "closed",
                "starts": "2026-09-01T07:00:00+00:00",
                "ends": None,
                "notice": "Vi är klara.",
            }
        ],
    }


def test_nothing_is_told_until_something_is_closed(folder, post, desk, parts):
    """A site that closes nothing has no such file."""
    desk.decide(post().json["id"], "godkann")
    parts.publisher.catch_up()
    parts.publisher.publish_all()
    assert not (folder / "var" / "published" / "closures.json").exists()


def test_the_file_comes_back_when_it_is_lost_or_could_not_be_written(clock, plan, folder, parts, caplog):
    """By itself, and by `publish`; the same to the byte."""
    file = folder / "var" / "published" / "closures.json"
    plan()
    whole = file.read_bytes()
    for again in (parts.publisher.catch_up, parts.publisher.publish_all):
        for damage in (file.unlink, lambda: file.write_bytes(b"{")):
            damage()
            again()
            assert file.read_bytes() == whole
    draft = file.with_name(".closures.json.new")
    draft.mkdir()
    assert plan(id=1, notice="Ändrat.").status_code == 302
    assert "it is tried again" in caplog.text
    draft.rmdir()
    parts.publisher.catch_up()
    assert "Ändrat." in file.read_text("utf-8")


def test_the_file_is_served_with_the_conversations(clock, plan, client):
    """For a builder on another machine."""
    plan()
    answer = client.get("/kommentarer/published/closures.json", buffered=True)
    assert (answer.status_code, answer.json["periods"][0]["notice"]) == (200, VAL)


# From a terminal


@pytest.fixture
def run(folder, monkeypatch, capsys):
    """Run a terminal command on the same data; gives its exit code, what it printed, and its error."""
    for name, path in (("DATA", "var"), ("LETTERS", "letters.json"), ("SITE", "site.toml")):
        monkeypatch.setenv(name, str(folder / path))

    def run(*arguments):
        code = main(arguments)
        return code, *capsys.readouterr()

    return run


def test_a_letter_is_closed_and_opened_from_a_terminal(run, desk, post):
    """As at the desk, and signed."""
    code, out, _ = run("close", LETTER, "--by", desk.email, "--notice", "Stängt för i dag.", "--json")
    assert (code, json.loads(out)) == (0, {"uri": LETTER, "comments": "closed", "notice": "Stängt för i dag."})
    assert post().json["error"] == "Stängt för i dag."
    assert run("open", LETTER, "--by", desk.email)[0] == 0
    assert post().status_code == OPEN


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("close", "/finns/inte/"), "Det finns inget brev"),
        (("open", LETTER), "Brevet är redan öppet."),
        (("open", CLOSED), "Comments: closed"),
        (("close", LETTER, "--notice", "a" * 501), "501 tecken"),
        (("close", LETTER, "--by", "ingen@lindhamn.example"), "--by must be a moderator"),
    ],
)
def test_what_can_not_be_done_is_one_line(run, desk, arguments, said):
    """On standard error."""
    code, out, error = run(*arguments, *(() if "--by" in arguments else ("--by", desk.email)))
    assert (code, out, error.count("\n"), said in error) == (1, "", 1, True)


def test_no_page_of_the_letters_reads_a_whole_table(many, parts, desk, close, post, asked):  # noqa: F811
    """Nor does closing one, nor a comment while a period is planned."""
    assert desk.get(BREV).status_code == 200
    close()
    close(act="oppna")
    parts.closing.plan(time.time() + 1000, None, VAL, desk.email)
    assert post().status_code == OPEN
    assert len(asked) >= 6
    assert scans(parts, asked) == []


def test_posting_asks_nothing_more_while_nothing_is_closed(parts, post, asked):  # noqa: F811
    """Nor while a period is planned that has not begun: whether any holds is asked with all else."""
    post()
    asked.clear()
    post()
    before = len(asked)
    parts.closing.plan(time.time() + 1000, None, VAL, "-")
    asked.clear()
    post()
    assert len(asked) == before
    assert not [each for each in asked if each.count("closures") and not each.count("in_minute")]

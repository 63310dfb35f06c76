"""python -m comments: the desk's decisions from a terminal, in a process of its own beside the running service."""

import json
import os
import re
import subprocess
import sys

import pytest

from comments import ledger
from comments.cli import main
from comments.settings import ROOT
from tests.service.conftest import LETTER

BY = "moderator@lindhamn.example"


@pytest.fixture(autouse=True)
def places(folder, monkeypatch):
    """The test's data, named in the environment as the Makefile names it."""
    for name, path in (("DATA", "var"), ("LETTERS", "letters.json"), ("SITE", "site.toml")):
        monkeypatch.setenv(name, str(folder / path))


@pytest.fixture
def run():
    """Run a command in a process of its own."""

    def run(*arguments):
        command = [sys.executable, "-W", "error", "-m", "comments", *map(str, arguments)]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)

    return run


@pytest.fixture
def answer(run, desk):
    """Run a command that must succeed, as a moderator that there is; gives its JSON."""

    def answer(*arguments):
        done = run(*arguments, "--json")
        assert done.returncode == 0, done.stderr
        assert done.stderr == ""
        return json.loads(done.stdout)

    return answer


@pytest.fixture
def refused(capsys):
    """Run a command that must fail, in this process to save time; gives its one line on standard error."""

    def refused(*arguments):
        assert main([str(each) for each in arguments]) == 1
        told = capsys.readouterr()
        assert told.out == ""
        assert told.err.count("\n") == 1
        return told.err

    return refused


def test_the_queue_in_json(answer, post):
    """The waiting comments, oldest first, in the seven fields that others rely on."""
    ids = [post(text="Först & främst").json["id"], post().json["id"]]
    queue = answer("queue")
    assert [each["id"] for each in queue] == ids
    assert queue[0] | {"created": ""} == {
        "id": ids[0],
        "uri": LETTER,
        "parent": None,
        "author": "En förälder i Väst",
        "text": "Först & främst",
        "created": "",
        "held_because": ["new"],
    }
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d", queue[0]["created"])


def test_the_queue_as_text(run, post):
    """For a person's eyes; an empty one says so."""
    assert run("queue").stdout == "Nothing waits.\n"
    post(text="Läs mig")
    assert "Läs mig" in run("queue").stdout


def test_a_comments_life_from_the_terminal(answer, post, parts, published):
    """Approve, reply, hide, restore: states, ledger and published file as from the desk."""
    id = post().json["id"]
    by = ("--by", BY.upper())
    assert answer("approve", id, *by) == {"id": id, "state": "published", "text": "Tack för brevet!"}
    reply = answer("reply", id, *by, "--as", "Stadsdirektören", "--text", "Tack för det.")
    assert published()["comments"][0]["replies"][0]["official"] == "Lindhamns stad"
    assert answer("hide", reply["id"], *by, "--reason", "regel-1", "--note", "Fel") == reply | {"state": "hidden"}
    assert published()["comments"][0]["replies"] == []
    assert answer("restore", reply["id"], *by)["state"] == "published"
    rows = ledger.history(parts.storage, reply["id"])
    assert [(row["who"], row["what"], row["reason"]) for row in rows] == [
        (BY, "replied", None),
        (BY, "hidden", "regel-1"),
        (BY, "restored", None),
    ]


def test_a_declined_comment(answer, post, parts):
    """With the ground in law."""
    id = post().json["id"]
    assert answer("decline", id, "--by", BY, "--reason", "hets")["state"] == "declined"
    assert ledger.history(parts.storage, id)[-1]["reason"] == "hets"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("approve", 1, "--by", "okand@lindhamn.example"), ("--by", "okand@lindhamn.example", "moderator add")),
        (("approve", 99, "--by", BY), ("99",)),
        (("approve", "9" * 30, "--by", BY), ("9" * 30,)),
        (("decline", 1, "--by", BY, "--reason", "regel-99"), ("skäl",)),
        (("hide", 1, "--by", BY, "--reason", "hot"), ("1",)),
        (("reply", 1, "--by", BY, "--text", "Ett svar"), ("Godkänn",)),
        (("reply", 1, "--by", BY, "--text", "Ett svar", "--as", "Kungen"), ("--as", "Kungen", "Stadsdirektören")),
        (("decline", 1, "--by", BY, "--reason", "hot", "--note", "\udcff"), ("2000",)),
        (("moderator", "add", "ingen adress", "--name", "X"), ("EMAIL", "ingen adress")),
        (("moderator", "link", "okand@lindhamn.example"), ("okand@lindhamn.example",)),
    ],
)
def test_what_cannot_be_done_is_told_in_one_line(refused, desk, post, parts, arguments, words):
    """It names what is wrong, and nothing was decided."""
    id = post().json["id"]
    line = refused(*arguments)
    assert all(word in line for word in words), line
    assert parts.moderation.case(id)["state"] == "pending"


@pytest.mark.parametrize(
    ("arguments", "word"),
    [(["decline", "1", "--by", BY], "--reason"), (["approve", "1"], "--by"), (["approve", "x"], "ID"), ([], "COMMAND")],
)
def test_a_command_without_what_it_needs_tells_its_usage(capsys, arguments, word):
    """As every program of a terminal does, with exit code 2."""
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert word in capsys.readouterr().err


def test_a_new_moderator_gets_a_link_that_works(answer, client):
    """The invitation leads to the address in site.toml; a link that signs in at once can be made as well."""
    new = answer("moderator", "add", "ny@lindhamn.example", "--name", "Den nya")
    assert new["invitation"].startswith("https://ordetfritt.lindhamn.example/moderering/logga-in/")
    again = answer("moderator", "link", "ny@lindhamn.example", "--origin", "http://localhost:8000/")
    path = again["link"].removeprefix("http://localhost:8000")
    token = client.get(path).text.split('csrf_token" value="')[1].split('"')[0]
    assert client.post(path, data={"csrf_token": token}).status_code == 302
    assert "Den nya" in client.get("/moderering/").text


def test_published_files_can_be_written_anew(answer, post, desk, folder, published):
    """After a loss of the folder, from the database alone."""
    desk.decide(post().json["id"], "godkann")
    (folder / "var" / "published" / "2026_vi-provar.json").unlink()
    assert answer("publish")["threads"] == 1
    assert published()["count"] == 1


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("DATA", "fil", ("DATA", "fil")),
        ("SITE", "fel.toml", ("fel.toml", "organisation")),
        ("SITE", "finns-inte.toml", ("finns-inte.toml",)),
        ("TRUSTED_PROXIES", "många", ("TRUSTED_PROXIES", "många")),
    ],
)
def test_wrong_settings_are_told_in_one_line(refused, folder, monkeypatch, name, value, words):
    """DATA that is no folder, a site.toml with a fault, one that is missing, proxies that are no number."""
    (folder / "fil").write_text("")
    (folder / "fel.toml").write_text("organisation = 1")
    monkeypatch.chdir(folder)
    monkeypatch.setenv(name, value)
    line = refused("queue")
    assert all(word in line for word in words), line


@pytest.mark.parametrize("name", ["comments.db", "secret", "published"])
def test_damaged_data_is_told_in_one_line(refused, folder, monkeypatch, name):
    """A database or a folder that is none, a key that was never written: named, so that it can be mended."""
    monkeypatch.delenv("DATABASE_URL", raising=False)
    (folder / "var").mkdir(exist_ok=True)
    (folder / "var" / name).write_text("fel" * 5)
    assert f"{name}: must" in refused("queue")


def test_a_wrong_setting_is_one_line_of_a_process_too(run, monkeypatch, folder):
    """Without a trace of the code, as whoever starts it sees it."""
    (folder / "fil").write_text("")
    monkeypatch.setenv("DATA", str(folder / "fil"))
    done = run("queue")
    assert done.returncode == 1
    assert done.stderr.startswith("DATA must be a folder that can be written to")
    assert done.stderr.count("\n") == 1


def test_nobody_reading_on_ends_it_quietly(post):
    """As with `| head`: no trace of the code, and the code of a program that SIGPIPE ends (128 + 13)."""
    post()
    for command in (["queue"], ["queue", "--json"], ["statistics"]):
        reading, writing = os.pipe()
        os.close(reading)
        run = [sys.executable, "-W", "error", "-m", "comments", *command]
        done = subprocess.run(run, cwd=ROOT, stdout=writing, stderr=subprocess.PIPE, text=True)
        os.close(writing)
        assert (done.returncode, done.stderr) == (141, "")


def test_the_statistics_are_printed(answer, run, post, desk):
    """Each month with its numbers, as JSON or as lines for a spreadsheet."""
    desk.decide(post().json["id"], "avboj", reason="regel-1")
    (month,) = answer("statistics")
    assert (month["received"], month["declined"], month["reasons"]) == (1, 1, {"regel-1": 1})
    printed = run("statistics").stdout.splitlines()
    assert printed[0].startswith("Månad;Inkomna;")
    assert printed[1].startswith(f"{month['month']};1;0;1;")


def test_publish_writes_the_public_statistics(answer, post, published):
    """As the running service does."""
    post()
    answer("publish")
    assert published("statistics.json")["months"][0]["received"] == 1


def test_a_free_day_that_nobody_knows_is_told(folder, refused):
    """In one line, with what stands in site.toml."""
    site = folder / "site.toml"
    site.write_text(site.read_text() + '[moderation]\nfree_days = ["fredagsmys"]\n')
    assert '"moderation.free_days" must be names of days in "SE"' in refused("queue")

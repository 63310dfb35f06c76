"""The same decisions as at the desk, from a terminal: python -m comments …"""

import argparse
import json
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tqdm import tqdm

from comments import ledger
from comments.cli_accounts import account_of, add_account_commands
from comments.letters import LettersUnknown
from comments.moderation import Refused
from comments.reception import Rejected
from comments.settings import Settings, SettingsError, read_settings
from comments.storage import StorageBusy
from common.fact_values import FactsError
from common.reasons import LEGAL_GROUNDS

DECISIONS = {
    "approve": "approved",
    "decline": "declined",
    "hide": "hidden",
    "restore": "restored",
    "dispose": "disposed",
}
WORDS = {
    "dispose": "wipe a comment's words and its writer for good, by a rule of [disposal] in site.toml",
    "restore": "restore a hidden comment (ID --by EMAIL), or the whole database from a backup (FILE)",
}

IN_LINE = 128

logger = logging.getLogger(__name__)

SWITCH_SECONDS = 0.0001

REASONS = "a rule (regel-1 …) or a legal ground: " + " ".join(LEGAL_GROUNDS)

Command = Callable[[Any, argparse.Namespace], Any]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command: 0 when done, 1 with one line on standard error when it can't be.

    Where nobody reads on, as with `| head`, it ends quietly, by the code of a program that SIGPIPE ends.
    """
    try:
        code = _main(arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is left is flushed at exit
        return 128 + signal.SIGPIPE
    return code


def _main(arguments: Sequence[str] | None) -> int:
    # Before Isso is imported: it sets up logging for the whole process unless somebody has.
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s: %(message)s")
    options = parser().parse_args(arguments)
    try:
        answer = _answer(options)
    except BrokenPipeError:
        raise
    except (Refused, SettingsError, FactsError, StorageBusy, OSError) as error:
        print(str(error).encode("utf-8", "backslashreplace").decode(), file=sys.stderr)
        return 1
    except UnicodeEncodeError as error:
        print(f"every argument must be text in UTF-8 ({error.reason})", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    if answer is not None:
        print(json.dumps(answer, ensure_ascii=False, indent=1) if options.json else _as_text(answer))
    return 0


def _answer(options: argparse.Namespace) -> Any:
    from comments.service import Service

    settings = read_settings()
    if isinstance(getattr(options, "id", None), Path):  # what is to be replaced must not be open
        return restore(settings, options)
    with closing(Service(settings)) as parts:
        return options.command(parts, options)


def parser() -> argparse.ArgumentParser:
    """The commands and their arguments."""
    top = argparse.ArgumentParser(prog="python -m comments", description=__doc__)
    commands = top.add_subparsers(required=True, metavar="COMMAND")
    _add(commands, "queue", show_queue, "list the comments that wait, oldest first")
    for name in DECISIONS:
        each = _add(commands, name, decide, WORDS.get(name, f"{name} a comment"), by=name != "restore")
        each.set_defaults(decision=DECISIONS[name])
        if name == "restore":
            _add_restore(each)
            continue
        each.add_argument("id", metavar="ID", type=int)
        if name in ("decline", "hide"):
            each.add_argument("--reason", metavar="CODE", required=True, help=REASONS)
            each.add_argument("--note", default="", help="an explanation that the writer sees")
        elif name == "dispose":
            each.add_argument("--rule", dest="reason", metavar="CODE", required=True, help="a rule of [disposal]")
    answer = _add(commands, "reply", reply, "answer a comment officially", by=True)
    answer.add_argument("id", metavar="ID", type=int)
    answer.add_argument("--text", required=True, help="the answer, in Markdown")
    answer.add_argument("--as", dest="voice", metavar="WRITER", help="answer as this writer of site.toml")
    _add_closing(commands)
    add_account_commands(commands, _add)
    _add(commands, "feedback", feedback, "list what waits of what people tell of the site's accessibility")
    _add(commands, "publish", publish, "write all published conversations anew")
    _add(commands, "statistics", statistics, "print what came and what became of it, month by month")
    copy = _add(commands, "backup", backup, "write the whole database to a new file, while the service runs")
    copy.add_argument("file", metavar="FILE", type=Path)
    whole = _add(commands, "verify", verify, "check that the ledger is whole and that every comment is as it says")
    whole.add_argument("--head", metavar="HASH", help="a head noted earlier, which must still be in the chain")
    isso = _add(commands, "adopt", adopt, "take over the comments of a database of Isso's, which is only read")
    isso.add_argument("file", metavar="ISSO.DB", type=Path)
    server = _add(commands, "serve", serve, "run the service alone, without the site")
    server.add_argument("--host", default="127.0.0.1")
    server.add_argument("--port", type=int, default=8080, help="0 takes a free one and prints it")
    server.add_argument("--threads", type=int, default=16)
    return top


def _add(commands: Any, name: str, command: Command, help: str, by: bool = False) -> argparse.ArgumentParser:
    each: argparse.ArgumentParser = commands.add_parser(name, help=help, description=help)
    each.set_defaults(command=command)
    each.add_argument("--json", action="store_true", help="answer in JSON")
    if by:
        each.add_argument("--by", metavar="EMAIL", required=True, help="the moderator who decides")
    return each


def _add_restore(each: argparse.ArgumentParser) -> None:
    each.add_argument("id", metavar="ID|FILE", type=_id_or_file, help="a comment's number, or the file of a backup")
    each.add_argument("--by", metavar="EMAIL", help="with ID: the moderator who decides")
    each.add_argument("--force", action="store_true", help="with FILE: also over comments; they are kept aside")


def _add_closing(commands: Any) -> None:
    close = _add(commands, "close", set_letter, "let a letter take no more comments", by=True)
    open = _add(commands, "open", set_letter, "let a letter take comments again", by=True)
    for name, each in (("close", close), ("open", open)):
        each.set_defaults(act=name)
        each.add_argument("uri", metavar="URI", help="the letter's address from the root, like /2026/a-letter/")
    close.add_argument("--notice", default="", help="what readers are told")


def _id_or_file(text: str) -> int | Path:
    return int(text) if text.isascii() and text.isdigit() else Path(text)


def show_queue(parts: Any, _options: argparse.Namespace) -> list[dict[str, Any]]:
    """The waiting comments, each {"id", "uri", "parent", "author", "text", "created", "held_because"}."""
    rows: list[dict[str, Any]] = []
    last = 0
    while batch := parts.moderation.cases("pending", after=last):
        why = parts.moderation.held_because(batch)
        rows += [_queued(row, parts.settings.facts.time_zone) | {"held_because": why[row["id"]]} for row in batch]
        last = batch[-1]["id"]
    return rows


def _queued(row: dict[str, Any], zone: str) -> dict[str, Any]:
    kept = {key: row[key] for key in ("id", "uri", "parent", "author", "text")}
    return kept | {"created": _moment(row, zone)}


def _moment(row: dict[str, Any], zone: str) -> str:
    return datetime.fromtimestamp(row["created"], ZoneInfo(zone)).isoformat(timespec="seconds")


def decide(parts: Any, options: argparse.Namespace) -> dict[str, Any]:
    """Take one decision; answers with the comment's id and new state."""
    who = account_of(parts, options.by)["email"]
    reason, note = getattr(options, "reason", None), getattr(options, "note", "")
    row = parts.moderation.decide(options.id, options.decision, who, reason, note)
    return _decided(parts, row)


def _decided(parts: Any, row: dict[str, Any]) -> dict[str, Any]:
    """What became of a comment, with its text: whoever decides at a terminal sees what it was about."""
    if parts.publisher.is_stale(row["tid"]):
        _ = parts.words.gettext
        again = _("the decision is kept, but the page is not rewritten yet; a running service tries again")
        print(again, file=sys.stderr)
    return {"id": row["id"], "state": row["state"], "text": row["text"]}


def reply(parts: Any, options: argparse.Namespace) -> dict[str, Any]:
    """Answer officially as the account, or as a writer of site.toml."""
    account = account_of(parts, options.by)
    name, office = account["name"], account["title"]
    if options.voice:
        facts = parts.settings.facts
        writer = next((each for each in facts.writers if each.name == options.voice), None)
        if writer is None:
            known = ", ".join(each.name for each in facts.writers)
            raise Refused(f'--as must be a writer of site.toml ({known}), not "{options.voice}"')
        name, office = writer.name, writer.title or facts.organisation
    row = parts.moderation.reply(options.id, options.text, account["email"], name, office)
    return _decided(parts, row)


def set_letter(parts: Any, options: argparse.Namespace) -> dict[str, Any]:
    """Close or open a letter; answers with how it stands afterwards."""
    who = account_of(parts, options.by)["email"]
    try:
        if options.act == "close":
            parts.closing.close(options.uri, who, options.notice)
        else:
            parts.closing.open(options.uri, who)
    except Rejected as rejected:
        raise Refused(rejected.message) from None
    except LettersUnknown as error:
        raise Refused(f"{error}: must be there: build the site first, or name the list by LETTERS") from None
    stands = parts.reception.standing(parts.reception.letter(options.uri))
    return {"uri": options.uri, "comments": "open" if stands.is_open else "closed", "notice": stands.notice}


def adopt(parts: Any, options: argparse.Namespace) -> dict[str, Any]:
    """Take over Isso's comments; answers with numbers, and with what could not be taken and why."""
    from comments.adopt import Adoption, read

    _ = parts.words.gettext
    key, rows = read(options.file)
    adoption = Adoption(parts.storage, parts.reception, parts.settings.facts.url, _("Anonymous"))
    with _bar(_("Taking over"), "comments", len(rows)) as bar:
        done = adoption.take(key, rows, bar.update)
    if done.comments:
        publish(parts, options)
    if options.json:
        return vars(done)
    for told in done.not_taken:
        print(f"comment {told['comment']} was not taken: {told['why']}", file=sys.stderr)
    for told in done.remarks:
        print(f"comment {told['comment']}: {told['why']}", file=sys.stderr)
    return {name: len(value) if isinstance(value, list) else value for name, value in vars(done).items()}


def publish(parts: Any, _options: argparse.Namespace) -> dict[str, Any]:
    """Write published/ anew."""
    with _bar(parts.words.gettext("Publishing"), "threads") as bar:

        def progress(done: int, of_all: int) -> None:
            bar.total = of_all
            bar.update(done - bar.n)

        number = parts.publisher.publish_all(progress)
    count(parts)
    parts.statistics.write()
    return {"threads": number, "folder": str(parts.settings.published)}


def count(parts: Any) -> None:
    """Count all that the ledger tells and was not counted yet."""
    with _bar(parts.words.gettext("Counting"), "rows") as bar:
        parts.statistics.outcomes.keep_up(threading.Event(), bar.update)


def statistics(parts: Any, options: argparse.Namespace) -> Any:
    """What came and what became of it: each month's numbers, as JSON or as lines for a spreadsheet."""
    from comments.statistics import years
    from comments.statistics_csv import BOM, as_csv

    count(parts)
    months = [row for year in years(parts.storage) for row in parts.statistics.year(year) if row["received"]]
    if options.json:
        return months
    lines = as_csv(months, parts.moderation.reasons(), parts.settings.facts.language, parts.words)
    print(lines.removeprefix(BOM).replace("\r\n", "\n"), end="")
    return None


def feedback(parts: Any, options: argparse.Namespace) -> Any:
    """What waits, oldest first, each {"id", "created", "text", "page", "contact"}."""
    zone, rows, last = parts.settings.facts.time_zone, [], 0
    while batch := parts.feedback.waiting(last):
        rows += [{"id": row["id"], "created": _moment(row, zone), "text": row["words"]} | _reach(row) for row in batch]
        last = batch[-1]["id"]
    if options.json:
        return rows
    for row in rows:
        print(f"{row['id']}  {row['created']}  {row['page']}  {row['contact']}\n{row['text']}\n")
    return None if rows else []


def _reach(row: dict[str, Any]) -> dict[str, str]:
    return {name: row[name] or "" for name in ("page", "contact")}


def verify(parts: Any, options: argparse.Namespace) -> dict[str, Any]:
    """Check ledger and comments against each other; Refused, with the first row that doesn't fit."""
    with _bar(parts.words.gettext("Verifying"), "rows") as bar:
        verdict = ledger.verify(parts.storage, parts.render, bar.update)
    if verdict.fault:
        raise Refused(verdict.fault)
    if options.head and not ledger.holds(parts.storage, options.head):
        raise Refused(f"--head must be a head of this ledger, and no row has it: rows were removed ({options.head})")
    return {"rows": verdict.rows, "head": verdict.head}


def backup(parts: Any, options: argparse.Namespace) -> dict[str, Any]:
    """Write a backup; answers with its file and what it holds."""
    from comments.backup import backup

    manifest = backup(parts, options.file.absolute(), _bar)
    if manifest.fault:
        raise Refused(f"{options.file}: is written, but of a ledger that does not fit: {manifest.fault}")
    return {"file": str(options.file), "rows": manifest.rows, "head": manifest.head, "sha256": manifest.sha256}


def restore(settings: Settings, options: argparse.Namespace) -> dict[str, Any]:
    """Restore the database from a backup; answers with what it holds and where the old one is kept."""
    from comments.backup import restore

    return restore(settings, options.id.absolute(), options.force, _bar)


def _bar(what: str, unit: str, total: int | None = None) -> "tqdm[Any]":
    """A progress bar on a terminal, nothing elsewhere, and nothing for what takes a moment."""
    return tqdm(desc=what, total=total, unit=f" {unit}", disable=None, delay=1, leave=False)


def serve(_parts: Any, options: argparse.Namespace) -> None:
    """Run the service with cheroot until it is interrupted."""
    from cheroot.wsgi import Server

    from comments.app import LARGEST_BODY, create_app

    # Who writes waits for the disk and must get on as soon as that is done: all others wait for its commit.
    sys.setswitchinterval(SWITCH_SECONDS)
    # As a service is told to stop: whoever is being answered is, and a mail on its way is noted as sent.
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit())
    app = create_app()
    facts = app.extensions["ordetfritt"].settings.facts
    if facts.url.startswith("https://") and not app.config["SESSION_COOKIE_SECURE"]:
        logger.warning("the site has https and TRUSTED_PROXIES is 0: say how many proxies stand in front")
    # Whoever comes while all threads are busy waits in line; cheroot's line of five cuts the sixth off.
    server = Server((options.host, options.port), app, numthreads=options.threads, request_queue_size=IN_LINE)
    server.max_request_body_size = 16 * LARGEST_BODY  # cheroot reads, at once, what nobody else does
    server.error_log = _log  # type: ignore[method-assign, assignment]
    app.extensions["ordetfritt"].start()
    try:
        server.prepare()
        print(f"http://{options.host}:{server.bind_addr[1]}/moderering/", flush=True)
        server.serve()
    finally:
        server.stop()
        app.extensions["ordetfritt"].close()


def _log(msg: str = "", level: int = logging.INFO, traceback: bool = False) -> None:
    """What the server has to say; a sender who went away, or fell silent, is none of our faults."""
    gone = isinstance(sys.exception(), OSError)
    logger.log(logging.INFO if gone else level, "%s", msg, exc_info=traceback and not gone)


def _as_text(answer: Any) -> str:
    if isinstance(answer, dict):
        return "\n".join(f"{key}: {value}" for key, value in answer.items())
    if answer and "email" in answer[0]:
        return "\n".join("  ".join(str(value) for value in row.values()) for row in answer)
    blocks = [f"{row['id']}  {row['created']}  {row['uri']}  {row['author']}\n{row['text']}\n" for row in answer]
    return "\n".join(blocks) or "Nothing waits."

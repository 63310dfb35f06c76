"""The same decisions as at the desk, from a terminal: python -m comments …"""

import argparse
import json
import logging
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from comments import accounts
from comments.moderation import LEGAL_GROUNDS, Refused, held_because
from comments.settings import SettingsError, read_settings
from comments.storage import StorageBusy
from common.facts import FactsError

DECISIONS = {"approve": "approved", "decline": "declined", "hide": "hidden", "restore": "restored"}

REASONS = "a rule (regel-1 …) or a legal ground: " + " ".join(LEGAL_GROUNDS)

Command = Callable[[Any, argparse.Namespace], Any]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command: 0 when done, 1 with one line on standard error when it can't be."""
    # Before Isso is imported: it sets up logging for the whole process unless somebody has.
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s: %(message)s")
    options = parser().parse_args(arguments)
    try:
        from comments.service import Service

        with closing(Service(read_settings())) as parts:
            answer = options.command(parts, options)
    except (Refused, SettingsError, FactsError, StorageBusy, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    except UnicodeEncodeError as error:
        print(f"every argument must be text in UTF-8 ({error.reason})", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    if answer is not None:
        print(json.dumps(answer, ensure_ascii=False, indent=1) if options.json else _as_text(answer))
    return 0


def parser() -> argparse.ArgumentParser:
    """The commands and their arguments."""
    top = argparse.ArgumentParser(prog="python -m comments", description=__doc__)
    commands = top.add_subparsers(required=True, metavar="COMMAND")
    _add(commands, "queue", show_queue, "list the comments that wait, oldest first")
    for name in DECISIONS:
        each = _add(commands, name, decide, f"{name} a comment", by=True)
        each.set_defaults(decision=DECISIONS[name])
        each.add_argument("id", metavar="ID", type=int)
        if name in ("decline", "hide"):
            each.add_argument("--reason", metavar="CODE", required=True, help=REASONS)
            each.add_argument("--note", default="", help="an explanation that the writer sees")
    answer = _add(commands, "reply", reply, "answer a comment officially", by=True)
    answer.add_argument("id", metavar="ID", type=int)
    answer.add_argument("--text", required=True, help="the answer, in Markdown")
    answer.add_argument("--as", dest="voice", metavar="WRITER", help="answer as this writer of site.toml")
    _add_moderators(commands)
    _add(commands, "publish", publish, "write all published conversations anew")
    server = _add(commands, "serve", serve, "run the service alone, without the site")
    server.add_argument("--host", default="127.0.0.1")
    server.add_argument("--port", type=int, default=8080)
    server.add_argument("--threads", type=int, default=8)
    return top


def _add(commands: Any, name: str, command: Command, help: str, by: bool = False) -> argparse.ArgumentParser:
    each: argparse.ArgumentParser = commands.add_parser(name, help=help, description=help)
    each.set_defaults(command=command)
    each.add_argument("--json", action="store_true", help="answer in JSON")
    if by:
        each.add_argument("--by", metavar="EMAIL", required=True, help="the moderator who decides")
    return each


def _add_moderators(commands: Any) -> None:
    group = commands.add_parser("moderator", help="accounts of the desk").add_subparsers(required=True)
    new = _add(group, "add", add_moderator, "add an account and print its sign-in link")
    new.add_argument("email", metavar="EMAIL")
    new.add_argument("--name", required=True, help="shown with official answers")
    new.add_argument("--title", help="the office, shown with the badge (default: the organisation)")
    link = _add(group, "link", sign_in_link, "print a new one-time sign-in link")
    link.add_argument("email", metavar="EMAIL")
    for each in (new, link):
        each.add_argument("--origin", help="where the desk is (default: the address in site.toml)")


def show_queue(parts: Any, _options: argparse.Namespace) -> list[dict[str, Any]]:
    """The waiting comments, each {"id", "uri", "parent", "author", "text", "created", "held_because"}."""
    rows: list[dict[str, Any]] = []
    page = 1
    while batch := parts.moderation.cases("pending", page=page):
        rows += [_queued(row, parts.settings.facts.time_zone) for row in batch]
        page += 1
    return rows


def _queued(row: dict[str, Any], zone: str) -> dict[str, Any]:
    created = datetime.fromtimestamp(row["created"], ZoneInfo(zone)).isoformat(timespec="seconds")
    kept = {key: row[key] for key in ("id", "uri", "parent", "author", "text")}
    return kept | {"created": created, "held_because": held_because(row)}


def decide(parts: Any, options: argparse.Namespace) -> dict[str, Any]:
    """Take one decision; answers with the comment's id and new state."""
    who = _account(parts, options.by)["email"]
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
    account = _account(parts, options.by)
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


def _account(parts: Any, email: str) -> dict[str, Any]:
    account = accounts.find(parts.storage, email)
    if account is None:
        add = f"python -m comments moderator add {email} --name …"
        raise Refused(f'--by must be a moderator, not "{email}"; add one: {add}')
    return account


def add_moderator(parts: Any, options: argparse.Namespace) -> dict[str, Any]:
    """Add an account; answers with its sign-in link."""
    if "email" in parts.reception.flaws("-", options.email, "---") or not options.email.strip():
        raise Refused(f'EMAIL must be an address like name@example.com, not "{options.email}"')
    title = options.title or parts.settings.facts.organisation
    accounts.add(parts.storage, options.email, options.name, title)
    return sign_in_link(parts, options)


def sign_in_link(parts: Any, options: argparse.Namespace) -> dict[str, Any]:
    """A new one-time link for an account."""
    account = _account(parts, options.email)
    origin = (options.origin or parts.settings.facts.url).rstrip("/")
    secret = accounts.new_link(parts.storage, account["id"])
    return {"email": account["email"], "link": f"{origin}/moderering/logga-in/{secret}"}


def publish(parts: Any, _options: argparse.Namespace) -> dict[str, Any]:
    """Write published/ anew, with a line of progress on a terminal."""

    def progress(done: int, of_all: int) -> None:
        if sys.stderr.isatty():
            print(f"\r{done}/{of_all}", end="\n" if done == of_all else "", file=sys.stderr)

    return {"threads": parts.publisher.publish_all(progress), "folder": str(parts.settings.published)}


def serve(_parts: Any, options: argparse.Namespace) -> None:
    """Run the service with cheroot until it is interrupted."""
    from cheroot.wsgi import Server

    from comments.app import create_app

    app = create_app()
    server = Server((options.host, options.port), app, numthreads=options.threads)
    app.extensions["ordetfritt"].start()
    print(f"http://{options.host}:{options.port}/moderering/", flush=True)
    try:
        server.start()
    finally:
        server.stop()
        app.extensions["ordetfritt"].close()


def _as_text(answer: Any) -> str:
    if isinstance(answer, dict):
        return "\n".join(f"{key}: {value}" for key, value in answer.items())
    blocks = [f"{row['id']}  {row['created']}  {row['uri']}  {row['author']}\n{row['text']}\n" for row in answer]
    return "\n".join(blocks) or "Nothing waits."

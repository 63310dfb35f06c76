"""The sample conversation that a fresh `make serve` starts with: every state a comment can be in."""

from contextlib import suppress
from dataclasses import dataclass, field

from flask import Flask

from comments import accounts
from comments.letters import LettersUnknown
from comments.moderation import Refused
from comments.reception import Rejected
from comments.service import Service
from common.facts import Writer

LETTER = "/2026/vi-provar-oss-fram/"
MODERATOR = "granskare@lindhamn.example"


@dataclass(frozen=True)
class Said:
    """A comment of the sample: its fate is "approved", "hidden" or "" (still waiting)."""

    author: str
    text: str
    fate: str = "approved"
    official: str = ""
    replies: tuple["Said", ...] = field(default=())


CONVERSATION = (
    Said(
        "En förälder i Väst",
        "Tack för ett ärligt brev. Jag undrar bara: **när ni säger att ni provar er fram**, hur får vi som bor "
        "här veta vad ni har lärt er?\n\nI vår skola byttes matsalen ut två gånger på ett år, och ingen berättade "
        "varför. Det hade räckt med en rad.",
        official="Hej, och tack för en rak fråga.\n\nDu har rätt: vi har varit bättre på att börja än på att berätta. "
        "Från och med i vinter får varje försök en egen rad på webbplatsen: vad vi ville, vad som hände och vad vi "
        "gör nu. Matsalen i Väst blir en av de första.",
        replies=(Said("En förälder i Väst", "Bra svar. Då kommer jag att titta efter den raden!"),),
    ),
    Said(
        "Undersköterska i hemtjänsten",
        "Vi provade korta morgonmöten i somras. Tre saker blev bättre:\n\n- färre dubbla besök\n- nyckeln är alltid "
        "där den ska vara\n- vi hinner prata med varandra\n\nFråga oss gärna innan ni skriver nästa rutin.",
    ),
    Said(
        "Anonym",
        "Det här är ett inlägg som bröt mot reglerna och därför har dolts av en moderator.",
        fate="hidden",
        replies=(Said("Pensionär på Norr", "Jag håller inte med, men låt oss hålla en god ton här."),),
    ),
    Said("Student vid högskolan", "Går det att få praktik i ett av försöken? Vart vänder man sig?", fate=""),
)


def plant(app: Flask) -> None:
    """Let the sample be said, by the same ways as real comments; nothing where anything was said before."""
    parts: Service = app.extensions["ordetfritt"]
    if parts.moderation.counts():
        return
    with suppress(Rejected, Refused, LettersUnknown), parts.storage.transaction():
        parts.reception.open_letter(LETTER)
        for said in CONVERSATION:
            _say(parts, LETTER, said, None)
        # Afterwards, so that no mail tells of a sample.
        accounts.add(parts.storage, MODERATOR, "Kommunikatören", parts.settings.facts.organisation)


def _say(parts: Service, uri: str, said: Said, parent: int | None) -> None:
    form = {"uri": uri, "parent": str(parent or ""), "author": said.author, "email": "", "text": said.text}
    id = parts.reception.receive(form, "127.0.0.1").id
    if not said.fate:
        return
    parts.moderation.decide(id, "approved", MODERATOR)
    if said.official:
        facts = parts.settings.facts
        writer = facts.writers[0] if facts.writers else Writer(facts.organisation)
        parts.moderation.reply(id, said.official, MODERATOR, writer.name, writer.title or facts.organisation)
    for reply in said.replies:
        _say(parts, uri, reply, id)
    if said.fate == "hidden":
        parts.moderation.decide(id, "hidden", MODERATOR, next(reversed(parts.moderation.reasons())))

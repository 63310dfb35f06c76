"""The mails to residents, in Swedish or English: nothing that a stranger wrote stands in them."""

from collections.abc import Callable
from typing import Any

from comments.mail_text import Link, Mail, Part, Quote
from common.facts import Facts
from common.language import translations
from common.reasons import LEGAL_GROUNDS

Row = dict[str, Any]


class ResidentMails:
    """Says what was decided, in one language; `origin` is where its links lead.

    `secret` gives what ends a follower's mails, `status` what opens a comment's own page, or None.
    """

    def __init__(
        self,
        lang: str,
        facts: Facts,
        origin: str,
        secret: Callable[[Row], str],
        status: Callable[[Row], str | None],
    ) -> None:
        self.lang = lang
        self.facts = facts
        self.origin = origin
        self.secret = secret
        self.status = status
        self._ = translations(lang).gettext

    def end_address(self, follower: Row) -> str:
        """Where one POST ends a follower's mails (RFC 8058)."""
        return f"{self.origin}/kommentarer/mejl/{self.secret(follower)}/avsluta"

    def decided(
        self, case: Row, follower: Row, reason: str | None, note: str | None, review: str | None, again: bool
    ) -> Mail:
        """What was decided about a comment; `review` is what another moderator came to, `again` whether it has news."""
        _ = self._
        if review == "upheld":
            return self._mail(_("The decision about your comment stands"), self._upheld(case, note), follower)
        if case["state"] == "published":
            subject = _("Your comment is published again") if again else _("Your comment is published")
            return self._mail(subject, self._published(case, follower, review, again), follower)
        taken = case["state"] == "hidden"
        subject = _("Your comment has been taken down") if taken else _("Your comment was not published")
        return self._mail(subject, self._refused(case, reason, note), follower)

    def _published(self, case: Row, follower: Row, review: str | None, again: bool) -> list[Part]:
        _ = self._
        said: list[Part] = []
        if review:
            said.append(_("You asked for another look. Another moderator has taken it, and changed the decision."))
        if again:
            said.append(_("Your comment on the letter “%(title)s” can be read by everybody again.") % case)
        else:
            said.append(_("Thank you for your comment on the letter “%(title)s”. Now everybody can read it.") % case)
        said.append(Link(_("Read it under the letter"), f"{self.origin}/kommentarer/visa/{case['id']}"))
        if not follower["confirmed"]:
            said.append(_("Do you want a mail when somebody answers? Then confirm that this is your address."))
            where = f"{self.origin}/kommentarer/mejl/{self.secret(follower)}/bekrafta"
            said.append(Link(_("Confirm my address"), where))
        return said + self._own_page(case, _("Your comment's own page"))

    def _refused(self, case: Row, reason: str | None, note: str | None) -> list[Part]:
        _ = self._
        if case["state"] == "hidden":
            first = _("A moderator has taken down your comment on the letter “%(title)s”.") % case
        else:
            first = _("A moderator has read your comment on the letter “%(title)s”. It was not published.") % case
        said: list[Part] = [first, *self._reason(reason), *self._note(note)]
        said.append(_("Do you think that this is wrong? You can ask another moderator to look at it again."))
        return said + self._own_page(case, _("Read more, and ask for another look"))

    def _upheld(self, case: Row, note: str | None) -> list[Part]:
        _ = self._
        first = _("Another moderator has looked again at the decision about your comment on the letter “%(title)s”.")
        return [
            first % case + " " + _("It stands."),
            *self._note(note),
            *self._own_page(case, _("Your comment's own page")),
        ]

    def _reason(self, code: str | None) -> list[Part]:
        if code in LEGAL_GROUNDS:
            ground = self._(LEGAL_GROUNDS[code])
            template = self._("The reason is the law on electronic bulletin boards (1998:112): %s.")
            return [template % (ground[0].lower() + ground[1:])]
        rule = self.facts.reasons.get(code or "")
        return [self._("The reason is this rule for comments:"), Quote(rule, self.facts.language)] if rule else []

    def _note(self, note: str | None) -> list[Part]:
        return [self._("The moderator's explanation:"), Quote(note, self.facts.language)] if note else []

    def _own_page(self, case: Row, words: str) -> list[Part]:
        secret = self.status(case)
        return [Link(words, f"{self.origin}/kommentarer/status/{secret}")] if secret else []

    def answered(self, case: Row, follower: Row) -> Mail:
        """An answer is published; `case` is the answer. A resident's name is not told, an office is."""
        _ = self._
        if case["official"]:
            told = _("%(author)s, %(official)s, has answered your comment on the letter “%(title)s”.") % case
        else:
            told = _("Somebody has answered your comment on the letter “%(title)s”.") % case
        where = f"{self.origin}/kommentarer/visa/{case['id']}"
        return self._mail(_("Your comment has an answer"), [told, Link(_("Read the answer"), where)], follower)

    def report_settled(self, case: Row, report: Row, secret: str) -> Mail:
        """What came of a report."""
        _ = self._
        values = {"number": report["id"], "title": case["title"]}
        said: list[Part] = [
            _("You reported a comment on the letter “%(title)s” (report %(number)d). A moderator has read it.") % values
        ]
        if case["state"] != "published":
            said.append(_("The comment has been taken down. Thank you for telling us."))
        elif report["state"] == "upheld":
            said.append(_("You were right, and we have done something about it. Thank you for telling us."))
        else:
            said.append(_("The comment stays: it breaks neither the law nor our rules."))
        said += self._note(report["note"])
        said.append(Link(_("Your report's own page"), f"{self.origin}/kommentarer/anmalan/{secret}"))
        why = _("You get this mail, and no more, because you gave your address when you reported the comment.")
        return Mail(_("What came of your report"), tuple(said), (self.facts.organisation, why))

    def _mail(self, subject: str, parts: list[Part], follower: Row) -> Mail:
        _ = self._
        why = _("You get this mail because this address was given with a comment at %(site)s, and mail asked for.")
        foot = (
            self.facts.organisation,
            why % {"site": self.facts.title} + " " + _("If it was not you, or you want no more:"),
            Link(_("End the mails about this comment"), self.end_address(follower)),
        )
        return Mail(subject, tuple(parts), foot)

"""The comment service as one WSGI application: the one place where its parts meet."""

import logging
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, cast

from flask import Flask, Response, request
from flask_wtf.csrf import CSRFProtect
from jinja2 import ChoiceLoader, FileSystemLoader
from werkzeug.datastructures import Headers as Answer
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.middleware.proxy_fix import ProxyFix

from comments import accounts, answers, links
from comments.desk import desk
from comments.engine import Engine, isso_application
from comments.origin import garbled, is_cut_short, is_forged
from comments.public import public
from comments.public.feedback import feedback
from comments.public.mails import mails
from comments.public.report import report
from comments.public.status import status
from comments.service import Service, service
from comments.sessions import SESSION_SECONDS
from comments.settings import read_settings
from common.machine import CONTENT_SECURITY
from common.templates import prepare

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

logger = logging.getLogger(__name__)

LARGEST_BODY = 512 * 1024  # bytes; a comment of the longest allowed text takes less than half
ALWAYS = {
    "Content-Security-Policy": CONTENT_SECURITY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}


def create_app(config: Mapping[str, Any] | None = None) -> Flask:
    """The service: forms and desk (Flask), Isso's API below /isso/.

    `config` overrides the environment (DATA, OUTPUT, LETTERS, SITE, THEME, RATE_LIMIT, TRUSTED_PROXIES);
    SettingsError and FactsError say in one line what must change.
    """
    settings = read_settings(config)
    parts = Service(settings)
    secure = settings.facts.url.startswith("https://") and settings.proxies > 0
    app = Flask(__name__, template_folder="templates", static_folder=None)
    app.extensions["ordetfritt"] = parts
    app.config.update(
        SECRET_KEY=parts.key,
        MAX_CONTENT_LENGTH=LARGEST_BODY,
        MAX_FORM_MEMORY_SIZE=LARGEST_BODY,
        # The prefix ties it to this very host, with https (RFC 6265bis, 4.1.3.2).
        SESSION_COOKIE_NAME="__Host-moderering" if secure else "moderering",
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=secure,
        SESSION_REFRESH_EACH_REQUEST=False,
        PERMANENT_SESSION_LIFETIME=SESSION_SECONDS,
        WTF_CSRF_TIME_LIMIT=None,
    )
    _set_up_templates(app, parts)
    _set_up_views(app)
    answers.set_up(app)
    _mount(app, parts)
    if not settings.rate_limit:
        _ = parts.words.gettext
        logger.warning(_("RATE_LIMIT=off lifts all limits on posting. Never run like this in public."))
    return app


def _set_up_templates(app: Flask, parts: Service) -> None:
    theme = parts.settings.theme
    own = cast(FileSystemLoader, app.jinja_loader)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_loader = ChoiceLoader([own, FileSystemLoader(theme / "templates")])  # type: ignore[assignment]
    prepare(app.jinja_env, parts.settings.facts, theme)
    app.jinja_env.filters["markdown"] = parts.render
    app.jinja_env.filters["reason_groups"] = parts.moderation.groups
    app.jinja_env.globals["has_page"] = lambda url: any(page["url"] == url for page in parts.letters.footer_pages())
    app.context_processor(lambda: {"SITEURL": "", "footer_pages": parts.letters.footer_pages()})


def _set_up_views(app: Flask) -> None:
    app.before_request(_refuse_the_false)
    app.register_blueprint(desk)
    csrf = CSRFProtect(app)
    for pages in (public, status, report, feedback, mails):
        app.register_blueprint(pages)
        # The public form stands in a static page and can't carry a token; its Origin is checked instead.
        csrf.exempt(pages)
    app.add_url_rule("/healthz", view_func=_health)


def _refuse_the_false() -> Response | None:
    if is_cut_short(request):
        return answers.failure(400, answers.message(400))
    fields = garbled(request)
    if fields is not None:
        unread = service().words.gettext("Some characters could not be read. Check your text and send it again.")
        return answers.failure(400, unread, fields.get("text", ""))
    # Whoever has the secret of a mail may end the mails: a mail program on the web does it from its own site.
    if request.endpoint == "mails.end" or not is_forged(request.environ, service().settings.facts.url):
        return None
    return answers.failure(403, answers.message(403), request.form.get("text", ""))


def _health() -> Response:
    service().storage.check()
    return Response("ok\n", mimetype="text/plain")


class Headers:
    """WSGI middleware: what every answer of the service says about caching, framing and its sources."""

    def __init__(self, app: "WSGIApplication") -> None:
        self.app = app

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Add the headers that the answer does not set itself."""

        def start(status: str, given: list[tuple[str, str]], exc_info: Any = None) -> Any:
            headers = Answer(given)
            for name, value in ALWAYS.items():
                headers.setdefault(name, value)
            if status[:3] in ("429", "503"):
                headers.setdefault("Retry-After", "60")
            return start_response(status, headers.to_wsgi_list(), exc_info)

        return self.app(environ, start)


def _mount(app: Flask, parts: Service) -> None:
    engine = Engine(parts.storage, parts.reception, parts.publisher, parts.key, parts.settings.facts)
    inner = Headers(DispatcherMiddleware(app.wsgi_app, {"/isso": isso_application(engine)}))
    number = parts.settings.proxies
    outer = ProxyFix(inner, x_for=number, x_proto=number, x_host=number) if number else inner
    app.wsgi_app = outer  # type: ignore[method-assign]


def start_notes(app: Flask, origin: str) -> list[str]:
    """What to tell the one who starts the service at `origin`: the way into the desk."""
    parts: Service = app.extensions["ordetfritt"]
    _ = parts.words.gettext
    email = parts.settings.facts.contact.email or "moderator@localhost"
    account = accounts.find(parts.storage, email) or accounts.add(
        parts.storage, email, _("The communications office"), parts.settings.facts.organisation, "admin"
    )
    secret = links.new(parts.storage, account["id"], "terminal")
    parts.notices.origin = origin
    return [_("Sign in to the desk, once: %s") % f"{origin}/moderering/logga-in/{secret}"]

"""/redigera/ in the preview: a form for letters, pages and pictures, Sveltia CMS over the working copy."""

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from werkzeug.exceptions import HTTPException, RequestEntityTooLarge
from werkzeug.routing import Map, RequestRedirect, Rule
from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from builder import editor_parts as parts
from builder.editor_api import WorkingCopy
from builder.editor_config import BRANCH, REPOSITORY, configuration
from builder.editor_files import PICTURE_BYTES, NotDone, listed
from builder.editor_guard import check_origin, check_token, kept_token
from builder.editor_page import lacking, opening
from builder.places import Places
from builder.static import content_type
from common.fact_values import FactsError
from common.facts import Facts, read_facts
from plugins.sources import Source, read_source
from plugins.wording import Gettext, WordedError

POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' blob: data:; media-src 'self' blob:; connect-src 'self' blob: data:; font-src 'self' data:; "
    "manifest-src 'self' blob:; worker-src 'self' blob:; object-src 'none'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
ANSWER_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"
"""A drawing opened by itself runs nothing and loads nothing."""

MOST_BYTES = PICTURE_BYTES * 3 // 2
"""Of one request; base64 takes four bytes for three."""

REPO = f"/redigera/api/v1/repos/{REPOSITORY}"
ROUTES = Map(
    [
        Rule("/redigera/", endpoint="page", methods=["GET"]),
        Rule("/redigera/config.json", endpoint="config", methods=["GET"]),
        Rule("/redigera/start.js", endpoint="start", methods=["GET"]),
        Rule("/redigera/sveltia-cms.js", endpoint="script", methods=["GET"]),
        Rule("/redigera/chunks/<name>", endpoint="chunk", methods=["GET"]),
        Rule("/redigera/npm/<path:version>/locales/<code>.json", endpoint="language", methods=["GET"]),
        Rule("/redigera/npm/<path:name>", endpoint="package", methods=["GET"]),
        Rule("/redigera/fonts/<package>/<name>", endpoint="font", methods=["GET"]),
        Rule(f"/redigera/{REPOSITORY}/src/branch/{BRANCH}/<path:path>", endpoint="source", methods=["GET"]),
        Rule("/redigera/api/v1/version", endpoint="api_version", methods=["GET"]),
        Rule("/redigera/api/v1/user", endpoint="api_user", methods=["GET"]),
        Rule("/redigera/api/v1/settings/api", endpoint="api_settings", methods=["GET"]),
        Rule(REPO, endpoint="api_repository", methods=["GET"]),
        Rule(f"{REPO}/branches/{BRANCH}", endpoint="api_branch", methods=["GET"]),
        Rule(f"{REPO}/git/trees/<sha>", endpoint="api_tree", methods=["GET"]),
        Rule(f"{REPO}/commits", endpoint="api_commits", methods=["GET"]),
        Rule(f"{REPO}/file-contents", endpoint="api_texts", methods=["POST"]),
        Rule(f"{REPO}/media/{BRANCH}/<path:path>", endpoint="api_picture", methods=["GET"]),
        Rule(f"{REPO}/contents", endpoint="api_save", methods=["POST"]),
    ],
    merge_slashes=False,
)


class Editor:
    """WSGI: all that stands below /redigera/."""

    def __init__(self, where: Places, words: Gettext) -> None:
        self.where = where
        self.words = words
        self.token = kept_token(where.data / "editor-token")
        self.copy = WorkingCopy(where.content, lambda: self._facts().language)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one request; what is refused is told in plain words."""
        request = Request(environ)
        request.max_content_length = MOST_BYTES
        try:
            answer = self._answer(request)
        except RequestRedirect as error:
            answer = redirect(error.new_url, 301, Response)
        except HTTPException as error:
            answer = _told(error.name, error.code or 400)
        except NotDone as error:
            answer = _told(error.told(self.words), error.status)
        except FactsError as error:
            answer = _told(error.told(self.words), 422)
        return _guarded(answer, request)(environ, start_response)

    def _answer(self, request: Request) -> Response:
        check_origin(request)
        urls = ROUTES.bind_to_environ(request.environ)
        endpoint, values = urls.match()
        if endpoint.startswith("api_"):
            check_token(request, self.token)
        answer: Response = getattr(self, f"_{endpoint}")(request, **values)
        return answer

    def _facts(self) -> Facts:
        return read_facts(self.where.site)

    def _page(self, _request: Request) -> Response:
        facts = self._facts()
        text = opening(facts, self.token, self.words) if parts.installed() else lacking(facts, self.words)
        return Response(text, content_type="text/html; charset=utf-8")

    def _config(self, request: Request) -> Response:
        table = configuration(self._facts(), self._written(), request.host_url.rstrip("/"), self.words)
        return _json(table)

    def _written(self) -> list[Source]:
        written = []
        for path, file in listed(self.where.content):
            if file.suffix == ".md":
                try:
                    written.append(read_source(file, path.startswith("letters/")))
                except WordedError:
                    continue
        return written

    def _start(self, _request: Request) -> Response:
        return _file(Path(__file__).with_name("editor_start.js"))

    def _script(self, _request: Request) -> Response:
        return _file(parts.SCRIPT)

    def _chunk(self, _request: Request, name: str) -> Response:
        return _file(parts.chunk(name))

    def _package(self, _request: Request, name: str) -> Response:
        return _file(parts.packaged(name))

    def _font(self, _request: Request, package: str, name: str) -> Response:
        return _file(parts.font(package, name))

    def _language(self, _request: Request, version: str, code: str) -> Response:
        name = f"{version}/locales/{code}.json"
        own = code == self._facts().language
        return _sent(
            parts.language_file(name, self.words) if own else parts.part(parts.packaged(name)), "application/json"
        )

    def _source(self, _request: Request, path: str) -> Response:
        """The file itself, where the editor's menu leads to the repository."""
        kind = content_type(Path(path)) if path.startswith("images/") else "text/plain; charset=utf-8"
        answer = Response(self.copy.file(path), content_type=kind)
        answer.headers["Content-Security-Policy"] = ANSWER_POLICY
        return answer

    def _api_version(self, _request: Request) -> Response:
        return _json({"version": "1.24.0"})  # of the Gitea whose answers these are like

    def _api_user(self, _request: Request) -> Response:
        return _json(
            {"id": 1, "login": "ordet", "full_name": self._facts().organisation, "email": "", "avatar_url": ""}
        )

    def _api_settings(self, _request: Request) -> Response:
        return _json({"default_paging_num": 100, "max_response_items": 100})

    def _api_repository(self, _request: Request) -> Response:
        return _json({"permissions": {"pull": True, "push": True, "admin": False}, "default_branch": BRANCH})

    def _api_branch(self, _request: Request) -> Response:
        return _json({"commit": {"id": self.copy.head(), "message": ""}})

    def _api_tree(self, _request: Request, sha: str) -> Response:
        return _json({"sha": sha, "tree": self.copy.tree(), "truncated": False})

    def _api_commits(self, _request: Request) -> Response:
        return _json([])

    def _api_texts(self, request: Request) -> Response:
        return _json(self.copy.texts([str(path) for path in _listed(request, "files")]))

    def _api_picture(self, request: Request, path: str) -> Response:
        return self._source(request, path)

    def _api_save(self, request: Request) -> Response:
        return _json(self.copy.save([change for change in _listed(request, "files") if isinstance(change, dict)]))


def _listed(request: Request, key: str) -> list[Any]:
    try:
        table = json.loads(request.get_data())
    except RequestEntityTooLarge:
        raise NotDone("a picture must be at most %(most)d MB", most=PICTURE_BYTES // 1_000_000) from None
    except (ValueError, RecursionError):
        table = None
    listed = table.get(key) if isinstance(table, dict) else None
    if not isinstance(listed, list):
        raise NotDone("what the editor sent can't be read")
    return listed


def _json(table: Any) -> Response:
    return Response(json.dumps(table, ensure_ascii=False), content_type="application/json")


def _told(message: str, status: int) -> Response:
    return Response(json.dumps({"message": message}, ensure_ascii=False), status, content_type="application/json")


def _file(file: Path) -> Response:
    kind = "text/javascript; charset=utf-8" if file.suffix == ".mjs" else content_type(file)
    return _sent(parts.part(file), kind)


def _sent(data: bytes | None, kind: str) -> Response:
    return Response("", 404, content_type="text/plain") if data is None else Response(data, content_type=kind)


def _guarded(answer: Response, request: Request) -> Response:
    """The answer with what browsers are told to keep from."""
    answer.headers.setdefault("Content-Security-Policy", POLICY)
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Referrer-Policy"] = "same-origin"
    answer.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    answer.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    answer.headers["Cache-Control"] = (
        "no-store" if "/api/" in request.path or request.path == "/redigera/" else "no-cache"
    )
    if request.method == "GET" and answer.status_code == 200:
        answer.add_etag()
        answer.make_conditional(request)
    return answer

"""The Flask application: rooms registered, errors as problems, requests logged."""

import time

import structlog
from flask import Flask, Response, g, request
from flask.json.provider import DefaultJSONProvider
from flask_smorest import Api
from flask_smorest.utils import prepare_response
from sqlalchemy.exc import OperationalError
from werkzeug.middleware.proxy_fix import ProxyFix

from core import ids
from server import (
    authentication,
    event_document,
    metrics,
    problems,
    sizes,
    tracing,
    traffic,
)
from server.endpoint import runtime
from server.logs import configure
from server.onlookers import Onlookers
from server.pages import account, desk_log_in, desk_second_factor, docs, safety
from server.pages import verify as verify_page
from server.routes import ROOMS, health
from server.runtime import Runtime
from server.schemas.problem import ProblemSchema

log = structlog.get_logger("vouchsafe.requests")

SPEC = {
    "API_TITLE": "Vouchsafe",
    "API_VERSION": "v1",
    "OPENAPI_VERSION": "3.1.0",
    "OPENAPI_URL_PREFIX": "/",
    "OPENAPI_JSON_PATH": "openapi.json",
    "API_SPEC_OPTIONS": {
        "components": {
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
            }
        },
        "info": {"description": "Field visits: planned, vouched for, watched."},
    },
}


class StrictJson(DefaultJSONProvider):
    """Never writes NaN; keeps the order in which schemas name their fields."""

    sort_keys = False

    def dumps(self, obj: object, **kwargs: object) -> str:
        """UTF-8 JSON."""
        return super().dumps(obj, allow_nan=False, ensure_ascii=False, **kwargs)


def create_app(runtime: Runtime) -> Flask:
    """A WSGI application over one runtime."""
    configure()
    app = Flask("server", static_folder=None)
    app.json = StrictJson(app)
    app.url_map.merge_slashes = False  # what is no path of ours is no path
    app.config.update(SPEC, MAX_CONTENT_LENGTH=sizes.LARGEST_BODY)
    app.extensions["vouchsafe"] = runtime
    app.extensions["onlookers"] = Onlookers(runtime)
    encrypted = runtime.settings.public_url.startswith("https://")
    authentication.install(app, secure=encrypted)
    api = OurApi(app)
    event_document.describe(api.spec)
    for room in ROOMS:
        api.register_blueprint(room)
    for module in (
        verify_page,
        account,
        safety,
        desk_log_in,
        desk_second_factor,
        docs,
        health,
    ):
        app.register_blueprint(module.pages)
    problems.install(app)
    if proxies := runtime.settings.trusted_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies)  # type: ignore[method-assign]
    tracing.install(app)
    app.before_request(_begin)
    traffic.install(app, runtime.settings)
    app.after_request(_finish)
    return app


class OurApi(Api):  # type: ignore[misc]
    """flask-smorest without its own error handler: problems are ours."""

    def _register_responses(self) -> None:
        """Whatever else goes wrong is a problem document too."""
        answer = {"description": "Any other problem.", "schema": ProblemSchema}
        prepare_response(answer, self.spec, "application/problem+json")
        self.spec.components.response("DEFAULT_ERROR", answer, lazy=True)

    def _register_error_handlers(self) -> None:
        """Left to ``server.problems``."""


def _begin() -> None:
    g.request_id = str(ids.new())
    g.started = time.perf_counter()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)
    _serve_safety_alone()
    request.max_content_length = sizes.largest(request.method, request.path)


def _serve_safety_alone() -> None:
    """What an outdated program may still do: try to store what a phone reports.

    The database's own constraints say whether it can; a report that another program
    could have taken is worse refused here than tried.
    """
    if not runtime().standing.outdated:
        return
    if not request.path.startswith((authentication.PHONES, *health.PATHS)):
        raise OperationalError("outdated", {}, problems.Outdated())


def _finish(response: Response) -> Response:
    """Name the request, forbid caching, log the rule: no path, no query."""
    response.headers["X-Request-Id"] = g.request_id
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers["X-Content-Type-Options"] = "nosniff"
    rule = request.url_rule.rule if request.url_rule else "none"
    seconds = time.perf_counter() - g.started
    metrics.observe(rule, request.method, response.status_code, seconds)
    log.info(
        "request",
        method=request.method,
        rule=rule,
        status=response.status_code,
        ms=round(seconds * 1000, 1),
    )
    return authentication.renew(response)

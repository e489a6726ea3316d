"""Is this process alive, and can the installation do its work?"""

import structlog
from flask import Blueprint, Response, jsonify
from sqlalchemy.exc import SQLAlchemyError

from core.errors import Misconfigured
from safety import sentinel
from server import runtime as runtimes
from server.endpoint import runtime

pages = Blueprint("health", __name__)
PATHS = ("/healthz", "/readyz")
log = structlog.get_logger("vouchsafe.health")


@pages.get("/healthz")
def alive() -> Response:
    """This process answers; 503 with a word why while it should be sent nothing new."""
    if word := _leaving():
        response = jsonify({"alive": True, "leaving": word})
        response.status_code = 503
        return response
    return jsonify({"alive": True})


def _leaving() -> str | None:
    return "outdated" if runtime().standing.outdated else None


@pages.get("/readyz")
def ready() -> Response:
    """Database, a schema this version speaks, a worker's pulse; else 503."""
    here = runtime()
    checks = {"database": False, "schema": False, "worker": False}
    try:
        with here.sessions() as session:
            now = here.clock.now(session)
            checks["database"] = True
            runtimes.check_revision(here.engine)
            checks["schema"] = True
            checks["worker"] = sentinel.worker_alive(session, now=now)
    except (SQLAlchemyError, Misconfigured) as error:
        log.error("not ready", error=type(error).__name__)
    ok = all(checks.values()) and _leaving() is None
    response = jsonify({"ready": ok, **checks})
    response.status_code = 200 if ok else 503
    return response

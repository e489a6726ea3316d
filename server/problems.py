"""Every error as one RFC 9457 problem document; nothing internal leaks into it."""

import sqlite3
from datetime import datetime

import structlog
from flask import Flask, Response, g, json, request
from psycopg.errors import UniqueViolation
from sqlalchemy.exc import IntegrityError, OperationalError, SQLAlchemyError
from werkzeug.exceptions import HTTPException

from core import errors
from credentials import photo_files, pictures
from models import database
from server import authentication, clock, languages
from server.contracts import OTHERWISE, TITLES
from server.endpoint import runtime

log = structlog.get_logger("vouchsafe.problems")

STATUS: dict[type[errors.VouchsafeError], tuple[int, str]] = {
    errors.Unauthenticated: (401, "Not logged in"),
    errors.Forbidden: (403, "Not allowed"),
    errors.NotFound: (404, "Not found"),
    errors.Conflict: (409, "Not possible now"),
    errors.Invalid: (422, "Invalid input"),
    errors.Refused: (409, "Refused"),
    errors.TooManyTries: (429, "Too many tries"),
    pictures.NoPicture: (415, "Wrong content type"),
    pictures.Busy: (503, "Unavailable"),
    photo_files.Away: (503, "Unavailable"),
}
SQLITE_TAKEN = (
    sqlite3.SQLITE_CONSTRAINT_UNIQUE,
    sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY,
)
UNTOLD = {
    404: "There is no such path.",
    405: "This path does not know this method.",
    413: "The body is too large.",
}
KEPT_HEADERS = ("Allow", "WWW-Authenticate", "Retry-After")


class Outdated(Exception):
    """The database serves newer programs than this one."""


def install(app: Flask) -> None:
    """Register the handlers; anything unforeseen becomes a plain 500."""
    app.register_error_handler(errors.VouchsafeError, ours)
    app.register_error_handler(HTTPException, werkzeugs)
    app.register_error_handler(OperationalError, away)
    app.register_error_handler(IntegrityError, rivalled)
    app.register_error_handler(Exception, unforeseen)


def document(
    status: int, title: str, detail: str, code: str, **facts: object
) -> Response:
    """``application/problem+json`` with the request's id to quote in a complaint.

    A collector's phone learns the time too and, where we know its owner, whom to call.
    """
    language = languages.asked(request.accept_languages)
    if "fields" in facts:
        facts["fields"] = languages.say_all(facts["fields"], language)
    body = {
        "type": f"/problems/{code}",
        "title": languages.say(title, language),
        "status": status,
        "detail": languages.say(detail, language),
        "request_id": g.get("request_id"),
        **facts,
        **_for_a_phone(status),
    }
    text = json.dumps(body)
    response = Response(text, status, content_type="application/problem+json")
    response.content_language.add(language.value)
    response.vary.add("Accept-Language")
    return response


def _for_a_phone(status: int) -> dict[str, object]:
    if not request.path.startswith(authentication.PHONES):
        return {}
    told: dict[str, object] = {"server_time": _now(status).isoformat()}
    if fallback := g.get("fallback"):
        told["fallback"] = fallback
    return told


def _now(status: int) -> datetime:
    """This host's time where the database is the trouble: nobody waits for it twice."""
    if status < 500:
        try:
            with database.reading(runtime().sessions) as session:
                return runtime().clock.now(session)
        except SQLAlchemyError:
            log.warning("no time from the database")
    return clock.real()


def ours(error: errors.VouchsafeError) -> Response:
    """An error of our own tree."""
    known = status_of(error)
    if known is None:
        return unforeseen(error)
    status, title = known
    response = document(status, title, error.detail, error.code, **error.facts)
    if isinstance(error, errors.TooManyTries):
        response.headers["Retry-After"] = str(error.retry_after_s)
    if isinstance(error, pictures.Busy | photo_files.Away):
        response.headers["Retry-After"] = "2"
    return response


def status_of(error: errors.VouchsafeError) -> tuple[int, str] | None:
    """The HTTP status and title of an error of ours, where it has one."""
    kinds = (kind for kind in type(error).__mro__ if kind in STATUS)
    return next((STATUS[kind] for kind in kinds), None)


def werkzeugs(error: HTTPException) -> Response:
    """An HTTP error of the framework, its telling headers kept."""
    status = error.code or 500
    messages = getattr(error, "data", {}).get("messages")
    facts = {"fields": messages} if messages else {}
    detail = "Some fields are invalid." if messages else _described(error, status)
    code = "invalid" if status == 422 else f"http_{status}"
    title = TITLES.get(status, OTHERWISE)
    response = document(status, title, detail, code, **facts)
    for name, value in error.get_headers():
        if name in KEPT_HEADERS:
            response.headers[name] = value
    return response


def _described(error: HTTPException, status: int) -> str:
    """What we said of it, or our words for what the framework would say."""
    if error.description and error.description != type(error).description:
        return error.description
    return UNTOLD.get(status, "This request cannot be answered.")


def away(error: OperationalError) -> Response:
    """The database does not answer, or a row is held too long: nothing was stored."""
    if runtime().standing.outdated:
        return outdated()
    if getattr(error.orig, "sqlstate", None) == database.LOCKED_TOO_LONG:
        log.warning("row held too long", exc_info=error)
        return later("busy", "Another request is at it")
    log.error("database away", exc_info=error)
    return later("unavailable", "The database does not answer")


def rivalled(error: IntegrityError) -> Response:
    """Rivals were faster again and again: nothing is wrong, so come back."""
    code = getattr(error.orig, "sqlite_errorcode", None)
    if code in SQLITE_TAKEN or isinstance(error.orig, UniqueViolation):
        return later("busy", "Another request is at it")
    return unforeseen(error)


def later(code: str, why: str) -> Response:
    """503: come back in two seconds."""
    detail = f"{why}. Nothing was stored. Please try again."
    response = document(503, "Unavailable", detail, code)
    response.headers["Retry-After"] = "2"
    return response


def outdated() -> Response:
    """This program is too old for its database: a proxy should ask the next one."""
    return later("outdated", "This program is being replaced")


def unforeseen(error: Exception) -> Response:
    """A defect: logged by its type and place, told without a word of it."""
    if runtime().standing.outdated and isinstance(error, SQLAlchemyError):
        log.error("outdated", kind=type(error).__name__, exc_info=error)
        return outdated()
    log.error("unforeseen", kind=type(error).__name__, exc_info=error)
    detail = "Something failed on our side. Nothing was stored. Please try again."
    return document(500, "Internal error", detail, "internal")

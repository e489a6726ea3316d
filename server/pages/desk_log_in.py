"""Log in and out at the safety officers' desk."""

import secrets
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID, uuid4

from flask import Response, current_app, g, make_response, redirect, request
from flask_jwt_extended import (
    create_access_token,
    set_access_cookies,
    unset_jwt_cookies,
)
from sqlalchemy.orm import Session

from accounts import admission, logins, passwords, second_factors
from accounts.second_factors import Typed
from accounts.tries import Counter
from core.errors import Forbidden, TooManyTries, Unauthenticated
from core.words import Role
from models import LoginSession, database
from server import authentication, clock, counting
from server.endpoint import runtime
from server.pages import desk, guarded, language, typed
from server.pages.words import explain

pages = desk.room("desk_log_in")
LONGEST_FIELD = 200
SHIFT = timedelta(hours=12)  # one log-in of a browser; its session can end sooner
AT_THE_DESK = frozenset({Role.SAFETY_OFFICER, Role.ADMIN})
LOGIN_COOKIE = "vouchsafe_login"
BROWSER_COOKIE = "vouchsafe_browser"  # by which this browser is known again
KNOWN_FOR = timedelta(days=365)
REFUSED = "form"  # not one of this browser's own


@pages.get("/login")
def login_form() -> Response:
    """The form to log in."""
    return _login_page(None, 200)


@pages.post("/login")
def log_in() -> Response:
    """Log in for this browser only; the cookie is not readable by scripts."""
    own = request.cookies.get(LOGIN_COOKIE, "")
    if not own or not secrets.compare_digest(
        own.encode(), request.form.get("login_token", "").encode()
    ):
        return _login_page(REFUSED, 400)
    browser = _browser()
    try:
        opened = _opened(browser)
    except (Unauthenticated, Forbidden) as error:
        return _login_page(error.code, 401)
    except TooManyTries as error:
        response = _login_page(error.code, 429, seconds=error.retry_after_s)
        response.headers["Retry-After"] = str(error.retry_after_s)
        return response
    where = "/safety/second-factor" if opened.enrol_only else "/safety"
    response = make_response(redirect(where, code=303))
    token = create_access_token(str(opened.id), expires_delta=SHIFT)
    set_access_cookies(response, token)
    response.delete_cookie(LOGIN_COOKIE, path="/safety/login")
    _keep(response, BROWSER_COOKIE, str(browser), max_age=KNOWN_FOR)
    return guarded(response)


def _opened(browser: UUID) -> LoginSession:
    """A log-in of somebody who works at this desk; the try is counted first."""
    source = authentication.source_digest()
    slug, login = (typed(name, LONGEST_FIELD) for name in ("organisation", "login"))

    def counters(session: Session) -> Sequence[Counter]:
        return admission.log_in(
            session, slug=slug, login=login, app_id=browser, source_digest=source
        )

    counted = counting.count(runtime(), counters)
    with database.reading(runtime().sessions) as session:
        hashed = logins.password_hash(session, slug=slug, login=login)
    proof = passwords.prove(hashed, typed("password", LONGEST_FIELD))
    with runtime().sessions.begin() as session:
        now = runtime().clock.now(session)
        opened = logins.log_in(
            session,
            slug=slug,
            login=login,
            password=proof,
            app_id=browser,
            now=now,
            second=Typed(typed("code", LONGEST_FIELD), clock.real()),
        )
        actor = logins.actor(session, opened.id)
        if actor.role not in AT_THE_DESK:
            raise Forbidden("This page is for safety officers and admins.")
        if opened.enrol_only:
            second_factors.begin(session, actor, password=None, now=now)
        admission.logged_in(session, opened, counted, source_digest=source, now=now)
    return opened


def _browser() -> UUID:
    """The name by which this browser logged in before, or a new one."""
    try:
        return UUID(request.cookies.get(BROWSER_COOKIE, ""))
    except ValueError:
        return uuid4()


@pages.post("/logout")
def log_out() -> Response:
    """End the log-in and forget this browser's cookie."""
    try:
        with runtime().sessions.begin() as session:
            actor = authentication.to_enrol(session, locations="cookies")
            now = runtime().clock.now(session)
            logins.log_out(session, actor, g.login_session_id, now=now)
    except Unauthenticated:
        return desk.to_login()
    response = make_response(redirect("/safety/login", code=303))
    unset_jwt_cookies(response)
    return guarded(response)


def _login_page(code: str | None, status: int, **facts: int) -> Response:
    """A token of this browser's own keeps others from logging it in as themselves."""
    token = request.cookies.get(LOGIN_COOKIE) or secrets.token_urlsafe(24)
    error = code and explain(language(), "login", code).format(**facts)
    kept = {name: typed(name, LONGEST_FIELD) for name in ("organisation", "login")}
    response = desk.page(
        "login.html", status, error=error, login_token=token, kept=kept
    )
    _keep(response, LOGIN_COOKIE, token)
    return response


def _keep(
    response: Response, name: str, value: str, *, max_age: timedelta | None = None
) -> None:
    """A cookie for the log-in alone, which no script can read."""
    response.set_cookie(
        name,
        value,
        max_age=max_age,
        path="/safety/login",
        httponly=True,
        samesite="Strict",
        secure=current_app.config["JWT_COOKIE_SECURE"],
    )

"""The safety officers' desk: a board that refreshes itself, a page for each alert."""

import secrets
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID, uuid4

from flask import (
    Blueprint,
    Response,
    current_app,
    g,
    make_response,
    redirect,
    render_template,
    request,
)
from flask_jwt_extended import (
    create_access_token,
    get_csrf_token,
    set_access_cookies,
    unset_jwt_cookies,
)
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from accounts import access, logins, passwords
from accounts.access import Action
from core.errors import Forbidden, Unauthenticated, VouchsafeError
from core.words import Role
from models import database
from safety import alerts, closing
from server import problems
from server.authentication import by_login
from server.compose import visit_ends
from server.endpoint import Call, runtime
from server.pages import alert_views, guarded, language, typed
from server.pages.words import DESK, explain
from server.problems import STATUS

pages = Blueprint("safety", __name__, url_prefix="/safety")
SHOWN = 100
LONGEST_WORDS = 2000
LONGEST_FIELD = 200
SHIFT = timedelta(hours=12)  # one log-in of a browser; its session can end sooner
AT_THE_DESK = frozenset({Role.SAFETY_OFFICER, Role.ADMIN})
LOGIN_COOKIE = "vouchsafe_login"
REFUSED = "form"  # not one of this browser's own
Act = Callable[[Call], object]


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
    who = {
        "slug": typed("organisation", LONGEST_FIELD),
        "login": typed("login", LONGEST_FIELD),
    }
    with database.reading(runtime().sessions) as session:
        hashed = logins.password_hash(session, **who)
    proof = passwords.prove(hashed, typed("password", LONGEST_FIELD))
    try:
        with runtime().sessions.begin() as session:
            opened = logins.log_in(
                session,
                **who,
                password=proof,
                app_id=uuid4(),
                now=runtime().clock.now(session),
            )
            if logins.actor(session, opened.id).role not in AT_THE_DESK:
                raise Forbidden("This page is for safety officers.")
    except (Unauthenticated, Forbidden) as error:
        return _login_page(error.code, 401)
    response = make_response(redirect("/safety", code=303))
    token = create_access_token(str(opened.id), expires_delta=SHIFT)
    set_access_cookies(response, token)
    response.delete_cookie(LOGIN_COOKIE, path="/safety/login")
    return guarded(response)


@pages.post("/logout")
def log_out() -> Response:
    """End the log-in and forget this browser's cookie."""
    try:
        with runtime().sessions.begin() as session:
            call = _call(session)
            logins.log_out(session, call.actor, g.login_session_id, now=call.now)
    except Unauthenticated:
        return _to_login()
    response = make_response(redirect("/safety/login", code=303))
    unset_jwt_cookies(response)
    return guarded(response)


@pages.get("")
def board() -> Response:
    """Open alerts, those that nobody owns first; without a log-in the form instead."""
    return _board(None, 200)


@pages.get("/<uuid:alert_id>")
def alert(alert_id: UUID) -> Response:
    """One alert with its timeline and the forms to act."""
    return _alert(alert_id)


@pages.post("/<uuid:alert_id>/acknowledge")
def acknowledge(alert_id: UUID) -> Response:
    """Own it."""

    def take(call: Call) -> None:
        alerts.acknowledge(call.session, call.actor, alert_id, now=call.now)

    return _act(alert_id, take)


@pages.post("/<uuid:alert_id>/note")
def note(alert_id: UUID) -> Response:
    """Words for the timeline."""
    words = typed("words", LONGEST_WORDS)

    def write(call: Call) -> None:
        alerts.note(call.session, call.actor, alert_id, words=words, now=call.now)

    return _act(alert_id, write)


@pages.post("/<uuid:alert_id>/close")
def close(alert_id: UUID) -> Response:
    """End it with words."""
    words = typed("words", LONGEST_WORDS)

    def end(call: Call) -> None:
        closed = closing.close(
            call.session, call.actor, alert_id, words=words, rearm_s=None, now=call.now
        )
        if closed.visit_id is not None:
            visit_ends.after_an_act(call, closed.user_id, closed.visit_id)

    return _act(alert_id, end)


@pages.errorhandler(OperationalError)
def away(error: OperationalError) -> Response:
    """The board cannot be read; it tries again by itself and claims nothing."""
    problems.away(error)
    return _page("away.html", 503)


def _call(session: Session) -> Call:
    actor = by_login(session, locations="cookies")
    access.require(actor, Action.CLOSE_ALERT)
    return Call(session, actor, runtime().clock.now(session), runtime())


def _act(alert_id: UUID, act: Act) -> Response:
    """One act in one transaction, then the alert again; errors are shown there."""
    try:
        with runtime().sessions.begin() as session:
            act(_call(session))
    except Unauthenticated:
        return _to_login()
    except VouchsafeError as error:
        return _alert(alert_id, error)
    return guarded(make_response(redirect(f"/safety/{alert_id}", code=303)))


def _alert(alert_id: UUID, error: VouchsafeError | None = None) -> Response:
    """The page of one alert; words that were refused stand in their field again."""
    try:
        with database.reading(runtime().sessions) as session:
            call = _call(session)
            found = alerts.get(session, call.actor, alert_id)
            shown = alert_views.view(session, found, language())
            lines = alert_views.lines(session, found, shown.zone, language())
            words = DESK[language()]
            facts = alert_views.facts(session, found, shown.zone, words)
    except Unauthenticated:
        return _to_login()
    except VouchsafeError as missing:
        return _board(missing.code, _status(missing))
    path = request.path.rpartition("/")[2]
    return _page(
        "alert.html",
        _status(error) if error else 200,
        item=shown,
        timeline=lines,
        known=facts,
        error=error and explain(language(), "alert", error.code),
        kept={path: typed("words", LONGEST_WORDS)},
        longest=LONGEST_WORDS,
    )


def _board(code: str | None, status: int) -> Response:
    try:
        with database.reading(runtime().sessions) as session:
            call = _call(session)
            found = alerts.unowned_first(session, call.actor, limit=SHOWN + 1)
            shown = [
                alert_views.view(session, one, language()) for one in found[:SHOWN]
            ]
    except Unauthenticated:
        return _to_login()
    zone_name = shown[0].zone if shown else alert_views.ELSEWHERE
    as_of = alert_views.clock_time(call.now, zone_name)
    return _page(
        "board.html",
        status,
        alerts=shown,
        more=len(found) > SHOWN,
        error=code and explain(language(), "board", code),
        as_of=f"{as_of} ({zone_name})",
    )


def _login_page(code: str | None, status: int) -> Response:
    """A token of this browser's own keeps others from logging it in as themselves."""
    token = request.cookies.get(LOGIN_COOKIE) or secrets.token_urlsafe(24)
    error = code and explain(language(), "login", code)
    response = _page("login.html", status, error=error, login_token=token)
    response.set_cookie(
        LOGIN_COOKIE,
        token,
        path="/safety/login",
        httponly=True,
        samesite="Strict",
        secure=current_app.config["JWT_COOKIE_SECURE"],
    )
    return response


def _page(template: str, status: int, **facts: object) -> Response:
    chosen = language()
    cookie = request.cookies.get("access_token_cookie")
    known = cookie if template != "login.html" else None
    body = render_template(
        template,
        lang=chosen.value,
        words=DESK[chosen],
        csrf=get_csrf_token(known) if known else None,
        **facts,
    )
    response = make_response(body, status)
    response.headers["Content-Language"] = chosen.value
    response.headers["Vary"] = "Accept-Language"
    return guarded(response)


def _to_login() -> Response:
    return guarded(make_response(redirect("/safety/login", code=303)))


def _status(error: VouchsafeError) -> int:
    return next(
        (STATUS[kind][0] for kind in type(error).__mro__ if kind in STATUS), 409
    )

"""The safety officers' desk: the frame of its pages and who may see them."""

from flask import (
    Blueprint,
    Response,
    current_app,
    make_response,
    redirect,
    render_template,
    request,
)
from flask_jwt_extended import get_csrf_token
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from accounts import access, second_factors
from accounts.access import Action
from server import problems
from server.authentication import by_login
from server.endpoint import Call, runtime
from server.pages import LANGUAGE_COOKIE, POLICY, guarded, language
from server.pages.words import DESK


def room(name: str) -> Blueprint:
    """Pages of the desk; where the database is away they say so."""
    pages = Blueprint(name, __name__, url_prefix="/safety")
    pages.register_error_handler(OperationalError, away)
    pages.register_error_handler(second_factors.Missing, to_enrol)
    return pages


def away(error: OperationalError) -> Response:
    """The board cannot be read; it tries again by itself and claims nothing."""
    problems.away(error)
    return page("away.html", 503)


def call(session: Session) -> Call:
    """Who acts by this browser's cookie; only those who may close alerts."""
    actor = by_login(session, locations="cookies")
    access.require(actor, Action.CLOSE_ALERT)
    return Call(session, actor, runtime().clock.now(session), runtime())


def page(
    template: str, status: int, *, policy: str = POLICY, **facts: object
) -> Response:
    """A page of the desk in the reader's language, with his token against forgery."""
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
    response.headers["Vary"] = "Accept-Language, Cookie"
    if request.args.get("lang") == chosen.value:
        response.set_cookie(
            LANGUAGE_COOKIE,
            chosen.value,
            path="/safety",
            httponly=True,
            samesite="Lax",
            secure=current_app.config["JWT_COOKIE_SECURE"],
        )
    return guarded(response, policy=policy)


def to_enrol(_: second_factors.Missing) -> Response:
    """Who has to set up a second factor does that first."""
    return guarded(make_response(redirect("/safety/second-factor", code=303)))


def to_login() -> Response:
    """Back to the form to log in."""
    return guarded(make_response(redirect("/safety/login", code=303)))

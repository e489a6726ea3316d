"""The borrower's page: type the code, read who is at the door, then decide."""

from flask import (
    Blueprint,
    Response,
    make_response,
    render_template,
    request,
    send_from_directory,
)
from sqlalchemy.exc import OperationalError

from core.instants import Interval, zone
from credentials.checks import Checked
from server import problems
from server.compose import checking
from server.endpoint import runtime
from server.pages import POLICY, WITH_PHOTOS, guarded, language, typed
from server.pages.words import ANSWERS, VERIFY

pages = Blueprint("verify", __name__, template_folder="../templates")
LONGEST_CODE = 64


@pages.get("/verify")
def form() -> Response:
    """The empty form."""
    return _page(None)


@pages.post("/verify")
def answer() -> Response:
    """The same check as the API's, said in words; the code is never echoed."""
    with runtime().sessions.begin() as session:
        checked = checking.check(
            session,
            code=typed("code", LONGEST_CODE),
            source=request.remote_addr or "",
            now=runtime().clock.now(session),
        )
    return _page(checked)


@pages.errorhandler(OperationalError)
def cannot_say(error: OperationalError) -> tuple[Response, int]:
    """Whoever stands at his door gets an answer, and it is not to open."""
    problems.away(error)
    return _page(None, cannot_say=True), 503


@pages.get("/style.css")
def style() -> Response:
    """The one style sheet of all pages."""
    return send_from_directory("templates", "style.css", mimetype="text/css")


@pages.get("/icon.svg")
def icon() -> Response:
    """The one picture."""
    return send_from_directory("templates", "icon.svg", mimetype="image/svg+xml")


def _page(checked: Checked | None, *, cannot_say: bool = False) -> Response:
    chosen = language()
    words = VERIFY[chosen]
    facts = checked.facts if checked else None
    answer = checking.describe(checked, runtime().photos) if checked else None
    body = render_template(
        "verify.html",
        lang=chosen.value,
        words=words,
        cannot_say=cannot_say,
        answer=answer,
        verdict=ANSWERS[chosen][checked.answer] if checked else None,
        window=_window(facts.window, facts.time_zone) if facts else None,
    )
    response = make_response(body)
    response.headers["Content-Language"] = chosen.value
    response.headers["Vary"] = "Accept-Language"
    photos = answer is not None and any(answer["photos"])
    return guarded(response, policy=WITH_PHOTOS if photos else POLICY)


def _window(window: Interval, zone_name: str) -> tuple[str, str, str]:
    """Day and hours as the clock on the borrower's wall shows them, and which clock."""
    start, end = (
        moment.astimezone(zone(zone_name)) for moment in (window.start, window.end)
    )
    return f"{start:%Y-%m-%d}", f"{start:%H:%M} – {end:%H:%M}", zone_name

"""The safety officers' desk: a board that refreshes itself, a page for each alert."""

from collections.abc import Callable
from uuid import UUID

from flask import Response, make_response, redirect, request

from core.errors import Unauthenticated, VouchsafeError
from models import database
from safety import alerts, closing
from server import problems
from server.compose import visit_ends
from server.endpoint import Call, runtime
from server.pages import (
    WITH_PHOTOS,
    alert_views,
    desk,
    guarded,
    handover_views,
    language,
    typed,
)
from server.pages.handover_words import HANDOVER
from server.pages.words import explain

pages = desk.room("safety")
SHOWN = 100
LONGEST_WORDS = 2000
Act = Callable[[Call], object]


@pages.get("")
def board() -> Response:
    """Open alerts, those that nobody owns first; without a log-in the form instead."""
    return _board(None, 200)


@pages.get("/<uuid:alert_id>")
def alert(alert_id: UUID) -> Response:
    """One alert with its timeline and the forms to act."""
    return _alert(alert_id)


@pages.get("/<uuid:alert_id>/handover")
def handover(alert_id: UUID) -> Response:
    """What is read to the police; nothing on it acts."""
    try:
        with database.reading(runtime().sessions) as session:
            call = desk.call(session)
            found = handover_views.view(call, alert_id, language())
    except Unauthenticated:
        return desk.to_login()
    except VouchsafeError as missing:
        return _board(missing.code, _status(missing))
    folder = runtime().photos
    return desk.page(
        "handover.html",
        200,
        policy=WITH_PHOTOS,
        item=found,
        photo=handover_views.uri(found.photo, folder),
        say=HANDOVER[language()],
    )


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


def _act(alert_id: UUID, act: Act) -> Response:
    """One act in one transaction, then the alert again; errors are shown there."""
    try:
        with runtime().sessions.begin() as session:
            act(desk.call(session))
    except Unauthenticated:
        return desk.to_login()
    except VouchsafeError as error:
        return _alert(alert_id, error)
    return guarded(make_response(redirect(f"/safety/{alert_id}", code=303)))


def _alert(alert_id: UUID, error: VouchsafeError | None = None) -> Response:
    """The page of one alert; words that were refused stand in their field again."""
    try:
        with database.reading(runtime().sessions) as session:
            call = desk.call(session)
            found = alerts.get(session, call.actor, alert_id)
            shown = alert_views.view(session, found, language())
            lines = alert_views.lines(session, found, shown.zone, language())
            facts = alert_views.facts(session, found, shown.zone, language())
    except Unauthenticated:
        return desk.to_login()
    except VouchsafeError as missing:
        return _board(missing.code, _status(missing))
    path = request.path.rpartition("/")[2]
    return desk.page(
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
            call = desk.call(session)
            found = alerts.unowned_first(session, call.actor, limit=SHOWN + 1)
            shown = [
                alert_views.view(session, one, language()) for one in found[:SHOWN]
            ]
    except Unauthenticated:
        return desk.to_login()
    zone_name = shown[0].zone if shown else alert_views.ELSEWHERE
    as_of = alert_views.clock_time(call.now, zone_name)
    return desk.page(
        "board.html",
        status,
        alerts=shown,
        more=len(found) > SHOWN,
        error=code and explain(language(), "board", code),
        as_of=f"{as_of} ({zone_name})",
    )


def _status(error: VouchsafeError) -> int:
    known = problems.status_of(error)
    return known[0] if known else 409

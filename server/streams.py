"""Server-Sent Events over alerts: ids only, heartbeats, resume."""

import json
import queue
from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID

from flask import Response, current_app, g, request
from flask_jwt_extended import get_jwt

from core import ids
from core.actor import Actor
from models import database
from safety import alert_changes
from safety.alert_changes import Change
from server import clock, problems
from server.onlookers import OVERLAP, Onlooker, Onlookers, Ping
from server.runtime import Runtime

HEARTBEAT_S = 10.0  # less than proxies wait; a client that went is noticed by it
LONGEST_GAP = OVERLAP * 10  # whoever was away for longer reads everything again
MEDIA = "text/event-stream"
RELOAD = "event: reload\ndata: {}\n\n"
STILL_HERE = ": still here\n\n"


def alerts(runtime: Runtime, actor: Actor) -> Response:
    """The stream of an actor who may see alerts, until his log-in or its token ends."""
    onlookers: Onlookers = current_app.extensions["onlookers"]
    until = datetime.fromtimestamp(get_jwt()["exp"], UTC)
    onlooker = Onlooker(actor, g.login_session_id, until)
    if not onlookers.join(onlooker):
        return problems.later("busy", "Too many look on at once")
    try:
        first = _first(runtime, actor)
    except Exception:
        onlookers.leave(onlooker)
        raise
    response = Response(_events(onlooker, first), content_type=MEDIA)
    response.headers["X-Accel-Buffering"] = "no"
    response.call_on_close(lambda: onlookers.leave(onlooker))
    return response


def _first(runtime: Runtime, actor: Actor) -> list[str]:
    """What was missed since ``Last-Event-ID``, or to read everything again."""
    last, now = _last_event_at(), clock.real()
    if last is None or not now - LONGEST_GAP < last < now + OVERLAP:
        return [RELOAD]
    start = ids.earliest(last - OVERLAP)
    with database.reading(runtime.sessions) as session:
        missed = alert_changes.missed(session, actor, start)
    return [STILL_HERE, *map(_event, missed)]


def _last_event_at() -> datetime | None:
    try:
        return ids.made_at(UUID(request.headers.get("Last-Event-ID", "")))
    except (ValueError, OverflowError):  # nothing that we ever sent
        return None


def _events(onlooker: Onlooker, first: list[str]) -> Iterator[str]:
    yield from first
    while not onlooker.ended and clock.real() < onlooker.until:
        try:
            ping = onlooker.pings.get(timeout=HEARTBEAT_S)
        except queue.Empty:
            yield STILL_HERE
            continue
        if not onlooker.ended:
            yield _event(ping)


def _event(ping: Ping) -> str:
    return RELOAD if ping is None else _changed(ping)


def _changed(change: Change) -> str:
    data = json.dumps({"alert_id": str(change.alert_id)})
    return f"id: {change.entry_id}\nevent: alert\ndata: {data}\n\n"

"""What a collector's phone reports, and how the same report gets the same answer."""

import json
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core import ids
from core.actor import Actor
from core.errors import Conflict
from core.geo import Position
from core.keyring import CannotOpen
from core.words import ActResult, EventKind, Outcome, PinVerdict
from models import WatchEvent, wake
from models.sealed import ring

Answer = dict[str, object]


@dataclass(frozen=True, slots=True)
class Fix:
    """A phone's position in WGS-84 with its accuracy radius in metres."""

    position: Position
    accuracy_m: float


@dataclass(frozen=True, slots=True)
class Report:
    """One mobile act. ``occurred_at`` and ``sent_at`` are the phone's own clock."""

    event_id: UUID
    kind: EventKind
    visit_id: UUID | None
    occurred_at: datetime
    sent_at: datetime | None = None
    fix: Fix | None = None
    words: str | None = None
    outcome: Outcome | None = None
    extend_s: int | None = None
    buddy_id: UUID | None = None
    recording: bool | None = None

    def digest(self) -> str:
        """Keyed digest of what was reported, without the instant of sending and PIN."""
        facts: list[object] = [self.kind, self.visit_id, self.occurred_at, self.words]
        facts += [self.outcome, self.extend_s, self.buddy_id, self.recording]
        facts += [self.fix.position, self.fix.accuracy_m] if self.fix else []
        text = json.dumps([None if fact is None else str(fact) for fact in facts])
        return ring.keyring.digest("event", text)


def answered(
    session: Session, actor: Actor, report: Report, *, digest: str
) -> Answer | None:
    """The answer that this event got before, or ``None`` when it is new.

    ``digest`` is that of the report as it came.

    ``Conflict`` when the id belongs to something else that was reported.
    """
    query = select(WatchEvent).where(
        WatchEvent.user_id == actor.user_id, WatchEvent.event_id == report.event_id
    )
    event = session.scalars(query).first()
    if event is None:
        return None
    if event.request_digest != digest:
        raise Conflict(
            "This event_id was already used for another event: use a fresh one."
        )
    answer: Answer = json.loads(event.answer or "{}")
    return answer


def repeated(
    session: Session, actor: Actor, report: Report, *, digest: str
) -> tuple[Report, Answer | None]:
    """What this event was answered before, or ``None``: the report is under a free id.

    For acts that nothing may refuse: an id that was used for something else, or an
    answer that is damaged, keeps no SOS from being raised and no watch from arming.
    """
    try:
        return report, answered(session, actor, report, digest=digest)
    except (Conflict, CannotOpen):
        return replace(report, event_id=ids.new()), None


def store(
    session: Session,
    actor: Actor,
    report: Report,
    *,
    happened_at: datetime,
    result: ActResult,
    digest: str,
    answer: Answer,
    watch_id: UUID | None,
    outside_fence: bool = False,
    verdict: PinVerdict | None = None,
    now: datetime,
) -> WatchEvent:
    """Keep the event and its answer; ``happened_at`` is the server's estimate.

    A ``verdict`` over a PIN wakes the workers, whatever it is: they act on it.
    """
    event = WatchEvent(
        event_id=report.event_id,
        organisation_id=actor.organisation_id,
        kind=report.kind,
        user_id=actor.user_id,
        device_id=actor.device_id,
        visit_id=report.visit_id,
        watch_id=watch_id,
        buddy_id=report.buddy_id,
        occurred_at=happened_at,
        phone_at=report.occurred_at,
        received_at=now,
        position=report.fix.position if report.fix else None,
        accuracy_m=report.fix.accuracy_m if report.fix else None,
        outside_fence=outside_fence,
        recording=report.recording,
        from_revoked_device=actor.device_revoked,
        result=result,
        outcome=report.outcome,
        words=report.words,
        request_digest=digest,
        answer=json.dumps(answer),
        verdict=verdict,
    )
    session.add(event)
    session.flush()
    if verdict is not None:
        wake.workers(session)
    return event


def wrong_pins(session: Session, event: WatchEvent, *, since: datetime) -> int:
    """How many wrong PINs the user's phone gave since then, up to this event."""
    query = select(func.count(WatchEvent.id)).where(
        WatchEvent.user_id == event.user_id,
        WatchEvent.received_at >= since,
        WatchEvent.received_at <= event.received_at,
        WatchEvent.result == ActResult.WRONG_PIN,
    )
    return session.scalars(query).one()

"""Visit notices: what borrowers hear of a visit, at hours that the gate allows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts import audit
from contact import clearances, outbox, wording
from core import ids
from core.errors import Refused
from core.instants import Interval
from core.words import Lane, MessageKind
from gate.decisions import Decision
from models import Borrower, Case, Contact, Message, Organisation, Place, Visit


class Told(StrEnum):
    """How the borrower learns of the visit."""

    AT_ONCE = "at_once"
    LATER = "later"
    NO_PHONE = "no_phone"


@dataclass(frozen=True, slots=True)
class Draft:
    """What is about to be enqueued to a borrower."""

    kind: MessageKind
    case: Case
    borrower: Borrower
    key: str
    body: str
    available_at: datetime


def announce(
    session: Session,
    *,
    visit: Visit,
    case: Case,
    place: Place,
    borrower: Borrower,
    letters: str,
    digits: str,
    public_names: Sequence[str],
    employer: str,
    check_url: str,
    now: datetime,
) -> Told:
    """Enqueue the visit's notice; an earlier one that is still unsent is called back.

    In forbidden hours it waits for the next lawful instant. ``Refused`` where there is
    none before the visit begins. The ledger's row is written when it is sent.
    """
    if borrower.phone is None:
        return Told.NO_PHONE
    kind = MessageKind.VISIT_NOTICE
    decision = clearances.decide(session, visit, kind, now=now)
    available_at = _when(decision, visit, now)
    _call_back(session, visit, now)
    body = wording.visit_notice(
        public_names=public_names,
        employer=employer,
        window=Interval(visit.planned_start, visit.planned_end),
        time_zone=place.time_zone or "UTC",
        letters=letters,
        digits=digits,
        check_url=check_url,
        language=borrower.language,
    )
    # each announcement has a code of its own: the newest one counts, never the first
    key = f"notice:{visit.id}:{ids.new()}"
    draft = Draft(kind, case, borrower, key, body, available_at)
    _enqueue(session, visit, draft, now=now)
    return Told.AT_ONCE if decision.allowed else Told.LATER


def call_off(
    session: Session,
    *,
    visit: Visit,
    case: Case,
    place: Place,
    borrower: Borrower,
    now: datetime,
) -> Message | None:
    """Tell the borrower that the visit will not take place.

    Only one who may have had the notice is told (``None`` otherwise), and only at a
    lawful hour: at night it waits, and where the gate refuses for good nobody is told.
    """
    _call_back(session, visit, now)
    notice = _last_notice(session, visit)
    if notice is None or borrower.phone is None:
        return None
    kind = MessageKind.VISIT_CANCELLED
    decision = clearances.decide(session, visit, kind, now=now)
    available_at = now if decision.allowed else decision.next_lawful_at
    if available_at is None:
        return None
    body = wording.visit_cancelled(
        employer=session.get_one(Organisation, case.organisation_id).public_name,
        window=Interval(visit.planned_start, visit.planned_end),
        time_zone=place.time_zone or "UTC",
        language=borrower.language,
    )
    key = f"called_off:{notice.id}"
    draft = Draft(kind, case, borrower, key, body, available_at)
    return _enqueue(session, visit, draft, now=now)


def _when(decision: Decision, visit: Visit, now: datetime) -> datetime:
    """Now or later, but before the visit; ``Refused`` otherwise."""
    if decision.allowed:
        return now
    later = decision.next_lawful_at
    if later is None or later > visit.planned_start:
        raise Refused(
            "The borrower cannot lawfully be told of the visit before it begins.",
            decision=decision.as_json(),
        )
    return later


def _enqueue(
    session: Session, visit: Visit, draft: Draft, *, now: datetime
) -> Message | None:
    message = outbox.enqueue(
        session,
        organisation_id=visit.organisation_id,
        kind=draft.kind,
        lane=Lane.ORDINARY,
        dedup_key=draft.key,
        recipient=draft.borrower.phone,
        body=draft.body,
        case_id=draft.case.id,
        visit_id=visit.id,
        available_at=draft.available_at,
        now=now,
    )
    if message is not None:
        audit.record(
            session,
            organisation_id=visit.organisation_id,
            actor_id=None,
            action=f"{draft.kind}.enqueued",
            subject="messages",
            subject_id=message.id,
            now=now,
            visit_id=visit.id,
            available_at=draft.available_at,
        )
    return message


def _call_back(session: Session, visit: Visit, now: datetime) -> None:
    outbox.cancel_for_visit(
        session,
        visit.organisation_id,
        visit.id,
        kinds=[MessageKind.VISIT_NOTICE],
        now=now,
    )


def _last_notice(session: Session, visit: Visit) -> Message | None:
    """The newest notice that has left the house or may have: the ledger knows it."""
    query = (
        select(Message)
        .join(Contact, Contact.message_id == Message.id)
        .where(
            Contact.organisation_id == visit.organisation_id,
            Message.visit_id == visit.id,
            Message.kind == MessageKind.VISIT_NOTICE,
        )
        .order_by(Message.id.desc())
    )
    return session.scalars(query.limit(1)).first()

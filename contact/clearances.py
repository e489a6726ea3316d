"""The gate's word on messages to borrowers: when one is written and when it is sent."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from accounts import audit
from contact import undelivered
from core.instants import Interval
from core.words import STANDING, Channel, ContactKind, MessageKind
from gate import decisions, ledger
from gate.decisions import Decision
from models import Case, Contact, Message, Visit, Visitor

TO_BORROWERS = (MessageKind.VISIT_NOTICE, MessageKind.VISIT_CANCELLED)
MOMENT = timedelta(minutes=1)  # a message has no length; the gate asks for one


@dataclass(frozen=True, slots=True)
class Clearance:
    """May a message to a borrower leave now? If not: ``why``, and perhaps ``later``."""

    allowed: bool
    later: datetime | None = None
    why: str = ""


def decide(
    session: Session, visit: Visit, kind: MessageKind, *, now: datetime
) -> Decision:
    """May a message of the kind about the visit go to the borrower at ``now``?

    That nobody comes is told of a closed case and during a hold too: somebody may be
    waiting.
    """
    return decisions.decide(
        session,
        organisation_id=visit.organisation_id,
        case_id=visit.case_id,
        place_id=visit.place_id,
        channel=Channel.NOTICE,
        interval=Interval(now, now + MOMENT),
        people=_people(session, visit),
        takes_back=kind is MessageKind.VISIT_CANCELLED,
        now=now,
    )


def ask(session: Session, message: Message, *, now: datetime) -> Clearance:
    """Right before sending: the gate again; a try that it allows goes into the ledger.

    A notice is not sent any more when its visit does not stand, is over, or has a newer
    notice. The ledger holds one row for each message, however often it is tried; every
    refusal stands in the audit, and dispatchers hear of a notice that will not leave.
    """
    assert message.visit_id is not None
    visit = session.get_one(Visit, message.visit_id, populate_existing=True)
    is_notice = message.kind is MessageKind.VISIT_NOTICE
    if is_notice and _outdated(session, message, visit, now):
        return Clearance(allowed=False, why="the visit has ended or has a newer notice")
    decision = decide(session, visit, message.kind, now=now)
    if not decision.allowed:
        return _refused(session, message, visit, decision, now)
    _into_ledger(session, message, visit, decision, now)
    return Clearance(allowed=True)


def _refused(
    session: Session, message: Message, visit: Visit, decision: Decision, now: datetime
) -> Clearance:
    """A notice that would come after its visit has begun does not leave at all."""
    is_notice = message.kind is MessageKind.VISIT_NOTICE
    later = decision.next_lawful_at
    if is_notice and later is not None and later > visit.planned_start:
        later = None
    rules = [reason.rule_id for reason in decision.refusals]
    audit.record(
        session,
        organisation_id=visit.organisation_id,
        actor_id=None,
        action=f"{message.kind}.refused",
        subject="messages",
        subject_id=message.id,
        now=now,
        visit_id=visit.id,
        rules=rules,
        later=later,
    )
    if is_notice and later is None:
        undelivered.tell_dispatchers(
            session, "notice_refused", message.id, visit, now=now
        )
    return Clearance(allowed=False, later=later, why=f"gate: {', '.join(rules)}")


def _people(session: Session, visit: Visit) -> int:
    query = select(func.count(Visitor.id)).where(
        Visitor.organisation_id == visit.organisation_id,
        Visitor.visit_id == visit.id,
        Visitor.active,
    )
    return session.scalars(query).one()


def _outdated(session: Session, message: Message, visit: Visit, now: datetime) -> bool:
    newer = select(Message.id).where(
        Message.organisation_id == visit.organisation_id,
        Message.visit_id == visit.id,
        Message.kind == MessageKind.VISIT_NOTICE,
        Message.id > message.id,
    )
    return (
        visit.state not in STANDING
        or visit.planned_end <= now
        or session.scalar(newer.limit(1)) is not None
    )


def _into_ledger(
    session: Session, message: Message, visit: Visit, decision: Decision, now: datetime
) -> None:
    entered = select(Contact.id).where(
        Contact.organisation_id == visit.organisation_id,
        Contact.message_id == message.id,
    )
    if session.scalar(entered) is not None:
        return
    ledger.record(
        session,
        case=session.get_one(Case, visit.case_id),
        channel=Channel.NOTICE,
        kind=ContactKind.ATTEMPT,
        at=now,
        decision=decision,
        source=message.kind,
        visit_id=visit.id,
        message_id=message.id,
    )

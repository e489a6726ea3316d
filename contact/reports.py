"""What providers report later: kept, shown, and never taken for a person's answer.

A report moves a message, never an alert. It may come twice, late, in any order, before
our own receipt is written, and it may lie: whatever it says, the alert climbs on until
a person has it.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from contact import clearances, leases, order, outbox, retries, undelivered
from contact.retries import Failed
from core.provider_words import Reported
from core.words import MessageState
from models import (
    DeliveryReport,
    Message,
    MessageChannel,
    Receipt,
    Visit,
    wake,
)


def take(
    session: Session,
    channel: MessageChannel,
    *,
    carrier_id: str,
    state: Reported,
    now: datetime,
    demo: bool,
) -> bool:
    """Keep a report and let it move its message; False: it was here before."""
    report = DeliveryReport(
        organisation_id=channel.organisation_id,
        channel_id=channel.id,
        carrier_id=carrier_id,
        state=state,
        at=now,
    )
    try:
        with session.begin_nested():
            session.add(report)
    except IntegrityError:
        return False
    newest = (
        select(Receipt)
        .where(Receipt.channel_id == channel.id, Receipt.carrier_id == carrier_id)
        .order_by(Receipt.id.desc())
        .limit(1)
    )
    receipt = session.scalar(newest)
    if receipt is not None:
        _move(session, receipt, state, now=now, demo=demo)
    return True


def catch_up(session: Session, receipt: Receipt, *, now: datetime, demo: bool) -> None:
    """Reports that were faster than the receipt of the message that they are about.

    What came before this attempt began speaks of another one.
    """
    if receipt.carrier_id is None:
        return
    early = select(DeliveryReport.state).where(
        DeliveryReport.channel_id == receipt.channel_id,
        DeliveryReport.carrier_id == receipt.carrier_id,
        DeliveryReport.at >= receipt.started_at,
    )
    said = set(session.scalars(early))
    for state in (Reported.DELIVERED, Reported.FAILED):
        if state in said:
            _move(session, receipt, state, now=now, demo=demo)
            return


def of_messages(
    session: Session, messages: Iterable[Message]
) -> dict[UUID, list[DeliveryReport]]:
    """Every report about these messages, oldest first, by the message's id."""
    found: dict[UUID, list[DeliveryReport]] = {one.id: [] for one in messages}
    query = (
        select(Receipt.message_id, DeliveryReport)
        .join(
            DeliveryReport,
            (DeliveryReport.channel_id == Receipt.channel_id)
            & (DeliveryReport.carrier_id == Receipt.carrier_id),
        )
        .where(Receipt.message_id.in_(found))
        .order_by(DeliveryReport.id)
        .distinct()
    )
    for message_id, report in session.execute(query):
        found[message_id].append(report)
    return found


def _move(
    session: Session, receipt: Receipt, state: Reported, *, now: datetime, demo: bool
) -> None:
    message = session.get_one(Message, receipt.message_id, populate_existing=True)
    if state is Reported.DELIVERED:
        leases.reported(session, message.id, None, now=now)
    elif message.attempt != receipt.attempt:
        return  # of an attempt that others have followed
    elif message.state is MessageState.SENT:
        _tell(session, message, now=now)
    elif message.accepted_at is not None:
        _go_on(session, message, receipt, now=now, demo=demo)


def _go_on(
    session: Session, message: Message, receipt: Receipt, *, now: datetime, demo: bool
) -> None:
    """It will not arrive by this channel: the next one's turn, as after any failure."""
    ways = order.ways(session, message, demo=demo, now=now)
    rank = _rank(ways, receipt)
    failed = Failed(
        lane=message.lane,
        attempt=message.attempt,
        permanent=True,
        alert_open=outbox.alert_open(session, message),
        ranks=[channel.rank for channel in ways],
        tried=rank,
        before=order.turns(message, ways),
    )
    onward = retries.after(failed, now=now)
    if onward.state is MessageState.PENDING and leases.reported(
        session, message.id, onward, now=now
    ):
        wake.workers(session)


def _rank(ways: Sequence[MessageChannel], receipt: Receipt) -> int | None:
    ranks = (way.rank for way in ways if way.id == receipt.channel_id)
    return next(ranks, None)


def _tell(session: Session, message: Message, *, now: datetime) -> None:
    """A notice that was taken and did not arrive: its borrower does not know."""
    if message.kind not in clearances.TO_BORROWERS or message.visit_id is None:
        return
    visit = session.get_one(Visit, message.visit_id)
    if visit.planned_start > now:
        undelivered.tell_dispatchers(session, "undelivered", message.id, visit, now=now)

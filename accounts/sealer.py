"""The sealer: chains committed audit rows, so that no later change goes unseen.

It runs beside the deeds, never inside them: no deed waits for the chain. Whoever holds
the database but not the keys can neither write nor change a row unseen: each carries
our mark, whatever becomes of the seals. He can take rows away: the newest with their
links, or, by removing links and queueing the rest again, any; the rows that are left
are then sealed anew, and ``verify`` says that they were sealed late. Note the last
number elsewhere to see the first as well.
"""

import hmac
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy import ColumnElement, delete, exists, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from accounts import chain
from models import AuditPending, AuditRow, AuditSeal
from models.sealed import ring

BATCH = 1000
LATE = timedelta(minutes=10)  # a worker that runs seals within a second
NOT_OURS = "we did not write the row, or not so"
log = structlog.get_logger("vouchsafe.sealer")


@dataclass(frozen=True, slots=True)
class Break:
    """The first thing that is wrong: a link's number, a row's id, in words what."""

    number: int | None
    audit_id: UUID | None
    what: str

    def __str__(self) -> str:
        where = "an unsealed row" if self.number is None else f"link {self.number}"
        return f"{where}, audit row {self.audit_id}: {self.what}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """``rows`` sealed rows hold; ``unsealed`` wait for the sealer.

    ``late`` were sealed over ten minutes after they were written, the first by link
    ``first_late``: no worker ran then, or links were removed and made anew.
    """

    rows: int
    unsealed: int
    broken: Break | None
    late: int = 0
    first_late: int | None = None


def seal(
    sessions: sessionmaker[Session],
    *,
    clock_now: Callable[[Session], datetime],
    limit: int = 500,
) -> int:
    """Chain up to ``limit`` waiting rows in a transaction of its own; how many it was.

    Where another sealer was faster, nothing is written and the answer is 0.
    """
    try:
        with sessions.begin() as session:
            return _extend(session, clock_now(session), limit)
    except IntegrityError:  # the numbers or rows are taken: the other sealer's chain
        return 0


def verify(session: Session) -> Verdict:
    """Walk the whole chain, then look for rows that escaped it; stops at a break."""
    held, late = 0, list[int]()
    broken: Break | None = None
    for seal_, row, broken in _walk(session):
        if broken is not None:
            break
        held += 1
        if row is not None and seal_.sealed_at - row.at > LATE:
            late.append(seal_.number)
    broken = broken or _escaped(session) or _forged(session)
    first = late[0] if late else None
    return Verdict(held, _waiting_count(session), broken, len(late), first)


def next_due(session: Session) -> datetime | None:
    """When the first waiting row was written: due ever since; ``None``: none waits."""
    query = select(AuditPending.at).where(_waiting())
    return session.scalars(query.order_by(AuditPending.audit_id).limit(1)).first()


def _extend(session: Session, now: datetime, limit: int) -> int:
    newest = select(AuditSeal).order_by(AuditSeal.number.desc()).limit(1)
    last = session.scalars(newest).first()
    newest_number = last.number if last else 0
    before = last.chain if last else chain.FIRST_LINK
    query = select(AuditRow).join(AuditPending).where(_waiting())
    rows = session.scalars(query.order_by(AuditRow.id).limit(limit)).all()
    secret = ring.keyring.secret("audit")
    for number, row in enumerate(rows, start=newest_number + 1):
        if not chain.is_ours(row):  # sealed all the same: it must not stop the others
            log.critical("not written by us", audit_id=str(row.id), number=number)
        digest = chain.row_digest(row)
        before = chain.link(secret, before, digest, number, now)
        session.add(
            AuditSeal(
                number=number,
                audit_id=row.id,
                row_digest=digest,
                chain=before,
                sealed_at=now,
            )
        )
    session.flush()
    sealed = [row.id for row in rows]
    session.execute(delete(AuditPending).where(AuditPending.audit_id.in_(sealed)))
    return len(rows)


def _waiting() -> ColumnElement[bool]:
    """Queued and not sealed: a sealed row that is queued again changes nothing."""
    return ~exists().where(AuditSeal.audit_id == AuditPending.audit_id)


def _waiting_count(session: Session) -> int:
    query = select(func.count()).select_from(AuditPending).where(_waiting())
    return session.scalars(query).one()


def _walk(
    session: Session,
) -> Iterator[tuple[AuditSeal, AuditRow | None, Break | None]]:
    """Each link in order, its row, and what is wrong with them or nothing."""
    secret, before = ring.keyring.secret("audit"), chain.FIRST_LINK
    for number, (seal_, row) in enumerate(_links(session), start=1):
        yield seal_, row, _judge(seal_, row, number, before, secret)
        before = seal_.chain


def _links(session: Session) -> Iterator[tuple[AuditSeal, AuditRow | None]]:
    """Every link with its row, if that still exists, in batches by number."""
    after: int | None = None
    while True:
        query = (
            select(AuditSeal, AuditRow)
            .outerjoin(AuditRow, AuditRow.id == AuditSeal.audit_id)
            .order_by(AuditSeal.number)
            .limit(BATCH)
            .execution_options(populate_existing=True)
        )
        if after is not None:
            query = query.where(AuditSeal.number > after)
        batch = session.execute(query).all()
        for seal_, row in batch:
            after = seal_.number
            yield seal_, row
        if len(batch) < BATCH:
            return


def _judge(
    seal_: AuditSeal, row: AuditRow | None, number: int, before: str, secret: bytes
) -> Break | None:
    if seal_.number != number:
        return Break(number, None, "this link is missing")
    if row is None:
        return Break(number, seal_.audit_id, "the row is missing")
    digest = chain.row_digest(row)
    if not hmac.compare_digest(digest, seal_.row_digest):
        return Break(number, seal_.audit_id, "the row was changed")
    if not chain.is_ours(row):
        return Break(number, seal_.audit_id, NOT_OURS)
    expected = chain.link(secret, before, digest, number, seal_.sealed_at)
    if not hmac.compare_digest(expected, seal_.chain):
        return Break(number, seal_.audit_id, "the link was changed")
    return None


def _forged(session: Session) -> Break | None:
    """A row that waits for its seal and is not as we wrote it."""
    waiting = select(AuditRow).join(AuditPending).where(_waiting())
    for row in session.scalars(waiting.order_by(AuditRow.id)):
        if not chain.is_ours(row):
            return Break(None, row.id, NOT_OURS)
    return None


def _escaped(session: Session) -> Break | None:
    """A row that no link covers and that nobody is going to seal."""
    query = select(AuditRow.id).where(
        ~exists().where(AuditSeal.audit_id == AuditRow.id),
        ~exists().where(AuditPending.audit_id == AuditRow.id),
    )
    audit_id = session.scalars(query.order_by(AuditRow.id).limit(1)).first()
    if audit_id is None:
        return None
    return Break(
        None, audit_id, "no link covers the row and it is not waiting to be sealed"
    )

"""Checks of codes that we never issued: they belong to no organisation, and go too.

The receipt of a batch stands in its transaction, in the installation's audit.
"""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, delete, func, select
from sqlalchemy.orm import Session, sessionmaker

from accounts import audit
from gate import retention
from models import Verification, database

BATCH = 500

ClockNow = Callable[[Session], datetime]


def due(session: Session, *, now: datetime) -> int:
    """How many a purge would delete now; nothing is changed."""
    old = _old(now).with_only_columns(func.count(Verification.id))
    return session.scalars(old).one()


def purge(sessions: sessionmaker[Session], *, clock_now: ClockNow) -> int:
    """Delete those that are older than any check is kept; how many."""
    done = 0
    while found := _chosen(sessions, clock_now):
        done += _take(sessions, found, clock_now)
    return done


def _chosen(sessions: sessionmaker[Session], clock_now: ClockNow) -> list[UUID]:
    """On SQLite nobody waits while they are found."""
    with database.reading(sessions) as session:
        return list(session.scalars(_old(clock_now(session)).limit(BATCH)))


def _take(
    sessions: sessionmaker[Session], chosen: list[UUID], clock_now: ClockNow
) -> int:
    """Two workers may choose the same rows: each is counted by who deletes it."""
    with sessions.begin() as session:
        gone = session.scalars(
            delete(Verification)
            .where(Verification.id.in_(chosen))
            .returning(Verification.id)
            .execution_options(synchronize_session=False)
        ).all()
        if gone:
            _receipt(session, len(gone), clock_now(session))
    database.breathe(session)
    return len(gone)


def _receipt(session: Session, count: int, now: datetime) -> None:
    audit.record(
        session,
        organisation_id=None,
        actor_id=None,
        action="check.purged",
        subject="verifications",
        subject_id=None,
        now=now,
        count=count,
        until=(now - retention.CHECKS).isoformat(),
    )


def _old(now: datetime) -> Select[UUID]:
    return select(Verification.id).where(
        Verification.organisation_id.is_(None),
        Verification.at < now - retention.CHECKS,
    )

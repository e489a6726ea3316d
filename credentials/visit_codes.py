"""The secret on the notice: issued for a visit, kept as a keyed digest, ended once."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from accounts import audit
from credentials import codes, doorstep
from models import Visit, VisitCode, claims
from models.sealed import ring

LINGER = timedelta(hours=12)  # after the planned end a late visit may still be checked


@dataclass(frozen=True, slots=True)
class Issued:
    """What goes on the notice; nobody can read it from the database again."""

    letters: str
    digits: str
    doorstep_word: doorstep.Word


def digest(number: int) -> str:
    """The keyed digest under which a code is stored and found."""
    return ring.keyring.digest("visit_code", str(number))


def issue(session: Session, visit: Visit, *, now: datetime) -> Issued:
    """A fresh code, valid from now to 12 h after the planned end.

    Earlier codes of the visit end at once as ``replaced``.
    """
    end(session, visit.id, reason="replaced", now=now)
    number = codes.fresh()
    code = VisitCode(
        organisation_id=visit.organisation_id,
        visit_id=visit.id,
        code_digest=digest(number),
        doorstep_word=doorstep.pick(),
        valid_from=now,
        valid_to=max(now, visit.planned_end) + LINGER,
    )
    session.add(code)
    session.flush()
    _audit(session, code.organisation_id, visit.id, "visit_code.issued", now)
    return Issued(
        codes.letters(number), codes.digits(number), doorstep.spoken(code.doorstep_word)
    )


def end(session: Session, visit_id: UUID, *, reason: str, now: datetime) -> None:
    """The visit's live codes are worth nothing from now on; harmless to repeat.

    ``reason`` is a word of at most 20 letters: replaced, cancelled, ended. The caller
    has made sure that the visit is his organisation's.
    """
    live = VisitCode.visit_id == visit_id, VisitCode.ended_at.is_(None)
    organisation_id = session.scalar(select(VisitCode.organisation_id).where(*live))
    claim = (
        update(VisitCode)
        .where(*live)
        .values(ended_at=now, end_reason=reason)
        .execution_options(synchronize_session="fetch")
    )
    if claims.changed(session, claim):
        _audit(session, organisation_id, visit_id, f"visit_code.{reason}", now)


def doorstep_words(
    session: Session, organisation_id: UUID, visit_ids: Collection[UUID]
) -> Mapping[UUID, doorstep.Word]:
    """The word that the visitor's phone shows, by visit; none without a live code."""
    query = select(VisitCode.visit_id, VisitCode.doorstep_word).where(
        VisitCode.organisation_id == organisation_id,
        VisitCode.visit_id.in_(visit_ids),
        VisitCode.ended_at.is_(None),
    )
    return {visit_id: doorstep.spoken(key) for visit_id, key in session.execute(query)}


def _audit(
    session: Session,
    organisation_id: UUID | None,
    visit_id: UUID,
    action: str,
    now: datetime,
) -> None:
    audit.record(
        session,
        organisation_id=organisation_id,
        actor_id=None,
        action=action,
        subject="visits",
        subject_id=visit_id,
        now=now,
    )

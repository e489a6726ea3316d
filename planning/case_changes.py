"""The history of cases: what imports changed, and what stood there before."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from core.actor import Actor
from core.case_words import ChangeOf
from models import Case, CaseChange, bulk
from planning import cases
from planning.case_people import Cells


@dataclass(slots=True)
class Ledger:
    """Gathers the changes of one batch of one import."""

    organisation_id: UUID
    import_id: UUID
    now: datetime
    rows: list[bulk.Row[CaseChange]] = field(default_factory=list)

    def add(
        self,
        subject: ChangeOf,
        case_id: UUID,
        old: Cells,
        *,
        borrower_id: UUID | None = None,
        place_id: UUID | None = None,
    ) -> None:
        """``old`` are the values before, by column; nothing changed, nothing kept."""
        if not old:
            return
        row = bulk.row(
            CaseChange,
            organisation_id=self.organisation_id,
            case_id=case_id,
            borrower_id=borrower_id,
            place_id=place_id,
            import_id=self.import_id,
            subject=subject,
            columns=list(old),
            old=old,
            changed_at=self.now,
        )
        self.rows.append(row)

    def store(self, session: Session) -> None:
        """Insert what was gathered, after the rows that it names."""
        session.flush()
        bulk.add(session, CaseChange, self.rows)


def page(
    session: Session, actor: Actor, case_id: UUID, *, after: UUID | None, limit: int
) -> Sequence[CaseChange]:
    """Oldest first; what another of his cases said anew of the borrower is among it.

    ``NotFound`` for another organisation's case.
    """
    case: Case = cases.get(session, actor, case_id)
    about = or_(
        CaseChange.case_id == case.id,
        and_(
            CaseChange.borrower_id == case.borrower_id,
            CaseChange.subject == ChangeOf.BORROWER,
        ),
    )
    query = select(CaseChange).where(
        CaseChange.organisation_id == actor.organisation_id, about
    )
    if after is not None:
        query = query.where(CaseChange.id > after)
    return session.scalars(query.order_by(CaseChange.id).limit(limit)).all()

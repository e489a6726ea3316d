"""Who was erased: nothing is written about him any more, and nobody turns to him."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.errors import Conflict
from models import Borrower, Case


def is_one(session: Session, case: Case) -> bool:
    """The case's borrower was erased; as the database has it now."""
    query = select(Borrower.erased_at).where(
        Borrower.organisation_id == case.organisation_id,
        Borrower.id == case.borrower_id,
    )
    return session.scalar(query) is not None


def refuse(session: Session, case: Case) -> None:
    """``Conflict`` for an erased borrower's case; the caller holds the case's row."""
    if is_one(session, case):
        raise Conflict(
            "The borrower of this case was erased: nothing is stored about him."
        )

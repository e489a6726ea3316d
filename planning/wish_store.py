"""Wishes of imported cases: what the file says about a case replaces what stood."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Case, Wish
from planning.case_rows import CaseFacts


def store(
    session: Session, cases: Sequence[tuple[Case, CaseFacts]], *, now: datetime
) -> None:
    """Write the wishes of stored cases; unchanged ones keep their row and its date."""
    known = _known(session, [case for case, _ in cases])
    for case, facts in cases:
        wanted = _wanted(facts)
        for wish in known[case.id]:
            if (
                wanted.get(wish.kind) == wish.spans
                and wish.borrower_id == case.borrower_id
            ):
                del wanted[wish.kind]
            else:
                session.delete(wish)
        for kind, spans in wanted.items():
            session.add(_new(case, kind, spans, now=now))
    session.flush()


def _known(session: Session, cases: Sequence[Case]) -> dict[UUID, list[Wish]]:
    query = select(Wish).where(
        Wish.organisation_id == cases[0].organisation_id,
        Wish.case_id.in_([case.id for case in cases]),
    )
    by_case: dict[UUID, list[Wish]] = defaultdict(list)
    for wish in session.scalars(query):
        by_case[wish.case_id].append(wish)
    return by_case


def _wanted(facts: CaseFacts) -> dict[str, list[object]]:
    both = {"only": facts.wish_only, "avoid": facts.wish_avoid}
    return {
        kind: [list(span) for span in spans] for kind, spans in both.items() if spans
    }


def _new(case: Case, kind: str, spans: list[object], *, now: datetime) -> Wish:
    return Wish(
        organisation_id=case.organisation_id,
        borrower_id=case.borrower_id,
        case_id=case.id,
        kind=kind,
        spans=spans,
        recorded_at=now,
    )

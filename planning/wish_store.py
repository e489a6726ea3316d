"""Wishes of imported cases: what the file says about a case replaces what stood."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Case, Wish, bulk
from planning.case_people import Cells
from planning.case_rows import CaseFacts

COLUMNS = {"only": "wish_only", "avoid": "wish_avoid"}


def known(session: Session, cases: Sequence[Case]) -> dict[UUID, list[Wish]]:
    """The wishes of stored cases."""
    query = select(Wish).where(
        Wish.organisation_id == cases[0].organisation_id,
        bulk.among(session, Wish.case_id, [case.id for case in cases]),
    )
    by_case: dict[UUID, list[Wish]] = defaultdict(list)
    for wish in session.scalars(query):
        by_case[wish.case_id].append(wish)
    return by_case


def cells(wishes: Sequence[Wish]) -> Cells:
    """What stands, by column of the file."""
    found = {COLUMNS[wish.kind]: wish.spans for wish in wishes}
    return {column: found.get(column, []) for column in COLUMNS.values()}


def said(facts: CaseFacts) -> Cells:
    """What the file says, by its columns."""
    both = {"wish_only": facts.wish_only, "wish_avoid": facts.wish_avoid}
    return {column: [list(span) for span in spans] for column, spans in both.items()}


def new(
    organisation_id: UUID,
    case_id: UUID,
    borrower_id: UUID,
    facts: CaseFacts,
    *,
    now: datetime,
) -> list[bulk.Row[Wish]]:
    """The rows of a case that has none."""
    spoken = said(facts)
    return [
        bulk.row(
            Wish,
            organisation_id=organisation_id,
            borrower_id=borrower_id,
            case_id=case_id,
            kind=kind,
            spans=spoken[column],
            recorded_at=now,
        )
        for kind, column in COLUMNS.items()
        if spoken[column]
    ]


def replace(
    session: Session,
    case: Case,
    facts: CaseFacts,
    stands: Sequence[Wish],
    *,
    now: datetime,
) -> None:
    """Write the wishes of a case; unchanged ones keep their row and its date."""
    owner = (case.organisation_id, case.id, case.borrower_id)
    wanted = {row.values["kind"]: row for row in new(*owner, facts, now=now)}
    for wish in stands:
        other = wanted.get(wish.kind)
        if other is not None and _same(wish, other):
            del wanted[wish.kind]
        else:
            session.delete(wish)
    bulk.add(session, Wish, list(wanted.values()))


def _same(wish: Wish, other: bulk.Row[Wish]) -> bool:
    said = (other.values["spans"], other.values["borrower_id"])
    return (wish.spans, wish.borrower_id) == said

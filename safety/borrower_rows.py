"""Which rows of which table are about one borrower."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, or_, select

from contact.clearances import TO_BORROWERS
from models import (
    AccessRecord,
    Borrower,
    BorrowerHold,
    Case,
    CaseChange,
    Consent,
    Contact,
    Message,
    Payment,
    Place,
    Receipt,
    Verification,
    Visit,
    VisitCode,
    Visitor,
    VisitTransition,
    Watch,
    WatchEvent,
    Wish,
)


@dataclass(frozen=True, slots=True)
class Person:
    """One borrower of one organisation, and what hangs on him, as subqueries."""

    organisation_id: UUID
    borrower_id: UUID

    @property
    def cases(self) -> Select[UUID]:
        """His cases."""
        return select(Case.id).where(
            Case.organisation_id == self.organisation_id,
            Case.borrower_id == self.borrower_id,
        )

    @property
    def visits(self) -> Select[UUID]:
        """Visits to him, whatever became of them."""
        return select(Visit.id).where(Visit.case_id.in_(self.cases))


Of = Callable[[Person], ColumnElement[bool]]


def _case(model: Any) -> Of:
    return lambda one: model.case_id.in_(one.cases)


def _visit(model: Any) -> Of:
    return lambda one: model.visit_id.in_(one.visits)


def _borrower(model: Any) -> Of:
    return lambda one: model.borrower_id == one.borrower_id


def _changes(one: Person) -> ColumnElement[bool]:
    """What was said of him, and of his cases while they were his."""
    of_cases = and_(CaseChange.borrower_id.is_(None), CaseChange.case_id.in_(one.cases))
    return or_(CaseChange.borrower_id == one.borrower_id, of_cases)


def _messages(one: Person) -> ColumnElement[bool]:
    """Those to him; what our own people were told names neither him nor his door."""
    return and_(Message.kind.in_(TO_BORROWERS), Message.visit_id.in_(one.visits))


def _receipts(one: Person) -> ColumnElement[bool]:
    return Receipt.message_id.in_(select(Message.id).where(_messages(one)))


ROWS: Mapping[Any, Of] = {
    Borrower: lambda one: Borrower.id == one.borrower_id,
    Case: _borrower(Case),
    Place: _case(Place),
    CaseChange: _changes,
    Wish: _borrower(Wish),
    Consent: _case(Consent),
    BorrowerHold: _borrower(BorrowerHold),
    Visit: _case(Visit),
    Visitor: _visit(Visitor),
    VisitTransition: _visit(VisitTransition),
    VisitCode: _visit(VisitCode),
    Verification: _visit(Verification),
    Watch: _visit(Watch),
    WatchEvent: _visit(WatchEvent),
    Contact: _case(Contact),
    Message: _messages,
    Receipt: _receipts,
    Payment: _case(Payment),
    AccessRecord: _case(AccessRecord),
}


def of(model: Any, person: Person) -> ColumnElement[bool]:
    """The model's rows about him, of his organisation alone."""
    mine: ColumnElement[bool] = model.organisation_id == person.organisation_id
    return and_(mine, ROWS[model](person))

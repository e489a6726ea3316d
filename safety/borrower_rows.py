"""Which rows of which table are about one borrower."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, and_, or_, select

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
    PlaceMark,
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
from models.base import Tenant


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


# a check of a code that we never issued has no organisation
Rows = type[Tenant] | type[Verification]
Ids = SQLColumnExpression[UUID | None]
Of = Callable[[Person], ColumnElement[bool]]


def _case(column: Ids) -> Of:
    return lambda one: column.in_(one.cases)


def _visit(column: Ids) -> Of:
    return lambda one: column.in_(one.visits)


def _borrower(column: Ids) -> Of:
    return lambda one: column == one.borrower_id


def _changes(one: Person) -> ColumnElement[bool]:
    """What was said of him, and of his cases while they were his."""
    of_cases = and_(CaseChange.borrower_id.is_(None), CaseChange.case_id.in_(one.cases))
    return or_(CaseChange.borrower_id == one.borrower_id, of_cases)


def _messages(one: Person) -> ColumnElement[bool]:
    """Those to him; what our own people were told names neither him nor his door."""
    return and_(Message.kind.in_(TO_BORROWERS), Message.visit_id.in_(one.visits))


def _receipts(one: Person) -> ColumnElement[bool]:
    return Receipt.message_id.in_(select(Message.id).where(_messages(one)))


def _marks(one: Person) -> ColumnElement[bool]:
    """What his places are remembered for."""
    return PlaceMark.place_id.in_(select(Place.id).where(Place.case_id.in_(one.cases)))


ROWS: Mapping[type[object], Of] = {
    Borrower: lambda one: Borrower.id == one.borrower_id,
    Case: _borrower(Case.borrower_id),
    Place: _case(Place.case_id),
    PlaceMark: _marks,
    CaseChange: _changes,
    Wish: _borrower(Wish.borrower_id),
    Consent: _case(Consent.case_id),
    BorrowerHold: _borrower(BorrowerHold.borrower_id),
    Visit: _case(Visit.case_id),
    Visitor: _visit(Visitor.visit_id),
    VisitTransition: _visit(VisitTransition.visit_id),
    VisitCode: _visit(VisitCode.visit_id),
    Verification: _visit(Verification.visit_id),
    Watch: _visit(Watch.visit_id),
    WatchEvent: _visit(WatchEvent.visit_id),
    Contact: _case(Contact.case_id),
    Message: _messages,
    Receipt: _receipts,
    Payment: _case(Payment.case_id),
    AccessRecord: _case(AccessRecord.case_id),
}


def of(model: Rows, person: Person) -> ColumnElement[bool]:
    """The model's rows about him, of his organisation alone."""
    mine: ColumnElement[bool] = model.organisation_id == person.organisation_id
    return and_(mine, ROWS[model](person))

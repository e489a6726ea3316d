"""The contact ledger: entered, concluded, read in order, kept apart by tenant."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from core.errors import NotFound
from core.instants import Interval
from core.words import Channel, ContactKind, Outcome, Role
from gate import decisions, ledger
from models import Borrower, Case, Contact, User, Visit
from tests.support.clock import FakeClock
from tests.support.make import Make


class Door:
    """A visit by two collectors, each with his row in the ledger."""

    def __init__(self, session: Session, make: Make, clock: FakeClock) -> None:
        self.session, self.clock = session, clock
        organisation = make.organisation()
        self.case: Case = make.case(organisation)
        place = make.place(self.case)
        self.users: list[User] = [
            make.user(organisation, Role.COLLECTOR) for _ in range(2)
        ]
        self.visit: Visit = make.visit(place, self.users)
        self.decision = decisions.decide(
            session,
            organisation_id=organisation.id,
            case_id=self.case.id,
            place_id=place.id,
            channel=Channel.VISIT,
            interval=Interval(self.visit.planned_start, self.visit.planned_end),
            people=2,
            now=clock.now(),
        )
        self.rows = [self.record(user) for user in self.users]

    def record(self, user: User) -> Contact:
        return ledger.record(
            self.session,
            case=self.case,
            channel=Channel.VISIT,
            kind=ContactKind.ATTEMPT,
            at=self.clock.now(),
            decision=self.decision,
            source="check_in",
            visit_id=self.visit.id,
            user_id=user.id,
        )

    def conclude(self, outcome: Outcome) -> bool:
        return ledger.conclude(
            self.session,
            organisation_id=self.case.organisation_id,
            visit_id=self.visit.id,
            user_id=self.users[0].id,
            outcome=outcome,
        )


@pytest.fixture
def door(session: Session, make: Make, clock: FakeClock) -> Door:
    return Door(session, make, clock)


def test_a_row_carries_the_decision_and_the_creditors_references(
    door: Door, session: Session
) -> None:
    row = door.rows[0]
    session.expire(row)
    borrower = session.get_one(Borrower, door.case.borrower_id)
    assert row.decision == door.decision.as_json()
    assert row.debtor_ref_digest == borrower.debtor_ref_digest
    assert row.debt_ref_digest == door.case.debt_ref_digest
    assert row.creditor_id == door.case.creditor_id
    assert row.organisation_id == door.case.organisation_id
    assert (row.kind, row.at) == (ContactKind.ATTEMPT, door.clock.now())


def test_a_stored_decision_is_taken_as_it_is(door: Door, session: Session) -> None:
    row = ledger.record(
        session,
        case=door.case,
        channel=Channel.NOTICE,
        kind=ContactKind.ATTEMPT,
        at=door.clock.now(),
        decision={"allowed": True},
        source="notice",
    )
    session.expire(row)
    assert row.decision == {"allowed": True}
    assert row.visit_id is None


@pytest.mark.parametrize(
    ("outcome", "kind"),
    [
        (Outcome.BORROWER_MET, ContactKind.CONTACT),
        (Outcome.OTHER_PERSON, ContactKind.CONTACT),
        (Outcome.REFUSED, ContactKind.CONTACT),
        (Outcome.NOBODY, ContactKind.ATTEMPT),
        (Outcome.WRONG_ADDRESS, ContactKind.ATTEMPT),
        (Outcome.WITHDREW_UNSAFE, ContactKind.ATTEMPT),
    ],
)
def test_an_outcome_is_written_into_the_visitors_own_row(
    door: Door, session: Session, outcome: Outcome, kind: ContactKind
) -> None:
    assert door.conclude(outcome)
    session.expire_all()
    his, partners = door.rows
    assert (his.outcome, his.kind) == (outcome, kind)
    assert (partners.outcome, partners.kind) == (None, ContactKind.ATTEMPT)


def test_without_a_row_there_is_nothing_to_conclude(
    door: Door, session: Session
) -> None:
    session.delete(door.rows[0])
    session.flush()
    assert not door.conclude(Outcome.NOBODY)


def test_another_organisation_concludes_nothing(
    door: Door, session: Session, make: Make
) -> None:
    done = ledger.conclude(
        session,
        organisation_id=make.organisation().id,
        visit_id=door.visit.id,
        user_id=door.users[0].id,
        outcome=Outcome.BORROWER_MET,
    )
    session.expire_all()
    assert not done
    assert door.rows[0].outcome is None


def test_pages_go_from_the_oldest_to_the_newest(
    door: Door, session: Session, make: Make
) -> None:
    actor = make.actor(door.users[0])
    door.clock.forward(minutes=1)
    door.rows.append(door.record(door.users[0]))
    wanted = sorted(door.rows, key=lambda row: row.id)
    first = ledger.page(session, actor, case_id=door.case.id, after=None, limit=2)
    rest = ledger.page(
        session, actor, case_id=door.case.id, after=first[-1].id, limit=2
    )
    assert [*first, *rest] == wanted
    assert rest[-1].at - first[0].at == timedelta(minutes=1)


def test_another_tenants_ledger_does_not_exist(
    door: Door, session: Session, make: Make
) -> None:
    stranger = make.actor(make.user(make.organisation(), Role.AUDITOR))
    with pytest.raises(NotFound):
        ledger.page(session, stranger, case_id=door.case.id, after=None, limit=2)

"""Visit codes: stored as digests, one live code for each visit."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from core import ids
from core.words import Role
from credentials import codes, visit_codes
from models import AuditRow, Visit, VisitCode
from tests.support.make import Make


@pytest.fixture
def visit(make: Make) -> Visit:
    """A published visit of one collector."""
    organisation = make.organisation()
    place = make.place(make.case(organisation))
    return make.visit(place, [make.user(organisation, Role.COLLECTOR)])


def test_an_issued_code_is_found_by_its_digest_and_stored_nowhere(
    session, visit, clock
):
    issued = visit_codes.issue(session, visit, now=clock.now())
    number = codes.parse(issued.letters)
    assert number == codes.parse(issued.digits)
    [row] = session.scalars(select(VisitCode))
    assert row.code_digest == visit_codes.digest(number)
    assert row.valid_from == clock.now()
    assert row.valid_to == visit.planned_end + timedelta(hours=12)
    stored = " ".join(str(value) for value in vars(row).values())
    assert issued.letters not in stored
    assert str(number) not in stored


def test_a_new_code_replaces_the_one_before(session, visit, clock):
    visit_codes.issue(session, visit, now=clock.now())
    later = clock.forward(minutes=1)
    visit_codes.issue(session, visit, now=later)
    old, new = session.scalars(select(VisitCode).order_by(VisitCode.id))
    assert (old.ended_at, old.end_reason) == (later, "replaced")
    assert new.ended_at is None


def test_ending_is_done_once_and_touches_no_other_visit(session, make, visit, clock):
    other = make.visit(make.place(make.case(make.organisation())), [])
    for one in (visit, other):
        visit_codes.issue(session, one, now=clock.now())
    ended = clock.now()
    visit_codes.end(session, visit.id, reason="cancelled", now=ended)
    visit_codes.end(session, visit.id, reason="ended", now=clock.forward(minutes=5))
    rows = {row.visit_id: row for row in session.scalars(select(VisitCode))}
    assert (rows[visit.id].ended_at, rows[visit.id].end_reason) == (ended, "cancelled")
    assert rows[other.id].ended_at is None
    acts = session.scalars(select(AuditRow.action).order_by(AuditRow.id)).all()
    assert acts == ["visit_code.issued", "visit_code.issued", "visit_code.cancelled"]


def test_the_doorstep_word_is_known_while_the_code_lives(session, visit, clock):
    def words(organisation_id):
        return visit_codes.doorstep_words(session, organisation_id, [visit.id])

    ours = visit.organisation_id
    assert words(ours) == {}
    issued = visit_codes.issue(session, visit, now=clock.now())
    assert words(ours) == {visit.id: issued.doorstep_word}
    assert words(ids.new()) == {}
    visit_codes.end(session, visit.id, reason="ended", now=clock.now())
    assert words(ours) == {}


def test_a_code_lost_with_its_transaction_leaves_nothing(session, visit, clock):
    session.commit()
    visit_codes.issue(session, visit, now=clock.now())
    session.rollback()
    assert session.scalars(select(VisitCode)).all() == []

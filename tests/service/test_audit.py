"""Audit rows: written with the deed, gone with it, and only plain facts inside."""

from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import func, select

from accounts import audit
from core import ids
from core.words import Role
from models import AuditPending, AuditRow, Organisation
from tests.support.make import Make


def record(make: Make, organisation: Organisation, **detail: object) -> None:
    audit.record(
        make.session,
        organisation_id=organisation.id,
        actor_id=None,
        action="badge.suspended",
        subject="badges",
        subject_id=SUBJECT,
        now=make.clock.now(),
        **detail,
    )


SUBJECT = ids.new()


def test_a_row_holds_the_facts_in_their_json_form_and_is_queued(make: Make):
    organisation = make.organisation()
    other = ids.new()
    record(
        make,
        organisation,
        role=Role.AUDITOR,
        number=3,
        ratio=0.5,
        nothing=None,
        told=[other, True],
        until=make.clock.now(),
    )
    make.session.commit()
    row = make.session.scalars(select(AuditRow)).one()
    assert (row.organisation_id, row.subject_id) == (organisation.id, SUBJECT)
    assert (row.at, row.action, row.subject) == (
        make.clock.now(),
        "badge.suspended",
        "badges",
    )
    assert row.detail == {
        "role": "auditor",
        "number": 3,
        "ratio": 0.5,
        "nothing": None,
        "told": [str(other), True],
        "until": "2026-11-24T02:00:00+00:00",
    }
    assert make.session.scalars(select(AuditPending.audit_id)).all() == [row.id]


@pytest.mark.parametrize("value", [b"x", {"a": 1}, Decimal(1), object(), [b"x"], {1}])
def test_anything_but_plain_facts_is_refused(make: Make, value: object):
    with pytest.raises(TypeError, match="cannot hold"):
        record(make, make.organisation(), value=value)


def test_a_deed_that_is_rolled_back_leaves_no_row(make: Make):
    organisation = make.organisation()
    make.session.commit()
    record(make, organisation)
    make.session.rollback()
    assert make.session.scalar(select(func.count()).select_from(AuditRow)) == 0
    assert make.session.scalar(select(func.count()).select_from(AuditPending)) == 0


def test_recording_leaves_rows_in_the_making_alone(make: Make):
    organisation = make.organisation()
    unfinished = Organisation(slug="unfinished")
    make.session.add(unfinished)
    with make.session.no_autoflush:
        record(make, organisation)
    assert unfinished in make.session.new


def test_pages_follow_each_other_within_the_own_organisation(make: Make):
    ours, theirs = make.organisation(), make.organisation()
    for number in range(5):
        record(make, ours, number=number)
        record(make, theirs, number=100 + number)
    auditor = make.actor(make.user(ours, Role.AUDITOR))
    seen: list[object] = []
    after: UUID | None = None
    while rows := audit.page(make.session, auditor, after=after, limit=2):
        assert len(rows) <= 2
        seen += [row.detail["number"] for row in rows]
        after = rows[-1].id
    assert seen == [0, 1, 2, 3, 4]


def test_a_page_can_tell_of_one_row_only(make: Make):
    organisation = make.organisation()
    record(make, organisation)
    auditor = make.actor(make.user(organisation, Role.AUDITOR))
    found = audit.page(make.session, auditor, after=None, limit=9, subject_id=SUBJECT)
    assert len(found) == 1
    nothing = audit.page(
        make.session, auditor, after=None, limit=9, subject_id=ids.new()
    )
    assert list(nothing) == []

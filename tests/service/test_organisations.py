"""Organisations: created with defaults, changed only within protective bounds."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts import organisations
from core import ids
from core.actor import Actor
from core.errors import Conflict, Invalid, NotFound
from core.words import Role
from models import AuditRow, Organisation
from tests.support.clock import FakeClock
from tests.support.make import Make


def create(session: Session, clock: FakeClock, **other: object) -> Organisation:
    facts: dict[str, object] = {
        "slug": "westlake",
        "name": "Westlake Agency",
        "public_name": "西湖上门服务",
        "country": "CN",
        "fallback_phones": ["0571-8888 0000", "+8657188880000", "138 0000 0001"],
        "emergency_phone": "110",
        "now": clock.now(),
    }
    return organisations.create(session, **{**facts, **other})  # type: ignore[arg-type]


def test_a_new_organisation_has_the_defaults(session: Session, clock: FakeClock):
    made = create(session, clock)
    session.commit()
    session.refresh(made)
    assert made.fallback_phones == ["+8657188880000", "+8613800000001"]
    assert (made.fence_m, made.visit_length_s) == (300, 1800)
    assert (made.leave_now_s, made.extension_max_s) == (600, 1800)
    written = session.scalars(select(AuditRow)).one()
    assert (written.action, written.subject_id) == ("organisation.created", made.id)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("slug", "W"),
        ("slug", "west lake"),
        ("slug", "West"),
        ("slug", "w\n"),
        ("slug", "x" * 41),
        ("name", "  "),
        ("name", "x" * 121),
        ("name", "two\nlines"),
        ("public_name", ""),
        ("public_name", "Westlake Debt Recovery"),
        ("public_name", "西湖催收"),
        ("country", "cn"),
        ("country", "XX"),
        ("fallback_phones", []),
        ("fallback_phones", ["110"]),
        ("fallback_phones", ["+8657188880000"] * 6),
        ("emergency_phone", "+110"),
        ("emergency_phone", ""),
    ],
)
def test_wrong_facts_are_refused_by_name(
    session: Session, clock: FakeClock, field: str, value: object
):
    with pytest.raises(Invalid) as caught:
        create(session, clock, **{field: value})
    assert list(caught.value.fields) == [field]
    assert session.scalars(select(Organisation)).first() is None


def test_a_taken_slug_is_a_conflict_and_spoils_nothing(
    session: Session, clock: FakeClock
):
    first = create(session, clock)
    with pytest.raises(Conflict):
        create(session, clock, name="Another")
    session.commit()
    assert session.scalars(select(Organisation)).all() == [first]


def admin_of(make: Make, organisation: Organisation) -> Actor:
    return make.actor(make.user(organisation, Role.ADMIN))


def test_each_sees_his_own_organisation_only(make: Make):
    ours, theirs = make.organisation(), make.organisation()
    assert organisations.get(make.session, admin_of(make, ours)) is ours
    assert organisations.get(make.session, admin_of(make, theirs)) is theirs
    with pytest.raises(NotFound):
        organisations.get(make.session, Actor(ids.new(), ids.new(), Role.ADMIN))


def test_settings_change_and_the_change_is_on_record(make: Make):
    ours = make.organisation()
    admin = admin_of(make, ours)
    changes: dict[str, object] = {
        "fence_m": 500,
        "visit_length_s": 1800,  # as it is
        "public_name": "Westlake Visits",
        "fallback_phones": ["0571-8888 0001"],
        "emergency_phone": "112",
    }
    organisations.update(make.session, admin, changes=changes, now=make.clock.now())
    make.session.commit()
    make.session.refresh(ours)
    assert (ours.fence_m, ours.public_name) == (500, "Westlake Visits")
    assert ours.fallback_phones == ["+8657188880001"]
    assert ours.emergency_phone == "112"
    row = make.session.scalars(select(AuditRow)).one()
    assert (row.action, row.actor_id) == ("organisation.changed", admin.user_id)
    assert row.detail == {
        "fields": ["fence_m", "public_name", "fallback_phones", "emergency_phone"],
        "fence_m": [300, 500],
    }


def test_a_change_to_what_is_already_so_leaves_no_record(make: Make):
    admin = admin_of(make, make.organisation())
    now = make.clock.now()
    organisations.update(make.session, admin, changes={"fence_m": 300}, now=now)
    assert make.session.scalars(select(AuditRow)).all() == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("fence_m", 49),
        ("fence_m", 5001),
        ("fence_m", None),
        ("fence_m", "300"),
        ("fence_m", 300.0),
        ("visit_length_s", 4),
        ("visit_length_s", 14401),
        ("visit_length_s", True),
        ("leave_now_s", 0),
        ("leave_now_s", 601),
        ("extension_max_s", 3601),
        ("fallback_phones", []),
        ("fallback_phones", None),
        ("fallback_phones", [None]),
        ("emergency_phone", ""),
        ("public_name", "Loan Desk"),
        ("slug", "other"),
        ("created_at", 5),
    ],
)
def test_no_change_switches_a_protection_off(make: Make, field: str, value: object):
    ours = make.organisation()
    admin = admin_of(make, ours)
    changes = {"emergency_phone": "999", field: value}
    with pytest.raises(Invalid) as caught:
        organisations.update(make.session, admin, changes=changes, now=make.clock.now())
    assert list(caught.value.fields) == [field]
    assert ours.emergency_phone == "110"


@pytest.mark.parametrize("name", organisations.BOUNDS)
def test_the_bounds_themselves_are_taken_by_the_database_too(make: Make, name: str):
    ours = make.organisation()
    admin = admin_of(make, ours)
    for value in organisations.BOUNDS[name]:
        organisations.update(
            make.session, admin, changes={name: value}, now=make.clock.now()
        )
        make.session.refresh(ours)
        assert getattr(ours, name) == value

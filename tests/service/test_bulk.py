"""Many rows at once: stored as one by one, refused as one by one."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core.words import PlaceKind
from models import Case, Place, Wish, bulk
from tests.support.make import Make

AWKWARD = "tab\t newline\n back\\slash \\N ' \" 村委会"


def facts(case: Case) -> dict[str, object]:
    """A place with every kind of cell: text, bool, JSON, sealed, NULL."""
    return {
        "organisation_id": case.organisation_id,
        "case_id": case.id,
        "external_id": AWKWARD[:64],
        "kind": PlaceKind.HOME,
        "is_public": True,
        "address": AWKWARD,
        "position": None,
        "datum": "wgs84",
        "country": "CN",
        "region": None,
        "time_zone": "Asia/Shanghai",
        "unschedulable": [{"code": AWKWARD}],
        "row_digest": None,
    }


def test_rows_come_back_as_they_went_in(session: Session, make: Make):
    case = make.case(make.organisation())
    wanted = facts(case)
    rows = [
        bulk.row(Place, **{**wanted, "external_id": f"{n}{AWKWARD}"}) for n in range(3)
    ]
    bulk.add(session, Place, rows)
    session.commit()
    query = select(Place).where(Place.id.in_([one.id for one in rows]))
    stored = session.scalars(query.order_by(Place.external_id)).all()
    for number, place in enumerate(stored):
        told = {name: getattr(place, name) for name in wanted}
        assert told == {**wanted, "external_id": f"{number}{AWKWARD}"}
    assert len(stored) == 3


def test_an_instant_keeps_its_microseconds(session: Session, make: Make):
    case = make.case(make.organisation())
    then = make.clock.now() + timedelta(microseconds=123_457)
    row = bulk.row(
        Wish,
        organisation_id=case.organisation_id,
        borrower_id=case.borrower_id,
        case_id=case.id,
        kind="only",
        spans=[[0, 60]],
        recorded_at=then,
    )
    bulk.add(session, Wish, [row])
    wish = session.get_one(Wish, row.id)
    assert (wish.recorded_at, wish.spans) == (then, [[0, 60]])


def test_what_the_database_refuses_is_refused_as_ever(session: Session, make: Make):
    case = make.case(make.organisation())
    twice = [bulk.row(Place, **facts(case)) for _ in range(2)]
    session.commit()
    with pytest.raises(IntegrityError):
        bulk.add(session, Place, twice)
    session.rollback()
    assert session.scalars(select(Place).where(Place.case_id == case.id)).all() == []


def test_nothing_stores_nothing(session: Session, make: Make):
    bulk.add(session, Place, [])
    assert session.scalars(select(Place)).all() == []


def test_a_default_that_no_copy_would_apply_is_asked_for(session: Session, make: Make):
    case = make.case(make.organisation())
    left_out = {name: cell for name, cell in facts(case).items() if name != "is_public"}
    with pytest.raises(KeyError, match="is_public"):
        bulk.add(session, Place, [bulk.row(Place, **left_out)])

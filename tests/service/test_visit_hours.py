"""Visit hours: lawful windows minus wishes, within a bounded span."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from core.errors import Invalid, NotFound
from core.instants import Interval
from core.words import PlaceKind, Role
from models import Wish
from planning import visit_hours

HANGZHOU = ZoneInfo("Asia/Shanghai")
TUESDAY = 24 * 60


@pytest.fixture
def case(make):
    """A case at a home in Hangzhou."""
    return make.case(make.organisation())


@pytest.fixture
def hours(session, make, clock, case):
    """Ask for the hours at a place, ``start`` to ``end`` days from now."""
    user = make.user(make.organisation(), Role.DISPATCHER,
                     organisation_id=case.organisation_id)  # fmt: skip
    actor = make.actor(user)

    def _hours(place, start=0.0, end=1.0, by=actor):
        now = clock.now()
        span = Interval(now + timedelta(days=start), now + timedelta(days=end))
        return visit_hours.of(
            session, by, case_id=case.id, place_id=place.id, span=span, now=now
        )

    return _hours


def local(windows):
    """Windows as local hours of the place."""
    return [
        tuple(f"{end.astimezone(HANGZHOU):%a %H:%M}" for end in (each.start, each.end))
        for each in windows
    ]


def test_hours_run_from_now_to_the_lawful_evening(make, case, hours):
    opening = hours(make.place(case), start=-0.4, end=0.6)
    ((start, end),) = local(opening.windows)
    assert start == "Tue 10:00"
    assert end in ("Tue 20:00", "Tue 21:00", "Tue 22:00")
    assert opening.refusals == ()


def test_wishes_are_taken_out(session, make, clock, case, hours):
    session.add(
        Wish(
            organisation_id=case.organisation_id,
            borrower_id=case.borrower_id,
            case_id=case.id,
            kind="avoid",
            spans=[[TUESDAY + 12 * 60, TUESDAY + 14 * 60]],
            recorded_at=clock.now(),
        )
    )
    session.flush()
    opening = hours(make.place(case), end=0.25)
    assert local(opening.windows) == [
        ("Tue 10:00", "Tue 12:00"),
        ("Tue 14:00", "Tue 16:00"),
    ]


def test_a_workplace_without_consent_has_no_hours_and_says_why(make, case, hours):
    opening = hours(make.place(case, PlaceKind.WORKPLACE))
    assert opening.windows == ()
    assert opening.refusals


@pytest.mark.parametrize(("start", "end"), [(-2, -1), (-1, 0), (0, 28.1)])
def test_a_span_that_is_over_or_too_long_is_invalid(make, case, hours, start, end):
    with pytest.raises(Invalid):
        hours(make.place(case), start, end)


def test_28_days_are_answered(make, case, hours):
    assert len(hours(make.place(case), end=28).windows) >= 28


def test_another_agency_does_not_learn_of_the_case(make, case, hours):
    other = make.actor(make.user(make.organisation(), Role.DISPATCHER))
    with pytest.raises(NotFound):
        hours(make.place(case), by=other)

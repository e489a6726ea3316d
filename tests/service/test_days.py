"""The collector's day: his own published stops and nobody else's."""

from datetime import timedelta

import pytest

from core.words import Language, PlaceKind, Role, VisitState
from models import Organisation
from planning import days
from planning.days import Partner

HOUR = timedelta(hours=1)


@pytest.fixture
def organisation(make):
    """An agency."""
    return make.organisation()


@pytest.fixture
def place(make, organisation):
    """A home in Hangzhou whose borrower speaks English."""
    return make.place(make.case(organisation, language=Language.EN))


@pytest.fixture
def pair(make, organisation):
    """Two collectors."""
    return [make.user(organisation, Role.COLLECTOR) for _ in range(2)]


@pytest.fixture
def day(session, make, clock):
    """The stops of a collector's day."""
    return lambda user: days.of(session, make.actor(user), now=clock.now())


def test_a_stop_says_what_to_know_at_the_door(session, make, place, pair, day):
    visit = make.visit(place, pair)
    visit.obligations = [{"rule_id": "CN-REC-1", "stage": "door"}]
    session.flush()
    session.expire_all()
    (stop,) = day(pair[0])
    assert (stop.visit_id, stop.state) == (visit.id, VisitState.PUBLISHED)
    assert stop.place_kind is PlaceKind.HOME
    assert stop.address == "西湖区某路1号"
    assert (stop.lon, stop.lat) == (120.1551, 30.2741)
    assert stop.time_zone == "Asia/Shanghai"
    assert stop.borrower_name.startswith("李")
    assert stop.language is Language.EN
    assert stop.partners == [Partner(pair[1].id, pair[1].name)]
    assert stop.obligations == [{"rule_id": "CN-REC-1", "stage": "door"}]


def test_the_badge_is_the_collectors_own(session, make, place, pair, day):
    visit = make.visit(place, pair)
    session.refresh(visit, ["visitors"])
    badges = {each.user_id: each.badge_id for each in visit.visitors}
    for collector in pair:
        (stop,) = day(collector)
        assert stop.badge_id == badges[collector.id]


def test_the_phone_of_the_borrower_is_not_told():
    assert not any("phone" in name for name in days.DayVisit.__dataclass_fields__)


@pytest.mark.parametrize("state", VisitState)
def test_only_published_and_running_visits_are_shown(make, place, pair, day, state):
    make.visit(place, pair, state=state)
    shown = day(pair[0])
    running = state in (VisitState.PUBLISHED, VisitState.UNDER_WAY)
    assert len(shown) == (1 if running else 0)


def test_the_day_reaches_12_hours_back_and_24_ahead(make, place, pair, day):
    for hours in (-13, 24):
        make.visit(place, pair, starts_in=hours * HOUR)
    shown = [
        make.visit(place, pair, starts_in=hours * HOUR).id for hours in (-12.5, 0, 23)
    ]
    assert [stop.visit_id for stop in day(pair[0])] == shown


def test_stops_come_in_order_of_time(make, place, pair, day):
    late = make.visit(place, pair, starts_in=3 * HOUR)
    early = make.visit(place, pair, starts_in=1 * HOUR)
    stops = day(pair[0])
    assert [stop.visit_id for stop in stops] == [early.id, late.id]


def test_a_collector_sees_neither_others_visits_nor_those_he_was_taken_off(
    session, make, place, pair, day
):
    visit = make.visit(place, pair)
    organisation = session.get_one(Organisation, place.organisation_id)
    other = make.user(organisation, Role.COLLECTOR)
    assert day(other) == []
    session.refresh(visit, ["visitors"])
    off = next(each for each in visit.visitors if each.user_id == pair[0].id)
    off.active = False
    session.flush()
    assert day(pair[0]) == []
    (stop,) = day(pair[1])
    assert stop.partners == []

"""Who is asked to help: able, near, and not in danger himself (promise 8)."""

from datetime import timedelta

import pytest

from core.geo import Position
from core.words import AlertKind, Role, UserState
from models import Alert, User
from safety import colleagues
from tests.support.make import HANGZHOU
from tests.support.street import Street


def east_of_the_door(kilometres: float) -> Position:
    return Position(HANGZHOU.lon + kilometres * 0.0104, HANGZHOU.lat)


@pytest.fixture
def alert(street: Street) -> Alert:
    """Chen's due has passed; Wu is his partner, Zhou is at home and off duty."""
    street.zhou.on_duty_since = None
    street.phone(street.chen).check_in(street.visit)
    street.forward(minutes=30)
    return street.alerts()[0]


def colleague(street: Street, kilometres: float | None, **values: object) -> User:
    """A collector on duty who has a stop so far from the door just now."""
    user = street.make.user(street.organisation, Role.COLLECTOR, **values)
    if kilometres is not None:
        there = street.make.place(street.case, position=east_of_the_door(kilometres))
        street.make.visit(
            there,
            [user],
            starts_in=timedelta(minutes=-5),
            length=timedelta(minutes=50),
        )
    return user


def asked(
    street: Street, alert: Alert, *, count: int = 2, within_m: int | None = None
) -> list[User]:
    return colleagues.nearest_able(
        street.session,
        alert,
        leave_out=[],
        count=count,
        within_m=within_m,
        now=street.make.clock.now(),
    )


def test_the_two_nearest_are_asked(street: Street, alert: Alert):
    far, near, nearer = (colleague(street, km) for km in (9, 3, 1))
    assert asked(street, alert) == [nearer, near]
    assert far not in asked(street, alert)


def test_so_many_are_asked_as_the_step_says_and_none_who_is_too_far(
    street: Street, alert: Alert
):
    far, near, nearer = (colleague(street, km) for km in (9, 3, 1))
    lost = colleague(street, None)
    assert asked(street, alert, count=1) == [nearer]
    assert asked(street, alert, count=9) == [nearer, near, far, lost]
    assert asked(street, alert, count=9, within_m=4000) == [nearer, near, lost]
    assert asked(street, alert, count=2, within_m=2000) == [nearer, lost]


def test_one_of_whom_nothing_is_known_comes_last(street: Street, alert: Alert):
    lost, near = colleague(street, None), colleague(street, 5)
    assert asked(street, alert) == [near, lost]


def test_the_last_check_in_serves_where_no_stop_is_planned(
    street: Street, alert: Alert
):
    near, walker = colleague(street, 5), colleague(street, None)
    there = street.make.place(street.case, position=east_of_the_door(1))
    done = street.make.visit(there, [walker], starts_in=timedelta(hours=-3))
    phone = street.phone(walker)
    phone.check_in(done, position=east_of_the_door(1))
    phone.check_out(done)
    assert asked(street, alert) == [walker, near]


@pytest.mark.parametrize(
    "values",
    [
        {"on_duty_since": None},
        {"phone": None},
        {"state": UserState.SUSPENDED},
        {"role": Role.DISPATCHER},
    ],
    ids=["off duty", "no phone", "suspended", "not a collector"],
)
def test_who_is_not_able_is_not_asked(
    street: Street, alert: Alert, values: dict[str, object]
):
    role = values.get("role", Role.COLLECTOR)
    rest = {name: value for name, value in values.items() if name != "role"}
    street.make.user(street.organisation, role, **rest)  # type: ignore[arg-type]
    assert asked(street, alert) == []


def test_who_is_at_a_door_himself_is_not_asked(street: Street, alert: Alert):
    busy = colleague(street, 1)
    there = street.make.place(street.case)
    street.phone(busy).check_in(
        street.make.visit(there, [busy], starts_in=timedelta(hours=5))
    )
    assert asked(street, alert) == []


def test_who_has_an_open_alert_is_not_asked(street: Street, alert: Alert):
    endangered = colleague(street, 1)
    street.phone(endangered).sos()
    assert len(street.alerts(AlertKind.SOS)) == 1
    assert asked(street, alert) == []


def test_a_neighbouring_organisation_is_not_asked(street: Street, alert: Alert):
    street.make.user(street.make.organisation(), Role.COLLECTOR)
    assert asked(street, alert) == []


def test_nearest_agrees_with_brute_force(street: Street, alert: Alert):
    found = [colleague(street, km) for km in (7, 2, 8, 1, 6, 3, 5, 4)]
    assert asked(street, alert) == [found[3], found[1]]

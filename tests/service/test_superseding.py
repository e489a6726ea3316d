"""A check-in elsewhere supersedes and never silences."""

from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.words import MessageKind, Role, WatchState
from models import Visit
from safety import closing, superseding, watches
from tests.support.phone import Phone
from tests.support.street import Street

LENGTH = timedelta(minutes=30)


def other_visit(street: Street) -> Visit:
    """A second visit of the same pair, an hour later, of two hours."""
    place = street.make.place(street.make.case(street.organisation))
    return street.make.visit(
        place,
        [street.chen, street.wu],
        starts_in=timedelta(hours=2),
        length=timedelta(hours=2),
    )


def test_the_newer_watch_carries_the_earlier_due(street: Street):
    phone, elsewhere = street.phone(street.chen), other_visit(street)
    phone.check_in(street.visit)
    first_due = street.watch(street.chen).due_at
    street.make.clock.forward(minutes=10)
    phone.check_in(elsewhere)
    assert street.watch(street.chen).state is WatchState.SUPERSEDED
    newer = street.watch(street.chen, elsewhere)
    assert newer.due_at == first_due
    assert newer.own_due_at == street.make.clock.now() + timedelta(hours=2)
    assert street.told(MessageKind.DISPATCHER_NOTE) == [street.dispatcher]


def test_the_pin_for_the_older_gives_the_newer_its_own_due(street: Street):
    phone, elsewhere = street.phone(street.chen), other_visit(street)
    phone.check_in(street.visit)
    phone.check_in(elsewhere)
    phone.check_out(street.visit)
    assert street.watch(street.chen).state is WatchState.CLOSED
    newer = street.watch(street.chen, elsewhere)
    assert newer.due_at == newer.own_due_at


def test_the_pin_for_the_newer_ends_the_older_too(street: Street):
    phone, elsewhere = street.phone(street.chen), other_visit(street)
    phone.check_in(street.visit)
    phone.check_in(elsewhere)
    phone.check_out(elsewhere)
    assert street.watch(street.chen).state is WatchState.CLOSED
    assert street.watch(street.chen, elsewhere).state is WatchState.CLOSED


def test_a_wrong_pin_gives_back_nothing(street: Street):
    phone, elsewhere = street.phone(street.chen), other_visit(street)
    phone.check_in(street.visit)
    first_due = street.watch(street.chen).due_at
    phone.check_in(elsewhere)
    phone.check_out(elsewhere, pin="9999")
    assert street.watch(street.chen, elsewhere).due_at == first_due


def test_an_alert_open_on_the_older_stays_open(street: Street):
    phone, elsewhere = street.phone(street.chen), other_visit(street)
    phone.check_in(street.visit)
    street.forward(minutes=31)
    assert len(street.alerts()) == 1
    phone.check_in(elsewhere)
    street.forward(seconds=1)
    [alert] = street.alerts()
    assert alert.closed_at is None
    assert alert.next_action_at is not None
    assert street.watch(street.chen, elsewhere).state is WatchState.ARMED


def test_the_earlier_due_fires_on_the_newer_watch(street: Street):
    phone, elsewhere = street.phone(street.chen), other_visit(street)
    phone.check_in(street.visit)
    phone.check_in(elsewhere)
    street.forward(minutes=30)
    [alert] = street.alerts()
    assert alert.watch_id == street.watch(street.chen, elsewhere).id


def test_back_at_the_first_door_a_third_watch_keeps_the_earliest_due(street: Street):
    phone, elsewhere = street.phone(street.chen), other_visit(street)
    phone.check_in(street.visit)
    first_due = street.watch(street.chen).due_at
    phone.check_in(elsewhere)
    street.make.clock.forward(minutes=5)
    phone.check_in(street.visit)
    assert street.watch(street.chen).due_at == first_due
    assert street.watch(street.chen).state is WatchState.ARMED
    assert street.watch(street.chen, elsewhere).state is WatchState.SUPERSEDED


def late_check_in(street: Street, minutes: int, **more: object) -> dict[str, object]:
    """A check-in at the first door that was queued so many minutes ago."""
    ago = timedelta(minutes=minutes)
    return street.phone(street.chen).check_in(street.visit, ago=ago, **more)


def test_an_older_check_in_that_arrives_late_stands_behind(street: Street):
    phone, elsewhere = street.phone(street.chen), other_visit(street)
    street.make.clock.forward(minutes=20)
    phone.check_in(elsewhere)
    answer = late_check_in(street, 20)
    newer = street.watch(street.chen, elsewhere)
    assert street.watch(street.chen).state is WatchState.SUPERSEDED
    assert newer.state is WatchState.ARMED
    assert newer.due_at == street.watch(street.chen).own_due_at
    assert answer["watch"]["id"] == str(newer.id)  # type: ignore[index]
    assert answer["watch"]["watched"] is True  # type: ignore[index]


def test_its_late_check_out_gives_the_newer_its_own_due_and_ends_its_alert(
    street: Street,
):
    phone, elsewhere = street.phone(street.chen), other_visit(street)
    street.make.clock.forward(minutes=60)
    phone.check_in(elsewhere)
    late_check_in(street, 60)  # fell due half an hour ago: the alert opens at once
    [alert] = street.alerts()
    newer = street.watch(street.chen, elsewhere)
    assert (newer.state, alert.watch_id) == (WatchState.OVERDUE, newer.id)
    phone.check_out(street.visit, ago=timedelta(minutes=40))
    newer = street.watch(street.chen, elsewhere)
    assert newer.state is WatchState.ARMED
    assert newer.due_at == newer.own_due_at
    assert street.alerts()[0].closed_at is not None


def test_closing_by_a_person_leaves_nothing_without_a_timer(street: Street):
    phone, elsewhere = street.phone(street.chen), other_visit(street)
    phone.check_in(street.visit)
    phone.check_in(elsewhere)
    street.forward(minutes=30)
    [alert] = street.alerts()
    officer, now = street.make.actor(street.officer), street.make.clock.now()
    closing.close(
        street.session, officer, alert.id, words="met him", rearm_s=None, now=now
    )
    assert street.watch(street.chen).state is WatchState.CLOSED
    assert street.watch(street.chen, elsewhere).state is WatchState.CLOSED


acts = st.lists(
    st.tuples(
        st.sampled_from(["in", "out", "wrong", "extend", "withdraw"]),
        st.integers(0, 2),
        st.integers(0, 50),
    ),
    max_size=9,
)


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(acts)
def test_whatever_happens_an_open_watch_has_a_timer_or_an_alert(street: Street, plan):
    collector = street.make.user(street.organisation, Role.COLLECTOR)
    phone = street.phone(collector)
    doors = [
        street.make.visit(
            street.make.place(street.case),
            [collector],
            starts_in=timedelta(days=day),
            length=timedelta(minutes=30 * (day + 1)),
        )
        for day in range(3)
    ]
    for what, door, minutes in plan:
        play(phone, doors[door], what, timedelta(minutes=minutes))
        street.forward(minutes=7)
        found = watches.not_closed(street.session, collector.id)
        running = [watch for watch in found if watch.state in superseding.RUNNING]
        assert len(running) == (1 if found else 0)
        overdue = [one for one in running if one.state is WatchState.OVERDUE]
        alerts = [one for one in street.alerts() if one.user_id == collector.id]
        still_open = {one.watch_id for one in alerts if one.closed_at is None}
        assert {one.id for one in overdue} <= still_open


def play(phone: Phone, door: Visit, what: str, ago: timedelta) -> None:
    """One act, queued so long ago."""
    match what:
        case "in":
            phone.check_in(door, ago=ago)
        case "out":
            phone.check_out(door, ago=ago)
        case "wrong":
            phone.check_out(door, ago=ago, pin="9999")
        case "extend":
            phone.extend(door, 600, ago=ago)
        case "withdraw":
            phone.withdraw(door, ago=ago)

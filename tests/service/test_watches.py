"""Check-in, extension, check-out, withdrawal: what they do to a watch."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from core import ids
from core.errors import Conflict, Invalid, NotFound
from core.geo import Position
from core.words import AlertKind, MessageKind, Outcome, Role, WatchState
from models import Alert, Contact, Watch, WatchEvent, WatchTransition
from safety import watch_loop
from safety.answers import Permission
from tests.support.make import HANGZHOU
from tests.support.phone import ALLOWED, REFUSED
from tests.support.street import Street

FAR = Position(120.2, 30.3)


def test_a_check_in_arms_a_watch_for_the_length_of_the_visit(street: Street):
    answer = street.phone(street.chen).check_in(street.visit)
    watch = street.watch(street.chen)
    assert watch.state is WatchState.ARMED
    assert watch.due_at == street.make.clock.now() + timedelta(minutes=30)
    assert answer["watch"]["watched"] is True
    assert answer["contact"] == "allowed"
    assert answer["fallback"] == street.organisation.fallback_phones


def test_each_visitor_has_an_own_watch(street: Street):
    street.phone(street.chen).check_in(street.visit)
    street.phone(street.wu).check_in(street.visit)
    street.phone(street.chen).check_out(street.visit)
    assert street.watch(street.chen).state is WatchState.CLOSED
    assert street.watch(street.wu).state is WatchState.ARMED


def test_a_refused_contact_is_watched_for_ten_minutes(street: Street):
    answer = street.phone(street.chen).check_in(street.visit, permission=REFUSED)
    watch = street.watch(street.chen)
    assert watch.due_at == street.make.clock.now() + timedelta(minutes=10)
    assert (answer["watch"]["watched"], answer["leave_now"]) == (True, True)
    assert answer["contact"] == "refused"
    assert answer["reasons"] == [{"rule_id": "CN-HRS-1"}]
    assert street.told(MessageKind.DISPATCHER_NOTE) == [street.dispatcher]


def test_a_due_is_cut_to_the_end_of_the_lawful_window(street: Street):
    end = street.make.clock.now() + timedelta(minutes=7)
    permission = Permission(allowed=True, window_end=end, decision={})
    street.phone(street.chen).check_in(street.visit, permission=permission)
    assert street.watch(street.chen).due_at == end


def test_somebody_who_was_not_sent_is_watched_and_told_to_leave(street: Street):
    answer = street.phone(street.zhou).check_in(street.visit)
    assert street.watch(street.zhou).state is WatchState.ARMED
    assert answer["contact"] == "refused"
    assert answer["reasons"][-1]["rule_id"] == "VISIT-ASSIGNED"


def test_a_repeated_event_gets_the_same_answer_and_changes_nothing(street: Street):
    phone, event_id = street.phone(street.chen), ids.new()
    first = phone.check_in(street.visit, event_id=event_id)
    street.make.session.commit()
    again = phone.check_in(street.visit, event_id=event_id)
    assert again == first
    assert street.session.scalar(select(func.count()).select_from(Watch)) == 1


def test_an_event_id_cannot_stand_for_two_acts(street: Street):
    phone, event_id = street.phone(street.chen), ids.new()
    phone.check_in(street.visit, event_id=event_id)
    with pytest.raises(Conflict, match="fresh one"):
        phone.check_out(street.visit, event_id=event_id)


def test_a_second_check_in_does_not_move_the_due(street: Street):
    phone = street.phone(street.chen)
    phone.check_in(street.visit)
    due = street.watch(street.chen).due_at
    street.make.clock.forward(minutes=5)
    assert phone.check_in(street.visit)["result"] == "already"
    assert street.watch(street.chen).due_at == due


def test_a_far_position_is_flagged_and_a_reason_is_asked(street: Street):
    answer = street.phone(street.chen).check_in(street.visit, position=FAR)
    assert answer["fence"]["outside"] is True
    assert answer["fence"]["reason_wanted"] is True
    assert answer["watch"]["watched"] is True
    event = street.session.scalars(select(WatchEvent)).one()
    assert event.outside_fence
    assert str(event.position) == str(FAR)


@pytest.mark.parametrize(
    ("reported", "wanted"),
    [({}, True), ({"recording": True}, False), ({"words": "he refused"}, False)],
)
def test_a_recording_or_a_reason_is_asked_for_where_a_rule_obliges(
    street: Street, reported: dict[str, object], wanted: bool
):
    permission = Permission(allowed=True, decision={}, recording_obliged=True)
    phone = street.phone(street.chen)
    answer = phone.check_in(street.visit, permission=permission, **reported)
    assert answer["recording_wanted"] is wanted


def test_a_wrong_pin_is_kept_and_changes_nothing(street: Street):
    phone = street.phone(street.chen)
    phone.check_in(street.visit)
    answer = phone.check_out(street.visit, pin="9999")
    assert (answer["result"], answer["stored"]) == ("wrong_pin", True)
    assert street.watch(street.chen).state is WatchState.ARMED
    events = street.session.scalar(select(func.count()).select_from(WatchEvent))
    assert events == 2


def test_an_extension_adds_to_the_due(street: Street):
    phone = street.phone(street.chen)
    phone.check_in(street.visit)
    due = street.watch(street.chen).due_at
    assert phone.extend(street.visit, 600)["result"] == "ok"
    assert street.watch(street.chen).due_at == due + timedelta(minutes=10)


def test_an_extension_beyond_the_limit_is_refused(street: Street):
    phone = street.phone(street.chen)
    phone.check_in(street.visit)
    with pytest.raises(Invalid, match="1800"):
        phone.extend(street.visit, 1801)


def test_a_refused_contact_cannot_be_extended(street: Street):
    phone = street.phone(street.chen)
    phone.check_in(street.visit, permission=REFUSED)
    due = street.watch(street.chen).due_at
    assert phone.extend(street.visit, 600)["result"] == "time_to_leave"
    assert street.watch(street.chen).due_at == due


def test_withdrawing_shortens_the_watch_and_tells_all_who_count_on_him(street: Street):
    phone = street.phone(street.chen)
    phone.depart(street.visit, street.zhou)
    phone.check_in(street.visit)
    answer = phone.withdraw(street.visit)
    watch = street.watch(street.chen)
    assert watch.state is WatchState.ARMED
    assert watch.due_at == street.make.clock.now() + timedelta(minutes=10)
    assert answer["emergency_phone"] == "110"
    told = {user.id for user in street.told(MessageKind.WITHDRAWAL)}
    assert told == {street.zhou.id, street.wu.id, street.dispatcher.id}


def test_the_ledger_has_the_visit_and_its_outcome(street: Street):
    phone = street.phone(street.chen)
    phone.check_in(street.visit)
    phone.check_out(street.visit, outcome=Outcome.BORROWER_MET)
    contact = street.session.scalars(select(Contact)).one()
    assert contact.outcome is Outcome.BORROWER_MET
    assert contact.decision == ALLOWED.decision


def test_every_move_of_a_watch_is_a_transition(street: Street):
    phone = street.phone(street.chen)
    phone.check_in(street.visit)
    phone.extend(street.visit, 60)
    phone.check_out(street.visit)
    found = street.session.scalars(select(WatchTransition).order_by(WatchTransition.id))
    assert [row.reason for row in found] == ["check_in", "extend", "check_out"]


def test_another_organisations_visit_does_not_exist(street: Street):
    make = street.make
    stranger = make.user(make.organisation(), Role.COLLECTOR)
    with pytest.raises(NotFound):
        street.phone(stranger).check_in(street.visit)


def test_a_position_outside_a_watch_is_not_stored(street: Street):
    phone = street.phone(street.chen)
    phone.withdraw(street.visit, position=FAR)
    event = street.session.scalars(select(WatchEvent)).one()
    assert event.position_sealed is None


def test_an_sos_opens_an_alert_beside_the_watch(street: Street):
    phone = street.phone(street.chen)
    phone.check_in(street.visit)
    phone.sos(street.visit)
    assert street.watch(street.chen).state is WatchState.ARMED
    assert [alert.user_id for alert in street.alerts(AlertKind.SOS)] == [street.chen.id]


def test_a_repeated_act_whose_position_was_not_kept_gets_the_same_answer(
    street: Street,
):
    phone, event_id = street.phone(street.chen), ids.new()
    act = {"event_id": event_id, "position": HANGZHOU}
    first = phone.check_out(street.visit, **act)
    assert first["result"] == "before_check_in"
    assert phone.check_out(street.visit, **act) == first


def fired_while_its_due_moves(street: Street, *, minutes: float) -> Alert | None:
    """The watch is read as overdue; before it is claimed its due moves by so much."""
    street.phone(street.chen).check_in(street.visit)
    watch, now = street.watch(street.chen), street.make.clock.forward(minutes=31)
    moved = update(Watch).values(due_at=watch.due_at + timedelta(minutes=minutes))
    unseen = moved.execution_options(synchronize_session=False)
    street.session.execute(unseen)
    return watch_loop.fire(street.session, watch, now=now)


def test_a_watch_that_was_extended_at_the_last_moment_does_not_fall_due(
    street: Street,
):
    assert fired_while_its_due_moves(street, minutes=10) is None
    assert street.watch(street.chen).state is WatchState.ARMED
    assert street.alerts() == []


@pytest.mark.parametrize("minutes", [-10, 1])
def test_a_watch_whose_due_moved_and_has_passed_all_the_same_falls_due(
    street: Street, minutes: float
):
    assert fired_while_its_due_moves(street, minutes=minutes) is not None
    watch, [alert] = street.watch(street.chen), street.alerts()
    assert watch.state is WatchState.OVERDUE
    assert alert.dedup_key == f"overdue:{watch.id}:{watch.due_at.isoformat()}"

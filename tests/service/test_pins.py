"""What a PIN answers for: watches that had begun, and not what came later."""

from datetime import timedelta

from sqlalchemy import select

from core.words import MessageKind, Outcome, WatchState
from models import Contact
from safety import closing
from tests.support.street import Street


def test_a_queued_check_out_does_not_close_a_watch_that_was_armed_later(
    street: Street,
):
    phone = street.phone(street.chen)
    phone.check_in(street.visit)
    street.forward(minutes=30)
    [alert] = street.alerts()
    officer, now = street.make.actor(street.officer), street.make.clock.now()
    closing.close(
        street.session, officer, alert.id, words="met him", rearm_s=None, now=now
    )
    street.make.clock.forward(minutes=30)
    phone.check_in(street.visit)
    answer = phone.check_out(street.visit, ago=timedelta(minutes=40))
    assert answer["result"] == "already_closed"
    assert street.watch(street.chen).state is WatchState.ARMED


def test_coming_back_while_overdue_arms_a_new_watch(street: Street):
    phone = street.phone(street.chen)
    phone.check_in(street.visit)
    street.forward(minutes=31)
    phone.check_in(street.visit)
    phone.check_out(street.visit, ago=timedelta(minutes=20))  # of the first stay
    assert street.watch(street.chen).state is WatchState.ARMED
    assert street.alerts()[0].closed_at is not None
    street.forward(minutes=31)
    assert street.alerts()[1].closed_at is None


def test_a_queued_extension_does_not_move_a_watch_that_was_armed_later(
    street: Street,
):
    phone = street.phone(street.chen)
    street.make.clock.forward(minutes=60)
    phone.check_in(street.visit)
    due = street.watch(street.chen).due_at
    answer = phone.extend(street.visit, 1800, ago=timedelta(minutes=45))
    assert answer["result"] == "not_watched"
    assert street.watch(street.chen).due_at == due


def test_the_due_of_a_withdrawal_is_the_watchs_own(street: Street):
    phone = street.phone(street.chen)
    phone.check_in(street.visit)
    phone.withdraw(street.visit)
    shorter = street.make.clock.now() + timedelta(minutes=10)
    assert street.watch(street.chen).own_due_at == shorter
    phone.extend(street.visit, 60)
    assert street.watch(street.chen).due_at == shorter + timedelta(minutes=1)


def test_an_older_pin_does_not_undo_a_withdrawal(street: Street):
    there = street.make.place(street.case)
    elsewhere = street.make.visit(there, [street.chen], starts_in=timedelta(hours=3))
    phone = street.phone(street.chen)
    phone.check_in(street.visit)
    street.make.clock.forward(minutes=20)
    phone.check_in(elsewhere)
    phone.withdraw(elsewhere)
    street.forward(minutes=11)
    phone.check_out(street.visit, ago=timedelta(minutes=12))
    open_alerts = [one for one in street.alerts() if one.closed_at is None]
    assert len(open_alerts) == 1


def test_each_departure_is_told_to_the_buddy(street: Street):
    phone = street.phone(street.chen)
    phone.depart(street.visit, street.zhou)
    phone.depart(street.visit, street.zhou)
    assert street.told(MessageKind.DEPARTURE) == [street.zhou, street.zhou]


def test_a_second_stay_leaves_the_outcome_of_the_first_alone(street: Street):
    phone = street.phone(street.chen)
    phone.check_in(street.visit)
    phone.check_out(street.visit, outcome=Outcome.BORROWER_MET)
    street.make.clock.forward(minutes=5)
    phone.check_in(street.visit)
    phone.check_out(street.visit, outcome=Outcome.NOBODY)
    rows = street.session.scalars(select(Contact).order_by(Contact.at))
    assert [row.outcome for row in rows] == [Outcome.BORROWER_MET, Outcome.NOBODY]

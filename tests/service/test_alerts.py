"""Alerts: opened once, climbed, owned for a while, closed by persons."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from contact import outbox
from core.errors import Conflict, Forbidden, Invalid, NotFound
from core.words import (
    AlertEntryKind,
    AlertKind,
    MessageKind,
    MessageState,
    Role,
    WatchState,
)
from models import Alert, AlertEntry, Message
from safety import alerts, closing
from tests.support.street import Street


@pytest.fixture
def overdue(street: Street) -> Street:
    """Chen left with Zhou as buddy, checked in, and his due has just passed."""
    street.phone(street.chen).depart(street.visit, street.zhou)
    street.phone(street.chen).check_in(street.visit)
    street.forward(minutes=30)
    return street


def kinds(street: Street, alert: Alert) -> list[AlertEntryKind]:
    query = select(AlertEntry).where(AlertEntry.alert_id == alert.id)
    found = street.session.scalars(query.order_by(AlertEntry.id))
    return [entry.kind for entry in found]


def close(street: Street, alert: Alert, **more: object) -> Alert:
    facts = {"words": "He is in the car.", "rearm_s": None, **more}
    return closing.close(
        street.session,
        street.make.actor(more.pop("by", street.officer)),  # type: ignore[arg-type]
        alert.id,
        now=street.make.clock.now(),
        **{name: value for name, value in facts.items() if name != "by"},  # type: ignore[arg-type]
    )


def test_the_standard_ladder_is_climbed_step_by_step(overdue: Street):
    assert overdue.told() == [overdue.chen]
    overdue.forward(seconds=150)
    overdue.forward(seconds=150)
    assert overdue.told() == [overdue.chen, overdue.chen, overdue.zhou]
    overdue.forward(seconds=300)
    assert overdue.told()[-1] == overdue.officer
    overdue.forward(seconds=300)
    assert overdue.told()[-2:] == [overdue.officer, overdue.second_officer]
    overdue.forward(seconds=180)
    assert overdue.told()[-2:] == [overdue.officer, overdue.second_officer]


def test_an_alert_opens_once_however_often_the_loop_runs(overdue: Street):
    overdue.forward(seconds=0)
    overdue.forward(seconds=0)
    assert len(overdue.alerts()) == 1
    assert len(overdue.told()) == 1


def test_a_step_that_reaches_nobody_is_followed_at_once(street: Street):
    street.zhou.on_duty_since = None
    street.phone(street.chen).check_in(street.visit)
    street.forward(minutes=30)
    street.forward(seconds=300)
    [alert] = street.alerts()
    assert AlertEntryKind.REACHED_NOBODY in kinds(street, alert)
    assert street.told()[-1] == street.officer


def test_an_acknowledgement_pauses_only_for_its_lease(overdue: Street):
    [alert] = overdue.alerts()
    overdue.forward(seconds=600)
    officer = overdue.make.actor(overdue.officer)
    now = overdue.make.clock.now()
    alerts.acknowledge(overdue.session, officer, alert.id, now=now)
    before = len(overdue.told())
    overdue.forward(seconds=599)
    assert len(overdue.told()) == before
    overdue.forward(seconds=1)
    assert len(overdue.told()) > before
    assert AlertEntryKind.LEASE_EXPIRED in kinds(overdue, alert)


def test_the_endangered_and_his_partner_cannot_take_the_alert(overdue: Street):
    [alert] = overdue.alerts()
    overdue.forward(seconds=300)
    now = overdue.make.clock.now()
    chen = overdue.make.actor(overdue.chen)
    with pytest.raises(Forbidden):
        alerts.acknowledge(overdue.session, chen, alert.id, now=now)
    wu = overdue.make.actor(overdue.wu)
    with pytest.raises(NotFound):  # the partner was never told
        alerts.acknowledge(overdue.session, wu, alert.id, now=now)


def test_a_colleague_who_was_told_can_take_it(overdue: Street):
    overdue.forward(seconds=300)
    [alert] = overdue.alerts()
    zhou = overdue.make.actor(overdue.zhou)
    now = overdue.make.clock.now()
    taken = alerts.acknowledge(overdue.session, zhou, alert.id, now=now)
    assert taken.owner_id == overdue.zhou.id
    assert taken.next_action_at == now + timedelta(seconds=600)


def test_closing_needs_words(overdue: Street):
    [alert] = overdue.alerts()
    with pytest.raises(Invalid, match="words"):
        close(overdue, alert, words="  ")


def test_closing_closes_the_watch_and_tells_everyone_told(overdue: Street):
    overdue.forward(seconds=300)
    [alert] = overdue.alerts()
    query = select(Message).where(Message.kind == MessageKind.ALERT_STEP)
    for message in overdue.session.scalars(query):
        outbox.finish(message, MessageState.SENT, now=overdue.make.clock.now())
    close(overdue, alert)
    assert alert.closed_by == overdue.officer.id
    assert overdue.watch(overdue.chen).state is WatchState.CLOSED
    told = {user.id for user in overdue.told(MessageKind.ALL_CLEAR)}
    assert told == {overdue.chen.id, overdue.zhou.id}


def test_messages_that_have_not_left_are_called_back(overdue: Street):
    [alert] = overdue.alerts()
    close(overdue, alert)
    query = select(Message).where(Message.kind == MessageKind.ALERT_STEP)
    [message] = overdue.session.scalars(query)
    assert message.state is MessageState.CANCELLED
    assert overdue.told(MessageKind.ALL_CLEAR) == []


def test_whose_call_was_called_back_untried_neither_finds_the_alert_nor_lists_it(
    overdue: Street,
):
    overdue.forward(seconds=300)
    [alert] = overdue.alerts()
    zhou = overdue.make.actor(overdue.zhou)

    def listed() -> list[Alert]:
        found = {"only_open": False, "before": None, "limit": 9}
        return list(alerts.page(overdue.session, zhou, **found))  # type: ignore[arg-type]

    assert listed() == [alert]
    close(overdue, alert)
    assert listed() == []
    with pytest.raises(NotFound):
        alerts.get(overdue.session, zhou, alert.id)


def test_closing_with_another_term_keeps_watching(overdue: Street):
    [alert] = overdue.alerts()
    close(overdue, alert, rearm_s=300)
    watch = overdue.watch(overdue.chen)
    assert watch.state is WatchState.ARMED
    overdue.forward(seconds=301)
    assert len(overdue.alerts()) == 2


def test_an_alert_is_closed_only_once(overdue: Street):
    [alert] = overdue.alerts()
    close(overdue, alert)
    with pytest.raises(Conflict):
        close(overdue, alert)


def test_only_a_safety_officer_closes_an_sos(street: Street):
    street.phone(street.chen).sos(street.visit)
    [alert] = street.alerts(AlertKind.SOS)
    with pytest.raises(Forbidden):
        close(street, alert, by=street.dispatcher)
    close(street, alert)
    assert alert.closed_at is not None


def test_another_organisation_sees_no_alert(overdue: Street):
    make = overdue.make
    stranger = make.user(make.organisation(), Role.SAFETY_OFFICER)
    [alert] = overdue.alerts()
    with pytest.raises(NotFound):
        alerts.get(overdue.session, make.actor(stranger), alert.id)


def test_a_second_sos_ends_the_pause(street: Street):
    phone = street.phone(street.chen)
    phone.sos(street.visit)
    [alert] = street.alerts(AlertKind.SOS)
    officer = street.make.actor(street.officer)
    alerts.acknowledge(street.session, officer, alert.id, now=street.make.clock.now())
    phone.sos(street.visit)
    street.session.refresh(alert)
    assert alert.owner_id is None
    assert alert.next_action_at == street.make.clock.now()
    assert len(street.alerts(AlertKind.SOS)) == 1


def test_the_desk_sees_first_what_nobody_owns_and_the_oldest_of_that(
    overdue: Street,
):
    overdue.phone(overdue.wu).sos()
    overdue.phone(overdue.zhou).sos()
    officer = overdue.make.actor(overdue.officer)
    [owned] = overdue.alerts()
    now = overdue.make.clock.now()
    alerts.acknowledge(overdue.session, officer, owned.id, now=now)
    shown = alerts.unowned_first(overdue.session, officer, limit=3)
    first, second = overdue.alerts(AlertKind.SOS)
    assert list(shown) == [first, second, owned]

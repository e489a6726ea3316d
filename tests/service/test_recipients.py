"""Whom a step reaches when it runs, and that an alert never waits for nobody."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from core.words import AlertEntryKind, AlertKind, Role, UserState
from models import Alert, AlertEntry, User
from safety import policies, recipients, whom
from safety.ladder import Ladder, Step
from safety.whom import InRole, OnRota, Person, Recipient
from tests.support.street import Street

EVERYONE = (whom.ALL_SAFETY_OFFICERS,)
REPEAT = timedelta(seconds=300)


@pytest.fixture
def alert(street: Street) -> Alert:
    """Chen, with Wu as partner and Zhou as buddy, has missed his check-out."""
    street.phone(street.chen).depart(street.visit, street.zhou)
    street.phone(street.chen).check_in(street.visit)
    street.forward(minutes=30)
    return street.alerts()[0]


def reached(street: Street, alert: Alert, *named: Recipient) -> list[User]:
    now = street.make.clock.now()
    return recipients.of(street.session, alert, named, now=now)


def ladder(street: Street, *steps: tuple[int, tuple[Recipient, ...]]) -> None:
    """The organisation's ladder for a missed check-out."""
    wanted = Ladder(tuple(Step(*one) for one in steps), repeat_s=180, lease_s=60)
    actor, now = street.make.actor(street.officer), street.make.clock.now()
    policies.replace(street.session, actor, AlertKind.OVERDUE, wanted, now=now)
    street.session.commit()


def overdue(street: Street) -> Alert:
    street.phone(street.chen).check_in(street.visit)
    street.forward(minutes=30)
    return street.alerts()[0]


def entries(street: Street, alert: Alert, kind: AlertEntryKind) -> list[AlertEntry]:
    query = select(AlertEntry).where(
        AlertEntry.alert_id == alert.id, AlertEntry.kind == kind
    )
    return list(street.session.scalars(query.order_by(AlertEntry.id)))


def test_a_named_person_is_reached_on_duty_or_not(street: Street, alert: Alert):
    second = street.second_officer
    assert reached(street, alert, Person(second.id)) == [second]
    assert reached(street, alert, Person(street.dispatcher.id)) == [street.dispatcher]


def test_a_role_is_everybody_active_of_it(street: Street, alert: Alert):
    house = street.organisation
    other = street.make.user(house, Role.DISPATCHER, on_duty_since=None)
    street.make.user(house, Role.DISPATCHER, state=UserState.SUSPENDED)
    street.make.user(street.make.organisation(), Role.DISPATCHER)
    found = reached(street, alert, InRole(Role.DISPATCHER))
    assert found == [street.dispatcher, other]
    assert reached(street, alert, *EVERYONE) == [street.officer, street.second_officer]


def test_a_rota_is_asked_by_its_id(street: Street, alert: Alert):
    rota = street.make.rota([street.second_officer], standing=False)
    assert reached(street, alert, OnRota(rota.id)) == [street.second_officer]
    assert reached(street, alert, OnRota()) == [street.officer]


def test_a_rota_that_is_gone_or_another_houses_leaves_all_officers(
    street: Street, alert: Alert
):
    other = street.make.user(street.make.organisation(), Role.SAFETY_OFFICER)
    everyone = [street.officer, street.second_officer]
    for rota_id in (street.visit.id, street.make.rota([other]).id):
        assert reached(street, alert, OnRota(rota_id)) == everyone


def test_nobody_in_danger_is_reached_by_his_name(street: Street, alert: Alert):
    endangered = street.make.user(street.organisation, Role.COLLECTOR)
    street.phone(endangered).sos()
    off_duty = street.make.user(street.organisation, Role.COLLECTOR, on_duty_since=None)
    suspended = street.make.user(
        street.organisation, Role.SAFETY_OFFICER, state=UserState.SUSPENDED
    )
    stranger = street.make.user(street.make.organisation(), Role.SAFETY_OFFICER)
    for user in (street.chen, street.wu, endangered, off_duty, suspended, stranger):
        assert reached(street, alert, Person(user.id)) == []
    assert reached(street, alert, Person(street.zhou.id)) == [street.zhou]
    assert reached(street, alert, Person(street.visit.id)) == []


def test_everybody_is_told_once_however_often_he_is_named(street: Street, alert: Alert):
    named = (Person(street.officer.id), OnRota(), *EVERYONE)
    assert reached(street, alert, *named) == [street.officer, street.second_officer]


def test_steps_that_reach_nobody_are_followed_at_once(street: Street):
    lost = Person(street.dispatcher.id)
    ladder(street, (0, (lost,)), (600, (whom.BUDDY, lost)), (900, EVERYONE))
    street.dispatcher.state = UserState.SUSPENDED
    alert = overdue(street)
    assert street.told() == [street.officer, street.second_officer]
    nobody = entries(street, alert, AlertEntryKind.REACHED_NOBODY)
    assert [entry.detail["step"] for entry in nobody] == [0, 1]
    [step] = entries(street, alert, AlertEntryKind.STEP)
    assert step.at == alert.opened_at


def test_what_was_frozen_stays_and_persons_are_found_live(street: Street):
    rota = street.make.rota([street.second_officer], standing=False)
    named = (0, (whom.COLLECTOR,)), (60, (OnRota(rota.id),)), (900, EVERYONE)
    ladder(street, *named)
    overdue(street)
    ladder(street, (0, (whom.COLLECTOR,)), (60, EVERYONE))
    street.second_officer.phone = "+8613912345678"
    street.forward(seconds=60)
    assert street.told() == [street.chen, street.second_officer]


@pytest.mark.parametrize(
    "damaged",
    [
        {},
        [],
        {"steps": "rubbish"},
        {"steps": [], "repeat_s": 99_999, "lease_s": 99_999},
        {"steps": [{"delay_s": 0, "whom": [{"kind": "collector"}]}], "repeat_s": 0},
        {"steps": [{"delay_s": 10**9, "recipients": ["drone"]}], "repeat_s": None},
    ],
)
def test_all_officers_are_told_again_and_again_whatever_the_data_say(
    street: Street, damaged: Any
):
    alert = overdue(street)
    alert.policy = damaged
    for _ in range(4):
        street.forward(seconds=300)
        street.session.refresh(alert)
        assert alert.next_action_at is not None
        assert alert.next_action_at <= street.make.clock.now() + REPEAT
    found = street.told()
    assert found.count(street.officer) >= 3
    assert found.count(street.second_officer) >= 3


def test_an_alert_that_an_older_program_opened_is_climbed(street: Street):
    alert = overdue(street)
    steps = [{"delay_s": 0, "recipients": ["collector"]}]
    steps.append({"delay_s": 60, "recipients": ["on_call"]})
    steps.append({"delay_s": 120, "recipients": ["all_safety_officers"]})
    alert.policy = {"steps": steps, "repeat_s": 180, "lease_s": 60}
    alert.next_action_at = alert.opened_at
    street.forward(seconds=60)
    street.forward(seconds=60)
    assert street.told()[1:] == [street.officer, street.officer, street.second_officer]

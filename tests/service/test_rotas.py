"""Rotas: made whole, read as their arithmetic, and who answers in the end."""

from datetime import date, time, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from core.errors import Conflict, Invalid, NotFound
from core.instants import Interval
from core.words import AlertKind, MessageKind, Role, UserState
from models import Rota, RotaLayer, RotaOverride, User
from safety import informing, on_call, rotas, turns
from safety.rotas import Plan
from safety.turns import Hours, Layer
from tests.support.make import Make
from tests.support.street import Street

NIGHTS = Hours(frozenset({5, 1}), time(18), time(7, 30))
DAY = timedelta(days=1)


def plan(*people: User, **values: Any) -> Plan:
    """What makes a rota of one layer."""
    turn = Layer(tuple(one.id for one in people), date(2026, 11, 23), time(9, 15), 7)
    facts = {"name": "Nights", "time_zone": "Asia/Shanghai", "standing": True}
    return Plan(**{**facts, "layers": [turn], **values})


def create(street: Street, wanted: Plan) -> Rota:
    actor, now = street.make.actor(street.officer), street.make.clock.now()
    return rotas.create(street.session, actor, wanted, now=now)


def answering(street: Street) -> list[User]:
    now = street.make.clock.now()
    return on_call.of(street.session, street.organisation.id, None, now=now)


def take(street: Street, rota: Rota, user: User, *, hours: float = 1) -> RotaOverride:
    actor, now = street.make.actor(street.officer), street.make.clock.now()
    return rotas.override(
        street.session,
        actor,
        rota.id,
        user_id=user.id,
        starts_at=now,
        ends_at=now + timedelta(hours=hours),
        now=now,
    )


def test_a_rota_reads_back_as_it_was_made(street: Street):
    people = (street.officer.id, street.second_officer.id, street.officer.id)
    night = Layer(people, date(2026, 11, 23), time(23, 59), 14, NIGHTS)
    day = Layer(people[:1], date(2026, 3, 1), time(0), 1)
    rota = create(street, plan(layers=[night, day]))
    street.session.expire_all()
    assert [rotas.layer(one) for one in rota.layers] == [night, day]
    actor = street.make.actor(street.officer)
    now = street.make.clock.now()
    new = plan(street.second_officer, name="Days", standing=False)
    rotas.replace(street.session, actor, rota.id, new, now=now)
    street.session.expire_all()
    assert [rotas.layer(one) for one in rota.layers] == new.layers
    assert (rota.name, rota.standing) == ("Days", False)


def test_there_is_one_standing_rota_and_each_has_a_name_of_its_own(street: Street):
    create(street, plan(street.officer))
    street.session.commit()
    for wrong in ({"name": "Days"}, {"standing": False}):
        with pytest.raises(Conflict, match="this name, or is the standing one"):
            create(street, plan(street.officer, **wrong))
        street.session.rollback()
    create(street, plan(street.officer, name="Days", standing=False))


def test_only_able_safety_officers_of_the_own_house_stand_on_a_rota(street: Street):
    make, other = street.make, street.make.organisation()
    stranger = make.user(other, Role.SAFETY_OFFICER)
    with pytest.raises(NotFound):
        create(street, plan(stranger))
    officer, house = Role.SAFETY_OFFICER, street.organisation
    gone = make.user(house, officer, state=UserState.SUSPENDED)
    for wrong in (street.zhou, gone, make.user(house, officer, phone=None)):
        with pytest.raises(Invalid, match="layers"):
            create(street, plan(street.officer, wrong))
    with pytest.raises(Invalid, match="time_zone"):
        create(street, plan(street.officer, time_zone="Asia/Nowhere"))


def test_overrides_do_not_overlap_and_are_dropped_again(street: Street):
    rota = street.make.rota([street.officer])
    row = take(street, rota, street.second_officer)
    assert answering(street) == [street.second_officer]
    with pytest.raises(Conflict, match="some of this span"):
        take(street, rota, street.officer, hours=0.5)
    actor, now = street.make.actor(street.officer), street.make.clock.now()
    rotas.drop_override(street.session, actor, rota.id, row.id, now=now)
    assert answering(street) == [street.officer]
    for wrong in (-1, 24 * 93):
        with pytest.raises(Invalid, match="ends_at"):
            take(street, rota, street.officer, hours=wrong)


def test_without_a_rota_the_officers_on_duty_are_on_call(street: Street):
    assert answering(street) == [street.officer]
    street.make.rota([street.second_officer], standing=False)
    assert answering(street) == [street.officer]


def test_the_standing_rota_names_who_is_on_call_on_duty_or_not(street: Street):
    street.make.rota([street.second_officer, street.officer])
    assert answering(street) == [street.second_officer]
    street.make.clock.forward(days=1)
    assert answering(street) == [street.officer]


@pytest.mark.parametrize("lost", [{"state": UserState.SUSPENDED}, {"phone": None}])
def test_who_cannot_answer_is_passed_over_and_in_the_end_all_are_called(
    street: Street, lost: dict[str, object]
):
    third = street.make.user(street.organisation, Role.SAFETY_OFFICER)
    street.make.rota([street.second_officer], [third])
    for user, expected in (
        (street.second_officer, [third]),
        (third, [street.officer]),
    ):
        for name, value in lost.items():
            setattr(user, name, value)
        street.session.flush()
        assert answering(street) == expected


def test_a_damaged_phone_is_passed_over_too(street: Street):
    street.make.rota([street.second_officer], [street.officer])
    street.second_officer.phone_sealed = street.second_officer.name_sealed
    street.session.flush()
    assert answering(street) == [street.officer]


@pytest.mark.parametrize(
    "damage",
    [
        update(Rota).values(time_zone="Mars/Olympus"),
        update(RotaLayer).values(starts_on=date(2090, 1, 1)),
    ],
)
def test_a_rota_that_names_nobody_calls_all_officers(street: Street, damage):
    street.make.rota([street.second_officer])
    street.session.execute(damage)
    street.session.expire_all()
    assert answering(street) == [street.officer, street.second_officer]


def test_an_alert_asks_the_rota_when_its_step_runs(street: Street):
    street.make.rota([street.second_officer], days=366)
    rota = rotas.standing(street.session, street.organisation.id)
    assert rota is not None
    street.phone(street.chen).check_in(street.visit)
    street.forward(minutes=30)
    assert len(street.alerts(AlertKind.OVERDUE)) == 1
    take(street, rota, street.officer)
    street.forward(minutes=10)
    assert street.second_officer not in street.told()
    assert street.told()[-1] == street.officer


def test_what_officers_are_told_beside_alerts_goes_by_the_rota_too(street: Street):
    street.make.rota([street.second_officer])
    informing.set_aside(
        street.session,
        street.organisation.id,
        street.chen.id,
        visit_id=street.visit.id,
        now=street.make.clock.now(),
    )
    assert street.told(MessageKind.DISPATCHER_NOTE) == [street.second_officer]


def test_another_organisations_rota_answers_for_nobody_here(street: Street, make: Make):
    other = make.organisation()
    make.rota([make.user(other, Role.SAFETY_OFFICER)])
    assert answering(street) == [street.officer]


def test_a_window_sees_the_overrides_that_touch_it(street: Street):
    rota = street.make.rota([street.officer])
    take(street, rota, street.second_officer)
    now = street.make.clock.now()
    window = Interval(now, now + DAY)
    found = turns.spans(rotas.as_turns(street.session, rota, window), window)
    assert found[0].names == (street.second_officer.id, street.officer.id)
    later = Interval(now + DAY, now + 2 * DAY)
    assert rotas.overrides_within(street.session, rota, later) == []

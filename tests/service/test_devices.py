"""Devices: who registers, sees and revokes which, and what ends with them."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts import devices, logins
from core import ids
from core.actor import Actor
from core.errors import Conflict, NotFound, Unauthenticated
from core.words import Platform, Role
from models import AuditRow, Device, LoginSession, Organisation, User
from tests.support.make import Make

FACTS = {"platform": Platform.HARMONY, "app_version": "1.4.0", "push_token": "token"}


def log_in(make: Make, user: User, app_id: object = None) -> tuple[Actor, LoginSession]:
    """A log-in of the user; on a device of his own unless told."""
    device = logins._device(
        make.session, user, app_id or ids.new(), now=make.clock.now()
    )
    opened = LoginSession(
        organisation_id=user.organisation_id,
        user_id=user.id,
        device_id=device.id,
        created_at=make.clock.now(),
    )
    make.session.add(opened)
    make.session.commit()
    return logins.actor(make.session, opened.id), opened


@pytest.fixture
def organisation(make: Make) -> Organisation:
    """Where they all work."""
    return make.organisation()


@pytest.fixture
def chen(make: Make, organisation: Organisation) -> User:
    """A collector."""
    return make.user(organisation, Role.COLLECTOR)


def app_of(make: Make, actor: Actor) -> object:
    return make.session.get_one(Device, actor.device_id).app_id


def is_lost(session: Session, actor: Actor) -> bool:
    """What a token for the device is told of it."""
    found = devices.holder(session, actor)
    return found is not None and found.revoked


def test_a_device_says_what_it_is_and_only_changes_are_recorded(make: Make, chen: User):
    actor, _ = log_in(make, chen)
    app_id, now = app_of(make, actor), make.clock.now()
    for _ in range(2):
        device = devices.register(make.session, actor, app_id, now=now, **FACTS)  # type: ignore[arg-type]
    assert (device.platform, device.push_token) == (Platform.HARMONY, "token")
    again = {**FACTS, "app_version": "1.4.1"}
    devices.register(make.session, actor, app_id, now=now, **again)  # type: ignore[arg-type]
    rows = make.session.scalars(select(AuditRow.action)).all()
    assert rows == ["device.registered"] * 2


def test_nobody_registers_a_device_that_is_not_the_one_he_uses(make: Make, chen: User):
    actor, _ = log_in(make, chen)
    other, _ = log_in(make, chen)
    for app_id in (app_of(make, other), ids.new()):
        with pytest.raises(NotFound):
            devices.register(make.session, actor, app_id, now=make.clock.now(), **FACTS)  # type: ignore[arg-type]


def test_a_revoked_device_loses_log_ins_and_push_token(make: Make, chen: User):
    phone, opened = log_in(make, chen)
    laptop, elsewhere = log_in(make, chen)
    now, session = make.clock.now(), make.session
    devices.register(session, phone, app_of(make, phone), now=now, **FACTS)  # type: ignore[arg-type]
    revoked = devices.revoke(session, laptop, phone.device_id, now=now)
    session.commit()
    assert (revoked.revoked_at, revoked.push_token) == (now, None)
    session.refresh(opened)
    assert (opened.revoked_at, elsewhere.revoked_at) == (now, None)
    with pytest.raises(Unauthenticated):
        logins.actor(session, opened.id)
    assert is_lost(session, phone)
    assert not is_lost(session, laptop)
    make.clock.forward(minutes=5)
    devices.revoke(session, laptop, phone.device_id, now=make.clock.now())
    session.commit()
    assert revoked.revoked_at == now
    query = select(AuditRow).where(AuditRow.action == "device.revoked")
    [row] = session.scalars(query)
    assert (row.actor_id, row.subject_id) == (chen.id, phone.device_id)
    assert row.detail == {"user_id": str(chen.id)}


def test_the_device_in_hand_is_not_revoked(make: Make, chen: User):
    actor, _ = log_in(make, chen)
    with pytest.raises(Conflict):
        devices.revoke(make.session, actor, actor.device_id, now=make.clock.now())


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("owner", [Role.COLLECTOR, Role.SAFETY_OFFICER])
def test_who_may_see_and_revoke_the_devices_of_others(
    make: Make, organisation: Organisation, role: Role, owner: Role
):
    lost, _ = log_in(make, make.user(organisation, owner))
    actor, _ = log_in(make, make.user(organisation, role))
    may = {Role.ADMIN, Role.SAFETY_OFFICER}
    may |= {Role.DISPATCHER} if owner is Role.COLLECTOR else set()
    seen = {"after": None, "limit": 9}
    if role in may:
        [shown] = devices.page(make.session, actor, lost.user_id, **seen)  # type: ignore[arg-type]
        assert shown.id == lost.device_id
        devices.revoke(make.session, actor, lost.device_id, now=make.clock.now())
    else:
        with pytest.raises(NotFound):
            devices.page(make.session, actor, lost.user_id, **seen)  # type: ignore[arg-type]
        with pytest.raises(NotFound):
            devices.revoke(make.session, actor, lost.device_id, now=make.clock.now())
    assert is_lost(make.session, lost) is (role in may)


def test_another_tenants_device_is_not_found(make: Make, chen: User):
    lost, _ = log_in(make, chen)
    stranger, _ = log_in(make, make.user(make.organisation(), Role.ADMIN))
    with pytest.raises(NotFound):
        devices.revoke(make.session, stranger, lost.device_id, now=make.clock.now())
    with pytest.raises(NotFound):
        devices.page(make.session, stranger, chen.id, after=None, limit=9)


def test_a_phone_that_two_people_used_is_lost_for_both(
    make: Make, organisation: Organisation, chen: User
):
    app_id = ids.new()
    first, _ = log_in(make, chen, app_id)
    second, _ = log_in(make, make.user(organisation, Role.COLLECTOR), app_id)
    abroad, _ = log_in(make, make.user(make.organisation(), Role.COLLECTOR), app_id)
    officer, _ = log_in(make, make.user(organisation, Role.SAFETY_OFFICER))
    devices.revoke(make.session, officer, first.device_id, now=make.clock.now())
    lost = [is_lost(make.session, one) for one in (first, second, abroad)]
    assert lost == [True, True, False]


def test_a_log_in_on_a_revoked_device_is_that_of_a_new_one(make: Make, chen: User):
    app_id = ids.new()
    before, opened = log_in(make, chen, app_id)
    laptop, _ = log_in(make, chen)
    devices.revoke(make.session, laptop, before.device_id, now=make.clock.now())
    after, _ = log_in(make, chen, app_id)
    assert after.device_id != before.device_id
    assert app_of(make, after) == app_id
    assert is_lost(make.session, before)
    assert not is_lost(make.session, after)
    gone = devices.lost(make.session, opened.id)
    assert gone == Actor(*_facts(before), device_revoked=True)


def test_a_log_in_that_raced_with_the_revocation_opens_nothing(make: Make, chen: User):
    phone, opened = log_in(make, chen)
    laptop, _ = log_in(make, chen)
    devices.revoke(make.session, laptop, phone.device_id, now=make.clock.now())
    make.session.refresh(opened)
    opened.revoked_at = None
    make.session.flush()
    with pytest.raises(Unauthenticated):
        logins.actor(make.session, opened.id)


def _facts(actor: Actor) -> tuple[object, ...]:
    return actor.organisation_id, actor.user_id, actor.role, actor.device_id

"""Users: who may exist, who is suspended, and what each may change of his own."""

import pytest
from sqlalchemy import select, text

from accounts import logins, passwords, users
from accounts.passwords import Pins, Proof
from core import ids
from core.actor import Actor
from core.errors import Conflict, Invalid, NotFound, Unauthenticated
from core.words import Role, UserState
from models import AuditRow, LoginSession, Organisation, User
from tests.support.make import PASSWORD, PIN, PIN_HASH, Make

NEW_PASSWORD = "another long one"
NEW_HASH = passwords.hash_password(NEW_PASSWORD)
NEW_PINS = Pins(passwords.hash_pin("8642"), passwords.hash_pin("1375"))
WRONG = passwords.prove(None, "wrong")


def right(user: User) -> Proof:
    return passwords.prove(user.password_hash, PASSWORD)


def create(make: Make, organisation: Organisation, **other: object) -> User:
    """With hashes of the secrets, as the edge makes them before any transaction."""
    facts: dict[str, object] = {
        "organisation_id": organisation.id,
        "login": "Zhang.Wei",
        "name": " 张伟 ",
        "phone": "138 0000 0001",
        "role": Role.COLLECTOR,
        "password": PASSWORD,
        "pin": PIN,
        "created_by": None,
        "now": make.clock.now(),
    }
    facts |= other
    facts["password"] = passwords.hash_password(str(facts["password"]))
    pin = facts.pop("pin")
    facts["pins"] = Pins(passwords.hash_pin(str(pin)) if pin else None, None)
    return users.create(make.session, **facts)  # type: ignore[arg-type]


def log_in(make: Make, user: User, password: str = PASSWORD) -> LoginSession:
    organisation = make.session.get_one(Organisation, user.organisation_id)
    return logins.log_in(
        make.session,
        slug=organisation.slug,
        login=user.login or "",
        password=passwords.prove(user.password_hash, password),
        app_id=ids.new(),
        now=make.clock.now(),
    )


def actions(make: Make) -> list[str]:
    return list(make.session.scalars(select(AuditRow.action).order_by(AuditRow.id)))


def test_a_created_user_can_be_found_and_logs_in(make: Make):
    organisation = make.organisation()
    admin = make.actor(make.user(organisation, Role.ADMIN))
    made = create(make, organisation, created_by=admin.user_id)
    make.session.commit()
    found = users.get(make.session, admin, made.id)
    assert (found.login, found.name, found.phone) == (
        "zhang.wei",
        "张伟",
        "+8613800000001",
    )
    assert (found.state, found.on_duty_since) == (UserState.ACTIVE, None)
    assert passwords.verify(found.pin_hash, PIN)
    assert log_in(make, found).user_id == made.id
    row = make.session.scalars(
        select(AuditRow).where(AuditRow.action == "user.created")
    ).one()
    assert (row.actor_id, row.subject_id) == (admin.user_id, made.id)
    assert row.detail == {"role": "collector"}


def test_nothing_personal_or_secret_stands_in_the_database(make: Make):
    create(make, make.organisation())
    make.session.commit()
    raw = ""
    for table in ("users", "audit_rows"):
        rows = make.session.execute(text(f"SELECT * FROM {table}")).all()
        raw += repr([tuple(map(str, row)) for row in rows])
    for value in ("zhang.wei", "张伟", "13800000001", PASSWORD, f"'{PIN}'"):
        assert value not in raw


@pytest.mark.parametrize(
    ("field", "other"),
    [
        ("login", {"login": "ab"}),
        ("login", {"login": "x" * 81}),
        ("login", {"login": "two words"}),
        ("login", {"login": "nul\x00l"}),
        ("name", {"name": "  "}),
        ("name", {"name": "x" * 81}),
        ("phone", {"phone": "110"}),
        ("phone", {"phone": None}),
        ("phone", {"phone": ""}),
        ("pin", {"pin": None}),
        ("pin", {"pin": "1234"}),
        ("password", {"password": "short"}),
    ],
)
def test_wrong_facts_are_refused_by_name(
    make: Make, field: str, other: dict[str, object]
):
    with pytest.raises(Invalid) as caught:
        create(make, make.organisation(), **other)
    assert list(caught.value.fields) == [field]


@pytest.mark.parametrize("role", [role for role in Role if role != Role.COLLECTOR])
def test_only_collectors_need_a_phone_and_a_pin(make: Make, role: Role):
    made = create(make, make.organisation(), role=role, phone=None, pin=None)
    assert (made.phone, made.pin_hash) == (None, None)


@pytest.mark.parametrize("again", ["zhang.wei", " ZHANG.WEI", "ｚｈａｎｇ.wei"])
def test_a_login_is_taken_once_however_it_is_typed(make: Make, again: str):
    organisation, other = make.organisation(), make.organisation()
    create(make, organisation)
    with pytest.raises(Conflict):
        create(make, organisation, login=again)
    create(make, other, login=again)  # elsewhere it is free
    make.session.commit()
    assert len(make.session.scalars(select(User)).all()) == 2


def test_no_user_without_an_organisation(make: Make):
    organisation = make.organisation()
    with pytest.raises(NotFound):
        create(make, organisation, organisation_id=ids.new())


def test_another_organisations_user_does_not_exist(make: Make):
    ours, theirs = make.organisation(), make.organisation()
    admin = make.actor(make.user(ours, Role.ADMIN))
    stranger = make.user(theirs, Role.COLLECTOR)
    now = make.clock.now()
    for act in (
        lambda: users.get(make.session, admin, stranger.id),
        lambda: users.suspend(make.session, admin, stranger.id, now=now),
        lambda: users.reinstate(make.session, admin, stranger.id, now=now),
    ):
        with pytest.raises(NotFound):
            act()
    assert stranger.state is UserState.ACTIVE


def test_pages_hold_the_own_users_of_a_role_in_order(make: Make):
    ours, theirs = make.organisation(), make.organisation()
    admin = make.actor(make.user(ours, Role.ADMIN))
    expected = [make.user(ours, Role.COLLECTOR).id for _ in range(5)]
    make.user(theirs, Role.COLLECTOR)
    found, after = [], None
    while rows := users.page(
        make.session, admin, after=after, limit=2, role=Role.COLLECTOR
    ):
        assert len(rows) <= 2
        found += [row.id for row in rows]
        after = found[-1]
    assert found == expected
    everyone = users.page(make.session, admin, after=None, limit=9)
    assert [row.id for row in everyone] == [admin.user_id, *expected]


def test_suspension_ends_log_ins_and_duty_until_reinstated(make: Make):
    organisation = make.organisation()
    admin = make.actor(make.user(organisation, Role.ADMIN))
    user, other = (make.user(organisation, Role.COLLECTOR) for _ in range(2))
    opened, untouched = log_in(make, user), log_in(make, other)
    now = make.clock.forward(minutes=1)
    suspended = users.suspend(make.session, admin, user.id, now=now)
    make.session.commit()
    assert (suspended.state, suspended.on_duty_since) == (UserState.SUSPENDED, None)
    with pytest.raises(Unauthenticated):
        logins.actor(make.session, opened.id)
    with pytest.raises(Unauthenticated):
        log_in(make, user)
    assert logins.actor(make.session, untouched.id).user_id == other.id
    users.reinstate(make.session, admin, user.id, now=make.clock.now())
    with pytest.raises(Unauthenticated):  # the old log-in stays ended
        logins.actor(make.session, opened.id)
    assert log_in(make, user).user_id == user.id
    assert [name for name in actions(make) if name.startswith("user.")] == [
        "user.suspended",
        "user.reinstated",
    ]


def test_suspending_twice_or_oneself_is_a_conflict(make: Make):
    organisation = make.organisation()
    admin = make.actor(make.user(organisation, Role.ADMIN))
    user = make.user(organisation, Role.AUDITOR)
    now = make.clock.now()
    with pytest.raises(Conflict):
        users.reinstate(make.session, admin, user.id, now=now)
    users.suspend(make.session, admin, user.id, now=now)
    for user_id in (user.id, admin.user_id):
        with pytest.raises(Conflict):
            users.suspend(make.session, admin, user_id, now=now)
    assert actions(make) == ["user.suspended"]


def test_a_new_pin_needs_the_password(make: Make):
    user = make.user(make.organisation(), Role.COLLECTOR)
    actor, now = make.actor(user), make.clock.now()
    with pytest.raises(Invalid) as caught:
        users.set_pins(make.session, actor, password=WRONG, pins=NEW_PINS, now=now)
    assert list(caught.value.fields) == ["password"]
    assert passwords.verify(user.pin_hash, PIN)
    users.set_pins(make.session, actor, password=right(user), pins=NEW_PINS, now=now)
    make.session.refresh(user)
    assert passwords.verify(user.pin_hash, "8642")
    assert passwords.verify(user.duress_pin_hash, "1375")
    assert not passwords.verify(user.pin_hash, PIN)
    assert actions(make) == ["user.pin_changed"]


def test_nobody_loses_a_duress_pin_by_choosing_another_pin(make: Make):
    user = make.user(make.organisation(), Role.COLLECTOR, duress_pin_hash=PIN_HASH)
    actor, now = make.actor(user), make.clock.now()
    alone = Pins(NEW_PINS.normal, None)
    with pytest.raises(Invalid) as caught:
        users.set_pins(make.session, actor, password=right(user), pins=alone, now=now)
    assert list(caught.value.fields) == ["duress_pin"]
    assert passwords.verify(user.pin_hash, PIN)


def test_a_new_password_ends_log_ins_on_other_devices(make: Make):
    user = make.user(make.organisation(), Role.COLLECTOR)
    here, there = log_in(make, user), log_in(make, user)
    actor = logins.actor(make.session, here.id)
    users.set_password(
        make.session, actor, old=right(user), new=NEW_HASH, now=make.clock.now()
    )
    make.session.commit()
    assert logins.actor(make.session, here.id) == actor
    with pytest.raises(Unauthenticated):
        logins.actor(make.session, there.id)
    with pytest.raises(Unauthenticated):
        log_in(make, user, PASSWORD)
    assert log_in(make, user, NEW_PASSWORD)


def test_a_password_changes_only_from_the_old_one(make: Make):
    user = make.user(make.organisation(), Role.COLLECTOR)
    actor, now = make.actor(user), make.clock.now()
    with pytest.raises(Invalid) as caught:
        users.set_password(make.session, actor, old=WRONG, new=NEW_HASH, now=now)
    assert list(caught.value.fields) == ["old"]
    assert passwords.verify(user.password_hash, PASSWORD)


def test_duty_begins_once_and_ends(make: Make):
    user = make.user(make.organisation(), Role.COLLECTOR, on_duty_since=None)
    actor, began = make.actor(user), make.clock.now()

    def duty(on: bool) -> User:
        return users.set_duty(make.session, actor, on=on, now=make.clock.now())

    assert duty(True).on_duty_since == began
    make.clock.forward(hours=1)
    assert duty(True).on_duty_since == began
    assert duty(False).on_duty_since is None
    assert duty(False).on_duty_since is None
    assert actions(make) == ["user.on_duty", "user.off_duty"]


def test_nobody_acts_on_an_account_that_is_not_of_his_organisation(make: Make):
    user = make.user(make.organisation(), Role.COLLECTOR)
    elsewhere = Actor(make.organisation().id, user.id, Role.COLLECTOR)
    now = make.clock.now()
    with pytest.raises(NotFound):
        users.set_duty(make.session, elsewhere, on=False, now=now)
    with pytest.raises(NotFound):
        users.set_pins(
            make.session, elsewhere, password=right(user), pins=NEW_PINS, now=now
        )

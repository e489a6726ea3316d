"""Log-in: one answer to everything wrong, devices kept, sessions that end."""

from uuid import UUID

import pytest
from sqlalchemy import select

from accounts import logins, passwords
from core import ids
from core.actor import Actor
from core.errors import NotFound, Unauthenticated
from core.words import Role, UserState
from models import AuditRow, Device, LoginSession, Organisation, User
from tests.support.make import PASSWORD, Make

APP = ids.new()


@pytest.fixture
def organisation(make: Make) -> Organisation:
    """An organisation to log in at."""
    return make.organisation(slug="westlake")


@pytest.fixture
def user(make: Make, organisation: Organisation) -> User:
    """Its collector."""
    return make.user(organisation, Role.COLLECTOR, login="zhang")


def log_in(
    make: Make,
    slug: str = "westlake",
    login: str = "zhang",
    password: str = PASSWORD,
    app_id: UUID = APP,
) -> LoginSession:
    hashed = logins.password_hash(make.session, slug=slug, login=login)
    return logins.log_in(
        make.session,
        slug=slug,
        login=login,
        password=passwords.prove(hashed, password),
        app_id=app_id,
        now=make.clock.now(),
    )


def test_a_log_in_gives_the_actor_on_his_device(make: Make, user: User):
    opened = log_in(make)
    make.session.commit()
    device = make.session.scalars(select(Device)).one()
    assert (device.app_id, device.user_id) == (APP, user.id)
    assert logins.actor(make.session, opened.id) == Actor(
        user.organisation_id, user.id, Role.COLLECTOR, device.id
    )
    row = make.session.scalars(select(AuditRow)).one()
    assert (row.action, row.subject_id) == ("login.opened", opened.id)
    assert row.detail == {"device_id": str(device.id)}


@pytest.mark.parametrize("login", ["ZHANG", " zhang ", "ｚｈａｎｇ"])
@pytest.mark.usefixtures("user")
def test_a_login_is_found_however_it_is_typed(make: Make, login: str):
    assert log_in(make, login=login)


def test_the_same_app_is_the_same_device_and_each_user_has_his_own(
    make: Make, user: User, organisation: Organisation
):
    make.user(organisation, Role.COLLECTOR, login="wang")
    first = log_in(make)
    later = make.clock.forward(hours=1)
    again, elsewhere = log_in(make), log_in(make, app_id=ids.new())
    of_another = log_in(make, login="wang")
    assert again.device_id == first.device_id
    assert again.id != first.id
    devices = {first.device_id, elsewhere.device_id, of_another.device_id}
    assert len(devices) == 3
    kept = make.session.get_one(Device, first.device_id)
    assert (kept.user_id, kept.last_login_at) == (user.id, later)
    assert kept.created_at < later


WRONG = [
    {"slug": "eastlake"},
    {"slug": ""},
    {"login": "wang"},
    {"login": ""},
    {"password": "wrong"},
    {"password": ""},
    {"slug": "elsewhere"},
    {"login": "gone"},
]


@pytest.mark.parametrize("wrong", WRONG, ids=str)
@pytest.mark.usefixtures("user")
def test_everything_wrong_gets_the_same_words_after_one_verification(
    make: Make,
    organisation: Organisation,
    monkeypatch: pytest.MonkeyPatch,
    wrong: dict[str, str],
):
    make.organisation(slug="elsewhere")
    make.user(organisation, Role.COLLECTOR, login="gone", state=UserState.SUSPENDED)
    asked = []
    verify = passwords.verify

    def counted(hashed: str | None, secret: str) -> bool:
        asked.append(secret)
        return verify(hashed, secret)

    monkeypatch.setattr(passwords, "verify", counted)
    with pytest.raises(Unauthenticated) as caught:
        log_in(make, **wrong)  # type: ignore[arg-type]
    assert (caught.value.detail, caught.value.facts) == (logins.WRONG, {})
    assert len(asked) == 1
    assert make.session.scalars(select(LoginSession)).all() == []


def test_a_login_of_another_organisation_does_not_log_in_here(make: Make, user: User):
    other = make.organisation(slug="eastlake")
    there = make.user(other, Role.ADMIN, login="zhang")
    opened = log_in(make, slug="eastlake")
    assert opened.user_id == there.id
    assert log_in(make).user_id == user.id


@pytest.mark.usefixtures("user")
def test_log_out_ends_this_log_in_only(make: Make):
    first, second = log_in(make), log_in(make)
    actor = logins.actor(make.session, first.id)
    logins.log_out(make.session, actor, first.id, now=make.clock.now())
    make.session.commit()
    assert first.revoked_at == make.clock.now()
    with pytest.raises(Unauthenticated):
        logins.actor(make.session, first.id)
    assert logins.actor(make.session, second.id) == actor
    with pytest.raises(NotFound):
        logins.log_out(make.session, actor, first.id, now=make.clock.now())
    closed = select(AuditRow.subject_id).where(AuditRow.action == "login.closed")
    assert make.session.scalars(closed).all() == [first.id]


def test_nobody_ends_anothers_log_in(
    make: Make, user: User, organisation: Organisation
):
    opened = log_in(make)
    colleague = make.actor(make.user(organisation, Role.ADMIN))
    stranger = Actor(make.organisation().id, user.id, user.role)
    for other in (colleague, stranger):
        with pytest.raises(NotFound):
            logins.log_out(make.session, other, opened.id, now=make.clock.now())
    assert logins.actor(make.session, opened.id).user_id == user.id


def test_an_unknown_log_in_and_a_suspended_user_act_no_more(make: Make, user: User):
    with pytest.raises(Unauthenticated):
        logins.actor(make.session, ids.new())
    opened = log_in(make)
    user.state = UserState.SUSPENDED
    make.session.flush()
    with pytest.raises(Unauthenticated):
        logins.actor(make.session, opened.id)


def test_a_device_is_out_after_its_last_log_in_ended(make: Make, user: User):
    first, second, elsewhere = (
        log_in(make),
        log_in(make),
        log_in(make, app_id=ids.new()),
    )
    here = logins.actor(make.session, first.id)
    there = logins.actor(make.session, elsewhere.id)
    for opened in (first, second):
        assert not logins.device_is_out(make.session, here)
        logins.log_out(make.session, here, opened.id, now=make.clock.now())
    assert logins.device_is_out(make.session, here)
    assert not logins.device_is_out(make.session, there)
    log_in(make)
    assert not logins.device_is_out(make.session, here)
    user.state = UserState.SUSPENDED
    make.session.flush()
    assert logins.device_is_out(make.session, there)

"""Second factors: set up by a first code, each code good once, reset by others."""

from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from sqlalchemy import select

from accounts import logins, passwords, second_factors
from accounts.second_factors import Typed
from core import ids
from core.errors import Conflict, Invalid, NotFound, Unauthenticated
from core.words import Role
from models import (
    AuditRow,
    LoginSession,
    Organisation,
    RecoveryCode,
    SecondFactor,
    User,
)
from tests.support.authenticator import Authenticator, set_up
from tests.support.make import PASSWORD, Make

AT = datetime(2026, 11, 24, 12, 0, 10, tzinfo=UTC)
STEP = timedelta(seconds=30)


@pytest.fixture
def officer(make: Make) -> User:
    """A safety officer without a second factor yet."""
    return make.user(make.organisation(), Role.SAFETY_OFFICER)


def log_in(make: Make, user: User, code: str | None, at: datetime = AT) -> LoginSession:
    """Log in with the right password and this code."""
    slug, login = make.slug_of(user), user.login or ""
    hashed = logins.password_hash(make.session, slug=slug, login=login)
    return logins.log_in(
        make.session,
        slug=slug,
        login=login,
        password=passwords.prove(hashed, PASSWORD),
        app_id=ids.new(),
        now=make.clock.now(),
        second=Typed(code, at),
    )


def test_without_a_second_factor_the_password_is_enough_until_one_is_required(
    make: Make, officer: User
):
    assert not log_in(make, officer, None).enrol_only
    organisation = make.organisation(second_factor_required=True)
    for role in Role:
        opened = log_in(make, make.user(organisation, role), None)
        assert opened.enrol_only is (role is not Role.COLLECTOR)


def test_a_log_in_needs_the_code_once_it_is_set_up(make: Make, officer: User):
    app, _ = set_up(make, officer)
    for nothing in (None, ""):
        with pytest.raises(second_factors.Needed):
            log_in(make, officer, nothing)
    with pytest.raises(second_factors.Wrong):
        log_in(make, officer, app.wrong())
    assert not log_in(make, officer, app.code(at=AT)).enrol_only


def test_one_step_beside_is_accepted_and_no_more(make: Make, officer: User):
    app, _ = set_up(make, officer)
    for steps in (-2, 2):
        with pytest.raises(second_factors.Wrong):
            log_in(make, officer, app.code(at=AT, later=steps))
    for steps in (-1, 0, 1):
        code = app.code(at=AT, later=steps)
        assert log_in(make, officer, f" {code[:3]} {code[3:]} ")


def test_no_code_is_accepted_twice_nor_one_before_it(make: Make, officer: User):
    app, _ = set_up(make, officer)
    code, before = app.code(at=AT), app.code(at=AT, later=-1)
    log_in(make, officer, code)
    for old in (code, before):
        with pytest.raises(second_factors.Wrong):
            log_in(make, officer, old)
    assert log_in(make, officer, app.code(at=AT + STEP), AT + STEP)


def test_a_wrong_password_says_nothing_of_the_code(make: Make, officer: User):
    app, _ = set_up(make, officer)
    officer.password_hash = passwords.hash_password("another password of his")
    with pytest.raises(Unauthenticated, match="login or password") as told:
        log_in(make, officer, app.code(at=AT))
    assert told.value.code == "unauthenticated"


def test_each_recovery_code_stands_in_once(make: Make, officer: User):
    _, codes = set_up(make, officer)
    assert len(set(codes)) == 10
    assert log_in(make, officer, codes[0].upper().replace("-", " "))
    with pytest.raises(second_factors.Wrong):
        log_in(make, officer, codes[0])
    assert log_in(make, officer, codes[1])
    assert second_factors.recovery_codes_left(make.session, officer) == 8
    other = make.user(make.organisation(), Role.ADMIN)
    set_up(make, other)
    with pytest.raises(second_factors.Wrong):
        log_in(make, other, codes[2])


def test_codes_and_secret_are_not_stored_as_they_are(make: Make, officer: User):
    app, codes = set_up(make, officer)
    rows = make.session.scalars(select(RecoveryCode.code_digest)).all()
    assert not {code.replace("-", "") for code in codes} & set(rows)
    row = make.session.scalars(select(SecondFactor)).one()
    assert app.totp.secret.encode() not in bytes(row.secret_sealed)
    assert row.secret == app.totp.secret
    words = [str(row.detail) for row in make.session.scalars(select(AuditRow))]
    assert not [word for word in words if codes[0] in word]


def test_it_does_not_count_before_its_first_code(make: Make, officer: User):
    actor, now = make.actor(officer), make.clock.now()
    right = passwords.prove(officer.password_hash, PASSWORD)
    begun = second_factors.begin(make.session, actor, password=right, now=now)
    assert pyotp.parse_uri(begun.uri).secret == begun.secret
    assert not log_in(make, officer, None).enrol_only
    app = Authenticator(begun.secret)
    with pytest.raises(Invalid):
        second_factors.confirm(
            make.session, actor, typed=Typed(app.wrong(), AT), now=now
        )
    second_factors.confirm(
        make.session, actor, typed=Typed(app.code(at=AT), AT), now=now
    )
    with pytest.raises(second_factors.Wrong):  # the first code was a code
        log_in(make, officer, app.code(at=AT))
    for again in (
        lambda: second_factors.begin(make.session, actor, password=right, now=now),
        lambda: second_factors.confirm(
            make.session, actor, typed=Typed(app.code(at=AT, later=1), AT), now=now
        ),
    ):
        with pytest.raises(Conflict):
            again()


def test_beginning_asks_for_the_password(make: Make, officer: User):
    wrong = passwords.prove(officer.password_hash, "not the password")
    with pytest.raises(Invalid):
        second_factors.begin(
            make.session, make.actor(officer), password=wrong, now=make.clock.now()
        )
    assert second_factors.of(make.session, officer) is None


def test_an_admin_resets_another_and_never_himself(make: Make, officer: User):
    own = make.session.get_one(Organisation, officer.organisation_id)
    admin = make.user(own, Role.ADMIN)
    stranger = make.user(make.organisation(), Role.ADMIN)
    app, codes = set_up(make, officer)
    opened = log_in(make, officer, app.code(at=AT))
    now = make.clock.now()
    with pytest.raises(NotFound):
        second_factors.reset(make.session, make.actor(stranger), officer.id, now=now)
    with pytest.raises(Conflict):
        second_factors.reset(make.session, make.actor(officer), officer.id, now=now)
    second_factors.reset(make.session, make.actor(admin), officer.id, now=now)
    make.session.refresh(opened)
    assert opened.revoked_at == now
    assert second_factors.recovery_codes_left(make.session, officer) == 0
    assert log_in(make, officer, codes[0])
    rows = make.session.scalars(select(AuditRow).order_by(AuditRow.id))
    told = [(row.action, row.actor_id) for row in rows]
    assert ("second_factor.reset", admin.id) in told
    with pytest.raises(Conflict):
        second_factors.reset(make.session, make.actor(admin), officer.id, now=now)

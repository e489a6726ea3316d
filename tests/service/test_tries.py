"""Tries at secrets: counted before they are proved, later and later, never for ever."""

import pytest
from sqlalchemy import select

from accounts import admission, sources, tries
from accounts.tries import Counter
from core import ids
from core.errors import TooManyTries
from core.words import Role
from models import Device, KnownSource, Try, User
from tests.support.make import Make

HERE, ELSEWHERE = "192.0.2.1", "198.51.100.7"


def attempt(make: Make, *counters: Counter) -> int:
    """One try; the seconds to wait where it is refused, else 0."""
    try:
        with make.session.begin_nested():
            tries.admit(make.session, counters, now=make.clock.now())
    except TooManyTries as early:
        return early.retry_after_s
    return 0


def counters(make: Make, user: User, source: str, app_id: object) -> list[Counter]:
    """Those of a log-in of the user from there on that device."""
    found = make.session.get_one(type(user), user.id)
    return admission.log_in(
        make.session,
        slug=make.slug_of(found),
        login=found.login or "",
        app_id=app_id,  # type: ignore[arg-type]
        source_digest=sources.digest(source),
    )


@pytest.fixture
def zhou(make: Make) -> User:
    """A collector who has logged in on a phone at home."""
    return make.user(make.organisation(), Role.COLLECTOR)


def phone(make: Make, user: User) -> Device:
    """A device on which he logged in before."""
    row = Device(
        organisation_id=user.organisation_id,
        user_id=user.id,
        app_id=ids.new(),
        created_at=make.clock.now(),
        last_login_at=make.clock.now(),
    )
    make.session.add(row)
    make.session.flush()
    return row


def test_five_failures_are_free_and_then_the_delay_doubles(make: Make):
    one = tries.narrow("test", "x")
    assert [attempt(make, one) for _ in range(5)] == [0] * 5
    waits = []
    for _ in range(12):
        waits.append(attempt(make, one))
        make.clock.forward(seconds=waits[-1])
        assert attempt(make, one) == 0
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]


def test_a_try_that_comes_too_early_makes_nothing_longer(make: Make):
    one = tries.narrow("test", "x")
    for _ in range(6):
        attempt(make, one)
    assert [attempt(make, one) for _ in range(20)] == [1] * 20
    make.clock.forward(seconds=1)
    assert attempt(make, one) == 0


def test_a_try_that_one_counter_refuses_counts_at_none(make: Make):
    shut, other = tries.narrow("test", "x"), tries.narrow("test", "y")
    for _ in range(5):
        attempt(make, shut)
    assert attempt(make, shut, other) == 1
    assert [attempt(make, other) for _ in range(5)] == [0] * 5


def test_a_success_ends_its_own_counter_and_takes_itself_back_from_a_wide_one(
    make: Make,
):
    own, shared = tries.narrow("test", "x"), tries.wide("test", "all", free=3)
    for _ in range(2):
        attempt(make, own, shared)
    tries.succeeded(make.session, [own, shared])
    rows = {row.key_digest: row.failures for row in make.session.scalars(select(Try))}
    assert rows == {shared.key_digest: 1}


def test_old_failures_are_forgotten_and_their_counters_dropped(make: Make):
    one, other = tries.narrow("test", "x"), tries.narrow("test", "y")
    for _ in range(5):
        attempt(make, one)
    attempt(make, other)
    due = tries.next_forgotten(make.session)
    assert due == make.clock.now() + tries.FORGOTTEN
    make.clock.forward(hours=2)
    assert [attempt(make, one) for _ in range(5)] == [0] * 5
    assert tries.forget(make.session, now=make.clock.now()) == 1
    assert tries.forget(make.session, now=make.clock.now()) == 0


def test_no_attacker_keeps_a_known_device_or_a_known_address_waiting(
    make: Make, zhou: User
):
    device = phone(make, zhou)
    home = sources.digest(HERE)
    sources.remember(
        make.session,
        organisation_id=zhou.organisation_id,
        user_id=zhou.id,
        source_digest=home,
        now=make.clock.now(),
    )
    for number in range(60):  # a crowd, and one of them sits in zhou's own network
        source = HERE if number % 3 == 0 else f"203.0.113.{number}"
        attempt(make, *counters(make, zhou, source, ids.new()))
    stranger = counters(make, zhou, "203.0.113.200", ids.new())
    assert attempt(make, *stranger) > 0
    assert attempt(make, *counters(make, zhou, ELSEWHERE, device.app_id)) == 0
    assert attempt(make, *counters(make, zhou, HERE, device.app_id)) == 0


def test_the_crowd_elsewhere_does_not_touch_a_new_device_at_a_known_address(
    make: Make, zhou: User
):
    sources.remember(
        make.session,
        organisation_id=zhou.organisation_id,
        user_id=zhou.id,
        source_digest=sources.digest(HERE),
        now=make.clock.now(),
    )
    for number in range(40):
        attempt(make, *counters(make, zhou, f"203.0.113.{number}", ids.new()))
    assert attempt(make, *counters(make, zhou, HERE, ids.new())) == 0


def test_whoever_learns_the_name_of_a_device_is_counted_all_the_same(
    make: Make, zhou: User
):
    device = phone(make, zhou)
    waits = [
        attempt(make, *counters(make, zhou, f"203.0.113.{n}", device.app_id))
        for n in range(30)
    ]
    assert waits[:20] == [0] * 20
    assert all(waits[20:])


def test_an_unknown_login_is_counted_like_a_known_one(make: Make, zhou: User):
    slug = make.slug_of(zhou)

    def known(login: str) -> list[int]:
        asked = admission.log_in(
            make.session,
            slug=slug,
            login=login,
            app_id=ids.new(),
            source_digest=sources.digest(login),
        )
        return [attempt(make, *asked) for _ in range(8)]

    assert known(zhou.login or "") == known("nobody at all")


def test_one_address_that_tries_many_logins_waits(make: Make):
    waits = []
    for number in range(35):
        asked = admission.log_in(
            make.session,
            slug="nowhere",
            login=f"user{number}",
            app_id=ids.new(),
            source_digest=sources.digest(ELSEWHERE),
        )
        waits.append(attempt(make, *asked))
    assert waits[:30] == [0] * 30
    assert all(waits[30:])


def test_counters_and_addresses_hold_no_address_and_no_login(make: Make, zhou: User):
    attempt(make, *counters(make, zhou, HERE, ids.new()))
    rows = [vars(row) for row in make.session.scalars(select(Try))]
    assert len(rows) == 3
    assert HERE not in str(rows)
    assert (zhou.login or "") not in str(rows)


def test_a_subscribers_ipv6_network_is_one_source():
    one, two = "2001:db8:1:2::1", "2001:db8:1:2:ffff::9"
    assert sources.digest(one) == sources.digest(two)
    assert sources.digest(one) != sources.digest("2001:db8:1:3::1")
    assert sources.digest("::ffff:192.0.2.1") == sources.digest("192.0.2.1")


def test_an_address_of_long_ago_is_forgotten(make: Make, zhou: User):
    def remember() -> None:
        sources.remember(
            make.session,
            organisation_id=zhou.organisation_id,
            user_id=zhou.id,
            source_digest=sources.digest(HERE),
            now=make.clock.now(),
        )

    remember()
    make.clock.forward(days=80)
    remember()
    make.clock.forward(days=80)
    assert sources.forget(make.session, now=make.clock.now()) == 0
    assert sources.knows(make.session, zhou, sources.digest(HERE))
    make.clock.forward(days=10)
    assert sources.forget(make.session, now=make.clock.now()) == 1
    assert make.session.scalars(select(KnownSource)).all() == []

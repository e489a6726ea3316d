"""Refresh families: the next pair, the same pair again, and the end of a replay."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from accounts import logins, refreshes
from accounts.refreshes import Generation
from core import ids
from core.errors import Unauthenticated
from core.words import Role
from models import AuditRow, Device, LoginSession, Organisation, User
from tests.support.clock import MORNING
from tests.support.make import Make

APP = ids.new()


class Family:
    """One log-in of a collector on the device that its app names ``APP``."""

    def __init__(self, make: Make) -> None:
        self.make, self.session = make, make.session
        self.user: User = make.user(make.organisation(), Role.COLLECTOR)
        now, mine = make.clock.now(), {"organisation_id": self.user.organisation_id}
        mine |= {"user_id": self.user.id}
        device = Device(**mine, app_id=APP, created_at=now, last_login_at=now)
        self.session.add(device)
        self.session.flush()
        self.opened = LoginSession(**mine, device_id=device.id, created_at=now)
        self.session.add(self.opened)
        self.session.commit()

    def renew(self, number: int, app_id: UUID = APP) -> Generation | None:
        """Present the token of that generation."""
        now = self.make.clock.now()
        renewed = refreshes.renew(
            self.session,
            logins.actor(self.session, self.opened.id),
            self.opened.id,
            number=number,
            app_id=app_id,
            minted_at=now - timedelta(days=1),  # a host's clock is another one
            now=now,
        )
        self.session.commit()
        self.session.expire_all()
        return renewed

    def ended(self) -> list[AuditRow]:
        """What the audit says of replays."""
        query = select(AuditRow).where(AuditRow.action == "login.replayed")
        return list(self.session.scalars(query))


@pytest.fixture
def family(make: Make) -> Family:
    """A fresh one."""
    return Family(make)


def test_each_refresh_is_the_next_generation(family: Family):
    numbers = [family.renew(number).number for number in range(3)]  # type: ignore[union-attr]
    assert numbers == [1, 2, 3]
    assert family.opened.generation == 3
    assert family.ended() == []


@pytest.mark.parametrize("seconds", [0, 59, 60])
def test_the_same_device_gets_the_same_pair_again_within_a_minute(
    family: Family, seconds: int
):
    first = family.renew(0)
    family.make.clock.forward(seconds=seconds)
    assert family.renew(0) == first
    assert first is not None
    assert first.minted_at == MORNING - timedelta(days=1)
    assert family.renew(1) is not None


def test_a_minute_later_it_is_a_replay_and_the_family_ends_once(family: Family):
    family.renew(0)
    family.make.clock.forward(seconds=61)
    assert family.renew(0) is None
    assert family.opened.revoked_at == family.make.clock.now()
    [row] = family.ended()
    assert (row.subject, row.subject_id) == ("login_sessions", family.opened.id)
    assert row.detail == {
        "device_id": str(family.opened.device_id),
        "replayed": 0,
        "newest": 1,
        "same_device": True,
    }
    with pytest.raises(Unauthenticated):
        family.renew(1)
    assert len(family.ended()) == 1


def test_a_used_token_from_another_device_ends_the_family_at_once(family: Family):
    family.renew(0)
    assert family.renew(0, ids.new()) is None
    [row] = family.ended()
    assert row.detail["same_device"] is False


def test_only_the_token_just_used_is_forgiven(family: Family):
    family.renew(0)
    family.renew(1)
    assert family.renew(0) is None
    assert len(family.ended()) == 1


def test_an_unused_token_in_other_hands_gives_nothing_and_ends_nothing(family: Family):
    for _ in range(3):
        with pytest.raises(Unauthenticated):
            family.renew(0, ids.new())
    assert family.renew(0) is not None
    assert family.ended() == []


def test_a_generation_that_is_not_known_yet_ends_nothing(family: Family):
    """A database that was restored from a backup knows fewer than were given out."""
    with pytest.raises(Unauthenticated):
        family.renew(5)
    assert family.opened.revoked_at is None


def test_nobody_renews_anothers_log_in(family: Family, make: Make):
    home = make.session.get_one(Organisation, family.user.organisation_id)
    for other in (
        make.user(home, Role.ADMIN),
        make.user(make.organisation(), Role.COLLECTOR),
    ):
        with pytest.raises(Unauthenticated):
            refreshes.renew(
                make.session,
                make.actor(other),
                family.opened.id,
                number=0,
                app_id=APP,
                minted_at=MORNING,
                now=MORNING,
            )
    assert family.opened.generation == 0

"""An authenticator app: one secret, and the codes that it shows."""

from datetime import UTC, datetime

import pyotp

from accounts import second_factors
from accounts.second_factors import Typed
from models import User
from tests.support.make import Make

STEP_S = 30


class Authenticator:
    """Shows a code for each half minute; ``later`` the one of a step to come."""

    def __init__(self, secret: str) -> None:
        self.totp = pyotp.TOTP(secret)

    def code(self, *, later: int = 0, at: datetime | None = None) -> str:
        """What it shows, ``later`` steps from then."""
        return self.totp.at(at or datetime.now(UTC), counter_offset=later)

    def wrong(self) -> str:
        """Six digits that it shows at none of the steps that are accepted."""
        near = {self.code(later=step) for step in range(-3, 4)}
        return next(f"{n:06d}" for n in range(10) if f"{n:06d}" not in near)


def set_up(make: Make, user: User) -> tuple[Authenticator, list[str]]:
    """The user's authenticator, confirmed a while ago, and his recovery codes."""
    actor, now = make.actor(user), make.clock.now()
    begun = second_factors.begin(make.session, actor, password=None, now=now)
    app = Authenticator(begun.secret)
    past = datetime(2020, 1, 1, tzinfo=UTC)
    codes = second_factors.confirm(
        make.session, actor, typed=Typed(app.code(at=past), past), now=now
    )
    return app, list(codes)

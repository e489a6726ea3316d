"""A clock that stands still until it is told to move."""

from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

MORNING = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)  # a Tuesday, 10:00 in Hangzhou


class FakeClock:
    """Stands in for ``server.clock.Clock``."""

    def __init__(self, start: datetime = MORNING) -> None:
        self.time = start

    def now(self, session: Session | None = None) -> datetime:
        """The same instant until ``forward``."""
        return self.time

    def forward(self, **delta: float) -> datetime:
        """Move on by ``timedelta(**delta)``."""
        self.time += timedelta(**delta)
        return self.time

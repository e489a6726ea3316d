"""The only reading of the wall clock."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.sql import func

DATABASE_TIME = select(func.clock_timestamp())


class Clock:
    """Aware UTC. Hosts that share a PostgreSQL share its clock as well.

    ``offset`` is not zero only in a database that the demo created.
    """

    def __init__(self, offset: timedelta = timedelta(0)) -> None:
        self.offset = offset

    def now(self, session: Session) -> datetime:
        """The instant at which this is called, not the transaction's start."""
        if session.get_bind().dialect.name == "postgresql":
            instant: datetime = session.execute(DATABASE_TIME).scalar_one()
            return instant.astimezone(UTC) + self.offset
        return real() + self.offset


def real() -> datetime:
    """This host's clock, for tokens and logs; never shifted."""
    return datetime.now(UTC)

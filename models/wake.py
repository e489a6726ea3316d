"""Wake sleeping workers when the transaction that gave them work commits."""

from datetime import timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

CHANNEL = "vouchsafe_work"
LONGEST_SLEEP_S = 0.5  # of a worker: also where a call gets lost
# what falls due later is seen in time by whoever sleeps no longer than that
SOON = timedelta(seconds=4 * LONGEST_SLEEP_S)
ALERTS = "vouchsafe_alerts"


def workers(session: Session) -> None:
    """NOTIFY on PostgreSQL, at commit and once however often it is asked for.

    SQLite has no such signal: its worker looks whether anybody has committed.
    """
    _notify(session, CHANNEL)


def onlookers(session: Session) -> None:
    """The same for the web processes whose clients look on at alerts."""
    _notify(session, ALERTS)


def _notify(session: Session, channel: str) -> None:
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text(f"SELECT pg_notify('{channel}', '')"))

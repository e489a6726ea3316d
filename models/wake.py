"""Wake sleeping workers when the transaction that gave them work commits."""

from sqlalchemy import text
from sqlalchemy.orm import Session

CHANNEL = "vouchsafe_work"


def workers(session: Session) -> None:
    """NOTIFY on PostgreSQL, at commit and once however often it is asked for.

    SQLite has no such signal: its worker polls.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text(f"SELECT pg_notify('{CHANNEL}', '')"))

"""The pulse by which others see that a process lives."""

import socket
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from models import ProcessPulse


def beat(session: Session, pulse_id: UUID, kind: str, *, now: datetime) -> None:
    """``kind`` is worker or sentinel; the first beat makes the row."""
    pulse = session.get(ProcessPulse, pulse_id) or ProcessPulse(
        id=pulse_id, kind=kind, host=socket.gethostname(), started_at=now, beat_at=now
    )
    pulse.beat_at = now
    session.add(pulse)

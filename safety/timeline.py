"""The append-only timeline of an alert."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts import audit
from core.words import SILENT, AlertEntryKind
from models import Alert, AlertEntry, wake


def add(
    session: Session,
    alert: Alert,
    kind: AlertEntryKind,
    *,
    actor_id: UUID | None = None,
    words: str | None = None,
    from_revoked_device: bool = False,
    now: datetime,
    **detail: object,
) -> None:
    """One more line, and the same fact (without the words) in the audit.

    There a silent alert has types of its own, which are told to safety officers alone.

    A line that a device reported lost has caused says so in its detail.
    """
    if from_revoked_device:
        detail["from_revoked_device"] = True
    entry = AlertEntry(
        organisation_id=alert.organisation_id,
        alert_id=alert.id,
        kind=kind,
        at=now,
        actor_id=actor_id,
        detail={name: audit.plain(value) for name, value in detail.items()},
        words=words,
    )
    session.add(entry)
    wake.onlookers(session)
    audit.record(
        session,
        organisation_id=alert.organisation_id,
        actor_id=actor_id,
        action=f"{'silent_alert' if alert.kind in SILENT else 'alert'}.{kind}",
        subject="alerts",
        subject_id=alert.id,
        now=now,
        **detail,
    )


def of(session: Session, alert: Alert) -> list[AlertEntry]:
    """All lines, oldest first."""
    query = select(AlertEntry).where(AlertEntry.alert_id == alert.id)
    return list(session.scalars(query.order_by(AlertEntry.id)))

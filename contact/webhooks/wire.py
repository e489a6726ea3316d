"""An event as it is sent: ids, words and numbers of one audit row, never a name."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from uuid import UUID

from models import AuditRow

TEST = "webhook.test"


def event(row: AuditRow, number: int) -> bytes:
    """The body; the same bytes however often it is sent."""
    data = {
        "organisation_id": str(row.organisation_id),
        "number": number,
        "subject": row.subject,
        "subject_id": _text(row.subject_id),
        "actor_id": _text(row.actor_id),
        "detail": row.detail,
    }
    return _body(row.id, row.action, row.at, data)


def test_event(event_id: UUID, organisation_id: UUID, *, now: datetime) -> bytes:
    """The body of an event about nothing."""
    data: dict[str, object] = {
        "organisation_id": str(organisation_id),
        "number": None,
        "subject": "webhooks",
        "subject_id": None,
        "actor_id": None,
        "detail": {},
    }
    return _body(event_id, TEST, now, data)


def _body(event_id: UUID, kind: str, at: datetime, data: Mapping[str, object]) -> bytes:
    said = {
        "id": str(event_id),
        "type": kind,
        "timestamp": at.astimezone(UTC).isoformat(),
        "data": data,
    }
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()


def _text(identifier: UUID | None) -> str | None:
    return None if identifier is None else str(identifier)

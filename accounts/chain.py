"""The arithmetic of the audit's chain: a row's digest and the link that covers it."""

import hashlib
import hmac
import json
from datetime import UTC, datetime
from uuid import UUID

from models import AuditRow

FIRST_LINK = "0" * 64  # what stands before link 1


def row_digest(row: AuditRow) -> str:
    """SHA-256 in hex over the row's columns as canonical JSON (sorted, no spaces)."""
    facts = {
        "id": str(row.id),
        "organisation_id": _text(row.organisation_id),
        "at": row.at.astimezone(UTC).isoformat(),
        "actor_id": _text(row.actor_id),
        "action": row.action,
        "subject": row.subject,
        "subject_id": _text(row.subject_id),
        "detail": row.detail,
    }
    canonical = json.dumps(facts, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def link(
    secret: bytes, before: str, digest: str, number: int, sealed_at: datetime
) -> str:
    """HMAC-SHA-256 in hex over the link before, this row's digest, number and time."""
    instant = sealed_at.astimezone(UTC).isoformat()
    covered = f"{before}|{digest}|{number}|{instant}"
    return hmac.new(secret, covered.encode(), hashlib.sha256).hexdigest()


def _text(identifier: UUID | None) -> str | None:
    return None if identifier is None else str(identifier)

"""The arithmetic of the audit: a row's digest, our mark on it, the link over it."""

import hashlib
import hmac
import json
import math
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

from models import AuditRow
from models.sealed import ring

FIRST_LINK = "0" * 64  # what stands before link 1


def row_digest(row: AuditRow) -> str:
    """SHA-256 in hex over the row's columns as canonical JSON (sorted, no spaces).

    The same before the row is stored and after: a database may write 1e3 as 1000.
    """
    facts = {
        "id": str(row.id),
        "organisation_id": _text(row.organisation_id),
        "at": row.at.astimezone(UTC).isoformat(),
        "actor_id": _text(row.actor_id),
        "action": row.action,
        "subject": row.subject,
        "subject_id": _text(row.subject_id),
        "detail": _canonical(row.detail),
    }
    canonical = json.dumps(facts, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def mac(digest: str) -> str:
    """HMAC-SHA-256 in hex over a row's digest: nobody without our keys can make it."""
    secret = ring.keyring.secret("audit_row")
    return hmac.new(secret, digest.encode(), hashlib.sha256).hexdigest()


def is_ours(row: AuditRow) -> bool:
    """True where the row stands as we wrote it."""
    return hmac.compare_digest(mac(row_digest(row)), row.mac)


def link(
    secret: bytes, before: str, digest: str, number: int, sealed_at: datetime
) -> str:
    """HMAC-SHA-256 in hex over the link before, this row's digest, number and time."""
    instant = sealed_at.astimezone(UTC).isoformat()
    covered = f"{before}|{digest}|{number}|{instant}"
    return hmac.new(secret, covered.encode(), hashlib.sha256).hexdigest()


def _canonical(value: object) -> object:
    """Numbers as marked decimal text, so that 1.0 is 1 and is not "1"."""
    match value:
        case dict():
            return {name: _canonical(item) for name, item in value.items()}
        case list():
            return [_canonical(item) for item in value]
        case bool():
            return value
        case int() | float() if math.isfinite(value):
            digits = f"{Decimal(repr(value)):f}"
            if "." in digits:
                digits = digits.rstrip("0").rstrip(".")
            return f"\0{'0' if digits == '-0' else digits}"
    return value


def _text(identifier: UUID | None) -> str | None:
    return None if identifier is None else str(identifier)

"""Audit rows: who did what to which row, written in the transaction of the deed."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import bindparam, insert, select
from sqlalchemy.orm import Session

from accounts import chain, event_types
from core import ids
from core.actor import Actor
from core.words import Role
from models import AuditPending, AuditRow

ROW_COLUMNS = [column.name for column in AuditRow.__table__.columns]
ROW, QUEUED = insert(AuditRow), insert(AuditPending)
# the row and its place in the queue in one statement, where a database can do that
_WRITTEN = ROW.values({name: bindparam(name) for name in ROW_COLUMNS}).returning(
    AuditRow.id, AuditRow.at
)
_CTE = _WRITTEN.cte("written")
BOTH = QUEUED.from_select(["audit_id", "at"], select(_CTE.c.id, _CTE.c.at))


def record(
    session: Session,
    *,
    organisation_id: UUID | None,
    actor_id: UUID | None,
    action: str,
    subject: str,
    subject_id: UUID | None,
    now: datetime,
    **detail: object,
) -> None:
    """Write one row and queue it for the sealer; the caller's own rows are not flushed.

    ``detail`` takes ids, enumerations, numbers, instants, keyed digests and lists of
    them, never a personal value; any other type is a ``TypeError``.
    """
    row: dict[str, object] = {
        "id": ids.new(),
        "organisation_id": organisation_id,
        "at": now,
        "actor_id": actor_id,
        "action": action,
        "subject": subject,
        "subject_id": subject_id,
        "detail": {name: plain(value) for name, value in detail.items()},
    }
    row["mac"] = chain.mac(chain.row_digest(AuditRow(**row)))
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        connection.execute(BOTH, row)
    else:
        connection.execute(ROW, row)
        connection.execute(QUEUED, {"audit_id": row["id"], "at": now})


def page(
    session: Session,
    actor: Actor,
    *,
    after: UUID | None,
    limit: int,
    subject_id: UUID | None = None,
) -> Sequence[AuditRow]:
    """At most ``limit`` rows of the actor's organisation after that id, oldest first.

    With ``subject_id`` only those about that row. What a silent alert leaves is shown
    to safety officers alone.
    """
    query = select(AuditRow).where(AuditRow.organisation_id == actor.organisation_id)
    if actor.role is not Role.SAFETY_OFFICER:
        query = query.where(AuditRow.action.not_in(event_types.OF_SILENT_ALERTS))
    if subject_id is not None:
        query = query.where(AuditRow.subject_id == subject_id)
    if after is not None:
        query = query.where(AuditRow.id > after)
    return session.scalars(query.order_by(AuditRow.id).limit(limit)).all()


def plain(value: object) -> object:
    """The JSON form: ids as text, instants as RFC 3339 in UTC."""
    match value:
        case None | bool() | int() | float() | str():
            return value
        case UUID():
            return str(value)
        case datetime():
            return value.astimezone(UTC).isoformat()
        case list() | tuple():
            return [plain(item) for item in value]
    raise TypeError(f"an audit row cannot hold a {type(value).__name__}")

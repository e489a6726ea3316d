"""The first message of an alert about a missed check-out, and the due it came of."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, aliased

from core.words import AlertKind
from models import Alert, Message, Watch


def due_of(session: Session, message_id: UUID) -> datetime | None:
    """When the watch was due whose alert first speaks by this message, now on its way.

    ``None`` for any other message, and from the second try on.
    """
    earlier = aliased(Message)
    before = exists().where(
        earlier.alert_id == Message.alert_id, earlier.id < Message.id
    )
    query = (
        select(Watch.due_at)
        .join(Alert, Alert.watch_id == Watch.id)
        .join(Message, Message.alert_id == Alert.id)
        .where(
            Message.id == message_id,
            Message.attempt == 1,
            Alert.kind == AlertKind.OVERDUE,
            ~before,
        )
    )
    return session.scalar(query)

"""A POST that is sent again gets the answer that it had.

The key comes from the client (``Idempotency-Key``) and counts for one user at one
address. Its row is written in the transaction of the effect: what was rolled back is
not answered as done, and who sends the same at once waits for the first.
"""

import json
import re
from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from core.actor import Actor
from core.errors import Invalid
from models import KeptAnswer
from models.sealed import ring

KEPT = timedelta(hours=24)
BATCH = 500
ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
SECRETS = {"password", "pin", "secret"}  # fields of bodies: no digest of them is kept


def claim(
    session: Session, actor: Actor, *, key: str, where: str, body: object, now: datetime
) -> KeptAnswer:
    """The row of this key: an answered one of before, or a fresh one to be answered.

    ``where`` is method and path, ``body`` the JSON that came. ``Invalid`` where the key
    came with another body. A rival's fresh row raises ``IntegrityError`` once he has
    committed.
    """
    digest = ring.keyring.digest
    key_digest = digest("repeat", f"{where}\n{key}")
    request_digest = digest("repeat", json.dumps(_without(body), sort_keys=True))
    query = select(KeptAnswer).where(
        KeptAnswer.organisation_id == actor.organisation_id,
        KeptAnswer.user_id == actor.user_id,
        KeptAnswer.key_digest == key_digest,
    )
    row = session.scalars(query).first()
    if row is None:
        row = KeptAnswer(
            organisation_id=actor.organisation_id,
            user_id=actor.user_id,
            key_digest=key_digest,
            request_digest=request_digest,
            created_at=now,
        )
        session.add(row)
        session.flush()
    elif row.request_digest != request_digest:
        raise Invalid(
            "This Idempotency-Key came before with another body: take a new key.",
            {"Idempotency-Key": ["was used with another body"]},
        )
    return row


def keep(session: Session, row: KeptAnswer, *, status: int, answer: object) -> None:
    """Write down what is about to be answered."""
    row.status, row.answer = status, json.dumps(answer, ensure_ascii=False)
    session.flush()


def kept(row: KeptAnswer) -> object:
    """What was answered then, as it was dumped."""
    return json.loads(row.answer or "null")


def forget(session: Session, *, now: datetime) -> int:
    """Delete some of the answers that were kept for a day; how many."""
    old = select(KeptAnswer.id).where(KeptAnswer.created_at <= now - KEPT).limit(BATCH)
    gone = session.execute(delete(KeptAnswer).where(KeptAnswer.id.in_(old)))
    return gone.rowcount  # type: ignore[attr-defined,no-any-return]


def forget_about(
    session: Session, organisation_id: UUID, about: Collection[UUID]
) -> int:
    """Delete the answers that name one of these ids; how many.

    They lie sealed, so each one of the last day is opened.
    """
    names = {str(one) for one in about}
    query = select(KeptAnswer).where(KeptAnswer.organisation_id == organisation_id)
    found = [
        row.id
        for row in session.scalars(query)
        if names.intersection(ID.findall(KeptAnswer.answer.readable(row) or ""))
    ]
    session.execute(delete(KeptAnswer).where(KeptAnswer.id.in_(found)))
    return len(found)


def next_due(session: Session) -> datetime | None:
    """When the oldest answer may be forgotten."""
    oldest = session.scalar(select(func.min(KeptAnswer.created_at)))
    return oldest + KEPT if oldest else None


def _without(body: object) -> object:
    if isinstance(body, dict):
        return {name: one for name, one in body.items() if name not in SECRETS}
    return body

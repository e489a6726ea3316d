"""Who is logged in proves once more who he is: by his password, or by a code."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from accounts import admission, users
from accounts.tries import Counter
from core.actor import Actor
from server.contracts import Secret


def own_password(field: str = "password") -> Secret:
    """The actor's hash, and the password in that field of the body."""

    def secret(
        session: Session, actor: Actor, body: dict[str, Any]
    ) -> tuple[str | None, str]:
        return users.get(session, actor, actor.user_id).password_hash, body[field]

    return secret


def counters(_: Session, actor: Actor, __: dict[str, Any]) -> Sequence[Counter]:
    """What his try is counted by."""
    return admission.own_secret(actor)

"""``Idempotency-Key``: what a creating POST was answered is answered again.

After draft-ietf-httpapi-idempotency-key-header: the key is optional, quoted or bare.
"""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import abort, request
from sqlalchemy.orm import Session

from accounts import repeats
from core.actor import Actor
from server import parser

HEADER = "Idempotency-Key"
KEY = re.compile(r"[!#-\[\]-~]{1,200}")  # visible ASCII but quote and backslash
PARAMETER = {
    "in": "header",
    "name": HEADER,
    "description": "Chosen by the client, new for each intention. The same key with "
    "the same body gets the same answer again, for 24 hours.",
    "schema": {"type": "string", "pattern": r"^[!#-\[\]-~]{1,200}$"},
}


def key() -> str | None:
    """The key that came, without its quotes."""
    given = request.headers.get(HEADER)
    if given is None:
        return None
    bare = given[1:-1] if len(given) > 1 and given[0] == given[-1] == '"' else given
    if not KEY.fullmatch(bare):
        what = "must be 1 to 200 visible ASCII characters without quotes inside."
        abort(400, description=f"{HEADER} {what}")
    return bare


def once(
    session: Session,
    actor: Actor,
    *,
    now: datetime,
    work: Callable[[], Any],
    status: int,
) -> tuple[Any, int]:
    """What ``work`` dumps, or what it had dumped when this key came before."""
    given = key()
    if given is None:
        return work(), status
    body = parser.read(request.get_data()) if request.get_data() else None
    where = f"{request.method} {request.path}"
    row = repeats.claim(session, actor, key=given, where=where, body=body, now=now)
    if row.status is not None:
        return repeats.kept(row), row.status
    dumped = work()
    repeats.keep(session, row, status=status, answer=dumped)
    return dumped, status

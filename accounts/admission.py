"""Which counters a log-in has to pass: an attacker's tries keep nobody else waiting.

Whoever logs in on a device or from an address where he did so before passes counters
that no stranger can fill. The name of a device is chosen by its app and shown to nobody
but its owner: knowing it proves little, so it buys patience and never trust.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts import logins, names, sources, tries
from accounts.tries import Counter
from core.actor import Actor
from models import Device, LoginSession, User

MANY_HERE = 20  # failures on one login, from wherever
MANY_THERE = 30  # failures of one address, whatever the login


def log_in(
    session: Session, *, slug: str, login: str, app_id: UUID, source_digest: str
) -> list[Counter]:
    """The counters of one try; the same for a login that does not exist."""
    user = logins.find(session, slug, login)
    who = (slug, names.normal_login(login))
    device = app_id if user and _known(session, user, app_id) else None
    here = user is not None and sources.knows(session, user, source_digest)
    counters = [tries.narrow("log_in", *who, source_digest, device or "")]
    if device is not None and not here:
        counters.append(tries.wide("device", *who, device, free=MANY_HERE))
    if device is None:
        counters.append(tries.wide("source", source_digest, free=MANY_THERE))
        if not here:
            counters.append(tries.wide("login", *who, free=MANY_HERE))
    return counters


def logged_in(
    session: Session,
    opened: LoginSession,
    counters: Sequence[Counter],
    *,
    source_digest: str,
    now: datetime,
) -> None:
    """The try was right: its counters end, and this is a place of his."""
    tries.succeeded(session, counters)
    sources.remember(
        session,
        organisation_id=opened.organisation_id,
        user_id=opened.user_id,
        source_digest=source_digest,
        now=now,
    )


def own_secret(actor: Actor) -> list[Counter]:
    """Of somebody who is logged in and proves once more who he is."""
    return [tries.narrow("own_secret", actor.user_id, actor.device_id)]


def _known(session: Session, user: User, app_id: UUID) -> bool:
    query = select(Device.id).where(
        Device.organisation_id == user.organisation_id,
        Device.user_id == user.id,
        Device.app_id == app_id,
        Device.revoked_at.is_(None),
    )
    return session.scalar(query) is not None

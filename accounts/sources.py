"""Where a request comes from: as a keyed digest, never as an address."""

import ipaddress
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from models import KnownSource, User, claims
from models.sealed import ring

SUBSCRIBER_BITS = 64  # of an IPv6 address: whoever has one has all of its network
KEPT = timedelta(days=90)


def digest(address: str) -> str:
    """The digest of a source; one for a whole IPv6 subscriber's network."""
    return ring.keyring.digest("source", _network(address))


def knows(session: Session, user: User, source_digest: str) -> bool:
    """True where this user has logged in from there lately."""
    query = select(KnownSource.id).where(
        KnownSource.organisation_id == user.organisation_id,
        KnownSource.user_id == user.id,
        KnownSource.source_digest == source_digest,
    )
    return session.scalar(query) is not None


def remember(
    session: Session,
    *,
    organisation_id: UUID,
    user_id: UUID,
    source_digest: str,
    now: datetime,
) -> None:
    """The user has shown from there who he is."""
    again = (
        update(KnownSource)
        .where(
            KnownSource.organisation_id == organisation_id,
            KnownSource.user_id == user_id,
            KnownSource.source_digest == source_digest,
        )
        .values(last_at=now)
        .execution_options(synchronize_session=False)
    )
    if claims.changed(session, again):
        return
    row = KnownSource(
        organisation_id=organisation_id,
        user_id=user_id,
        source_digest=source_digest,
        last_at=now,
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:  # the same user at the same instant: it is known
        return


def forget(session: Session, *, now: datetime) -> int:
    """Drop what nobody logged in from for 90 days; of every organisation."""
    old = delete(KnownSource).where(KnownSource.last_at <= now - KEPT)
    return claims.changed(session, old)


def _network(address: str) -> str:
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(known, ipaddress.IPv6Address):
        if known.ipv4_mapped is not None:
            return str(known.ipv4_mapped)
        return str(ipaddress.ip_network((known, SUBSCRIBER_BITS), strict=False))
    return str(known)

"""Photos on badges: one for each, sealed in the database, gone with the badge."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from accounts import audit
from core.actor import Actor
from core.errors import Conflict, NotFound
from core.words import BadgeState
from credentials import badges
from models import Badge, BadgePhoto

NOUN = "photo"


def put(
    session: Session, actor: Actor, badge_id: UUID, *, picture: bytes, now: datetime
) -> Badge:
    """Give the badge this photo in place of any other; ``picture`` is a clean JPEG.

    ``Conflict`` for a badge that was revoked: nobody shows it any more.
    """
    badge = _held(session, actor, badge_id)
    if badge.state is BadgeState.REVOKED:
        raise Conflict("This badge is revoked: it needs no photo.", state=badge.state)
    _take_away(session, badge)
    photo = BadgePhoto(
        organisation_id=badge.organisation_id,
        badge_id=badge.id,
        image=picture,
        set_by=actor.user_id,
        set_at=now,
    )
    session.add(photo)
    badge.photo_id = photo.id
    session.flush()
    _audit(session, actor, badge, "badge.photo_set", now)
    return badge


def remove(session: Session, actor: Actor, badge_id: UUID, *, now: datetime) -> Badge:
    """Take the photo away; ``NotFound`` where there is none."""
    badge = _held(session, actor, badge_id)
    if badge.photo_id is None:
        raise NotFound(NOUN)
    _take_away(session, badge)
    _audit(session, actor, badge, "badge.photo_removed", now)
    return badge


def revoke(
    session: Session, actor: Actor, badge_id: UUID, *, reason: str, now: datetime
) -> Badge:
    """Take a badge away for good, and its photo with it: nobody needs it any more."""
    badge = badges.revoke(session, actor, badge_id, reason=reason, now=now)
    if badge.photo_id is None:
        return badge
    return remove(session, actor, badge_id, now=now)


def of(session: Session, actor: Actor, badge_id: UUID) -> bytes:
    """The JPEG, for our own people; ``NotFound`` where the badge has none."""
    badge = badges.get(session, actor, badge_id)
    found = _found(session, [badge]).get(badge.id)
    picture = found.image if found is not None else None
    if picture is None:
        raise NotFound(NOUN)
    return picture


def shown(session: Session, worn: list[Badge]) -> list[bytes | None]:
    """The JPEGs of these badges in their order, for whoever is to see who stands there.

    A damaged one is left out: it must not cost a borrower his answer.
    """
    found = _found(session, worn)
    return [
        BadgePhoto.image.readable(found[badge.id]) if badge.id in found else None
        for badge in worn
    ]


def _found(session: Session, worn: list[Badge]) -> dict[UUID, BadgePhoto]:
    query = select(BadgePhoto).where(
        BadgePhoto.organisation_id.in_({badge.organisation_id for badge in worn}),
        BadgePhoto.badge_id.in_([badge.id for badge in worn]),
    )
    return {photo.badge_id: photo for photo in session.scalars(query)}


def _held(session: Session, actor: Actor, badge_id: UUID) -> Badge:
    """The badge, locked: of two photos at once one comes after the other."""
    badges.get(session, actor, badge_id)
    return session.get_one(
        Badge, badge_id, with_for_update={"key_share": True}, populate_existing=True
    )


def _take_away(session: Session, badge: Badge) -> None:
    badge.photo_id = None
    session.execute(
        delete(BadgePhoto).where(
            BadgePhoto.organisation_id == badge.organisation_id,
            BadgePhoto.badge_id == badge.id,
        )
    )
    session.flush()


def _audit(
    session: Session, actor: Actor, badge: Badge, action: str, now: datetime
) -> None:
    audit.record(
        session,
        organisation_id=badge.organisation_id,
        actor_id=actor.user_id,
        action=action,
        subject="badges",
        subject_id=badge.id,
        now=now,
        user_id=badge.user_id,
    )

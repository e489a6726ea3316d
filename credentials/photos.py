"""Photos on badges: one for each, sealed, gone with the badge.

Where a photo is a file, its row names it: reading it is for after the transaction.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session, sessionmaker

from accounts import audit
from core import ids
from core.actor import Actor
from core.errors import Conflict, NotFound
from core.words import BadgeState
from credentials import badges
from credentials.photo_files import Away, Folder
from models import Badge, BadgePhoto, database
from models.badges import Filed, Kept

NOUN = "photo"
YOUNG = timedelta(hours=1)  # what is younger may wait for its row to be committed


def put(
    session: Session, actor: Actor, badge_id: UUID, *, picture: Kept, now: datetime
) -> Badge:
    """Give the badge this photo in place of any other: a clean JPEG, or its file.

    ``Conflict`` for a badge that was revoked: nobody shows it any more.
    """
    badge = _held(session, actor, badge_id)
    if badge.state is BadgeState.REVOKED:
        raise Conflict("This badge is revoked: it needs no photo.", state=badge.state)
    _take_away(session, badge)
    photo = BadgePhoto(
        id=picture.name if isinstance(picture, Filed) else ids.new(),
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


def of(session: Session, actor: Actor, badge_id: UUID) -> Kept:
    """The photo, for our own people; ``NotFound`` where the badge has none."""
    badge = badges.get(session, actor, badge_id)
    found = _found(session, [badge]).get(badge.id)
    picture = found.image if found is not None else None
    if picture is None:
        raise NotFound(NOUN)
    return picture


def shown(session: Session, worn: list[Badge]) -> list[Kept | None]:
    """The photos of these badges in their order, for who is to see who stands there.

    A damaged one is left out: it must not cost a borrower his answer.
    """
    found = _found(session, worn)
    return [
        BadgePhoto.image.readable(found[badge.id]) if badge.id in found else None
        for badge in worn
    ]


def opened(kept: Kept, folder: Folder | None) -> bytes:
    """The JPEG, from its file where it is in one; ``Away`` where that has no answer."""
    if not isinstance(kept, Filed):
        return kept
    if folder is None:
        raise Away("This photo is in a folder, and VOUCHSAFE_PHOTOS names none.")
    return folder.read(kept)


def seen(photos: Sequence[Kept | None], folder: Folder | None) -> list[bytes | None]:
    """The JPEGs in their order; one that cannot be read is left out.

    Only the first that is away is waited for: a borrower stands at his door.
    """
    pictures: list[bytes | None] = []
    away = False
    for kept in photos:
        try:
            waits = away and isinstance(kept, Filed)
            pictures.append(None if kept is None or waits else opened(kept, folder))
        except Away:
            away = True
            pictures.append(None)
    return pictures


def sweep(sessions: sessionmaker[Session], folder: Folder, *, now: datetime) -> int:
    """Delete files whose photos are gone; how many. ``now`` is the hosts' own clock."""
    names = folder.names(before=now - YOUNG)
    with database.reading(sessions) as session:
        gone = names - set(session.scalars(select(BadgePhoto.id)))
    for name in gone:
        folder.delete(name)
    return len(gone)


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

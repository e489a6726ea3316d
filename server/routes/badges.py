"""Badges: issue, suspend, reinstate, revoke, and their photos."""

from typing import Any
from uuid import UUID

from flask import request

from accounts.access import Action
from credentials import badges, photos, pictures
from models import Badge
from models.badges import Kept
from server.endpoint import Call, Room, endpoint, runtime
from server.schemas import badges as schemas
from server.schemas.base import Jpeg, PageQuery, page, page_of
from server.versions import Edited, row

room = Room("badges", __name__, url_prefix="/v1/badges", description=__doc__)
FILE = {"schema": {"type": "string", "format": "binary"}}
PHOTO_FILE = {"required": True, "content": dict.fromkeys(pictures.KINDS, FILE)}


@endpoint(
    room,
    "GET",
    "",
    action=Action.READ_BADGES,
    query=PageQuery,
    answer=page_of(schemas.BadgeSchema, "Badge"),
)
def page_through(call: Call, query: dict[str, Any]) -> dict[str, object]:
    """List badges, oldest first."""
    return page(badges.page(call.session, call.actor, **query), query["limit"])


@endpoint(
    room,
    "POST",
    "",
    action=Action.MANAGE_BADGES,
    body=schemas.NewBadgeSchema,
    answer=schemas.BadgeSchema,
    status=201,
    errors=(409,),
)
def issue(call: Call, body: dict[str, Any]) -> Badge:
    """Issue a badge to a collector."""
    return badges.issue(call.session, call.actor, now=call.now, **body)


@endpoint(
    room,
    "GET",
    "/<uuid:badge_id>",
    action=Action.READ_BADGES,
    answer=schemas.BadgeSchema,
)
def get(call: Call, badge_id: UUID) -> Badge:
    """One badge."""
    return badges.get(call.session, call.actor, badge_id)


BADGE = Edited(get, row(Badge, "badge"))


@endpoint(
    room,
    "POST",
    "/<uuid:badge_id>/suspension",
    action=Action.MANAGE_BADGES,
    edits=BADGE,
    body=schemas.ReasonSchema,
    answer=schemas.BadgeSchema,
    errors=(409,),
)
def suspend(call: Call, body: dict[str, Any], badge_id: UUID) -> Badge:
    """Suspend until reinstated; the borrower's check says so at once."""
    return badges.suspend(call.session, call.actor, badge_id, now=call.now, **body)


@endpoint(
    room,
    "POST",
    "/<uuid:badge_id>/reinstatement",
    action=Action.MANAGE_BADGES,
    edits=BADGE,
    body=schemas.ReasonSchema,
    answer=schemas.BadgeSchema,
    errors=(409,),
)
def reinstate(call: Call, body: dict[str, Any], badge_id: UUID) -> Badge:
    """Make a suspended badge valid again."""
    return badges.reinstate(call.session, call.actor, badge_id, now=call.now, **body)


@endpoint(
    room,
    "POST",
    "/<uuid:badge_id>/revocation",
    action=Action.MANAGE_BADGES,
    edits=BADGE,
    body=schemas.ReasonSchema,
    answer=schemas.BadgeSchema,
    errors=(409,),
)
def revoke(call: Call, body: dict[str, Any], badge_id: UUID) -> Badge:
    """Revoke for good; its photo is deleted."""
    return photos.revoke(call.session, call.actor, badge_id, now=call.now, **body)


def photo() -> Kept:
    """The photo that was sent, as it will be shown; in a file where that is set."""
    picture = pictures.clean(request.get_data(), kind=request.mimetype)
    folder = runtime().photos
    return picture if folder is None else folder.put(picture)


def opened(kept: Kept) -> bytes:
    """The photo itself."""
    return photos.opened(kept, runtime().photos)


@endpoint(
    room,
    "PUT",
    "/<uuid:badge_id>/photo",
    action=Action.MANAGE_BADGES,
    edits=BADGE,
    upload=photo,
    answer=schemas.BadgeSchema,
    errors=(409,),
)
@room.doc(requestBody=PHOTO_FILE)  # type: ignore[untyped-decorator]
def put_photo(call: Call, badge_id: UUID) -> Badge:
    """Give the badge a photo, PNG or JPEG up to 2 MB; borrowers see it at a good check.

    It is made anew, upright, at most 800 pixels a side: nothing else of the file is
    kept, neither where it was taken nor by what.
    """
    return photos.put(
        call.session, call.actor, badge_id, picture=call.upload, now=call.now
    )


@endpoint(
    room,
    "GET",
    "/<uuid:badge_id>/photo",
    action=Action.READ_BADGES,
    answer=Jpeg,
    finish=opened,
    errors=(503,),
)
def get_photo(call: Call, badge_id: UUID) -> Kept:
    """The photo on the badge."""
    return photos.of(call.session, call.actor, badge_id)


@endpoint(
    room,
    "DELETE",
    "/<uuid:badge_id>/photo",
    action=Action.MANAGE_BADGES,
    edits=BADGE,
    answer=schemas.BadgeSchema,
)
def remove_photo(call: Call, badge_id: UUID) -> Badge:
    """Take the photo away; it is deleted."""
    return photos.remove(call.session, call.actor, badge_id, now=call.now)

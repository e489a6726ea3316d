"""The organisation itself and the channels by which it reaches people."""

from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from accounts import organisations
from accounts.access import Action
from contact import channels
from core.actor import Actor
from models import MessageChannel, Organisation
from server.endpoint import Call, Room, endpoint
from server.schemas import accounts as schemas
from server.schemas.base import PageQuery, page, page_of
from server.schemas.channels import ChannelSchema, NewChannelSchema
from server.versions import Edited, row

room = Room("organisation", __name__, url_prefix="/v1", description=__doc__)


@endpoint(
    room,
    "GET",
    "/organisation",
    action=Action.READ_ORGANISATION,
    answer=schemas.OrganisationSchema,
)
def get(call: Call) -> Organisation:
    """The organisation of this token."""
    return organisations.get(call.session, call.actor)


def _hold(session: Session, actor: Actor) -> None:
    session.get_one(
        Organisation, actor.organisation_id, with_for_update={"key_share": True}
    )


@endpoint(
    room,
    "PATCH",
    "/organisation",
    action=Action.MANAGE_ORGANISATION,
    edits=Edited(get, _hold),
    body=schemas.OrganisationChangeSchema,
    answer=schemas.OrganisationSchema,
)
def update(call: Call, body: dict[str, Any]) -> Organisation:
    """Change settings within their protective bounds."""
    return organisations.update(call.session, call.actor, changes=body, now=call.now)


@endpoint(
    room,
    "GET",
    "/channels",
    action=Action.MANAGE_CHANNELS,
    query=PageQuery,
    answer=page_of(ChannelSchema, "Channel"),
)
def page_channels(call: Call, query: dict[str, Any]) -> dict[str, object]:
    """List channels in the order in which they are tried."""
    return page(channels.page(call.session, call.actor, **query), query["limit"])


@endpoint(
    room,
    "POST",
    "/channels",
    action=Action.MANAGE_CHANNELS,
    body=NewChannelSchema,
    answer=ChannelSchema,
    status=201,
    errors=(409,),
)
def create_channel(call: Call, body: dict[str, Any]) -> MessageChannel:
    """Add a channel by which messages are sent."""
    anywhere = call.runtime.settings.webhooks_anywhere
    return channels.create(
        call.session, call.actor, anywhere=anywhere, now=call.now, **body
    )


@endpoint(
    room,
    "GET",
    "/channels/<uuid:channel_id>",
    action=Action.MANAGE_CHANNELS,
    answer=ChannelSchema,
)
def get_channel(call: Call, channel_id: UUID) -> MessageChannel:
    """One channel."""
    return channels.get(call.session, call.actor, channel_id)


@endpoint(
    room,
    "PUT",
    "/channels/<uuid:channel_id>/enabled",
    action=Action.MANAGE_CHANNELS,
    edits=Edited(get_channel, row(MessageChannel, "channel")),
    body=schemas.EnabledSchema,
    answer=ChannelSchema,
)
def set_enabled(call: Call, body: dict[str, Any], channel_id: UUID) -> MessageChannel:
    """Switch a channel on or off."""
    return channels.set_enabled(
        call.session, call.actor, channel_id, enabled=body["enabled"], now=call.now
    )

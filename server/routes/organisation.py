"""The organisation itself and the channels by which it reaches people."""

from typing import Any
from uuid import UUID

from accounts import organisations
from accounts.access import Action
from contact import channels
from models import MessageChannel, Organisation
from server.endpoint import Call, Room, endpoint
from server.schemas import accounts as schemas
from server.schemas.base import PageQuery, page, page_of

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


@endpoint(
    room,
    "PATCH",
    "/organisation",
    action=Action.MANAGE_ORGANISATION,
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
    answer=page_of(schemas.ChannelSchema, "Channel"),
)
def page_channels(call: Call, query: dict[str, Any]) -> dict[str, object]:
    """List channels in the order in which they are tried."""
    return page(channels.page(call.session, call.actor, **query), query["limit"])


@endpoint(
    room,
    "POST",
    "/channels",
    action=Action.MANAGE_CHANNELS,
    body=schemas.NewChannelSchema,
    answer=schemas.ChannelSchema,
    status=201,
    errors=(409,),
)
def create_channel(call: Call, body: dict[str, Any]) -> MessageChannel:
    """Add a channel by which messages are sent."""
    return channels.create(call.session, call.actor, now=call.now, **body)


@endpoint(
    room,
    "PUT",
    "/channels/<uuid:channel_id>/enabled",
    action=Action.MANAGE_CHANNELS,
    body=schemas.EnabledSchema,
    answer=schemas.ChannelSchema,
)
def set_enabled(call: Call, body: dict[str, Any], channel_id: UUID) -> MessageChannel:
    """Switch a channel on or off."""
    return channels.set_enabled(
        call.session, call.actor, channel_id, enabled=body["enabled"], now=call.now
    )

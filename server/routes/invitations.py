"""Invitations, in the admin's hands; what they say is between us and the person."""

from typing import Any
from uuid import UUID

from accounts import invitations
from accounts.access import Action
from models import Invitation
from server.compose import account_news
from server.endpoint import Call, Room, endpoint
from server.schemas import account_codes as schemas
from server.schemas.base import PageQuery, page, page_of

room = Room("invitations", __name__, url_prefix="/v1/invitations", description=__doc__)
ONE = "/<uuid:invitation_id>"


@endpoint(
    room,
    "GET",
    "",
    action=Action.INVITE_USERS,
    query=PageQuery,
    answer=page_of(schemas.InvitationSchema, "Invitation"),
)
def page_through(call: Call, query: dict[str, Any]) -> dict[str, object]:
    """List invitations that are neither accepted nor revoked, oldest first."""
    return page(invitations.page(call.session, call.actor, **query), query["limit"])


@endpoint(
    room,
    "POST",
    "",
    action=Action.INVITE_USERS,
    body=schemas.NewInvitationSchema,
    answer=schemas.InvitationSchema,
    status=201,
    errors=(409,),
)
def invite(call: Call, body: dict[str, Any]) -> Invitation:
    """Invite somebody, who gets a code by message and chooses his own secrets."""
    sent = invitations.invite(call.session, call.actor, now=call.now, **body)
    account_news.invited(call, sent)
    return sent.invitation


@endpoint(
    room,
    "POST",
    f"{ONE}/renewal",
    action=Action.INVITE_USERS,
    answer=schemas.InvitationSchema,
    errors=(409,),
)
def renew(call: Call, invitation_id: UUID) -> Invitation:
    """Send another code; the one before is worth nothing then."""
    sent = invitations.renew(call.session, call.actor, invitation_id, now=call.now)
    account_news.invited(call, sent)
    return sent.invitation


@endpoint(
    room,
    "POST",
    f"{ONE}/revocation",
    action=Action.INVITE_USERS,
    answer=schemas.InvitationSchema,
    errors=(409,),
)
def revoke(call: Call, invitation_id: UUID) -> Invitation:
    """Its code is worth nothing from now on."""
    return invitations.revoke(call.session, call.actor, invitation_id, now=call.now)

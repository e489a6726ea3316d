"""Users of the organisation, in the admin's hands."""

from typing import Any
from uuid import UUID

from accounts import resets, second_factors, users
from accounts.access import Action
from accounts.passwords import Pins
from core.words import ResetKind
from models import User
from safety import alerts
from server import hashing
from server.compose import account_news
from server.endpoint import Call, Room, endpoint
from server.schemas import accounts as schemas
from server.schemas.base import page, page_of
from server.versions import Edited, row

room = Room("users", __name__, url_prefix="/v1/users", description=__doc__)


@endpoint(
    room,
    "GET",
    "",
    action=Action.READ_USERS,
    query=schemas.UserQuery,
    answer=page_of(schemas.UserSchema, "User"),
)
def page_through(call: Call, query: dict[str, Any]) -> dict[str, object]:
    """List users, oldest first."""
    return page(users.page(call.session, call.actor, **query), query["limit"])


@endpoint(
    room,
    "POST",
    "",
    action=Action.MANAGE_USERS,
    hashes=hashing.PASSWORD_AND_PIN,
    body=schemas.NewUserSchema,
    answer=schemas.UserSchema,
    status=201,
    errors=(409,),
)
def create(call: Call, body: dict[str, Any]) -> User:
    """Add a user with his first password and PIN."""
    pins = Pins(body.pop("pin"), None)  # the one under duress he chooses himself
    return users.create(
        call.session,
        organisation_id=call.actor.organisation_id,
        created_by=call.actor.user_id,
        pins=pins,
        now=call.now,
        **body,
    )


@endpoint(
    room,
    "GET",
    "/<uuid:user_id>",
    action=Action.READ_USERS,
    answer=schemas.UserSchema,
)
def get(call: Call, user_id: UUID) -> User:
    """One user."""
    return users.get(call.session, call.actor, user_id)


USER = Edited(get, row(User, "user"))


@endpoint(
    room,
    "POST",
    "/<uuid:user_id>/suspension",
    action=Action.MANAGE_USERS,
    edits=USER,
    answer=schemas.UserSchema,
    errors=(409,),
)
def suspend(call: Call, user_id: UUID) -> User:
    """Suspend and end all log-ins; a running watch goes on, owned alerts climb on."""
    suspended = users.suspend(call.session, call.actor, user_id, now=call.now)
    alerts.release_from(call.session, call.actor.organisation_id, user_id, now=call.now)
    return suspended


@endpoint(
    room,
    "POST",
    "/<uuid:user_id>/reinstatement",
    action=Action.MANAGE_USERS,
    edits=USER,
    answer=schemas.UserSchema,
    errors=(409,),
)
def reinstate(call: Call, user_id: UUID) -> User:
    """Let a suspended user log in again."""
    return users.reinstate(call.session, call.actor, user_id, now=call.now)


@endpoint(
    room,
    "POST",
    "/<uuid:user_id>/second-factor-reset",
    action=Action.MANAGE_USERS,
    edits=USER,
    answer=schemas.UserSchema,
    errors=(409,),
)
def reset_second_factor(call: Call, user_id: UUID) -> User:
    """Take away a lost authenticator; its owner is told, and logs in anew."""
    user = second_factors.reset(call.session, call.actor, user_id, now=call.now)
    account_news.second_factor_reset(call.session, user, now=call.now)
    return user


def _send_code(call: Call, user_id: UUID, kind: ResetKind) -> User:
    issued = resets.send(call.session, call.actor, user_id, kind=kind, now=call.now)
    account_news.reset_code(call, issued, kind)
    return issued.user


@endpoint(
    room,
    "POST",
    "/<uuid:user_id>/password-reset",
    action=Action.SEND_RESET_CODES,
    answer=schemas.UserSchema,
    errors=(409,),
)
def send_password_code(call: Call, user_id: UUID) -> User:
    """Send the user a code to set his password anew."""
    return _send_code(call, user_id, ResetKind.PASSWORD)


@endpoint(
    room,
    "POST",
    "/<uuid:user_id>/pin-reset",
    action=Action.SEND_RESET_CODES,
    answer=schemas.UserSchema,
    errors=(409,),
)
def send_pin_code(call: Call, user_id: UUID) -> User:
    """Send a collector a code to set his PIN anew; hear his voice before."""
    return _send_code(call, user_id, ResetKind.PIN)

"""The caller's own account: identity, secrets, duty."""

from typing import Any

from accounts import tries, users
from accounts.access import Action
from accounts.passwords import Pins
from models import User
from server import authentication, hashing, proving
from server.compose import account_news
from server.endpoint import Call, Room, endpoint
from server.schemas import accounts as schemas

room = Room("me", __name__, url_prefix="/v1/me", description=__doc__)


@endpoint(room, "GET", "", action=Action.READ_OWN_ACCOUNT, answer=schemas.UserSchema)
def get(call: Call) -> User:
    """The user of this token."""
    return users.get(call.session, call.actor, call.actor.user_id)


@endpoint(
    room,
    "PUT",
    "/pin",
    action=Action.CHANGE_OWN_SECRETS,
    secret=proving.own_password(),
    limit=proving.counters,
    hashes=hashing.NEW_PINS,
    body=schemas.PinChangeSchema,
    answer=schemas.UserSchema,
)
def set_pin(call: Call, body: dict[str, Any]) -> User:
    """Change the PIN, and the one under duress; the password proves who is asking."""
    pins = Pins(body["pin"], body["duress_pin"])
    user = users.set_pins(
        call.session, call.actor, password=call.proof, pins=pins, now=call.now
    )
    tries.succeeded(call.session, call.counted)
    account_news.pin_changed(call.session, user, now=call.now)
    return user


@endpoint(
    room,
    "PUT",
    "/password",
    action=Action.CHANGE_OWN_SECRETS,
    secret=proving.own_password("old"),
    limit=proving.counters,
    hashes=hashing.NEW_PASSWORD,
    body=schemas.PasswordChangeSchema,
    answer=schemas.UserSchema,
)
def set_password(call: Call, body: dict[str, Any]) -> User:
    """Change the password; every other log-in of this user ends."""
    user = users.set_password(
        call.session, call.actor, old=call.proof, new=body["new"], now=call.now
    )
    tries.succeeded(call.session, call.counted)
    return user


@endpoint(
    room,
    "PUT",
    "/duty",
    action=Action.SET_OWN_DUTY,
    door=authentication.at_work,
    body=schemas.DutySchema,
    answer=schemas.UserSchema,
)
def set_duty(call: Call, body: dict[str, Any]) -> User:
    """Go on duty or off; only those on duty are asked to help."""
    return users.set_duty(call.session, call.actor, on=body["on"], now=call.now)

"""Codes from messages: accept an invitation, set a password or a PIN anew. No token."""

from typing import Any

from sqlalchemy.orm import Session

from accounts.tries import Counter
from core.actor import Actor
from server import hashing
from server.compose import account_codes
from server.endpoint import Call, Room, endpoint
from server.schemas import account_codes as schemas
from server.schemas.base import NothingSchema

room = Room("account", __name__, url_prefix="/v1/account", description=__doc__)


def _by_code(session: Session, _: Actor, body: dict[str, Any]) -> list[Counter]:
    return account_codes.counters(session, body["code"])


def _by_login(_: Session, __: Actor, body: dict[str, Any]) -> list[Counter]:
    return account_codes.asking(body["organisation"], body["login"])


@endpoint(
    room,
    "POST",
    "/invitation",
    action=None,
    door=None,
    limit=_by_code,
    hashes=hashing.PASSWORD_AND_PINS,
    body=schemas.AcceptSchema,
    answer=schemas.WhoSchema,
    errors=(409,),
)
def accept(call: Call, body: dict[str, Any]) -> dict[str, object]:
    """Become a user, with a password and (collectors) a PIN of one's own."""
    return account_codes.accept(call, **body)


@endpoint(
    room,
    "POST",
    "/password-reset",
    action=None,
    door=None,
    limit=_by_login,
    body=schemas.AskSchema,
    answer=NothingSchema,
    status=202,
)
def ask(call: Call, body: dict[str, Any]) -> dict[str, object]:
    """Ask for a code to the phone on record; the answer is the same for any login."""
    account_codes.ask(call, **body)
    return {}


@endpoint(
    room,
    "POST",
    "/password",
    action=None,
    door=None,
    limit=_by_code,
    hashes=hashing.NEW_PASSWORD,
    body=schemas.NewPasswordSchema,
    answer=schemas.WhoSchema,
)
def set_password(call: Call, body: dict[str, Any]) -> dict[str, object]:
    """Set the password anew by code; every log-in of this user ends."""
    return account_codes.set_password(call, **body)


@endpoint(
    room,
    "POST",
    "/pin",
    action=None,
    door=None,
    limit=_by_code,
    hashes=hashing.NEW_PINS,
    body=schemas.NewPinSchema,
    answer=schemas.WhoSchema,
)
def set_pin(call: Call, body: dict[str, Any]) -> dict[str, object]:
    """Set the PINs anew by code, for watches that begin from now on."""
    return account_codes.set_pins(call, **body)

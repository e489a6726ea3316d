"""Invitations, and what a code from a message lets its owner do."""

from marshmallow import Schema, fields

from core.words import Role
from server.schemas.accounts import PIN, duress_pin
from server.schemas.base import Instant, text


class NewInvitationSchema(Schema):
    """Whom to invite; the code goes to ``phone``, and nobody else sees it."""

    login = text(80, shortest=3)
    name = text(80)
    phone = text(20)
    role = fields.Enum(Role, by_value=True, required=True)


class InvitationSchema(Schema):
    """An invitation without its code; once it has ended, without the person."""

    id = fields.UUID(required=True)
    login = fields.String(required=True, allow_none=True)
    name = fields.String(required=True, allow_none=True)
    role = fields.Enum(Role, by_value=True, required=True)
    created_at = Instant(required=True)
    valid_to = Instant(required=True)
    ended_at = Instant(required=True, allow_none=True)


class AcceptSchema(Schema):
    """Collectors choose a PIN, too, and one under duress."""

    code = text(40)
    password = text(200, shortest=12)
    pin = fields.String(load_default=None, allow_none=True, validate=PIN)
    duress_pin = duress_pin()


class AskSchema(Schema):
    """Whose password."""

    organisation = text(40)
    login = text(80)


class NewPasswordSchema(Schema):
    """The code from the message, and the new password."""

    code = text(40)
    new = text(200, shortest=12)


class NewPinSchema(Schema):
    """The code from the message, and the new PINs."""

    code = text(40)
    pin = fields.String(required=True, validate=PIN)
    duress_pin = duress_pin()


class WhoSchema(Schema):
    """By what to log in."""

    organisation = fields.String(required=True)
    login = fields.String(required=True)

"""Log-in, own account, users, organisation."""

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from core.words import Role, UserState
from server.schemas.base import Flag, Instant, PageQuery, text

PIN = validate.Regexp(r"^[0-9]{4,8}\Z", error="A PIN has 4 to 8 digits.")


def duress_pin() -> fields.String:
    """As long as the PIN and two digits apart; whoever has one chooses both anew."""
    return fields.String(
        load_default=None,
        allow_none=True,
        validate=PIN,
        metadata={
            "description": "Does what the PIN does and calls safety officers "
            "unseen. As long as the PIN, and different in two digits."
        },
    )


class LoginSchema(Schema):
    """``device_id`` is chosen by the app once and kept.

    ``code`` is what the authenticator shows, or a recovery code; collectors have none.
    """

    organisation = text(40)
    login = text(80)
    password = text(200)
    code = fields.String(
        load_default=None, allow_none=True, validate=validate.Length(1, 40)
    )
    device_id = fields.UUID(required=True)


class RefreshSchema(Schema):
    """``device_id``: the same as at the log-in."""

    device_id = fields.UUID(required=True)


class PairSchema(Schema):
    """The next access token, and the refresh token to use after this one."""

    access_token = fields.String(required=True)
    refresh_token = fields.String(required=True)


class TokensSchema(PairSchema):
    """``enrol_only``: this log-in can set up a second factor and do nothing else.

    ``safety_token`` only for collectors: it outlives log-out while a watch runs."""

    safety_token = fields.String(required=True, allow_none=True)
    enrol_only = fields.Boolean(required=True)


class NewUserSchema(Schema):
    """A user with his first secrets; collectors need a PIN."""

    login = text(80, shortest=3)
    name = text(80)
    phone = text(20)
    role = fields.Enum(Role, by_value=True, required=True)
    password = text(200, shortest=12)
    pin = fields.String(load_default=None, allow_none=True, validate=PIN)


class UserSchema(Schema):
    """A user as his organisation sees him; never a secret."""

    id = fields.UUID(required=True)
    login = fields.String(required=True)
    name = fields.String(required=True)
    phone = fields.String(required=True, allow_none=True)
    role = fields.Enum(Role, by_value=True, required=True)
    state = fields.Enum(UserState, by_value=True, required=True)
    on_duty_since = Instant(required=True, allow_none=True)


class UserQuery(PageQuery):
    """All users, or those of one role."""

    role = fields.Enum(Role, by_value=True, load_default=None)


class PinChangeSchema(Schema):
    """The password proves who asks."""

    password = text(200)
    pin = fields.String(required=True, validate=PIN)
    duress_pin = duress_pin()


class PasswordChangeSchema(Schema):
    """From the old password to a new one."""

    old = text(200)
    new = text(200, shortest=12)

    @validates_schema
    def differs(self, body: dict[str, str], **_: object) -> None:
        """The new one is another one."""
        if body["old"] == body["new"]:
            raise ValidationError("must differ from the old one", "new")


class DutySchema(Schema):
    """On duty: may be asked to help."""

    on = Flag(required=True)


class OrganisationSchema(Schema):
    """The organisation and what it may set."""

    id = fields.UUID(required=True)
    slug = fields.String(required=True)
    name = fields.String(required=True)
    public_name = fields.String(required=True)
    country = fields.String(required=True)
    fallback_phones = fields.List(fields.String(), required=True)
    emergency_phone = fields.String(required=True)
    fence_m = fields.Integer(required=True)
    visit_length_s = fields.Integer(required=True)
    leave_now_s = fields.Integer(required=True)
    extension_max_s = fields.Integer(required=True)
    second_factor_required = fields.Boolean(required=True)


class OrganisationChangeSchema(Schema):
    """Only what is named changes; nothing here can be switched off."""

    public_name = text(120, required=False)
    fallback_phones = fields.List(
        fields.String(validate=validate.Length(1, 20)), validate=validate.Length(1, 5)
    )
    emergency_phone = text(20, required=False)
    fence_m = fields.Integer(strict=True, validate=validate.Range(50, 5000))
    visit_length_s = fields.Integer(strict=True, validate=validate.Range(5, 14400))
    leave_now_s = fields.Integer(strict=True, validate=validate.Range(5, 600))
    extension_max_s = fields.Integer(strict=True, validate=validate.Range(5, 3600))
    second_factor_required = fields.Boolean(
        validate=validate.Equal(True, error="can be switched on and never off")
    )


class EnabledSchema(Schema):
    """On or off."""

    enabled = Flag(required=True)


class SecondFactorSchema(Schema):
    """Whether this user has a second factor, and whether he must."""

    set_up = fields.Boolean(required=True)
    required_ = fields.Boolean(required=True, data_key="required", attribute="required")
    recovery_codes_left = fields.Integer(required=True)


class PasswordSchema(Schema):
    """The password proves who asks."""

    password = text(200)


class EnrolmentSchema(Schema):
    """For the authenticator; ``qr_svg`` shows ``uri`` to a camera. Keep none of it."""

    secret = fields.String(required=True)
    uri = fields.String(required=True)
    qr_svg = fields.String(required=True)


class CodeSchema(Schema):
    """What the authenticator shows now."""

    code = text(40)


class RecoveryCodesSchema(Schema):
    """Shown once: each stands in for the authenticator one time."""

    recovery_codes = fields.List(fields.String(), required=True)

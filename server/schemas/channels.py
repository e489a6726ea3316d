"""Channels of messages, how their providers are spoken to, and what these report."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate

from contact.providers import Provider, Replies, Reports
from core.provider_words import Encoding, Reported
from core.words import ChannelKind
from server.schemas.base import Instant

PATH = validate.Regexp(
    r"^[\w-]{1,60}(\.[\w-]{1,60}){0,5}\Z", error="A path has names and dots."
)
HEADER = validate.Regexp(r"^[A-Za-z][A-Za-z0-9-]{0,60}\Z", error="A header's name.")
WORDS = validate.Length(1, 20)
DEEPEST = 3  # lists and objects in one part of a provider's request
LARGEST_NUMBER = 2**53 - 1


def _path(default: str | None = None) -> fields.String:
    """Where in a JSON body something stands: ``result.0.id``."""
    return fields.String(load_default=default, allow_none=True, validate=PATH)


def _words(*default: str) -> fields.List[str]:
    word = fields.String(validate=validate.Length(1, 60))
    return fields.List(word, load_default=list(default), validate=WORDS)


def _describe(deeper: int) -> dict[str, Any]:
    """What ``Template`` takes, as JSON Schema."""
    whole = {"type": "integer", "minimum": -LARGEST_NUMBER, "maximum": LARGEST_NUMBER}
    kinds: list[dict[str, Any]] = [{"type": "string"}, {"type": "boolean"}, whole]
    if deeper:
        inner = _describe(deeper - 1)
        kinds.append({"type": "array", "items": inner})
        kinds.append({"type": "object", "additionalProperties": inner})
    return {"anyOf": kinds}


class Template(fields.Raw):
    """A part of a provider's request: text with names to fill in, or lists of such."""

    def __init__(self) -> None:
        super().__init__(metadata=_describe(DEEPEST))

    def _deserialize(self, value: Any, *args: Any, **kw: Any) -> Any:
        if not _fits(value, DEEPEST):
            raise ValidationError(
                "must be text, true or false, a whole number, or lists and objects of "
                f"these, at most {DEEPEST} deep"
            )
        return value


def _fits(value: Any, deeper: int) -> bool:
    match value:
        case str() | bool():
            return True
        case int():
            return abs(value) <= LARGEST_NUMBER
        case list():
            return deeper > 0 and all(_fits(one, deeper - 1) for one in value)
        case dict():
            return deeper > 0 and all(_fits(one, deeper - 1) for one in value.values())
    return False


class ProviderSchema(Schema):
    """How a provider takes a message: ``body`` is its request, with names to fill in.

    ``{to}`` (E.164), ``{to_digits}`` (without the plus), ``{text}``, ``{reference}``,
    ``{secret}``, for a call ``{document}``: what it says. Without ``auth_header`` the
    secret stands in the body.
    ``id_at``: where its answer names the message. ``ok_at``: where its answer has one
    of ``ok_words`` when it took it; without it every 2xx is a yes.
    """

    body = fields.Dict(keys=fields.String(), values=Template(), required=True)
    encoding = fields.Enum(Encoding, by_value=True, load_default=Encoding.JSON)
    auth_header = fields.String(
        load_default="Authorization", allow_none=True, validate=HEADER
    )
    id_at = _path()
    ok_at = _path()
    ok_words = fields.List(
        fields.String(validate=validate.Length(1, 60)),
        load_default=list,
        validate=validate.Length(0, 20),
    )

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Provider:
        """As the services speak of it."""
        return Provider(**data)


class ReportsSchema(Schema):
    """What the provider promises to report: at most so many seconds after it took it.

    Where in its callback stands what it calls the message, and its state; which words
    mean delivered, and which that it will not be.
    """

    wait_s = fields.Integer(
        load_default=30, strict=True, validate=validate.Range(5, 30)
    )
    id_at = fields.String(load_default="reference", validate=PATH)
    state_at = fields.String(load_default="state", validate=PATH)
    delivered = _words(Reported.DELIVERED)
    failed = _words(Reported.FAILED)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Reports:
        """As the services speak of it."""
        return Reports(**data)


class RepliesSchema(Schema):
    """Where an SMS that comes back has its own name, its sender and its text."""

    id_at = fields.String(load_default="id", validate=PATH)
    from_at = fields.String(load_default="from", validate=PATH)
    text_at = fields.String(load_default="text", validate=PATH)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Replies:
        """As the services speak of it."""
        return Replies(**data)


class CallQuery(Schema):
    """Which message the call was about."""

    reference = fields.UUID(required=True)


class CallDocument(Schema):
    """An answer that is no JSON: what a call says next."""

    MEDIA = "application/xml"

    def dump(self, obj: Any, **_: Any) -> bytes:
        """The view gives the document."""
        return str(obj).encode()


class NewChannelSchema(Schema):
    """A way out; lower ranks are tried first.

    Webhooks, SMS and voice need target and secret, SMS and voice their provider's form.
    What is to report, to hand on replies or to make calls needs a ``callback_secret``:
    the provider shows it when it calls us. ``digit_at``: where in a call's callback the
    digit stands that was pressed.
    """

    kind = fields.Enum(ChannelKind, by_value=True, required=True)
    rank = fields.Integer(required=True, strict=True, validate=validate.Range(0, 99))
    target = fields.Url(
        load_default=None, allow_none=True, schemes={"http", "https"}, require_tld=False
    )
    secret = fields.String(
        load_default=None, allow_none=True, validate=validate.Length(16, 200)
    )
    callback_secret = fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.Regexp(
            r"^[A-Za-z0-9._~-]{16,200}\Z",
            error="16 to 200 letters, digits and . _ ~ -",
        ),
    )
    provider = fields.Nested(ProviderSchema, load_default=None, allow_none=True)
    reports = fields.Nested(ReportsSchema, load_default=None, allow_none=True)
    replies = fields.Nested(RepliesSchema, load_default=None, allow_none=True)
    digit_at = _path()


class ChannelSchema(Schema):
    """A channel without its secrets."""

    id = fields.UUID(required=True)
    kind = fields.Enum(ChannelKind, by_value=True, required=True)
    rank = fields.Integer(required=True)
    enabled = fields.Boolean(required=True)


class HeardSchema(Schema):
    """What became of a report: ``stored``, ``repeat``, or ``ignored``: in between."""

    result = fields.String(required=True)


class ReportSchema(Schema):
    """One report of a provider about a message; it may be wrong."""

    channel_id = fields.UUID(required=True)
    state = fields.Enum(Reported, by_value=True, required=True)
    at = Instant(required=True)

"""Gate questions, visits, the collector's day, the borrower's check."""

from marshmallow import Schema, fields, validate

from core.words import Channel, CheckAnswer, PlaceKind, VisitState
from server.schemas.base import Instant, PageQuery, text
from server.schemas.mobile import WatchSchema
from server.schemas.spans import SpanSchema


class QuestionSchema(SpanSchema):
    """May we make this contact, by this channel, at this place, then?"""

    case_id = fields.UUID(required=True)
    place_id = fields.UUID(required=True)
    channel = fields.Enum(Channel, by_value=True, required=True)
    start = Instant(required=True)
    end = Instant(required=True)
    people = fields.Integer(required=True, strict=True, validate=validate.Range(1, 9))


class DecisionReasonSchema(Schema):
    """One rule that speaks, with its source and how sure we are of it."""

    rule_id = fields.String(required=True)
    source = fields.String(required=True)
    status = fields.String(required=True)
    words_en = fields.String(required=True)
    words_zh = fields.String(required=True)


class ObligationSchema(DecisionReasonSchema):
    """What a rule asks to be done by a stage."""

    stage = fields.String(required=True)
    kind = fields.String(required=True)


class DecisionSchema(Schema):
    """Allowed or refused, with every reason.

    ``at_most_s``: so many seconds after the check-in the watch falls due at the latest,
    where the place asks for it.
    """

    allowed = fields.Boolean(required=True)
    jurisdiction = fields.String(required=True, allow_none=True)
    refusals = fields.List(fields.Nested(DecisionReasonSchema), required=True)
    obligations = fields.List(fields.Nested(ObligationSchema), required=True)
    informs = fields.List(fields.Nested(DecisionReasonSchema), required=True)
    next_lawful_at = fields.String(
        required=True, allow_none=True, metadata={"format": "date-time"}
    )
    window_end = fields.String(
        required=True, allow_none=True, metadata={"format": "date-time"}
    )
    at_most_s = fields.Integer(required=True, allow_none=True)


class WindowBody(Schema):
    """Planned [start, end); without an end the organisation's visit length holds."""

    planned_start = Instant(required=True)
    planned_end = Instant(load_default=None, allow_none=True)


class ProposeSchema(WindowBody):
    """A visit to a place of a case by so many people."""

    case_id = fields.UUID(required=True)
    place_id = fields.UUID(required=True)
    people = fields.Integer(required=True, strict=True, validate=validate.Range(1, 4))


class AssignSchema(Schema):
    """The collectors, each with a badge that is valid for the window."""

    user_ids = fields.List(fields.UUID(), required=True, validate=validate.Length(1, 4))


class CancelSchema(Schema):
    """Why, in one word that the record keeps in plain: ``borrower_asked``."""

    reason = fields.String(
        required=True, validate=validate.Regexp(r"^[a-z][a-z_]{2,39}\Z")
    )


class VisitorSchema(Schema):
    """One collector of a visit."""

    user_id = fields.UUID(required=True)
    badge_id = fields.UUID(required=True)
    buddy_id = fields.UUID(required=True, allow_none=True)
    departed_at = Instant(required=True, allow_none=True)
    active = fields.Boolean(required=True)


class VisitSchema(Schema):
    """A visit with its visitors and what the gate obliges them to."""

    id = fields.UUID(required=True)
    case_id = fields.UUID(required=True)
    place_id = fields.UUID(required=True)
    planned_start = Instant(required=True)
    planned_end = Instant(required=True)
    state = fields.Enum(VisitState, by_value=True, required=True)
    obligations = fields.List(fields.Dict(), required=True)
    visitors = fields.List(fields.Nested(VisitorSchema), required=True)


class DoorSchema(Schema):
    """One check-in by our clock. ``outside_fence``: null where no position came.

    ``reason_given``: words came with it; they are not shown here.
    """

    user_id = fields.UUID(required=True)
    checked_in_at = Instant(required=True)
    received_at = Instant(required=True)
    outside_fence = fields.Boolean(required=True, allow_none=True)
    reason_given = fields.Boolean(required=True)


class VisitDetailSchema(VisitSchema):
    """A visit with every check-in at its door."""

    door = fields.List(fields.Nested(DoorSchema), required=True)


class PublishedSchema(VisitSchema):
    """A published visit; ``notice`` says what became of the borrower's message."""

    notice = fields.String(required=True)


class VisitQuery(PageQuery):
    """Page through visits, newest last."""


class PartnerSchema(Schema):
    """Who comes along."""

    user_id = fields.UUID(required=True)
    name = fields.String(required=True)


class ColleagueSchema(Schema):
    """Who may be named as buddy at a departure."""

    user_id = fields.UUID(required=True)
    name = fields.String(required=True, allow_none=True)


class DayVisitSchema(Schema):
    """One stop of the collector's day.

    ``lon`` and ``lat`` are null, and a name is empty, where a stored value is damaged.
    """

    visit_id = fields.UUID(required=True)
    planned_start = Instant(required=True)
    planned_end = Instant(required=True)
    state = fields.Enum(VisitState, by_value=True, required=True)
    place_kind = fields.Enum(PlaceKind, by_value=True, required=True)
    address = fields.String(required=True, allow_none=True)
    lon = fields.Float(required=True, allow_none=True)
    lat = fields.Float(required=True, allow_none=True)
    time_zone = fields.String(required=True, allow_none=True)
    borrower_name = fields.String(required=True)
    language = fields.String(required=True)
    partners = fields.List(fields.Nested(PartnerSchema), required=True)
    obligations = fields.List(fields.Dict(), required=True)
    doorstep_word_zh = fields.String(required=True, allow_none=True)
    doorstep_word_en = fields.String(required=True, allow_none=True)


class DaySchema(Schema):
    """The day, and what the phone needs when it has no signal.

    ``watch``: the open watch over this collector, null where there is none.
    """

    server_time = Instant(required=True)
    watch = fields.Nested(WatchSchema, required=True, allow_none=True)
    visits = fields.List(fields.Nested(DayVisitSchema), required=True)
    colleagues = fields.List(fields.Nested(ColleagueSchema), required=True)
    fallback = fields.List(fields.String(), required=True)
    emergency_phone = fields.String(required=True)


class CheckSchema(Schema):
    """The code of the notice, as letters or digits, however it was typed."""

    code = text(64)


class CheckAnswerSchema(Schema):
    """What whoever holds the screen reads: never a debt, an address, a borrower.

    ``photos`` are data URIs of JPEGs in the order of the names, null for who has none;
    there are some only while the visit is expected now.
    """

    answer = fields.Enum(CheckAnswer, by_value=True, required=True)
    words_en = fields.String(required=True)
    words_zh = fields.String(required=True)
    public_names = fields.List(fields.String(), required=True)
    employer = fields.String(required=True, allow_none=True)
    badge_numbers = fields.List(fields.String(), required=True)
    photos = fields.List(fields.String(allow_none=True), required=True)
    window_start = Instant(required=True, allow_none=True)
    window_end = Instant(required=True, allow_none=True)
    doorstep_word_en = fields.String(required=True, allow_none=True)
    doorstep_word_zh = fields.String(required=True, allow_none=True)

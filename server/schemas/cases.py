"""Cases, places, imports, creditors, consents, lawful hours."""

from marshmallow import Schema, fields, validate

from core.case_words import AbilityToPay, ChangeOf, Employment, WillingnessToPay
from core.words import ConsentKind, Language, PlaceKind
from planning.case_formats import Encoding
from planning.imports import State
from server.schemas.base import Instant, PageQuery, text
from server.schemas.spans import SpanSchema


class UnschedulableSchema(Schema):
    """Why a place cannot be scheduled."""

    code = fields.String(required=True)
    words = fields.String(required=True)


class PlaceSchema(Schema):
    """A place; without zone or rule pack it says why it cannot be scheduled."""

    id = fields.UUID(required=True)
    external_id = fields.String(required=True)
    kind = fields.Enum(PlaceKind, by_value=True, required=True)
    is_public = fields.Boolean(required=True)
    address = fields.String(required=True, allow_none=True)
    country = fields.String(required=True)
    region = fields.String(required=True, allow_none=True)
    time_zone = fields.String(required=True, allow_none=True)
    unschedulable = fields.List(fields.Nested(UnschedulableSchema), required=True)


class CreditorSchema(Schema):
    """On whose behalf visits are made."""

    id = fields.UUID(required=True)
    code = fields.String(required=True)
    name = fields.String(required=True)


class BorrowerSchema(Schema):
    """The person of a case; of one who was erased nothing is known."""

    id = fields.UUID(required=True)
    name = fields.String(required=True, allow_none=True)
    phone = fields.String(required=True, allow_none=True)
    language = fields.Enum(Language, by_value=True, required=True)
    employment = fields.Enum(Employment, by_value=True, required=True, allow_none=True)
    household_size = fields.Integer(required=True, allow_none=True)
    ability_to_pay = fields.Enum(
        AbilityToPay, by_value=True, required=True, allow_none=True
    )
    willingness_to_pay = fields.Enum(
        WillingnessToPay, by_value=True, required=True, allow_none=True
    )


class CaseSchema(Schema):
    """A case as it stands in a list: no personal value; closed, nothing is open."""

    id = fields.UUID(required=True)
    external_id = fields.String(required=True)
    creditor_id = fields.UUID(required=True)
    days_past_due = fields.Integer(required=True)
    amount_minor = fields.Integer(required=True)
    currency = fields.String(required=True)
    open_minor = fields.Integer(required=True)
    closed_at = Instant(required=True, allow_none=True)
    updated_at = Instant(required=True)


class CaseDetailSchema(CaseSchema):
    """A case with its people and places."""

    creditor = fields.Nested(CreditorSchema, required=True)
    borrower = fields.Nested(BorrowerSchema, required=True)
    places = fields.List(fields.Nested(PlaceSchema), required=True)


class FormatSchema(Schema):
    """How the file was read; JSON lines have an empty separator."""

    encoding = fields.String(required=True, validate=validate.OneOf(list(Encoding)))
    separator = fields.String(required=True)


class ImportSchema(Schema):
    """A file on its way: counts of what is stored so far, and how far it is.

    ``rows`` is null until the whole file is here. In a dry run nothing is stored.
    """

    id = fields.UUID(required=True)
    state = fields.Enum(State, by_value=True, required=True)
    dry_run = fields.Boolean(required=True)
    format = fields.Nested(FormatSchema, required=True, allow_none=True)
    rows = fields.Integer(required=True, allow_none=True)
    rows_read = fields.Integer(required=True)
    created = fields.Integer(required=True)
    updated = fields.Integer(required=True)
    unchanged = fields.Integer(required=True)
    refused = fields.Integer(required=True)
    created_at = Instant(required=True)
    finished_at = Instant(required=True, allow_none=True)


class ImportQuery(Schema):
    """With ``dry_run`` everything is counted and no case is stored."""

    dry_run = fields.Boolean(load_default=False)


class ProblemRowSchema(Schema):
    """One cell that could not be taken; never its value."""

    line = fields.Integer(required=True)
    column = fields.String(required=True)
    reason = fields.String(required=True)


class ImportDetailSchema(ImportSchema):
    """An import with its problems, the first thousand of them."""

    problems = fields.List(fields.Nested(ProblemRowSchema), required=True)


class NewListingSchema(Schema):
    """Evidence of standing on a creditor's published list."""

    starts_at = Instant(required=True)
    ends_at = Instant(load_default=None, allow_none=True)
    evidence = text(500, shortest=3)


class ListingSchema(NewListingSchema):
    """A recorded listing."""

    id = fields.UUID(required=True)
    creditor_id = fields.UUID(required=True)


class NewConsentSchema(Schema):
    """What the borrower agreed to; ``place_id`` null means every place of the case."""

    kind = fields.Enum(ConsentKind, by_value=True, required=True)
    place_id = fields.UUID(load_default=None, allow_none=True)
    evidence = text(500, shortest=3)
    starts_at = Instant(required=True)
    ends_at = Instant(load_default=None, allow_none=True)


class ConsentSchema(Schema):
    """A recorded consent; its evidence stays in the file."""

    id = fields.UUID(required=True)
    case_id = fields.UUID(required=True)
    place_id = fields.UUID(required=True, allow_none=True)
    kind = fields.Enum(ConsentKind, by_value=True, required=True)
    starts_at = Instant(required=True)
    ends_at = Instant(required=True, allow_none=True)


class HoursQuery(SpanSchema):
    """The place and the span in which hours are wanted, at most 28 days."""

    place_id = fields.UUID(required=True)
    start = Instant(required=True)
    end = Instant(required=True)


class WindowSchema(Schema):
    """A lawful window in the place's local time (RFC 3339 with its offset)."""

    start = Instant(required=True)
    end = Instant(required=True)


class HoursSchema(Schema):
    """Lawful hours minus the borrower's wishes; no windows without a reason."""

    time_zone = fields.String(required=True, allow_none=True)
    windows = fields.List(fields.Nested(WindowSchema), required=True)
    refusals = fields.List(fields.Dict(), required=True)


class CaseQuery(PageQuery):
    """Page through cases, or find one by its external id."""

    external_id = fields.String(load_default=None)


class ChangeSchema(Schema):
    """What one import changed: the columns of the file, and what stood there before.

    ``old`` is null once it was erased. A place that was added has ``place_id`` among
    its columns.
    """

    id = fields.UUID(required=True)
    import_id = fields.UUID(required=True)
    subject = fields.Enum(ChangeOf, by_value=True, required=True)
    case_id = fields.UUID(required=True)
    place_id = fields.UUID(required=True, allow_none=True)
    columns = fields.List(fields.String(), required=True)
    old = fields.Dict(required=True, allow_none=True)
    changed_at = Instant(required=True)

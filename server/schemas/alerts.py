"""Alerts, their timelines, and the ladders they climb."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from core.words import AlertEntryKind, AlertKind, PlaceKind, RecipientKind, Role
from safety import whom
from safety.whom import Recipient
from server.schemas.base import Instant, PageQuery, text
from server.schemas.devices import SetAsideSchema

NO_ROLE = "Only safety officers, dispatchers and admins are called as a role."
NOTHING: frozenset[str] = frozenset()
# what a kind of recipient needs, and what else it may have
OF_KIND = {
    RecipientKind.COLLECTOR: (NOTHING, NOTHING),
    RecipientKind.BUDDY: (NOTHING, NOTHING),
    RecipientKind.NEAREST: (frozenset({"count"}), frozenset({"within_m"})),
    RecipientKind.ROTA: (NOTHING, frozenset({"rota_id"})),
    RecipientKind.ROLE: (frozenset({"role"}), NOTHING),
    RecipientKind.PERSON: (frozenset({"user_id"}), NOTHING),
}


class AlertQuery(PageQuery):
    """``open=true`` leaves out what is closed."""

    open = fields.Boolean(load_default=False)


class PingSchema(Schema):
    """The data of an ``alert`` event: this alert changed, so read it again."""

    alert_id = fields.UUID(required=True)


class EntrySchema(Schema):
    """One line of a timeline."""

    kind = fields.Enum(AlertEntryKind, by_value=True, required=True)
    at = Instant(required=True)
    actor_id = fields.UUID(required=True, allow_none=True)
    words = fields.String(required=True, allow_none=True)
    detail = fields.Dict(required=True)


class AlertSchema(Schema):
    """An alert; while it is open ``next_action_at`` is never null.

    ``from_revoked_device``: an SOS that only a phone reported lost has sent so far.
    """

    id = fields.UUID(required=True)
    reference = fields.String(required=True)
    kind = fields.Enum(AlertKind, by_value=True, required=True)
    user_id = fields.UUID(required=True)
    visit_id = fields.UUID(required=True, allow_none=True)
    watch_id = fields.UUID(required=True, allow_none=True)
    from_revoked_device = fields.Boolean(required=True)
    opened_at = Instant(required=True)
    step = fields.Integer(required=True)
    next_action_at = Instant(required=True, allow_none=True)
    owner_id = fields.UUID(required=True, allow_none=True)
    owned_until = Instant(required=True, allow_none=True)
    closed_at = Instant(required=True, allow_none=True)
    closed_by = fields.UUID(required=True, allow_none=True)


class PersonSchema(Schema):
    """Somebody of the organisation by name."""

    user_id = fields.UUID(required=True)
    name = fields.String(required=True, allow_none=True)


class EndangeredSchema(PersonSchema):
    """The collector whom an alert is about, or who is with him: call them first."""

    phone = fields.String(required=True, allow_none=True)


class PlannedPlaceSchema(Schema):
    """Where the visit was planned, in WGS-84 degrees; null is what cannot be read."""

    kind = fields.Enum(PlaceKind, by_value=True, required=True)
    address = fields.String(required=True, allow_none=True)
    lon = fields.Float(required=True, allow_none=True)
    lat = fields.Float(required=True, allow_none=True)
    time_zone = fields.String(required=True, allow_none=True)


class SaidSchema(Schema):
    """What the collector wrote with an SOS."""

    at = Instant(required=True)
    words = fields.String(required=True, allow_none=True)
    from_revoked_device = fields.Boolean(required=True)


class FoundAtSchema(Schema):
    """A position that the collector's phone reported, in WGS-84 degrees."""

    lon = fields.Float(required=True)
    lat = fields.Float(required=True)
    accuracy_m = fields.Float(required=True, allow_none=True)
    at = Instant(required=True)
    from_revoked_device = fields.Boolean(required=True)


class SituationSchema(Schema):
    """What is known of the one in danger, for whoever calls or sends help.

    ``set_aside``: what a phone of his that was reported lost has sent.
    """

    collector = fields.Nested(EndangeredSchema, required=True)
    buddy = fields.Nested(EndangeredSchema, required=True, allow_none=True)
    partners = fields.List(fields.Nested(EndangeredSchema), required=True)
    place = fields.Nested(PlannedPlaceSchema, required=True, allow_none=True)
    said = fields.List(fields.Nested(SaidSchema), required=True)
    last_position = fields.Nested(FoundAtSchema, required=True, allow_none=True)
    set_aside = fields.List(fields.Nested(SetAsideSchema), required=True)


class AlertDetailSchema(AlertSchema):
    """An alert with its timeline and everyone told.

    ``situation`` is null for a colleague: his phone has ``GET /v1/mobile/alerts``.
    """

    timeline = fields.List(fields.Nested(EntrySchema), required=True)
    told = fields.List(fields.UUID(), required=True)
    situation = fields.Nested(SituationSchema, required=True, allow_none=True)


class ToldAlertSchema(Schema):
    """An open alert as a collector who was told of it sees it.

    ``about_me``: it is about the reader himself, who ends it by his check-out.
    """

    id = fields.UUID(required=True)
    reference = fields.String(required=True)
    kind = fields.Enum(AlertKind, by_value=True, required=True)
    opened_at = Instant(required=True)
    about_me = fields.Boolean(required=True)
    owner = fields.Nested(PersonSchema, required=True, allow_none=True)
    owned_until = Instant(required=True, allow_none=True)
    collector = fields.Nested(EndangeredSchema, required=True)
    place = fields.Nested(PlannedPlaceSchema, required=True, allow_none=True)


class ToldAlertsSchema(Schema):
    """All of them, newest first."""

    server_time = Instant(required=True)
    items = fields.List(fields.Nested(ToldAlertSchema), required=True)


class NoteSchema(Schema):
    """Words for the timeline."""

    words = text(2000, shortest=3)


class CloseSchema(NoteSchema):
    """Why it may end; ``rearm_s`` keeps watching the collector for so long."""

    rearm_s = fields.Integer(
        load_default=None,
        allow_none=True,
        strict=True,
        validate=validate.Range(5, 3600),
    )


class RecipientSchema(Schema):
    """Whom a step names: its ``kind``, and what belongs to that kind.

    ``nearest`` has ``count``, and may have ``within_m`` (metres); ``rota`` may have
    ``rota_id``, without it the standing rota is meant; ``role`` has ``role``,
    ``person`` has ``user_id``.
    """

    kind = fields.Enum(RecipientKind, by_value=True, required=True)
    count = fields.Integer(strict=True, validate=validate.Range(1, whom.MOST_NEAREST))
    within_m = fields.Integer(
        strict=True, validate=validate.Range(whom.NEAREST_M, whom.FARTHEST_M)
    )
    rota_id = fields.UUID()
    role = fields.Enum(Role, by_value=True)
    user_id = fields.UUID()

    @validates_schema
    def complete(self, data: dict[str, Any], **_: Any) -> None:
        """Every kind has what it needs, and nothing else."""
        needed, besides = OF_KIND[data["kind"]]
        given = data.keys() - {"kind"}
        for name in sorted(needed - given):
            raise ValidationError("is needed for this kind of recipient", name)
        for name in sorted(given - needed - besides):
            raise ValidationError("does not belong to this kind of recipient", name)
        if data.get("role", Role.SAFETY_OFFICER) not in whom.CALLED:
            raise ValidationError(NO_ROLE, "role")


def recipient(loaded: dict[str, Any]) -> Recipient:
    """The recipient that a loaded ``RecipientSchema`` describes."""
    return whom.read(loaded)


def show_recipient(recipient: Recipient) -> dict[str, object]:
    """What ``RecipientSchema`` dumps."""
    facts = whom.as_json(recipient)
    facts["kind"] = RecipientKind(str(facts["kind"]))
    if isinstance(recipient, whom.InRole):
        facts["role"] = recipient.role
    return facts


class StepSchema(Schema):
    """After ``delay_s`` from the opening, tell ``recipients``."""

    delay_s = fields.Integer(
        required=True, strict=True, validate=validate.Range(0, 1800)
    )
    recipients = fields.List(
        fields.Nested(RecipientSchema), required=True, validate=validate.Length(1, 10)
    )


class LadderSchema(Schema):
    """Steps, the repeat after the last one, and an acknowledgement's lease."""

    steps = fields.List(
        fields.Nested(StepSchema), required=True, validate=validate.Length(1, 20)
    )
    repeat_s = fields.Integer(
        required=True, strict=True, validate=validate.Range(1, 300)
    )
    lease_s = fields.Integer(
        required=True, strict=True, validate=validate.Range(5, 1800)
    )


class PolicySchema(LadderSchema):
    """A policy as it stands; ``gaps`` says which of its promises cannot be kept now."""

    kind = fields.Enum(AlertKind, by_value=True, required=True)
    gaps = fields.List(fields.String(), required=True)

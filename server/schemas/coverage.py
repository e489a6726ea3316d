"""Gaps: where help would not come as it should."""

from marshmallow import Schema, fields

from core.words import AlertKind, GapKind
from server.schemas.base import Instant


class GapSchema(Schema):
    """What is missing, and where; without times it is missing now.

    ``policy`` and ``step`` (counted from 0) name a ladder's step; ``rota_id`` a rota,
    ``user_id`` whom it names.
    """

    kind = fields.Enum(GapKind, by_value=True, required=True)
    policy = fields.Enum(AlertKind, by_value=True, required=True, allow_none=True)
    step = fields.Integer(required=True, allow_none=True)
    rota_id = fields.UUID(required=True, allow_none=True)
    user_id = fields.UUID(required=True, allow_none=True)
    starts_at = Instant(required=True, allow_none=True)
    ends_at = Instant(required=True, allow_none=True)
    words_en = fields.String(required=True)
    words_zh = fields.String(required=True)


class CoverageSchema(Schema):
    """Every gap of now, and of the rotas from ``starts_at`` to ``ends_at``."""

    starts_at = Instant(required=True)
    ends_at = Instant(required=True)
    gaps = fields.List(fields.Nested(GapSchema), required=True)

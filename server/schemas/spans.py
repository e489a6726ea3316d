"""A span that is asked for: it begins before it ends."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from marshmallow import Schema, ValidationError, validates_schema


class SpanSchema(Schema):
    """A schema with ``start`` and ``end``; what ends before it begins is refused."""

    @validates_schema
    def begins_before_it_ends(self, data: Mapping[str, datetime], **_: Any) -> None:
        """Names ``end`` where the two are in the wrong order, or the same."""
        if data["start"] >= data["end"]:
            raise ValidationError("must be after start", "end")

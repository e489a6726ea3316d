"""The problem document (RFC 9457)."""

from typing import Self

from marshmallow import INCLUDE, Schema, fields


class ProblemSchema(Schema):
    """What is wrong, where, and what to do.

    Under ``/v1/mobile`` with ``server_time`` and, for a token of ours, ``fallback``.
    """

    def __deepcopy__(self, memo: object) -> Self:
        """Itself: nothing changes it, and each route's documentation copies its own.

        Copied hundreds of times, it made every process start seconds later.
        """
        return self

    class Meta:
        """Members that a reader does not know are to be ignored (RFC 9457, 3.2)."""

        unknown = INCLUDE

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    request_id = fields.String(allow_none=True)
    fields_ = fields.Dict(data_key="fields", attribute="fields")
    reasons = fields.List(fields.Dict())
    decision = fields.Dict(allow_none=True)
    retry_after_s = fields.Integer()
    server_time = fields.String(metadata={"format": "date-time"})
    fallback = fields.List(fields.String())

"""The events that we send, in the OpenAPI document: its ``webhooks`` section."""

from apispec import APISpec

from accounts import event_types
from core.words import Audience
from server.schemas.webhooks import EventSchema

SIGNED = ("webhook-id", "webhook-timestamp", "webhook-signature")


def describe(spec: APISpec) -> None:
    """One entry for all types: they differ in nothing but ``type`` and ``detail``."""
    told = sorted(event_types.told_to(Audience.SAFETY_OFFICERS))
    spec.components.schema("Event", schema=EventSchema)
    event = {
        "allOf": [
            {"$ref": "#/components/schemas/Event"},
            {"properties": {"type": {"enum": [*told, "webhook.test"]}}},
        ]
    }
    headers = [
        {"in": "header", "name": name, "required": True, "schema": {"type": "string"}}
        for name in SIGNED
    ]
    spec.options["webhooks"] = {
        "event": {
            "post": {
                "summary": "Something happened; signed after Standard Webhooks 1.0.",
                "parameters": headers,
                "requestBody": {
                    "required": True,
                    "content": {"application/json": {"schema": event}},
                },
                "responses": {
                    "2XX": {"description": "Taken; anything else is sent again."}
                },
            }
        }
    }

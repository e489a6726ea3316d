"""Devices: registered by the app on them, revoked when the phone is lost."""

from typing import Any
from uuid import UUID

from accounts import devices
from accounts.access import Action
from models import Device
from server.endpoint import Call, Room, endpoint
from server.schemas import devices as schemas
from server.schemas.base import PageQuery, page, page_of

room = Room("devices", __name__, url_prefix="/v1", description=__doc__)
DevicePage = page_of(schemas.DeviceSchema, "Device")


def _shown(call: Call, device: Device) -> dict[str, object]:
    """Never the app's own id: by it a refresh is known to come from the device."""
    names = schemas.DeviceSchema().fields.keys() - {"current", "push"}
    return {
        **{name: getattr(device, name) for name in names},
        "current": device.id == call.actor.device_id,
        "push": device.push_token_sealed is not None,
    }


def _page(call: Call, user_id: UUID, query: dict[str, Any]) -> dict[str, object]:
    found = devices.page(call.session, call.actor, user_id, **query)
    listed = page(found, query["limit"])
    return {**listed, "items": [_shown(call, device) for device in found]}


@endpoint(
    room,
    "PUT",
    "/devices/<uuid:app_id>",
    action=Action.USE_OWN_DEVICES,
    body=schemas.RegistrationSchema,
    answer=schemas.DeviceSchema,
)
def register(call: Call, body: dict[str, Any], app_id: UUID) -> dict[str, object]:
    """Register the device of this log-in under the id that its app sent at log-in."""
    device = devices.register(call.session, call.actor, app_id, now=call.now, **body)
    return _shown(call, device)


@endpoint(
    room,
    "GET",
    "/devices",
    action=Action.USE_OWN_DEVICES,
    query=PageQuery,
    answer=DevicePage,
)
def mine(call: Call, query: dict[str, Any]) -> dict[str, object]:
    """List the caller's own devices, oldest first."""
    return _page(call, call.actor.user_id, query)


@endpoint(
    room,
    "GET",
    "/users/<uuid:user_id>/devices",
    action=Action.READ_DEVICES,
    query=PageQuery,
    answer=DevicePage,
)
def of_user(call: Call, query: dict[str, Any], user_id: UUID) -> dict[str, object]:
    """List a user's devices; dispatchers see those of collectors."""
    return _page(call, user_id, query)


@endpoint(
    room,
    "POST",
    "/devices/<uuid:device_id>/revocation",
    action=Action.REVOKE_DEVICE,
    answer=schemas.DeviceSchema,
    errors=(409,),
)
def revoke(call: Call, device_id: UUID) -> dict[str, object]:
    """Report a phone lost: its log-ins end, a watch over its owner runs on.

    What it reports from then on is kept and changes nothing; its SOS is raised.
    """
    device = devices.revoke(call.session, call.actor, device_id, now=call.now)
    return _shown(call, device)

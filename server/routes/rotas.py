"""Rotas: who is on call when, in layers of turns with overrides above them."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from accounts.access import Action
from core.instants import Interval
from models import Rota, RotaOverride
from safety import rotas, turns
from server.endpoint import Call, Room, endpoint
from server.schemas import rotas as schemas
from server.schemas.base import NothingSchema, PageQuery, page, page_of
from server.versions import Edited, row

room = Room("rotas", __name__, url_prefix="/v1/rotas", description=__doc__)


@endpoint(
    room,
    "GET",
    "",
    action=Action.READ_ROTAS,
    query=PageQuery,
    answer=page_of(schemas.RotaSchema, "Rota"),
)
def page_through(call: Call, query: dict[str, Any]) -> dict[str, object]:
    """List the rotas, oldest first."""
    found = rotas.page(call.session, call.actor, **query)
    return {**page(found, query["limit"]), "items": [_shown(one) for one in found]}


@endpoint(
    room,
    "POST",
    "",
    action=Action.MANAGE_ROTAS,
    body=schemas.NewRotaSchema,
    answer=schemas.RotaSchema,
    status=201,
    errors=(404, 409),
)
def create(call: Call, body: dict[str, Any]) -> dict[str, object]:
    """Make a rota of the organisation's safety officers."""
    plan = _planned(body)
    return _shown(rotas.create(call.session, call.actor, plan, now=call.now))


@endpoint(
    room,
    "GET",
    "/<uuid:rota_id>",
    action=Action.READ_ROTAS,
    answer=schemas.RotaSchema,
)
def get(call: Call, rota_id: UUID) -> dict[str, object]:
    """One rota with its layers, from the top down."""
    return _shown(rotas.get(call.session, call.actor, rota_id))


@endpoint(
    room,
    "PUT",
    "/<uuid:rota_id>",
    action=Action.MANAGE_ROTAS,
    edits=Edited(get, row(Rota, "rota")),
    body=schemas.NewRotaSchema,
    answer=schemas.RotaSchema,
    errors=(409,),
)
def replace(call: Call, body: dict[str, Any], rota_id: UUID) -> dict[str, object]:
    """Replace name, zone and layers from now on; overrides stay."""
    plan = _planned(body)
    return _shown(rotas.replace(call.session, call.actor, rota_id, plan, now=call.now))


@endpoint(
    room,
    "DELETE",
    "/<uuid:rota_id>",
    action=Action.MANAGE_ROTAS,
    answer=NothingSchema,
)
def remove(call: Call, rota_id: UUID) -> dict[str, object]:
    """Delete a rota with its overrides."""
    rotas.remove(call.session, call.actor, rota_id, now=call.now)
    return {}


@endpoint(
    room,
    "GET",
    "/<uuid:rota_id>/spans",
    action=Action.READ_ROTAS,
    query=schemas.SpansQuery,
    answer=schemas.SpansSchema,
)
def list_spans(call: Call, query: dict[str, Any], rota_id: UUID) -> dict[str, object]:
    """Say who is on call from now on, without a hole; a gap says so."""
    rota = rotas.get(call.session, call.actor, rota_id)
    window = Interval(call.now, call.now + timedelta(days=query["days"]))
    found = turns.spans(rotas.as_turns(call.session, rota, window), window)
    return {"items": [schemas.show_span(one) for one in found]}


@endpoint(
    room,
    "GET",
    "/<uuid:rota_id>/overrides",
    action=Action.READ_ROTAS,
    query=PageQuery,
    answer=page_of(schemas.OverrideSchema, "Override"),
)
def page_overrides(
    call: Call, query: dict[str, Any], rota_id: UUID
) -> dict[str, object]:
    """List the overrides of a rota, oldest first."""
    found = rotas.page_overrides(call.session, call.actor, rota_id, **query)
    return page(found, query["limit"])


@endpoint(
    room,
    "POST",
    "/<uuid:rota_id>/overrides",
    action=Action.MANAGE_ROTAS,
    body=schemas.NewOverrideSchema,
    answer=schemas.OverrideSchema,
    status=201,
    errors=(409,),
)
def override(call: Call, body: dict[str, Any], rota_id: UUID) -> RotaOverride:
    """Let one safety officer take a span, above all layers."""
    return rotas.override(call.session, call.actor, rota_id, **body, now=call.now)


@endpoint(
    room,
    "DELETE",
    "/<uuid:rota_id>/overrides/<uuid:override_id>",
    action=Action.MANAGE_ROTAS,
    answer=NothingSchema,
)
def drop_override(call: Call, rota_id: UUID, override_id: UUID) -> dict[str, object]:
    """Delete an override: the layers answer for its span again."""
    rotas.drop_override(call.session, call.actor, rota_id, override_id, now=call.now)
    return {}


def _planned(body: dict[str, Any]) -> rotas.Plan:
    layers = [schemas.layer(one) for one in body["layers"]]
    return rotas.Plan(**{**body, "layers": layers})


def _shown(rota: Rota) -> dict[str, object]:
    facts = {name: getattr(rota, name) for name in FACTS}
    layers = [schemas.show(rotas.layer(one)) for one in rota.layers]
    return {**facts, "layers": layers}


FACTS = ("id", "name", "time_zone", "standing", "created_at")

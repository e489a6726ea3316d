"""The collector's shift: depart, check in, extend, check out, withdraw, SOS."""

from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from accounts import users
from accounts.access import Action
from accounts.passwords import Pins
from core.actor import Actor
from core.words import EventKind
from models import Organisation, PlaceMark
from safety import (
    asides,
    check_ins,
    check_outs,
    departures,
    place_memory,
    sos,
    watches,
    withdrawals,
)
from safety.reports import Answer
from server import authentication, reading
from server.compose import doorsteps, helping, permissions, visit_ends
from server.endpoint import Call, Room, endpoint
from server.schemas import mobile as schemas
from server.schemas.alerts import ToldAlertsSchema
from server.schemas.places import ConcernSchema, StatedSchema
from server.schemas.reports import Loaded, report
from server.schemas.visits import DaySchema

room = Room("mobile", __name__, url_prefix="/v1/mobile", description=__doc__)
VISIT = "/visits/<uuid:visit_id>"


def _pin(session: Session, actor: Actor, body: Loaded) -> tuple[Pins, str]:
    user = users.get(session, actor, actor.user_id)
    return watches.pins_in_force(session, user), body["pin"]


@endpoint(
    room,
    "GET",
    "/day",
    action=Action.READ_OWN_DAY,
    door=authentication.at_work,
    answer=DaySchema,
    reads=reading.DAY,
)
def day(call: Call) -> dict[str, object]:
    """The collector's own stops, and what he needs without a signal."""
    organisation = call.session.get_one(Organisation, call.actor.organisation_id)
    return {
        "server_time": call.now,
        "watch": doorsteps.watch(call),
        "visits": doorsteps.day(call),
        "colleagues": helping.colleagues(call),
        "fallback": organisation.fallback_phones,
        "emergency_phone": organisation.emergency_phone,
    }


@endpoint(
    room,
    "GET",
    "/alerts",
    action=Action.READ_ALERTS_TOLD,
    door=authentication.at_work,
    answer=ToldAlertsSchema,
)
def alerts_told(call: Call) -> dict[str, object]:
    """List the open alerts that the collector was told of: who, where, whose."""
    return {"server_time": call.now, "items": helping.alerts_told(call)}


@endpoint(
    room,
    "POST",
    f"{VISIT}/departure",
    action=Action.ACT_ON_OWN_WATCH,
    door=authentication.setting_out,
    body=schemas.DepartSchema,
    answer=schemas.ActSchema,
    errors=(409,),
)
def depart(call: Call, body: Loaded, visit_id: UUID) -> Answer:
    """Set out for a visit and name the buddy; gate or badge may refuse."""
    told = report(EventKind.DEPART, body, visit_id)
    if call.actor.device_revoked:
        return asides.keep(call.session, call.actor, told, now=call.now)
    return departures.depart(
        call.session,
        call.actor,
        told,
        judge=partial(permissions.at_departure, call),
        now=call.now,
    )


@endpoint(
    room,
    "POST",
    f"{VISIT}/check-in",
    action=Action.ACT_ON_OWN_WATCH,
    door=authentication.at_the_door,
    body=schemas.CheckInSchema,
    answer=schemas.ActSchema,
)
def check_in(call: Call, body: Loaded, visit_id: UUID) -> Answer:
    """Arm the watch; the answer says whether contact is allowed."""
    told = report(EventKind.CHECK_IN, body, visit_id)
    if call.actor.device_revoked:
        return asides.keep(call.session, call.actor, told, now=call.now)
    answer = check_ins.check_in(
        call.session,
        call.actor,
        told,
        judge=partial(permissions.at_the_door, call, told),
        now=call.now,
    )
    visit_ends.after_a_check_in(call, visit_id)
    return answer


@endpoint(
    room,
    "POST",
    f"{VISIT}/extension",
    action=Action.ACT_ON_OWN_WATCH,
    door=authentication.on_duty,
    secret=_pin,
    body=schemas.ExtendSchema,
    answer=schemas.ActSchema,
    errors=(409,),
)
def extend(call: Call, body: Loaded, visit_id: UUID) -> Answer:
    """Extend the due with the PIN, within the lawful window."""
    told = report(EventKind.EXTEND, body, visit_id)
    if call.actor.device_revoked:
        return asides.keep(call.session, call.actor, told, pin=call.proof, now=call.now)
    return check_outs.extend(
        call.session, call.actor, told, pin=call.proof, now=call.now
    )


@endpoint(
    room,
    "POST",
    f"{VISIT}/check-out",
    action=Action.ACT_ON_OWN_WATCH,
    door=authentication.on_duty,
    secret=_pin,
    body=schemas.CheckOutSchema,
    answer=schemas.ActSchema,
    errors=(409,),
)
def check_out(call: Call, body: Loaded, visit_id: UUID) -> Answer:
    """Close the watch with the PIN and say what happened."""
    told = report(EventKind.CHECK_OUT, body, visit_id)
    if call.actor.device_revoked:
        return asides.keep(call.session, call.actor, told, pin=call.proof, now=call.now)
    answer = check_outs.check_out(
        call.session, call.actor, told, pin=call.proof, now=call.now
    )
    visit_ends.after_an_act(call, call.actor.user_id, visit_id)
    return answer


@endpoint(
    room,
    "POST",
    f"{VISIT}/withdrawal",
    action=Action.ACT_ON_OWN_WATCH,
    door=authentication.on_duty,
    body=schemas.WithdrawSchema,
    answer=schemas.ActSchema,
    errors=(409,),
)
def withdraw(call: Call, body: Loaded, visit_id: UUID) -> Answer:
    """Leave at once: buddy and dispatchers are told, the watch goes on."""
    told = report(EventKind.WITHDRAW, body, visit_id)
    if call.actor.device_revoked:
        return asides.keep(call.session, call.actor, told, now=call.now)
    return withdrawals.withdraw(call.session, call.actor, told, now=call.now)


@endpoint(
    room,
    "POST",
    f"{VISIT}/concern",
    action=Action.STATE_CONCERN,
    door=authentication.at_work,
    body=ConcernSchema,
    answer=StatedSchema,
    status=201,
    errors=(409,),
)
def state_concern(call: Call, body: dict[str, Any], visit_id: UUID) -> PlaceMark:
    """Say that this place does not feel safe, before, during or after the visit.

    It changes at once what is asked of the next visits there. Only safety officers
    see who has said it. Nothing of a running watch moves: for help there is the SOS.
    """
    words = body["words"]
    return place_memory.state_concern(
        call.session, call.actor, visit_id, words=words, now=call.now
    )


@endpoint(
    room,
    "POST",
    "/sos",
    action=Action.SOS,
    door=authentication.in_danger,
    body=schemas.SosSchema,
    answer=schemas.ActSchema,
    status=201,
)
def raise_sos(call: Call, body: Loaded) -> Answer:
    """Call for help: the alert is stored and on its way when this answers."""
    told = report(EventKind.SOS, body, body["visit_id"])
    return sos.raise_alarm(call.session, call.actor, told, now=call.now)

"""One's own second factor: an authenticator, set up by its first code."""

from typing import Any

import segno

from accounts import organisations, second_factors, tries, users
from accounts.access import Action
from accounts.second_factors import Typed
from server import authentication, clock, proving
from server.endpoint import Call, Room, endpoint
from server.schemas import accounts as schemas

room = Room(
    "second_factor", __name__, url_prefix="/v1/me/second-factor", description=__doc__
)


@endpoint(
    room,
    "GET",
    "",
    action=Action.SET_UP_SECOND_FACTOR,
    door=authentication.to_enrol,
    answer=schemas.SecondFactorSchema,
)
def get(call: Call) -> dict[str, object]:
    """Is it set up, must it be, and how many recovery codes are left?"""
    user = users.get(call.session, call.actor, call.actor.user_id)
    factor = second_factors.of(call.session, user)
    return {
        "set_up": factor is not None and factor.confirmed_at is not None,
        "required": organisations.get(call.session, call.actor).second_factor_required,
        "recovery_codes_left": second_factors.recovery_codes_left(call.session, user),
    }


@endpoint(
    room,
    "POST",
    "",
    action=Action.SET_UP_SECOND_FACTOR,
    door=authentication.to_enrol,
    secret=proving.own_password(),
    limit=proving.counters,
    body=schemas.PasswordSchema,
    answer=schemas.EnrolmentSchema,
    errors=(409,),
)
def begin(call: Call, _: dict[str, Any]) -> dict[str, str]:
    """Get a secret for the authenticator; it counts once its first code came."""
    begun = second_factors.begin(
        call.session, call.actor, password=call.proof, now=call.now
    )
    tries.succeeded(call.session, call.counted)
    qr_svg = segno.make(begun.uri, micro=False).svg_inline(scale=4)
    return {"secret": begun.secret, "uri": begun.uri, "qr_svg": qr_svg}


@endpoint(
    room,
    "POST",
    "/confirmation",
    action=Action.SET_UP_SECOND_FACTOR,
    door=authentication.to_enrol,
    limit=proving.counters,
    body=schemas.CodeSchema,
    answer=schemas.RecoveryCodesSchema,
    errors=(409,),
)
def confirm(call: Call, body: dict[str, Any]) -> dict[str, object]:
    """Show that it works; from now on a log-in asks for its code."""
    codes = second_factors.confirm(
        call.session,
        call.actor,
        typed=Typed(body["code"], clock.real()),
        now=call.now,
    )
    tries.succeeded(call.session, call.counted)
    return {"recovery_codes": codes}

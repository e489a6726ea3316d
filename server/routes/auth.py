"""Log in, renew, log out."""

from typing import Any

from flask import g
from sqlalchemy.orm import Session

from accounts import admission, logins, refreshes, safety_tokens
from accounts.access import Action
from accounts.second_factors import Typed
from accounts.tries import Counter
from core.actor import Actor
from core.errors import Unauthenticated
from core.words import Role
from server import authentication, clock, tokens
from server.endpoint import Call, Errand, Room, endpoint
from server.schemas import accounts as schemas
from server.schemas.base import NothingSchema

room = Room("auth", __name__, url_prefix="/v1/auth", description=__doc__)


def _password(
    session: Session, _: Actor, body: dict[str, Any]
) -> tuple[str | None, str]:
    slug, login = body["organisation"], body["login"]
    hashed = logins.password_hash(session, slug=slug, login=login)
    return hashed, body["password"]


def _counters(session: Session, _: Actor, body: dict[str, Any]) -> list[Counter]:
    return admission.log_in(
        session,
        slug=body["organisation"],
        login=body["login"],
        app_id=body["device_id"],
        source_digest=authentication.source_digest(),
    )


@endpoint(
    room,
    "POST",
    "/login",
    action=None,
    door=None,
    secret=_password,
    limit=_counters,
    body=schemas.LoginSchema,
    answer=schemas.TokensSchema,
    errors=(401,),
)
def log_in(call: Call, body: dict[str, Any]) -> dict[str, str | bool | None]:
    """Exchange login, password and code for tokens bound to this device.

    Without the code, where there is a second factor: 401 ``second_factor_needed``.
    """
    opened = logins.log_in(
        call.session,
        slug=body["organisation"],
        login=body["login"],
        password=call.proof,
        app_id=body["device_id"],
        now=call.now,
        second=Typed(body["code"], clock.real()),
    )
    admission.logged_in(
        call.session,
        opened,
        call.counted,
        source_digest=authentication.source_digest(),
        now=call.now,
    )
    actor = logins.actor(call.session, opened.id)
    safety_token = None
    if actor.role is Role.COLLECTOR:
        safety_token = safety_tokens.issue(actor=actor, now=clock.real())
    pair = tokens.first(opened, minted_at=clock.real())
    return {**pair, "safety_token": safety_token, "enrol_only": opened.enrol_only}


@endpoint(
    room,
    "POST",
    "/refresh",
    action=Action.READ_OWN_ACCOUNT,
    door=authentication.by_refresh,
    body=schemas.RefreshSchema,
    answer=schemas.PairSchema,
    own_transactions=True,
)
def refresh(errand: Errand, body: dict[str, Any]) -> dict[str, str]:
    """Exchange a refresh token for a new pair; it is good for one use.

    The same device may ask for the same pair again within a minute. Any other second
    use ends this log-in: it is committed before the 401 is sent.
    """
    with errand.runtime.sessions.begin() as session:
        renewed = refreshes.renew(
            session,
            errand.actor,
            g.login_session_id,
            number=tokens.number(),
            app_id=body["device_id"],
            minted_at=clock.real(),
            now=errand.runtime.clock.now(session),
        )
    if renewed is None:
        raise Unauthenticated(refreshes.ENDED)
    return tokens.pair(renewed)


@endpoint(
    room,
    "POST",
    "/logout",
    action=Action.READ_OWN_ACCOUNT,
    door=authentication.to_enrol,
    answer=NothingSchema,
)
def log_out(call: Call) -> dict[str, object]:
    """End this log-in; a running watch keeps its safety token."""
    logins.log_out(call.session, call.actor, g.login_session_id, now=call.now)
    return {}

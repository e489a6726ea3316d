"""Log in, renew, log out."""

from typing import Any

from flask import g
from flask_jwt_extended import create_access_token, create_refresh_token
from sqlalchemy.orm import Session

from accounts import admission, logins, safety_tokens
from accounts.access import Action
from accounts.second_factors import Typed
from accounts.tries import Counter
from core.actor import Actor
from core.words import Role
from server import authentication, clock
from server.endpoint import Call, Room, endpoint
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
    return {
        "access_token": create_access_token(str(opened.id)),
        "refresh_token": create_refresh_token(str(opened.id)),
        "safety_token": safety_token,
        "enrol_only": opened.enrol_only,
    }


@endpoint(
    room,
    "POST",
    "/refresh",
    action=Action.READ_OWN_ACCOUNT,
    door=authentication.by_refresh,
    answer=schemas.AccessSchema,
)
def refresh(call: Call) -> dict[str, str]:
    """Exchange a refresh token for a new access token, while the log-in stands."""
    return {"access_token": create_access_token(str(g.login_session_id))}


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

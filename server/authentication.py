"""From the request's token to the actor: one function for each kind of door."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import jwt
from flask import Flask, Response, current_app, g, request
from flask_jwt_extended import JWTManager, get_jwt_identity, verify_jwt_in_request
from flask_jwt_extended.exceptions import JWTExtendedException
from jwt.exceptions import PyJWTError
from sqlalchemy.orm import Session

from accounts import devices, logins, safety_tokens, second_factors, sources
from accounts.safety_tokens import Claims
from core.actor import Actor
from core.errors import Unauthenticated
from models import Organisation, database
from models.sealed import ring
from safety import watches
from server import clock
from server.runtime import Runtime

ACCESS_LIFE = timedelta(minutes=15)
REFRESH_LIFE = timedelta(days=30)
ALGORITHM = "HS256"
SAFETY_HEADER = "Safety-Token"
ASKED_AGAIN = timedelta(hours=12)  # half a day without a signal
PHONES = "/v1/mobile/"  # what collectors' phones call


def install(app: Flask, *, secure: bool) -> None:
    """JWT by header for the API, by cookie with CSRF token for our own pages.

    ``secure``: the cookie never travels without TLS.
    """
    app.config.update(
        JWT_ALGORITHM=ALGORITHM,
        JWT_SECRET_KEY=ring.keyring.secret("login_token"),
        JWT_ACCESS_TOKEN_EXPIRES=ACCESS_LIFE,
        JWT_REFRESH_TOKEN_EXPIRES=REFRESH_LIFE,
        JWT_TOKEN_LOCATION=["headers", "cookies"],
        JWT_COOKIE_SAMESITE="Strict",
        JWT_COOKIE_SECURE=secure,
        JWT_CSRF_IN_COOKIES=False,
        JWT_CSRF_CHECK_FORM=True,
        JWT_ACCESS_COOKIE_PATH="/safety",
    )
    JWTManager(app)


def is_signed(header: str) -> bool:
    """Does this ``Authorization`` hold an unexpired token of ours?

    Asked of large requests before they are there; nobody's log-in is looked at yet.
    """
    scheme, _, token = header.partition(" ")
    key = ring.keyring.secret("login_token")
    try:
        jwt.decode(token, key, algorithms=[ALGORITHM])
    except PyJWTError:
        return False
    return scheme == "Bearer"


def source_digest() -> str:
    """Where this request comes from, as far as our own proxies tell."""
    return sources.digest(request.remote_addr or "")


def by_login(session: Session, *, locations: str = "headers") -> Actor:
    """The actor of an access token whose log-in session still stands."""
    return _by_jwt(session, locations=locations, refresh=False)


def to_enrol(session: Session, *, locations: str = "headers") -> Actor:
    """The same, or one who has yet to set up his second factor."""
    return _by_jwt(session, locations=locations, refresh=False, enrolling=True)


def by_refresh(session: Session) -> Actor:
    """The actor of a refresh token."""
    return _by_jwt(session, locations="headers", refresh=True)


def _by_jwt(
    session: Session,
    *,
    locations: str,
    refresh: bool,
    enrolling: bool = False,
    even_lost: bool = False,
) -> Actor:
    try:
        verify_jwt_in_request(locations=[locations], refresh=refresh)
        login_session_id = UUID(get_jwt_identity())
    except (JWTExtendedException, PyJWTError, ValueError, TypeError) as error:
        raise Unauthenticated("Log in, or renew the access token.") from error
    g.login_session_id = login_session_id
    if even_lost and (lost := devices.lost(session, login_session_id)):
        return _known(session, lost)
    actor = _known(session, logins.actor(session, login_session_id))
    if not enrolling and logins.enrol_only(session, login_session_id):
        raise second_factors.Missing("Set up your second factor first.")
    return actor


def at_work(session: Session) -> Actor:
    """For the day: a safety token that still stands, or a log-in."""
    return _by_safety_token(session, _stands) or by_login(session)


def setting_out(session: Session) -> Actor:
    """For a departure: the same; from a revoked device it is kept."""
    return _heard(session, _stands)


def on_duty(session: Session) -> Actor:
    """For the acts of a running watch: neither log-out nor expiry ends the token.

    Nor does the check-out itself for a while: a phone that lost its answer asks again.
    """
    return _heard(session, _lately)


def at_the_door(session: Session) -> Actor:
    """For a check-in: whoever stands there is watched, logged out or suspended."""
    return _heard(session, _unexpired)


def in_danger(session: Session) -> Actor:
    """For an SOS: any safety token that we signed, however old, else a log-in."""
    return _heard(session, _any, _any)


Judge = Callable[[Session, Claims, datetime], bool]


def _heard(session: Session, judge: Judge, lost: Judge | None = None) -> Actor:
    """Also from a revoked device, and marked so: its acts are kept, an SOS is raised.

    ``lost`` judges a revoked device's token: the same for every act but an SOS, so that
    no answer tells a thief whether a watch runs.
    """
    by_token = _by_safety_token(session, judge, lost or _not_long_ago)
    return by_token or _by_jwt(
        session, locations="headers", refresh=False, even_lost=True
    )


def _admits(
    session: Session,
    claims: Claims,
    now: datetime,
    *,
    watch_open: bool = False,
    sos: bool = False,
) -> bool:
    """Whether the log-in still stands is asked only where it matters."""
    out = not (watch_open or sos) and logins.device_is_out(session, claims.actor)
    return safety_tokens.admits(
        claims, now=now, watch_open=watch_open, sos=sos, revoked=out
    )


def _stands(session: Session, claims: Claims, now: datetime) -> bool:
    return _admits(session, claims, now)


def _running(session: Session, claims: Claims, now: datetime) -> bool:
    watch_open = watches.is_open(session, claims.actor.user_id)
    return _admits(session, claims, now, watch_open=watch_open)


def _lately(session: Session, claims: Claims, now: datetime) -> bool:
    here: Runtime = current_app.extensions["vouchsafe"]
    since = here.clock.now(session) - ASKED_AGAIN
    watched = watches.was_open(session, claims.actor.user_id, since=since)
    return _admits(session, claims, now, watch_open=watched)


def _unexpired(session: Session, claims: Claims, now: datetime) -> bool:
    """Logged out or suspended makes no difference; a watch that runs does."""
    return now < claims.expires_at or _running(session, claims, now)


def _any(session: Session, claims: Claims, now: datetime) -> bool:
    return _admits(session, claims, now, sos=True)


def _not_long_ago(session: Session, claims: Claims, now: datetime) -> bool:
    return now < claims.expires_at or _lately(session, claims, now)


def _never(*_: object) -> bool:
    return False


def _by_safety_token(
    session: Session, judge: Judge, lost: Judge = _never
) -> Actor | None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme != "Bearer":
        return None
    try:
        claims = safety_tokens.read(token)
    except Unauthenticated:
        return None
    now = clock.real()
    holder = devices.holder(session, claims.actor)
    if holder is None:
        return None
    database.hold(session, holder.user, holder.organisation)
    _known(session, claims.actor)  # a token of ours that ended may still ring for help
    if not (lost if holder.revoked else judge)(session, claims, now):
        raise Unauthenticated("This safety token is no longer valid: log in again.")
    if holder.revoked:
        return replace(claims.actor, device_revoked=True)
    old = safety_tokens.needs_renewal(claims, now=now)
    if old and _running(session, claims, now):  # more than an SOS admits it
        g.safety_token = safety_tokens.issue(actor=claims.actor, now=now)
    return claims.actor


def _known(session: Session, actor: Actor) -> Actor:
    """The same actor; whom his phone may ring stands in a problem document of ours."""
    if request.path.startswith(PHONES):
        organisation = session.get(Organisation, actor.organisation_id)
        g.fallback = list(organisation.fallback_phones) if organisation else None
        database.hold(session, organisation)
    return actor


def renew(response: Response) -> Response:
    """Hand a renewed safety token to the phone beside any answer."""
    if token := g.get("safety_token"):
        response.headers[SAFETY_HEADER] = token
    return response


Door = Callable[[Session], Actor]

"""Safety tokens: signed, bound to a device, good for one's own watch and for SOS.

Nothing of this kind may silence a collector: neither log-out nor suspension nor its
own expiry ends a token while a watch is open, and an SOS asks for the signature alone.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from uuid import UUID

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from core.actor import Actor
from core.errors import Unauthenticated
from core.words import Role
from models.sealed import ring

ISSUER = "vouchsafe"
AUDIENCE = "vouchsafe-safety"
SCOPE = "own_safety"
LIFE = timedelta(hours=72)
RENEW_AFTER = timedelta(hours=1)
LONGEST = 2000  # characters; ours have about 550
ALGORITHMS = ["HS256"]


@dataclass(frozen=True, slots=True)
class Claims:
    """What a token says; whether it still admits is for ``admits`` to judge."""

    actor: Actor
    issued_at: datetime
    expires_at: datetime


def issue(*, actor: Actor, now: datetime) -> str:
    """A token of 72 hours for the actor on his device; ``now`` is real time."""
    if actor.device_id is None:
        raise ValueError("a safety token is bound to a device")
    issued_at = int(now.timestamp())
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": str(actor.user_id),
        "org": str(actor.organisation_id),
        "dev": str(actor.device_id),
        "role": actor.role.value,
        "iat": issued_at,
        "exp": issued_at + int(LIFE.total_seconds()),
        "scope": SCOPE,
    }
    header = {"alg": "HS256", "kid": ring.keyring.current}
    return jwt.encode(header, claims, _key(), algorithms=ALGORITHMS)


def read(token: str) -> Claims:
    """What a token of ours says, however old; ``Unauthenticated`` if it is not ours."""
    try:
        if len(token) > LONGEST:
            raise ValueError("too long for one of ours")
        return _claims(jwt.decode(token, _key(), algorithms=ALGORITHMS).claims)
    except (JoseError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise Unauthenticated("This is not a safety token of ours.") from error


def needs_renewal(claims: Claims, now: datetime) -> bool:
    """True from an hour after issuing: a token in use is always fresh."""
    return now >= claims.issued_at + RENEW_AFTER


def admits(
    claims: Claims, *, now: datetime, watch_open: bool, sos: bool, revoked: bool
) -> bool:
    """An SOS and an open watch always; else until it expires or is revoked.

    ``revoked``: the device was logged out or the user suspended.
    """
    return sos or watch_open or (now < claims.expires_at and not revoked)


def _key() -> OctKey:
    # one key for every kid: rotating the data keys must not silence anybody
    return _imported(ring.keyring.secret("safety_token"))


@lru_cache
def _imported(secret: bytes) -> OctKey:
    return OctKey.import_key(secret)


def _claims(raw: dict[str, object]) -> Claims:
    if (raw["iss"], raw["aud"], raw["scope"]) != (ISSUER, AUDIENCE, SCOPE):
        raise ValueError("made for something else")
    actor = Actor(
        organisation_id=UUID(str(raw["org"])),
        user_id=UUID(str(raw["sub"])),
        role=Role(str(raw["role"])),
        device_id=UUID(str(raw["dev"])),
    )
    return Claims(actor, _instant(raw["iat"]), _instant(raw["exp"]))


def _instant(seconds: object) -> datetime:
    if not isinstance(seconds, int):
        raise TypeError("not a NumericDate in whole seconds")
    return datetime.fromtimestamp(seconds, UTC)

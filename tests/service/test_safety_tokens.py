"""Safety tokens: only ours are read, and nothing silences a collector on watch."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import OctKey

from accounts import safety_tokens
from core import ids
from core.actor import Actor
from core.errors import Unauthenticated
from core.keyring import Keyring
from core.words import Role
from models.sealed import ring
from tests.support.clock import MORNING

ACTOR = Actor(ids.new(), ids.new(), Role.COLLECTOR, ids.new())
HOUR = timedelta(hours=1)
WITH_FRACTION = MORNING + timedelta(microseconds=999_999)


def token() -> str:
    return safety_tokens.issue(actor=ACTOR, now=MORNING)


def signed(key: bytes | None = None, **other: object) -> str:
    """A token like ours, by our key unless told, with some claims changed."""
    claims = {**json.loads(part(token(), 1)), **other}
    kept = {name: value for name, value in claims.items() if value is not None}
    secret = key or ring.keyring.secret("safety_token")
    return jwt.encode({"alg": "HS256"}, kept, OctKey.import_key(secret))


def part(text: str, place: int) -> str:
    return urlsafe_b64decode(text.split(".")[place] + "==").decode()


def coded(value: object) -> str:
    return urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def test_what_was_issued_is_read_to_the_second():
    claims = safety_tokens.read(safety_tokens.issue(actor=ACTOR, now=WITH_FRACTION))
    assert claims == safety_tokens.Claims(ACTOR, MORNING, MORNING + 72 * HOUR)


def test_header_and_claims_say_what_the_manual_says():
    assert json.loads(part(token(), 0)) == {
        "alg": "HS256",
        "kid": ring.keyring.current,
        "typ": "JWT",
    }
    assert json.loads(part(token(), 1)) == {
        "iss": "vouchsafe",
        "aud": "vouchsafe-safety",
        "sub": str(ACTOR.user_id),
        "org": str(ACTOR.organisation_id),
        "dev": str(ACTOR.device_id),
        "role": "collector",
        "iat": int(MORNING.timestamp()),
        "exp": int((MORNING + 72 * HOUR).timestamp()),
        "scope": "own_safety",
    }


def test_a_token_without_a_device_is_not_issued():
    with pytest.raises(ValueError, match="device"):
        safety_tokens.issue(actor=replace(ACTOR, device_id=None), now=MORNING)


def test_reading_never_asks_how_old_a_token_is():
    old = safety_tokens.issue(actor=ACTOR, now=MORNING - 10_000 * HOUR)
    assert safety_tokens.read(old).actor == ACTOR


def test_a_token_survives_new_data_keys():
    mine, before = token(), ring.keyring
    rotated = replace(before, current="new", data_keys={"new": b"k" * 32})
    try:
        ring.use(rotated)
        assert safety_tokens.read(mine).actor == ACTOR
    finally:
        ring.use(before)


def other_user(body: str) -> str:
    claims = json.loads(urlsafe_b64decode(body + "=="))
    return coded({**claims, "sub": str(ids.new())})


Forge = Callable[[str, str, str], str]
FORGERIES: dict[str, Forge] = {
    "by another key": lambda *_: signed(Keyring.generate().secret("safety_token")),
    "by our key of log-ins": lambda *_: signed(ring.keyring.secret("login_token")),
    "alg none": lambda h, b, s: f"{coded({'alg': 'none'})}.{b}.",
    "alg none, with signature": lambda h, b, s: f"{coded({'alg': 'none'})}.{b}.{s}",
    "another algorithm": lambda h, b, s: f"{coded({'alg': 'HS512'})}.{b}.{s}",
    "another user": lambda h, b, s: f"{h}.{other_user(b)}.{s}",
    "another header": lambda h, b, s: f"{coded({'alg': 'HS256'})}.{b}.{s}",
    "no signature": lambda h, b, s: f"{h}.{b}.",
    "signature cut": lambda h, b, s: f"{h}.{b}.{s[:-4]}",
    "two parts": lambda h, b, s: f"{h}.{b}",
    "four parts": lambda h, b, s: f"{h}.{b}.{s}.x",
    "empty": lambda *_: "",
    "not ASCII": lambda h, b, s: f"{h}.{b}.签",
    "half a surrogate pair": lambda h, b, s: f"{h}.{b}.\ud800",
    "very long": lambda h, b, s: f"{h}.{b * 100}.{s}",
    "header of brackets": lambda h, b, s: (
        f"{urlsafe_b64encode(b'[' * 300).decode()}.{b}.{s}"
    ),
}


@pytest.mark.parametrize("forge", list(FORGERIES.values()), ids=list(FORGERIES))
def test_a_forged_token_is_refused(forge: Forge):
    forged = forge(*token().split("."))
    with pytest.raises(Unauthenticated):
        safety_tokens.read(forged)


@pytest.mark.parametrize(
    "other",
    [
        {"iss": "somebody"},
        {"aud": "vouchsafe"},
        {"aud": ["vouchsafe-safety"]},
        {"scope": "everything"},
        {"scope": None},
        {"role": "owner"},
        {"sub": "zhang"},
        {"dev": None},
        {"org": None},
        {"iat": "now"},
        {"exp": None},
        {"exp": 1.5},
    ],
    ids=str,
)
def test_a_token_of_another_shape_is_refused_though_we_signed_it(
    other: dict[str, object],
):
    assert safety_tokens.read(signed()).actor == ACTOR
    with pytest.raises(Unauthenticated):
        safety_tokens.read(signed(**other))


@given(st.text() | st.from_regex(r"[\w-]+\.[\w-]+\.[\w-]*"))
def test_no_text_but_ours_is_a_token(noise: str):
    with pytest.raises(Unauthenticated):
        safety_tokens.read(noise)


@given(st.integers(0, 500), st.sampled_from("AZaz09-_."))
def test_one_changed_character_is_one_too_many(place: int, mark: str):
    mine = token()
    place %= len(mine) - 1  # the last one carries two unused bits
    changed = mine[:place] + mark + mine[place + 1 :]
    if changed != mine:
        with pytest.raises(Unauthenticated):
            safety_tokens.read(changed)


@pytest.mark.parametrize(("hours", "renewed"), [(0, False), (0.99, False), (1, True)])
def test_a_token_in_use_is_renewed_after_an_hour(hours: float, renewed: bool):
    claims = safety_tokens.read(token())
    now = MORNING + hours * HOUR
    assert safety_tokens.needs_renewal(claims, now) is renewed


@pytest.mark.parametrize(
    ("sos", "watch_open", "expired", "revoked"), list(product([False, True], repeat=4))
)
def test_only_expiry_or_revocation_outside_watch_and_sos_ends_a_token(
    sos: bool, watch_open: bool, expired: bool, revoked: bool
):
    claims = safety_tokens.read(token())
    now = claims.expires_at if expired else claims.expires_at - timedelta(seconds=1)
    admitted = safety_tokens.admits(
        claims, now=now, watch_open=watch_open, sos=sos, revoked=revoked
    )
    refused = {
        # sos, watch_open, expired, revoked
        (False, False, False, True),
        (False, False, True, False),
        (False, False, True, True),
    }
    assert admitted is ((sos, watch_open, expired, revoked) not in refused)

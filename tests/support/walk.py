"""A walk over every route behind a door, with whoever should not pass it.

Each case yields what was asked and whether it was answered as promised.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

from flask_jwt_extended import create_access_token, create_refresh_token

from accounts import access, devices, safety_tokens
from core.actor import Actor
from core.words import Role
from models import User
from server import authentication, clock
from server.endpoint import CONTRACTS, Contract
from tests.support import samples
from tests.support.neighbour import Neighbour
from tests.support.street import Street
from tests.support.world import World

LATE = timedelta(minutes=-1)
GUARDED = [contract for contract in CONTRACTS if contract.door is not None]
KEPT = (authentication.setting_out, authentication.at_the_door, authentication.on_duty)


class Step(NamedTuple):
    """One request of a walk and its answer; ``right``: as promised."""

    contract: Contract
    who: str
    status: int
    right: bool


Case = Callable[[World, Street], Iterator[Step]]


def send(
    world: World,
    contract: Contract,
    token: str | None,
    named: dict[str, UUID] | None = None,
) -> Any:
    """The contract's valid request with this token and these ids in its path."""
    headers = {"Authorization": f"Bearer {token}"} if token is not None else {}
    headers["If-Match"] = "*"
    return world.app.test_client().open(
        samples.path(contract, **(named or {})),
        method=contract.method,
        headers=headers,
        **samples.request(contract),
    )


def tokens(world: World, user: User, *, late: bool = False) -> dict[str, str]:
    """All three of a fresh log-in; ``late``: access and refresh token have expired."""
    login, life = world._log_in(user), LATE if late else None
    actor = Actor(user.organisation_id, user.id, user.role, login.device_id)
    with world.app.app_context():
        return {
            "access": create_access_token(str(login.id), expires_delta=life),
            "refresh": create_refresh_token(str(login.id), expires_delta=life),
            "safety": safety_tokens.issue(actor=actor, now=clock.real()),
        }


def lost_phone(world: World, user: User) -> dict[str, str]:
    """The tokens of a phone that an officer reports lost in this moment."""
    held = tokens(world, user)
    session = world.make.session
    device_id = safety_tokens.read(held["safety"]).actor.device_id
    assert device_id is not None
    officer = Actor(user.organisation_id, user.id, Role.SAFETY_OFFICER)
    devices.revoke(session, officer, device_id, now=world.clock.now())
    session.commit()
    return held


def no_token(world: World, street: Street) -> Iterator[Step]:
    """Nobody's, and what is no token."""
    for contract in GUARDED:
        for token in (None, "", "a.b.c"):
            status = send(world, contract, token).status_code
            yield Step(contract, repr(token), status, status == 401)


def expired_token(world: World, street: Street) -> Iterator[Step]:
    """Access and refresh token after their time."""
    held = tokens(world, street.chen, late=True)
    for contract in GUARDED:
        for kind in ("access", "refresh"):
            status = send(world, contract, held[kind]).status_code
            yield Step(contract, kind, status, status == 401)


def other_role(world: World, street: Street) -> Iterator[Step]:
    """Every role that the access table does not name; or all are named."""
    users = {role: street.make.user(street.organisation, role) for role in Role}
    street.session.commit()
    held = {role: tokens(world, user)["access"] for role, user in users.items()}
    for contract in GUARDED:
        assert contract.action is not None
        for role in set(Role) - access.ALLOWED[contract.action]:
            status = send(world, contract, held[role]).status_code
            renews = contract.door is authentication.by_refresh
            yield Step(contract, role, status, status == (401 if renews else 403))


def other_tenant(world: World, street: Street) -> Iterator[Step]:
    """All roles of another organisation: its ids are not found, its rows not shown."""
    neighbour = Neighbour(street)
    other = street.make.organisation()
    users = {role: street.make.user(other, role) for role in Role}
    street.session.commit()
    secret = {str(one) for one in neighbour.ids.values()}
    for contract in GUARDED:
        assert contract.action is not None
        kind = "refresh" if contract.door is authentication.by_refresh else "access"
        for role in access.ALLOWED[contract.action]:
            held = tokens(world, users[role])  # fresh: one of the routes logs out
            answer = send(world, contract, held[kind], neighbour.ids)
            shown = _shown(contract, answer)
            hidden = not any(one in shown for one in secret)
            if "<uuid:" in contract.rule:
                right = answer.status_code == 404
            else:
                right = hidden and answer.status_code < 500
            yield Step(contract, role, answer.status_code, right)


def _shown(contract: Contract, answer: Any) -> str:
    """The body; of a stream, which never ends, what it begins with."""
    if not contract.stream:
        return str(answer.get_data(as_text=True))
    first = next(answer.iter_encoded(), b"")
    answer.close()
    return str(first.decode())


def revoked_device(world: World, street: Street) -> Iterator[Step]:
    """A lost phone: refused, but for its SOS and for what is kept of a watch."""
    held = lost_phone(world, street.chen)
    named = {"visit_id": street.visit.id}
    for contract in GUARDED:
        for kind, token in held.items():
            answer = send(world, contract, token, named)
            right = _of_a_lost_phone(contract, kind, answer)
            yield Step(contract, kind, answer.status_code, right)


def _of_a_lost_phone(contract: Contract, kind: str, answer: Any) -> bool:
    if kind != "refresh" and contract.door is authentication.in_danger:
        return bool(answer.status_code == 201 and answer.json["watch"] is None)
    if kind != "refresh" and contract.door in KEPT:
        set_aside = answer.json.get("result") == "device_revoked"
        return bool(answer.status_code == 200 and set_aside)
    return bool(answer.status_code == 401)


CASES: dict[str, Case] = {
    "no token": no_token,
    "expired token": expired_token,
    "other role": other_role,
    "other tenant": other_tenant,
    "revoked device": revoked_device,
}

"""The ladders that alerts climb."""

from typing import Any

from sqlalchemy.orm import Session

from accounts.access import Action
from core.actor import Actor
from core.errors import NotFound
from core.words import AlertKind
from models import Policy
from safety import coverage, policies
from safety.ladder import Ladder, Step
from server.endpoint import Call, Room, endpoint
from server.schemas import alerts as schemas
from server.versions import Edited

room = Room("policies", __name__, url_prefix="/v1/policies", description=__doc__)


def describe(call: Call, policy: Policy) -> dict[str, object]:
    """The ladder, and what keeps it from reaching people."""
    return {
        "kind": policy.kind,
        "steps": [_shown(step) for step in policies.ladder(policy).steps],
        "repeat_s": policy.repeat_s,
        "lease_s": policy.lease_s,
        "gaps": coverage.gaps(
            call.session, call.actor.organisation_id, demo=call.runtime.demo
        ),
    }


def _kind(word: str) -> AlertKind:
    try:
        return AlertKind(word)
    except ValueError as error:
        raise NotFound("policy") from error


@endpoint(
    room,
    "GET",
    "/<string:kind>",
    action=Action.READ_POLICIES,
    answer=schemas.PolicySchema,
)
def get(call: Call, kind: str) -> dict[str, object]:
    """The ladder for one kind of alert."""
    policy = policies.of(call.session, call.actor.organisation_id, _kind(kind))
    return describe(call, policy)


def _shown(step: Step) -> dict[str, object]:
    recipients = [schemas.show_recipient(one) for one in step.recipients]
    return {"delay_s": step.delay_s, "recipients": recipients}


def _step(loaded: dict[str, Any]) -> Step:
    named = dict.fromkeys(schemas.recipient(one) for one in loaded["recipients"])
    return Step(loaded["delay_s"], tuple(named))


def _hold(session: Session, actor: Actor, *, kind: str) -> None:
    policy = policies.of(session, actor.organisation_id, _kind(kind))
    if policy in session:  # of two who store the first one, one is refused by its key
        session.refresh(policy, with_for_update={"key_share": True})


@endpoint(
    room,
    "PUT",
    "/<string:kind>",
    action=Action.MANAGE_POLICIES,
    edits=Edited(get, _hold),
    body=schemas.LadderSchema,
    answer=schemas.PolicySchema,
)
def replace(call: Call, body: dict[str, Any], kind: str) -> dict[str, object]:
    """Replace the ladder for alerts that open from now on."""
    steps = tuple(_step(one) for one in body["steps"])
    ladder = Ladder(steps, body["repeat_s"], body["lease_s"])
    policy = policies.replace(
        call.session, call.actor, _kind(kind), ladder, now=call.now
    )
    return describe(call, policy)

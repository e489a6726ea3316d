"""Policies: the ladders of an organisation, their defaults and what may be changed."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts import audit, users
from core.actor import Actor
from core.errors import Invalid, one_field
from core.words import SILENT, AlertKind, Role, UserState
from models import Organisation, Policy, PolicyStep, User
from safety import rotas, whom
from safety.ladder import LAST_START_S, LEASE_S, REPEAT_S, Ladder, Step
from safety.whom import Recipient

# product.md, "Defaults": none of these can be switched off
STANDARD: dict[AlertKind, Ladder] = {
    AlertKind.OVERDUE: Ladder(
        steps=(
            Step(0, (whom.COLLECTOR,)),
            Step(150, (whom.COLLECTOR,)),
            Step(300, (whom.BUDDY, whom.NEAREST_TWO)),
            Step(600, (whom.ON_CALL,)),
            Step(900, (whom.ALL_SAFETY_OFFICERS,)),
        ),
        repeat_s=180,
        lease_s=600,
    ),
    AlertKind.SOS: Ladder(
        steps=(
            Step(0, (whom.BUDDY, whom.NEAREST_TWO, whom.ON_CALL)),
            Step(45, (whom.ALL_SAFETY_OFFICERS,)),
        ),
        repeat_s=180,
        lease_s=300,
    ),
    AlertKind.DURESS: Ladder(
        steps=(
            Step(0, (whom.ON_CALL,)),
            Step(45, (whom.ALL_SAFETY_OFFICERS,)),
        ),
        repeat_s=180,
        lease_s=300,
    ),
    AlertKind.WRONG_PINS: Ladder(
        steps=(
            Step(0, (whom.ON_CALL,)),
            Step(300, (whom.ALL_SAFETY_OFFICERS,)),
        ),
        repeat_s=300,
        lease_s=600,
    ),
}
# whose help a step may name; others could not take the alert
HELPERS = whom.CALLED | {Role.COLLECTOR}


def install(session: Session, organisation: Organisation) -> None:
    """Give a new organisation the standard ladders."""
    session.add_all(_standard(organisation.id, kind) for kind in STANDARD)
    session.flush()


def _standard(organisation_id: UUID, kind: AlertKind) -> Policy:
    ladder = STANDARD[kind]
    policy = Policy(
        organisation_id=organisation_id,
        kind=kind,
        repeat_s=ladder.repeat_s,
        lease_s=ladder.lease_s,
    )
    _set_steps(policy, ladder)
    return policy


def of(session: Session, organisation_id: UUID, kind: AlertKind) -> Policy:
    """The organisation's ladder for one kind of alert.

    One that has none stored, because the kind is newer than the organisation, has the
    standard one: no alert fails to open for want of a ladder.
    """
    query = select(Policy).where(
        Policy.organisation_id == organisation_id, Policy.kind == kind
    )
    return session.scalars(query).one_or_none() or _standard(organisation_id, kind)


def ladder(policy: Policy) -> Ladder:
    """The policy as the pure ladder that alerts freeze."""
    return Ladder(
        steps=tuple(
            Step(step.delay_s, whom.stored(step.whom, step.recipients))
            for step in policy.steps
        ),
        repeat_s=policy.repeat_s,
        lease_s=policy.lease_s,
    )


def replace(
    session: Session, actor: Actor, kind: AlertKind, new: Ladder, *, now: datetime
) -> Policy:
    """Another ladder for alerts that open from now on; open ones keep theirs.

    ``NotFound`` for a person or a rota that is not the organisation's, ``Invalid`` for
    a person who could not help and for what ``check`` finds.
    """
    check(kind, new)
    _check_named(session, actor, new)
    policy = of(session, actor.organisation_id, kind)
    policy.repeat_s, policy.lease_s = new.repeat_s, new.lease_s
    policy.steps.clear()
    session.add(policy)
    session.flush()  # the old places must be gone before new ones take them
    _set_steps(policy, new)
    session.flush()
    audit.record(
        session,
        organisation_id=actor.organisation_id,
        actor_id=actor.user_id,
        action="policy.replaced",
        subject="policies",
        subject_id=policy.id,
        now=now,
        steps=len(new.steps),
    )
    return policy


def check(kind: AlertKind, ladder: Ladder) -> None:
    """``Invalid`` where a ladder would leave a collector without help."""
    problems = list(_step_problems(kind, ladder.steps))
    if ladder.repeat_s not in REPEAT_S:
        problems.append(f"repeat_s must be between 1 and {REPEAT_S[-1]} seconds")
    if ladder.lease_s not in LEASE_S:
        problems.append(f"lease_s must be between 5 and {LEASE_S[-1]} seconds")
    if problems:
        raise Invalid(
            f"This policy could leave a collector without help: {problems[0]}",
            {"": problems},
        )


def _check_named(session: Session, actor: Actor, ladder: Ladder) -> None:
    """Everybody whom the ladder names is there, and could help."""
    for one in dict.fromkeys(who for step in ladder.steps for who in step.recipients):
        match one:
            case whom.OnRota(rota_id) if rota_id is not None:
                rotas.get(session, actor, rota_id)
            case whom.Person(user_id):
                _check_person(users.get(session, actor, user_id))


def _check_person(user: User) -> None:
    if user.state is not UserState.ACTIVE or User.phone.readable(user) is None:
        raise one_field("steps", "names somebody who is suspended or has no phone")
    if user.role not in HELPERS:
        raise one_field("steps", "names somebody whose role cannot take an alert")


def _may_know(recipient: Recipient) -> bool:
    """A rota or a person may be of officers: who else is found is not told."""
    named = isinstance(recipient, whom.OnRota | whom.Person)
    return named or recipient == whom.ALL_SAFETY_OFFICERS


def _step_problems(kind: AlertKind, steps: Sequence[Step]) -> list[str]:
    if not steps:
        return ["steps: a policy needs at least one step"]
    problems = []
    delays = [step.delay_s for step in steps]
    if delays[0] != 0 or delays != sorted(set(delays)):
        problems.append("steps: delays must start at 0 and grow from step to step")
    if delays[-1] > LAST_START_S:
        problems.append(f"steps: the last one must start within {LAST_START_S} seconds")
    if any(not step.recipients for step in steps):
        problems.append("steps: each step must name a recipient")
    if whom.ALL_SAFETY_OFFICERS not in steps[-1].recipients:
        problems.append("steps: the last one must reach all safety officers")
    everyone = {who for step in steps for who in step.recipients}
    if kind in SILENT and not all(map(_may_know, everyone)):
        problems.append("steps: only safety officers may be told of a silent alert")
    first = set(steps[0].recipients)
    if kind is AlertKind.SOS and first <= {whom.COLLECTOR}:
        problems.append("steps: an SOS must at once reach others than the collector")
    return problems


def _set_steps(policy: Policy, ladder: Ladder) -> None:
    for place, step in enumerate(ladder.steps):
        policy.steps.append(
            PolicyStep(
                organisation_id=policy.organisation_id,
                place=place,
                delay_s=step.delay_s,
                recipients=whom.as_words(step.recipients),
                whom=[whom.as_json(one) for one in step.recipients],
            )
        )

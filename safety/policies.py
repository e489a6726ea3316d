"""Policies: the ladders of an organisation, their defaults and what may be changed."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts import audit
from core.actor import Actor
from core.errors import Invalid
from core.words import AlertKind, Recipient
from models import Organisation, Policy, PolicyStep
from safety.ladder import Ladder, Step

# product.md, "Defaults": none of these can be switched off
STANDARD: dict[AlertKind, Ladder] = {
    AlertKind.OVERDUE: Ladder(
        steps=(
            Step(0, (Recipient.COLLECTOR,)),
            Step(150, (Recipient.COLLECTOR,)),
            Step(300, (Recipient.BUDDY, Recipient.NEAREST_TWO)),
            Step(600, (Recipient.ON_CALL,)),
            Step(900, (Recipient.ALL_SAFETY_OFFICERS,)),
        ),
        repeat_s=180,
        lease_s=600,
    ),
    AlertKind.SOS: Ladder(
        steps=(
            Step(0, (Recipient.BUDDY, Recipient.NEAREST_TWO, Recipient.ON_CALL)),
            Step(45, (Recipient.ALL_SAFETY_OFFICERS,)),
        ),
        repeat_s=180,
        lease_s=300,
    ),
}
LAST_START_S = 1800  # a ladder that takes longer to reach everyone protects nobody
REPEAT_S = range(1, 301)  # "all safety officers every 3 to 5 minutes", or sooner
LEASE_S = range(5, 1801)


def install(session: Session, organisation: Organisation) -> None:
    """Give a new organisation the standard ladders."""
    for kind, ladder in STANDARD.items():
        policy = Policy(
            organisation_id=organisation.id,
            kind=kind,
            repeat_s=ladder.repeat_s,
            lease_s=ladder.lease_s,
        )
        session.add(policy)
        _set_steps(policy, ladder)
    session.flush()


def of(session: Session, organisation_id: object, kind: AlertKind) -> Policy:
    """The organisation's ladder for one kind of alert; every organisation has it."""
    query = select(Policy).where(
        Policy.organisation_id == organisation_id, Policy.kind == kind
    )
    return session.scalars(query).one()


def ladder(policy: Policy) -> Ladder:
    """The policy as the pure ladder that alerts freeze."""
    return Ladder(
        steps=tuple(
            Step(step.delay_s, tuple(Recipient(str(who)) for who in step.recipients))
            for step in policy.steps
        ),
        repeat_s=policy.repeat_s,
        lease_s=policy.lease_s,
    )


def replace(
    session: Session, actor: Actor, kind: AlertKind, new: Ladder, *, now: datetime
) -> Policy:
    """Another ladder for alerts that open from now on; open ones keep theirs."""
    check(kind, new)
    policy = of(session, actor.organisation_id, kind)
    policy.repeat_s, policy.lease_s = new.repeat_s, new.lease_s
    policy.steps.clear()
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
    if Recipient.ALL_SAFETY_OFFICERS not in steps[-1].recipients:
        problems.append("steps: the last one must reach all_safety_officers")
    first = set(steps[0].recipients)
    if kind is AlertKind.SOS and first <= {Recipient.COLLECTOR}:
        problems.append("steps: an SOS must at once reach others than the collector")
    return problems


def _set_steps(policy: Policy, ladder: Ladder) -> None:
    for place, step in enumerate(ladder.steps):
        policy.steps.append(
            PolicyStep(
                organisation_id=policy.organisation_id,
                place=place,
                delay_s=step.delay_s,
                recipients=[str(who) for who in step.recipients],
            )
        )

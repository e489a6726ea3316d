"""What may be done to a visit in which state, and what it becomes: one truth table."""

from collections.abc import Mapping
from enum import StrEnum

from core.words import VisitState


class Act(StrEnum):
    """What is done to a visit; the word stands in its transitions and the audit."""

    PROPOSE = "proposed"
    ASSIGN = "assigned"
    PUBLISH = "published"
    RESCHEDULE = "rescheduled"
    CANCEL = "cancelled"
    BEGIN = "begun"
    FINISH = "finished"


PROPOSED = VisitState.PROPOSED
ASSIGNED = VisitState.ASSIGNED
PUBLISHED = VisitState.PUBLISHED

TABLE: Mapping[Act, Mapping[VisitState | None, VisitState]] = {
    Act.PROPOSE: {None: PROPOSED},  # there was no visit before
    # other people than the notice named, or another window: it must be published anew
    Act.ASSIGN: {PROPOSED: ASSIGNED, ASSIGNED: ASSIGNED, PUBLISHED: ASSIGNED},
    Act.RESCHEDULE: {PROPOSED: PROPOSED, ASSIGNED: ASSIGNED, PUBLISHED: ASSIGNED},
    Act.PUBLISH: {ASSIGNED: PUBLISHED},
    Act.CANCEL: {
        PROPOSED: VisitState.CANCELLED,
        ASSIGNED: VisitState.CANCELLED,
        PUBLISHED: VisitState.CANCELLED,
    },
    Act.BEGIN: {PUBLISHED: VisitState.UNDER_WAY},
    Act.FINISH: {VisitState.UNDER_WAY: VisitState.DONE},
}


def after(act: Act, state: VisitState | None) -> VisitState | None:
    """The state that the act leads to; None where it cannot be done."""
    return TABLE[act].get(state)

"""What a check answers, as one truth table over plain facts."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from core.instants import Interval
from core.words import STANDING, CheckAnswer, VisitState

MARGIN = timedelta(minutes=30)  # before and after the planned window


@dataclass(frozen=True, slots=True)
class Circumstances:
    """All that the answer to a known code depends on.

    ``someone_there``: an assigned visitor whose contact was allowed is still watched.
    ``window`` is the planned one; ``visitors_valid``: there are visitors, and each is
    an active user whose badge is valid at ``judged_at``.
    """

    code_live: bool
    visit: VisitState
    window: Interval
    visitors_valid: bool
    someone_there: bool


def around(window: Interval) -> Interval:
    """The time in which the visitor is expected: 30 min before to 30 min after."""
    return Interval(window.start - MARGIN, window.end + MARGIN)


def judged_at(window: Interval, now: datetime) -> datetime:
    """When badges are looked at: now, or at the start of a visit still to come."""
    return now if now >= around(window).start else window.start


def answer(facts: Circumstances, *, now: datetime) -> CheckAnswer:
    """The answer to a code that we know."""
    stands = facts.code_live and facts.visit in STANDING
    if not stands or not facts.visitors_valid:
        return CheckAnswer.NOT_VALID
    if facts.someone_there or around(facts.window).contains(now):
        return CheckAnswer.EXPECTED_NOW
    return CheckAnswer.NOT_NOW

"""What follows from a webhook's answer: pure rules, no rows."""

from datetime import timedelta
from enum import Enum, auto

AGE = timedelta(days=3)  # of failing, after which a webhook is switched off
SHORTEST, LONGEST = timedelta(seconds=5), timedelta(hours=1)
GONE = 410
NOT_NOW = (429, 502, 503, 504)  # it is not about this event


class Verdict(Enum):
    """``AGAIN``: this event waits, and what comes after it. ``REST``: all events."""

    DELIVERED = auto()
    AGAIN = auto()
    REST = auto()
    GONE = auto()


def judge(status: int | None) -> Verdict:
    """2xx is delivered; a redirect is not followed and counts as a failure."""
    if status is None or status in NOT_NOW:
        return Verdict.REST
    if status == GONE:
        return Verdict.GONE
    return Verdict.DELIVERED if 200 <= status < 300 else Verdict.AGAIN


def pause(failing_for: timedelta) -> timedelta:
    """As long as it has failed so far: each pause doubles the time, up to an hour."""
    return min(max(failing_for, SHORTEST), LONGEST)

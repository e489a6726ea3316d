"""The ladder an alert climbs: which step comes now and when the next one follows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from safety import whom
from safety.whom import Recipient

LAST_START_S = 1800  # a ladder that takes longer to reach everyone protects nobody
REPEAT_S = range(1, 301)  # "all safety officers every 3 to 5 minutes", or sooner
LEASE_S = range(5, 1801)
NO_NUMBER = 180  # where seconds should stand


@dataclass(frozen=True, slots=True)
class Step:
    """After ``delay_s`` from the ladder's start, tell these."""

    delay_s: int
    recipients: tuple[Recipient, ...]


@dataclass(frozen=True, slots=True)
class Ladder:
    """A policy as it was frozen on an alert; ``steps`` is never empty."""

    steps: tuple[Step, ...]
    repeat_s: int
    lease_s: int

    def as_json(self) -> dict[str, object]:
        """What is stored on the alert."""
        return {
            "repeat_s": self.repeat_s,
            "lease_s": self.lease_s,
            "steps": [
                {
                    "delay_s": step.delay_s,
                    "recipients": whom.as_words(step.recipients),
                    "whom": [whom.as_json(one) for one in step.recipients],
                }
                for step in self.steps
            ],
        }


@dataclass(frozen=True, slots=True)
class Move:
    """Run step ``place`` for ``recipients``; the next action is at ``next_at``.

    ``step`` and ``ladder_from`` are what the alert carries afterwards.
    """

    place: int
    recipients: tuple[Recipient, ...]
    step: int
    next_at: datetime
    ladder_from: datetime
    lease_expired: bool


def thaw(frozen: object) -> Ladder:
    """Read what ``as_json`` wrote, or an older program.

    Whatever the data say, the ladder protects: it has a step, it gets to its end, it
    repeats, and no lease lasts for ever.
    """
    facts = frozen if isinstance(frozen, Mapping) else {}
    found = facts.get("steps")
    steps = [_step(one) for one in found] if isinstance(found, list) else []
    return Ladder(
        steps=tuple(steps) or (Step(0, (whom.ALL_SAFETY_OFFICERS,)),),
        repeat_s=_within(REPEAT_S, facts.get("repeat_s")),
        lease_s=_within(LEASE_S, facts.get("lease_s")),
    )


def _step(found: object) -> Step:
    facts = found if isinstance(found, Mapping) else {}
    return Step(
        delay_s=_within(range(LAST_START_S + 1), facts.get("delay_s")),
        recipients=whom.stored(facts.get("whom"), facts.get("recipients")),
    )


def _within(allowed: range, seconds: object) -> int:
    given = seconds if isinstance(seconds, int) else NO_NUMBER
    return min(max(given, allowed[0]), allowed[-1])


def next_move(
    ladder: Ladder,
    *,
    step: int,
    ladder_from: datetime,
    owned_until: datetime | None,
    now: datetime,
) -> Move | None:
    """What an open alert does at ``now``; ``None`` while a person owns it.

    After the last step it is run again for ever, and reaches all safety officers
    whomever it names. When the lease has run out the ladder goes on above the step that
    was reached: its delays count from now on, so that one step follows the other as the
    policy says.
    """
    if owned_until is not None and owned_until > now:
        return None
    place = min(step, len(ladder.steps) - 1)
    expired = owned_until is not None
    if expired:
        ladder_from = now - timedelta(seconds=ladder.steps[place].delay_s)
    return Move(
        place=place,
        recipients=_reached(ladder, step),
        step=place + 1,
        next_at=_next_at(ladder.steps, place, ladder, ladder_from, now),
        ladder_from=ladder_from,
        lease_expired=expired,
    )


def _reached(ladder: Ladder, step: int) -> tuple[Recipient, ...]:
    if step < len(ladder.steps):
        return ladder.steps[step].recipients
    again = (*ladder.steps[-1].recipients, whom.ALL_SAFETY_OFFICERS)
    return tuple(dict.fromkeys(again))


def _next_at(
    steps: Sequence[Step],
    place: int,
    ladder: Ladder,
    ladder_from: datetime,
    now: datetime,
) -> datetime:
    if place + 1 == len(steps):
        return now + timedelta(seconds=ladder.repeat_s)
    return ladder_from + timedelta(seconds=steps[place + 1].delay_s)


def after_nobody(ladder: Ladder, move: Move, now: datetime) -> datetime:
    """A step that reached nobody is followed at once, the last one by its repeat."""
    return move.next_at if move.step >= len(ladder.steps) else now

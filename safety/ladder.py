"""The ladder an alert climbs: which step comes now and when the next one follows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.words import Recipient


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
                {"delay_s": step.delay_s, "recipients": list(step.recipients)}
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


def thaw(frozen: Mapping[str, object]) -> Ladder:
    """Read what ``as_json`` wrote."""
    steps = frozen["steps"]
    assert isinstance(steps, list)
    return Ladder(
        steps=tuple(
            Step(int(step["delay_s"]), tuple(map(Recipient, step["recipients"])))
            for step in steps
        ),
        repeat_s=int(str(frozen["repeat_s"])),
        lease_s=int(str(frozen["lease_s"])),
    )


def next_move(
    ladder: Ladder,
    *,
    step: int,
    ladder_from: datetime,
    owned_until: datetime | None,
    now: datetime,
) -> Move | None:
    """What an open alert does at ``now``; ``None`` while a person owns it.

    When the lease has run out the ladder goes on above the step that was reached: its
    delays count from now on, so that one step follows the other as the policy says.
    """
    if owned_until is not None and owned_until > now:
        return None
    place = min(step, len(ladder.steps) - 1)
    expired = owned_until is not None
    if expired:
        ladder_from = now - timedelta(seconds=ladder.steps[place].delay_s)
    return Move(
        place=place,
        recipients=ladder.steps[place].recipients,
        step=place + 1,
        next_at=_next_at(ladder.steps, place, ladder, ladder_from, now),
        ladder_from=ladder_from,
        lease_expired=expired,
    )


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

"""How a watch moves: one truth table, no database."""

from enum import StrEnum

from core.words import WatchState

OPEN = frozenset({WatchState.ARMED, WatchState.OVERDUE, WatchState.SUPERSEDED})


class Act(StrEnum):
    """What can happen to a watch; stored as the reason of its transition."""

    EXTEND = "extend"
    CHECK_OUT = "check_out"
    FALL_DUE = "fall_due"
    SUPERSEDE = "supersede"
    RELEASE = "release"  # a newer watch gave its PIN: this one has nothing to guard
    CLOSE_BY_PERSON = "close_by_person"
    REARM_BY_PERSON = "rearm_by_person"
    REVIVE = "revive"  # the sentinel found it without a timer and without an alert


_ARMED, _OVERDUE = WatchState.ARMED, WatchState.OVERDUE
_SUPERSEDED, _CLOSED = WatchState.SUPERSEDED, WatchState.CLOSED

TABLE: dict[tuple[WatchState, Act], WatchState] = {
    (_ARMED, Act.EXTEND): _ARMED,
    (_ARMED, Act.CHECK_OUT): _CLOSED,
    (_ARMED, Act.FALL_DUE): _OVERDUE,
    (_ARMED, Act.SUPERSEDE): _SUPERSEDED,
    (_OVERDUE, Act.EXTEND): _ARMED,
    (_OVERDUE, Act.CHECK_OUT): _CLOSED,
    (_OVERDUE, Act.SUPERSEDE): _SUPERSEDED,
    (_OVERDUE, Act.CLOSE_BY_PERSON): _CLOSED,
    (_OVERDUE, Act.REARM_BY_PERSON): _ARMED,
    (_OVERDUE, Act.REVIVE): _ARMED,
    (_SUPERSEDED, Act.REVIVE): _ARMED,
    (_SUPERSEDED, Act.CHECK_OUT): _CLOSED,
    (_SUPERSEDED, Act.RELEASE): _CLOSED,
    (_SUPERSEDED, Act.CLOSE_BY_PERSON): _CLOSED,
}


def advance(state: WatchState, act: Act) -> WatchState | None:
    """The next state, or ``None`` where the act does not apply."""
    return TABLE.get((state, act))

"""Reading a borrower's file leaves a record: who, whose, when, by which route.

The read itself only looks, and waits behind no writer. The record is a transaction of
its own, committed before the answer is sent: at a desk there is no answer without it.
A phone at work gets its day all the same, and the log says that a record is missing.
Alerts are not recorded here: who was told of one stands in its timeline, and nothing
may make help wait.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy.exc import DBAPIError

from accounts import access_log
from core.actor import Actor
from server.runtime import Runtime

log = structlog.get_logger("vouchsafe.reading")
Find = Callable[[Any, dict[str, Any]], Iterable[UUID]]


def _none(dumped: Any, path: dict[str, Any]) -> Iterable[UUID]:
    return ()


@dataclass(frozen=True)
class Reads:
    """Whose file an answer shows, found in the dumped answer and the path's ids.

    ``withhold``: without a record there is no answer.
    """

    cases: Find = _none
    visits: Find = _none
    withhold: bool = True


ONE = Reads(cases=lambda dumped, path: [path["case_id"]])
OWN = Reads(cases=lambda dumped, path: [UUID(dumped["case_id"])])
PERHAPS = Reads(
    cases=lambda dumped, path: [UUID(one) for one in [dumped["case_id"]] if one]
)
ITEMS = Reads(cases=lambda dumped, path: [UUID(one["id"]) for one in dumped["items"]])
OF_ITEMS = Reads(
    cases=lambda dumped, path: [UUID(one["case_id"]) for one in dumped["items"]]
)
CASES = Reads(cases=lambda dumped, path: [UUID(one["id"]) for one in dumped["cases"]])
DAY = Reads(
    visits=lambda dumped, path: [UUID(one["visit_id"]) for one in dumped["visits"]],
    withhold=False,
)


def note(  # noqa: PLR0917 - the contract's, the request's, the answer's facts
    reads: Reads,
    runtime: Runtime,
    actor: Actor,
    route: str,
    dumped: Any,
    path: dict[str, Any],
) -> None:
    """Write the record, where the answer shows anybody's file at all."""
    case_ids, visit_ids = reads.cases(dumped, path), reads.visits(dumped, path)
    if not case_ids and not visit_ids:
        return
    try:
        with runtime.sessions.begin() as session:
            access_log.record(
                session,
                actor,
                route=route,
                case_ids=case_ids,
                visit_ids=visit_ids,
                now=runtime.clock.now(session),
            )
    except DBAPIError as error:
        if reads.withhold:
            raise
        log.error("a read was not recorded", route=route, error=type(error).__name__)

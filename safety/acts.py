"""One mobile act while it is handled: what, by whom, and when it happened."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from core.actor import Actor
from core.words import ActResult, EventKind, PinVerdict, WatchState
from models import Organisation, Visit, Watch
from safety import answers, reports, timers, watches
from safety.answers import Fence
from safety.reports import Answer, Report


@dataclass(frozen=True, slots=True)
class Act:
    """``happened_at`` is the server's estimate, ``now`` the instant of receiving.

    ``digest`` is that of the report as it came, whatever is not kept of it.
    """

    session: Session
    actor: Actor
    report: Report
    digest: str
    organisation: Organisation
    happened_at: datetime
    now: datetime

    @property
    def who(self) -> UUID:
        """The acting collector."""
        return self.actor.user_id

    def lock_visit(self) -> Visit:
        """The reported visit's row, locked; ``NotFound`` for another tenant's."""
        assert self.report.visit_id is not None
        return watches.lock_visit(self.session, self.actor, self.report.visit_id)

    def repeated(self) -> tuple["Act", Answer | None]:
        """The same act, and as ``answered``: a taken ``event_id`` refuses nothing."""
        report, before = reports.repeated(
            self.session, self.actor, self.report, digest=self.digest
        )
        return replace(self, report=report), before

    def answered(self) -> Answer | None:
        """What this event was answered before; asked after locking, never before."""
        return reports.answered(
            self.session, self.actor, self.report, digest=self.digest
        )

    def finish(
        self,
        watch: Watch | None,
        *,
        result: ActResult,
        shown: Watch | None = None,
        fence: Fence | None = None,
        verdict: PinVerdict | None = None,
        **more: object,
    ) -> Answer:
        """Store the event with its answer and return that answer.

        ``shown`` is the watch that the phone is told of, where that is another one. An
        event that found no watch yet is stored without one. ``verdict``: which PIN was
        given; nothing but the stored event depends on which of the right ones it was.
        """
        answer = answers.build(
            self.report,
            result=result,
            watch=watch,
            organisation=self.organisation,
            now=self.now,
            shown=shown or watch,
            fence=answers.describe_fence(fence, self.report.words),
            **more,
        )
        reports.store(
            self.session,
            self.actor,
            self.report,
            happened_at=self.happened_at,
            result=result,
            digest=self.digest,
            answer=answer,
            watch_id=watch.id if watch else None,
            outside_fence=fence is not None and fence.outside,
            verdict=verdict,
            now=self.now,
        )
        return answer

    def without_position(self) -> "Act":
        """The same act, its position forgotten."""
        return replace(self, report=replace(self.report, fix=None))

    def guarded_by(self, watch: Watch | None) -> "Act":
        """The same act; its position is kept only while the watch is open."""
        is_open = watch is not None and watch.state is not WatchState.CLOSED
        return self if is_open else self.without_position()


def begin(session: Session, actor: Actor, report: Report, *, now: datetime) -> Act:
    """Start to handle a report received at ``now``."""
    return Act(
        session=session,
        actor=actor,
        report=report,
        digest=report.digest(),
        organisation=session.get_one(Organisation, actor.organisation_id),
        happened_at=timers.happened_at(
            received=now,
            occurred=report.occurred_at,
            sent=report.sent_at,
            earliest=report.kind is EventKind.CHECK_IN,
        ),
        now=now,
    )

"""A collector's phone in front of the safety services, without HTTP."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from accounts import passwords
from accounts.passwords import Pins, Proof
from core import ids
from core.geo import Position
from core.words import EventKind, Outcome
from models import User, Visit
from safety import check_ins, check_outs, departures, sos, withdrawals
from safety.answers import Permission
from safety.reports import Answer, Fix, Report
from tests.support.clock import FakeClock
from tests.support.make import HANGZHOU, PIN, Make

ALLOWED = Permission(allowed=True, decision={"allowed": True})
REFUSED = Permission(
    allowed=False,
    reasons=[{"rule_id": "CN-HRS-1"}],
    decision={"allowed": False},
)


class Phone:
    """Reports acts as they happen, or ``ago`` as an offline queue would."""

    def __init__(self, make: Make, user: User) -> None:
        self.session: Session = make.session
        self.clock: FakeClock = make.clock
        self.user, self.actor = user, make.actor(user)

    def report(
        self,
        kind: EventKind,
        visit: Visit | None,
        *,
        ago: timedelta = timedelta(0),
        event_id: UUID | None = None,
        position: Position | None = None,
        **facts: object,
    ) -> Report:
        """A report as it would be queued: two readings of one clock."""
        sent: datetime = self.clock.now()
        return Report(
            event_id=event_id or ids.new(),
            kind=kind,
            visit_id=visit.id if visit else None,
            occurred_at=sent - ago,
            sent_at=sent,
            fix=Fix(position, 15.0) if position else None,
            **facts,  # type: ignore[arg-type]
        )

    def depart(self, visit: Visit, buddy: User, **more: object) -> Answer:
        """Leave, naming the buddy."""
        permission = more.pop("permission", ALLOWED)
        report = self.report(EventKind.DEPART, visit, buddy_id=buddy.id, **more)
        return departures.depart(
            self.session,
            self.actor,
            report,
            judge=lambda _: permission,  # type: ignore[arg-type,return-value]
            now=self.clock.now(),
        )

    def check_in(self, visit: Visit, **more: object) -> Answer:
        """At the door of the place."""
        permission = more.pop("permission", ALLOWED)
        more.setdefault("position", HANGZHOU)
        report = self.report(EventKind.CHECK_IN, visit, **more)  # type: ignore[arg-type]
        return check_ins.check_in(
            self.session,
            self.actor,
            report,
            judge=lambda _: permission,  # type: ignore[arg-type,return-value]
            now=self.clock.now(),
        )

    def check_out(self, visit: Visit, **more: object) -> Answer:
        """Away, with the right PIN unless another is given."""
        pin = self.proof(str(more.pop("pin", PIN)))
        more.setdefault("outcome", Outcome.NOBODY)
        report = self.report(EventKind.CHECK_OUT, visit, **more)  # type: ignore[arg-type]
        return check_outs.check_out(
            self.session, self.actor, report, pin=pin, now=self.clock.now()
        )

    def proof(self, pin: str) -> Proof:
        """What came of holding a PIN against the collector's hashes."""
        pins = Pins(self.user.pin_hash, self.user.duress_pin_hash)
        return passwords.prove(pins, pin)

    def extend(self, visit: Visit, seconds: int, **more: object) -> Answer:
        """More time."""
        pin = self.proof(str(more.pop("pin", PIN)))
        report = self.report(EventKind.EXTEND, visit, extend_s=seconds, **more)  # type: ignore[arg-type]
        return check_outs.extend(
            self.session, self.actor, report, pin=pin, now=self.clock.now()
        )

    def withdraw(self, visit: Visit, **more: object) -> Answer:
        """Leaving now."""
        report = self.report(EventKind.WITHDRAW, visit, **more)  # type: ignore[arg-type]
        return withdrawals.withdraw(
            self.session, self.actor, report, now=self.clock.now()
        )

    def sos(self, visit: Visit | None = None, **more: object) -> Answer:
        """Help."""
        report = self.report(EventKind.SOS, visit, **more)  # type: ignore[arg-type]
        return sos.raise_alarm(self.session, self.actor, report, now=self.clock.now())

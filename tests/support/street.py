"""A street to test safety in: an agency, a pair at a door, colleagues and officers."""

from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.words import AlertKind, MessageKind, Role
from models import Alert, Message, Organisation, Place, User, Visit, Watch
from safety import duress, escalation, watch_loop
from tests.support.databases import Database
from tests.support.make import Make
from tests.support.phone import Phone


@dataclass
class Street:
    """Everyone on duty; ``chen`` and ``wu`` are a pair, ``zhou`` is their buddy."""

    make: Make
    database: Database
    organisation: Organisation = field(init=False)

    def __post_init__(self) -> None:
        make = self.make
        self.organisation = make.organisation()
        user = make.user
        self.chen = user(self.organisation, Role.COLLECTOR)
        self.wu = user(self.organisation, Role.COLLECTOR)
        self.zhou = user(self.organisation, Role.COLLECTOR)
        self.officer = user(self.organisation, Role.SAFETY_OFFICER)
        self.second_officer = user(
            self.organisation, Role.SAFETY_OFFICER, on_duty_since=None
        )
        self.dispatcher = user(self.organisation, Role.DISPATCHER)
        self.case = make.case(self.organisation)
        self.place: Place = make.place(self.case)
        self.visit: Visit = make.visit(self.place, [self.chen, self.wu])
        self.session: Session = make.session
        self.session.commit()

    def phone(self, user: User) -> Phone:
        """The user's phone."""
        return Phone(self.make, user)

    def forward(self, **delta: float) -> None:
        """Time passes and the worker works: watches fall due, ladders are climbed."""
        self.session.commit()
        self.make.clock.forward(**delta)
        for _ in range(20):
            now = self.make.clock.now
            works = (watch_loop.sweep, duress.judge_due, escalation.run_due)
            moved = sum(work(self.database.sessions, clock_now=now) for work in works)
            if not moved:
                break
        self.session.expire_all()

    def watch(self, user: User, visit: Visit | None = None) -> Watch:
        """The user's newest watch over the visit."""
        query = select(Watch).where(
            Watch.user_id == user.id, Watch.visit_id == (visit or self.visit).id
        )
        return self.session.scalars(query.order_by(Watch.id.desc())).first()  # type: ignore[return-value]

    def alerts(self, kind: AlertKind = AlertKind.OVERDUE) -> list[Alert]:
        """All alerts of a kind, oldest first."""
        query = select(Alert).where(Alert.kind == kind).order_by(Alert.id)
        return list(self.session.scalars(query))

    def told(self, kind: MessageKind = MessageKind.ALERT_STEP) -> list[User]:
        """To whom messages of a kind were enqueued, in order."""
        query = select(User).join(Message, Message.user_id == User.id)
        ordered = query.where(Message.kind == kind).order_by(Message.id)
        return list(self.session.scalars(ordered))

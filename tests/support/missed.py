"""The story of a missed check-out on real processes, and what must hold at its end."""

from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from accounts import sealer
from core.words import (
    AlertEntryKind,
    AlertKind,
    ChannelKind,
    MessageKind,
    MessageState,
    Role,
)
from models import (
    Alert,
    AlertEntry,
    Message,
    MessageChannel,
    User,
    Visit,
    Watch,
    database,
)
from safety import policies, whom
from safety.ladder import Ladder, Step
from server.demo import phone
from server.demo.client import Person
from tests.support.gateway import SECRET
from tests.support.make import PASSWORD, Make
from tests.support.premises import Premises, until
from tests.support.street import Street

SECONDS = Ladder(
    steps=(
        Step(0, (whom.COLLECTOR,)),
        Step(1, (whom.BUDDY, whom.NEAREST_TWO)),
        Step(2, (whom.ON_CALL,)),
        Step(3, (whom.ALL_SAFETY_OFFICERS,)),
    ),
    repeat_s=300,
    lease_s=60,
)


class Missed:
    """Chen is at a door for ``length_s`` seconds; the ladder's steps are seconds."""

    def __init__(self, premises: Premises, session: Session) -> None:
        self.premises, self.database = premises, premises.database
        self.make = Make(session, premises.clock)  # type: ignore[arg-type]
        self.street = Street(self.make, self.database)
        admin = self.make.user(self.street.organisation, Role.ADMIN)
        actor, now = self.make.actor(admin), premises.clock.now()
        policies.replace(session, actor, AlertKind.OVERDUE, SECONDS, now=now)
        session.commit()

    def channel(self, kind: ChannelKind, target: str | None = None) -> None:
        """How messages leave the house; a gateway of a test stands on this machine."""
        if target is not None:
            self.premises.environ["VOUCHSAFE_WEBHOOK_TARGETS"] = "any"
        channel = MessageChannel(
            organisation_id=self.street.organisation.id,
            kind=kind,
            rank=0,
            target=target,
            secret=SECRET if target else None,
            created_at=self.premises.clock.now(),
        )
        self.make.session.add(channel)
        self.make.session.commit()

    def visit(self, length_s: float) -> Visit:
        """A visit of the pair that begins now."""
        pair = [self.street.chen, self.street.wu]
        length, now = timedelta(seconds=length_s), timedelta(0)
        visit = self.make.visit(self.street.place, pair, starts_in=now, length=length)
        self.make.session.commit()
        return visit

    def at_the_door(self, length_s: float) -> Visit:
        """Chen has left, with Zhou as his buddy, and has checked in."""
        visit, chen = self.visit(length_s), self.street.phone(self.street.chen)
        chen.depart(visit, self.street.zhou)
        chen.check_in(visit)
        self.make.session.commit()
        return visit

    def person(self, user: User) -> Person:
        """The user with a log-in of his own, over HTTP."""
        premises, slug = self.premises, self.street.organisation.slug
        assert user.login is not None
        person = Person(premises.base, premises.clock.offset, user.login)
        return person.log_in(slug, user.login, PASSWORD)

    def read(self, query: Any) -> list[Any]:
        """Rows or values as they are committed now."""
        with database.reading(self.database.sessions) as session:
            return list(session.scalars(query))

    def alert(self) -> Alert:
        """Wait for the alert."""
        [alert] = until("an alert", lambda: self.read(select(Alert)))
        found: Alert = alert
        return found

    def delivered(self) -> list[dict[str, Any]]:
        """The calls for help that the file channel delivered, in order."""
        inbox = phone.inbox(self.premises.home / "messages")
        return [message for message in inbox if message["kind"] == "alert_step"]

    def steps(self) -> Counter[UUID]:
        """How many messages of the ladder each person has in the outbox."""
        kind = Message.kind == MessageKind.ALERT_STEP
        return Counter(self.read(select(Message.user_id).where(kind)))

    def whole_ladder(self) -> Counter[UUID]:
        """What ``steps`` is when each step was run exactly once."""
        street = self.street
        return Counter(
            {
                street.chen.id: 1,
                street.zhou.id: 1,
                street.officer.id: 2,
                street.second_officer.id: 1,
            }
        )

    def wait_for_the_whole_ladder(self) -> None:
        """All steps have been run and everything that waits has been sent."""
        expected, sent = self.whole_ladder(), Message.state == MessageState.SENT
        until("all steps", lambda: self.steps() >= expected)
        count = select(func.count()).select_from(Message).where(~sent)
        until("everything to be sent", lambda: self.read(count) == [0])

    def assert_nothing_lost_or_doubled(self) -> None:
        """One alert, each step once, an unbroken chain, no end in silence."""
        assert self.steps() == self.whole_ladder()
        [alert] = self.read(select(Alert))
        [watch] = self.read(select(Watch))
        assert (alert.kind, alert.watch_id) == (AlertKind.OVERDUE, watch.id)
        step = AlertEntry.kind == AlertEntryKind.STEP
        run = [entry.detail["step"] for entry in self.read(_entries(alert, step))]
        assert run == [0, 1, 2, 3]
        opened = AlertEntry.kind == AlertEntryKind.OPENED
        assert len(self.read(_entries(alert, opened))) == 1
        assert (alert.closed_at is None) == (alert.next_action_at is not None)
        self.assert_the_record_holds()

    def assert_the_record_holds(self) -> None:
        """Every audit row is sealed within seconds and the chain verifies."""

        def sealed() -> bool:
            with database.reading(self.database.sessions) as session:
                verdict = sealer.verify(session)
            assert verdict.broken is None
            return verdict.rows > 0 and verdict.unsealed == 0

        until("all audit rows to be sealed", sealed)


def _entries(alert: Alert, condition: Any) -> Any:
    mine = AlertEntry.alert_id == alert.id
    return select(AlertEntry).where(mine, condition).order_by(AlertEntry.id)

"""The people and visits that the main job's figures are measured on."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from core.words import ChannelKind, Role
from credentials import visit_codes
from models import MessageChannel, Organisation, User, Visit
from server.demo.client import Person
from tests.support.make import PASSWORD, Make
from tests.support.phone import Phone
from tests.support.premises import Premises

Tick = Callable[[], None]


@dataclass
class Round:
    """The visits of one pair, one after the other; its first collector acts."""

    collector: User
    visits: list[Visit]
    codes: list[str]


class Town:
    """One organisation; everything is built in its session and then committed."""

    def __init__(self, premises: Premises, session: Session) -> None:
        self.premises, self.session = premises, session
        self.make = Make(session, premises.clock)
        self.organisation: Organisation = self.make.organisation()
        self.officer = self.make.user(self.organisation, Role.SAFETY_OFFICER)
        self.buddy = self.make.user(self.organisation, Role.COLLECTOR)
        self.creditor = self.make.creditor(self.organisation)
        session.add(
            MessageChannel(
                organisation_id=self.organisation.id,
                kind=ChannelKind.FILE,
                rank=0,
                created_at=premises.clock.now(),
            )
        )
        session.commit()

    def visit(
        self, people: list[User], *, starts_in: timedelta, length: timedelta
    ) -> Visit:
        """At a door and for a case of its own."""
        place = self.make.place(self.make.case(self.organisation, self.creditor))
        return self.make.visit(place, people, starts_in=starts_in, length=length)

    def round(self, visits: int, tick: Tick) -> Round:
        """Twenty seconds for each visit, so that all lie within half an hour; codes."""
        pair = [self.make.user(self.organisation, Role.COLLECTOR) for _ in range(2)]
        made = Round(pair[0], [], [])
        length = timedelta(seconds=20)
        for number in range(visits):
            visit = self.visit(pair, starts_in=number * length, length=length)
            now = self.premises.clock.now()
            made.codes.append(visit_codes.issue(self.session, visit, now=now).letters)
            made.visits.append(visit)
            tick()
        self.session.commit()
        return made

    def open_visits(self, count: int, spread_s: float, tick: Tick) -> datetime:
        """So many collectors at doors, due one after the other; when the first is.

        The check-ins are one transaction, so that none falls due before all are in.
        """
        people = [
            self.make.user(self.organisation, Role.COLLECTOR) for _ in range(count)
        ]
        cases = [self.make.case(self.organisation, self.creditor) for _ in people]
        places = [self.make.place(case) for case in cases]
        self.session.commit()
        first = self.premises.clock.now() + timedelta(seconds=0.1 * count)
        for number, (collector, place) in enumerate(zip(people, places, strict=True)):
            due = first + timedelta(seconds=spread_s * number / count)
            length = due - self.premises.clock.now()
            visit = self.make.visit(
                place, [collector], starts_in=timedelta(0), length=length
            )
            phone = Phone(self.make, collector)
            phone.depart(visit, self.buddy)
            phone.check_in(visit)
            tick()
        self.session.commit()
        return first

    def person(self, user: User) -> Person:
        """The user with a log-in of his own, over HTTP."""
        assert user.login is not None
        premises, slug = self.premises, self.organisation.slug
        person = Person(premises.base, premises.clock.offset, user.login)
        return person.log_in(slug, user.login, PASSWORD)

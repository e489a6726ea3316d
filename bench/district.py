"""Organisations whose collectors have all set out: each stands before a visit's door.

Rows are built by the tests' own builders and stored a table at a time.
"""

import json
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy.orm import Session

from accounts import safety_tokens
from core import ids
from core.actor import Actor
from core.datums import Datum, wgs84_to_gcj02
from core.words import ActResult, EventKind, Role
from models import (
    Base,
    Creditor,
    Device,
    Organisation,
    User,
    Visit,
    Visitor,
    WatchEvent,
)
from server import clock
from tests.support.make import HANGZHOU, Make
from tests.support.premises import Premises

Request = tuple[str, str, str]  # path, token, body
WINDOW = timedelta(hours=2)
SINCE = timedelta(minutes=10)  # when all of them set out


class Gathering(Make):
    """Builders whose rows wait until ``store``: parents first, a table at a time."""

    def __init__(self, session: Session, premises: Premises) -> None:
        super().__init__(session, premises.clock)
        self.waiting: list[Base] = []

    def _add(self, row: object) -> None:
        assert isinstance(row, Base)
        self.waiting.append(row)

    def store(self) -> None:
        """Commit what was built."""
        for table in Base.metadata.sorted_tables:
            rows = [row for row in self.waiting if row.__table__ is table]
            self.session.add_all(rows)
            self.session.flush()
        self.session.commit()
        self.waiting.clear()

    def visitors(self) -> list[Visitor]:
        """Those of the pair's visit that was built last, each after his badge."""
        return [row for row in self.waiting[-4:] if isinstance(row, Visitor)]


@dataclass
class Team:
    """One organisation with its people; built and committed."""

    organisation: Organisation
    creditor: Creditor
    buddy: User
    visits: list[Visit] = field(default_factory=list)


class District:
    """All organisations of one measurement; their visits are at hand one by one."""

    def __init__(self, premises: Premises, session: Session) -> None:
        self.premises = premises
        self.make = Gathering(session, premises)

    def teams(self, many: int) -> list[Team]:
        """So many organisations, each with dispatcher, officer and a buddy."""
        made = []
        for _ in range(many):
            organisation = self.make.organisation()
            self.make.store()
            for role in (Role.DISPATCHER, Role.SAFETY_OFFICER):
                self.make.user(organisation, role)
            buddy = self.make.user(organisation, Role.COLLECTOR)
            creditor = self.make.creditor(organisation)
            made.append(Team(organisation, creditor, buddy))
        self.make.store()
        return made

    def check_ins(self, teams: list[Team], many: int) -> list[Request]:
        """A check-in at each of so many doors, team by team in turn.

        Every visit has a pair of its own, with badges, who set out ten minutes ago;
        the first of them checks in with the safety token of his log-in.
        """
        requests = [
            self._check_in(teams[number % len(teams)]) for number in range(many)
        ]
        self.make.store()
        return requests

    def _check_in(self, team: Team) -> Request:
        make, organisation = self.make, team.organisation
        pair = [make.user(organisation, Role.COLLECTOR) for _ in range(2)]
        place = make.place(make.case(organisation, team.creditor))
        visit = make.visit(place, pair, starts_in=-SINCE, length=WINDOW)
        for visitor in make.visitors():
            visitor.departed_at = make.clock.now() - SINCE
            visitor.buddy_id = team.buddy.id
        device = self._logged_in(pair[0])
        make._add(self._departure(pair[0], device, visit, team.buddy))
        actor = Actor(organisation.id, pair[0].id, Role.COLLECTOR, device.id)
        token = safety_tokens.issue(actor=actor, now=clock.real())
        path = f"/v1/mobile/visits/{visit.id}/check-in"
        return path, token, json.dumps(self._body())

    def _logged_in(self, user: User) -> Device:
        device = self.make.device(user)
        self.make.log_in(user, device)
        return device

    def _departure(
        self, user: User, device: Device, visit: Visit, buddy: User
    ) -> WatchEvent:
        then = self.make.clock.now() - SINCE
        return WatchEvent(
            event_id=ids.new(),
            organisation_id=user.organisation_id,
            kind=EventKind.DEPART,
            user_id=user.id,
            device_id=device.id,
            visit_id=visit.id,
            buddy_id=buddy.id,
            occurred_at=then,
            phone_at=then,
            received_at=then,
            result=ActResult.OK,
            request_digest="0" * 64,
            answer="{}",
        )

    def _body(self) -> dict[str, object]:
        """As a phone with a Chinese map sends it."""
        now = self.make.clock.now().isoformat()
        lon, lat = wgs84_to_gcj02(HANGZHOU.lon + 0.0003, HANGZHOU.lat - 0.0002)
        position = {"lon": lon, "lat": lat, "datum": Datum.GCJ02, "accuracy_m": 18.5}
        return {
            "event_id": str(ids.new()),
            "occurred_at": now,
            "sent_at": now,
            "position": position,
        }

"""Purging: what is older than its rule allows is emptied or deleted, with a receipt.

Each batch is a transaction of its own that holds its receipt, so that whatever breaks
off, the receipts say exactly what is gone. Rows are looked for in a transaction that
only reads; the one that writes looks at those few again, and at named holds and open
alerts as they are by then.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from sqlalchemy import Select, delete, func, select, update
from sqlalchemy.orm import Session, sessionmaker

from accounts import audit
from core import ids, rounds
from core.actor import Actor
from core.words import PurgeKind
from models import Alert, NamedHold, Organisation, PurgeReceipt, database
from models.base import Identified
from safety import named_holds
from safety.purge_rules import PURGES, Purge, Scope

BATCH = 500
EVERY = timedelta(days=1)
BEFORE_AN_ALERT = timedelta(hours=4)  # how somebody came into danger

ClockNow = Callable[[Session], datetime]
Tell = Callable[[PurgeKind, int], None]


def nobody(kind: PurgeKind, count: int) -> None:
    """Nobody watches."""


def preview(
    session: Session, organisation_id: UUID, *, now: datetime
) -> Mapping[PurgeKind, int]:
    """How many of each kind a run would purge now; nothing is changed."""
    organisation = session.get_one(Organisation, organisation_id)
    kept = _kept(session, organisation_id)
    return {
        purge.kind: _count(session, purge, organisation, kept, now) for purge in PURGES
    }


def run(
    sessions: sessionmaker[Session],
    organisation_id: UUID,
    *,
    clock_now: ClockNow,
    tell: Tell = nobody,
) -> Mapping[PurgeKind, int]:
    """Purge one organisation; how many of each kind. Harmless to break off."""
    run_id, done = ids.new(), Counter[PurgeKind]()
    for purge in PURGES:
        one = _Round(sessions, purge, organisation_id, run_id, clock_now)
        while found := one.chosen():
            gone = one.take(found)
            done[purge.kind] += gone
            tell(purge.kind, gone)
        one.end()
    with sessions.begin() as session:
        now = clock_now(session)
        audit.record(
            session,
            organisation_id=organisation_id,
            actor_id=None,
            action="purge.run",
            subject="purge_receipts",
            subject_id=run_id,
            now=now,
            **{str(kind): done[kind] for kind in PurgeKind},
        )
    return done


def run_due(sessions: sessionmaker[Session], *, clock_now: ClockNow) -> int:
    """Every organisation whose last run is a day old; how many were purged.

    One that fails stops no other; what failed is raised at the end.
    """
    with database.reading(sessions) as session:
        due = [
            organisation_id
            for organisation_id, at in _last(session)
            if at + EVERY <= clock_now(session)
        ]

    def one(organisation_id: UUID) -> int:
        run(sessions, organisation_id, clock_now=clock_now)
        return 1

    return rounds.total(partial(one, organisation_id) for organisation_id in due)


def next_due(session: Session) -> datetime | None:
    """When the first organisation is due."""
    return min((at + EVERY for _, at in _last(session)), default=None)


def page(
    session: Session,
    actor: Actor,
    *,
    after: UUID | None,
    limit: int,
    run_id: UUID | None = None,
) -> Sequence[PurgeReceipt]:
    """At most ``limit`` receipts after that id, oldest first, of one run or of all."""
    query = select(PurgeReceipt).where(
        PurgeReceipt.organisation_id == actor.organisation_id
    )
    if run_id is not None:
        query = query.where(PurgeReceipt.run_id == run_id)
    if after is not None:
        query = query.where(PurgeReceipt.id > after)
    return session.scalars(query.order_by(PurgeReceipt.id).limit(limit)).all()


def _last(session: Session) -> list[tuple[UUID, datetime]]:
    """When each organisation was purged to the end last, or made."""
    last = (
        select(PurgeReceipt.at)
        .where(
            PurgeReceipt.organisation_id == Organisation.id,
            PurgeReceipt.kind == PURGES[-1].kind,
            PurgeReceipt.count == 0,
        )
        .order_by(PurgeReceipt.until.desc())
        .limit(1)
        .scalar_subquery()
    )
    query = select(Organisation.id, Organisation.created_at, last)
    return [(one, at or made) for one, made, at in session.execute(query)]


@dataclass(slots=True)
class _Round:
    """One kind in one run of one organisation; it goes through the rows once."""

    sessions: sessionmaker[Session]
    purge: Purge
    organisation_id: UUID
    run_id: UUID
    clock_now: ClockNow
    after: UUID | None = None

    def chosen(self) -> Sequence[UUID]:
        """The next rows that are due; on SQLite nobody waits while they are found."""
        with database.reading(self.sessions) as session:
            organisation = session.get_one(Organisation, self.organisation_id)
            until = self.clock_now(session) - self.purge.age(organisation.country)
            kept = _kept(session, self.organisation_id)
            rows = _due(self.purge, self.organisation_id, until, kept)
            model = self.purge.model
            if self.after is not None:
                rows = rows.where(model.id > self.after)
            found = session.scalars(
                rows.with_only_columns(model.id).order_by(model.id).limit(BATCH)
            ).all()
        if found:
            self.after = found[-1]
        return found

    def take(self, chosen: Sequence[UUID]) -> int:
        """Those of them that still are, with their receipt; how many.

        Rows that somebody holds just now are left to the next run: nobody waits for a
        purge that waits for him.
        """
        with self.sessions.begin() as session:
            organisation, until, now = self._locked(session)
            kept = _kept(session, organisation.id)
            rows = _due(self.purge, organisation.id, until, kept)
            model = self.purge.model
            mine = session.scalars(
                rows.with_only_columns(model.id)
                .where(model.id.in_(chosen))
                .with_for_update(skip_locked=True, of=model)
            ).all()
            self._receipt(session, until, len(mine), {}, now)
            these = model.id.in_(mine)
            change = (
                update(model).where(these).values(**self.purge.clears)
                if self.purge.clears
                else delete(model).where(these)
            )
            session.execute(change, execution_options={"synchronize_session": False})
        database.breathe(session)
        return len(mine)

    def end(self) -> None:
        """A last receipt: what each named hold has kept."""
        with database.reading(self.sessions) as session:
            organisation = session.get_one(Organisation, self.organisation_id)
            now = self.clock_now(session)
            held = _held(session, self.purge, organisation, now)
        with self.sessions.begin() as session:
            organisation, until, now = self._locked(session)
            self._receipt(session, until, 0, held, now)

    def _locked(self, session: Session) -> tuple[Organisation, datetime, datetime]:
        """From now on no named hold is placed until this is done."""
        organisation = named_holds.lock(session, self.organisation_id)
        now = self.clock_now(session)
        return organisation, now - self.purge.age(organisation.country), now

    def _receipt(
        self,
        session: Session,
        until: datetime,
        count: int,
        held: dict[str, object],
        now: datetime,
    ) -> None:
        receipt = PurgeReceipt(
            organisation_id=self.organisation_id,
            run_id=self.run_id,
            kind=self.purge.kind,
            until=until,
            count=count,
            held=held,
            at=now,
        )
        session.add(receipt)
        session.flush()


def _due(
    purge: Purge, organisation_id: UUID, until: datetime, kept: Scope
) -> Select[Identified]:
    return select(purge.model).where(
        purge.model.organisation_id == organisation_id,
        purge.due(until),
        ~purge.kept(kept),
    )


def _count(
    session: Session,
    purge: Purge,
    organisation: Organisation,
    kept: Scope,
    now: datetime,
) -> int:
    until = now - purge.age(organisation.country)
    rows = _due(purge, organisation.id, until, kept)
    return session.scalar(rows.with_only_columns(func.count(purge.model.id))) or 0


def _held(
    session: Session, purge: Purge, organisation: Organisation, now: datetime
) -> dict[str, object]:
    """How many each named hold kept, by its name."""
    until = now - purge.age(organisation.country)
    found: Counter[str] = Counter()
    for hold in _standing(session, organisation.id):
        query = select(func.count(purge.model.id)).where(
            purge.model.organisation_id == organisation.id,
            purge.due(until),
            purge.kept(_scope(session, hold)),
        )
        found[hold.name] += session.scalar(query) or 0
    return {name: count for name, count in found.items() if count}


def _kept(session: Session, organisation_id: UUID) -> Scope:
    """What all named holds keep, and what open alerts need."""
    still_open = session.scalars(
        select(Alert).where(
            Alert.organisation_id == organisation_id, Alert.closed_at.is_(None)
        )
    )
    scope = Scope()
    for alert in still_open:
        scope |= _of_alert(alert)
    for hold in _standing(session, organisation_id):
        scope |= _scope(session, hold)
    return scope


def _standing(session: Session, organisation_id: UUID) -> list[NamedHold]:
    query = select(NamedHold).where(
        NamedHold.organisation_id == organisation_id, NamedHold.lifted_at.is_(None)
    )
    return list(session.scalars(query.order_by(NamedHold.id)))


def _scope(session: Session, hold: NamedHold) -> Scope:
    if hold.case_id is not None:
        return Scope(cases=frozenset({hold.case_id}))
    return _of_alert(session.get_one(Alert, hold.alert_id))


def _of_alert(alert: Alert) -> Scope:
    span = (alert.user_id, alert.opened_at - BEFORE_AN_ALERT, alert.closed_at)
    return Scope(alerts=frozenset({alert.id}), spans=(span,))

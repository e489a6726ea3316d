"""Every sealed value put under the current key, a few at a time, beside running work.

What is sealed is found in the models' metadata, so that a new column is never missed.
A row that somebody changes meanwhile keeps his value: each UPDATE guards the envelope
that was read.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import (
    Column,
    ColumnElement,
    LargeBinary,
    Table,
    bindparam,
    func,
    select,
    type_coerce,
    update,
)
from sqlalchemy.orm import Session, sessionmaker

from core.keyring import CannotOpen
from models import database
from models.base import Base
from models.sealed import Envelope, Sealed, ring

BATCH = 500
BATCH_BYTES = 4_000_000
PASSES = 20

Tell = Callable[[int], None]
Batch = Sequence[tuple[object, Envelope]]


@dataclass
class Outcome:
    """What a re-sealing did: ``damaged`` values do not open and stay as they are."""

    moved: int = 0
    left: int = 0
    damaged: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Place:
    """One sealed column of one table."""

    table: Table
    column: Column[Envelope]

    @property
    def name(self) -> str:
        """As an operator reads it."""
        return f"{self.table.name}.{self.column.name}"

    def begins(self, key_id: str) -> ColumnElement[bool]:
        """The value is sealed by this key."""
        head = ring.keyring.head(key_id)
        plain = type_coerce(self.column, LargeBinary)
        start = type_coerce(func.substr(plain, 1, len(head)), LargeBinary)
        return start == head

    def stale(self) -> ColumnElement[bool]:
        """The value is sealed by another key than the current one."""
        return self.column.is_not(None) & ~self.begins(ring.keyring.current)


def places() -> Sequence[Place]:
    """Every sealed column of every table."""
    return [
        Place(table, column)
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, Sealed)
    ]


def count_stale(session: Session) -> int:
    """How many values are not under the current key."""
    return sum(
        session.scalar(
            select(func.count()).select_from(place.table).where(place.stale())
        )
        or 0
        for place in places()
    )


def used(session: Session, key_id: str) -> Sequence[str]:
    """The columns in which at least one value is sealed by that key."""
    return [
        place.name
        for place in places()
        if session.scalar(select(place.table.c.id).where(place.begins(key_id)).limit(1))
        is not None
    ]


def reseal(sessions: sessionmaker[Session], *, tell: Tell) -> Outcome:
    """Bring all that is not under the current key under it.

    Passes are repeated until one leaves nothing: what others wrote or held meanwhile
    is met by the next. Harmless to break off at any point and to begin again.
    """
    outcome = Outcome()
    for _ in range(PASSES):
        for place in places():
            _pass(sessions, place, outcome, tell)
        with database.reading(sessions) as session:
            outcome.left = count_stale(session)
        if outcome.left <= len(outcome.damaged):
            break
        time.sleep(database.BREATH_S)
    return outcome


def _pass(
    sessions: sessionmaker[Session], place: Place, outcome: Outcome, tell: Tell
) -> None:
    """One walk over a column by ascending id."""
    for batch in _batches(sessions, place):
        fresh = {}
        for row_id, old in batch:
            try:
                fresh[row_id] = _again(place, row_id, old)
            except CannotOpen:
                outcome.damaged.add(f"{place.name} of {row_id}")
        changed = _write(sessions, place, dict(batch), fresh)
        outcome.moved += changed
        tell(changed)


def _batches(sessions: sessionmaker[Session], place: Place) -> Iterator[Batch]:
    """Ids and old envelopes, read without the right to write."""
    key, last = place.table.c.id, None
    while True:
        with database.reading(sessions) as session:
            chosen = _choose(session, place, last)
            if not chosen:
                return
            query = select(key, place.column).where(key.in_(chosen))
            batch = [(one, old) for one, old in session.execute(query.order_by(key))]
        last = chosen[-1]
        yield [(one, old) for one, old in batch if old is not None]


def _choose(session: Session, place: Place, last: object) -> Sequence[object]:
    """The next ids, as many as fit: a column may hold long values."""
    key = place.table.c.id
    size = func.length(type_coerce(place.column, LargeBinary))
    query = select(key, size).where(place.stale()).order_by(key).limit(BATCH)
    chosen: list[object] = []
    room = BATCH_BYTES
    for row_id, length in session.execute(
        query if last is None else query.where(key > last)
    ):
        if chosen and length > room:
            break
        chosen.append(row_id)
        room -= length
    return chosen


def _write(
    sessions: sessionmaker[Session],
    place: Place,
    old: Mapping[object, Envelope],
    fresh: Mapping[object, Envelope],
) -> int:
    """Change what is still as it was read.

    Rows that somebody holds are left for the next pass, so that a rotation never waits
    for a visitor and stands in no deadlock.
    """
    key = place.table.c.id
    change = (
        update(place.table)
        .where(key == bindparam("of_row"), place.column == bindparam("old_envelope"))
        .values({place.column: bindparam("new_envelope")})
    )
    free = select(key).where(key.in_(fresh.keys()))
    with sessions.begin() as session:
        ours = session.scalars(free.with_for_update(key_share=True, skip_locked=True))
        rows = [
            {"of_row": one, "old_envelope": old[one], "new_envelope": fresh[one]}
            for one in ours
        ]
        if rows:
            session.connection().execute(change, rows)
    database.breathe(session)
    return len(rows)


def _again(place: Place, row_id: object, old: Envelope) -> Envelope:
    bound_to = f"{place.table.name}.{place.column.name}.{row_id}"
    return Envelope(ring.keyring.reseal(old, bound_to=bound_to))

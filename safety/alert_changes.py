"""What changed about alerts, in ids only, for those who look on live."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from contact import outbox
from core.actor import Actor
from core.words import AlertKind, Role
from models import Alert, AlertEntry
from safety import alerts

Told = frozenset[tuple[UUID, UUID]]  # (alert, user)


@dataclass(frozen=True, slots=True)
class Change:
    """A line was added to the timeline of an alert."""

    entry_id: UUID
    organisation_id: UUID
    alert_id: UUID
    kind: AlertKind

    def concerns(self, actor: Actor, told: Told) -> bool:
        """May the actor know? The same that ``alerts.get`` would say."""
        if actor.organisation_id != self.organisation_id:
            return False
        if alerts.oversees(actor.role, self.kind):
            return True
        return (self.alert_id, actor.user_id) in told


CHANGES = select(
    AlertEntry.id, AlertEntry.organisation_id, AlertEntry.alert_id, Alert.kind
).join(Alert, Alert.id == AlertEntry.alert_id)


def since(session: Session, entry_id: UUID) -> list[Change]:
    """Every organisation's from that id on, oldest first: for one reader in a process.

    Ids are made before they are committed: start well before the last one seen.
    """
    rows = session.execute(
        CHANGES.where(AlertEntry.id >= entry_id).order_by(AlertEntry.id)
    )
    return [Change(*row) for row in rows]


def missed(session: Session, actor: Actor, entry_id: UUID) -> list[Change]:
    """What the actor may know of his organisation's from that id on, oldest first."""
    query = CHANGES.where(
        AlertEntry.organisation_id == actor.organisation_id, AlertEntry.id >= entry_id
    )
    rows = session.execute(query.order_by(AlertEntry.id))
    found = [Change(*row) for row in rows]
    told = told_of(session, [actor], found)
    return [change for change in found if change.concerns(actor, told)]


def told_of(
    session: Session, actors: Collection[Actor], changes: Sequence[Change]
) -> Told:
    """Who of those that do not oversee alerts was told of which one."""
    asking = [one.user_id for one in actors if one.role is not Role.SAFETY_OFFICER]
    if not asking or not changes:
        return frozenset()
    return outbox.pairs_told(session, {one.alert_id for one in changes}, asking)

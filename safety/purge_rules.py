"""What is purged when: for each kind the rows, their age, and what they hang on."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    SQLColumnExpression,
    and_,
    false,
    func,
    or_,
    select,
)
from sqlalchemy.orm import aliased

from core.words import PurgeKind
from gate import retention
from models import (
    AccessRecord,
    Alert,
    AlertEntry,
    BorrowerHold,
    Case,
    CaseChange,
    Consent,
    Contact,
    FormerPin,
    Import,
    ImportChunk,
    Incident,
    Invitation,
    Message,
    Place,
    PlaceMark,
    ResetCode,
    Vehicle,
    Verification,
    Visit,
    Watch,
    WatchEvent,
    WebhookDelivery,
    Wish,
)
from models.base import Tenant

# a check of a code that we never issued has no organisation
Rows = type[Tenant] | type[Verification]
Ids = SQLColumnExpression[UUID | None]


@dataclass(frozen=True, slots=True)
class Scope:
    """Ids that a hold, or all holds together, or open alerts keep rows of."""

    cases: frozenset[UUID] = frozenset()
    alerts: frozenset[UUID] = frozenset()
    spans: tuple[tuple[UUID, datetime, datetime | None], ...] = ()

    def __or__(self, other: "Scope") -> "Scope":
        return Scope(
            self.cases | other.cases,
            self.alerts | other.alerts,
            self.spans + other.spans,
        )


@dataclass(frozen=True)
class Purge:
    """One kind: ``due`` rows, ``kept`` ones among them; without ``clears`` rows go.

    ``clears`` are the columns that become empty where the row itself must stay.
    """

    kind: PurgeKind
    model: Rows
    age: Callable[[str], timedelta]
    due: Callable[[datetime], ColumnElement[bool]]
    kept: Callable[[Scope], ColumnElement[bool]]
    clears: Mapping[str, None] = field(default_factory=dict)


def _of_visits(column: Ids, scope: Scope) -> ColumnElement[bool]:
    """Rows of visits of the cases, or of the alerts' visits."""
    visits = select(Visit.id).where(Visit.case_id.in_(scope.cases))
    alerted = select(Alert.visit_id).where(
        Alert.id.in_(scope.alerts), Alert.visit_id.is_not(None)
    )
    return and_(column.is_not(None), or_(column.in_(visits), column.in_(alerted)))


def _events(scope: Scope) -> ColumnElement[bool]:
    """Acts on such a visit, and all that the endangered person's phone said then."""
    then = [
        and_(
            WatchEvent.user_id == user_id,
            WatchEvent.received_at >= start,
            *([WatchEvent.received_at <= end] if end else []),
        )
        for user_id, start, end in scope.spans
    ]
    return or_(_of_visits(WatchEvent.visit_id, scope), *then)


def _entries(scope: Scope) -> ColumnElement[bool]:
    of_cases = select(Alert.id).where(
        Alert.visit_id.in_(select(Visit.id).where(Visit.case_id.in_(scope.cases)))
    )
    return or_(AlertEntry.alert_id.in_(scope.alerts), AlertEntry.alert_id.in_(of_cases))


def _messages(scope: Scope) -> ColumnElement[bool]:
    return or_(
        and_(Message.alert_id.is_not(None), Message.alert_id.in_(scope.alerts)),
        and_(Message.case_id.is_not(None), Message.case_id.in_(scope.cases)),
        _of_visits(Message.visit_id, scope),
    )


def _of_case(
    column: Ids,
) -> Callable[[Scope], ColumnElement[bool]]:
    def kept(scope: Scope) -> ColumnElement[bool]:
        alerted = select(Visit.case_id).join(Alert, Alert.visit_id == Visit.id)
        return or_(
            column.in_(scope.cases),
            column.in_(alerted.where(Alert.id.in_(scope.alerts))),
        )

    return kept


def _of_place(column: Ids, scope: Scope) -> ColumnElement[bool]:
    """Rows about places of the cases, or of the alerts' visits."""
    alerted = select(Visit.place_id).join(Alert, Alert.visit_id == Visit.id)
    places = select(Place.id).where(Place.case_id.in_(scope.cases))
    return and_(
        column.is_not(None),
        or_(column.in_(places), column.in_(alerted.where(Alert.id.in_(scope.alerts)))),
    )


def _incidents(scope: Scope) -> ColumnElement[bool]:
    return or_(
        and_(Incident.alert_id.is_not(None), Incident.alert_id.in_(scope.alerts)),
        _of_visits(Incident.visit_id, scope),
        _of_place(Incident.place_id, scope),
    )


def _nothing(scope: Scope) -> ColumnElement[bool]:
    """Our own people's, or a file's: no case and no alert hangs on it."""
    return false()


def _changes(scope: Scope) -> ColumnElement[bool]:
    """What was said of the borrower of such a case, in whichever of his cases."""
    borrowers = select(Case.borrower_id).where(Case.id.in_(scope.cases))
    return or_(
        _of_case(CaseChange.case_id)(scope),
        and_(
            CaseChange.borrower_id.is_not(None), CaseChange.borrower_id.in_(borrowers)
        ),
    )


def _unneeded(until: datetime) -> ColumnElement[bool]:
    """Former PINs by which no watch that still runs could be ended."""
    running = select(Watch.id).where(
        Watch.user_id == FormerPin.user_id,
        Watch.closed_at.is_(None),
        Watch.started_at < FormerPin.until,
    )
    return and_(FormerPin.until < until, ~running.exists())


def _replaced(until: datetime) -> ColumnElement[bool]:
    """Vehicles of which something else was said before then."""
    later = aliased(Vehicle)
    newer = select(later.id).where(
        later.user_id == Vehicle.user_id, later.id > Vehicle.id, later.set_at < until
    )
    return and_(Vehicle.words_sealed.is_not(None), newer.exists())


def _closed(until: datetime) -> Select[UUID]:
    return select(Case.id).where(Case.closed_at < until)


PURGES = (
    Purge(
        PurgeKind.POSITIONS,
        WatchEvent,
        lambda _: retention.POSITIONS,
        lambda until: and_(
            WatchEvent.position_sealed.is_not(None), WatchEvent.received_at < until
        ),
        _events,
        {"position_sealed": None, "accuracy_m": None},
    ),
    Purge(
        PurgeKind.VEHICLES,
        Vehicle,
        lambda _: retention.POSITIONS,
        _replaced,
        lambda scope: Vehicle.user_id.in_({user_id for user_id, _, _ in scope.spans}),
        {"words_sealed": None},
    ),
    Purge(
        PurgeKind.SAID,
        WatchEvent,
        retention.records,
        lambda until: and_(
            WatchEvent.words_sealed.is_not(None), WatchEvent.received_at < until
        ),
        _events,
        {"words_sealed": None},
    ),
    Purge(
        PurgeKind.MESSAGES,
        Message,
        lambda _: retention.MESSAGES,
        lambda until: and_(
            or_(
                Message.body_sealed.is_not(None), Message.recipient_sealed.is_not(None)
            ),
            Message.final_at < until,
        ),
        _messages,
        {"body_sealed": None, "recipient_sealed": None},
    ),
    Purge(
        PurgeKind.ALERT_WORDS,
        AlertEntry,
        retention.records,
        lambda until: and_(
            AlertEntry.words_sealed.is_not(None),
            AlertEntry.alert_id.in_(select(Alert.id).where(Alert.closed_at < until)),
        ),
        _entries,
        {"words_sealed": None},
    ),
    Purge(
        PurgeKind.CONTACTS,
        Contact,
        retention.records,
        lambda until: Contact.at < until,
        _of_case(Contact.case_id),
    ),
    Purge(
        PurgeKind.CONSENTS,
        Consent,
        retention.records,
        lambda until: or_(Consent.ends_at < until, Consent.case_id.in_(_closed(until))),
        _of_case(Consent.case_id),
    ),
    Purge(
        PurgeKind.WISHES,
        Wish,
        retention.records,
        lambda until: Wish.case_id.in_(_closed(until)),
        _of_case(Wish.case_id),
    ),
    Purge(
        PurgeKind.HOLD_WORDS,
        BorrowerHold,
        retention.records,
        lambda until: and_(
            or_(
                BorrowerHold.words_sealed.is_not(None),
                BorrowerHold.kind_sealed.is_not(None),
            ),
            BorrowerHold.ends_at < until,
        ),
        _of_case(BorrowerHold.case_id),
        {"words_sealed": None, "kind_sealed": None},
    ),
    Purge(
        PurgeKind.INCIDENT_WORDS,
        Incident,
        retention.records,
        lambda until: and_(
            Incident.words_sealed.is_not(None), Incident.reported_at < until
        ),
        _incidents,
        {"words_sealed": None},
    ),
    Purge(
        PurgeKind.MARK_WORDS,
        PlaceMark,
        retention.records,
        lambda until: and_(PlaceMark.words_sealed.is_not(None), PlaceMark.at < until),
        lambda scope: _of_place(PlaceMark.place_id, scope),
        {"words_sealed": None},
    ),
    Purge(
        PurgeKind.CHECKS,
        Verification,
        lambda _: retention.CHECKS,
        lambda until: Verification.at < until,
        lambda scope: _of_visits(Verification.visit_id, scope),
    ),
    Purge(
        PurgeKind.HISTORY,
        CaseChange,
        retention.records,
        lambda until: and_(
            CaseChange.old_sealed.is_not(None), CaseChange.changed_at < until
        ),
        _changes,
        {"old_sealed": None},
    ),
    Purge(
        PurgeKind.IMPORT_FILES,
        ImportChunk,
        lambda _: retention.BROKEN_IMPORTS,
        lambda until: ImportChunk.import_id.in_(
            select(Import.id).where(~Import.running, Import.moved_at < until)
        ),
        _nothing,
    ),
    Purge(
        PurgeKind.INVITATIONS,
        Invitation,
        lambda _: retention.CODES,
        lambda until: func.coalesce(Invitation.ended_at, Invitation.valid_to) < until,
        _nothing,
    ),
    Purge(
        PurgeKind.RESET_CODES,
        ResetCode,
        lambda _: retention.CODES,
        lambda until: func.coalesce(ResetCode.ended_at, ResetCode.valid_to) < until,
        _nothing,
    ),
    Purge(
        PurgeKind.FORMER_PINS,
        FormerPin,
        lambda _: retention.FORMER_PINS,
        _unneeded,
        _nothing,
    ),
    Purge(
        PurgeKind.DELIVERIES,
        WebhookDelivery,
        lambda _: retention.DELIVERIES,
        lambda until: WebhookDelivery.final_at < until,
        _nothing,
    ),
    Purge(
        PurgeKind.ACCESS_LOG,
        AccessRecord,
        retention.records,
        lambda until: AccessRecord.at < until,
        _of_case(AccessRecord.case_id),
    ),
)

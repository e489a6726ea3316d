"""What the export of one borrower shows of which table.

A test walks over every column that hangs on a borrower and finds it here or on its list
of reasons.
"""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, true

from core.words import EventKind
from models import (
    AccessRecord,
    Borrower,
    BorrowerHold,
    Case,
    CaseChange,
    Consent,
    Contact,
    Message,
    Payment,
    Place,
    Receipt,
    Verification,
    Visit,
    VisitCode,
    Visitor,
    VisitTransition,
    Watch,
    WatchEvent,
    Wish,
)
from safety.borrower_rows import Rows


def _all() -> ColumnElement[bool]:
    return true()


@dataclass(frozen=True)
class Sheet:
    """Rows of one table in the document.

    ``shows`` are attributes; ``staff`` those with the id of one of our own people, who
    is shown as ``…_role``. ``few``: attributes that only the contact desk may read.
    """

    name: str
    model: Rows
    shows: tuple[str, ...]
    staff: tuple[str, ...] = ()
    few: tuple[str, ...] = ()
    only: Callable[[], ColumnElement[bool]] = _all


def role_of(attribute: str) -> str:
    """What the document calls the role of the person whom an attribute names."""
    return f"{attribute.removesuffix('_id')}_role"


CIRCUMSTANCES = ("employment", "household_size", "ability_to_pay", "willingness_to_pay")
SHEETS = (
    Sheet(
        "borrower",
        Borrower,
        ("id", "debtor_ref", "name", "phone", "language", *CIRCUMSTANCES, "erased_at"),
    ),
    Sheet(
        "cases",
        Case,
        (
            *("id", "external_id", "debt_ref", "days_past_due", "amount_minor"),
            *("paid_minor", "currency", "created_at", "updated_at", "closed_at"),
        ),
    ),
    Sheet(
        "places",
        Place,
        (
            *("id", "case_id", "external_id", "kind", "is_public", "address"),
            *("position", "datum", "country", "region", "time_zone", "unschedulable"),
        ),
    ),
    Sheet(
        "changes",
        CaseChange,
        (
            *("id", "case_id", "place_id", "import_id", "subject", "columns", "old"),
            "changed_at",
        ),
    ),
    Sheet("wishes", Wish, ("id", "case_id", "kind", "spans", "recorded_at")),
    Sheet(
        "consents",
        Consent,
        (
            *("id", "case_id", "place_id", "kind", "evidence", "starts_at"),
            *("ends_at", "recorded_at"),
        ),
        staff=("recorded_by",),
    ),
    Sheet(
        "holds",
        BorrowerHold,
        ("id", "case_id", "kind", "words", "starts_at", "ends_at", "recorded_at"),
        staff=("recorded_by", "ended_by"),
        few=("kind", "words"),
    ),
    Sheet(
        "visits",
        Visit,
        (
            *("id", "case_id", "place_id", "planned_start", "planned_end", "state"),
            *("obligations", "created_at"),
        ),
        staff=("created_by",),
    ),
    Sheet(
        "visitors",
        Visitor,
        ("id", "visit_id", "planned_start", "planned_end", "active", "departed_at"),
        staff=("user_id",),
    ),
    Sheet(
        "visit_transitions",
        VisitTransition,
        ("id", "visit_id", "old", "new", "reason", "at"),
        staff=("actor_id",),
    ),
    Sheet(
        "visit_codes",
        VisitCode,
        ("id", "visit_id", "valid_from", "valid_to", "ended_at", "end_reason"),
    ),
    Sheet("checks", Verification, ("id", "visit_id", "answer", "at")),
    Sheet(
        "stays",
        Watch,
        ("id", "visit_id", "contact", "started_at", "outcome", "closed_at"),
        staff=("user_id",),
    ),
    Sheet(
        "reports",
        WatchEvent,
        (
            *("id", "visit_id", "kind", "occurred_at", "received_at", "outside_fence"),
            *("recording", "result", "outcome", "words"),
        ),
        staff=("user_id",),
        only=lambda: WatchEvent.kind != EventKind.SOS,
    ),
    Sheet(
        "contacts",
        Contact,
        (
            *("id", "case_id", "channel", "kind", "at", "visit_id", "message_id"),
            *("outcome", "decision", "source"),
        ),
        staff=("user_id",),
    ),
    Sheet(
        "messages",
        Message,
        (
            *("id", "kind", "case_id", "visit_id", "recipient", "state"),
            *("available_at", "created_at", "final_at"),
        ),
    ),
    Sheet(
        "receipts",
        Receipt,
        (
            *("id", "message_id", "attempt", "channel", "accepted", "reason"),
            *("started_at", "at"),
        ),
    ),
    Sheet(
        "payments",
        Payment,
        (
            *("id", "case_id", "reference", "amount_minor", "currency", "paid_at"),
            *("settles", "open_after_minor", "overpaid_minor", "closes"),
            "recorded_at",
        ),
        staff=("recorded_by",),
    ),
    Sheet("reads", AccessRecord, ("id", "case_id", "route", "at"), staff=("user_id",)),
)

"""What an erasure takes of each table, and what the law keeps a while longer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, and_, or_, true

from core.words import EventKind
from models import (
    AccessRecord,
    Borrower,
    BorrowerHold,
    Case,
    CaseChange,
    Consent,
    Contact,
    Payment,
    Place,
    PlaceMark,
    Verification,
    WatchEvent,
    Wish,
)
from safety.borrower_rows import Rows


def _always() -> ColumnElement[bool]:
    return true()


@dataclass(frozen=True)
class Taking:
    """Of one table: columns that become empty, or (without them) whole rows.

    ``renamed``: columns in which the row's own id takes the place of what was said.
    ``with_it``: what is emptied along, but is no reason to count the row.
    """

    model: Rows
    clears: tuple[str, ...] = ()
    renamed: tuple[str, ...] = ()
    with_it: Mapping[str, object] = field(default_factory=dict)
    only: Callable[[], ColumnElement[bool]] = _always

    @property
    def due(self) -> ColumnElement[bool]:
        """Rows of which something is left to take."""
        if not self.clears:
            return self.only()
        filled = (getattr(self.model, name).is_not(None) for name in self.clears)
        return and_(self.only(), or_(*filled))


@dataclass(frozen=True)
class Keeping:
    """Rows that stay as long as records must be kept; a purge then takes them.

    That counts from ``since`` of the youngest, or (None) from the closing of his cases.
    """

    model: Rows
    since: str | None


TAKINGS = (
    # the messages to him go by ``outbox.wipe_for_visits``, and he himself comes last
    Taking(
        Case,
        ("debt_ref_sealed",),
        renamed=("external_id",),
        with_it={"row_digest": ""},
    ),
    Taking(
        Place,
        ("position_sealed", "address_sealed"),
        renamed=("external_id",),
        with_it={"row_digest": None},
    ),
    Taking(PlaceMark, ("words_sealed",)),
    Taking(CaseChange, ("old_sealed",)),
    Taking(Wish),
    Taking(BorrowerHold, ("kind_sealed", "words_sealed")),
    Taking(Payment, ("reference_sealed",)),
    Taking(Verification),
    # a call for help is the collector's, and goes when its own time has come
    Taking(
        WatchEvent,
        ("words_sealed", "position_sealed"),
        with_it={"accuracy_m": None},
        only=lambda: WatchEvent.kind != EventKind.SOS,
    ),
)
HIMSELF = Taking(
    Borrower,
    (
        *("name_sealed", "debtor_ref_sealed", "phone_sealed", "employment_sealed"),
        *("household_size_sealed", "ability_to_pay_sealed"),
        "willingness_to_pay_sealed",
    ),
    with_it={"phone_digest": None},
)
KEEPINGS = (
    Keeping(Contact, "at"),
    Keeping(Consent, None),
    Keeping(AccessRecord, "at"),
)

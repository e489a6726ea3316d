"""Known cases that a file describes anew: compared, updated, their history kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from core.case_words import ChangeOf
from models import Case, Place, Wish, bulk
from planning import case_people, place_store, wish_store
from planning.case_changes import Ledger
from planning.case_incoming import Incoming, IncomingPlace
from planning.case_index import Fate
from planning.case_people import Cells, People, Someone
from planning.case_rows import CaseFacts


@dataclass(frozen=True, slots=True)
class _Found:
    """A known case as the database has it, beside what the file says."""

    one: Incoming
    case: Case
    places: Mapping[str, Place]
    wishes: Sequence[Wish]

    def differing(self) -> Cells:
        """The case's own columns that the file says otherwise: the old values."""
        stands, said = self._stands(), _said(self.one.facts)
        return {name: old for name, old in stands.items() if old != said[name]}

    def _stands(self) -> Cells:
        case = self.case
        return {
            "creditor_code": case.creditor.code,
            "debt_ref": case.debt_ref,
            "debtor_ref": case.borrower.debtor_ref,
            "days_past_due": case.days_past_due,
            "amount_minor": case.amount_minor,
            "currency": case.currency,
            **wish_store.cells(self.wishes),
        }

    def changed_places(self) -> list[IncomingPlace]:
        """Those that are new, or whose line says something else."""
        known = self.places
        return [
            place
            for place in self.one.places
            if place.place_id not in known
            or known[place.place_id].row_digest != place.digest
        ]


def judge(
    session: Session, changed: Sequence[Incoming], people: People, ledger: Ledger
) -> dict[str, Fate]:
    """The fates as ``write`` would tell them; nothing is written."""
    fates = {}
    for found in _load(session, changed, ledger, hold=False):
        borrower = people.borrower(found.one.facts)
        differs = (
            bool(found.differing())
            or borrower is None
            or borrower.row is None
            or bool(case_people.differing(borrower.row, found.one.facts))
            or any(_place_differs(found, place) for place in found.changed_places())
        )
        fates[found.case.external_id] = Fate.UPDATED if differs else Fate.UNCHANGED
    return fates


def write(
    session: Session, changed: Sequence[Incoming], people: People, ledger: Ledger
) -> dict[str, Fate]:
    """Bring rows in line with the file; a case of which nothing differs is unchanged.

    That happens where only the digest's form, or another row, has changed.
    """
    found = _load(session, changed, ledger, hold=True)
    for each in found:
        people.ensured(each.one.facts)
    people.store(session)
    return {
        each.case.external_id: _write(session, each, people, ledger) for each in found
    }


def describe_borrower(
    people: People, one: Incoming, case_id: UUID, ledger: Ledger
) -> bool:
    """Write what is said of him anew; False where that is nothing."""
    borrower = people.ensured(one.facts).row
    if borrower is None:  # he has just been made of this
        return False
    old = case_people.differing(borrower, one.facts)
    case_people.describe(borrower, one.facts, old)
    ledger.add(ChangeOf.BORROWER, case_id, old, borrower_id=borrower.id)
    return bool(old)


def _place_differs(found: _Found, place: IncomingPlace) -> bool:
    known = found.places.get(place.place_id)
    return known is None or bool(place_store.differing(known, place.located))


def _load(
    session: Session, changed: Sequence[Incoming], ledger: Ledger, *, hold: bool
) -> list[_Found]:
    """The cases whole; held, so that a payment comes before or after."""
    if not changed:
        return []
    query = (
        select(Case)
        .where(
            Case.organisation_id == ledger.organisation_id,
            bulk.among(
                session, Case.external_id, [one.facts.case_id for one in changed]
            ),
        )
        .options(joinedload(Case.creditor), joinedload(Case.borrower))
        .order_by(Case.id)
    )
    if hold:
        query = query.with_for_update(key_share=True, of=Case)
    cases = {case.external_id: case for case in session.scalars(query)}
    rows = list(cases.values())
    places, wishes = _places(session, rows), wish_store.known(session, rows)
    return [
        _Found(one, case, places.get(case.id, {}), wishes[case.id])
        for one in changed
        if (case := cases[one.facts.case_id])
    ]


def _places(session: Session, cases: Sequence[Case]) -> dict[UUID, dict[str, Place]]:
    query = select(Place).where(
        Place.organisation_id == cases[0].organisation_id,
        bulk.among(session, Place.case_id, [case.id for case in cases]),
    )
    found: dict[UUID, dict[str, Place]] = {}
    for place in session.scalars(query):
        found.setdefault(place.case_id, {})[place.external_id] = place
    return found


def _said(facts: CaseFacts) -> Cells:
    return {
        "creditor_code": facts.creditor_code,
        "debt_ref": facts.debt_ref,
        "debtor_ref": facts.debtor_ref,
        "days_past_due": facts.days_past_due,
        "amount_minor": facts.amount_minor,
        "currency": facts.currency,
        **wish_store.said(facts),
    }


def _write(session: Session, found: _Found, people: People, ledger: Ledger) -> Fate:
    case, facts = found.case, found.one.facts
    borrower = people.ensured(facts)
    old = found.differing()
    moved, before = case.borrower_id != borrower.id, case.borrower_id
    if old or moved:
        _describe(case, facts, borrower, old)
    if moved or old.keys() & set(wish_store.COLUMNS.values()):
        wish_store.replace(session, case, facts, found.wishes, now=ledger.now)
    ledger.add(ChangeOf.CASE, case.id, old, borrower_id=before)
    differs = describe_borrower(people, found.one, case.id, ledger)
    for place in found.changed_places():
        differs |= _write_place(session, found, place, ledger, before)
    case.row_digest = found.one.digest
    if not (old or moved or differs):
        return Fate.UNCHANGED
    case.updated_at = ledger.now
    return Fate.UPDATED


def _describe(case: Case, facts: CaseFacts, borrower: Someone, old: Cells) -> None:
    case.creditor_id, case.borrower_id = borrower.creditor_id, borrower.id
    if "debt_ref" in old or "creditor_code" in old:
        case.debt_ref = facts.debt_ref
        case.debt_ref_digest = case_people.debt_digest(facts)
    if "amount_minor" in old:
        case.paid_minor = 0  # the lender's new figure contains what came in
    case.days_past_due = facts.days_past_due
    case.amount_minor = facts.amount_minor
    case.currency = facts.currency


def _write_place(
    session: Session, found: _Found, place: IncomingPlace, ledger: Ledger, his: UUID
) -> bool:
    """False where nothing of the place differs; its digest is taken over anyway.

    ``his``: whose case it was until now; what the place was goes with him.
    """
    case, known = found.case, found.places.get(place.place_id)
    if known is None:
        row = place_store.new(
            case.organisation_id, case.id, place.located, place.digest
        )
        bulk.add(session, Place, [row])
        added: Cells = {} if found.one.fresh else {"place_id": None}
        ledger.add(ChangeOf.PLACE, case.id, added, place_id=row.id, borrower_id=his)
        return True
    old = place_store.differing(known, place.located)
    if old:
        place_store.describe(known, place.located, place.digest)
    known.row_digest = place.digest
    ledger.add(ChangeOf.PLACE, case.id, old, place_id=known.id, borrower_id=his)
    return bool(old)

"""Cases of a file written to the database, many at a time, by their external ids."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Case, Place, Wish, bulk
from planning import case_people, case_updates, place_store, wish_store
from planning.case_changes import Ledger
from planning.case_incoming import Incoming
from planning.case_index import Fate
from planning.case_people import People, Someone


@dataclass(slots=True)
class _Known:
    """What the database has of a batch: ids, and digests of the lines."""

    ids: Mapping[str, UUID]
    digests: Mapping[UUID, str]
    places: dict[tuple[UUID, str], str | None] = field(default_factory=dict)

    def same(self, one: Incoming) -> bool:
        """The case and all these places are known and say what they said."""
        case_id = self.ids[one.facts.case_id]
        return self.digests[case_id] == one.digest and all(
            self.places.get((case_id, place.place_id)) == place.digest
            for place in one.places
        )


def store(
    session: Session, incoming: Sequence[Incoming], ledger: Ledger, *, dry_run: bool
) -> dict[str, Fate]:
    """Make or update every case, each once; its fate by external id.

    One of a borrower who was erased is left alone and has no fate. With ``dry_run`` the
    fates are told and nothing is written.
    """
    known = _known(session, ledger.organisation_id, incoming)
    new = [one for one in incoming if one.facts.case_id not in known.ids]
    others = [one for one in incoming if one.facts.case_id in known.ids]
    changed = [one for one in others if not known.same(one)]
    fates = {one.facts.case_id: Fate.UNCHANGED for one in others}
    if not new and not changed:
        return fates
    facts = [one.facts for one in (*new, *changed)]
    organisation_id = ledger.organisation_id
    people = case_people.load(session, organisation_id, facts, hold=not dry_run)
    gone = case_people.erased(session, people, facts)
    new, changed = _without(gone, new), _without(gone, changed)
    facts = [one.facts for one in (*new, *changed)]
    fates |= {one.facts.case_id: Fate.CREATED for one in new}
    fates = {case_id: fate for case_id, fate in fates.items() if case_id not in gone}
    if dry_run:
        return fates | case_updates.judge(session, changed, people, ledger)
    case_people.ensure_creditors(session, people, facts, now=ledger.now)
    _insert(session, new, people, ledger)
    fates |= case_updates.write(session, changed, people, ledger)
    ledger.store(session)
    return fates


def _without(gone: Collection[str], some: Sequence[Incoming]) -> list[Incoming]:
    return [one for one in some if one.facts.case_id not in gone]


def _known(
    session: Session, organisation_id: UUID, incoming: Sequence[Incoming]
) -> _Known:
    query = select(Case.external_id, Case.id, Case.row_digest).where(
        Case.organisation_id == organisation_id,
        bulk.among(session, Case.external_id, [one.facts.case_id for one in incoming]),
    )
    rows = session.execute(query).all()
    ids = {external_id: case_id for external_id, case_id, _ in rows}
    known = _Known(ids, {case_id: digest for _, case_id, digest in rows})
    if ids:
        places = select(Place.case_id, Place.external_id, Place.row_digest).where(
            Place.organisation_id == organisation_id,
            bulk.among(session, Place.case_id, ids.values()),
        )
        found = session.execute(places)
        known.places = {(case_id, name): digest for case_id, name, digest in found}
    return known


def _insert(
    session: Session, new: Sequence[Incoming], people: People, ledger: Ledger
) -> None:
    """New cases with all that hangs on them, one statement for each table."""
    cases, places, wishes = [], [], []
    organisation_id = ledger.organisation_id
    for one in new:
        borrower = people.ensured(one.facts)
        case = _case(one, borrower, ledger)
        cases.append(case)
        case_updates.describe_borrower(people, one, case.id, ledger)
        places += [
            place_store.new(organisation_id, case.id, place.located, place.digest)
            for place in one.places
        ]
        owner = (organisation_id, case.id, borrower.id)
        wishes += wish_store.new(*owner, one.facts, now=ledger.now)
    people.store(session)
    bulk.add(session, Case, cases)
    bulk.add(session, Place, places)
    bulk.add(session, Wish, wishes)


def _case(one: Incoming, borrower: Someone, ledger: Ledger) -> bulk.Row[Case]:
    facts = one.facts
    return bulk.row(
        Case,
        organisation_id=ledger.organisation_id,
        external_id=facts.case_id,
        creditor_id=borrower.creditor_id,
        borrower_id=borrower.id,
        debt_ref=facts.debt_ref,
        debt_ref_digest=case_people.debt_digest(facts),
        days_past_due=facts.days_past_due,
        amount_minor=facts.amount_minor,
        currency=facts.currency,
        row_digest=one.digest,
        paid_minor=0,
        created_at=ledger.now,
        updated_at=ledger.now,
    )

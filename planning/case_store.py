"""Cases of a file written to the database, many at a time, by their external ids."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.geo import Position
from gate import packs
from models import Borrower, Case, Creditor
from models.sealed import ring
from planning import country_zones, place_store, wish_store, zones
from planning.case_files import CaseFile
from planning.case_rows import CaseFacts, PlaceFacts
from planning.place_store import Located


class Fate(StrEnum):
    """What became of a case of the file."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"


@dataclass(slots=True)
class _Incoming:
    """A case of the file with its located places, and the row it becomes."""

    facts: CaseFacts
    places: list[Located]
    digest: str
    row: Case | None = None


@dataclass(slots=True)
class _People:
    """Creditors by code, borrowers by creditor and digest of the debtor's reference."""

    creditors: dict[str, Creditor] = field(default_factory=dict)
    borrowers: dict[tuple[UUID, str], Borrower] = field(default_factory=dict)

    def of(self, facts: CaseFacts) -> tuple[Creditor, Borrower]:
        """The two of a case."""
        creditor = self.creditors[facts.creditor_code]
        return creditor, self.borrowers[creditor.id, debtor_digest(facts)]


def store(
    session: Session,
    organisation_id: UUID,
    case_files: Sequence[CaseFile],
    *,
    now: datetime,
) -> Counter[Fate]:
    """Make or update every case, each external id once; how many had which fate."""
    incoming = [_incoming(case_file) for case_file in case_files]
    known = _known(session, organisation_id, incoming)
    fates: Counter[Fate] = Counter()
    changed: list[_Incoming] = []
    for one in incoming:
        one.row = known.get(one.facts.case_id)
        fate = _fate(one)
        fates[fate] += 1
        if fate is not Fate.UNCHANGED:
            changed.append(one)
    if changed:
        _write(session, organisation_id, changed, now=now)
    return fates


def _incoming(case_file: CaseFile) -> _Incoming:
    places = [_located(case_file, place_id) for place_id in sorted(case_file.places)]
    content = json.dumps([case_file.case, places], default=_columns, sort_keys=True)
    digest = ring.keyring.digest("case_row", content)
    return _Incoming(case_file.case, places, digest)


def _columns(facts: CaseFacts | Located | PlaceFacts | Position) -> dict[str, object]:
    """A frozen dataclass for JSON: zone and reasons are part of the digest."""
    return {each.name: getattr(facts, each.name) for each in fields(facts)}


def _located(case_file: CaseFile, place_id: str) -> Located:
    facts = case_file.places[place_id]
    zone = zones.of(facts.position)
    return Located(
        facts,
        zone,
        has_pack=packs.for_place(facts.country, facts.region) is not None,
        contradicted=zone is not None
        and not country_zones.fits(zone, facts.country, facts.region),
    )


def _known(
    session: Session, organisation_id: UUID, incoming: Iterable[_Incoming]
) -> dict[str, Case]:
    query = select(Case).where(
        Case.organisation_id == organisation_id,
        Case.external_id.in_([one.facts.case_id for one in incoming]),
    )
    return {case.external_id: case for case in session.scalars(query)}


def _fate(one: _Incoming) -> Fate:
    if one.row is None:
        return Fate.CREATED
    return Fate.UNCHANGED if one.row.row_digest == one.digest else Fate.UPDATED


def _write(
    session: Session,
    organisation_id: UUID,
    changed: Sequence[_Incoming],
    *,
    now: datetime,
) -> None:
    """Creditors, borrowers, cases, then what hangs on them: foreign keys in order."""
    people = _People()
    facts = [one.facts for one in changed]
    _creditors(session, organisation_id, people, facts, now=now)
    _borrowers(session, organisation_id, people, facts)
    rows = [
        (_case(session, organisation_id, people, one, now=now), one) for one in changed
    ]
    session.flush()
    place_store.store(session, [(case, one.places) for case, one in rows])
    wish_store.store(session, [(case, one.facts) for case, one in rows], now=now)


def _creditors(
    session: Session,
    organisation_id: UUID,
    people: _People,
    facts: Iterable[CaseFacts],
    *,
    now: datetime,
) -> None:
    names = {each.creditor_code: each.creditor_name for each in facts}
    query = select(Creditor).where(
        Creditor.organisation_id == organisation_id, Creditor.code.in_(names)
    )
    people.creditors = {row.code: row for row in session.scalars(query)}
    for code, name in names.items():
        if row := people.creditors.get(code):
            row.name = name
            continue
        row = Creditor(
            organisation_id=organisation_id, code=code, name=name, created_at=now
        )
        session.add(row)
        people.creditors[code] = row
    session.flush()


def debtor_digest(facts: CaseFacts) -> str:
    """What finds a borrower of a creditor, whichever agency visits him."""
    value = f"{facts.creditor_code}:{facts.debtor_ref}"
    return ring.keyring.digest("debtor_ref", value)


def _borrowers(
    session: Session,
    organisation_id: UUID,
    people: _People,
    facts: Iterable[CaseFacts],
) -> None:
    by_digest = {debtor_digest(each): each for each in facts}
    query = select(Borrower).where(
        Borrower.organisation_id == organisation_id,
        Borrower.debtor_ref_digest.in_(by_digest),
    )
    found = session.scalars(query)
    people.borrowers = {(row.creditor_id, row.debtor_ref_digest): row for row in found}
    for digest, each in by_digest.items():
        key = (people.creditors[each.creditor_code].id, digest)
        row = people.borrowers.get(key)
        if row is None:
            row = Borrower(
                organisation_id=organisation_id,
                creditor_id=key[0],
                debtor_ref=each.debtor_ref,
                debtor_ref_digest=digest,
            )
            session.add(row)
            people.borrowers[key] = row
        _describe(row, each)
    session.flush()


def _describe(borrower: Borrower, facts: CaseFacts) -> None:
    phone = facts.borrower_phone
    borrower.name = facts.borrower_name
    borrower.phone = phone
    borrower.phone_digest = ring.keyring.digest("phone", phone) if phone else None
    borrower.language = facts.language


def _case(
    session: Session,
    organisation_id: UUID,
    people: _People,
    one: _Incoming,
    *,
    now: datetime,
) -> Case:
    creditor, borrower = people.of(one.facts)
    case = one.row
    if case is None:
        case = Case(
            organisation_id=organisation_id,
            external_id=one.facts.case_id,
            created_at=now,
        )
        session.add(case)
    debt = f"{creditor.code}:{one.facts.debt_ref}"
    case.creditor_id, case.borrower_id = creditor.id, borrower.id
    case.debt_ref = one.facts.debt_ref
    case.debt_ref_digest = ring.keyring.digest("debt_ref", debt)
    case.days_past_due = one.facts.days_past_due
    if case.amount_minor != one.facts.amount_minor:
        case.paid_minor = 0  # the lender's new figure contains what came in
    case.amount_minor = one.facts.amount_minor
    case.currency = one.facts.currency
    case.row_digest = one.digest
    case.updated_at = now
    return case

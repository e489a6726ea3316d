"""Creditors and borrowers of imported cases: found, made, and described anew."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Borrower, Case, Creditor, Erasure, bulk, references
from models.sealed import ring
from planning.case_rows import CIRCUMSTANCES, CaseFacts

Cells = dict[str, object]  # by column of the file


@dataclass(frozen=True, slots=True)
class Someone:
    """A borrower; ``row`` is None where he was not there before."""

    id: UUID
    creditor_id: UUID
    row: Borrower | None = None


@dataclass(slots=True)
class People:
    """Creditors by code, borrowers by creditor and digest of the debtor's reference.

    ``fresh`` are borrowers that are still to be stored.
    """

    organisation_id: UUID
    creditors: dict[str, Creditor] = field(default_factory=dict)
    borrowers: dict[tuple[UUID, str], Someone] = field(default_factory=dict)
    fresh: list[bulk.Row[Borrower]] = field(default_factory=list)

    def erased(self, facts: CaseFacts) -> bool:
        """The case's borrower is known, and was erased."""
        found = self.borrower(facts)
        row = found.row if found else None
        return row is not None and row.erased_at is not None

    def borrower(self, facts: CaseFacts) -> Someone | None:
        """The case's borrower, if he is known."""
        creditor = self.creditors.get(facts.creditor_code)
        if creditor is None:
            return None
        return self.borrowers.get((creditor.id, debtor_digest(facts)))

    def ensured(self, facts: CaseFacts) -> Someone:
        """The case's borrower, made where he is not known."""
        key = (self.creditors[facts.creditor_code].id, debtor_digest(facts))
        if (found := self.borrowers.get(key)) is not None:
            return found
        made = _borrower(self.organisation_id, key, facts)
        self.fresh.append(made)
        self.borrowers[key] = Someone(made.id, key[0])
        return self.borrowers[key]

    def store(self, session: Session) -> None:
        """Insert the borrowers that are still to be stored."""
        bulk.add(session, Borrower, self.fresh)
        self.fresh = []


def load(
    session: Session, organisation_id: UUID, facts: Sequence[CaseFacts], *, hold: bool
) -> People:
    """Those of these cases whom we know already.

    With ``hold`` nobody of them is erased until the transaction ends.
    """
    query = select(Creditor).where(
        Creditor.organisation_id == organisation_id,
        bulk.among(session, Creditor.code, {each.creditor_code for each in facts}),
    )
    creditors = {row.code: row for row in session.scalars(query)}
    by_digest = select(Borrower).where(
        Borrower.organisation_id == organisation_id,
        bulk.among(
            session, Borrower.debtor_ref_digest, {debtor_digest(each) for each in facts}
        ),
    )
    found = session.scalars(by_digest.with_for_update(read=True) if hold else by_digest)
    borrowers = {
        (row.creditor_id, row.debtor_ref_digest): Someone(row.id, row.creditor_id, row)
        for row in found
    }
    return People(organisation_id, creditors, borrowers)


def erased(
    session: Session, people: People, facts: Sequence[CaseFacts]
) -> frozenset[str]:
    """Cases of the file whose borrower was erased, by external id.

    He is known again by the creditor's reference for him, or by that for his debt.
    """
    anybody = select(Erasure.id).where(
        Erasure.organisation_id == people.organisation_id
    )
    if session.scalar(anybody.limit(1)) is None:
        return frozenset()
    gone = {each.case_id for each in facts if people.erased(each)}
    debts = {each.case_id: debt_digest(each) for each in facts}
    query = (
        select(Case.debt_ref_digest)
        .join(Borrower, Borrower.id == Case.borrower_id)
        .where(
            Case.organisation_id == people.organisation_id,
            bulk.among(session, Case.debt_ref_digest, set(debts.values())),
            Borrower.erased_at.is_not(None),
        )
    )
    his = set(session.scalars(query))
    return frozenset(gone | {one for one, debt in debts.items() if debt in his})


def ensure_creditors(
    session: Session, people: People, facts: Iterable[CaseFacts], *, now: datetime
) -> None:
    """Make the creditors that are missing; a new name of one is taken over."""
    names = {each.creditor_code: each.creditor_name for each in facts}
    for code, name in names.items():
        if (row := people.creditors.get(code)) is not None:
            row.name = name
            continue
        row = Creditor(
            organisation_id=people.organisation_id, code=code, name=name, created_at=now
        )
        session.add(row)
        people.creditors[code] = row
    session.flush()


def debtor_digest(facts: CaseFacts) -> str:
    """What finds the borrower of this row."""
    return references.debtor(facts.creditor_code, facts.debtor_ref)


def debt_digest(facts: CaseFacts) -> str:
    """What finds its debt."""
    return references.debt(facts.creditor_code, facts.debt_ref)


def differing(borrower: Borrower, facts: CaseFacts) -> Cells:
    """What the file says otherwise, by column: the old values."""
    said: Cells = {
        "borrower_name": facts.borrower_name,
        "borrower_phone": facts.borrower_phone,
        "language": facts.language,
        **facts.circumstances,
    }
    stands: Cells = {
        "borrower_name": borrower.name,
        "borrower_phone": borrower.phone,
        "language": borrower.language,
        **{name: _text(borrower, name) for name in facts.circumstances},
    }
    return {name: old for name, old in stands.items() if old != said[name]}


def _text(borrower: Borrower, name: str) -> str | None:
    value = getattr(borrower, name)
    return None if value is None else str(value)


def describe(borrower: Borrower, facts: CaseFacts, columns: Iterable[str]) -> None:
    """Write these columns of the file into the borrower's row."""
    for column in columns:
        match column:
            case "borrower_name":
                borrower.name = facts.borrower_name
            case "borrower_phone":
                _call(borrower, facts.borrower_phone)
            case "language":
                borrower.language = facts.language
            case _:
                setattr(borrower, column, facts.circumstances[column])


def _call(borrower: Borrower, phone: str | None) -> None:
    borrower.phone = phone
    borrower.phone_digest = ring.keyring.digest("phone", phone) if phone else None


def _borrower(
    organisation_id: UUID, key: tuple[UUID, str], facts: CaseFacts
) -> bulk.Row[Borrower]:
    creditor_id, digest = key
    phone = facts.borrower_phone
    return bulk.row(
        Borrower,
        organisation_id=organisation_id,
        creditor_id=creditor_id,
        debtor_ref=facts.debtor_ref,
        debtor_ref_digest=digest,
        name=facts.borrower_name,
        phone=phone,
        phone_digest=ring.keyring.digest("phone", phone) if phone else None,
        language=facts.language,
        **{name: facts.circumstances.get(name) for name in CIRCUMSTANCES},
    )

"""Consents and listings: recorded, withdrawn, audited, kept apart by tenant."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from core import ids
from core.actor import Actor
from core.errors import Conflict, Invalid, NotFound
from core.instants import Interval
from core.words import Channel, ConsentKind, PlaceKind, Role
from gate import decisions, evidence
from models import AuditRow, Consent, CreditorListing
from tests.support.clock import FakeClock
from tests.support.make import Make

HOUR = timedelta(hours=1)


class Desk:
    """A contact desk with one case whose creditor has not listed the organisation."""

    def __init__(self, session: Session, make: Make, clock: FakeClock) -> None:
        self.session, self.clock = session, clock
        self.organisation = make.organisation()
        self.actor = make.actor(make.user(self.organisation, Role.CONTACT_DESK))
        creditor = make.creditor(self.organisation, listed=False)
        self.case = make.case(self.organisation, creditor)
        self.office = make.place(self.case, PlaceKind.WORKPLACE)

    def refusals(self) -> set[str]:
        """Why a visit to the office would be refused now."""
        decision = decisions.decide(
            self.session,
            organisation_id=self.organisation.id,
            case_id=self.case.id,
            place_id=self.office.id,
            channel=Channel.VISIT,
            interval=Interval(self.clock.now(), self.clock.now() + HOUR),
            people=2,
            now=self.clock.now(),
        )
        return {reason.rule_id for reason in decision.refusals}

    def consent(self, actor: Actor | None = None, **changes: object) -> Consent:
        """A recorded consent to visits at the office, from now on."""
        facts = {
            "case_id": self.case.id,
            "place_id": self.office.id,
            "kind": ConsentKind.WORKPLACE_VISIT,
            "evidence": "said so on the recorded line 3 November",
            "starts_at": self.clock.now(),
            "ends_at": None,
            "now": self.clock.now(),
        }
        return evidence.give_consent(
            self.session,
            actor or self.actor,
            **{**facts, **changes},  # type: ignore[arg-type]
        )

    def listing(self, actor: Actor | None = None, **changes: object) -> CreditorListing:
        """A recorded listing with the case's creditor, from now on."""
        facts = {
            "creditor_id": self.case.creditor_id,
            "starts_at": self.clock.now(),
            "ends_at": None,
            "evidence": "https://bank.example/agencies",
            "now": self.clock.now(),
        }
        return evidence.record_listing(
            self.session,
            actor or self.actor,
            **{**facts, **changes},  # type: ignore[arg-type]
        )

    def withdraw(self, given: Consent, actor: Actor | None = None) -> None:
        """The borrower takes it back now."""
        evidence.withdraw_consent(
            self.session, actor or self.actor, given.id, now=self.clock.now()
        )

    def end(self, listed: CreditorListing, actor: Actor | None = None) -> None:
        """The creditor takes us off the list now."""
        evidence.end_listing(
            self.session, actor or self.actor, listed.id, now=self.clock.now()
        )

    def audited(self) -> list[tuple[str, str]]:
        """Actions and subjects of all audit rows, oldest first."""
        self.session.flush()
        query = select(AuditRow.action, AuditRow.subject).order_by(AuditRow.id)
        return [tuple(row) for row in self.session.execute(query)]


@pytest.fixture
def desk(session: Session, make: Make, clock: FakeClock) -> Desk:
    return Desk(session, make, clock)


def test_a_consent_and_a_listing_open_the_gate(desk: Desk) -> None:
    assert desk.refusals() == {"CN-PLC-1", "CN-LIC-1"}
    desk.consent()
    assert desk.refusals() == {"CN-LIC-1"}
    desk.listing()
    assert desk.refusals() == set()
    assert desk.audited() == [
        ("consent.given", "consents"),
        ("listing.recorded", "creditor_listings"),
    ]


def test_what_is_taken_back_opens_nothing_from_then_on(desk: Desk) -> None:
    given, listed = desk.consent(), desk.listing()
    now = desk.clock.forward(hours=2)
    desk.withdraw(given)
    desk.end(listed)
    assert desk.refusals() == {"CN-PLC-1", "CN-LIC-1"}
    desk.session.expire_all()
    assert (given.ends_at, listed.ends_at) == (now, now)
    assert desk.audited()[2:] == [
        ("consent.withdrawn", "consents"),
        ("listing.ended", "creditor_listings"),
    ]


def test_what_is_over_cannot_be_taken_back_again(desk: Desk) -> None:
    given = desk.consent()
    listed = desk.listing(ends_at=desk.clock.now() + HOUR)
    desk.clock.forward(hours=1)
    desk.withdraw(given)
    with pytest.raises(Conflict):
        desk.withdraw(given)
    with pytest.raises(Conflict):
        desk.end(listed)
    assert len(desk.audited()) == 3


def test_a_consent_for_later_can_be_taken_back_before_it_begins(desk: Desk) -> None:
    desk.listing()
    given = desk.consent(starts_at=desk.clock.now() + HOUR)
    desk.withdraw(given)
    desk.clock.forward(hours=1)
    assert desk.refusals() == {"CN-PLC-1"}


def test_the_evidence_of_a_consent_is_sealed(desk: Desk) -> None:
    given = desk.consent()
    desk.session.expire(given)
    assert b"recorded line" not in given.evidence_sealed
    assert given.evidence == "said so on the recorded line 3 November"


def test_other_tenants_can_neither_give_nor_withdraw(desk: Desk, make: Make) -> None:
    given, listed = desk.consent(), desk.listing()
    stranger = make.actor(make.user(make.organisation(), Role.ADMIN))
    with pytest.raises(NotFound):
        desk.consent(stranger)
    with pytest.raises(NotFound):
        desk.listing(stranger)
    with pytest.raises(NotFound):
        desk.withdraw(given, stranger)
    with pytest.raises(NotFound):
        desk.end(listed, stranger)


def test_a_consent_names_a_place_of_its_case(desk: Desk, make: Make) -> None:
    elsewhere = make.place(make.case(desk.organisation))
    for place_id in (elsewhere.id, ids.new()):
        with pytest.raises(NotFound, match="place"):
            desk.consent(place_id=place_id)


@pytest.mark.parametrize("words", ["", " ", "x" * 501])
def test_evidence_that_shows_nothing_is_invalid(desk: Desk, words: str) -> None:
    for record in (desk.consent, desk.listing):
        with pytest.raises(Invalid) as error:
            record(evidence=words)
        assert set(error.value.fields) == {"evidence"}


def test_what_ends_before_it_begins_is_invalid(desk: Desk) -> None:
    for record in (desk.consent, desk.listing):
        with pytest.raises(Invalid) as error:
            record(ends_at=desk.clock.now())
        assert set(error.value.fields) == {"ends_at"}

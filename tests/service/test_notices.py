"""Notices: the gate is asked twice, the ledger has one row, nobody is told twice."""

from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import select

from contact import dispatch, notices
from contact.carriers import Outgoing
from contact.notices import Told
from core.errors import Refused
from core.words import (
    Channel,
    ChannelKind,
    ContactKind,
    Lane,
    MessageKind,
    Role,
    VisitState,
)
from models import (
    AuditRow,
    Borrower,
    Case,
    Contact,
    Message,
    MessageChannel,
    Organisation,
    Place,
    Receipt,
    Visit,
)
from tests.support.make import Make


@dataclass
class Town:
    """A published visit, its borrower, and what the gateway received."""

    case: Case
    place: Place
    borrower: Borrower
    visit: Visit
    sent: list[Outgoing] = field(default_factory=list)

    def send(self, outgoing: Outgoing) -> str:
        """The fake carrier."""
        self.sent.append(outgoing)
        return "kept"


@pytest.fixture
def town(session, make: Make, clock) -> Town:
    """Everything committed, one channel."""
    organisation = make.organisation()
    case = make.case(organisation)
    place = make.place(case)
    pair = [make.user(organisation, Role.COLLECTOR) for _ in range(2)]
    visit = make.visit(place, pair, starts_in=timedelta(hours=3))
    session.add(
        MessageChannel(
            organisation_id=organisation.id,
            kind=ChannelKind.WEBHOOK,
            rank=0,
            target="https://gateway.example",
            secret="s" * 16,
            created_at=clock.now(),
        )
    )
    borrower = session.get_one(Borrower, case.borrower_id)
    session.commit()
    return Town(case, place, borrower, visit)


@pytest.fixture
def announce(session, town, clock):
    """Announce the visit with a code, and commit."""

    def announced(letters: str = "ABCDE-FGHJK") -> Told:
        told = notices.announce(
            session,
            visit=town.visit,
            case=town.case,
            place=town.place,
            borrower=town.borrower,
            letters=letters,
            digits="0123 4567 8901 2345",
            public_names=["张先生", "吴先生"],
            employer="Westlake Service",
            check_url="https://check.example/verify",
            now=clock.now(),
        )
        session.commit()
        return told

    return announced


@pytest.fixture
def call_off(session, town, clock):
    """Call the visit off, and commit."""

    def called_off() -> Message | None:
        message = notices.call_off(
            session,
            visit=town.visit,
            case=town.case,
            place=town.place,
            borrower=town.borrower,
            now=clock.now(),
        )
        session.commit()
        return message

    return called_off


@pytest.fixture
def run(session, database, town, clock):
    """One round of the ordinary lane; the states of all messages after it."""
    round_ = partial(
        dispatch.round_,
        database.sessions,
        lane=Lane.ORDINARY,
        carry=lambda _: town,
        clock_now=clock.now,
    )

    def ran() -> list[str]:
        session.commit()
        round_()
        session.expire_all()
        return list(session.scalars(select(Message.state).order_by(Message.id)))

    return ran


def ledger(session) -> list[Contact]:
    """All rows, oldest first."""
    return list(session.scalars(select(Contact).order_by(Contact.id)))


def night(clock) -> None:
    """23:00 in Hangzhou."""
    clock.time = clock.time.replace(hour=15)


def put_off(session, visit: Visit, **delta: float) -> None:
    """The visit is planned later."""
    visit.planned_start += timedelta(**delta)
    visit.planned_end += timedelta(**delta)
    session.commit()


def test_an_announced_visit_reaches_the_borrower_and_the_ledger(
    session, town, announce, run
):
    assert announce() is Told.AT_ONCE
    assert ledger(session) == []
    assert run() == ["sent"]
    [outgoing] = town.sent
    assert outgoing.recipient == town.borrower.phone
    assert "ABCDE-FGHJK" in outgoing.body
    [row] = ledger(session)
    assert (row.channel, row.kind) == (Channel.NOTICE, ContactKind.ATTEMPT)
    assert row.message_id == outgoing.reference
    assert row.decision["allowed"] is True


def test_at_night_it_waits_for_the_lawful_hour(session, town, announce, run, clock):
    put_off(session, town.visit, days=1)
    night(clock)
    assert announce() is Told.LATER
    assert run() == ["pending"]
    clock.forward(hours=9, seconds=-1)
    assert run() == ["pending"]
    assert (town.sent, ledger(session)) == ([], [])
    clock.forward(seconds=1)
    assert run() == ["sent"]


def test_a_visit_that_begins_before_the_borrower_can_be_told_is_refused(
    session, town, announce, clock
):
    night(clock)
    with pytest.raises(Refused) as refusal:
        announce()
    assert refusal.value.facts["decision"]["allowed"] is False


def test_without_a_phone_the_caller_is_told(session, town, announce):
    town.borrower.phone = None
    session.commit()
    assert announce() is Told.NO_PHONE
    assert session.scalars(select(Message)).all() == []


def test_the_gate_is_asked_again_at_sending(session, town, announce, run, clock):
    put_off(session, town.visit, days=1)
    announce()
    night(clock)
    assert run() == ["pending"]
    assert town.sent == []
    message = session.scalars(select(Message)).one()
    assert message.available_at == clock.now() + timedelta(hours=9)
    clock.forward(hours=9)
    assert run() == ["sent"]


@pytest.mark.parametrize("state", [VisitState.ASSIGNED, VisitState.CANCELLED])
def test_the_notice_of_a_visit_that_no_longer_stands_is_not_sent(
    session, town, announce, run, state
):
    announce()
    town.visit.state = state
    assert run() == ["cancelled"]
    assert town.sent == []


def test_a_notice_that_comes_too_late_is_not_sent(town, announce, run, clock):
    announce()
    clock.time = town.visit.planned_end
    assert run() == ["cancelled"]
    assert town.sent == []


def test_of_several_notices_only_the_newest_is_sent(town, announce, run):
    announce()
    announce("11111-00000")
    announce("ZZZZZ-00000")
    assert run() == ["cancelled", "cancelled", "sent"]
    assert ["ZZZZZ-00000" in one.body for one in town.sent] == [True]


def test_only_a_borrower_who_was_told_learns_of_the_cancellation(
    session, town, announce, run, call_off
):
    announce()
    assert call_off() is None
    assert run() == ["cancelled"]
    assert town.sent == []


def test_a_told_borrower_learns_of_the_cancellation_once(
    session, town, announce, run, call_off
):
    announce()
    run()
    town.visit.state = VisitState.CANCELLED
    assert call_off() is not None
    assert call_off() is None
    assert run() == ["sent", "sent"]
    assert [one.kind for one in town.sent] == [
        MessageKind.VISIT_NOTICE,
        MessageKind.VISIT_CANCELLED,
    ]
    assert len(ledger(session)) == 2


def test_a_cancellation_waits_out_the_night(town, announce, run, call_off, clock):
    announce()
    run()
    town.visit.state = VisitState.CANCELLED
    night(clock)
    assert call_off().available_at == clock.now() + timedelta(hours=9)
    assert run() == ["sent", "pending"]


def test_a_notice_tried_twice_stands_in_the_ledger_once(
    session, town, announce, run, clock
):
    announce()
    message = session.scalars(select(Message)).one()
    run()
    message.state, message.final_at = "leased", None
    message.leased_until = clock.now()
    message.recipient, message.body = "+8613900000000", "again"
    assert run() == ["sent"]
    assert len(town.sent) == 2
    assert len(ledger(session)) == 1


def test_a_notice_refused_for_good_at_sending_leaves_a_trace_and_is_told(
    session, make: Make, town, announce, run
):
    organisation = session.get_one(Organisation, town.visit.organisation_id)
    dispatcher = make.user(organisation, Role.DISPATCHER)
    announce()
    town.place.unschedulable = [{"code": "zone_unknown"}]
    assert run() == ["cancelled", "pending"]
    assert (town.sent, ledger(session)) == ([], [])
    receipt = session.scalars(select(Receipt)).one()
    assert (receipt.accepted, receipt.reason.startswith("gate: ")) == (False, True)
    refused = AuditRow.action == "visit_notice.refused"
    assert session.scalars(select(AuditRow).where(refused)).one().detail["rules"]
    note = Message.kind == MessageKind.DISPATCHER_NOTE
    assert session.scalars(select(Message.user_id).where(note)).all() == [dispatcher.id]

"""Reports of providers: they move messages, never alerts, and may come anyhow."""

from datetime import timedelta
from itertools import permutations

import pytest
from sqlalchemy import select

from contact import leases, outbox, outcomes, reports
from contact.carriers import SendError
from contact.outcomes import Result
from contact.providers import Reports, Settings
from core.provider_words import Reported
from core.words import Lane, MessageKind, MessageState, Role
from models import Alert, DeliveryReport, Message, MessageChannel
from tests.support.databases import Database
from tests.support.make import Make
from tests.support.office import Office

DELIVERED, FAILED = Reported.DELIVERED, Reported.FAILED
PENDING, SENT = MessageState.PENDING, MessageState.SENT
WAIT = timedelta(seconds=20)


class Reporting(Office):
    """Both channels promise reports within 20 s, and name what they take."""

    def __init__(self, make: Make, database: Database) -> None:
        super().__init__(make, database)
        for channel in self.session.scalars(select(MessageChannel)):
            channel.settings = Settings(reports=Reports(wait_s=20)).dump()
        self.gateways.names = {1: "sm-1", 2: "sm-2"}
        self.session.commit()

    def help(self, lane: Lane = Lane.ALERT, key: str = "help") -> Message:
        """A call for help of an open alert."""
        alert = self.session.scalar(select(Alert)) or self.alert()
        return self.put(key, lane, kind=MessageKind.ALERT_STEP, alert_id=alert.id)

    def report(self, rank: int, state: Reported, name: str | None = None) -> bool:
        """The provider of that rank says so."""
        channel = self.session.scalar(
            select(MessageChannel).where(MessageChannel.rank == rank)
        )
        fresh = reports.take(
            self.session,
            channel,
            carrier_id=name or f"sm-{rank}",
            state=state,
            now=self.clock.now(),
            demo=False,
        )
        self.session.commit()
        self.session.expire_all()
        return fresh

    def said(self, message: Message) -> list[Reported]:
        """What is shown of it."""
        found = reports.of_messages(self.session, [message])[message.id]
        return [one.state for one in found]


@pytest.fixture
def office(make: Make, database: Database) -> Reporting:
    return Reporting(make, database)


def test_accepted_is_not_delivered(office, clock):
    message = office.help()
    assert office.run(Lane.ALERT) == 1
    assert (message.state, message.accepted_at) == (PENDING, clock.now())
    assert message.body == "words of help"
    assert message.available_at == clock.now() + WAIT
    assert office.report(1, DELIVERED) is True
    assert (message.state, message.body, message.recipient) == (SENT, None, None)
    assert office.run(Lane.ALERT) == 0


def test_silence_moves_a_call_for_help_on_under_the_same_reference(office, clock):
    message = office.help()
    office.run(Lane.ALERT)
    clock.forward(seconds=19)
    assert office.run(Lane.ALERT) == 0
    clock.forward(seconds=1)
    assert office.run(Lane.ALERT) == 1
    assert office.ranks == [1, 2]
    assert {one.reference for _, one in office.gateways.sent} == {message.id}
    clock.forward(seconds=20)
    office.run(Lane.ALERT)
    assert (message.state, office.ranks) == (SENT, [1, 2])  # each has taken it


def test_a_report_of_failure_moves_it_on_at_once(office, clock):
    message = office.help()
    office.run(Lane.ALERT)
    assert office.report(1, FAILED) is True
    assert (message.available_at, message.accepted_at) == (clock.now(), None)
    assert office.run(Lane.ALERT) == 1
    assert office.ranks == [1, 2]
    office.report(2, FAILED)
    assert message.available_at == clock.now() + timedelta(seconds=5)
    clock.forward(seconds=5)
    office.run(Lane.ALERT)
    assert office.ranks == [1, 2, 1]  # whom nothing reached is tried again


def test_a_delivery_that_is_told_late_ends_the_round(office, clock):
    message = office.help()
    office.run(Lane.ALERT)
    clock.forward(seconds=20)
    office.run(Lane.ALERT)
    office.report(1, DELIVERED)
    assert message.state is SENT
    clock.forward(seconds=20)
    assert office.run(Lane.ALERT) == 0
    assert office.ranks == [1, 2]


def test_delivered_after_failed_is_kept_and_shown(office):
    message = office.help()
    office.run(Lane.ALERT)
    office.report(1, FAILED)
    office.report(1, DELIVERED, "sm-1")
    assert office.said(message) == [FAILED, DELIVERED]
    assert message.state is PENDING  # it is on its way by the next channel
    office.run(Lane.ALERT)
    office.report(2, DELIVERED)
    assert office.said(message) == [FAILED, DELIVERED, DELIVERED]
    assert message.state is SENT


@pytest.mark.parametrize("order", list(permutations([DELIVERED, FAILED, DELIVERED])))
def test_repeats_are_kept_once_in_any_order(office, order):
    message = office.help()
    office.run(Lane.ALERT)
    fresh = [office.report(1, state) for state in order]
    assert fresh.count(True) == 2
    assert set(office.said(message)) == {DELIVERED, FAILED}
    assert len(office.session.scalars(select(DeliveryReport)).all()) == 2


def test_a_report_acknowledges_nothing(office, session):
    message = office.help()
    office.run(Lane.ALERT)
    alert = session.get_one(Alert, message.alert_id)
    before = alert.next_action_at, alert.moves
    office.report(1, DELIVERED)
    assert (alert.owner_id, alert.closed_at) == (None, None)
    assert (alert.next_action_at, alert.moves) == before


def test_a_report_faster_than_our_own_receipt_counts(office):
    office.report(1, DELIVERED)
    message = office.help()
    office.run(Lane.ALERT)
    assert message.state is SENT
    assert office.said(message) == [DELIVERED]


def test_a_failure_that_was_faster_goes_on_in_the_same_round(office):
    office.report(1, FAILED)
    message = office.help()
    assert office.run(Lane.ALERT) == 2
    assert office.ranks == [1, 2]
    assert message.state is PENDING


def test_a_report_about_nothing_of_ours_changes_nothing(office, clock):
    message = office.help()
    office.run(Lane.ALERT)
    for rank, name in ((1, "sm-9"), (2, "sm-1")):
        assert office.report(rank, DELIVERED, name) is True
    assert (message.state, office.said(message)) == (PENDING, [])


def test_what_is_no_call_for_help_is_sent_when_it_is_accepted(office):
    note, ordinary = office.put("note", Lane.ALERT), office.put("ordinary")
    office.run(Lane.ALERT)
    office.run()
    assert (note.state, ordinary.state) == (SENT, SENT)


def test_a_failed_channel_is_followed_by_the_next_and_then_waits(office, clock):
    message = office.help(Lane.SOS)
    office.gateways.scripts[1] = [SendError("HTTP 500", permanent=False)]
    assert office.run(Lane.SOS) == 2
    assert (office.ranks, message.state) == ([1, 2], PENDING)
    clock.forward(seconds=20)
    office.run(Lane.SOS)
    assert (office.ranks, message.state) == ([1, 2], SENT)


def test_who_has_it_and_whom_nothing_reaches_share_a_round_of_a_minute(office, clock):
    office.help()
    office.run(Lane.ALERT)
    clock.forward(seconds=20)
    office.gateways.scripts[2] = [SendError("HTTP 500", permanent=False)]
    office.run(Lane.ALERT)
    clock.forward(seconds=59)
    assert office.run(Lane.ALERT) == 0
    clock.forward(seconds=1)
    assert office.run(Lane.ALERT) == 1
    assert office.ranks == [1, 2, 1]


def test_what_was_taken_is_not_cancelled_when_its_alert_closes(office, clock):
    taken = office.help()
    office.run(Lane.ALERT)
    unsent = office.help(key="unsent")
    outbox.cancel_for_alert(
        office.session, office.organisation.id, taken.alert_id, now=clock.now()
    )
    assert (taken.state, unsent.state) == (SENT, MessageState.CANCELLED)
    assert taken.body is None


def notice(office: Reporting) -> Message:
    """One that the first provider has taken, of a visit in two hours."""
    now = office.clock.now()
    place = office.make.place(office.make.case(office.organisation))
    visit = office.make.visit(place, [], starts_in=timedelta(hours=2))
    message = office.put("notice", visit_id=visit.id, kind=MessageKind.VISIT_NOTICE)
    channel = office.session.scalar(
        select(MessageChannel).where(MessageChannel.rank == 1)
    )
    lease = leases.take(office.session, Lane.ORDINARY, now=now)
    taken = Result(True, "HTTP 200", channel=channel, carrier_id="sm-1")
    outcomes.record(office.session, lease, taken, now=now)
    office.session.commit()
    return message


def test_a_notice_that_was_taken_and_failed_is_told_to_dispatchers_once(office):
    dispatcher = office.make.user(office.organisation, Role.DISPATCHER)
    message = notice(office)
    assert [office.report(1, FAILED) for _ in range(2)] == [True, False]
    [note] = office.session.scalars(select(Message).where(Message.lane == Lane.ALERT))
    assert (note.kind, note.user_id) == ("dispatcher_note", dispatcher.id)
    assert (message.state, office.said(message)) == (SENT, [FAILED])


def test_nobody_is_told_of_a_notice_whose_visit_has_begun(office, clock):
    office.make.user(office.organisation, Role.DISPATCHER)
    message = notice(office)
    clock.forward(hours=3)
    office.report(1, FAILED)
    assert office.said(message) == [FAILED]
    assert office.session.scalars(select(Message.id)).all() == [message.id]

"""Dispatch: lease, send, record; what follows a failure or a dead sender."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, text, update

from contact import dispatch, leases, outcomes, retries
from contact.carriers import SendError
from core.words import ChannelKind, Lane, MessageKind, MessageState, Role
from models import Message, MessageChannel
from tests.support.databases import Database
from tests.support.make import Make
from tests.support.office import Office

TEMPORARY = SendError("HTTP 503", permanent=False)
PERMANENT = SendError("HTTP 400", permanent=True)


@pytest.fixture
def office(make: Make, database: Database) -> Office:
    return Office(make, database)


def state(message: Message) -> tuple[MessageState, int, datetime]:
    return message.state, message.attempt, message.available_at


def test_what_is_due_is_sent_in_order_recorded_and_wiped(office, clock):
    first = office.put("first")
    clock.forward(seconds=1)
    second = office.put("second")
    office.put("tomorrow", available_at=clock.now() + timedelta(days=1))
    assert office.run() == 2
    references = [outgoing.reference for _, outgoing in office.gateways.sent]
    assert references == [first.id, second.id]
    assert office.gateways.sent[0][1].body == "words of first"
    for message in (first, second):
        assert message.state is MessageState.SENT
        assert message.final_at == clock.now()
        assert (message.recipient, message.body) == (None, None)
    [receipt, _] = office.receipts()
    assert (receipt.accepted, receipt.reason, receipt.attempt) == (True, "HTTP 200", 1)
    assert receipt.channel is ChannelKind.WEBHOOK
    assert office.run() == 0


def test_one_lane_leaves_the_others_alone(office):
    office.put("ordinary")
    office.put("sos", Lane.SOS)
    assert office.run(Lane.ALERT) == 0
    assert office.run(Lane.SOS) == 1
    assert office.gateways.sent[0][1].lane is Lane.SOS


def test_a_round_tries_no_more_than_its_limit(office):
    for n in range(5):
        office.put(f"k{n}")
    assert [office.run(limit=3), office.run(limit=3)] == [3, 2]


def test_a_permanent_failure_goes_to_the_next_channel_in_the_same_round(office):
    message = office.put("k")
    office.gateways.scripts[1] = [PERMANENT]
    assert office.run() == 2
    assert office.ranks == [1, 2]
    assert message.state is MessageState.SENT
    assert [one.accepted for one in office.receipts()] == [False, True]
    assert {outgoing.reference for _, outgoing in office.gateways.sent} == {message.id}


def test_a_temporary_failure_backs_off_on_the_same_channel(office, clock):
    message = office.put("k")
    office.gateways.scripts[1] = [TEMPORARY, TEMPORARY]
    began = clock.now()
    assert office.run() == 1
    assert state(message) == ("pending", 1, began + timedelta(seconds=2))
    assert message.body == "words of k"
    clock.forward(seconds=2)
    office.run()
    assert state(message) == ("pending", 2, clock.now() + timedelta(seconds=4))
    clock.forward(seconds=4)
    office.run()
    assert message.state is MessageState.SENT
    assert office.ranks == [1, 1, 1]


def test_refused_by_every_channel_it_has_failed_and_is_wiped(office):
    message = office.put("k")
    office.gateways.scripts = {1: [PERMANENT], 2: [PERMANENT]}
    office.run()
    assert message.state is MessageState.FAILED
    assert (message.recipient, message.body) == (None, None)
    assert office.run() == 0


def test_a_call_for_help_goes_round_the_channels_until_it_is_accepted(office, clock):
    call = {"kind": MessageKind.ALERT_STEP, "alert_id": office.alert().id}
    message = office.put("help", Lane.SOS, **call)
    office.gateways.scripts = {1: [TEMPORARY] * 20, 2: [PERMANENT] * 20}
    for _ in range(20):
        assert office.run(Lane.SOS) == 2
        assert message.state is MessageState.PENDING
        assert message.available_at == clock.now() + timedelta(seconds=5)
        clock.forward(seconds=5)
    office.run(Lane.SOS)
    assert message.state is MessageState.SENT
    assert office.ranks == [1, 2] * 3 + [2, 1] * 17 + [2]  # the first one rests


def test_a_call_for_help_is_not_sent_after_its_alert_has_closed(office, clock, session):
    alert = office.alert()
    message = office.put(
        "help", Lane.ALERT, kind=MessageKind.ALERT_STEP, alert_id=alert.id
    )
    alert.closed_at, alert.next_action_at = clock.now(), None
    session.flush()
    office.run(Lane.ALERT)
    assert message.state is MessageState.CANCELLED
    assert office.gateways.sent == []


def test_without_a_channel_nothing_is_lost(office, session, clock, make):
    bare = make.organisation()
    message = office.put("k", organisation_id=bare.id)
    office.run()
    assert state(message) == ("pending", 1, clock.now() + timedelta(seconds=2))
    [receipt] = office.receipts()
    assert (receipt.accepted, receipt.reason) == (False, "no channel wakes anybody")
    assert receipt.channel is None
    office.channel(bare, 0)
    clock.forward(seconds=2)
    office.run()
    assert message.state is MessageState.SENT


def test_a_message_to_nobody_fails_with_a_receipt(office):
    message = office.put("k", recipient=None)
    assert office.run() == 1
    assert message.state is MessageState.FAILED
    assert [one.reason for one in office.receipts()] == ["no recipient"]


def test_a_poison_message_stops_no_other(office, session):
    poisoned, sound = office.put("poison"), office.put("sound")
    other = session.scalar(select(Message.body_sealed).where(Message.id == sound.id))
    session.execute(
        update(Message).where(Message.id == poisoned.id).values(body_sealed=other)
    )
    assert office.run() == 2
    assert (poisoned.state, sound.state) == ("pending", "sent")
    reasons = [one.reason for one in office.receipts()]
    assert reasons == ["not prepared: CannotOpen", "HTTP 200"]


def test_a_defect_of_a_carrier_is_a_temporary_failure_without_details(office):
    message = office.put("k")
    office.gateways.scripts[1] = [ZeroDivisionError("+8613800001234")]
    office.run()
    assert message.state is MessageState.PENDING
    assert [one.reason for one in office.receipts()] == ["ZeroDivisionError"]


def test_fresh_messages_go_before_those_that_failed(office, clock):
    office.put("old")
    office.gateways.scripts[1] = [TEMPORARY]
    office.run()
    clock.forward(minutes=5)
    office.put("new")
    office.run()
    words = [outgoing.body for _, outgoing in office.gateways.sent[1:]]
    assert words == ["words of new", "words of old"]


def test_a_dead_senders_message_is_sent_after_its_lease_under_the_same_reference(
    office, database, clock
):
    message = office.put("k")
    with database.sessions.begin() as dying:
        lease = leases.take(dying, Lane.ORDINARY, now=clock.now())
    assert lease.message_id == message.id
    clock.forward(seconds=29)
    assert office.run() == 0
    clock.forward(seconds=1)
    assert office.run() == 1
    assert message.state is MessageState.SENT
    assert office.gateways.sent[0][1].reference == message.id
    assert message.attempt == 2


def test_a_sender_that_wakes_too_late_writes_nothing(office, database, clock):
    message = office.put("k")
    with database.sessions.begin() as slow:
        lost = leases.take(slow, Lane.ORDINARY, now=clock.now())
    clock.forward(seconds=30)
    office.run()
    before = state(message), len(office.receipts())
    office.session.commit()
    result = outcomes.Result(False, "late")
    with database.sessions.begin() as slow:
        outcomes.record(slow, lost, result, now=clock.now())
        assert leases.sent(slow, lost, now=clock.now()) is False
    office.session.expire_all()
    assert (state(message), len(office.receipts())) == before


def test_receipts_cannot_be_rewritten(office, database):
    office.put("k")
    office.run()
    for change in ("UPDATE receipts SET accepted = NULL", "DELETE FROM receipts"):
        with pytest.raises(Exception, match="append"), database.sessions() as session:
            session.execute(text(change))


def test_a_lane_knows_when_it_has_something_to_do(office, database, session, clock):
    assert dispatch.next_due(session, Lane.SOS) is None
    later = clock.now() + timedelta(hours=1)
    office.put("later", Lane.SOS, available_at=later)
    assert dispatch.next_due(session, Lane.SOS) == later
    office.put("now", Lane.SOS)
    assert dispatch.next_due(session, Lane.SOS) == clock.now()
    assert dispatch.next_due(session, Lane.ALERT) is None
    session.commit()
    with database.sessions.begin() as sender:
        leases.take(sender, Lane.SOS, now=clock.now())
    session.expire_all()
    session.commit()
    assert dispatch.next_due(session, Lane.SOS) == clock.now() + leases.LEASE


def test_an_alarm_waits_while_the_gateway_is_off_and_console_swallows_nothing(
    office, session, clock
):
    message = office.put("help", Lane.ALERT)
    webhooks = session.scalars(select(MessageChannel)).all()
    for one in webhooks:
        one.enabled = False
    office.channel(office.organisation, 9).kind = ChannelKind.CONSOLE
    for _ in range(retries.LONG_TRIES + 1):
        office.run(Lane.ALERT)
        clock.forward(minutes=1)
    assert (message.state, office.gateways.sent) == ("pending", [])
    webhooks[0].enabled = True
    office.run(Lane.ALERT)
    assert message.state is MessageState.SENT


def test_a_notice_outlives_an_outage_and_is_given_up_when_the_visit_begins(
    office, make, clock
):
    dispatcher = make.user(office.organisation, Role.DISPATCHER)
    place = make.place(make.case(office.organisation))
    visit = make.visit(place, [], starts_in=timedelta(hours=2))
    message = office.put("k", visit_id=visit.id)
    office.gateways.scripts = {1: [TEMPORARY] * 999, 2: [TEMPORARY] * 999}
    for _ in range(119):
        office.run()
        clock.forward(minutes=1)
    assert message.state is MessageState.PENDING
    clock.forward(minutes=2)
    office.run()
    assert message.state is MessageState.FAILED
    [note] = office.session.scalars(select(Message).where(Message.lane == Lane.ALERT))
    assert (note.kind, note.user_id) == ("dispatcher_note", dispatcher.id)
    assert visit.id.hex[-6:].upper() in note.body


@pytest.fixture
def three_under_way(office, database, clock) -> Message:
    """Three messages of one organisation hang; one more waits, then a neighbour's."""
    for n in range(4):
        office.put(f"hangs {n}", Lane.SOS)
    with database.sessions.begin() as busy:
        for _ in range(3):
            leases.take(busy, Lane.SOS, now=clock.now())
    clock.forward(seconds=1)
    neighbour = office.make.organisation()
    return office.put("neighbour", Lane.SOS, organisation_id=neighbour.id)


def test_whose_messages_hang_lets_another_organisation_go_first(
    three_under_way, database, clock
):
    with database.sessions.begin() as sender:
        lease = leases.take(sender, Lane.SOS, now=clock.now())
    assert lease.message_id == three_under_way.id


def test_a_spare_sender_serves_only_organisations_that_nobody_serves(
    three_under_way, database, clock
):
    taken = []
    for _ in range(2):
        with database.sessions.begin() as sender:
            taken.append(leases.take(sender, Lane.SOS, now=clock.now(), spare=True))
    assert (taken[0].message_id, taken[1]) == (three_under_way.id, None)


def fails(office: Office, clock, times: int, error: Exception = TEMPORARY) -> None:
    """The first channel fails so often, each time with another message."""
    for n in range(times):
        office.gateways.scripts[1] = [error]
        office.put(f"fails {n} at {clock.now()}", Lane.ALERT)
        office.run(Lane.ALERT)
        clock.forward(seconds=1)
    office.gateways.sent.clear()


def tried(office: Office, key: str) -> list[int]:
    """By which channels the next message is tried."""
    office.gateways.sent.clear()
    office.put(key, Lane.SOS)
    office.run(Lane.SOS)
    return office.ranks


def test_a_channel_that_failed_three_times_in_a_row_is_tried_last_for_a_minute(
    office, clock
):
    fails(office, clock, 2)
    assert tried(office, "two") == [1]  # and the row has ended
    fails(office, clock, 3)
    assert tried(office, "three") == [2]
    office.gateways.scripts[2] = [PERMANENT]
    assert tried(office, "both") == [2, 1]  # last is not never
    fails(office, clock, 3, TEMPORARY)
    clock.forward(seconds=60)
    assert tried(office, "rested") == [1]


def test_after_its_rest_one_more_failure_is_enough(office, clock):
    fails(office, clock, 3)
    clock.forward(seconds=60)
    office.gateways.scripts[1] = [TEMPORARY]
    assert tried(office, "one more") == [1, 2]
    assert tried(office, "next") == [2]


def test_numbers_that_nobody_has_make_no_channel_rest(office, clock):
    fails(office, clock, 9, PERMANENT)
    assert tried(office, "good number") == [1]


def test_the_only_channel_never_rests(office, clock, make):
    alone = make.organisation()
    office.channel(alone, 1)
    for n in range(5):
        office.gateways.scripts[1] = [TEMPORARY]
        office.put(f"k{n}", Lane.SOS, organisation_id=alone.id)
        office.run(Lane.SOS)
    assert office.ranks == [1] * 5


def test_a_rest_concerns_one_organisations_channel_alone(office, clock, make):
    fails(office, clock, 3)
    other = make.organisation()
    for rank in (1, 2):
        office.channel(other, rank)
    office.put("theirs", Lane.SOS, organisation_id=other.id)
    office.run(Lane.SOS)
    assert office.ranks == [1]

"""The outbox: once for each key, called back and wiped when its reason is gone."""

from uuid import UUID

import pytest
from sqlalchemy import select

from contact import outbox
from core.words import AlertKind, Lane, MessageKind, MessageState, Role
from models import Alert, Message, Organisation, User, Visit
from tests.support.make import Make

SECRET_WORDS = "Chen will be at your door"


@pytest.fixture
def organisation(make: Make) -> Organisation:
    """One agency."""
    return make.organisation()


@pytest.fixture
def visit(make: Make, organisation: Organisation) -> Visit:
    """A visit of nobody in particular."""
    return make.visit(make.place(make.case(organisation)), [])


@pytest.fixture
def alert(make: Make, session, clock, organisation: Organisation) -> Alert:
    """An open alert."""
    user = make.user(organisation, Role.COLLECTOR)
    row = Alert(
        organisation_id=organisation.id,
        kind=AlertKind.OVERDUE,
        dedup_key="one",
        user_id=user.id,
        policy={},
        opened_at=clock.now(),
        ladder_from=clock.now(),
        next_action_at=clock.now(),
    )
    session.add(row)
    session.flush()
    return row


@pytest.fixture
def put(session, organisation, clock):
    """Enqueue a message with as few words as the test needs."""

    def enqueued(key: str, **facts: object) -> Message | None:
        usual = {
            "organisation_id": organisation.id,
            "kind": MessageKind.VISIT_NOTICE,
            "lane": Lane.ORDINARY,
            "recipient": "+8613800001234",
            "body": SECRET_WORDS,
        }
        return outbox.enqueue(
            session, dedup_key=key, now=clock.now(), **{**usual, **facts}
        )

    return enqueued


def states(session) -> list[MessageState]:
    """Of all messages, oldest first."""
    query = select(Message.state).order_by(Message.id)
    return list(session.scalars(query))


def test_a_key_is_enqueued_once_in_each_organisation(put, make, session):
    assert put("k") is not None
    assert put("k") is None
    assert put("k", organisation_id=make.organisation().id) is not None
    assert len(states(session)) == 2


def test_words_and_recipient_are_sealed(put, session, database):
    put("k")
    session.commit()
    with database.engine.connect() as connection:
        row = connection.exec_driver_sql("SELECT * FROM messages").one()
    raw = b"|".join(bytes(v) for v in row if isinstance(v, bytes | memoryview))
    assert raw
    assert SECRET_WORDS.encode() not in raw
    assert b"13800001234" not in raw


def test_a_called_back_visit_loses_only_its_unsent_notices(put, session, visit, clock):
    mine = put("notice", visit_id=visit.id)
    put("elsewhere")
    put("note", visit_id=visit.id, kind=MessageKind.DISPATCHER_NOTE)
    sent = put("sent", visit_id=visit.id)
    outbox.finish(sent, MessageState.SENT, now=clock.now())
    session.flush()
    count = outbox.cancel_for_visit(
        session,
        visit.organisation_id,
        visit.id,
        kinds=[MessageKind.VISIT_NOTICE],
        now=clock.now(),
    )
    assert count == 1
    assert states(session) == ["cancelled", "pending", "pending", "sent"]
    assert (mine.body, mine.recipient, mine.final_at) == (None, None, clock.now())


def test_an_ended_visit_wipes_even_a_leased_notice_but_no_call_for_help(
    put, session, visit, alert, clock
):
    leased = put("notice", visit_id=visit.id)
    leased.state, leased.leased_until = MessageState.LEASED, clock.now()
    call = {"kind": MessageKind.ALERT_STEP, "alert_id": alert.id}
    put("help", visit_id=visit.id, **call)
    put("withdrawal", visit_id=visit.id, kind=MessageKind.WITHDRAWAL)
    put("buddy", visit_id=visit.id, kind=MessageKind.DEPARTURE)
    session.flush()
    outbox.wipe_for_visit(session, visit.organisation_id, visit.id, now=clock.now())
    assert states(session) == ["cancelled", "pending", "pending", "cancelled"]
    assert leased.body is None


def test_another_organisation_can_call_nothing_back(put, session, visit, make, clock):
    put("notice", visit_id=visit.id)
    stranger = make.organisation().id
    outbox.wipe_for_visit(session, stranger, visit.id, now=clock.now())
    assert states(session) == ["pending"]


def test_told_are_those_whose_call_was_not_called_back_before_any_try(
    put, session, make, alert, clock
):
    organisation = session.get_one(Organisation, alert.organisation_id)
    people: list[User] = [make.user(organisation, Role.COLLECTOR) for _ in range(4)]
    call = {"kind": MessageKind.ALERT_STEP, "alert_id": alert.id, "lane": Lane.ALERT}
    made = [put(f"k{n}", user_id=one.id, **call) for n, one in enumerate(people)]
    outbox.finish(made[0], MessageState.SENT, now=clock.now())
    made[1].attempt = 1  # tried, perhaps received
    made[2].state, made[2].leased_until = MessageState.LEASED, clock.now()
    session.flush()
    assert len(outbox.told(session, alert.id)) == 4
    outbox.cancel_for_alert(session, organisation.id, alert.id, now=clock.now())
    told: set[UUID] = set(outbox.told(session, alert.id))
    assert told == {one.id for one in people[:3]}


def test_an_all_clear_is_not_called_back_with_its_alert(
    put, session, organisation, alert, clock
):
    put("clear", kind=MessageKind.ALL_CLEAR, alert_id=alert.id)
    outbox.cancel_for_alert(session, organisation.id, alert.id, now=clock.now())
    assert states(session) == ["pending"]


def test_pages_show_one_visit_one_alert_or_all_of_the_own_organisation(
    put, session, make, visit, alert
):
    organisation = session.get_one(Organisation, alert.organisation_id)
    actor = make.actor(make.user(organisation, Role.DISPATCHER))
    a = put("a", visit_id=visit.id)
    b = put("b", alert_id=alert.id)
    put("c", organisation_id=make.organisation().id)

    def page(**query):
        return list(outbox.page(session, actor, **{"after": None, "limit": 9, **query}))

    assert page() == [a, b]
    assert page(limit=1) == [a]
    assert page(after=a.id) == [b]
    assert page(visit_id=visit.id) == [a]
    assert page(alert_id=alert.id) == [b]

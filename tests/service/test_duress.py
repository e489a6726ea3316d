"""A PIN under duress: the same to whoever looks on, and safety officers come."""

import json
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, update

from accounts import users
from accounts.passwords import Pins
from contact import outbox
from core.errors import Conflict, Forbidden, NotFound
from core.words import (
    ActResult,
    AlertEntryKind,
    AlertKind,
    EventKind,
    MessageKind,
    Role,
    WatchState,
)
from models import Alert, AlertEntry, AuditRow, Base, Message, User, WatchEvent
from models.sealed import Envelope
from safety import (
    alert_changes,
    alerts,
    asides,
    closing,
    duress,
    policies,
    watches,
    whom,
)
from safety.ladder import Ladder, Step
from tests.support.databases import Database
from tests.support.make import DURESS_PIN, DURESS_PIN_HASH, PIN
from tests.support.street import Street

VARIES = re.compile(r"[0-9a-f]{8}[-0-9a-f]+|[-0-9T:.+]{10,}")
Act = Callable[[Street, str], object]


@pytest.fixture
def street(street: Street) -> Street:
    """Chen has chosen a duress PIN."""
    street.chen.duress_pin_hash = DURESS_PIN_HASH
    street.session.commit()
    return street


def check_out(street: Street, pin: str) -> dict[str, object]:
    return street.phone(street.chen).check_out(street.visit, pin=pin)


def extend(street: Street, pin: str) -> dict[str, object]:
    return street.phone(street.chen).extend(street.visit, 600, pin=pin)


def silent(street: Street, kind: AlertKind = AlertKind.DURESS) -> list[Alert]:
    return street.alerts(kind)


@pytest.mark.parametrize("act", [check_out, extend])
def test_it_does_what_the_pin_does_and_calls_the_officer_on_call_alone(
    street: Street, act: Act
):
    street.phone(street.chen).check_in(street.visit)
    before = street.watch(street.chen).due_at
    assert act(street, DURESS_PIN)["result"] == "ok"
    watch = street.watch(street.chen)
    if act is check_out:
        assert watch.state is WatchState.CLOSED
    else:
        assert watch.due_at == before + timedelta(minutes=10)
    assert silent(street) == []
    street.forward()
    [alert] = silent(street)
    assert (alert.user_id, alert.watch_id) == (street.chen.id, watch.id)
    assert street.told() == [street.officer]


def test_after_45_seconds_all_officers_are_called_and_then_again_and_again(
    street: Street,
):
    street.phone(street.chen).check_in(street.visit)
    check_out(street, DURESS_PIN)
    street.forward()
    street.forward(seconds=45)
    officers = [street.officer, street.second_officer]
    assert street.told()[1:] == officers
    for _ in range(20):
        street.forward(seconds=180)
    assert street.told()[1:] == officers * 21


def test_an_open_alert_ends_as_ever_all_clear_included_and_the_silent_one_opens(
    street: Street,
):
    street.phone(street.chen).check_in(street.visit)
    street.forward(minutes=31)
    street.forward(minutes=5)
    assert street.zhou in street.told()
    all_left(street)
    check_out(street, DURESS_PIN)
    [overdue] = street.alerts()
    assert overdue.closed_at is not None
    assert street.zhou in street.told(MessageKind.ALL_CLEAR)
    street.forward()
    assert [one.closed_at for one in silent(street)] == [None]


def test_the_same_event_opens_one_alert_and_more_of_them_a_line_on_it(street: Street):
    phone = street.phone(street.chen)
    phone.check_in(street.visit)
    report = {"event_id": street.visit.id}  # any id
    answers = [
        phone.extend(street.visit, 600, pin=DURESS_PIN, **report) for _ in range(2)
    ]
    assert answers[0] == answers[1]
    street.forward()
    alerts.acknowledge(
        street.session,
        street.make.actor(street.officer),
        silent(street)[0].id,
        now=street.make.clock.now(),
    )
    check_out(street, DURESS_PIN)
    street.forward()
    [alert] = silent(street)
    assert alert.owner_id is None
    kinds = select(AlertEntry.kind).where(AlertEntry.alert_id == alert.id)
    found = list(street.session.scalars(kinds))
    assert found.count(AlertEntryKind.OPENED) == 1
    assert found.count(AlertEntryKind.REPEATED_DURESS) == 1


def test_three_wrong_pins_within_the_hour_open_a_silent_alert_of_their_own(
    street: Street,
):
    phone = street.phone(street.chen)
    phone.check_in(street.visit)
    for _ in range(3):
        assert silent(street, AlertKind.WRONG_PINS) == []
        assert check_out(street, "9999")["result"] == "wrong_pin"
        street.forward(minutes=5)
    assert len(silent(street, AlertKind.WRONG_PINS)) == 1
    assert silent(street) == []
    assert street.told() == [street.officer]
    assert check_out(street, PIN)["result"] == "ok"


def test_wrong_pins_over_more_than_an_hour_call_nobody(street: Street):
    street.phone(street.chen).check_in(street.visit)
    extend(street, PIN)
    for _ in range(4):
        check_out(street, "9999")
        street.session.commit()
        street.make.clock.forward(minutes=31)
        duress.judge_due(street.database.sessions, clock_now=street.make.clock.now)
    assert silent(street, AlertKind.WRONG_PINS) == []


def test_what_is_no_verdict_counts_as_a_call_for_help(street: Street):
    street.phone(street.chen).check_in(street.visit)
    check_out(street, PIN)
    event = street.session.scalars(
        select(WatchEvent).where(WatchEvent.kind == EventKind.CHECK_OUT)
    ).one()
    event.verdict_sealed = Envelope(b"damaged")
    street.forward()
    assert len(silent(street)) == 1


def test_the_pins_of_when_the_watch_began_stay_in_force(street: Street):
    street.phone(street.chen).check_in(street.visit)
    held = watches.pins_in_force(street.session, street.chen)
    street.make.clock.forward(minutes=1)
    new = Pins("another", "one more")
    users.replace_pins(street.session, street.chen, new, now=street.make.clock.now())
    assert watches.pins_in_force(street.session, street.chen) == held
    assert held.duress == DURESS_PIN_HASH


def test_a_phone_reported_lost_calls_with_it_too(street: Street):
    phone = street.phone(street.chen)
    phone.check_in(street.visit)
    for pin in ("9999", PIN, DURESS_PIN):
        told = phone.report(EventKind.CHECK_OUT, street.visit)
        asides.keep(
            street.session,
            replace(phone.actor, device_revoked=True),
            told,
            pin=phone.proof(pin),
            now=street.make.clock.now(),
        )
        street.forward()
        assert len(silent(street)) == (pin == DURESS_PIN)
    assert street.watch(street.chen).state is WatchState.ARMED
    assert silent(street)[0].from_revoked_device
    check_out(street, DURESS_PIN)  # from a phone of his that nobody has reported
    street.forward()
    [alert] = silent(street)
    assert not alert.from_revoked_device


def all_left(street: Street) -> None:
    """Every message was sent: whoever it was to is told how it ends."""
    street.session.execute(update(Message).values(attempt=1))


# --- who may know ---


def under_duress(street: Street) -> Alert:
    street.phone(street.chen).check_in(street.visit)
    check_out(street, DURESS_PIN)
    street.forward()
    return silent(street)[0]


@pytest.mark.parametrize(
    "role", [role for role in Role if role is not Role.SAFETY_OFFICER]
)
def test_nobody_but_safety_officers_finds_the_alert_or_a_trace_of_it(
    street: Street, role: Role
):
    alert = under_duress(street)
    session, make = street.session, street.make
    someone = make.user(street.organisation, role)
    actor = make.actor(someone)
    with pytest.raises(NotFound):
        alerts.get(session, actor, alert.id)
    assert alerts.page(session, actor, only_open=False, before=None, limit=50) == []
    assert alerts.unowned_first(session, actor, limit=50) == []
    assert alert_changes.missed(session, actor, street.visit.id) == []
    shown = outbox.page(session, actor, after=None, limit=50, alert_id=alert.id)
    assert shown == []
    with pytest.raises((NotFound, Forbidden)):
        closing.close(
            session,
            actor,
            alert.id,
            words="all is well",
            rearm_s=None,
            now=make.clock.now(),
        )


def test_a_safety_officer_finds_it_and_closes_it_with_words(street: Street):
    alert = under_duress(street)
    session = street.session
    officer = street.make.actor(street.officer)
    all_left(street)
    assert alerts.get(session, officer, alert.id) is alert
    assert [
        one.alert_id for one in alert_changes.missed(session, officer, street.visit.id)
    ].count(alert.id) > 0
    closing.close(
        session,
        officer,
        alert.id,
        words="seen him, all is well",
        rearm_s=None,
        now=street.make.clock.now(),
    )
    assert alert.closed_at is not None
    assert street.told(MessageKind.ALL_CLEAR) == [street.officer]


def test_the_audit_has_types_of_its_own_for_it(street: Street):
    alert = under_duress(street)
    query = select(AuditRow.action).where(AuditRow.subject_id == alert.id)
    found = set(street.session.scalars(query))
    assert found == {"silent_alert.opened", "silent_alert.step"}


def test_he_is_not_refused_what_he_could_do_before(street: Street):
    """Told of a colleague's alarm before: he may take it, so that nothing shows."""
    street.phone(street.zhou).sos()
    street.forward()
    [alarm] = street.alerts(AlertKind.SOS)
    assert street.chen in street.told()
    under_duress(street)
    mine = street.make.actor(street.chen)
    taken = alerts.acknowledge(
        street.session, mine, alarm.id, now=street.make.clock.now()
    )
    assert taken.owner_id == street.chen.id


def test_he_is_not_asked_to_help_any_more(street: Street):
    under_duress(street)
    street.phone(street.zhou).sos()
    street.forward()
    called = street.session.scalars(
        select(Message.user_id)
        .join(Alert, Alert.id == Message.alert_id)
        .where(Alert.kind == AlertKind.SOS)
    )
    assert street.chen.id not in set(called)


def test_a_ladder_for_it_names_officers_alone(street: Street):
    named = (whom.ON_CALL, whom.ALL_SAFETY_OFFICERS)
    quiet = Ladder((Step(0, named),), repeat_s=180, lease_s=300)
    policies.check(AlertKind.DURESS, quiet)
    loud = Ladder((Step(0, (whom.BUDDY, *named)),), repeat_s=180, lease_s=300)
    with pytest.raises(Exception, match="silent"):
        policies.check(AlertKind.DURESS, loud)
    policies.check(AlertKind.SOS, loud)


# --- the same rows ---


@pytest.mark.parametrize("act", [check_out, extend])
@pytest.mark.parametrize("overdue", [False, True])
def test_both_pins_leave_the_same_rows_of_equal_length(
    street: Street, database: Database, act: Act, overdue: bool
):
    other = Street(street.make, database)
    other.chen.duress_pin_hash = DURESS_PIN_HASH
    left = {}
    for one, pin in ((street, PIN), (other, DURESS_PIN)):
        one.session.commit()
        one.phone(one.chen).check_in(one.visit)
        if overdue:
            one.forward(minutes=31)
        one.session.commit()
        before = everything(one)
        assert act(one, pin)["result"] == "ok"
        one.session.commit()
        changed = everything(one).items() - before.items()
        left[pin] = Counter(row for _, row in changed)
    assert left[PIN] == left[DURESS_PIN]
    assert any(row[0] == "watch_events" for row in left[PIN])


Rows = dict[tuple[str, object], tuple[object, ...]]


def everything(street: Street) -> Rows:
    """The shape of each row of the organisation, by table and id."""
    found: Rows = {}
    for table in Base.metadata.sorted_tables:
        if "organisation_id" not in table.c:
            continue
        mine = table.c.organisation_id == street.organisation.id
        for row in street.session.execute(select(table).where(mine)).mappings():
            cells = ((name, shape(row[name])) for name in sorted(row))
            found[table.name, row["id"]] = (table.name, *cells)
    return found


def shape(value: object) -> object:
    """What two values have in common that differ in ids and instants alone."""
    match value:
        case bytes():
            return len(value)
        case UUID() | datetime():
            return type(value).__name__
        case str():
            return VARIES.sub("#", value)
        case dict() | list():
            return VARIES.sub("#", json.dumps(value))
    return value


def test_a_verdict_has_one_length_at_rest(street: Street):
    street.phone(street.chen).check_in(street.visit)
    extend(street, PIN)
    extend(street, DURESS_PIN)
    verdicts = street.session.scalars(
        select(WatchEvent).where(WatchEvent.kind == EventKind.EXTEND)
    ).all()
    assert len({len(one.verdict_sealed or b"") for one in verdicts}) == 1
    assert {one.result for one in verdicts} == {ActResult.OK}


def test_a_closed_silent_alert_cannot_be_taken(street: Street):
    alert = under_duress(street)
    officer, now = street.make.actor(street.officer), street.make.clock.now()
    closing.close(
        street.session, officer, alert.id, words="all is well", rearm_s=None, now=now
    )
    with pytest.raises(Conflict):
        alerts.acknowledge(street.session, officer, alert.id, now=now)


def test_another_organisations_officer_does_not_know_of_it(street: Street):
    alert = under_duress(street)
    elsewhere: User = street.make.user(street.make.organisation(), Role.SAFETY_OFFICER)
    with pytest.raises(NotFound):
        alerts.get(street.session, street.make.actor(elsewhere), alert.id)

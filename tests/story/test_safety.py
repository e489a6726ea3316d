"""Promises 1 to 9: the collector is watched, found, and never silenced."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from core.words import AlertKind, MessageKind, WatchState
from gate import decisions
from models import Alert, Message, Watch
from planning import import_jobs
from safety import watch_loop, watches
from tests.support.case_file import a_file
from tests.support.make import PIN
from tests.support.street import Street
from tests.support.world import World


def at_the_door(street: Street, world: World):
    """Chen's phone after an ordinary check-in over HTTP."""
    world.channel(street.chen)
    phone = world.client_as(street.chen)
    buddy = {"buddy_id": str(street.zhou.id)}
    street.make.clock.forward(minutes=10)
    left = phone.post(path(street, "departure"), world.act(**buddy))
    assert left.status_code == 200, left.json
    answer = phone.post(path(street, "check-in"), world.act())
    assert answer.status_code == 200, answer.json
    return phone, answer.json


def path(street: Street, act: str) -> str:
    return f"/v1/mobile/visits/{street.visit.id}/{act}"


def test_1_no_unwatched_visit(street: Street, world: World):
    _, answer = at_the_door(street, world)
    watch = street.watch(street.chen)
    assert answer["watch"]["watched"] is True
    due = watch.due_at.isoformat(timespec="milliseconds")
    assert answer["watch"]["due"] == due


def test_2_missed_check_out_reaches_second_person(street: Street, world: World):
    at_the_door(street, world)
    world.tick(minutes=30)
    world.tick(minutes=5)
    told = {message.recipient for message in world.carried.sent}
    assert {street.chen.phone, street.zhou.phone} <= told
    assert street.wu.phone not in told


def test_3_an_open_alert_never_falls_silent(street: Street, world: World):
    at_the_door(street, world)
    world.tick(minutes=30)
    for _ in range(60):
        before = len(world.carried.sent)
        world.tick(minutes=5)
        [alert] = street.alerts()
        assert alert.next_action_at is not None
        assert alert.next_action_at > world.clock.now()
        assert len(world.carried.sent) > before


def test_3_the_collector_cannot_close_his_own_alert(street: Street, world: World):
    phone, _ = at_the_door(street, world)
    world.tick(minutes=30)
    [alert] = street.alerts()
    words = {"words": "all is well"}
    refused = phone.post(f"/v1/alerts/{alert.id}/closing", words)
    assert refused.status_code == 403
    officer = world.client_as(street.officer)
    assert officer.post(f"/v1/alerts/{alert.id}/closing", words).status_code == 200


def test_4_state_alert_messages_and_audit_stand_or_fall_together(
    street: Street, world: World
):
    at_the_door(street, world)
    count = select(func.count()).select_from(Message)
    before = street.session.scalar(count.where(Message.alert_id.is_not(None)))
    street.session.commit()
    with world.database.sessions() as session:
        session.begin()
        watch = session.scalars(
            select(Watch).where(Watch.state == WatchState.ARMED)
        ).one()
        late = watch.due_at + timedelta(seconds=1)
        assert watch_loop.fire(session, watch, now=late) is not None
        session.rollback()
    assert street.session.scalar(select(func.count()).select_from(Alert)) == 0
    after = street.session.scalar(count.where(Message.alert_id.is_not(None)))
    assert after == before
    assert street.watch(street.chen).state is WatchState.ARMED


def test_5_a_check_out_in_time_but_received_late_is_an_all_clear(
    street: Street, world: World
):
    phone, _ = at_the_door(street, world)
    done = world.act(pin=PIN, outcome="nobody")
    world.tick(minutes=30)
    world.tick(minutes=5)
    done["sent_at"] = world.clock.now().isoformat()
    answer = phone.post(path(street, "check-out"), done)
    assert answer.json["result"] == "ok"
    [alert] = street.alerts()
    assert alert.closed_at is not None
    world.tick()
    told = {user.id for user in street.told(MessageKind.ALL_CLEAR)}
    assert {street.chen.id, street.zhou.id} <= told


def test_5_any_order_and_repetition_give_the_same_end_state(
    street: Street, world: World
):
    world.channel(street.chen)
    phone = world.client_as(street.chen)
    street.make.clock.forward(minutes=10)
    arrived = world.act()
    street.make.clock.forward(minutes=5)
    left = world.act(pin=PIN, outcome="nobody")
    street.make.clock.forward(minutes=40)
    for body in (arrived, left):
        body["sent_at"] = world.clock.now().isoformat()
    for act, body in (("check-out", left), ("check-in", arrived)) * 2:
        assert phone.post(path(street, act), body).status_code == 200
    world.tick(minutes=60)
    assert street.watch(street.chen).state is WatchState.CLOSED
    assert street.alerts() == []


def test_7_an_sos_is_stored_and_carried_at_any_hour(street: Street, world: World):
    world.channel(street.chen)
    phone = world.client_as(street.chen)
    world.clock.forward(hours=14)  # midnight in Hangzhou
    answer = phone.post("/v1/mobile/sos", world.act())
    assert (answer.status_code, answer.json["stored"]) == (201, True)
    world.tick()
    told = {message.recipient for message in world.carried.sent}
    assert street.officer.phone in told


def test_7_an_sos_is_stored_while_a_file_is_imported(street: Street, world: World):
    phone, body = world.client_as(street.chen), world.act()
    lines = [{"case_id": f"C-{n}", "debt_ref": f"L-{n}"} for n in range(1500)]
    clerk = street.make.actor(street.dispatcher)
    street.session.commit()
    begun = threading.Event()
    with ThreadPoolExecutor(1) as pool:
        importing = pool.submit(
            import_jobs.take,
            world.database.sessions,
            clerk,
            chunks=[a_file(*lines)],
            clock_now=world.clock.now,
            tell=lambda *_: begun.set(),
        )
        begun.wait(30)
        assert phone.post("/v1/mobile/sos", body).status_code == 201
        assert not importing.done()
        assert importing.result().created == len(lines)


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_7_an_sos_needs_no_lock_that_ordinary_work_holds(street: Street, world: World):
    """SQLite has one writer at a time; nothing ordinary holds it long, see above."""
    with world.database.sessions() as other:
        watches.lock_visit(other, street.make.actor(street.chen), street.visit.id)
        phone = world.client_as(street.chen)
        body = world.act(visit_id=str(street.visit.id))
        assert phone.post("/v1/mobile/sos", body).status_code == 201
        other.rollback()


def test_8_no_help_from_the_endangered(street: Street, world: World):
    at_the_door(street, world)
    world.phone_of(street.zhou).post("/v1/mobile/sos", world.act())
    world.tick(minutes=30)
    world.tick(minutes=5)
    [overdue] = street.alerts(AlertKind.OVERDUE)
    query = select(Message.user_id).where(Message.alert_id == overdue.id)
    told = set(street.session.scalars(query))
    assert street.zhou.id not in told
    assert street.wu.id not in told
    assert street.officer.id in told


def test_9_a_check_in_is_judged_by_when_it_happened_not_when_it_arrived(
    street: Street, world: World
):
    street.make.clock.forward(hours=11, minutes=10)  # 21:10 in Hangzhou
    late = street.make.visit(street.place, [street.chen, street.wu])
    phone = world.client_as(street.chen)
    arrived = world.act()
    street.make.clock.forward(hours=1)  # 22:10: nobody may be visited any more
    arrived["sent_at"] = world.clock.now().isoformat()
    url = f"/v1/mobile/visits/{late.id}/check-in"
    answer = phone.post(url, arrived).json
    assert (answer["contact"], answer["leave_now"]) == ("allowed", False)
    assert answer["watch"]["state"] == "overdue"


def test_9_a_gate_that_breaks_down_costs_the_contact_never_the_watch(
    street: Street, world: World, monkeypatch
):
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("a defect in the gate")

    monkeypatch.setattr(decisions, "decide", broken)
    phone = world.client_as(street.chen)
    answer = phone.post(path(street, "check-in"), world.act()).json
    assert (answer["watch"]["watched"], answer["contact"]) == (True, "refused")
    assert answer["reasons"][0]["rule_id"] == "GATE-NO-ANSWER"


def test_9_a_suspended_badge_refuses_the_contact_and_never_the_watch(
    street: Street, world: World
):
    admin = world.client_as(street.make.user(street.organisation, "admin"))
    for badge in admin.get("/v1/badges").json["items"]:
        url = f"/v1/badges/{badge['id']}/suspension"
        assert admin.post(url, {"reason": "lost"}).status_code == 200
    phone = world.client_as(street.chen)
    world.clock.forward(minutes=10)
    answer = phone.post(path(street, "check-in"), world.act()).json
    assert (answer["watch"]["watched"], answer["contact"]) == (True, "refused")
    assert answer["leave_now"] is True
    assert "BADGE" in [reason["rule_id"] for reason in answer["reasons"]]


def test_9_log_out_suspension_and_expiry_never_silence_a_running_watch(
    street: Street, world: World
):
    phone = world.phone_of(street.chen)
    world.clock.forward(minutes=10)
    assert phone.post(path(street, "check-in"), world.act()).status_code == 200
    login = world.client_as(street.chen)
    assert login.post("/v1/auth/logout").status_code == 200
    admin = world.client_as(street.make.user(street.organisation, "admin"))
    suspended = admin.post(f"/v1/users/{street.chen.id}/suspension")
    assert suspended.status_code == 200
    body = world.act(pin=PIN, outcome="nobody")
    assert phone.post(path(street, "check-out"), body).json["result"] == "ok"
    assert phone.get("/v1/mobile/day").status_code == 401  # the watch is over
    assert phone.post("/v1/mobile/sos", world.act()).status_code == 201


def test_17_a_retry_with_the_same_id_is_harmless(street: Street, world: World):
    phone = world.client_as(street.chen)
    body = world.act()
    first = phone.post("/v1/mobile/sos", body)
    again = phone.post("/v1/mobile/sos", body)
    assert first.data == again.data
    assert len(street.alerts(AlertKind.SOS)) == 1

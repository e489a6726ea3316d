"""Promises 10 to 17 as far as they exist: gate, badge, check, tenancy, record."""

import json

import pytest
from sqlalchemy import select

from accounts import sealer
from core.words import MessageKind, PlaceKind, Role
from models import AuditRow, Borrower, Message, WatchEvent
from tests.support.make import HANGZHOU
from tests.support.street import Street
from tests.support.world import Browser, World


def plan(street: Street, world: World, dispatcher: Browser, **changes: object):
    """Propose a visit of the pair in an hour."""
    start = world.clock.time.replace(hour=4)
    body = {
        "case_id": str(street.case.id),
        "place_id": str(street.place.id),
        "planned_start": start.isoformat(),
        "planned_end": start.replace(minute=30).isoformat(),
        "people": 2,
        **changes,
    }
    return dispatcher.post("/v1/visits", body)


def publish(street: Street, world: World) -> tuple[Browser, str, str]:
    """A published visit of the pair; the code that went to the borrower."""
    world.channel(street.chen)
    dispatcher = world.client_as(street.dispatcher)
    visit = plan(street, world, dispatcher).json
    pair = {"user_ids": [str(street.chen.id), str(street.wu.id)]}
    url = f"/v1/visits/{visit['id']}"
    assert dispatcher.put(f"{url}/visitors", pair).status_code == 200
    assert dispatcher.post(f"{url}/publication").status_code == 200
    world.tick()
    [notice] = [
        one for one in world.carried.sent if one.kind is MessageKind.VISIT_NOTICE
    ]
    return dispatcher, visit["id"], notice.body


def code_in(body: str) -> str:
    """The letters of the code: five, a hyphen, five."""
    at = body.index("-")
    return body[at - 5 : at + 6]


def test_10_one_gate_refuses_with_rule_source_and_next_lawful_time(
    street: Street, world: World
):
    dispatcher = world.client_as(street.dispatcher)
    night = world.clock.time.replace(hour=15)  # 23:00 in Hangzhou
    end = night.replace(minute=30).isoformat()
    refused = plan(
        street, world, dispatcher, planned_start=night.isoformat(), planned_end=end
    )
    assert refused.status_code == 409
    decision = refused.json["decision"]
    rules = {reason["rule_id"]: reason for reason in decision["refusals"]}
    assert {"CN-HRS-1", "CN-HRS-2"} <= rules.keys()
    assert all(rule["source"] and rule["status"] for rule in rules.values())
    assert decision["next_lawful_at"] == "2026-11-25T00:00:00+00:00"  # 08:00 there


def test_10_a_place_without_a_zone_is_refused(street: Street, world: World):
    street.place.time_zone = None
    street.session.commit()
    refused = plan(street, world, world.client_as(street.dispatcher))
    assert refused.status_code == 409


def test_10_a_workplace_needs_recorded_consent(street: Street, world: World):
    office = street.make.place(street.case, PlaceKind.WORKPLACE)
    street.session.commit()
    dispatcher = world.client_as(street.dispatcher)
    assert plan(street, world, dispatcher, place_id=str(office.id)).status_code == 409
    consent = {
        "kind": "workplace_visit",
        "place_id": str(office.id),
        "evidence": "recorded call",
        "starts_at": world.clock.now().isoformat(),
    }
    given = dispatcher.post(f"/v1/cases/{street.case.id}/consents", consent)
    assert given.status_code == 201, given.json
    assert plan(street, world, dispatcher, place_id=str(office.id)).status_code == 201


def test_11_no_valid_badge_no_visit_and_the_check_says_so(street: Street, world: World):
    dispatcher, visit_id, body = publish(street, world)
    nobody = world.client_as(None)
    code = {"code": code_in(body)}
    assert nobody.post("/v1/verifications", code).json["answer"] == "not_now"
    admin = world.client_as(street.make.user(street.organisation, Role.ADMIN))
    for badge in admin.get("/v1/badges").json["items"]:
        admin.post(f"/v1/badges/{badge['id']}/suspension", {"reason": "under review"})
    assert nobody.post("/v1/verifications", code).json["answer"] == "not_valid"
    pair = {"user_ids": [str(street.chen.id), str(street.wu.id)]}
    refused = dispatcher.put(f"/v1/visits/{visit_id}/visitors", pair)
    assert refused.status_code == 409
    world.tick()
    kinds = [one.kind for one in world.carried.sent]
    assert MessageKind.CHECK_FAILED in kinds


def test_11_a_visit_of_a_suspended_collector_is_not_published(
    street: Street, world: World
):
    world.channel(street.chen)
    dispatcher = world.client_as(street.dispatcher)
    url = f"/v1/visits/{plan(street, world, dispatcher).json['id']}"
    pair = {"user_ids": [str(street.chen.id), str(street.wu.id)]}
    assert dispatcher.put(f"{url}/visitors", pair).status_code == 200
    admin = world.client_as(street.make.user(street.organisation, Role.ADMIN))
    assert admin.post(f"/v1/users/{street.wu.id}/suspension").status_code == 200
    refused = dispatcher.post(f"{url}/publication")
    assert (refused.status_code, refused.json["type"]) == (409, "/problems/refused")
    assert refused.json["user_id"] == str(street.wu.id)
    assert dispatcher.get(url).json["state"] == "assigned"
    world.tick()
    assert MessageKind.VISIT_NOTICE not in [one.kind for one in world.carried.sent]


@pytest.mark.parametrize("change", ["window", "visitors"])
def test_a_borrower_who_was_told_hears_that_the_visit_was_taken_back(
    street: Street, world: World, change: str
):
    dispatcher, visit_id, _ = publish(street, world)
    url = f"/v1/visits/{visit_id}"
    moved = {"planned_start": world.clock.time.replace(hour=6).isoformat()}
    others = {"user_ids": [str(street.chen.id), str(street.wu.id)]}
    body = {"window": moved, "visitors": others}[change]
    for _ in range(2):  # the second time there is nothing to take back
        assert dispatcher.put(f"{url}/{change}", body).status_code == 200
    world.tick()
    notice, call_off = world.carried.sent
    kinds = (notice.kind, call_off.kind)
    assert kinds == (MessageKind.VISIT_NOTICE, MessageKind.VISIT_CANCELLED)
    assert "12:00" in call_off.body  # the window that was announced, there
    assert dispatcher.post(f"{url}/publication").status_code == 200
    world.tick()
    assert world.carried.sent[-1].kind is MessageKind.VISIT_NOTICE
    assert len(world.carried.sent) == len(kinds) + 1


def test_12_the_check_reveals_nothing(street: Street, world: World):
    _, _, body = publish(street, world)
    answer = world.client_as(None).post("/v1/verifications", {"code": code_in(body)})
    case = street.case
    borrower = street.session.get_one(Borrower, case.borrower_id)
    shown = answer.get_data(as_text=True)
    secrets = [street.place.address, case.external_id, borrower.name, borrower.phone]
    for secret in (*secrets, str(case.amount_minor), case.currency):
        assert secret is not None
        assert secret not in shown
        assert secret not in body
    assert "https://check.example/verify" in body
    assert code_in(body) not in body[body.index("https://") :].split()[0]


def test_10_the_answer_to_a_check_stands_in_the_ledger_as_an_answer(
    street: Street, world: World
):
    _, visit_id, body = publish(street, world)
    world.clock.time = world.clock.time.replace(hour=16)  # midnight there
    nobody = world.client_as(None)
    for code in (code_in(body), "00000-00000"):
        nobody.post("/v1/verifications", {"code": code})
    auditor = world.client_as(street.make.user(street.organisation, Role.AUDITOR))
    rows = auditor.get("/v1/contacts", case_id=str(street.case.id)).json["items"]
    kinds = [(row["channel"], row["kind"]) for row in rows]
    assert kinds == [("notice", "attempt"), ("web", "answer")]
    assert rows[1]["visit_id"] == visit_id


def test_10_the_gate_does_not_decide_on_answers(street: Street, world: World):
    start = world.clock.now()
    asked = {
        "case_id": str(street.case.id),
        "place_id": str(street.place.id),
        "channel": "web",
        "start": start.isoformat(),
        "end": start.replace(minute=30).isoformat(),
        "people": 2,
    }
    dispatcher = world.client_as(street.dispatcher)
    decision = dispatcher.post("/v1/gate/decisions", asked).json
    rules = [reason["rule_id"] for reason in decision["refusals"]]
    assert rules == ["GATE-CHANNEL"]


def test_13_a_position_is_stored_only_while_watched(street: Street, world: World):
    fix = {"lon": HANGZHOU.lon, "lat": HANGZHOU.lat, "datum": "gcj02", "accuracy_m": 9}
    phone = world.client_as(street.chen)
    url = f"/v1/mobile/visits/{street.visit.id}"
    late = world.act(pin="2580", outcome="nobody", position=fix)
    assert phone.post(f"{url}/check-out", late).status_code == 200
    world.clock.forward(minutes=10)
    assert phone.post(f"{url}/check-in", world.act(position=fix)).status_code == 200
    found = street.session.scalars(select(WatchEvent).order_by(WatchEvent.received_at))
    kept = [event.position for event in found]
    assert kept[0] is None
    assert kept[1] is not None
    assert abs(kept[1].lon - HANGZHOU.lon) > 0.001  # stored as WGS-84


def test_15_nobody_sees_a_neighbour(street: Street, world: World):
    make = street.make
    stranger = world.client_as(make.user(make.organisation(), Role.DISPATCHER))
    for path in (
        f"/v1/cases/{street.case.id}",
        f"/v1/visits/{street.visit.id}",
    ):
        assert stranger.get(path).status_code == 404
    assert stranger.get("/v1/visits").json["items"] == []


def test_16_the_record_can_be_checked(street: Street, world: World):
    publish(street, world)
    verdict = sealer.verify(street.session)
    assert verdict.broken is None
    assert verdict.rows > 3
    assert verdict.unsealed == 0


def test_16_audit_rows_hold_no_personal_value(street: Street, world: World):
    publish(street, world)
    rows = street.session.scalars(select(AuditRow))
    written = json.dumps([row.detail for row in rows], ensure_ascii=False)
    for user in (street.chen, street.wu):
        assert user.name not in written
        assert user.phone not in written


def test_10_a_notice_at_night_waits_for_the_lawful_hour(street: Street, world: World):
    dispatcher = world.client_as(street.dispatcher)
    pair = {"user_ids": [str(street.chen.id), str(street.wu.id)]}
    world.clock.time = world.clock.time.replace(hour=20)  # 04:00 the next morning
    later = plan(street, world, dispatcher, **_tomorrow(world)).json
    dispatcher.put(f"/v1/visits/{later['id']}/visitors", pair)
    assert dispatcher.post(f"/v1/visits/{later['id']}/publication").status_code == 200
    world.channel(street.chen)
    world.tick(minutes=1)
    assert world.carried.sent == []
    world.tick(hours=4)
    assert [one.kind for one in world.carried.sent] == [MessageKind.VISIT_NOTICE]
    query = select(Message).where(Message.kind == MessageKind.VISIT_NOTICE)
    assert street.session.scalars(query).one().body is None  # wiped when final


def _tomorrow(world: World) -> dict[str, str]:
    start = world.clock.time.replace(hour=4, minute=0)
    start = start.replace(day=start.day + 1)
    return {
        "planned_start": start.isoformat(),
        "planned_end": start.replace(minute=30).isoformat(),
    }

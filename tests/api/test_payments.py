"""Payments: what they leave open, what they close, and what they never touch."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from core.words import Lane, MessageKind, MessageState, Role, VisitState
from models import AuditRow, Message, Visit, Watch
from tests.api.conftest import Office
from tests.api.test_cases import LINE, upload

AMOUNT = 123400  # of the street's case


def report(office: Office, **facts: Any) -> dict[str, Any]:
    """A part payment for the street's case, with what a test wants otherwise."""
    paid = (office.world.clock.now() - timedelta(hours=1)).isoformat()
    return {
        "case_id": str(office.street.case.id),
        "reference": "PAY-1",
        "amount_minor": 3400,
        "currency": "CNY",
        "paid_at": paid,
        **facts,
    }


def pay(office: Office, role: Role = Role.CONTACT_DESK, **facts: Any) -> Any:
    """The answer to a reported payment."""
    return office[role].post("/v1/payments", report(office, **facts))


def the_case(office: Office) -> dict[str, Any]:
    """As the desk sees it."""
    url = f"/v1/cases/{office.street.case.id}"
    found: dict[str, Any] = office[Role.CONTACT_DESK].get(url).json
    return found


def test_a_payment_lowers_what_is_open_and_stands_in_the_case(office: Office):
    made = pay(office)
    assert made.status_code == 201
    told = {name: made.json[name] for name in ("open_after_minor", "overpaid_minor")}
    assert told == {"open_after_minor": 120000, "overpaid_minor": 0}
    case = the_case(office)
    assert (case["amount_minor"], case["open_minor"]) == (AMOUNT, 120000)
    assert case["closed_at"] is None
    url = f"/v1/cases/{case['id']}/payments"
    assert office[Role.AUDITOR].get(url).json["items"] == [made.json]


def test_the_same_report_again_is_one_payment_and_one_answer(office: Office):
    first = pay(office)
    pay(office, reference="PAY-2", amount_minor=AMOUNT)
    office.world.clock.forward(days=3)
    paid = first.json["paid_at"]
    again = pay(office, Role.ADMIN, paid_at=paid)
    assert (again.status_code, again.json) == (201, first.json)
    url = f"/v1/cases/{office.street.case.id}/payments"
    assert len(office.walk(office[Role.DISPATCHER], url)) == 2


@pytest.mark.parametrize(
    "other",
    [{"amount_minor": 3401}, {"settles": True}, {"paid_at": "2026-11-01T00:00:00Z"}],
)
def test_a_reference_that_was_used_for_another_payment_is_refused(
    office: Office, other: dict[str, Any]
):
    first = pay(office)
    answer = pay(office, **{"paid_at": first.json["paid_at"], **other})
    assert (answer.status_code, answer.json["type"]) == (409, "/problems/conflict")
    assert answer.json["payment_id"] == first.json["id"]
    assert the_case(office)["open_minor"] == 120000


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"currency": "EUR"}, "currency"),
        ({"currency": "RMB"}, "currency"),
        ({"amount_minor": 0}, "amount_minor"),
        ({"paid_at": "2099-01-01T00:00:00Z"}, "paid_at"),
    ],
)
def test_what_cannot_be_a_payment_of_this_case_is_told_by_its_field(
    office: Office, facts: dict[str, Any], field: str
):
    answer = pay(office, **facts)
    assert answer.status_code == 422
    assert field in str(answer.json["fields"])
    assert the_case(office)["open_minor"] == AMOUNT


def test_overpaid_money_closes_the_case_and_is_named(office: Office):
    made = pay(office, amount_minor=AMOUNT + 5).json
    assert (made["open_after_minor"], made["overpaid_minor"]) == (0, 5)
    assert made["closes"]
    late = pay(office, reference="PAY-2", amount_minor=7).json
    assert (late["overpaid_minor"], late["closes"]) == (7, False)
    assert the_case(office)["open_minor"] == 0


def test_a_settlement_closes_whatever_is_left(office: Office):
    made = pay(office, settles=True).json
    assert (made["open_after_minor"], made["closes"]) == (0, True)
    assert the_case(office)["closed_at"] is not None


def test_a_closed_case_is_not_contacted_and_says_why(office: Office):
    pay(office, settles=True)
    street, now = office.street, office.world.clock.now()
    start = now + timedelta(hours=2)
    plan = {
        "case_id": str(street.case.id),
        "place_id": str(street.place.id),
        "planned_start": start.isoformat(),
        "people": 2,
    }
    refused = office[Role.DISPATCHER].post("/v1/visits", plan)
    assert refused.status_code == 409
    decision = refused.json["decision"]
    rules = [reason["rule_id"] for reason in decision["refusals"]]
    assert rules == ["CASE-CLOSED"]
    assert decision["next_lawful_at"] is None


def test_planned_visits_are_emptied_at_once_and_who_had_a_notice_hears_it(
    office: Office,
):
    street, world = office.street, office.world
    dispatcher = office[Role.DISPATCHER]
    world.channel(street.chen)
    crew = {"user_ids": [str(street.chen.id), str(street.wu.id)]}
    url = f"/v1/visits/{street.visit.id}"
    later = (world.clock.now() + timedelta(hours=3)).isoformat()
    dispatcher.put(f"{url}/window", {"planned_start": later})
    dispatcher.put(f"{url}/visitors", crew)
    assert dispatcher.post(f"{url}/publication").status_code == 200
    world.tick(seconds=5)
    assert [one.kind for one in world.carried.sent] == [MessageKind.VISIT_NOTICE]
    assert office[Role.COLLECTOR].get("/v1/mobile/day").json["visits"]
    assert pay(office, amount_minor=AMOUNT).json["closes"]
    assert dispatcher.get(url).json["state"] == "cancelled"
    assert office[Role.COLLECTOR].get("/v1/mobile/day").json["visits"] == []
    world.tick(seconds=5)
    kinds = [one.kind for one in world.carried.sent]
    assert kinds == [MessageKind.VISIT_NOTICE, MessageKind.VISIT_CANCELLED]


def test_a_notice_that_waits_is_not_sent_for_a_closed_case(office: Office):
    street, world = office.street, office.world
    world.channel(street.chen)
    message = Message(
        organisation_id=street.organisation.id,
        kind=MessageKind.VISIT_NOTICE,
        lane=Lane.ORDINARY,
        dedup_key="waits",
        recipient="+8613900000001",
        body="words",
        case_id=street.case.id,
        visit_id=street.visit.id,
        available_at=world.clock.now() + timedelta(minutes=5),
        created_at=world.clock.now(),
    )
    street.session.add(message)
    street.session.commit()
    pay(office, settles=True)
    world.tick(minutes=6)
    street.session.refresh(message)
    assert message.state is MessageState.CANCELLED
    assert world.carried.sent == []


def test_a_visit_under_way_and_its_watches_are_left_alone(office: Office):
    street, world = office.street, office.world
    office.world.clock.forward(minutes=10)
    url = f"/v1/mobile/visits/{street.visit.id}/check-in"
    chen, wu = world.phone_of(street.chen), world.phone_of(street.wu)
    assert chen.post(url, world.act()).json["contact"] == "allowed"
    due = street.watch(street.chen).due_at
    assert pay(office, settles=True).status_code == 201
    second = wu.post(url, world.act()).json
    assert (second["watch"]["watched"], second["contact"]) == (True, "refused")
    assert second["reasons"][0]["rule_id"] == "CASE-CLOSED"
    street.session.expire_all()
    assert street.session.get_one(Visit, street.visit.id).state is VisitState.UNDER_WAY
    watch = street.session.scalars(
        select(Watch).where(Watch.user_id == street.chen.id)
    ).one()
    assert (watch.due_at, watch.closed_at) == (due, None)


def test_only_a_person_reopens_a_closed_case(office: Office):
    url = f"/v1/cases/{office.street.case.id}/reopening"
    body = {"open_minor": 500, "reason": "payment_returned"}
    admin = office[Role.ADMIN]
    assert admin.post(url, body).status_code == 409
    pay(office, settles=True)
    assert admin.post(url, {**body, "reason": "Not a word"}).status_code == 422
    assert admin.post(url, {**body, "open_minor": AMOUNT + 1}).status_code == 422
    case = admin.post(url, body).json
    assert (case["open_minor"], case["closed_at"]) == (500, None)
    action = AuditRow.action == "case.reopened"
    row = office.street.session.scalars(select(AuditRow).where(action)).one()
    assert row.detail == {"reason": "payment_returned"}


def test_the_record_holds_neither_reference_nor_amount(office: Office):
    pay(office, reference="PAY-SECRET")
    action = AuditRow.action == "payment.recorded"
    row = office.street.session.scalars(select(AuditRow).where(action)).one()
    assert set(row.detail) == {"case_id", "closes"}


def test_a_file_lowers_no_payment_and_reopens_no_case(office: Office):
    dispatcher, desk = office[Role.DISPATCHER], office[Role.CONTACT_DESK]
    upload(dispatcher, LINE.format(number="A"), LINE.format(number="B"))

    def of(number: str) -> dict[str, Any]:
        [found] = desk.get("/v1/cases", external_id=number).json["items"]
        return dict(found)

    part, whole = of("A")["id"], of("B")["id"]
    assert pay(office, case_id=part, amount_minor=500).status_code == 201
    closing = pay(office, case_id=whole, reference="PAY-2", settles=True)
    assert closing.json["closes"]
    lines = [LINE.format(number=number) for number in ("A", "B")]
    upload(dispatcher, *[line.replace(",60,", ",61,") for line in lines])
    assert of("A")["open_minor"] == 1234000
    upload(dispatcher, *[line.replace("1234500", "1300000") for line in lines])
    assert of("A")["open_minor"] == 1300000
    assert (of("B")["open_minor"], of("B")["amount_minor"]) == (0, 1300000)
    assert of("B")["closed_at"] is not None

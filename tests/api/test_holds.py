"""Holds: a borrower left alone, visits emptied at once, and few who know why."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from core.words import MessageKind, MessageState, Role, VisitState
from models import AuditRow, Message, Visit
from tests.api.conftest import Office
from tests.api.test_visits import plan, published

WHY = "his wife died last week"


def hold(office: Office, role: Role = Role.CONTACT_DESK, **facts: Any) -> Any:
    """The answer to a hold of a week from now on."""
    now = office.world.clock.now()
    week = (now + timedelta(days=7)).isoformat()
    body = {"kind": "bereavement", "words": WHY, "starts_at": now.isoformat()}
    url = f"/v1/cases/{office.street.case.id}/holds"
    return office[role].post(url, {**body, "ends_at": week, **facts})


def states(office: Office) -> set[VisitState]:
    """Of every visit of the street's case."""
    office.street.session.expire_all()
    return set(office.street.session.scalars(select(Visit.state)))


def test_a_hold_refuses_a_visit_and_says_until_when_but_not_why(office: Office):
    made = hold(office)
    assert made.status_code == 201
    refused = plan(office, office[Role.DISPATCHER])
    assert refused.status_code == 409
    said = refused.get_data(as_text=True)
    assert "GATE-HOLD" in said
    assert WHY not in said
    assert "bereavement" not in said
    decision = refused.json["decision"]
    [reason] = decision["refusals"]
    assert (reason["rule_id"], reason["source"]) == ("GATE-HOLD", "Vouchsafe")
    assert decision["next_lawful_at"] >= made.json["ends_at"]


def test_planned_visits_are_emptied_with_the_hold_and_who_had_a_notice_is_told(
    office: Office,
):
    office.world.channel(office.street.chen)
    published(office, office[Role.DISPATCHER])
    office.world.tick()
    assert hold(office).status_code == 201
    assert states(office) == {VisitState.CANCELLED}
    office.world.tick()
    kinds = list(office.street.session.scalars(select(Message.kind)))
    assert kinds.count(MessageKind.VISIT_CANCELLED) == 1
    told = select(Message.state).where(Message.kind == MessageKind.VISIT_CANCELLED)
    assert office.street.session.scalars(told).one() is MessageState.SENT


def test_a_visit_after_the_hold_stands(office: Office):
    plan(office, office[Role.DISPATCHER], hours=24 * 8)
    hold(office)
    assert states(office) == {VisitState.PROPOSED, VisitState.CANCELLED}


def test_the_borrowers_other_cases_are_held_too(office: Office):
    street = office.street
    other = office.make.case(street.organisation)
    other.borrower_id = street.case.borrower_id
    place = office.make.place(other)
    office.make.visit(place, [street.zhou])
    hold(office)
    assert states(office) == {VisitState.CANCELLED}


@pytest.mark.parametrize("role", list(Role))
def test_only_the_contact_desk_reads_why(office: Office, role: Role):
    made = hold(office, Role.DISPATCHER).json
    assert not {"kind", "words"} & made.keys()
    shown = office[role].get(f"/v1/holds/{made['id']}")
    if role is Role.CONTACT_DESK:
        assert (shown.json["words"], shown.json["kind"]) == (WHY, "bereavement")
        return
    assert shown.status_code == 403
    listed = office[role].get(f"/v1/cases/{office.street.case.id}/holds")
    assert WHY not in listed.get_data(as_text=True)
    assert "bereavement" not in listed.get_data(as_text=True)


def test_neither_the_audit_nor_the_visits_record_says_why(office: Office):
    made = hold(office).json
    office[Role.DISPATCHER].post(f"/v1/holds/{made['id']}/end")
    rows = office.street.session.scalars(select(AuditRow)).all()
    actions = [row.action for row in rows]
    assert {"hold.placed", "hold.ended", "visit.cancelled"} <= set(actions)
    said = str([row.detail for row in rows])
    assert WHY not in said
    assert "bereavement" not in said


def test_a_hold_that_is_ended_early_lets_visits_pass_again(office: Office):
    made = hold(office).json
    client = office[Role.DISPATCHER]
    assert client.post(f"/v1/holds/{made['id']}/end").status_code == 200
    again = client.post(f"/v1/holds/{made['id']}/end")
    assert (again.status_code, again.json["type"]) == (409, "/problems/conflict")
    assert plan(office, client).status_code == 201
    items = client.get(f"/v1/cases/{office.street.case.id}/holds").json["items"]
    assert [one["id"] for one in items] == [made["id"]]
    assert items[0]["ends_at"] is not None


@pytest.mark.parametrize(
    "facts",
    [
        {"kind": "laziness"},
        {"words": ""},
        {"ends_at": "2026-01-01T00:00:00Z"},
        {"starts_at": "2026-12-02T00:00:00"},
    ],
)
def test_a_hold_that_cannot_be_is_refused_and_changes_nothing(
    office: Office, facts: dict[str, str]
):
    answer = hold(office, **facts)
    assert answer.status_code == 422
    assert next(iter(facts)) in str(answer.json["fields"])
    assert VisitState.CANCELLED not in states(office)


def test_a_hold_without_an_end_refuses_until_it_is_ended(office: Office):
    made = hold(office, ends_at=None)
    assert made.json["ends_at"] is None
    decision = plan(office, office[Role.DISPATCHER]).json["decision"]
    assert decision["next_lawful_at"] is None

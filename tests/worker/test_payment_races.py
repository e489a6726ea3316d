"""A payment beside others that work on the same case, over HTTP in real threads."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select

from core.words import Role, VisitState
from models import Case, Payment, Visit
from tests.support.street import Street
from tests.support.world import World
from tests.worker.test_http_races import at_once

ROUNDS = 3


def poster(world: World, street: Street, role: Role) -> Callable[..., Any]:
    """Requests of a fresh colleague in that role, each to be sent later."""
    client = world.client_as(street.make.user(street.organisation, role))
    street.session.commit()

    def post(url: str, body: dict[str, Any]) -> Callable[[], int]:
        http = world.app.test_client()
        return lambda: http.post(url, json=body, headers=client.headers).status_code

    return post


def report(world: World, case: Case, **facts: Any) -> dict[str, Any]:
    """A payment for the case."""
    paid = world.clock.now().isoformat()
    body = {"case_id": str(case.id), "reference": "P", "amount_minor": 100}
    return {**body, "currency": "CNY", "paid_at": paid, **facts}


def test_reports_of_one_payment_that_arrive_at_once_count_once(
    street: Street, world: World
):
    pay = poster(world, street, Role.CONTACT_DESK)
    body = report(world, street.case)
    jobs = [pay("/v1/payments", body) for _ in range(4)]
    others = [report(world, street.case, reference=f"Q{n}") for n in range(3)]
    jobs += [pay("/v1/payments", other) for other in others]
    assert set(at_once(jobs)) == {201}
    street.session.expire_all()
    assert street.session.scalar(select(func.count(Payment.id))) == 4
    assert street.case.open_minor == 123400 - 400


def test_no_visit_is_planned_past_a_payment_that_closes_the_case(
    street: Street, world: World
):
    pay = poster(world, street, Role.CONTACT_DESK)
    plan = poster(world, street, Role.DISPATCHER)
    start = (world.clock.now() + timedelta(hours=2)).isoformat()
    for number in range(ROUNDS):
        case = street.make.case(street.organisation)
        place = street.make.place(case)
        street.session.commit()
        body = {"case_id": str(case.id), "place_id": str(place.id)}
        proposal = {**body, "planned_start": start, "people": 2}
        closing = report(world, case, reference=f"P{number}", settles=True)
        jobs = [plan("/v1/visits", proposal) for _ in range(3)]
        jobs.append(pay("/v1/payments", closing))
        assert set(at_once(jobs)) <= {201, 409}
        street.session.expire_all()
        query = select(Visit.state).where(Visit.case_id == case.id)
        assert set(street.session.scalars(query)) <= {VisitState.CANCELLED}

"""Who is vouched for at the door: sent, in time, two with standing, and not refused."""


import pytest
from sqlalchemy import select

from credentials import visit_codes
from models import User, Visit, Visitor
from tests.support.street import Street
from tests.support.world import World


@pytest.fixture(autouse=True)
def reachable(street: Street, world: World) -> None:
    """Messages leave the house."""
    world.channel(street.chen)


def code_of(street: Street, world: World, visit: Visit | None = None) -> str:
    """A fresh code of the visit, as the borrower would hold it."""
    visit = visit or street.visit
    issued = visit_codes.issue(street.session, visit, now=world.clock.now())
    street.session.commit()
    return issued.letters


def told(world: World, code: str) -> str:
    """What the borrower hears."""
    answer = world.client_as(None).post("/v1/verifications", {"code": code})
    assert answer.status_code == 200, answer.json
    return answer.json["answer"]


def act(street: Street, world: World, who: User, name: str, **facts: object):
    """An act of the collector's phone at the street's visit, or at ``visit``."""
    visit = facts.pop("visit", street.visit)
    url = f"/v1/mobile/visits/{visit.id}/{name}"
    return world.phone_of(who).post(url, world.act(**facts))


def rules(answer) -> set[str]:
    """The rules that refused."""
    return {reason["rule_id"] for reason in answer.json["reasons"]}


def test_a_visitor_who_is_sent_away_at_night_is_not_expected(
    street: Street, world: World
):
    code = code_of(street, world)
    world.clock.forward(hours=12, minutes=20)  # 22:20 there
    arrived = act(street, world, street.chen, "check-in")
    assert (arrived.json["contact"], arrived.json["leave_now"]) == ("refused", True)
    assert told(world, code) == "not_now"


def test_somebody_whom_nobody_sent_is_not_expected(street: Street, world: World):
    code = code_of(street, world)
    world.clock.forward(hours=6)
    assert act(street, world, street.zhou, "check-in").json["contact"] == "refused"
    assert told(world, code) == "not_now"


def test_a_visitor_taken_off_the_visit_is_not_expected(street: Street, world: World):
    code = code_of(street, world)
    assert act(street, world, street.chen, "check-in").json["contact"] == "allowed"
    world.clock.forward(hours=2)
    assert told(world, code) == "expected_now"
    mine = Visitor.visit_id == street.visit.id, Visitor.user_id == street.chen.id
    street.session.scalars(select(Visitor).where(*mine)).one().active = False
    street.session.commit()
    assert told(world, code) == "not_now"

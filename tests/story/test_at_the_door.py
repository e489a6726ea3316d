"""Who is vouched for at the door: sent, in time, two with standing, and not refused."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from core.words import Role
from credentials import visit_codes
from models import Badge, User, Visit, Visitor
from tests.support.make import PIN
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


def leave(street: Street, world: World, visit: Visit | None = None):
    """The pair's first one sets out."""
    visit, buddy = visit or street.visit, str(street.zhou.id)
    return act(street, world, street.chen, "departure", visit=visit, buddy_id=buddy)


@pytest.mark.parametrize(
    "later", [{"days": 9, "hours": 2}, {"hours": 1, "minutes": 11}]
)
def test_a_visit_cannot_be_made_after_its_window(
    street: Street, world: World, later: dict[str, int]
):
    world.clock.forward(**later)
    left = leave(street, world)
    assert left.status_code == 409
    assert rules(left) == {"VISIT-WINDOW"}
    arrived = act(street, world, street.chen, "check-in")
    assert (arrived.json["contact"], arrived.json["leave_now"]) == ("refused", True)
    assert rules(arrived) == {"VISIT-WINDOW"}
    assert arrived.json["watch"]["watched"] is True
    [reason] = arrived.json["reasons"]
    assert (reason["source"], reason["status"]) == ("Vouchsafe", "organisation")
    assert reason["words_en"]
    assert reason["words_zh"]


def test_a_visit_cannot_be_made_days_before_its_window(street: Street, world: World):
    pair = [street.chen, street.wu]
    visit = street.make.visit(street.place, pair, starts_in=timedelta(days=5))
    code = code_of(street, world, visit)
    left = leave(street, world, visit)
    assert (left.status_code, rules(left)) == (409, {"VISIT-WINDOW"})
    arrived = act(street, world, street.chen, "check-in", visit=visit)
    assert (arrived.json["contact"], rules(arrived)) == ("refused", {"VISIT-WINDOW"})
    assert told(world, code) == "not_now"


def test_half_an_hour_around_the_window_is_not_refused(street: Street, world: World):
    pair, in_two_hours = [street.chen, street.wu], timedelta(hours=2)
    visit = street.make.visit(street.place, pair, starts_in=in_two_hours)
    world.clock.forward(hours=1, minutes=30)
    early = act(street, world, street.chen, "check-in", visit=visit)
    world.clock.forward(minutes=89, seconds=59)
    late = act(street, world, street.wu, "check-in", visit=visit)
    assert (early.json["contact"], late.json["contact"]) == ("allowed", "allowed")


def test_an_arrival_in_time_that_is_received_late_is_not_refused(
    street: Street, world: World
):
    world.clock.forward(minutes=10)
    queued = world.act()
    world.clock.forward(hours=3)
    queued["sent_at"] = world.clock.now().isoformat()
    url = f"/v1/mobile/visits/{street.visit.id}/check-in"
    assert world.phone_of(street.chen).post(url, queued).json["contact"] == "allowed"


@pytest.mark.parametrize(
    ("at", "allowed"),
    [
        ("2026-11-24T15:59:59+00:00", False),  # 23:59:59 there, on the day before
        ("2026-11-24T16:00:00+00:00", True),
        ("2026-11-25T08:00:00+00:00", True),
    ],
)
def test_a_departure_may_be_hours_early_on_the_day_of_the_visit(
    street: Street, world: World, at: str, allowed: bool
):
    in_a_day = timedelta(hours=32)  # 18:00 there tomorrow
    visit = street.make.visit(
        street.place, [street.chen, street.wu], starts_in=in_a_day
    )
    world.clock.time = datetime.fromisoformat(at)
    assert (leave(street, world, visit).status_code == 200) is allowed


@pytest.mark.parametrize("what", ["badge revoked", "badge expires", "user suspended"])
def test_a_partner_without_standing_does_not_make_two(
    street: Street, world: World, what: str
):
    world.clock.forward(minutes=10)
    admin = world.client_as(street.make.user(street.organisation, Role.ADMIN))
    whose = Badge.user_id == street.wu.id
    badge = street.session.scalars(select(Badge).where(whose)).one()
    if what == "badge revoked":
        url = f"/v1/badges/{badge.id}/revocation"
        assert admin.post(url, {"reason": "fraud"}).status_code == 200
    elif what == "badge expires":
        badge.valid_to = world.clock.now() + timedelta(minutes=20)
        street.session.commit()
    else:
        url = f"/v1/users/{street.wu.id}/suspension"
        assert admin.post(url).status_code == 200
    left = leave(street, world)
    assert (left.status_code, rules(left)) == (409, {"CN-STF-1"})
    arrived = act(street, world, street.chen, "check-in")
    assert (arrived.json["contact"], rules(arrived)) == ("refused", {"CN-STF-1"})
    assert arrived.json["watch"]["watched"] is True


def test_a_strangers_check_in_does_not_seize_the_visit(street: Street, world: World):
    gone = {"pin": PIN, "outcome": "nobody"}
    arrived = act(street, world, street.zhou, "check-in")
    assert arrived.json["contact"] == "refused"
    assert act(street, world, street.zhou, "check-out", **gone).json["result"] == "ok"
    dispatcher = world.client_as(street.dispatcher)
    url = f"/v1/visits/{street.visit.id}"
    assert dispatcher.get(url).json["state"] == "published"
    asked = {"reason": "borrower_asked"}
    assert dispatcher.post(f"{url}/cancellation", asked).status_code == 200


def test_a_visitor_sent_away_on_the_wrong_day_does_not_begin_the_visit(
    street: Street, world: World
):
    pair, in_days = [street.chen, street.wu], timedelta(days=5)
    visit = street.make.visit(street.place, pair, starts_in=in_days)
    code = code_of(street, world, visit)
    gone = {"pin": PIN, "outcome": "nobody"}
    for one in pair:
        act(street, world, one, "check-in", visit=visit)
        act(street, world, one, "check-out", visit=visit, **gone)
    dispatcher = world.client_as(street.dispatcher)
    assert dispatcher.get(f"/v1/visits/{visit.id}").json["state"] == "published"
    assert told(world, code) == "not_now"


def test_an_arrival_shortly_before_the_hours_end_is_cut_not_refused(
    street: Street, world: World
):
    in_twelve_hours = timedelta(hours=11, minutes=40)  # 21:40 there
    pair = [street.chen, street.wu]
    visit = street.make.visit(street.place, pair, starts_in=in_twelve_hours)
    closes = world.clock.now() + timedelta(hours=12)
    world.clock.time = closes - timedelta(minutes=5)
    body = world.act()
    body["sent_at"] = (world.clock.now() + timedelta(seconds=2)).isoformat()
    world.clock.forward(seconds=3)
    url = f"/v1/mobile/visits/{visit.id}/check-in"
    arrived = world.phone_of(street.chen).post(url, body)
    assert (arrived.json["contact"], arrived.json["reasons"]) == ("allowed", [])
    due = datetime.fromisoformat(arrived.json["watch"]["due"])
    assert due == closes

"""Promises 9 and 11: who may not work is watched and makes no contact."""

from sqlalchemy import select

from core.words import Role
from models import Visitor
from tests.support.street import Street
from tests.support.world import Browser, World


def admin(street: Street, world: World) -> Browser:
    return world.client_as(street.make.user(street.organisation, Role.ADMIN))


def url(street: Street, act: str) -> str:
    return f"/v1/mobile/visits/{street.visit.id}/{act}"


def test_9_a_suspended_collector_is_watched_and_sees_no_more_doors(
    street: Street, world: World
):
    phone = world.phone_of(street.chen)
    world.clock.forward(minutes=10)
    assert phone.post(url(street, "check-in"), world.act()).status_code == 200
    boss = admin(street, world)
    assert boss.post(f"/v1/users/{street.chen.id}/suspension").status_code == 200
    assert phone.get("/v1/mobile/day").status_code == 401
    away = world.act(buddy_id=str(street.zhou.id))
    assert phone.post(url(street, "departure"), away).status_code == 401
    elsewhere = street.make.visit(street.place, [street.zhou])
    path = f"/v1/mobile/visits/{elsewhere.id}/check-in"
    answer = phone.post(path, world.act()).json
    assert (answer["watch"]["watched"], answer["contact"]) == (True, "refused")
    assert "SUSPENDED" in [reason["rule_id"] for reason in answer["reasons"]]


def test_11_the_badge_that_the_borrower_was_told_is_the_one_judged(
    street: Street, world: World
):
    street.make.badge(street.chen)  # another one, valid, and not of this visit
    worn = street.session.scalars(
        select(Visitor).where(Visitor.user_id == street.chen.id)
    ).one()
    path = f"/v1/badges/{worn.badge_id}/revocation"
    assert admin(street, world).post(path, {"reason": "lost"}).status_code == 200
    world.clock.forward(minutes=10)
    phone = world.client_as(street.chen)
    answer = phone.post(url(street, "check-in"), world.act()).json
    assert (answer["watch"]["watched"], answer["contact"]) == (True, "refused")
    assert "BADGE" in [reason["rule_id"] for reason in answer["reasons"]]

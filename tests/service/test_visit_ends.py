"""A visit ends with its last watch, or with its code where somebody never came."""

from datetime import timedelta

from sqlalchemy import select

from core.words import VisitState
from models import VisitCode
from server.compose import visit_ends
from tests.support.make import PIN
from tests.support.street import Street
from tests.support.world import World


def state(street: Street) -> VisitState:
    street.session.refresh(street.visit)
    return street.visit.state


def test_a_visit_that_one_of_a_pair_never_came_to_ends_with_its_code(
    street: Street, world: World
):
    world.channel(street.chen)
    dispatcher = world.client_as(street.dispatcher)
    url = f"/v1/visits/{street.visit.id}"
    users = {"user_ids": [str(street.chen.id), str(street.wu.id)]}
    assert dispatcher.put(f"{url}/visitors", users).status_code == 200
    assert dispatcher.post(f"{url}/publication").status_code == 200
    street.make.clock.forward(minutes=10)
    phone, path = world.phone_of(street.chen), f"/v1/mobile/visits/{street.visit.id}"
    phone.post(f"{path}/check-in", world.act())
    street.make.clock.forward(hours=13)
    now = street.make.clock.now
    assert visit_ends.end_forgotten(street.session, now=now()) == 0  # he is watched
    phone.post(f"{path}/check-out", world.act(pin=PIN, outcome="nobody"))
    assert state(street) is VisitState.UNDER_WAY
    assert visit_ends.next_forgotten(street.session) < now()
    assert visit_ends.end_forgotten(street.session, now=now()) == 1
    assert state(street) is VisitState.DONE
    assert street.session.scalars(select(VisitCode.end_reason)).all() == ["ended"]
    assert visit_ends.next_forgotten(street.session) is None


def test_a_collector_is_free_as_soon_as_his_visit_is_done(street: Street, world: World):
    world.channel(street.chen)
    now = street.make.clock.forward(minutes=10)
    for user in (street.chen, street.wu):
        phone = world.phone_of(user)
        path = f"/v1/mobile/visits/{street.visit.id}"
        phone.post(f"{path}/check-in", world.act())
        phone.post(f"{path}/check-out", world.act(pin=PIN, outcome="nobody"))
    assert state(street) is VisitState.DONE
    assert now < street.visit.planned_end
    there = street.make.place(street.case)
    street.make.visit(there, [street.chen, street.wu], starts_in=timedelta(minutes=1))
    street.session.commit()

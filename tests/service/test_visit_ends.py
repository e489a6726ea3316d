"""A visit ends with its last watch, or with its code where somebody never came."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from core.words import Role, VisitState
from credentials import visit_codes
from models import Visit, VisitCode
from server.compose import visit_ends
from tests.support.make import PIN
from tests.support.street import Street
from tests.support.world import World


def state(street: Street) -> VisitState:
    street.session.refresh(street.visit)
    return street.visit.state


def end_forgotten(street: Street) -> int:
    """What the worker does, over and over."""
    street.session.commit()
    sessions, clock_now = street.database.sessions, street.make.clock.now
    return visit_ends.end_forgotten(sessions, clock_now=clock_now)


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
    assert end_forgotten(street) == 0  # he is watched
    phone.post(f"{path}/check-out", world.act(pin=PIN, outcome="nobody"))
    assert state(street) is VisitState.UNDER_WAY
    assert visit_ends.next_forgotten(street.session) < now()
    assert end_forgotten(street) == 1
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


def under_way(street: Street, *, ago: timedelta) -> Visit:
    """A visit that began so long ago, and to which nobody came."""
    alone = [street.make.user(street.organisation, Role.COLLECTOR)]
    state = VisitState.UNDER_WAY
    return street.make.visit(street.place, alone, starts_in=-ago, state=state)


def test_one_that_cannot_be_ended_holds_up_no_other(street: Street, monkeypatch):
    poison, sound = (under_way(street, ago=timedelta(days=n)) for n in (3, 2))
    end = visit_codes.end

    def broken(session: Session, visit_id: UUID, **facts: Any) -> None:
        if visit_id == poison.id:
            raise ValueError("poison")
        end(session, visit_id, **facts)

    monkeypatch.setattr(visit_codes, "end", broken)
    with pytest.raises(ExceptionGroup) as failures:
        end_forgotten(street)
    assert len(failures.value.exceptions) == 1
    for visit in (poison, sound):
        street.session.refresh(visit)
    assert (poison.state, sound.state) == (VisitState.UNDER_WAY, VisitState.DONE)


def test_the_look_for_forgotten_visits_reads_an_index_of_those_under_way(
    street: Street,
):
    asked: list[tuple[str, Any]] = []

    def ask(_: object, __: object, sql: str, facts: Any, *___: object) -> None:
        asked.append((sql, facts))

    engine = street.database.engine
    event.listen(engine, "before_cursor_execute", ask)
    with street.database.sessions() as session:
        assert visit_ends.next_forgotten(session) is None
    event.remove(engine, "before_cursor_execute", ask)
    sql, facts = next(one for one in asked if "visits" in one[0])
    how = "EXPLAIN QUERY PLAN" if street.database.kind == "sqlite" else "EXPLAIN"
    with engine.connect() as connection:
        if street.database.kind == "postgresql":  # for a handful it reads the table
            connection.exec_driver_sql("SET enable_seqscan = off")
        plan = connection.exec_driver_sql(f"{how} {sql}", facts).all()
    assert "ix_visits_under_way" in str(plan)

"""How many SQL statements an act of a phone costs: each is paid for at every door."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event

from core.words import Role, UserState
from tests.api.conftest import Office
from tests.api.test_mobile import AWAY, FIX
from tests.support.databases import Database

# what an act may cost: on PostgreSQL, on SQLite
MOST = {
    "check-in": (20, 23),
    "refused check-in": (24, 25),
    "check-out": (27, 29),
    "sos": (40, 39),
}
TO_DO = (
    "{act} now makes {found} statements on {kind}, {most} were enough. Read together "
    "what belongs together (a join, a row at hand in the session) instead of asking "
    "again; if the act does more than before, raise the number in MOST and say why in "
    "the commit. They were:\n{asked}"
)


@contextmanager
def counted(database: Database, act: str) -> Iterator[None]:
    """At most so many statements, and no fewer: who saves some lowers the number."""
    asked: list[str] = []

    def listen(*facts: object) -> None:
        asked.append(" ".join(str(facts[2]).split())[:100])

    event.listen(database.engine, "before_cursor_execute", listen)
    yield
    event.remove(database.engine, "before_cursor_execute", listen)
    most = MOST[act][database.kind == "sqlite"]
    facts = {"act": act, "found": len(asked), "kind": database.kind, "most": most}
    assert len(asked) <= most, TO_DO.format(asked="\n".join(asked), **facts)
    assert len(asked) == most, f"{act}: lower MOST to {len(asked)} on {database.kind}"


def test_a_check_in_a_check_out_and_an_sos_cost_no_more_than_they_did(
    office: Office, database: Database
):
    street, world = office.street, office.world
    world.channel(street.chen)
    phone = world.phone_of(street.chen)
    url = f"/v1/mobile/visits/{street.visit.id}"
    phone.post(f"{url}/departure", world.act(buddy_id=str(street.zhou.id)))
    world.clock.forward(minutes=10)
    with counted(database, "check-in"):
        arrived = phone.post(f"{url}/check-in", world.act(position=FIX)).json
    assert (arrived["contact"], arrived["watch"]["watched"]) == ("allowed", True)
    with counted(database, "sos"):
        assert phone.post("/v1/mobile/sos", world.act()).status_code == 201
    with counted(database, "check-out"):
        gone = phone.post(f"{url}/check-out", world.act(position=FIX, **AWAY)).json
    assert gone["result"] == "ok"


@pytest.mark.parametrize("dispatchers", [1, 40])
def test_a_refused_check_in_costs_the_same_however_many_are_told(
    office: Office, database: Database, dispatchers: int
):
    street, world = office.street, office.world
    world.channel(street.chen)
    phone = world.phone_of(street.chen)
    for _ in range(dispatchers - 1):
        office.user(Role.DISPATCHER)
    street.wu.state = UserState.SUSPENDED
    street.session.commit()
    url = f"/v1/mobile/visits/{street.visit.id}"
    phone.post(f"{url}/departure", world.act(buddy_id=str(street.zhou.id)))
    world.clock.forward(minutes=10)
    with counted(database, "refused check-in"):
        told = phone.post(f"{url}/check-in", world.act(position=FIX)).json
    assert (told["contact"], told["watch"]["watched"]) == ("refused", True)

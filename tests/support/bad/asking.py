"""One bad request, and whoever may send it: nobody can say that the door was shut."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import inspect

from accounts import access
from core.words import Role
from server.authentication import by_refresh
from server.endpoint import Contract
from tests.support import samples
from tests.support.databases import Database
from tests.support.neighbour import Neighbour
from tests.support.street import Street
from tests.support.walk import tokens
from tests.support.world import World

JSON, PROBLEM = "application/json", "application/problem+json"
NOTHING_TO_READ = {"json": {"no_such_field": 1}}


class Bad(NamedTuple):
    """``options`` replace what would be right; ``statuses`` may come of it."""

    contract: Contract
    what: str
    options: dict[str, Any]
    statuses: tuple[int, ...]


Ids = Mapping[str, UUID]
Cases = Callable[[Contract, Ids], Iterator[Bad]]


class Staff:
    """Everybody of one organisation, logged in, with a row of every kind."""

    def __init__(self, street: Street, world: World) -> None:
        self.world, self.ids = world, Neighbour(street).ids
        make = street.make
        people = {role: make.user(street.organisation, role) for role in Role}
        people[Role.COLLECTOR] = street.chen
        self.browsers = {role: world.client_as(user) for role, user in people.items()}
        self.renewing = tokens(world, street.chen)["refresh"]

    def headers(self, contract: Contract) -> dict[str, str]:
        """The token of somebody for whom the door is open."""
        if contract.action is None:
            return {}
        if contract.door is by_refresh:
            return {"Authorization": f"Bearer {self.renewing}"}
        shown_to_few = contract.path.startswith("/v1/alerts")
        role = min(access.ALLOWED[contract.action])
        return self.browsers[Role.SAFETY_OFFICER if shown_to_few else role].headers

    def send(self, contract: Contract, **options: Any) -> Any:
        """A request to an existing thing with whatever input; ``headers`` are added."""
        options.setdefault("path", samples.path(contract, **self.ids))
        headers = {**self.headers(contract), **options.pop("headers", {})}
        given = {name: value for name, value in headers.items() if value is not None}
        client = self.world.app.test_client()
        return client.open(**{"method": contract.method, **options}, headers=given)

    @cache  # noqa: B019 - lives as long as its test
    def right(self, contract: Contract) -> dict[str, Any]:
        """Body and query with which the operation does what it should."""
        options = samples.request(contract)
        if asked := options.get("query_string"):
            known = {name: str(self.ids[name]) for name in asked if name in self.ids}
            options["query_string"] = {**asked, **known}
        return options

    def try_(self, bad: Bad) -> Any:
        """The answer to a request that would be right but for what is bad in it."""
        right = self.right(bad.contract)
        if bad.options.keys() & {"data", "json"}:
            right = {key: right[key] for key in right.keys() & {"query_string"}}
        answer = self.send(bad.contract, **{**right, **bad.options})
        if answer.mimetype == "text/event-stream":
            next(answer.iter_encoded(), b"")
            answer.close()
        return answer


def refused(answer: Any, *statuses: int) -> bool:
    """A problem document with one of the statuses, in the shape of all of them."""
    if answer.status_code not in statuses or answer.mimetype != PROBLEM:
        return False
    told = answer.json
    words = all(told[name].strip() for name in ("title", "detail", "request_id"))
    right = told["status"] == answer.status_code
    return words and right and told["type"].startswith("/problems/")


def rows(database: Database) -> dict[str, str]:
    """Of each table a digest of every cell as the database keeps it."""
    found = {}
    with database.engine.connect() as connection:
        for name in inspect(connection).get_table_names():
            cells = connection.exec_driver_sql(f'SELECT * FROM "{name}"').all()
            lines = "\n".join(sorted(repr(tuple(row)) for row in cells))
            found[name] = hashlib.blake2b(lines.encode()).hexdigest()
    return found

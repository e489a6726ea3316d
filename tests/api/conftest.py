"""Everybody of one organisation, each behind a client of his own."""

from typing import Any

import pytest

from core.words import Role
from models import User
from tests.support.street import Street
from tests.support.world import Browser, World


class Office:
    """Clients of ``street``'s organisation by role; ``chen`` is its collector."""

    def __init__(self, street: Street, world: World) -> None:
        self.street, self.world = street, world
        self.make, self.organisation = street.make, street.organisation

    def __getitem__(self, role: Role) -> Browser:
        """A fresh log-in of somebody in this role."""
        return self.world.client_as(self.user(role))

    def user(self, role: Role, **values: object) -> User:
        """The street's own collector, or a new colleague."""
        if role is Role.COLLECTOR and not values:
            return self.street.chen
        return self.make.user(self.organisation, role, **values)

    def walk(self, client: Browser, path: str, **query: Any) -> list[str]:
        """All ids of a list, page by page of two."""
        found: list[str] = []
        cursor: dict[str, str] = {}
        for _ in range(50):
            page = client.get(path, limit=2, **query, **cursor).json
            assert len(page["items"]) <= 2
            found += [item["id"] for item in page["items"]]
            if page["next"] is None:
                return found
            cursor = {"after": page["next"]}
        raise AssertionError("the walk does not end")


@pytest.fixture
def office(street: Street, world: World) -> Office:
    """One organisation with everybody on duty."""
    return Office(street, world)

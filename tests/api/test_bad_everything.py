"""Whatever comes in that is wrong, to every operation: 4xx, and nothing is stored."""

import pytest

from core import ids
from server import callbacks
from server.endpoint import CONTRACTS
from tests.contract.test_openapi import operations
from tests.support.bad.asking import Staff, rows
from tests.support.bad.rounds import OF_BODIES, reached, walk
from tests.support.street import Street
from tests.support.world import World

SHARES = 9  # of the operations: the walk runs on every core


@pytest.mark.timeout(600)  # thousands of requests, on a busy machine
@pytest.mark.parametrize("share", range(SHARES))
def test_every_operation_refuses_bad_input_and_stores_nothing(
    street: Street, world: World, share: int
):
    found = walk(Staff(street, world), CONTRACTS[share::SHARES])
    assert (found.failed, found.wrong, found.stored) == ([], [], [])
    assert found.cases > 500


def test_every_operation_is_reached():
    named = {"place_id": ids.new()}
    everything = {told["operationId"] for _, told in operations()}
    asking = {one.name for one in CONTRACTS if not one.ignores_queries}
    reading = {one.name for one in CONTRACTS if one.body is not None}
    assert reached("header", named) == reached("method", named) == everything
    assert reached("path", named) == {one.name for one in CONTRACTS if "<" in one.path}
    assert reached("query", named) == asking
    calling = {one.name for one in CONTRACTS if one.upload is callbacks.fields}
    assert reached("file", named) == {"badges_put_photo", "imports_take", *calling}
    assert all(reached(kind, named) == reading for kind in OF_BODIES)


def test_a_single_changed_cell_is_seen(street: Street):
    before = rows(street.database)
    street.place.address = "the blue door"
    street.session.commit()
    after = rows(street.database)
    assert {name for name in after if after[name] != before[name]} == {"places"}

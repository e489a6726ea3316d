"""Twenty refreshes at once, and the replays after them, on real databases."""

import pytest

from tests.support.families import PARALLEL, Home, Verdict, rounds
from tests.support.street import Street
from tests.support.world import World


@pytest.fixture
def home(street: Street, world: World) -> Home:
    """An office whose people log in with apps."""
    return Home(world, street)


def test_a_family_under_parallel_refreshes_and_replays_keeps_exactly_the_rule(
    home: Home,
):
    verdict = rounds(home, families=2)
    assert verdict == Verdict(asked=verdict.asked, wrong_kills=0, wrong_answers=0)
    assert verdict.asked > 2 * 3 * PARALLEL

"""Those who look on live, and the one thread that reads for all of them."""

from datetime import timedelta

from core import ids
from server import clock
from server.onlookers import Onlooker, Onlookers
from tests.support.street import Street
from tests.support.world import World


def looking(street: Street) -> Onlooker:
    actor = street.make.actor(street.officer)
    return Onlooker(actor, ids.new(), clock.real() + timedelta(minutes=5))


def test_closing_ends_the_streams_and_their_reader(world: World, street: Street):
    onlookers = Onlookers(world.app.extensions["vouchsafe"])
    one = looking(street)
    assert onlookers.join(one)
    reader = onlookers.reader
    assert reader is not None
    onlookers.close()
    reader.join(10)
    assert not reader.is_alive()
    assert one.ended
    assert not onlookers.join(looking(street))

"""The truth table of a visit's life, and zones."""

import pytest

from core.countries import COUNTRIES
from core.geo import Position
from core.words import VisitState
from planning import visit_states, zones
from planning.currencies import CURRENCIES
from planning.visit_states import Act

ALLOWED = {
    (Act.PROPOSE, None): "proposed",
    (Act.ASSIGN, "proposed"): "assigned",
    (Act.ASSIGN, "assigned"): "assigned",
    (Act.ASSIGN, "published"): "assigned",
    (Act.RESCHEDULE, "proposed"): "proposed",
    (Act.RESCHEDULE, "assigned"): "assigned",
    (Act.RESCHEDULE, "published"): "assigned",
    (Act.PUBLISH, "assigned"): "published",
    (Act.CANCEL, "proposed"): "cancelled",
    (Act.CANCEL, "assigned"): "cancelled",
    (Act.CANCEL, "published"): "cancelled",
    (Act.BEGIN, "published"): "under_way",
    (Act.FINISH, "under_way"): "done",
}


@pytest.mark.parametrize("act", Act)
@pytest.mark.parametrize("state", [None, *VisitState])
def test_an_act_is_possible_only_where_the_table_says_so(act, state):
    assert visit_states.after(act, state) == ALLOWED.get((act, state))


@pytest.mark.parametrize(
    ("lon", "lat", "zone"),
    [
        (120.1551, 30.2741, "Asia/Shanghai"),
        (139.6917, 35.6895, "Asia/Tokyo"),
        (-73.9857, 40.7484, "America/New_York"),
        (114.1694, 22.3193, "Asia/Hong_Kong"),
        (125.0, 28.0, None),
        (0.0, 0.0, None),
        (180.0, 0.0, None),
    ],
)
def test_a_zone_is_known_on_land_and_unknown_at_sea(lon, lat, zone):
    assert zones.of(Position(lon, lat)) == zone


def test_code_lists_hold_what_is_current_and_nothing_else():
    assert len(COUNTRIES) == 249
    assert {"CN", "HK", "TW", "BE"} <= COUNTRIES
    assert COUNTRIES.isdisjoint({"UK", "EU", "XK", "AN", "AC", "TA"})
    assert {"CNY", "EUR", "JPY", "XCG"} <= CURRENCIES
    assert CURRENCIES.isdisjoint({"RMB", "XAU", "HRK", "BGN", "XXX"})

"""Datums and distances against published vectors."""

import csv
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import datums
from core.datums import Datum
from core.geo import Position, distance_m

CITIES = Path(__file__).parents[1] / "data" / "chinese_cities.csv"
ABROAD = {
    "Hanoi": (105.85, 21.03),
    "Seoul": (126.98, 37.57),
    "Hong Kong": (114.17, 22.32),
    "Macau": (113.54, 22.19),
    "Taipei": (121.5, 25.03),
    "Ulaanbaatar": (106.9, 47.9),
    "Kathmandu": (85.3, 27.7),
    "Almaty": (76.9, 43.2),
}


def cities() -> list[list[float]]:
    """338 prefectures as npm gcoord 1.0.7 (MIT) converts them."""
    with CITIES.open(newline="") as file:
        return [list(map(float, row[1:])) for row in list(csv.reader(file))[1:]]


def test_every_chinese_city_is_where_others_put_it():
    rows = cities()
    assert len(rows) == 338
    for lon, lat, gcj_lon, gcj_lat, bd_lon, bd_lat in rows:
        wgs = (lon, lat)
        assert math.dist(datums.wgs84_to_gcj02(*wgs), (gcj_lon, gcj_lat)) < 1e-6
        assert math.dist(datums.to_wgs84(Datum.GCJ02, gcj_lon, gcj_lat), wgs) < 1e-6
        assert math.dist(datums.to_wgs84(Datum.BD09, bd_lon, bd_lat), wgs) < 2e-5


@pytest.mark.parametrize("name", ABROAD)
def test_nothing_is_shifted_outside_the_mainland(name: str):
    lon, lat = ABROAD[name]
    for datum in Datum:
        assert datums.to_wgs84(datum, lon, lat) == (lon, lat)


@given(st.floats(104, 118), st.floats(25, 40))
def test_the_inverse_of_gcj02_is_exact_to_a_millimetre(lon: float, lat: float):
    shifted = datums.wgs84_to_gcj02(lon, lat)
    assert shifted != (lon, lat)
    assert math.dist(datums.gcj02_to_wgs84(*shifted), (lon, lat)) < 1e-8


@pytest.mark.parametrize("bad", [(181, 0), (0, 91), (math.nan, 0), (0, math.inf)])
def test_impossible_positions_are_refused(bad: tuple[float, float]):
    with pytest.raises(ValueError, match="lon must lie"):
        Position(*bad)


def test_distance_is_in_metres():
    hangzhou, shanghai = Position(120.1551, 30.2741), Position(121.4737, 31.2304)
    assert distance_m(hangzhou, shanghai) == pytest.approx(164_500, rel=0.01)


def test_a_position_survives_its_text():
    position = Position(120.1234567, -30.7654321)
    assert Position.parse(str(position)) == position

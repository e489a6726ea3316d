"""Positions on the earth: WGS-84 longitude and latitude in degrees, metres between."""

import math
from dataclasses import dataclass

from geopy.distance import great_circle

from core.datums import Datum, to_wgs84


@dataclass(frozen=True, slots=True)
class Position:
    """A WGS-84 point. ``lon`` in [-180, 180], ``lat`` in [-90, 90]; never NaN."""

    lon: float
    lat: float

    def __post_init__(self) -> None:
        finite = math.isfinite(self.lon) and math.isfinite(self.lat)
        if not finite or abs(self.lon) > 180 or abs(self.lat) > 90:
            raise ValueError("lon must lie in [-180, 180] and lat in [-90, 90]")

    @classmethod
    def given_in(cls, datum: Datum, lon: float, lat: float) -> "Position":
        """The WGS-84 position of coordinates that were measured in ``datum``."""
        cls(lon, lat)
        return cls(*to_wgs84(datum, lon, lat))

    @classmethod
    def parse(cls, text: str) -> "Position":
        """The inverse of ``str``: ``"lon,lat"``."""
        lon, lat = text.split(",")
        return cls(float(lon), float(lat))

    def __str__(self) -> str:
        return f"{self.lon:.7f},{self.lat:.7f}"


def distance_m(a: Position, b: Position) -> float:
    """Great-circle metres (at most 0.35 % off the geodesic)."""
    return float(great_circle((a.lat, a.lon), (b.lat, b.lon)).meters)

"""Datums that Chinese phone maps report, and their way to WGS-84 and back.

GCJ-02 is the obfuscated datum prescribed for maps of mainland China; BD-09 is Baidu's
further shift of it. The formulas are the published reverse-engineered ones (as in
eviltransform); the inverse is iterated until it agrees to about a millimetre. Outside
the mainland both are plain WGS-84, which is decided by a polygon: a bounding box would
shift Hanoi and Seoul by 450 m.
"""

import math
from enum import StrEnum
from math import cos, pi, sin, sqrt

AXIS_M = 6378245.0  # Krasovsky 1940 semi-major axis
ECCENTRICITY_SQUARED = 0.00669342162296594323
BAIDU = pi * 3000.0 / 180.0


class Datum(StrEnum):
    """The datum in which coordinates were measured."""

    WGS84 = "wgs84"
    GCJ02 = "gcj02"
    BD09 = "bd09"


# Outline of mainland China with the maritime fringe, coarse (about 20 to 50 km) and
# drawn by hand for this project from the map; Hong Kong, Macau and Taiwan lie outside.
MAINLAND: tuple[tuple[float, float], ...] = (
    (73.4, 39.3), (75.0, 40.5), (78.0, 41.3), (80.2, 42.2), (80.2, 45.0), (82.5, 45.4),
    (83.0, 47.3), (85.6, 47.2), (85.6, 48.4), (87.6, 49.2), (90.9, 46.9), (91.0, 45.2),
    (95.3, 44.3), (96.3, 42.8), (101.8, 42.6), (105.0, 41.6), (107.5, 42.5),
    (110.0, 42.7), (111.9, 43.7), (111.9, 45.1), (114.5, 45.4), (116.2, 46.4),
    (119.7, 46.8), (118.0, 48.0), (115.6, 47.8), (116.7, 49.8), (119.2, 50.1),
    (120.8, 52.0), (120.1, 52.7), (121.4, 53.4), (123.6, 53.6), (126.0, 52.8),
    (127.6, 50.2), (127.8, 49.7), (130.6, 48.9), (131.0, 47.8), (134.8, 48.4),
    (133.1, 45.1), (131.9, 45.3), (131.0, 44.8), (131.3, 43.4), (130.6, 42.4),
    (129.9, 43.0), (128.0, 42.0), (126.9, 41.8), (125.0, 40.5), (124.3, 39.8),
    (123.5, 38.5), (123.2, 36.8), (121.5, 34.0), (123.2, 31.5), (123.4, 29.5),
    (122.0, 27.0), (120.2, 25.2), (119.0, 24.0), (116.9, 22.5), (114.5, 22.2),
    (114.45, 22.56), (114.15, 22.56), (113.9, 22.45), (113.6, 22.22), (113.52, 22.22),
    (113.5, 21.8), (110.7, 18.0), (108.4, 18.2), (108.0, 21.5), (106.6, 21.95),
    (106.6, 22.9), (105.3, 23.3), (103.9, 22.5), (102.5, 22.7), (101.7, 22.4),
    (101.8, 21.1), (99.9, 21.6), (98.8, 23.2), (97.5, 23.9), (98.7, 25.9),
    (98.6, 27.5), (97.3, 28.2), (95.4, 29.0), (92.0, 27.8), (88.9, 27.3),
    (88.1, 27.9), (86.0, 27.9), (82.0, 30.2), (79.0, 31.2), (78.7, 34.2), (74.5, 37.2),
)  # fmt: skip


def in_mainland(lon: float, lat: float) -> bool:
    """Even-odd rule over ``MAINLAND``; WGS-84 degrees."""
    inside = False
    for (x1, y1), (x2, y2) in zip(MAINLAND, MAINLAND[1:] + MAINLAND[:1], strict=True):
        crosses = (y1 > lat) != (y2 > lat)
        if crosses and lon < (x2 - x1) * (lat - y1) / (y2 - y1) + x1:
            inside = not inside
    return inside


def _waves(x: float, y: float) -> tuple[float, float]:
    common = 20.0 * sin(6.0 * x * pi) + 20.0 * sin(2.0 * x * pi)
    root = sqrt(abs(x))
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    north += (common + 20.0 * sin(y * pi) + 40.0 * sin(y / 3.0 * pi)) * 2.0 / 3.0
    north += (160.0 * sin(y / 12.0 * pi) + 320.0 * sin(y * pi / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    east += (common + 20.0 * sin(x * pi) + 40.0 * sin(x / 3.0 * pi)) * 2.0 / 3.0
    east += (150.0 * sin(x / 12.0 * pi) + 300.0 * sin(x / 30.0 * pi)) * 2.0 / 3.0
    return east, north


def wgs84_to_gcj02(lon: float, lat: float) -> tuple[float, float]:
    """Degrees to degrees; the identity outside the mainland."""
    if not in_mainland(lon, lat):
        return lon, lat
    east, north = _waves(lon - 105.0, lat - 35.0)
    phi = lat / 180.0 * pi
    w = 1 - ECCENTRICITY_SQUARED * sin(phi) ** 2
    meridian = AXIS_M * (1 - ECCENTRICITY_SQUARED) / (w * sqrt(w))
    return (
        lon + east * 180.0 / (AXIS_M / sqrt(w) * cos(phi) * pi),
        lat + north * 180.0 / (meridian * pi),
    )


def gcj02_to_wgs84(lon: float, lat: float) -> tuple[float, float]:
    """Fixed-point inverse of ``wgs84_to_gcj02``; five rounds reach 1e-9 degrees."""
    x, y = lon, lat
    for _ in range(5):
        there = wgs84_to_gcj02(x, y)
        x, y = x + lon - there[0], y + lat - there[1]
    return x, y


def bd09_to_gcj02(lon: float, lat: float) -> tuple[float, float]:
    """Baidu's own second shift, undone."""
    x, y = lon - 0.0065, lat - 0.006
    z = sqrt(x * x + y * y) - 0.00002 * sin(y * BAIDU)
    theta = math.atan2(y, x) - 0.000003 * cos(x * BAIDU)
    return z * cos(theta), z * sin(theta)


def to_wgs84(datum: Datum, lon: float, lat: float) -> tuple[float, float]:
    """WGS-84 (lon, lat) in degrees of a point measured in ``datum``."""
    match datum:
        case Datum.WGS84:
            return lon, lat
        case Datum.GCJ02:
            return gcj02_to_wgs84(lon, lat)
        case Datum.BD09:
            gcj = bd09_to_gcj02(lon, lat)
            # Baidu shifts only what it draws as mainland; elsewhere it stays WGS-84.
            return gcj02_to_wgs84(*gcj) if in_mainland(*gcj) else (lon, lat)

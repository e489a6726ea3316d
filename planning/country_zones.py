"""Whether a position lies in the stated country, as far as its time zone tells.

The zone map is coarse: within some kilometres of a border it may name the neighbour.
"""

from collections.abc import Mapping
from functools import cache
from importlib import resources

from core.countries import COUNTRIES
from gate import packs

TABLES = ("zone.tab", "zone1970.tab")  # the second one joins zones alike since 1970


def fits(zone: str, country: str, region: str | None) -> bool:
    """True where the zone is one of the country's.

    Parts of it that have law and a country code of their own (Hong Kong) count only
    where ``region`` names them.
    """
    apart = _with_own_law(country)
    if region is not None and region in apart:
        return zone in _zones(apart[region])
    elsewhere = frozenset[str]().union(*map(_zones, apart.values()))
    return zone in _zones(country) - elsewhere


def _with_own_law(country: str) -> Mapping[str, str]:
    """Regions that the country's rules leave out, each with its own country code."""
    pack = packs.shipped().get(country)
    if pack is None:
        return {}
    codes = {region: region.partition("-")[2] for region in pack.excluded_regions}
    return {region: code for region, code in codes.items() if code in COUNTRIES}


def _zones(country: str) -> frozenset[str]:
    return _by_country().get(country, frozenset())


@cache
def _by_country() -> Mapping[str, frozenset[str]]:
    """IANA names by country code, from the tables of the time zone database."""
    found: dict[str, set[str]] = {}
    for table in TABLES:
        path = resources.files("tzdata") / "zoneinfo" / table
        for line in path.read_text(encoding="utf-8").splitlines():
            if not line.startswith("#"):
                countries, _, zone = line.split("\t")[:3]
                for country in countries.split(","):
                    found.setdefault(country, set()).add(zone)
    return {country: frozenset(zones) for country, zones in found.items()}

"""The time zone of a position, from the zone map that tzfpy carries."""

from tzfpy import get_tz

from core import instants
from core.geo import Position


def of(position: Position) -> str | None:
    """The IANA name; None at sea and wherever no loadable zone is known.

    Where two zones are in use at one place the map's first one is taken: the gate asks
    a jurisdiction's single legal zone besides.
    """
    name = str(get_tz(position.lon, position.lat))
    if not name or name.startswith("Etc/"):  # nautical zones: open sea
        return None
    try:
        return instants.zone(name).key
    except ValueError:
        return None

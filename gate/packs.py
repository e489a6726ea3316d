"""The rule packs that ship with the product, found by the place they bind."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from gate import pack_files
from gate.law import Pack

FOLDER = Path(__file__).parent / "rule_packs"


@cache
def shipped() -> Mapping[str, Pack]:
    """Every pack by its jurisdiction, read once for each process.

    ``Misconfigured`` names the file, the rule and the field that is wrong.
    """
    return pack_files.read_folder(FOLDER)


def for_place(country: str, region: str | None) -> Pack | None:
    """The pack that binds at a place: ISO 3166-1 country, ISO 3166-2 region if known.

    None where we have none, or where the region has law of its own (Hong Kong).
    """
    pack = shipped().get(country)
    if pack is None or region in pack.excluded_regions:
        return None
    return pack

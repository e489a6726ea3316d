"""Cases as they come in from a file, with the digests by which they are known again."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields

from core.geo import Position
from models.sealed import ring
from planning import place_store
from planning.case_files import CaseFile
from planning.case_rows import CaseFacts, PlaceFacts
from planning.place_store import Located

OF_PLACES = [one.name for one in fields(PlaceFacts)]


@dataclass(frozen=True, slots=True)
class IncomingPlace:
    """A located place of the file; zone and reasons are part of its digest."""

    located: Located
    digest: str

    @property
    def place_id(self) -> str:
        """Its id within its case."""
        return self.located.facts.place_id


@dataclass(frozen=True, slots=True)
class Incoming:
    """A case of the file and those of its places that came with it.

    ``fresh``: an earlier line of the same file has made it.
    """

    facts: CaseFacts
    digest: str
    places: Sequence[IncomingPlace]
    fresh: bool


def of(case_file: CaseFile, *, fresh: bool = False) -> Incoming:
    """Located and digested; nothing of it needs the database."""
    places = [
        IncomingPlace(one, _digest(_of_place(one)))
        for one in map(place_store.located, case_file.places.values())
    ]
    return Incoming(
        case_file.case, _digest(case_file.case.columns().values()), places, fresh
    )


def _digest(cells: Iterable[object]) -> str:
    return ring.keyring.digest("case_row", json.dumps(list(cells)))


def _of_place(located: Located) -> Iterator[object]:
    facts = located.facts
    for name in OF_PLACES:
        cell = getattr(facts, name)
        yield str(cell) if isinstance(cell, Position) else cell
    yield from (located.zone, located.has_pack, located.contradicted)

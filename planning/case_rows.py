"""One line of a case file: its columns, and the cells read into a case and a place."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from functools import lru_cache

from core.case_words import AbilityToPay, Employment, WillingnessToPay
from core.datums import Datum
from core.geo import Position
from core.words import Language, PlaceKind
from gate.law import WeekSpan
from planning import case_cells as cells
from planning import wish_hours


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a line was refused.

    ``line`` counts lines of the file, the header being 1; ``column`` is ``row`` where
    the line as a whole cannot be read.
    """

    line: int
    column: str
    reason: str


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """The columns that are the same on every line of a case.

    ``circumstances`` are the optional columns that the line has, in the order of
    ``CIRCUMSTANCES``; an empty cell is None.
    """

    case_id: str
    creditor_code: str
    creditor_name: str
    debt_ref: str
    debtor_ref: str
    borrower_name: str
    borrower_phone: str | None
    language: Language
    days_past_due: int
    amount_minor: int
    currency: str
    wish_only: tuple[WeekSpan, ...]
    wish_avoid: tuple[WeekSpan, ...]
    circumstances: Mapping[str, str | None]

    def columns(self) -> dict[str, object]:
        """Every column with what it says; an optional one may not be said at all."""
        found = {name: getattr(self, name) for name in OF_CASES}
        said = {name: self.circumstances.get(name, UNSAID) for name in CIRCUMSTANCES}
        return {**found, **said}


OF_CASES = [one.name for one in fields(CaseFacts) if one.name != "circumstances"]


@dataclass(frozen=True, slots=True)
class PlaceFacts:
    """The columns that describe one place; ``position`` is WGS-84."""

    place_id: str
    place_kind: PlaceKind
    place_public: bool
    address: str | None
    position: Position
    datum: Datum
    country: str
    region: str | None


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A good line: a case and one of its places."""

    line: int
    case: CaseFacts
    place: PlaceFacts


@lru_cache
def wish(cell: str) -> tuple[WeekSpan, ...]:
    """A borrower's weekly hours."""
    return wish_hours.parse(cells.optional_text(200)(cell) or "")


UNSAID = "\x00"  # no cell holds it
MOST_PEOPLE = 30  # of one household
code = cells.text(64)
name = cells.text(120)
address = cells.optional_text(300)
language = cells.word(Language)
days = cells.whole(0, cells.MOST_DAYS)
amount = cells.whole(1, cells.MOST_MINOR_UNITS)
place_kind = cells.word(PlaceKind)
lon = cells.degrees(180)
lat = cells.degrees(90)
datum = cells.word(Datum)

READERS: Mapping[str, Callable[[str], object]] = {
    "case_id": code,
    "creditor_code": code,
    "creditor_name": name,
    "debt_ref": code,
    "debtor_ref": code,
    "borrower_name": name,
    "borrower_phone": cells.phone,
    "language": language,
    "days_past_due": days,
    "amount_minor": amount,
    "currency": cells.currency,
    "place_id": code,
    "place_kind": place_kind,
    "place_public": cells.yes_no,
    "address": address,
    "lon": lon,
    "lat": lat,
    "datum": datum,
    "country": cells.country,
    "region": cells.region,
    "wish_only": wish,
    "wish_avoid": wish,
}

# Personal facts about the borrower that a file may have.
CIRCUMSTANCES: Mapping[str, Callable[[str], object]] = {
    "employment": cells.optional(cells.word(Employment)),
    "household_size": cells.optional(cells.whole(1, MOST_PEOPLE)),
    "ability_to_pay": cells.optional(cells.word(AbilityToPay)),
    "willingness_to_pay": cells.optional(cells.word(WillingnessToPay)),
}
COLUMNS: Mapping[str, Callable[[str], object]] = {**READERS, **CIRCUMSTANCES}


def read(line: int, raw: Mapping[str, str]) -> Iterator[CaseRow | Problem]:
    """The row, or every problem of its cells; ``raw`` has all of ``READERS``."""
    values: dict[str, str] = {}
    problems = []
    for column, reader in COLUMNS.items():
        if column not in raw:
            continue
        try:
            values[column] = cells.clean(raw[column])
            reader(values[column])
        except ValueError as error:
            problems.append(Problem(line, column, str(error)))
    if not problems and not _region_fits(values):
        problems.append(Problem(line, "region", "must lie in the country"))
    if problems:
        yield from problems
    else:
        yield CaseRow(line, _case(values), _place(values))


def _region_fits(values: Mapping[str, str]) -> bool:
    region = values["region"]
    return not region or region.startswith(f"{values['country']}-")


def _case(values: Mapping[str, str]) -> CaseFacts:
    """From cells that have been read once without a problem."""
    return CaseFacts(
        case_id=values["case_id"],
        creditor_code=values["creditor_code"],
        creditor_name=values["creditor_name"],
        debt_ref=values["debt_ref"],
        debtor_ref=values["debtor_ref"],
        borrower_name=values["borrower_name"],
        borrower_phone=values["borrower_phone"] or None,
        language=language(values["language"]),
        days_past_due=days(values["days_past_due"]),
        amount_minor=amount(values["amount_minor"]),
        currency=values["currency"],
        wish_only=wish(values["wish_only"]),
        wish_avoid=wish(values["wish_avoid"]),
        circumstances={
            name: values[name] or None for name in CIRCUMSTANCES if name in values
        },
    )


def _place(values: Mapping[str, str]) -> PlaceFacts:
    """From cells that have been read once without a problem."""
    measured_in = datum(values["datum"])
    return PlaceFacts(
        place_id=values["place_id"],
        place_kind=place_kind(values["place_kind"]),
        place_public=cells.yes_no(values["place_public"]),
        address=address(values["address"]),
        position=Position.given_in(measured_in, lon(values["lon"]), lat(values["lat"])),
        datum=measured_in,
        country=values["country"],
        region=values["region"] or None,
    )

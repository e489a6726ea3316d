"""Whom a step names, as data: in one form for the API, the database and open alerts.

Persons are found when the step runs (``safety.recipients``). Beside each recipient
stands a word of the programs that knew only words: they read it while both run, and
where it cannot say the same it reaches more people.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from core.words import RecipientKind, Role

# colleagues are asked as the nearest; nobody else could take an alert
CALLED = frozenset({Role.SAFETY_OFFICER, Role.DISPATCHER, Role.ADMIN})
MOST_NEAREST = 10
NEAREST_M, FARTHEST_M = 100, 100_000


@dataclass(frozen=True, slots=True)
class Collector:
    """The one in danger himself."""


@dataclass(frozen=True, slots=True)
class Buddy:
    """The colleague named at departure."""


@dataclass(frozen=True, slots=True)
class Nearest:
    """The ``count`` nearest able colleagues, none known to be farther than that."""

    count: int
    within_m: int | None = None

    def __post_init__(self) -> None:
        metres = NEAREST_M if self.within_m is None else self.within_m
        if not 1 <= self.count <= MOST_NEAREST:
            raise ValueError(f"nobody asks {self.count} colleagues")
        if not NEAREST_M <= metres <= FARTHEST_M:
            raise ValueError(f"nobody is near within {metres} m")


@dataclass(frozen=True, slots=True)
class OnRota:
    """Who is on call by this rota; ``None``: by the standing one."""

    rota_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class InRole:
    """Every active person of a role."""

    role: Role

    def __post_init__(self) -> None:
        if self.role not in CALLED:
            raise ValueError(f"no step calls every {self.role}")


@dataclass(frozen=True, slots=True)
class Person:
    """One named person."""

    user_id: UUID


Recipient = Collector | Buddy | Nearest | OnRota | InRole | Person

COLLECTOR, BUDDY = Collector(), Buddy()
NEAREST_TWO = Nearest(2)
ON_CALL = OnRota()
ALL_SAFETY_OFFICERS = InRole(Role.SAFETY_OFFICER)
WORDS: Mapping[str, Recipient] = {
    "collector": COLLECTOR,
    "buddy": BUDDY,
    "nearest_two": NEAREST_TWO,
    "on_call": ON_CALL,
    "all_safety_officers": ALL_SAFETY_OFFICERS,
}


def as_json(recipient: Recipient) -> dict[str, object]:
    """``kind`` and what belongs to it; ``read`` takes it back."""
    match recipient:
        case Collector():
            return {"kind": RecipientKind.COLLECTOR.value}
        case Buddy():
            return {"kind": RecipientKind.BUDDY.value}
        case Nearest(count, within_m):
            near = {"kind": RecipientKind.NEAREST.value, "count": count}
            return near if within_m is None else {**near, "within_m": within_m}
        case OnRota(rota_id):
            standing: dict[str, object] = {"kind": RecipientKind.ROTA.value}
            return {**standing, "rota_id": str(rota_id)} if rota_id else standing
        case InRole(role):
            return {"kind": RecipientKind.ROLE.value, "role": role.value}
        case Person(user_id):
            return {"kind": RecipientKind.PERSON.value, "user_id": str(user_id)}


def read(found: Mapping[str, object]) -> Recipient:
    """What ``as_json`` wrote, or a ``ValueError``."""
    try:
        return _read(RecipientKind(str(found["kind"])), found)
    except KeyError as error:
        raise ValueError(f"a recipient without {error}") from error


def _read(kind: RecipientKind, found: Mapping[str, object]) -> Recipient:
    match kind:
        case RecipientKind.COLLECTOR:
            return COLLECTOR
        case RecipientKind.BUDDY:
            return BUDDY
        case RecipientKind.NEAREST:
            within = found.get("within_m")
            metres = None if within is None else int(str(within))
            return Nearest(int(str(found["count"])), metres)
        case RecipientKind.ROTA:
            rota_id = found.get("rota_id")
            return OnRota(None if rota_id is None else UUID(str(rota_id)))
        case RecipientKind.ROLE:
            return InRole(Role(str(found["role"])))
        case RecipientKind.PERSON:
            return Person(UUID(str(found["user_id"])))


def stored(whom: object, words: object) -> tuple[Recipient, ...]:
    """What a stored step names, by its recipients or, of an older program, its words.

    Whatever cannot be read is read as all safety officers: never as nobody.
    """
    if isinstance(whom, list):
        return tuple(dict.fromkeys(_or_officers(one) for one in whom))
    listed = words if isinstance(words, list) else [words]
    return tuple(
        dict.fromkeys(WORDS.get(str(one), ALL_SAFETY_OFFICERS) for one in listed)
    )


def _or_officers(found: object) -> Recipient:
    try:
        return read(found) if isinstance(found, Mapping) else ALL_SAFETY_OFFICERS
    except ValueError:
        return ALL_SAFETY_OFFICERS


def as_words(recipients: Sequence[Recipient]) -> list[object]:
    """The words for programs that know no more."""
    return list(dict.fromkeys(_word(one) for one in recipients))


def _word(recipient: Recipient) -> str:
    match recipient:
        case Collector():
            return "collector"
        case Buddy():
            return "buddy"
        case Nearest():
            return "nearest_two"
        case InRole(Role.SAFETY_OFFICER):
            return "all_safety_officers"
        case OnRota() | InRole() | Person():
            return "on_call"

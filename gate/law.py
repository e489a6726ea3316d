"""A jurisdiction's rules as frozen data, in the words of the rule packs."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_MINUTES = 24 * 60
WEEK_MINUTES = 7 * DAY_MINUTES

# [first minute, end minute) of a local week that begins on Monday at 00:00.
WeekSpan = tuple[int, int]


class Kind(StrEnum):
    """What a rule is about."""

    HOURS = "hours"
    CAP = "cap"
    IDENTITY = "identity"
    NOTICE = "notice"
    STAFFING = "staffing"
    RECORDING = "recording"
    PLACE = "place"
    PERSON = "person"
    BORROWER_RIGHT = "borrower_right"
    SUSPENSION = "suspension"
    RETENTION = "retention"
    CONTENT = "content"
    LICENCE = "licence"


class Reach(StrEnum):
    """The channels that a rule speaks of; a rule without any speaks of all."""

    VISIT = "visit"
    CALL = "call"
    SMS = "sms"
    EMAIL = "email"
    LETTER = "letter"
    ANY = "any"


class Effect(StrEnum):
    """What a rule says of the thing it names; ``Bearing`` leads."""

    FORBID = "forbid"
    REQUIRE = "require"
    PRESUME_FORBID = "presume_forbid"
    RECOMMEND = "recommend"


class Bearing(StrEnum):
    """Whether a rule refuses, asks for something by a stage, or is only shown.

    The files call it ``role``.
    """

    DECIDES = "decides"
    OBLIGES = "obliges"
    INFORMS = "informs"


class Status(StrEnum):
    """How far the rule was read: its primary text, a summary, or not at all."""

    VERIFIED = "verified"
    SECONDARY = "secondary"
    UNVERIFIED = "unverified"


class Force(StrEnum):
    """What kind of instrument the rule stands in."""

    LAW = "law"
    REGULATION = "regulation"
    STANDARD = "standard"
    SELF_REG = "self_reg"
    GUIDANCE = "guidance"
    DRAFT = "draft"


class Reading(StrEnum):
    """What kind of copy of the source was read; the files call it ``src``."""

    PRIMARY = "primary"
    SECONDARY = "secondary"
    NONE = "none"


class Premises(StrEnum):
    """The places that a rule names."""

    INSIDE_HOME = "inside_home"
    OTHER_PRIVATE_PREMISES = "other_private_premises"
    DEBTOR_OFFICE_AREA = "debtor_office_area"
    PUBLIC_POSTING = "public_posting"


class Stage(StrEnum):
    """By when an obligation is to be met."""

    PLAN = "plan"
    DEPARTURE = "departure"
    DOOR = "door"
    AFTER = "after"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. ``hours`` are the lawful ones; outside them it has its effect.

    ``effective_from`` is a local date of the place, None where the rule always applies.
    """

    id: str
    kind: Kind
    bearing: Bearing
    status: Status
    channels: frozenset[Reach]
    cite: str
    source: str | None
    effective_from: date | None
    hours: tuple[WeekSpan, ...]
    min_staff: int
    places: frozenset[Premises]
    persons: frozenset[str]
    unless: str | None
    stage: Stage | None
    words_en: str
    words_zh: str
    keep: timedelta | None = None  # how long records must stay at least


@dataclass(frozen=True, slots=True)
class Pack:
    """All rules of one jurisdiction. ``tz`` is its single legal zone, if it has one."""

    jurisdiction: str
    name: str
    tz: ZoneInfo | None
    excluded_regions: frozenset[str]
    rules: tuple[Rule, ...]

"""Strict reading of one TOML table, field by field, with errors that name the field."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import TypeVar
from zoneinfo import ZoneInfo

from core import instants
from core.errors import Misconfigured
from gate.law import DAY_MINUTES, DAYS, WeekSpan

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)
Read = Callable[[object], T]

PERIOD = re.compile(r"P([1-9]\d{0,3})([YMD])")
LENGTHS = {"Y": 366, "M": 31, "D": 1}
CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)|24:00")


class Table:
    """One TOML table: each key is taken once, and none may be left over."""

    def __init__(self, raw: object, *, file: str, rule: str) -> None:
        self.file, self.rule = file, rule
        if not isinstance(raw, dict):
            raise self.wrong("table", "must be a table")
        self.left: dict[str, object] = dict(raw)

    def wrong(self, field: str, reason: str) -> Misconfigured:
        """The error that names file, rule and field."""
        detail = f"{self.file}: {self.rule}: {field}: {reason}"
        return Misconfigured(detail, file=self.file, rule=self.rule, field=field)

    def may(self, field: str, read: Read[T]) -> T | None:
        """The value of an optional key."""
        return self.must(field, read) if field in self.left else None

    def must(self, field: str, read: Read[T]) -> T:
        """The value of a key that has to be there."""
        if field not in self.left:
            raise self.wrong(field, "is missing")
        try:
            return read(self.left.pop(field))
        except ValueError as error:
            raise self.wrong(field, str(error)) from error

    def end(self) -> None:
        """Refuse keys that nobody asked for."""
        for field in self.left:
            raise self.wrong(field, "is not a known field")


def text(raw: object) -> str:
    """A text that is not blank."""
    if not isinstance(raw, str) or not raw.strip():
        raise ValueError("must be a non-empty text")
    return raw


def count(raw: object) -> int:
    """A whole number of at least 1."""
    if not isinstance(raw, int) or isinstance(raw, bool) or raw < 1:
        raise ValueError("must be a whole number of at least 1")
    return raw


def word(words: type[E]) -> Read[E]:
    """A reader of one of the words."""

    def read(raw: object) -> E:
        if raw not in [word.value for word in words]:
            raise ValueError(f"{raw!r} is not one of {', '.join(words)}")
        return words(raw)

    return read


def many(read_one: Read[T]) -> Read[frozenset[T]]:
    """A reader of a list with at least one entry."""

    def read(raw: object) -> frozenset[T]:
        if not isinstance(raw, list) or not raw:
            raise ValueError("must be a list with at least one entry")
        return frozenset(read_one(one) for one in raw)

    return read


def since(raw: object) -> date | None:
    """``unknown`` means always."""
    return None if raw == "unknown" else date.fromisoformat(text(raw))


def zone(raw: object) -> ZoneInfo:
    """A name of the IANA database."""
    return instants.zone(text(raw))


def hours(raw: object) -> tuple[WeekSpan, ...]:
    """``{"mon-sat": "08:00-20:00"}`` as minutes of the week; a day left out is shut."""
    if not isinstance(raw, dict) or not raw:
        raise ValueError("must map days to hours")
    spans: list[WeekSpan] = []
    for days, hours in raw.items():
        first, end = _minutes(text(hours))
        for day in _days(days):
            spans.append((day * DAY_MINUTES + first, day * DAY_MINUTES + end))
    spans.sort()
    if any(a[1] > b[0] for a, b in pairwise(spans)):
        raise ValueError("a day is named twice")
    return tuple(spans)


def _days(text: str) -> range:
    first, _, last = text.partition("-")
    if first not in DAYS or (last or first) not in DAYS:
        raise ValueError(f"{text!r} is not a day or a range of days like mon-fri")
    found = range(DAYS.index(first), DAYS.index(last or first) + 1)
    if not found:
        raise ValueError(f"{text!r} runs backwards")
    return found


def _minutes(text: str) -> tuple[int, int]:
    first, _, last = text.partition("-")
    if not CLOCK.fullmatch(first) or not CLOCK.fullmatch(last):
        raise ValueError(f"{text!r} is not a span of hours like 08:00-22:00")
    start, end = (int(wall[:2]) * 60 + int(wall[3:]) for wall in (first, last))
    if start >= end:
        raise ValueError(f"{text!r} must end after it begins")
    return start, end


def period(raw: object) -> timedelta:
    """ISO 8601 in whole years, months or days, rounded up: what must stay, stays."""
    found = PERIOD.fullmatch(text(raw))
    if found is None:
        raise ValueError("must be like P2Y, P6M or P30D")
    return timedelta(days=int(found[1]) * LENGTHS[found[2]])

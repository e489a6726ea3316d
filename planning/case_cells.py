"""One cell of a case file read into its value; a reason never repeats the cell."""

import re
import unicodedata
from collections.abc import Callable
from enum import StrEnum
from typing import TypeVar

from accounts import phones
from core.countries import COUNTRIES, REGIONS
from core.errors import Invalid
from planning.currencies import CURRENCIES

MOST_MINOR_UNITS = 2**53 - 1  # every JSON reader holds it exactly
MOST_DAYS = 36_500
WHOLE = re.compile(r"[0-9]{1,16}")
DEGREES = re.compile(r"[+-]?[0-9]{1,3}(\.[0-9]{1,15})?")
E164 = re.compile(r"\+[0-9]{7,15}")
NO_PHONE = "must be a valid telephone number in E.164, like +8613812345678"
REGION = re.compile(r"[A-Z]{2}-[A-Z0-9]{1,3}")
# Controls, and separators and overrides that turn what a reader sees around.
UNPRINTABLE = frozenset({"Cc", "Cs", "Zl", "Zp"})
TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")

E = TypeVar("E", bound=StrEnum)


class BadCell(ValueError):
    """A cell that cannot be taken; its text is the reason."""


def clean(cell: str) -> str:
    """The cell without spaces around it; refuses control characters."""
    if cell.isprintable():  # the common case, at C speed
        return cell.strip(" ")
    for sign in cell:
        if unicodedata.category(sign) in UNPRINTABLE or sign in TURNING:
            raise BadCell("must not contain control characters")
    return cell.strip()


def text(longest: int) -> Callable[[str], str]:
    """A text of 1 to ``longest`` characters."""

    def read(cell: str) -> str:
        if not cell:
            raise BadCell("must not be empty")
        if len(cell) > longest:
            raise BadCell(f"must not exceed {longest} characters")
        return cell

    return read


def optional_text(longest: int) -> Callable[[str], str | None]:
    """A text of at most ``longest`` characters; an empty cell is None."""
    read = text(longest)
    return lambda cell: read(cell) if cell else None


def optional(read: Callable[[str], object]) -> Callable[[str], object]:
    """What ``read`` takes; an empty cell is None."""
    return lambda cell: read(cell) if cell else None


def word(words: type[E]) -> Callable[[str], E]:
    """One of the enumeration's values."""

    def read(cell: str) -> E:
        try:
            return words(cell)
        except ValueError:
            known = ", ".join(words)
            raise BadCell(f"must be one of {known}") from None

    return read


def whole(least: int, most: int) -> Callable[[str], int]:
    """A whole number in plain digits, ``least`` to ``most``."""

    def read(cell: str) -> int:
        if not WHOLE.fullmatch(cell) or not least <= int(cell) <= most:
            raise BadCell(f"must be a whole number from {least} to {most}")
        return int(cell)

    return read


def degrees(most: int) -> Callable[[str], float]:
    """Decimal degrees between ``-most`` and ``most``; no NaN, no exponent."""

    def read(cell: str) -> float:
        if not DEGREES.fullmatch(cell) or abs(float(cell)) > most:
            raise BadCell(f"must be decimal degrees from -{most} to {most}")
        return float(cell)

    return read


def yes_no(cell: str) -> bool:
    """``yes`` or ``no``; empty means no."""
    if cell not in ("yes", "no", ""):
        raise BadCell("must be yes or no")
    return cell == "yes"


def phone(cell: str) -> str | None:
    """An E.164 number that exists in its country's plan; an empty cell is None."""
    if not cell:
        return None
    if not E164.fullmatch(cell):
        raise BadCell(NO_PHONE)
    try:
        phones.e164(cell, None)
    except Invalid:
        raise BadCell(NO_PHONE) from None
    return cell


def currency(cell: str) -> str:
    """An ISO 4217 code."""
    if cell not in CURRENCIES:
        raise BadCell("must be an ISO 4217 currency code, like CNY")
    return cell


def country(cell: str) -> str:
    """An ISO 3166-1 alpha-2 code."""
    if cell not in COUNTRIES:
        raise BadCell("must be an ISO 3166-1 country code, like CN")
    return cell


def region(cell: str) -> str | None:
    """An ISO 3166-2 code; an empty cell is None.

    Where we have no rules for the country only the code's form is looked at.
    """
    known = REGIONS.get(cell.partition("-")[0])
    if cell and (not REGION.fullmatch(cell) or (known and cell not in known)):
        raise BadCell("must be an ISO 3166-2 region code, like CN-ZJ")
    return cell or None

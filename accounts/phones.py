"""Telephone numbers: E.164 for people, short numbers for emergencies."""

import phonenumbers

from core.countries import COUNTRIES
from core.errors import one_field

SHORT_LENGTHS = range(2, 7)


def e164(text: str, country: str | None, *, field: str = "phone") -> str:
    """The number in E.164; without a plus it is read as dialled in ``country``.

    ``country`` is ISO 3166-1 alpha-2, None where only a plus will do. ``Invalid``
    (about ``field``) where nobody can have that number; the number itself is not
    repeated in the error.
    """
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException as error:
        raise one_field(field, "is not a telephone number") from error
    if not phonenumbers.is_valid_number(number):
        raise one_field(field, "is not a valid telephone number")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def emergency(text: str, *, field: str = "emergency_phone") -> str:
    """A short number such as 110: 2 to 6 digits; ``Invalid`` otherwise."""
    if not (text.isascii() and text.isdigit() and len(text) in SHORT_LENGTHS):
        raise one_field(field, "must be a short number of 2 to 6 digits")
    return text


def known_country(code: str) -> bool:
    """True for an ISO 3166-1 alpha-2 code, in capitals."""
    return code in COUNTRIES

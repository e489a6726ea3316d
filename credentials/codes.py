"""Visit codes: 50 random bits, written as letters for the eye or digits for the phone.

The letters are Crockford's base32 (no I, L, O, U), ten characters; the digits are the
same number in decimal, sixteen of them. Both parse back to the number.
"""

import secrets
import unicodedata

BITS = 50
LETTERS = 10
DIGITS = 16
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
VALUES = {letter: value for value, letter in enumerate(ALPHABET)}
LOOK_ALIKES = str.maketrans("OIL", "011")
# what people type between groups: spaces, hyphens, and the dashes phones turn them into
GAPS = dict.fromkeys(map(ord, " \t\r\n\u200b-\u2010\u2011\u2012\u2013\u2014\u2212"))


def fresh() -> int:
    """A new number from the system's randomness, 0 <= n < 2**50."""
    return secrets.randbits(BITS)


def letters(n: int) -> str:
    """``"ABCDE-FGHJK"``; ``ValueError`` outside 0 <= n < 2**50."""
    _within(n)
    text = "".join(ALPHABET[n >> shift & 31] for shift in range(BITS - 5, -5, -5))
    return f"{text[:5]}-{text[5:]}"


def digits(n: int) -> str:
    """``"0123 4567 8901 2345"``; ``ValueError`` outside 0 <= n < 2**50."""
    _within(n)
    text = f"{n:0{DIGITS}d}"
    return " ".join(text[at : at + 4] for at in range(0, DIGITS, 4))


def parse(text: str) -> int | None:
    """The number of letters or digits in any spelling people use; else ``None``.

    Ten characters are letters, even if all of them are digits; sixteen are digits.
    """
    plain = unicodedata.normalize("NFKC", text).translate(GAPS).upper()
    if len(plain) == LETTERS:
        return _from_letters(plain.translate(LOOK_ALIKES))
    if len(plain) == DIGITS and plain.isascii() and plain.isdigit():
        return int(plain) if int(plain) < 2**BITS else None
    return None


def _from_letters(plain: str) -> int | None:
    if not all(letter in VALUES for letter in plain):
        return None
    n = 0
    for letter in plain:
        n = n << 5 | VALUES[letter]
    return n


def _within(n: int) -> None:
    if not 0 <= n < 2**BITS:
        raise ValueError("a visit code is a number of 50 bits")

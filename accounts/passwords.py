"""Passwords and PINs: what is good enough, argon2id hashes, one verification a try."""

import secrets
import unicodedata
from dataclasses import dataclass
from itertools import pairwise
from typing import NewType

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from core.errors import one_field
from core.words import PinVerdict

# argon2 takes tens of milliseconds: whoever stores a hash gets it ready made
Hash = NewType("Hash", str)

SHORTEST, LONGEST = 12, 200
PIN_LENGTHS = range(4, 9)

_password_hasher = PasswordHasher()
# A PIN is asked at the door and again and again: OWASP's smallest argon2id setting
# (Password Storage Cheat Sheet: m = 19 MiB, t = 2, p = 1) is sound and far quicker.
_pin_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_decoy = _password_hasher.hash(secrets.token_hex())
_pin_decoy = _pin_hasher.hash(secrets.token_hex())
APART = 2  # digits by which the two PINs differ: one slip makes neither of the other


def hash_password(password: str, *, field: str = "password") -> Hash:
    """The argon2id hash of a password of 12 to 200 characters; else ``Invalid``."""
    if not SHORTEST <= len(password) <= LONGEST:
        reason = f"must have {SHORTEST} to {LONGEST} characters"
        raise one_field(field, reason)
    return Hash(_password_hasher.hash(_bytes(password)))


def hash_pin(pin: str, *, field: str = "pin") -> Hash:
    """The argon2id hash of a PIN; ``Invalid`` where it is easily guessed."""
    if not (pin.isascii() and pin.isdigit() and len(pin) in PIN_LENGTHS):
        raise one_field(field, "must have 4 to 8 digits")
    steps = {(int(b) - int(a)) % 10 for a, b in pairwise(pin)}
    if steps in ({0}, {1}, {9}):
        raise one_field(field, "must not repeat one digit or count up or down")
    return Hash(_pin_hasher.hash(_bytes(pin)))


def check_pins(pin: str | None, duress_pin: str | None) -> None:
    """``Invalid`` where a slip of a finger could make the one PIN of the other."""
    if not pin or not duress_pin:
        return
    if len(pin) != len(duress_pin):
        raise one_field("duress_pin", "must be as long as the PIN")
    if sum(a != b for a, b in zip(pin, duress_pin, strict=True)) < APART:
        raise one_field("duress_pin", f"must differ from the PIN in {APART} digits")


@dataclass(frozen=True, slots=True)
class Pins:
    """The hashes of a collector's two PINs: his own, and the one under duress."""

    normal: Hash | str | None
    duress: Hash | str | None


NO_PINS = Pins(None, None)


@dataclass(frozen=True, slots=True)
class Proof:
    """A secret that was held against a hash before any transaction was opened.

    argon2 takes tens of milliseconds, and nobody waits so long for a lock of ours.
    ``under_duress``: it is the collector's other PIN.
    """

    held: Pins | str | None
    right: bool
    under_duress: bool = False

    def holds(self, current: str | None) -> bool:
        """False as well where the hash was replaced meanwhile."""
        return self.right and self.held == current

    def verdict(self, current: Pins) -> PinVerdict:
        """Which of the two PINs it is; wrong as well where they were replaced."""
        if self.held != current:
            return PinVerdict.WRONG
        if self.under_duress:
            return PinVerdict.DURESS
        return PinVerdict.NORMAL if self.right else PinVerdict.WRONG


NOTHING = Proof(None, right=False)


def prove(held: Pins | str | None, secret: str) -> Proof:
    """Hold ``secret`` against a hash, or against a decoy where there is none.

    A PIN is always held against both hashes, so that the time says nothing: two
    argon2id runs of 19 MiB.
    """
    if not isinstance(held, Pins):
        return Proof(held, verify(held, secret))
    normal, duress = _is_pin(held.normal, secret), _is_pin(held.duress, secret)
    return Proof(held, normal, duress)


def _is_pin(hashed: str | None, pin: str) -> bool:
    return verify(hashed or _pin_decoy, pin) and hashed is not None


def verify(hashed: str | None, secret: str) -> bool:
    """True for the right secret; always false without a hash.

    An unknown login costs the work of one password, because a decoy is verified then.
    """
    try:
        _password_hasher.verify(hashed or _decoy, _bytes(secret))
    except (VerificationError, InvalidHashError):
        return False
    return hashed is not None


def _bytes(secret: str) -> bytes:
    """One spelling for what looks the same on every keyboard (full-width digits)."""
    return unicodedata.normalize("NFKC", secret).encode("utf-8", "surrogatepass")

"""Passwords and PINs: what is good enough, argon2id hashes, one verification a try."""

import secrets
import unicodedata
from dataclasses import dataclass
from itertools import pairwise
from typing import NewType

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from core.errors import one_field

# argon2 takes tens of milliseconds: whoever stores a hash gets it ready made
Hash = NewType("Hash", str)

SHORTEST, LONGEST = 12, 200
PIN_LENGTHS = range(4, 9)

_password_hasher = PasswordHasher()
# A PIN is asked at the door and again and again: OWASP's smallest argon2id setting
# (Password Storage Cheat Sheet: m = 19 MiB, t = 2, p = 1) is sound and far quicker.
_pin_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_decoy = _password_hasher.hash(secrets.token_hex())


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


@dataclass(frozen=True, slots=True)
class Proof:
    """A secret that was held against a hash before any transaction was opened.

    argon2 takes tens of milliseconds, and nobody waits so long for a lock of ours.
    """

    hashed: str | None
    right: bool

    def holds(self, current: str | None) -> bool:
        """False as well where the hash was replaced meanwhile."""
        return self.right and self.hashed == current


NOTHING = Proof(None, right=False)


def prove(hashed: str | None, secret: str) -> Proof:
    """Hold ``secret`` against a hash, or against a decoy where there is none."""
    return Proof(hashed, verify(hashed, secret))


def verify(hashed: str | None, secret: str) -> bool:
    """True for the right secret; always false without a hash.

    An unknown login costs the work of one password, because a decoy is verified then.
    That does not disguise a missing PIN: the decoy is a password's hash, not a PIN's.
    """
    try:
        _password_hasher.verify(hashed or _decoy, _bytes(secret))
    except (VerificationError, InvalidHashError):
        return False
    return hashed is not None


def _bytes(secret: str) -> bytes:
    """One spelling for what looks the same on every keyboard (full-width digits)."""
    return unicodedata.normalize("NFKC", secret).encode("utf-8", "surrogatepass")

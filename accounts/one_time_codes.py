"""Codes that reach a person by message: long enough that guessing is hopeless."""

import secrets

from models.sealed import ring

ALPHABET = "ABCDEFGHJKMNPQRSTVWXYZ23456789"  # nothing that looks like something else
LENGTH = 12  # 58 bits
GROUP = 4


def new() -> str:
    """Three groups of four letters and digits."""
    text = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    return "-".join(text[i : i + GROUP] for i in range(0, LENGTH, GROUP))


def digest(code: str) -> str:
    """The keyed digest of a code, however it is typed."""
    bare = "".join(one for one in code.upper() if one.isalnum())
    return ring.keyring.digest("one_time_code", bare)

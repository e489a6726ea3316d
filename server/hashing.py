"""New secrets of a body are hashed while nobody waits for a lock of ours."""

from collections.abc import Mapping
from typing import Any, Protocol

from accounts import passwords
from accounts.passwords import Hash


class Make(Protocol):
    """Hashes one secret; ``Invalid`` about ``field`` where it will not do."""

    def __call__(self, secret: str, /, *, field: str) -> Hash | None:
        """The hash that is stored; nothing for nothing."""


# the fields of a body that carry new secrets, and what makes a hash of each
Hashes = Mapping[str, Make]

PASSWORD_AND_PIN: Hashes = {
    "password": passwords.hash_password,
    "pin": passwords.hash_pin,
}
NEW_PASSWORD: Hashes = {"new": passwords.hash_password}
NEW_PINS: Hashes = {"pin": passwords.hash_pin, "duress_pin": passwords.hash_pin}
PASSWORD_AND_PINS: Hashes = {"password": passwords.hash_password, **NEW_PINS}


def hashed(hashes: Hashes, body: Mapping[str, Any]) -> dict[str, Any]:
    """The body with a hash in each of these fields; what is not given stays so.

    The two PINs of a body are held against each other while they can be read.
    """
    if "duress_pin" in hashes:
        passwords.check_pins(body["pin"], body["duress_pin"])
    made = {
        field: make(body[field], field=field)
        for field, make in hashes.items()
        if body[field] is not None
    }
    return {**body, **made}

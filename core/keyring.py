"""The installation's secrets: sealing, keyed digests, signing keys."""

import hmac
import json
import secrets
from base64 import b64decode, b64encode
from dataclasses import dataclass, field, replace
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from core.errors import Misconfigured

KEY_BYTES = 32
NONCE_BYTES = 12  # NIST SP 800-38D: 96-bit nonces
FORMAT = 1


class CannotOpen(Misconfigured):
    """A sealed value does not open: wrong key, or moved from another row."""

    code = "cannot_open"


class UnknownKey(CannotOpen):
    """The key that sealed a value is not at hand; a newer keys file may hold it."""


@dataclass(frozen=True)
class Keyring:
    """Data keys by id (``current`` seals, all open) and one key per other purpose.

    ``coming`` is a key that may become current once every host knows it.
    """

    current: str
    data_keys: dict[str, bytes] = field(repr=False)
    root_key: bytes = field(repr=False)
    coming: str | None = None

    @classmethod
    def generate(cls) -> "Keyring":
        """A keyring of fresh random secrets."""
        key_id = secrets.token_hex(4)
        fresh = secrets.token_bytes
        return cls(key_id, {key_id: fresh(KEY_BYTES)}, fresh(KEY_BYTES))

    @classmethod
    def parse(cls, text: str) -> "Keyring":
        """Read what ``dump`` wrote; ``Misconfigured`` when it is anything else."""
        try:
            raw = json.loads(text)
            keys = {key_id: b64decode(key) for key_id, key in raw["data_keys"].items()}
            ring = cls(raw["current"], keys, b64decode(raw["root_key"]))
            ring = replace(ring, coming=raw.get("coming"))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise Misconfigured(
                "The keys file is not one that `vouchsafe keys generate` wrote."
            ) from error
        sizes = {len(key) for key in (*ring.data_keys.values(), ring.root_key)}
        named = {ring.current} | ({ring.coming} if ring.coming else set())
        if sizes != {KEY_BYTES} or not named <= ring.data_keys.keys():
            raise Misconfigured(
                "The keys file lacks a key, or holds one of the wrong size."
            )
        return ring

    def dump(self) -> str:
        """The keyring as JSON, secrets included: a file only its owner may read."""
        keys = {
            key_id: b64encode(key).decode() for key_id, key in self.data_keys.items()
        }
        root = b64encode(self.root_key).decode()
        written = {"current": self.current, "data_keys": keys, "root_key": root}
        if self.coming is not None:
            written["coming"] = self.coming
        return json.dumps(written, indent=1)

    def announce(self) -> "Keyring":
        """With a fresh key that is known, and seals nothing yet."""
        key_id = secrets.token_hex(4)
        keys = {**self.data_keys, key_id: secrets.token_bytes(KEY_BYTES)}
        return replace(self, data_keys=keys, coming=key_id)

    def turn(self) -> "Keyring":
        """With the announced key as the current one."""
        if self.coming is None:
            raise Misconfigured("No key was announced that could become current.")
        return replace(self, current=self.coming, coming=None)

    def keep(self, key_ids: set[str]) -> "Keyring":
        """Without the data keys that are not named; current and coming ones stay."""
        kept = {self.current, self.coming, *key_ids}
        keys = {one: key for one, key in self.data_keys.items() if one in kept}
        return replace(self, data_keys=keys)

    @staticmethod
    def head(key_id: str) -> bytes:
        """How everything begins that this data key sealed."""
        named = key_id.encode()
        return bytes([FORMAT, len(named)]) + named

    def reseal(self, sealed: bytes, *, bound_to: str) -> bytes:
        """The same plain text under the current key; errors as for ``open``."""
        return self.seal(self.open(sealed, bound_to=bound_to), bound_to=bound_to)

    def seal(self, plain: str, *, bound_to: str) -> bytes:
        """AES-256-GCM; ``bound_to`` (table.column.pk) is authenticated, not stored."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        head = self.head(self.current)
        cipher = _cipher(self.data_keys[self.current])
        return head + nonce + cipher.encrypt(nonce, plain.encode(), bound_to.encode())

    def open(self, sealed: bytes, *, bound_to: str) -> str:
        """The plain text; ``CannotOpen`` when key or place is not the right one."""
        if len(sealed) < 2 or sealed[0] != FORMAT:
            raise CannotOpen(f"{bound_to} is not a sealed value.")
        end = 2 + sealed[1]
        key = self.data_keys.get(sealed[2:end].decode(errors="replace"))
        if key is None:
            raise UnknownKey(f"The key that sealed {bound_to} is not in the keys file.")
        nonce, body = sealed[end : end + NONCE_BYTES], sealed[end + NONCE_BYTES :]
        try:
            return _cipher(key).decrypt(nonce, body, bound_to.encode()).decode()
        except (InvalidTag, ValueError) as error:  # ValueError: the nonce is cut short
            raise CannotOpen(f"{bound_to} was changed or moved.") from error

    def digest(self, purpose: str, value: str) -> str:
        """HMAC-SHA-256 in hex under a key of its own for each purpose."""
        key = self.secret(purpose)
        return hmac.digest(key, value.encode(), "sha256").hex()

    def secret(self, purpose: str) -> bytes:
        """A 32-byte secret for one purpose, derived from the root key by HMAC."""
        return _derived(self.root_key, purpose)


@lru_cache
def _cipher(key: bytes) -> AESGCM:
    return AESGCM(key)


@lru_cache
def _derived(root_key: bytes, purpose: str) -> bytes:
    return hmac.digest(root_key, purpose.encode(), "sha256")

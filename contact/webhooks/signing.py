"""Signatures after Standard Webhooks 1.0: HMAC-SHA-256 over id, time and body."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence

PREFIX = "whsec_"
SECRET_BYTES = 32  # the standard asks for 24 to 64


def fresh_secret() -> str:
    """A new shared secret in the form that receivers' libraries take."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def headers(
    keys: Sequence[str], *, event_id: str, unix_s: int, body: bytes
) -> dict[str, str]:
    """One signature for each secret, the newest first: receivers take any that fits."""
    signed = f"{event_id}.{unix_s}.".encode() + body
    return {
        "webhook-id": event_id,
        "webhook-timestamp": str(unix_s),
        "webhook-signature": " ".join(_signature(key, signed) for key in keys),
    }


def _signature(key: str, signed: bytes) -> str:
    secret = base64.b64decode(key.removeprefix(PREFIX))
    mac = hmac.new(secret, signed, hashlib.sha256).digest()
    return "v1," + base64.b64encode(mac).decode()

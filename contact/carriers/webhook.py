"""A signed webhook: the operator's own gateway to SMS, voice or push."""

import hashlib
import hmac
import json

from contact.carriers import verdicts
from contact.carriers.outgoing import Outgoing
from contact.webhooks.line import Line

SIGNATURE = "Vouchsafe-Signature"


class WebhookCarrier:
    """POSTs JSON; the receiver knows us by ``Vouchsafe-Signature: t=<unix>,v1=<hex>``.

    ``v1`` is HMAC-SHA-256 under the shared secret over ``<t>.<body>``, with t in
    seconds; receivers refuse an old t. The reference is the receiver's key to drop
    a message that comes twice. ``anywhere``: private networks and http are allowed.
    """

    def __init__(self, target: str, secret: str, *, anywhere: bool) -> None:
        self.target, self.secret, self.anywhere = target, secret, anywhere

    def send(self, outgoing: Outgoing) -> str:
        """2xx is accepted; other 4xx than 408 and 429 are permanent."""
        body = _body(outgoing)
        signed = {SIGNATURE: sign(self.secret, int(outgoing.at.timestamp()), body)}
        with Line(self.target, anywhere=self.anywhere, desks=verdicts.DESKS) as line:
            return verdicts.taken(line.post(body, signed), kind="webhook")


def sign(secret: str, unix_s: int, body: bytes) -> str:
    """The header's value."""
    signed = f"{unix_s}.".encode() + body
    mac = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    return f"t={unix_s},v1={mac}"


def _body(outgoing: Outgoing) -> bytes:
    message = {
        "reference": str(outgoing.reference),
        "organisation_id": str(outgoing.organisation_id),
        "kind": str(outgoing.kind),
        "lane": str(outgoing.lane),
        "to": outgoing.recipient,
        "body": outgoing.body,
    }
    return json.dumps(message, ensure_ascii=False).encode()

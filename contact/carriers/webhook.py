"""A signed webhook: the operator's own gateway to SMS, voice or push."""

import hashlib
import hmac
import json

from contact.carriers.outgoing import Outgoing, SendError
from contact.webhooks.line import Line
from core.deadlines import Desks

TRY_AGAIN = (408, 429)  # the two 4xx that say "later"
SIGNATURE = "Vouchsafe-Signature"
# at one gateway: twice what a worker has senders; its events have desks of their own
UNANSWERED = 24
DESKS = Desks(UNANSWERED)


class WebhookCarrier:
    """POSTs JSON; the receiver knows us by ``Vouchsafe-Signature: t=<unix>,v1=<hex>``.

    ``v1`` is HMAC-SHA-256 under the shared secret over ``<t>.<body>``, with t in
    seconds; receivers refuse an old t. The reference is the receiver's key to drop
    a message that comes twice. ``anywhere``: private networks and http are allowed.
    """

    def __init__(self, target: str, secret: str, *, anywhere: bool) -> None:
        self.target, self.secret, self.anywhere = target, secret, anywhere

    def send(self, outgoing: Outgoing) -> str:
        """2xx is accepted; other 4xx than 408 and 429 are permanent.

        A gateway that leaves too many unanswered fails at once, and not for good.
        """
        body = _body(outgoing)
        signed = {SIGNATURE: sign(self.secret, int(outgoing.at.timestamp()), body)}
        with Line(self.target, anywhere=self.anywhere, desks=DESKS) as line:
            reply = line.post(body, signed)
        if reply.status is None:
            raise SendError(f"webhook: {reply.reason}", permanent=False)
        if 200 <= reply.status < 300:
            return reply.reason
        permanent = 400 <= reply.status < 500 and reply.status not in TRY_AGAIN
        raise SendError(reply.reason, permanent=permanent)


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

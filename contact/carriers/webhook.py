"""A signed webhook: the operator's own gateway to SMS, voice or push."""

import hashlib
import hmac
import json
from functools import partial
from urllib.parse import urlsplit

import requests

from contact import deadlines
from contact.carriers.outgoing import Outgoing, SendError

TIMEOUT_S = 5.0  # for connecting, and for each byte
DEADLINE_S = 8.0  # for all of it
TRY_AGAIN = (408, 429)  # the two 4xx that say "later"
SIGNATURE = "Vouchsafe-Signature"


class WebhookCarrier:
    """POSTs JSON; the receiver knows us by ``Vouchsafe-Signature: t=<unix>,v1=<hex>``.

    ``v1`` is HMAC-SHA-256 under the shared secret over ``<t>.<body>``, with t in
    seconds; receivers refuse an old t. The reference is the receiver's key to drop
    a message that comes twice.
    """

    def __init__(self, target: str, secret: str) -> None:
        parts = urlsplit(target)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("a webhook's target is an http or https address")
        self.target, self.secret = target, secret

    def send(self, outgoing: Outgoing) -> str:
        """2xx is accepted; other 4xx than 408 and 429 are permanent."""
        body = _body(outgoing)
        headers = {
            "Content-Type": "application/json",
            SIGNATURE: sign(self.secret, int(outgoing.at.timestamp()), body),
        }
        status = self._in_time(body, headers)
        if 200 <= status < 300:
            return f"HTTP {status}"
        permanent = 400 <= status < 500 and status not in TRY_AGAIN
        raise SendError(f"HTTP {status}", permanent=permanent)

    def _in_time(self, body: bytes, headers: dict[str, str]) -> int:
        """The status within ``DEADLINE_S``."""
        try:
            return deadlines.within(DEADLINE_S, partial(self._post, body, headers))
        except TimeoutError as error:
            raise SendError("webhook: no answer in time", permanent=False) from error

    def _post(self, body: bytes, headers: dict[str, str]) -> int:
        """The status; of the answer nothing else is read, however much there is."""
        with requests.Session() as http:
            http.trust_env = False  # no proxies, no .netrc: only server/ knows those
            try:
                answer = http.post(
                    self.target,
                    data=body,
                    headers=headers,
                    timeout=TIMEOUT_S,
                    allow_redirects=False,
                    stream=True,
                )
            except (requests.RequestException, ValueError) as error:
                reason = f"webhook: {type(error).__name__}"
                raise SendError(reason, permanent=False) from error
            with answer:
                return answer.status_code


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

"""An HTTP provider: its own form of request, its own words of acceptance."""

import json
from collections.abc import Callable

from contact import providers
from contact.carriers import verdicts
from contact.carriers.outgoing import Note, Outgoing, SendError
from contact.providers import Provider
from contact.webhooks.line import Line

LONGEST_ANSWER = 64_000  # bytes; none of those seen is longer than a few hundred


class HttpCarrier:
    """POSTs the channel's template; ``anywhere``: private networks and http too.

    The reference is the provider's key to drop a message that comes twice, where it
    knows such a thing: name it in the template. ``document``: what a call says.
    """

    def __init__(
        self,
        target: str,
        secret: str,
        provider: Provider,
        *,
        anywhere: bool,
        document: Callable[[Outgoing], str] | None = None,
    ) -> None:
        self.target, self.secret = target, secret
        self.provider, self.anywhere = provider, anywhere
        self.document = document

    def send(self, outgoing: Outgoing) -> Note:
        """2xx is accepted unless its words say no; see ``verdicts``."""
        provider = self.provider
        body = providers.filled(provider, self._values(outgoing))
        headers = {"Content-Type": providers.MEDIA[provider.encoding]}
        if provider.auth_header is not None:
            headers[provider.auth_header] = self.secret
        reads = LONGEST_ANSWER if provider.id_at or provider.ok_at else 0
        with Line(self.target, anywhere=self.anywhere, desks=verdicts.DESKS) as line:
            reply = line.post(body, headers, reads=reads)
        note, words = verdicts.taken(reply, kind="provider"), _read(reply.words)
        if provider.ok_at is not None:
            _believe(words, provider.ok_at, provider.ok_words)
        return Note(note, providers.carrier_id(words, provider.id_at))

    def _values(self, outgoing: Outgoing) -> dict[str, str]:
        return {
            "to": outgoing.recipient,
            "to_digits": outgoing.recipient.removeprefix("+"),
            "text": outgoing.body,
            "reference": str(outgoing.reference),
            "secret": self.secret,
            "document": self.document(outgoing) if self.document else "",
        }


def _believe(words: object, path: str, good: object) -> None:
    """A provider that answers 200 to what it refuses; without words nobody knows."""
    found = providers.at(words, path)
    if found is None:
        raise SendError("provider: no word of acceptance", permanent=False)
    if not isinstance(good, list | tuple) or found not in good:
        raise SendError("provider: refused in its answer", permanent=True)


def _read(words: bytes) -> object:
    """The answer's JSON, or nothing that is known."""
    try:
        found: object = json.loads(words)
    except (ValueError, RecursionError):
        return None
    return found

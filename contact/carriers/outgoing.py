"""What a carrier is given, and how it says that it could not deliver."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID

import phonenumbers

from core.words import Lane, Language, MessageKind

DOTS = "•••••"
SHOWN = 4


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message on its way; ``reference`` stays the same however often it is tried.

    ``recipient`` is E.164; ``at`` is when this attempt began. ``digit``: what takes the
    alert when it is pressed during a call, said in ``language``.
    """

    reference: UUID
    organisation_id: UUID
    kind: MessageKind
    lane: Lane
    recipient: str = field(repr=False)
    body: str = field(repr=False)
    at: datetime
    language: Language = Language.EN
    digit: str | None = field(default=None, repr=False)


class SendError(Exception):
    """Not delivered. ``permanent``: this channel will not take it next time either."""

    def __init__(self, reason: str, *, permanent: bool) -> None:
        super().__init__(reason)
        self.reason, self.permanent = reason, permanent


class Note(str):
    """What a provider said as it took a message, and what it calls the message."""

    carrier_id: str | None

    def __new__(cls, said: str, carrier_id: str | None) -> "Note":
        """``carrier_id``: ``None`` where it did not say."""
        note = super().__new__(cls, said)
        note.carrier_id = carrier_id
        return note


class Carrier(Protocol):
    """One way out of the house."""

    def send(self, outgoing: Outgoing) -> str:
        """The provider's note on success; ``SendError`` otherwise, within seconds."""
        ...


def mask(recipient: str) -> str:
    """``+8613800001234`` becomes ``+86•••••1234``; what is no number, dots alone."""
    try:
        number = phonenumbers.parse(recipient, None)
    except phonenumbers.NumberParseException:
        return DOTS
    return f"+{number.country_code}{DOTS}{str(number.national_number)[-SHOWN:]}"

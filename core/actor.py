"""Who is acting: the one fact that every service needs to scope and to record."""

from dataclasses import dataclass
from uuid import UUID

from core.words import Role


@dataclass(frozen=True, slots=True)
class Actor:
    """A user of one organisation, on one device if he came by the phone app.

    ``device_revoked``: whoever holds that phone may be a stranger. His acts are kept
    and change nothing; only an SOS is heard.
    """

    organisation_id: UUID
    user_id: UUID
    role: Role
    device_id: UUID | None = None
    device_revoked: bool = False

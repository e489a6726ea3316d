"""The console: a log line that a message would have gone out, never its words."""

import structlog

from contact.carriers.outgoing import Outgoing, mask

log = structlog.get_logger("vouchsafe.console")


class ConsoleCarrier:
    """Reaches nobody outside a demo; shows reference, kind and masked recipient."""

    def send(self, outgoing: Outgoing) -> str:
        """Always accepted."""
        log.info(
            "message",
            reference=str(outgoing.reference),
            kind=str(outgoing.kind),
            lane=str(outgoing.lane),
            recipient=mask(outgoing.recipient),
        )
        return "logged"

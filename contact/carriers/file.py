"""A file of one JSON line for each message, for demos and for looking on."""

import json
import os
from pathlib import Path

from contact.carriers.outgoing import Outgoing, SendError, mask

ONLY_OWNER = 0o600


class FileCarrier:
    """Appends to ``<folder>/<organisation_id>.jsonl``.

    Bodies and whole numbers are written only for a database that the demo made.
    """

    def __init__(self, folder: Path, *, demo: bool) -> None:
        self.folder, self.demo = folder, demo

    def send(self, outgoing: Outgoing) -> str:
        """One write for each line, so that lines of several processes never mix."""
        line = json.dumps(self._entry(outgoing), ensure_ascii=False) + "\n"
        path = self.folder / f"{outgoing.organisation_id}.jsonl"
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
            handle = os.open(path, flags, ONLY_OWNER)
            try:
                os.write(handle, line.encode())
            finally:
                os.close(handle)
        except OSError as error:
            reason = f"file: {type(error).__name__}"
            raise SendError(reason, permanent=False) from error
        return "written"

    def _entry(self, outgoing: Outgoing) -> dict[str, str]:
        entry = {
            "reference": str(outgoing.reference),
            "kind": str(outgoing.kind),
            "lane": str(outgoing.lane),
            "at": outgoing.at.isoformat(),
            "recipient": mask(outgoing.recipient),
        }
        if self.demo:
            entry |= {"recipient": outgoing.recipient, "body": outgoing.body}
        return entry

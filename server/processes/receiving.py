"""How web receives requests: what is too large is refused before it is there.

waitress knows one largest body for all paths, keeps what does not fit in memory in
plain files, and answers what it cannot read with plain text.
"""

import json
import socket
import time
from http import HTTPStatus
from typing import Any

import structlog
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.task import ErrorTask
from waitress.utilities import Error, RequestEntityTooLarge

from core import ids
from server import metrics, sizes
from server.processes.spool import Spool

log = structlog.get_logger("vouchsafe.requests")

LINGER_S = 5.0  # for who was refused and still sends: he would not see the answer


class Parser(HTTPRequestParser):  # type: ignore[misc]
    """A request as it arrives; it is complete as soon as it is too large."""

    largest = sizes.LARGEST_BODY
    error: Error | None

    def parse_header(self, header: bytes) -> None:
        """The path says how much may follow."""
        super().parse_header(header)
        self.largest = sizes.largest(self.command, self.path)
        if self.body_rcv is not None:
            self.body_rcv.buf = Spool(self.adj.inbuf_overflow)

    def received(self, data: bytes) -> int:
        """How many bytes of the data belong to this request."""
        consumed: int = super().received(data)
        if self._too_large():
            most = f"{self.largest:,} bytes"
            self.error = RequestEntityTooLarge(f"At most {most} are taken here.")
            self.expect_continue, self.completed = False, True
            self.close()
        return consumed

    def _too_large(self) -> bool:
        if self.error is not None:
            return isinstance(self.error, RequestEntityTooLarge)
        size: int = max(self.content_length, self.body_bytes_received)
        return self.headers_finished and size > self.largest


class Refusal(ErrorTask):  # type: ignore[misc]
    """The answer to what waitress cannot read or will not take: a problem document."""

    def execute(self) -> None:
        """Told to the caller, the log and Prometheus like any other answer."""
        error: Error = self.request.error
        request_id = str(ids.new())
        document = {
            "type": f"/problems/http_{error.code}",
            "title": HTTPStatus(error.code).phrase,
            "status": error.code,
            "detail": error.body,
            "request_id": request_id,
        }
        body = json.dumps(document).encode()
        self.status = f"{error.code} {error.reason}"
        self.response_headers += [
            ("Content-Type", "application/problem+json"),
            ("Cache-Control", "no-store"),
            ("X-Content-Type-Options", "nosniff"),
            ("X-Request-Id", request_id),
        ]
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)
        method = getattr(self.request, "command", "none")
        metrics.observe("none", method, error.code, 0.0)
        log.info("refused", status=error.code, request_id=request_id)


class Channel(HTTPChannel):  # type: ignore[misc]
    """A connection; one that was refused something is emptied before it closes.

    The kernel throws an answer away with what was not read, so a client that sends
    first and reads then would only see that the connection broke.
    """

    parser_class = Parser
    error_task_class = Refusal
    refused = False
    emptied_until: float | None = None

    def handle_write(self) -> None:
        """Once the refusal is out nothing more is said."""
        if self.emptied_until is None and self.close_when_flushed and self.refused:
            self._flush_exception(self._flush_some)
            if not self.total_outbufs_len and not self.will_close:
                self._say_no_more()
                return
        super().handle_write()

    def service(self) -> None:
        """One request; the refused one is the last."""
        self.refused = self.requests[0].error is not None
        super().service()

    def _say_no_more(self) -> None:
        self.close_when_flushed = False
        self.emptied_until = time.monotonic() + LINGER_S
        try:
            self.socket.shutdown(socket.SHUT_WR)
        except OSError:  # he is gone
            self.will_close = True

    def readable(self) -> Any:
        """Also what nobody will look at."""
        return self.emptied_until is not None or super().readable()

    def handle_read(self) -> None:
        """Read, or throw away."""
        if self.emptied_until is None:
            super().handle_read()
        elif not self._thrown_away() or time.monotonic() > self.emptied_until:
            self.handle_close()

    def _thrown_away(self) -> bool:
        """False at the end of what he sends."""
        try:
            return bool(self.recv(self.adj.recv_bytes))
        except OSError:
            return False

"""How web receives requests: what it will not take is refused before it is there.

waitress knows one largest body for all paths, keeps what does not fit in memory in
plain files, and answers what it cannot read with plain text.
"""

import json
import socket
import time
from typing import Any

import structlog
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.task import ErrorTask
from waitress.utilities import Error, RequestEntityTooLarge
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from core import ids
from core.words import Language
from server import authentication, languages, metrics, sizes
from server.contracts import OTHERWISE, TITLES
from server.processes.spool import Spool

log = structlog.get_logger("vouchsafe.requests")

LINGER_S = 5.0  # for who was refused and still sends: he would not see the answer


class Unauthorized(Error):  # type: ignore[misc]
    """Large things are taken from people whom we know."""

    code = 401
    reason = "Unauthorized"


class Parser(HTTPRequestParser):  # type: ignore[misc]
    """A request as it arrives; it is complete as soon as it is too large.

    What is larger than an ordinary body needs a token that we signed: a stranger fills
    no disk. Whether the token still stands is asked of the database later.
    """

    largest = sizes.LARGEST_BODY
    known = False
    error: Error | None

    def parse_header(self, header: bytes) -> None:
        """The path says how much may follow."""
        super().parse_header(header)
        self.largest = sizes.largest(self.command, self.path)
        self.known = authentication.is_signed(self.headers.get("AUTHORIZATION", ""))
        if self.body_rcv is not None:
            self.body_rcv.buf = Spool(self.adj.inbuf_overflow)

    def received(self, data: bytes) -> int:
        """How many bytes of the data belong to this request."""
        consumed: int = super().received(data)
        if (refusal := self._refusal()) is not None:
            self.error = refusal
            self.expect_continue, self.completed = False, True
            self.close()
        return consumed

    def _refusal(self) -> Error | None:
        """Why this body is not taken; ``None`` where it is."""
        if self.error is not None:
            too_large = isinstance(self.error, RequestEntityTooLarge)
            return self._too_large() if too_large else None
        if not self.headers_finished:
            return None
        size: int = max(self.content_length, self.body_bytes_received)
        if size > self.largest:
            return self._too_large()
        if size > sizes.LARGEST_BODY and not self.known:
            return Unauthorized("Log in: something this large is taken with a token.")
        return None

    def _too_large(self) -> Error:
        return RequestEntityTooLarge(f"At most {self.largest:,} bytes are taken here.")


class Refusal(ErrorTask):  # type: ignore[misc]
    """The answer to what waitress cannot read or will not take: a problem document."""

    def execute(self) -> None:
        """Told to the caller, the log and Prometheus like any other answer."""
        error: Error = self.request.error
        request_id, language = str(ids.new()), self._language()
        document = {
            "type": f"/problems/http_{error.code}",
            "title": languages.say(TITLES.get(error.code, OTHERWISE), language),
            "status": error.code,
            "detail": languages.say(error.body, language),
            "request_id": request_id,
        }
        body = json.dumps(document).encode()
        self.status = f"{error.code} {error.reason}"
        self.response_headers += [
            ("Content-Type", "application/problem+json"),
            ("Content-Language", language.value),
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

    def _language(self) -> Language:
        """What the head asked for, as far as there is one."""
        asked = self.request.headers.get("ACCEPT_LANGUAGE")
        return languages.asked(parse_accept_header(asked, LanguageAccept))


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

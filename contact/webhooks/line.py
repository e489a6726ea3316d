"""A connection to one webhook: opened once for a few events, without redirects."""

import socket
import ssl
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from types import TracebackType
from urllib.parse import urlsplit

import certifi
from urllib3 import BaseHTTPResponse, HTTPConnectionPool, HTTPSConnectionPool, Timeout
from urllib3.exceptions import (
    HTTPError,
    NewConnectionError,
    SSLError,
)
from urllib3.exceptions import (
    TimeoutError as TooSlow,
)
from urllib3.util import Url

from contact.webhooks import targets
from core.deadlines import Crowded, Desks, Late
from core.errors import Invalid

TIMEOUT_S = 5.0  # for connecting, and for each byte
DEADLINE_S = 8.0  # for all of it, the look-up of the name too
WORDS_S = 2.0  # for what an answer says besides its status
UNANSWERED = 8  # of one host, by a process: senders and test buttons
DESKS = Desks(UNANSWERED)


class Silence(StrEnum):
    """Why there was no answer, in words that ``docs/webhooks.md`` explains."""

    NOT_PUBLIC = "not_public"
    NAME_NOT_FOUND = "name_not_found"
    UNREACHABLE = "unreachable"
    REFUSED = "refused"
    CERTIFICATE = "certificate"
    TLS = "tls"
    NO_ANSWER_IN_TIME = "no_answer_in_time"
    TOO_MUCH_UNANSWERED = "too_much_unanswered"
    BROKEN_OFF = "broken_off"
    NOT_PREPARED = "not_prepared"


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: an HTTP status, or ``None`` and why there was no answer.

    ``words`` are the first bytes of its body, where somebody wants them.
    """

    status: int | None
    reason: str
    words: bytes = b""


SILENT = (targets.NotAllowed, Invalid, HTTPError, OSError, ValueError)


class Line:
    """One webhook's address; ``with`` closes what it opened.

    ``desks`` bound what is unanswered, for each host.
    """

    def __init__(self, url: str, *, anywhere: bool, desks: Desks = DESKS) -> None:
        self.url, self.anywhere, self.desks = url, anywhere, desks
        self.pool: HTTPConnectionPool | None = None

    def __enter__(self) -> "Line":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.pool is not None:
            self.pool.close()

    def post(self, body: bytes, headers: dict[str, str], *, reads: int = 0) -> Reply:
        """Send once; the answer within ``DEADLINE_S``, so many bytes of its body."""
        try:
            host = urlsplit(self.url).netloc
            post = partial(self._post, body, headers, reads)
            status, words = self.desks.within(DEADLINE_S, post, of=host)
        except SILENT as error:
            return Reply(None, silence(error))
        return Reply(status, f"HTTP {status}", words)

    def _post(
        self, body: bytes, headers: dict[str, str], reads: int
    ) -> tuple[int, bytes]:
        url = targets.parse(self.url, anywhere=self.anywhere)
        if self.pool is None:
            self.pool = _pool(url, targets.resolve(url, anywhere=self.anywhere))
        answer = self.pool.urlopen(
            "POST",
            url.request_uri,
            body=body,
            headers={
                "Host": url.netloc or "",
                "Content-Type": "application/json",
                "User-Agent": "Vouchsafe",
                **headers,
            },
            retries=False,
            redirect=False,
            assert_same_host=False,
            timeout=Timeout(connect=TIMEOUT_S, read=TIMEOUT_S),
            preload_content=False,
        )
        words = self._words(answer, reads) if reads else b""
        if answer.length_remaining == 0:
            answer.release_conn()
        else:  # nobody waits for words that nobody reads
            answer.close()
        return answer.status, words

    def _words(self, answer: BaseHTTPResponse, reads: int) -> bytes:
        """The first bytes of the body; none where they drip: it has answered anyway.

        The thread that reads is ended then.
        """
        read, host = partial(answer.read, reads), urlsplit(self.url).netloc
        try:
            return self.desks.within(WORDS_S, read, of=(host, "words"))
        except Late:
            with suppress(ValueError, RuntimeError):  # it has just ended by itself
                answer.shutdown()  # closing would wait for the thread that reads
            return b""
        except (HTTPError, OSError):
            return b""


def silence(error: Exception) -> Silence:
    """The word for what a library says; it names neither the library nor an address."""
    word = Silence.BROKEN_OFF
    match error:
        case targets.NotAllowed() | Invalid():
            word = Silence.NOT_PUBLIC
        case socket.gaierror() | UnicodeError():
            word = Silence.NAME_NOT_FOUND
        case NewConnectionError(__cause__=ConnectionRefusedError()):
            word = Silence.REFUSED
        case NewConnectionError():
            word = Silence.UNREACHABLE
        case Crowded():
            word = Silence.TOO_MUCH_UNANSWERED
        case TimeoutError() | TooSlow():
            word = Silence.NO_ANSWER_IN_TIME
        case SSLError():
            word = _of_tls(error)
    return word


def _of_tls(error: SSLError) -> Silence:
    """A certificate that does not hold is told from all else that TLS may refuse."""
    inner = error.args[0] if error.args else None
    refused = isinstance(inner, ssl.SSLError)
    if refused and not isinstance(inner, ssl.SSLCertVerificationError):
        return Silence.TLS
    return Silence.CERTIFICATE


def _pool(url: Url, address: str) -> HTTPConnectionPool:
    """To the judged address; certificates are still held against the name."""
    if url.scheme == "http":
        return HTTPConnectionPool(address, targets.port(url), maxsize=1)
    trusted = ssl.create_default_context()
    trusted.load_verify_locations(certifi.where())
    host = (url.host or "").strip("[]")
    return HTTPSConnectionPool(
        address,
        targets.port(url),
        maxsize=1,
        ssl_context=trusted,
        server_hostname=host,
        assert_hostname=host,
    )

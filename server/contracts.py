"""What a route promises, and what its view is given."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from flask import current_app
from flask_smorest import Blueprint
from marshmallow import Schema
from sqlalchemy.orm import Session

from accounts import passwords
from accounts.access import Action
from accounts.passwords import Pins, Proof
from accounts.tries import Counter
from core.actor import Actor
from server import languages, repeating, versions
from server.authentication import PHONES, Door
from server.hashing import Hashes
from server.parser import StrictParser
from server.reading import Reads
from server.runtime import Runtime
from server.versions import Edited

TITLES = {
    400: "Unreadable request",
    401: "Not logged in",
    403: "Not allowed",
    404: "Not found",
    405: "Wrong method",
    409: "Not possible now",
    412: "Changed since it was read",
    413: "Too large",
    415: "Wrong content type",
    422: "Invalid input",
    428: "If-Match is missing",
    429: "Too many tries",
    503: "Unavailable",
}
OTHERWISE = "Not answered"  # the title of every other status

HELP = (PHONES, "/v1/alerts")

LAST_EVENT_ID = {
    "in": "header",
    "name": "Last-Event-ID",
    "schema": {"type": "string"},
    "description": "The id of the last event received: what came after it is sent.",
}


@dataclass(frozen=True)
class Call:
    """One request inside its transaction. ``now`` is read once, after BEGIN.

    ``proof`` is what came of the contract's ``secret``, from before the transaction;
    ``counted``: the counters at which this try is a failure until it turns out right.
    ``upload``: what the contract's own reader made of a body that is no JSON.
    """

    session: Session
    actor: Actor
    now: datetime
    runtime: Runtime
    proof: Proof = passwords.NOTHING
    counted: Sequence[Counter] = ()
    upload: Any = b""


@dataclass(frozen=True)
class Errand:
    """One request whose view opens transactions of its own, see ``own_transactions``.

    ``actor`` was admitted in a transaction that has ended.
    """

    actor: Actor
    runtime: Runtime


# from session, actor and body to a hash, or two, and the secret that was given
Secret = Callable[[Session, Actor, dict[str, Any]], tuple[Pins | str | None, str]]
# from the same to the counters that a try at the secret has to pass
Limit = Callable[[Session, Actor, dict[str, Any]], Sequence[Counter]]
# from the request's body, which is no JSON, to what is made of it
Upload = Callable[[], Any]
Finish = Callable[[Any], Any]
View = Callable[..., object]


class Room(Blueprint):  # type: ignore[misc]
    """A blueprint whose bodies and queries are read strictly."""

    ARGUMENTS_PARSER = StrictParser()

    def __init__(self, *names: str, **facts: Any) -> None:
        super().__init__(*names, **facts)
        self._prepare_doc_cbks.append(self._name_headers)

    @staticmethod
    def _name_headers(doc: Any, doc_info: Any, **_: Any) -> Any:
        """Headers stand beside the parameters of the query, not instead of them."""
        headers = doc_info.get("manual_doc", {}).pop("headers_of_ours", [])
        if headers:
            doc["parameters"] = [*doc.get("parameters", []), *headers]
        return doc


def runtime() -> Runtime:
    """The runtime of the app that serves this request."""
    found: Runtime = current_app.extensions["vouchsafe"]
    return found


@dataclass(frozen=True, eq=False)  # each is itself, and can be the key of a table
class Contract:
    """What a route promises; tests walk over all of them.

    ``action`` is checked against the access table; ``door=None`` is public. A
    ``secret`` in the body is held against its hash before the transaction begins, and
    a ``limit`` counts the try before that. New secrets that ``hashes`` names reach the
    view as hashes, for nobody waits for a lock of ours while they are made. A
    view with ``own_transactions`` works too long for one: it gets an ``Errand``.
    A ``stream`` does not end; its answer is the data of each event.
    ``edits`` names what a change needs ``If-Match`` for. An answer with
    ``fresh_secrets`` is kept for no repeat. ``reads``: whose file the answer shows. An
    ``upload`` reads a body that is no JSON: long work, done before the transaction
    begins and only for who may change the thing that he has read. ``finish`` makes of
    what the view gives what is answered: work that comes after the commit, because it
    waits for somebody else.
    """

    room: Room
    method: str
    rule: str
    action: Action | None
    answer: type[Schema]
    status: int
    body: type[Schema] | None
    query: type[Schema] | None
    door: Door | None
    secret: Secret | None
    limit: Limit | None
    hashes: Hashes | None
    errors: tuple[int, ...]
    own_transactions: bool
    edits: Edited | None
    fresh_secrets: bool
    reads: Reads | None
    upload: Upload | None
    finish: Finish | None
    stream: bool
    view: View

    @property
    def path(self) -> str:
        """The whole rule."""
        return f"{self.room.url_prefix}{self.rule}"

    @property
    def name(self) -> str:
        """The operation's id, as documented."""
        return f"{self.room.name}_{self.view.__name__}"

    @property
    def media(self) -> str | None:
        """The type of an answer that is no JSON."""
        return getattr(self.answer, "MEDIA", None)

    @cached_property
    def dumper(self) -> Schema:
        """The answer's schema, made once: making one costs more than using it."""
        return self.answer()

    @cached_property
    def repeatable(self) -> bool:
        """Does it take an ``Idempotency-Key``? Acts of a phone have their event id."""
        creates = self.method == "POST" and self.status == 201
        own_id = self.body is not None and "event_id" in self.body().fields
        kept = not (own_id or self.own_transactions or self.fresh_secrets)
        return creates and kept and self.door is not None

    @property
    def ignores_queries(self) -> bool:
        """Help is refused for nothing in its URL that nobody reads."""
        return self.query is None and self.path.startswith(HELP)

    @cached_property
    def documented(self) -> set[int]:
        """The error codes that can occur."""
        codes = set(self.errors)
        if self.door is not None:
            codes |= {401, 403}
        if "<" in self.rule:
            codes |= {404}
        if self.body is not None:
            codes |= {400, 413, 415, 422}
        if not self.ignores_queries:
            codes |= {400, 422}
        if self.upload is not None:
            codes |= {413, 415, 422}
        if self.limit is not None:
            codes |= {429}
        if self.edits is not None:
            codes |= {412, 428}
        if self.repeatable:
            codes |= {400, 422}
        return codes

    @property
    def headers(self) -> list[dict[str, Any]]:
        """The headers of ours that a request may carry, as OpenAPI parameters."""
        if self.stream:
            return [LAST_EVENT_ID, languages.ACCEPTED]
        if self.method == "GET":
            return [versions.IF_NONE_MATCH, languages.ACCEPTED]
        found: list[dict[str, Any]] = []
        found += [versions.IF_MATCH] if self.edits is not None else []
        found += [repeating.PARAMETER] if self.repeatable else []
        return [*found, languages.ACCEPTED]


CONTRACTS: list[Contract] = []

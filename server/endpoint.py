"""The endpoint contract: door, action, schemas, errors, one transaction around a view.

A view says what, not how: it gets a ``Call`` and the loaded body, and returns what the
answer schema dumps. The answer is dumped before the commit and sent after it.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from itertools import count
from typing import Any

from flask import Response, current_app, jsonify, request
from flask_smorest import Blueprint
from marshmallow import Schema
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session
from werkzeug.exceptions import HTTPException

from accounts import access, passwords
from accounts.access import Action
from accounts.passwords import Proof
from accounts.tries import Counter
from core.actor import Actor
from models import database
from server import counting, repeating, versions
from server.authentication import Door, by_login
from server.parser import StrictParser
from server.runtime import Runtime
from server.schemas.problem import ProblemSchema
from server.versions import Edited

# deadlock, serialization failure, a row held or we idle too long: once more, then fail
TRANSIENT = {"40P01", "40001", "25P03", database.LOCKED_TOO_LONG}
RIVALS = 8  # of one phone or person; each can win one race
TITLES = {
    400: "Unreadable request",
    401: "Not logged in",
    403: "Not allowed",
    404: "Not found",
    409: "Not possible now",
    412: "Changed since it was read",
    413: "Too large",
    415: "Wrong content type",
    422: "Invalid input",
    428: "If-Match is missing",
    429: "Too many tries",
}


@dataclass(frozen=True)
class Call:
    """One request inside its transaction. ``now`` is read once, after BEGIN.

    ``proof`` is what came of the contract's ``secret``, from before the transaction;
    ``counted``: the counters at which this try is a failure until it turns out right.
    """

    session: Session
    actor: Actor
    now: datetime
    runtime: Runtime
    proof: Proof = passwords.NOTHING
    counted: Sequence[Counter] = ()


@dataclass(frozen=True)
class Errand:
    """One request whose view opens transactions of its own, see ``own_transactions``.

    ``actor`` was admitted in a transaction that has ended.
    """

    actor: Actor
    runtime: Runtime


@dataclass(frozen=True)
class Answer:
    """What is sent after the commit; ``version`` becomes its ETag."""

    dumped: Any
    status: int
    version: str | None = None


# from session, actor and body to a hash and the secret that was given
Secret = Callable[[Session, Actor, dict[str, Any]], tuple[str | None, str]]
# from the same to the counters that a try at the secret has to pass
Limit = Callable[[Session, Actor, dict[str, Any]], Sequence[Counter]]
View = Callable[..., object]


class Room(Blueprint):  # type: ignore[misc]
    """A blueprint whose bodies and queries are read strictly."""

    ARGUMENTS_PARSER = StrictParser()


def runtime() -> Runtime:
    """The runtime of the app that serves this request."""
    found: Runtime = current_app.extensions["vouchsafe"]
    return found


@dataclass(frozen=True)
class Contract:
    """What a route promises; tests walk over all of them.

    ``action`` is checked against the access table; ``door=None`` is public. A
    ``secret`` in the body is held against its hash before the transaction begins, and
    a ``limit`` counts the try before that. A
    view with ``own_transactions`` works too long for one: it gets an ``Errand``.
    ``edits`` names what a change needs ``If-Match`` for. An answer with
    ``fresh_secrets`` is kept for no repeat.
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
    errors: tuple[int, ...]
    own_transactions: bool
    edits: Edited | None
    fresh_secrets: bool
    view: View

    @property
    def path(self) -> str:
        """The whole rule."""
        return f"{self.room.url_prefix}{self.rule}"

    @property
    def repeatable(self) -> bool:
        """Does it take an ``Idempotency-Key``? Acts of a phone have their event id."""
        creates = self.method == "POST" and self.status == 201
        own_id = self.body is not None and "event_id" in self.body().fields
        kept = not (own_id or self.own_transactions or self.fresh_secrets)
        return creates and kept and self.door is not None

    @property
    def documented(self) -> set[int]:
        """The error codes that can occur."""
        codes = set(self.errors)
        if self.door is not None:
            codes |= {401, 403}
        if "<" in self.rule:
            codes |= {404}
        if self.body is not None:
            codes |= {400, 413, 415, 422}
        if self.query is not None:
            codes |= {400, 422}
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
        if self.method == "GET":
            return [versions.IF_NONE_MATCH]
        edited = [versions.IF_MATCH] if self.edits is not None else []
        return edited + ([repeating.PARAMETER] if self.repeatable else [])


CONTRACTS: list[Contract] = []


def endpoint(
    room: Room,
    method: str,
    rule: str,
    *,
    action: Action | None,
    answer: type[Schema],
    status: int = 200,
    body: type[Schema] | None = None,
    query: type[Schema] | None = None,
    door: Door | None = by_login,
    secret: Secret | None = None,
    limit: Limit | None = None,
    errors: tuple[int, ...] = (),
    own_transactions: bool = False,
    edits: Edited | None = None,
    fresh_secrets: bool = False,
) -> Callable[[View], View]:
    """Register a view under its contract; ``errors`` adds to those that follow from it.

    Documented are 401 and 403 behind a door, 404 where the rule names an id, and what
    an unreadable or invalid body or query brings.
    """

    def register(view: View) -> View:
        contract = Contract(
            room=room,
            method=method,
            rule=rule,
            action=action,
            answer=answer,
            status=status,
            body=body,
            query=query,
            door=door,
            secret=secret,
            limit=limit,
            errors=errors,
            own_transactions=own_transactions,
            edits=edits,
            fresh_secrets=fresh_secrets,
            view=view,
        )

        @wraps(view)
        def handle(*loaded: Any, **path: Any) -> Response:
            if 413 in contract.documented:
                request.get_data()  # a slow sender keeps no transaction waiting
            act = _send if contract.own_transactions else _transact
            return act(contract, loaded, path)

        read = _documented(contract, handle)
        room.route(rule, methods=[method])(_behind_the_door(contract, read))
        CONTRACTS.append(contract)
        return view

    return register


def _documented(contract: Contract, handle: View) -> View:
    """The handler wrapped in what reads its input and writes the OpenAPI document."""
    room = contract.room
    wrapped = handle
    for code in sorted(contract.documented):
        wrapped = room.alt_response(
            code,
            schema=ProblemSchema,
            description=TITLES[code],
            content_type="application/problem+json",
        )(wrapped)
    if contract.method == "GET":
        wrapped = room.alt_response(304, description=versions.SAME)(wrapped)
    wrapped = room.response(contract.status, contract.answer)(wrapped)
    for schema, location in ((contract.body, "json"), (contract.query, "query")):
        if schema is not None:
            read = room.arguments(schema, location=location, error_status_code=422)
            wrapped = read(wrapped)
    if contract.door is not None:
        wrapped = room.doc(security=[{"bearer": []}])(wrapped)
    if contract.headers:
        wrapped = room.doc(parameters=contract.headers)(wrapped)
    return room.doc(operationId=f"{room.name}_{contract.view.__name__}")(wrapped)  # type: ignore[no-any-return]


def _behind_the_door(contract: Contract, read: View) -> View:
    """A caller who may not enter is told so, and learns nothing about what was sent.

    The door is asked again only where the input is wrong: it stands in ``_transact``.
    """

    @wraps(read)
    def enter(**path: Any) -> object:
        try:
            return read(**path)
        except HTTPException:
            with database.reading(runtime().sessions) as session:
                _enter(session, contract)
            raise

    return enter


def _transact(
    contract: Contract, loaded: tuple[Any, ...], path: dict[str, Any]
) -> Response:
    """Run the view in one transaction; again where another one got in the way."""
    counted = _count(contract, loaded)
    proof = _prove(contract, loaded)
    for tried in count(1):
        try:
            with _transaction(contract) as session:
                actor = _enter(session, contract)
                now = runtime().clock.now(session)
                call = Call(session, actor, now, runtime(), proof, counted)
                answer = _act(contract, call, loaded, path)
            return _respond(answer)
        except DBAPIError as error:
            if tried >= _worth(error):
                raise
    raise AssertionError("unreachable")


def _act(
    contract: Contract, call: Call, loaded: tuple[Any, ...], path: dict[str, Any]
) -> Answer:
    """The view's answer, or the one that its key had before; nothing stale changed."""

    def work() -> Any:
        return contract.answer().dump(contract.view(call, *loaded, **path))

    if contract.edits is not None:
        contract.edits.hold(call.session, call.actor, **path)
        versions.require(_version(contract.edits, call, path))
        dumped = work()
        call.session.flush()
        return Answer(dumped, contract.status, _version(contract.edits, call, path))
    if contract.repeatable:
        session, actor, now = call.session, call.actor, call.now
        dumped, status = repeating.once(
            session, actor, now=now, work=work, status=contract.status
        )
        return Answer(dumped, status)
    dumped = work()
    version = versions.tag(dumped) if contract.method == "GET" else None
    return Answer(dumped, contract.status, version)


def _version(edited: Edited, call: Call, path: dict[str, Any]) -> str:
    """What the thing's own GET would name as its ETag."""
    [shown] = [one for one in CONTRACTS if one.view is edited.view]
    return versions.tag(shown.answer().dump(shown.view(call, **path)))


def _send(
    contract: Contract, loaded: tuple[Any, ...], path: dict[str, Any]
) -> Response:
    """Admit the actor, then leave the transactions to the view."""
    with database.reading(runtime().sessions) as session:
        errand = Errand(_enter(session, contract), runtime())
    dumped = contract.answer().dump(contract.view(errand, *loaded, **path))
    return _respond(Answer(dumped, contract.status))


def _count(contract: Contract, loaded: tuple[Any, ...]) -> Sequence[Counter]:
    limit = contract.limit
    if limit is None:
        return ()
    return counting.count(
        runtime(), lambda session: limit(session, _enter(session, contract), *loaded)
    )


def _prove(contract: Contract, loaded: tuple[Any, ...]) -> Proof:
    if contract.secret is None:
        return passwords.NOTHING
    with database.reading(runtime().sessions) as session:
        actor = _enter(session, contract)
        hashed, given = contract.secret(session, actor, *loaded)
    return passwords.prove(hashed, given)


def _transaction(contract: Contract) -> AbstractContextManager[Session]:
    """A GET only looks: on SQLite it waits behind no writer."""
    sessions = runtime().sessions
    return database.reading(sessions) if contract.method == "GET" else sessions.begin()


def _enter(session: Session, contract: Contract) -> Actor:
    actor = contract.door(session) if contract.door is not None else NOBODY
    if contract.action is not None:
        access.require(actor, contract.action)
    return actor


def _respond(answer: Answer) -> Response:
    response = jsonify(answer.dumped)
    response.status_code = answer.status
    return versions.show(response, answer.version)


def _worth(error: DBAPIError) -> int:
    """How many tries: each time a rival commits first, the next try sees his row."""
    if isinstance(error, IntegrityError):
        return RIVALS
    return 2 if getattr(error.orig, "sqlstate", None) in TRANSIENT else 1


class _Nobody:
    """Stands where a public route has no actor; touching it is a defect."""

    def __getattr__(self, name: str) -> object:
        raise AssertionError("a public route asked who is acting")


NOBODY: Actor = _Nobody()  # type: ignore[assignment]

"""The endpoint contract: door, action, schemas, errors, one transaction around a view.

A view says what, not how: it gets a ``Call`` and the loaded body, and returns what the
answer schema dumps. The answer is dumped before the commit and sent after it.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial, wraps
from itertools import count
from typing import Any

from flask import Response, jsonify, request
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
from server import counting, hashing, reading, repeating, versions
from server.authentication import Door, by_login
from server.contracts import (
    CONTRACTS,
    TITLES,
    Call,
    Contract,
    Errand,
    Finish,
    Limit,
    Room,
    Secret,
    Upload,
    View,
    runtime,
)
from server.hashing import Hashes
from server.reading import Reads
from server.schemas.problem import ProblemSchema
from server.versions import Edited

__all__ = [
    "CONTRACTS",
    "Call",
    "Contract",
    "Errand",
    "Room",
    "endpoint",
    "runtime",
]

# deadlock, serialization failure, a row held or we idle too long: once more, then fail
TRANSIENT = {"40P01", "40001", "25P03", database.LOCKED_TOO_LONG}
RIVALS = 8  # of one phone or person; each can win one race


@dataclass(frozen=True)
class Answer:
    """What is sent after the commit; ``version`` becomes its ETag.

    ``media``: the type of what is no JSON.
    """

    dumped: Any
    status: int
    version: str | None = None
    media: str | None = None


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
    hashes: Hashes | None = None,
    errors: tuple[int, ...] = (),
    own_transactions: bool = False,
    edits: Edited | None = None,
    fresh_secrets: bool = False,
    reads: Reads | None = None,
    upload: Upload | None = None,
    finish: Finish | None = None,
    stream: bool = False,
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
            hashes=hashes,
            errors=errors,
            own_transactions=own_transactions,
            edits=edits,
            fresh_secrets=fresh_secrets,
            reads=reads,
            upload=upload,
            finish=finish,
            stream=stream,
            view=view,
        )

        @wraps(view)
        def handle(*loaded: Any, **path: Any) -> Response:
            if 413 in contract.documented and not contract.own_transactions:
                request.get_data()  # a slow sender keeps no transaction waiting
            act = _send if contract.own_transactions or stream else _transact
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
    if contract.method == "GET" and not contract.stream:
        wrapped = room.alt_response(304, description=versions.SAME)(wrapped)
    wrapped = _with_answer(contract)(wrapped)
    for schema, location in ((contract.body, "json"), (contract.query, "query")):
        if schema is not None:
            read = room.arguments(schema, location=location, error_status_code=422)
            wrapped = read(wrapped)
    if contract.door is not None:
        wrapped = room.doc(security=[{"bearer": []}])(wrapped)
    if contract.headers:
        wrapped = room.doc(headers_of_ours=contract.headers)(wrapped)
    return room.doc(operationId=contract.name)(wrapped)  # type: ignore[no-any-return]


def _with_answer(contract: Contract) -> Callable[[View], View]:
    """What the document says of the answer; ``handle`` has dumped it already."""
    room, media = contract.room, contract.media
    if contract.stream:
        events = "text/event-stream"
        return room.response(contract.status, contract.answer, content_type=events)  # type: ignore[no-any-return]
    if media is None:
        return room.response(contract.status, contract.answer)  # type: ignore[no-any-return]
    bytes_ = {"type": "string", "format": "binary"}
    return room.response(contract.status, bytes_, content_type=media)  # type: ignore[no-any-return]


def _behind_the_door(contract: Contract, read: View) -> View:
    """A caller who may not enter is told so, and learns nothing about what was sent.

    The door is asked again only where the input is wrong: it stands in ``_transact``.
    """

    @wraps(read)
    def enter(**path: Any) -> object:
        try:
            if contract.query is None and not contract.ignores_queries:
                Room.ARGUMENTS_PARSER.parse(
                    Schema(), location="query", error_status_code=422
                )
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
    loaded = _hash(contract, loaded)
    upload = _receive(contract, path)
    for tried in count(1):
        try:
            with _transaction(contract) as session:
                actor = _enter(session, contract)
                now = runtime().clock.now(session)
                call = Call(session, actor, now, runtime(), proof, counted, upload)
                answer = _act(contract, call, loaded, path)
            answer = _finished(contract, answer)
            _note(contract, actor, answer.dumped, path)
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
        told = contract.view(call, *loaded, **path)
        return told if contract.finish else contract.dumper.dump(told)

    def edit(edits: Edited) -> Any:
        """Held before: what came again under its key is answered, not judged anew."""
        versions.require(_version(edits, call, path))
        return work()

    edits = contract.edits
    if edits is not None:
        edits.hold(call.session, call.actor, **path)
        dumped, status = _once(contract, call, partial(edit, edits))
        call.session.flush()
        return Answer(dumped, status, _version(edits, call, path))
    dumped, status = _once(contract, call, work)
    unfinished = contract.finish is not None
    return Answer(dumped, status) if unfinished else _shown(contract, dumped, status)


def _once(contract: Contract, call: Call, work: Callable[[], Any]) -> tuple[Any, int]:
    """What ``work`` gives, or gave when its ``Idempotency-Key`` came before."""
    if not contract.repeatable:
        return work(), contract.status
    session, actor, now = call.session, call.actor, call.now
    return repeating.once(session, actor, now=now, work=work, status=contract.status)


def _shown(contract: Contract, dumped: Any, status: int) -> Answer:
    version = versions.tag(dumped) if contract.method == "GET" else None
    return Answer(dumped, status, version, contract.media)


def _finished(contract: Contract, answer: Answer) -> Answer:
    """What was left for after the commit is done now."""
    if contract.finish is None:
        return answer
    dumped = contract.dumper.dump(contract.finish(answer.dumped))
    return _shown(contract, dumped, answer.status)


def _note(contract: Contract, actor: Actor, dumped: Any, path: dict[str, Any]) -> None:
    """What shows a borrower's file is recorded before it is sent."""
    if contract.reads is not None:
        reading.note(contract.reads, runtime(), actor, contract.name, dumped, path)


def _version(edited: Edited, call: Call, path: dict[str, Any]) -> str:
    """What the thing's own GET would name as its ETag."""
    [shown] = [one for one in CONTRACTS if one.view is edited.view]
    return versions.tag(shown.dumper.dump(shown.view(call, **path)))


def _send(
    contract: Contract, loaded: tuple[Any, ...], path: dict[str, Any]
) -> Response:
    """Admit the actor, then leave the transactions to the view."""
    with database.reading(runtime().sessions) as session:
        errand = Errand(_enter(session, contract), runtime())
    told = contract.view(errand, *loaded, **path)
    if isinstance(told, Response):  # a stream
        return told
    dumped = contract.dumper.dump(told)
    _note(contract, errand.actor, dumped, path)
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


def _hash(contract: Contract, loaded: tuple[Any, ...]) -> tuple[Any, ...]:
    """New secrets are hashed once, for who may enter, and before anything is locked."""
    if contract.hashes is None:
        return loaded
    with database.reading(runtime().sessions) as session:
        _enter(session, contract)
    return (hashing.hashed(contract.hashes, *loaded),)


def _receive(contract: Contract, path: dict[str, Any]) -> Any:
    """What is made of an upload, for who may change what he has read and nobody else.

    Door and version are asked again in ``_transact``: here they spare the work.
    """
    if contract.upload is None:
        return b""
    with database.reading(runtime().sessions) as session:
        actor, now = _enter(session, contract), runtime().clock.now(session)
        if contract.edits is not None:
            call = Call(session, actor, now, runtime())
            versions.require(_version(contract.edits, call, path))
    return contract.upload()


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
    if answer.media is None:
        response = jsonify(answer.dumped)
    else:
        response = Response(answer.dumped, mimetype=answer.media)
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

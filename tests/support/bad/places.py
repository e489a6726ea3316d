"""Paths that name nothing, queries that ask for nothing, methods that do nothing."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode

from marshmallow import fields

from core import ids
from server import callbacks
from server.endpoint import CONTRACTS, Contract
from server.schemas.base import Instant
from tests.support import samples
from tests.support.bad.asking import NOTHING_TO_READ, Bad, Ids
from tests.support.bad.bodies import TIMES

NIL = "00000000-0000-0000-0000-000000000000"
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "BREW")
NO_IDS = (
    *("x", "0", "-1", "null", "%00", "%FF%FE", "%ED%A0%80", "%2F", "%2F%2Fetc"),
    *("..%2F..%2Fme", "{id}", "%27%20OR%201=1", "%F0%9F%98%80", "a" * 8000),
    *("00000000-0000-0000-0000-00000000000g", "00000000000000000000000000000000"),
)
NUMBERS = ("0", "-1", "201", "1e9", "1000000000", "NaN", "1e400", "", "x", "1.5")
NO_TEXT = ("%00", "%ff%fe", "%ed%a0%80")
STRANGE = ("strange=1", "%00=1", "a=%ff", "=")


def paths(contract: Contract, named: Ids) -> Iterator[Bad]:
    """Each parameter of the path as no id, and as an id of nobody."""
    for parameter in parameters(contract):
        marked = contract.path.replace(parameter, "<at>")
        good = filled(parameter, named)
        nobody = [str(ids.new()), NIL] if parameter.startswith("<uuid:") else []
        for value in (*NO_IDS, f"{good}%00", f"{good}%2F", f"%20{good}"):
            path = filled(marked, named).replace("<at>", value)
            yield Bad(contract, f"{parameter} {value[:40]}", {"path": path}, (404,))
        # to a provider a channel of nobody is one whose secret he does not know
        status = 401 if contract.upload is callbacks.fields else 404
        for value in nobody:
            path = filled(marked, named).replace("<at>", value)
            yield Bad(contract, f"{parameter} {value}", {"path": path}, (status,))


def parameters(contract: Contract) -> list[str]:
    """Every parameter of the path in its brackets."""
    return re.findall(r"<[^>]+>", contract.path)


def filled(path: str, known: Ids) -> str:
    """The path of things that exist."""
    for name, value in known.items():
        path = path.replace(f"<uuid:{name}>", str(value))
    return path.replace("<string:kind>", "overdue")


def queries(contract: Contract, named: Ids) -> Iterator[Bad]:
    """What no query takes; to phones and alerts one that nobody reads is no harm."""
    if contract.query is None and contract.ignores_queries:
        return
    good: dict[str, str] = {}
    if contract.query is not None:
        good = samples.sample_query(contract.query)
        good |= {name: str(named[name]) for name in good.keys() & named.keys()}
        for name, field in contract.query().fields.items():
            right = {one: good[one] for one in good if one != name}
            for value in wrong_for(field):
                asked = f"{urlencode(right)}&{name}={value}"
                yield _asked(contract, asked, f"{name}={value[:40]}")
            twice = f"{urlencode(right)}&{name}=1&{name}=1"
            yield _asked(contract, twice, f"{name} twice")
            if field.required:
                yield _asked(contract, urlencode(right), f"no {name}")
    for strange in STRANGE:
        yield _asked(contract, f"{urlencode(good)}&{strange}", strange[:40])


def _asked(contract: Contract, query: str, what: str) -> Bad:
    return Bad(contract, f"?{what}", {"query_string": query}, (400, 422))


def wrong_for(field: fields.Field[Any]) -> list[str]:
    """What a parameter of the query never takes, as it is sent."""
    match field:
        case Instant():
            return [*NO_TEXT, *(quote(str(one)) for one in TIMES)]
        case fields.Integer():
            return [*NO_TEXT, *map(quote, NUMBERS)]
        case fields.UUID():
            return [*NO_TEXT, "x", "1", "", "00000000-0000-0000-0000-00000000000g"]
        case fields.Enum() | fields.Boolean():
            return [*NO_TEXT, "x", "", "7", "true%20"]
    return [*NO_TEXT]


def methods(contract: Contract, named: Ids) -> Iterator[Bad]:
    """Whatever this path does not do."""
    known = {one.method for one in CONTRACTS if one.path == contract.path}
    if "GET" in known:
        known.add("HEAD")
    path = filled(contract.path, named)
    for method in METHODS:
        if method not in known:
            wrong = {"path": path, "method": method}
            yield Bad(contract, method, wrong, (405,))


def refusable(contract: Contract) -> dict[str, object]:
    """What has this operation refused, whatever the headers say."""
    if contract.body is not None:
        return dict(NOTHING_TO_READ)
    if contract.ignores_queries:
        return {"path": samples.path(contract)}
    return {"query_string": "strange=1"}

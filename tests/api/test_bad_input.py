"""Whatever comes in that is wrong: a problem document, 4xx, nothing stored."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from marshmallow import Schema, fields
from sqlalchemy import func, select

from accounts import access
from core.words import Role
from models import Base, WatchEvent
from server.authentication import by_refresh
from server.endpoint import CONTRACTS, Contract
from server.schemas.base import Instant
from server.schemas.mobile import CutText, OptionalInstant, PhoneInstant
from server.sizes import LARGEST_BODY
from tests.support import samples
from tests.support.neighbour import Neighbour
from tests.support.street import Street
from tests.support.walk import tokens
from tests.support.world import Browser, World

JSON, PROBLEM = "application/json", "application/problem+json"
NAMED = ("/check-in", "/sos", "/verifications")
ACTS = ("/sos", "/check-in", "/check-out", "/extension", "/withdrawal")
DEEP = b"[" * 100_000 + b"]" * 100_000
NESTED = b'{"a":' * 25 + b"1" + b"}" * 25
UNREADABLE: dict[str, bytes] = {
    "nothing": b"",
    "broken": b'{"event_id": ',
    "two documents": b"{}{}",
    "single quotes": b"{'a': 1}",
    "NaN": b'{"a": NaN}',
    "Infinity": b'{"a": -Infinity}',
    "beyond floats": b'{"a": 1e400}',
    "beyond integers": b'{"a": 123456789012345678901234567890}',
    "too many digits": b'{"a": ' + b"9" * 10_000 + b"}",
    "null byte": b'{"a": "x\\u0000y"}',
    "raw null byte": b'{"a": "x\x00y"}',
    "null byte in a name": b'{"a\\u0000": 1}',
    "lone surrogate": b'{"a": "\\ud800"}',
    "lone surrogate in a name": b'{"\\udfff": 1}',
    "not UTF-8": b'{"a": "\xff\xfe"}',
    "UTF-16": '{"a": 1}'.encode("utf-16"),
    "byte order mark": b'\xef\xbb\xbf{"a": 1}',
    "deep": DEEP,
    "nested": NESTED,
}
NOT_OBJECTS = (b"null", b"[]", b'"text"', b"7", b"true", b'[{"a": 1}]')
NEVER = ({"no": "such"}, [[]], "x" * 100_000, -(2**62), 1e300, "\u202e\ufeff")
UNSET = (
    "9999-12-31T23:59:59Z",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00",
    "1999-12-31T23:59:59Z",
)
UNREADABLE_TIMES = (
    "2026-11-24T10:00:00",
    "2026-11-24",
    "2026-02-30T10:00:00Z",
    "2026-11-24T25:00:00Z",
    "2026-11-24T10:00:00+99:99",
    "tomorrow",
    "",
    1764000000,
    1e300,
)
TIMES = UNSET + UNREADABLE_TIMES
WRITING = [contract for contract in CONTRACTS if contract.body is not None]
ASKING = [contract for contract in CONTRACTS if contract.query is not None]


class Staff:
    """Whoever may send a contract's request, in the organisation of ``street``."""

    def __init__(self, street: Street, world: World) -> None:
        self.world, self.ids = world, Neighbour(street).ids
        make = street.make
        self.browsers: dict[Role, Browser] = {
            role: world.client_as(make.user(street.organisation, role)) for role in Role
        }
        self.browsers[Role.COLLECTOR] = world.client_as(street.chen)
        self.renewing = tokens(world, street.chen)["refresh"]

    def headers(self, contract: Contract) -> dict[str, str]:
        """The token of somebody for whom the door is open."""
        if contract.action is None:
            return {}
        if contract.door is by_refresh:
            return {"Authorization": f"Bearer {self.renewing}"}
        role = min(access.ALLOWED[contract.action])
        return self.browsers[role].headers

    def send(self, contract: Contract, **options: Any) -> Any:
        """The request to an existing thing, with whatever input."""
        url = samples.path(contract, **self.ids)
        headers = self.headers(contract)
        client = self.world.app.test_client()
        return client.open(url, method=contract.method, headers=headers, **options)

    def stored(self) -> dict[str, int]:
        """Rows by table."""
        with self.world.database.sessions() as session:
            return {
                table.name: session.scalar(select(func.count()).select_from(table)) or 0
                for table in Base.metadata.sorted_tables
            }


@pytest.fixture
def staff(street: Street, world: World) -> Staff:
    """Everybody logged in."""
    return Staff(street, world)


def refused(answer: Any, *statuses: int) -> bool:
    """A problem document with one of the statuses that tells nothing of the inside."""
    right = answer.status_code in statuses and answer.mimetype == PROBLEM
    return right and answer.json["status"] == answer.status_code


def test_a_body_that_is_not_json_is_refused_by_every_route(staff: Staff):
    before, wrong = staff.stored(), []
    for contract in WRITING:
        for name, body in UNREADABLE.items():
            answer = staff.send(contract, data=body, content_type=JSON)
            if not refused(answer, 400):
                wrong.append((contract.path, name, answer.status_code, answer.json))
        for body in NOT_OBJECTS:
            answer = staff.send(contract, data=body, content_type=JSON)
            if not refused(answer, 422):
                wrong.append((contract.path, body, answer.status_code, answer.json))
    assert wrong == []
    assert staff.stored() == before


def test_another_content_type_is_refused_by_every_route(staff: Staff):
    before, wrong = staff.stored(), []
    for contract in WRITING:
        assert contract.body is not None
        body = json.dumps(samples.sample(contract.body)).encode()
        for kind in (None, "", "text/plain", "application/x-www-form-urlencoded"):
            answer = staff.send(contract, data=body, content_type=kind)
            if not refused(answer, 415):
                wrong.append((contract.path, kind, answer.status_code))
    assert wrong == []
    assert staff.stored() == before


def test_a_body_that_is_too_large_is_refused_by_every_route(staff: Staff):
    before, wrong = staff.stored(), []
    body = b'{"a": "' + b"x" * LARGEST_BODY + b'"}'
    for contract in WRITING:
        answer = staff.send(contract, data=body, content_type=JSON)
        if not refused(answer, 413):
            wrong.append((contract.path, answer.status_code))
    assert wrong == []
    assert staff.stored() == before


def test_an_unknown_field_is_refused_by_every_route(staff: Staff):
    before, wrong = staff.stored(), []
    for contract in WRITING:
        assert contract.body is not None
        body = {**samples.sample(contract.body), "organisation_id": "mine"}
        answer = staff.send(contract, json=body)
        named = "organisation_id" in str(answer.json.get("fields"))
        if not refused(answer, 422) or not named:
            wrong.append((contract.path, answer.status_code, answer.json))
    assert wrong == []
    assert staff.stored() == before


def mutations(schema: type[Schema]) -> Iterator[tuple[str, Any, dict[str, Any]]]:
    """Bodies that are right but for one field: its name, its value, the body."""
    good = samples.whole(schema)
    for name, field in schema().fields.items():
        if isinstance(field, fields.Nested):
            for inner, value, part in mutations(field.schema.__class__):
                yield f"{name}.{inner}", value, {**good, name: part}
        for value in wrong_for(field):
            yield name, value, {**good, name: value}
        if field.required:
            yield name, "left out", {key: good[key] for key in good if key != name}


def wrong_for(field: fields.Field[Any]) -> list[Any]:
    """What this field never takes."""
    if isinstance(field, OptionalInstant):
        return []
    return [*([] if field.allow_none else [None]), *never(field)]


def never(field: fields.Field[Any]) -> list[Any]:
    """Wrong kinds of values, apart from nothing at all."""
    match field:
        case PhoneInstant():
            return UNREADABLE_TIMES
        case CutText():
            return [one for one in NEVER if not isinstance(one, str)]
        case Instant():
            return TIMES
        case fields.Number() if not field.validators:
            return [one for one in NEVER if not isinstance(one, int | float)]
        case fields.String():
            return NEVER[:-1]
    return NEVER


def test_a_wrong_value_in_any_field_is_refused_by_every_route(staff: Staff):
    before, wrong, sent = staff.stored(), [], 0
    for contract in WRITING:
        assert contract.body is not None
        for name, value, body in mutations(contract.body):
            sent += 1
            answer = staff.send(contract, json=body)
            if not refused(answer, 422):
                wrong.append((contract.path, name, str(value)[:40], answer.json))
    assert wrong == []
    assert sent > 500
    assert staff.stored() == before


def test_a_wrong_query_is_refused_by_every_route(staff: Staff):
    wrong = []
    for contract in ASKING:
        assert contract.query is not None
        good = samples.sample_query(contract.query)
        bad = [
            f"{name}={value}" for name in good for value in ("x", "%00", "%ED%A0%80")
        ]
        bad += ["after=x", "after=%00", "strange=1", "%00=1", "a=%ff%fe"]
        if "limit" in contract.query().fields:
            bad += [f"limit={value}" for value in ("0", "201", "-1", "NaN", "1e400")]
        for query in bad:
            answer = staff.send(contract, query_string=query)
            if not refused(answer, 400, 422):
                wrong.append((contract.path, query, answer.status_code))
    assert wrong == []


def test_a_query_time_out_of_range_is_refused(staff: Staff):
    [hours] = [one for one in ASKING if one.path.endswith("/visit-hours")]
    good = {
        "place_id": str(staff.ids["place_id"]),
        "start": samples.MORNING.isoformat(),
    }
    for value in TIMES:
        answer = staff.send(hours, query_string={**good, "end": value})
        assert refused(answer, 422), (value, answer.json)


def named(path: str) -> Contract:
    """The one contract that reads a body at this path."""
    [found] = [one for one in WRITING if one.path.endswith(path)]
    return found


def test_the_named_routes_are_among_those_that_are_walked():
    assert len({named(path).path for path in NAMED}) == 3


def test_a_position_in_an_unknown_datum_or_off_the_earth_is_refused(staff: Staff):
    fix = {"lon": 120.1, "lat": 30.2, "datum": "wgs84", "accuracy_m": 5}
    wrong = [{"datum": one} for one in ("mars", "WGS84", "", 7, None, ["wgs84"])]
    wrong += [{"lon": one} for one in (181, -180.1, "NaN", "1e400", None, True)]
    wrong += [{"lat": one} for one in (91, -90.1, "nan", "inf", [], "north")]
    wrong += [{"accuracy_m": one} for one in (None, "far", "NaN", [])]
    before = staff.stored()
    for path in ACTS:
        contract = named(path)
        assert contract.body is not None
        good = samples.sample(contract.body)
        for part in wrong:
            answer = staff.send(contract, json={**good, "position": {**fix, **part}})
            assert refused(answer, 422), (path, part, answer.json)
    assert staff.stored() == before


def test_an_unknown_accuracy_refuses_no_act_of_a_watch(staff: Staff):
    fix = {"lon": 120.1, "lat": 30.2, "datum": "wgs84"}
    for path in ACTS:
        contract = named(path)
        assert contract.body is not None
        for accuracy in (-1, 0, 1e9, 1e300):
            body = samples.sample(contract.body)
            body["position"] = {**fix, "accuracy_m": accuracy}
            answer = staff.send(contract, json=body)
            assert answer.status_code == contract.status, (path, accuracy, answer.json)


def test_a_clock_that_was_never_set_refuses_no_act_of_a_watch(staff: Staff):
    for path in ACTS:
        contract = named(path)
        assert contract.body is not None
        for value in UNSET:
            body = {**samples.sample(contract.body), "occurred_at": value}
            answer = staff.send(contract, json={**body, "sent_at": value})
            assert answer.status_code == contract.status, (path, value, answer.json)


def test_what_cannot_be_read_as_a_time_keeps_nobody_from_calling_for_help(
    staff: Staff,
):
    for value in (*TIMES, None, [], {}):
        body = staff.world.act(occurred_at=value, sent_at=value)
        answer = staff.send(named("/sos"), json=body)
        assert answer.status_code == 201, (value, answer.json)


def test_words_are_cut_and_never_refused(staff: Staff):
    for path in ("/sos", "/check-in", "/check-out"):
        contract = named(path)
        assert contract.body is not None
        for words in ("", "\u8bdd" * 501, "x" * 30_000):
            body = {**samples.sample(contract.body), "words": words}
            answer = staff.send(contract, json=body)
            assert answer.status_code == contract.status, (path, answer.json)
    with staff.world.database.sessions() as session:
        kept = [one.words for one in session.scalars(select(WatchEvent))]
    lengths = {len(words) for words in kept if words is not None}
    assert (lengths, None in kept) == ({500, 501, 5000}, True)


def test_a_code_that_is_no_text_is_refused_without_a_try(staff: Staff):
    before = staff.stored()
    for code in ("", "x" * 65, 7, None, [], {}, 1.5, True):
        assert refused(staff.send(named("/verifications"), json={"code": code}), 422)
    assert staff.stored() == before


def test_a_code_of_strange_characters_is_unknown(staff: Staff):
    for code in ("\u202e", "ÄÖÜ", "١٢٣٤", "😀" * 16, "%00", "' OR 1=1"):
        answer = staff.send(named("/verifications"), json={"code": code})
        assert answer.status_code == 200
        assert answer.json["answer"] == "unknown"

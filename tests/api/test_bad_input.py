"""Bad input that needs a word of its own; ``test_bad_everything`` has all the rest."""

import pytest
from sqlalchemy import select

from models import WatchEvent
from server.endpoint import CONTRACTS, Contract
from tests.support import samples
from tests.support.bad.asking import Staff, refused, rows
from tests.support.bad.bodies import TIMES, UNSET
from tests.support.street import Street
from tests.support.world import World

NAMED = ("/check-in", "/sos", "/verifications")
ACTS = ("/sos", "/check-in", "/check-out", "/extension", "/withdrawal")
WRITING = [contract for contract in CONTRACTS if contract.body is not None]


@pytest.fixture
def staff(street: Street, world: World) -> Staff:
    """Everybody logged in."""
    return Staff(street, world)


def test_an_unknown_field_is_refused_by_every_route(staff: Staff):
    before, wrong = rows(staff.world.database), []
    for contract in WRITING:
        assert contract.body is not None
        body = {**samples.sample(contract.body), "organisation_id": "mine"}
        answer = staff.send(contract, json=body)
        named = "organisation_id" in str(answer.json.get("fields"))
        if not refused(answer, 422) or not named:
            wrong.append((contract.path, answer.status_code, answer.json))
    assert wrong == []
    assert rows(staff.world.database) == before


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
    before = rows(staff.world.database)
    for path in ACTS:
        contract = named(path)
        assert contract.body is not None
        good = samples.sample(contract.body)
        for part in wrong:
            answer = staff.send(contract, json={**good, "position": {**fix, **part}})
            assert refused(answer, 422), (path, part, answer.json)
    assert rows(staff.world.database) == before


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
    before = rows(staff.world.database)
    for code in ("", "x" * 65, 7, None, [], {}, 1.5, True):
        assert refused(staff.send(named("/verifications"), json={"code": code}), 422)
    assert rows(staff.world.database) == before


def test_a_code_of_strange_characters_is_unknown(staff: Staff):
    for code in ("\u202e", "ÄÖÜ", "١٢٣٤", "😀" * 16, "%00", "' OR 1=1"):
        answer = staff.send(named("/verifications"), json={"code": code})
        assert answer.status_code == 200
        assert answer.json["answer"] == "unknown"

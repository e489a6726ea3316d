"""Whatever comes in that is no case file: refused as a whole, or line by line."""

from typing import Any

import pytest

from server import sizes
from server.endpoint import CONTRACTS
from tests.api.test_cases import HEADER
from tests.support.bad.asking import Staff, refused, rows
from tests.support.bad.bodies import UNREADABLE
from tests.support.street import Street
from tests.support.world import World

IMPORT = ("POST", "/v1/imports")
LINE = (
    "C1,WLB,West Lake Bank,L-1,D-1,王某,+8613900000001,zh,60,1234500,CNY,home,home,no,"
    "虚构路1号,120.1551,30.2741,wgs84,CN,CN-ZJ,,"
)


@pytest.fixture
def staff(street: Street, world: World) -> Staff:
    """Everybody logged in."""
    return Staff(street, world)


def imported(staff: Staff, body: bytes, kind: str | None = "text/csv") -> Any:
    """The answer to a file."""
    [take] = [one for one in CONTRACTS if (one.method, one.path) == IMPORT]
    return staff.send(take, data=body, content_type=kind)


def taken(staff: Staff, body: bytes) -> Any:
    """What became of a file."""
    sent = imported(staff, body)
    assert sent.status_code == 202
    staff.world.take_files()
    [read] = [one for one in CONTRACTS if one.path == f"{IMPORT[1]}/<uuid:import_id>"]
    staff.ids["import_id"] = sent.json["id"]
    return staff.send(read)


def test_an_import_that_is_no_case_file_is_refused_as_a_whole(
    staff: Staff, monkeypatch: pytest.MonkeyPatch
):
    before = rows(staff.world.database)
    with monkeypatch.context() as patch:
        patch.setattr(sizes, "LARGEST_IMPORT", 2_000_000)
        assert refused(imported(staff, b"x" * 2_000_001), 413)
    good = "\n".join([HEADER, LINE]).encode()
    for kind in (None, "application/json", "application/x-www-form-urlencoded"):
        assert refused(imported(staff, good, kind), 415)
    for body in (*UNREADABLE.values(), b"\x00", good.replace(b"case_id", b"Case")):
        assert refused(imported(staff, body), 422), body
    assert rows(staff.world.database) == before


def test_an_import_stores_no_case_of_a_bad_line(staff: Staff):
    cells = dict(zip(HEADER.split(","), LINE.split(","), strict=True))
    bad = {
        "lon": ("NaN", "Infinity", "1e400", "181", "", "１２０", "0x10"),
        "lat": ("-90.5", "nan", "abc"),
        "datum": ("mars", "", "WGS84"),
        "days_past_due": ("-1", "1.5", "1e3", "9" * 30, ""),
        "amount_minor": ("0", "-5", "12.50", str(2**64)),
        "currency": ("XXZ", "cny", ""),
        "borrower_name": ("", "x" * 121, "a\x00b", "\x07"),
        "borrower_phone": ("12", "+86" + "1" * 20, "\x00"),
        "country": ("XX", "China"),
        "case_id": ("", "x" * 65, "\x00"),
        "wish_only": ("mon 25:00-26:00", "tomorrow", "mon 10:00-09:00"),
    }
    lines = [
        ",".join({**cells, "case_id": f"C{column}", column: value}.values())
        for column, values in bad.items()
        for value in values
    ]
    before = rows(staff.world.database)
    body = "\n".join([HEADER, *lines]).encode() + b"\n\xff\xfe,\n"
    answer = taken(staff, body)
    assert answer.json["refused"] == len(lines) + 1
    assert {one["line"] for one in answer.json["problems"]} == set(
        range(2, len(lines) + 3)
    )
    after = rows(staff.world.database)
    for table in ("cases", "borrowers", "places", "creditors", "wishes"):
        assert after[table] == before[table]

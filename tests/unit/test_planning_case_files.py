"""Case files: good lines, bad cells, unreadable lines, unreadable files."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Invalid
from core.geo import Position, distance_m
from planning import case_files
from planning.case_formats import Probe
from planning.case_index import CaseIndex
from planning.case_rows import CIRCUMSTANCES, READERS, CaseRow, Problem

GOOD = {
    "case_id": "C-1",
    "creditor_code": "WLB",
    "creditor_name": "West Lake Bank",
    "debt_ref": "L-1",
    "debtor_ref": "D-1",
    "borrower_name": "王某",
    "borrower_phone": "+8613900000001",
    "language": "zh",
    "days_past_due": "60",
    "amount_minor": "1234500",
    "currency": "CNY",
    "place_id": "home",
    "place_kind": "home",
    "place_public": "",
    "address": "杭州市虚构路1号",
    "lon": "120.1551",
    "lat": "30.2741",
    "datum": "wgs84",
    "country": "CN",
    "region": "CN-ZJ",
    "wish_only": "mon 18:00-20:00",
    "wish_avoid": "",
}
HEADER = ",".join(GOOD).encode()


def line(**cells):
    """One good line with these cells instead."""
    values = {**GOOD, **cells}.values()
    return ",".join(f'"{value}"' if '"' not in value else value for value in values)


def a_file(*lines, end="\n"):
    """A case file of these lines."""
    return end.join([HEADER.decode(), *lines, ""]).encode()


def rows(content, *, cut=7):
    """What the lines of the file became, in however small pieces it comes."""
    probe = Probe()
    probe.watch([content])
    pieces = [content[n : n + cut] for n in range(0, len(content), cut)]
    return list(case_files.rows(pieces, probe.format()))


def only(content):
    """What the one line of the file became."""
    (found,) = rows(content)
    return found


def gathered(content):
    """The good rows, and all problems in the order of lines."""
    index, good, problems = CaseIndex(), [], []
    for row in rows(content):
        wrong = [row] if isinstance(row, Problem) else index.take(row)
        problems += wrong
        good += [] if wrong else [row]
    index.close()
    return good, problems


def test_the_example_names_every_column():
    assert list(GOOD) == list(READERS)


def test_a_good_line_becomes_a_case_and_its_place():
    row = only(a_file(line()))
    assert isinstance(row, CaseRow)
    assert row.line == 2
    assert (row.case.case_id, row.case.amount_minor) == ("C-1", 1_234_500)
    assert row.case.wish_only == ((1080, 1200),)
    assert row.place.position == Position(120.1551, 30.2741)
    assert row.place.place_public is False


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_byte_order_mark_and_line_ends_of_any_system_are_read(mark, end):
    content = mark + a_file(line(), line(case_id="C-2"), end=end)
    assert [row.line for row in rows(content)] == [2, 3]


def test_columns_may_stand_in_any_order():
    values = ",".join(reversed(GOOD.values()))
    content = f"{','.join(reversed(GOOD))}\n{values}\n".encode()
    assert only(content) == only(a_file(line()))


def test_gcj02_is_stored_as_wgs84():
    row = only(a_file(line(datum="gcj02")))
    moved = distance_m(row.place.position, Position(120.1551, 30.2741))
    assert 300 < moved < 700


BAD = [
    ("case_id", ""),
    ("case_id", "x" * 65),
    ("borrower_name", "王\x00某"),
    ("borrower_name", "王\x1b[2J"),
    ("borrower_name", "a\u202eb"),
    ("borrower_name", "王\x85某"),
    ("borrower_phone", "13900000001"),
    ("borrower_phone", "+86 139 0000 0001"),
    ("borrower_phone", "+999123456789"),
    ("borrower_phone", "+86139"),
    ("language", "fr"),
    ("days_past_due", "-1"),
    ("days_past_due", "1e2"),
    ("days_past_due", "99999"),
    ("amount_minor", "0"),
    ("amount_minor", "12.50"),
    ("amount_minor", str(2**53)),
    ("amount_minor", "１２"),
    ("amount_minor", "1_000"),
    ("currency", "RMB"),
    ("place_kind", "boat"),
    ("place_public", "maybe"),
    ("address", "x" * 301),
    ("lon", "nan"),
    ("lon", "inf"),
    ("lon", "180.1"),
    ("lon", ""),
    ("lat", "1e1"),
    ("lat", "-90.5"),
    ("datum", "nad27"),
    ("country", "UK"),
    ("country", "cn"),
    ("region", "ZJ"),
    ("region", "US-CA"),
    ("region", "CN-91"),
    ("region", "CN-ZZ"),
    ("wish_only", "always"),
    ("wish_avoid", "mon 20:00-18:00"),
]


@pytest.mark.parametrize(("column", "value"), BAD)
def test_a_bad_cell_refuses_its_line_and_is_not_repeated(column, value):
    problem = only(a_file(line(**{column: value})))
    assert isinstance(problem, Problem)
    assert (problem.line, problem.column) == (2, column)
    assert len(value) < 4 or value not in problem.reason


def test_the_largest_amount_that_json_holds_is_taken():
    row = only(a_file(line(amount_minor=str(2**53 - 1))))
    assert row.case.amount_minor == 2**53 - 1


def test_every_bad_cell_of_a_line_is_named():
    content = a_file(line(lon="nan", currency="?", case_id=""))
    columns = [problem.column for problem in rows(content)]
    assert columns == ["case_id", "currency", "lon"]


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (line(address='"open').encode(), "quotation"),
        (line(address='"a"b').encode(), "quotation"),
        (line().encode().replace("王".encode(), b"\xcd\xf5"), "UTF-8"),
        (b"a,b", "has 2 cells"),
        (b"x" * 10_001, "longer"),
        (line().encode() + b",more", "has 23 cells"),
    ],
)
def test_a_line_that_cannot_be_read_leaves_its_neighbours(raw, reason):
    first, last = line().encode(), line(case_id="C-3").encode()
    content = b"\n".join([HEADER, first, raw, b"", last])
    before, problem, after = rows(content)
    assert isinstance(before, CaseRow)
    assert (problem.line, problem.column) == (3, "row")
    assert reason in problem.reason
    assert (after.line, after.case.case_id) == (5, "C-3")


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        (b"", "Missing columns: case_id, creditor_code, "),
        (HEADER.replace(b",datum", b""), "Missing columns: datum."),
        (HEADER + b",colour", "Unknown columns, by position: 23."),
        (HEADER + b",lon", "Column lon appears twice."),
        (HEADER.decode().encode("utf-16"), "The file is UTF-16"),
        (b'"case_id', "The header has a misplaced"),
    ],
)
def test_a_file_with_another_header_is_refused_whole(header, reason):
    with pytest.raises(Invalid) as caught:
        list(rows(header + b"\n" + line().encode()))
    (reasons,) = caught.value.fields.values()
    assert any(each.startswith(reason) for each in reasons)
    assert "colour" not in str(caught.value.facts)


@pytest.mark.parametrize("content", [b"", b"\n \r\n", b"\xef\xbb\xbf\n"])
def test_a_file_that_says_nothing_is_called_empty(content):
    with pytest.raises(Invalid) as caught:
        list(rows(content))
    assert caught.value.fields == {"file": ("The file is empty.",)}


def test_a_header_without_its_columns_is_one_reason_that_lists_them():
    with pytest.raises(Invalid) as caught:
        list(rows(b"case_id\nC-1"))
    [reason] = caught.value.fields["file"]
    assert reason.startswith("Missing columns: creditor_code, creditor_name, ")
    assert reason.endswith(", wish_only, wish_avoid.")


def test_lines_of_one_case_are_gathered_wherever_they_stand():
    content = a_file(
        line(), line(case_id="C-2", debtor_ref="D-2"), line(place_id="work")
    )
    found, problems = gathered(content)
    assert problems == []
    assert [(each.case.case_id, each.place.place_id) for each in found] == [
        ("C-1", "home"),
        ("C-2", "home"),
        ("C-1", "work"),
    ]


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ({"place_id": "work", "amount_minor": "5"}, "amount_minor"),
        ({"place_id": "work", "wish_only": ""}, "wish_only"),
        ({}, "place_id"),
        ({"case_id": "C-2", "borrower_phone": ""}, "borrower_phone"),
        ({"case_id": "C-2", "creditor_name": "East", "debtor_ref": "D-2"},
         "creditor_name"),
    ],
)  # fmt: skip
def test_a_line_that_contradicts_an_earlier_one_is_refused(cells, column):
    found, problems = gathered(a_file(line(), line(**cells)))
    assert [(each.line, each.column) for each in problems] == [(3, column)]
    assert [each.place.place_id for each in found] == ["home"]


@given(st.binary(max_size=400))
def test_any_bytes_end_in_a_row_or_a_problem(rubbish):
    known = "\n".join([HEADER.decode(), line(), line(case_id="C-2"), ""]).encode()
    for found in rows(known + rubbish):
        assert isinstance(found, (CaseRow, Problem))


@given(st.sampled_from(list(GOOD)), st.text(max_size=80))
def test_any_cell_ends_in_a_row_or_a_problem_of_that_line(column, cell):
    quoted = '"' + cell.replace('"', '""').replace("\n", " ") + '"'
    content = a_file(line(**{column: "@@"}).replace('"@@"', quoted))
    for found in rows(content):
        assert found.line == 2


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_what_spreadsheets_write_is_read_alike(encoding, separator):
    header = separator.join(GOOD)
    cells = separator.join(f'"{cell}"' for cell in GOOD.values())
    content = f"{header}\r\n{cells}\r\n".encode(encoding)
    assert only(content) == only(a_file(line()))


def test_a_broken_line_does_not_decide_how_the_others_are_read():
    broken = line(case_id="C-2").encode("gb18030")
    good = [line(case_id=f"C-{n}").encode() for n in (3, 4)]
    found = rows(b"\n".join([HEADER, *good, broken]))
    assert [isinstance(one, CaseRow) for one in found] == [True, True, False]


@pytest.mark.parametrize("content", [
    b"\n".join([HEADER, *[b"\xff\xff,\x81"] * 3]),
    HEADER.decode().encode("utf-16-le"),
    b"",
    b"{\x81\n{\xfe\xfe",
])  # fmt: skip
def test_a_file_in_no_known_encoding_is_refused_whole(content):
    with pytest.raises(Invalid):
        rows(content)


def as_json(**cells):
    """The good line as JSON, typed as programs would."""
    typed = {**GOOD, "days_past_due": 60, "lon": 120.1551, "amount_minor": 1234500}
    said = {**typed, "place_public": False, "wish_avoid": None, **cells}
    return json.dumps(said, ensure_ascii=False).encode()


def test_json_lines_say_the_same_as_csv():
    row = only(as_json())
    assert row == replace(only(a_file(line())), line=1)
    assert only(b"\xef\xbb\xbf" + as_json() + b"\r\n\r\n") == row


@pytest.mark.parametrize("raw", [
    b"[1]", b"{", as_json(strange=1), as_json(lon=[1]), as_json(lon=float("nan")),
    as_json()[:-1] + b', "lon": 1}', b"{" * 9000,
])  # fmt: skip
def test_a_json_line_that_cannot_be_read_leaves_its_neighbours(raw):
    found = rows(b"\n".join([as_json(), raw, as_json(case_id="C-2")]))
    assert [one.line for one in found] == [1, 2, 3]
    assert found[1].column == "row"


def test_optional_columns_are_read_and_an_empty_cell_says_nothing():
    said = {"employment": "retired", "household_size": "3", "ability_to_pay": ""}
    values = {**GOOD, **said, "willingness_to_pay": "willing"}
    content = "\n".join([",".join(values), ",".join(values.values())]).encode()
    assert only(content).case.circumstances == {
        "employment": "retired",
        "household_size": "3",
        "ability_to_pay": None,
        "willingness_to_pay": "willing",
    }
    assert only(a_file(line())).case.circumstances == {}
    assert set(values) - set(GOOD) == set(CIRCUMSTANCES)


@pytest.mark.parametrize(("column", "value"), [
    ("employment", "rich"),
    ("household_size", "0"),
    ("household_size", "31"),
    ("ability_to_pay", "yes"),
    ("willingness_to_pay", "Willing"),
])  # fmt: skip
def test_a_bad_optional_cell_refuses_its_line(column, value):
    content = f"{HEADER.decode()},{column}\n{line()},{value}".encode()
    assert only(content).column == column

"""The chain's arithmetic: every column counts, every part of a link counts."""

from datetime import timedelta, timezone

from accounts import chain
from core import ids
from models import AuditRow
from tests.support.clock import MORNING

SECRET = b"s" * 32


def row(**other: object) -> AuditRow:
    facts: dict[str, object] = {
        "id": ONE,
        "organisation_id": ONE,
        "at": MORNING,
        "actor_id": ONE,
        "action": "badge.suspended",
        "subject": "badges",
        "subject_id": ONE,
        "detail": {"a": 1, "b": [None, "x"]},
    }
    return AuditRow(**{**facts, **other})


ONE, TWO = ids.new(), ids.new()
CHANGES: dict[str, object] = {
    "id": TWO,
    "organisation_id": None,
    "at": MORNING + timedelta(microseconds=1),
    "actor_id": None,
    "action": "badge.reinstated",
    "subject": "users",
    "subject_id": TWO,
    "detail": {"a": 2, "b": [None, "x"]},
}


def test_every_column_of_the_table_is_covered():
    columns = {column.key for column in AuditRow.__table__.columns}
    assert set(CHANGES) == columns - {"mac"}  # made over the digest
    digests = {chain.row_digest(row(**{name: CHANGES[name]})) for name in CHANGES}
    assert len(digests | {chain.row_digest(row())}) == len(CHANGES) + 1


def test_neither_zone_nor_order_of_keys_changes_a_digest():
    elsewhere = MORNING.astimezone(timezone(timedelta(hours=8)))
    same = row(at=elsewhere, detail={"b": [None, "x"], "a": 1})
    assert chain.row_digest(same) == chain.row_digest(row())


def test_every_part_of_a_link_counts():
    parts = (SECRET, "0" * 64, "1" * 64, 1, MORNING)
    others = (b"t" * 32, "2" * 64, "3" * 64, 2, MORNING + timedelta(seconds=1))
    links = {chain.link(*parts)}
    for place, other in enumerate(others):
        links.add(chain.link(*parts[:place], other, *parts[place + 1 :]))  # type: ignore[arg-type]
    assert len(links) == len(parts) + 1


def test_a_number_has_one_form_whatever_the_database_makes_of_it():
    def digest(value: object) -> str:
        return chain.row_digest(row(detail={"a": [value]}))

    pairs = [(1.0, 1), (1.5e300, 15 * 10**299), (-0.0, 0), (100, 1e2)]
    assert all(digest(one) == digest(other) for one, other in pairs)
    different = [1, "1", True, 0.1, -1, 1.5, 10, 100, None]
    assert len({digest(each) for each in different}) == len(different)


def test_our_mark_is_on_the_row_as_it_was_written():
    mine = row()
    mine.mac = chain.mac(chain.row_digest(mine))
    assert chain.is_ours(mine)
    mine.action = "badge.reinstated"
    assert not chain.is_ours(mine)

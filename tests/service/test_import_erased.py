"""A file that names a borrower who was erased does not bring him back."""

from collections.abc import Callable

import pytest
from sqlalchemy import func, select

from core.actor import Actor
from models import (
    Borrower,
    Case,
    CaseChange,
    Erasure,
    Import,
    ImportChunk,
    ImportProblem,
    Place,
    Wish,
)
from planning import case_changes
from safety import erasing, erasure_looks
from tests.support.importing import counts, the_case
from tests.support.make import Make

Take = Callable[..., Import]
SECOND = {"place_id": "shop", "place_kind": "other", "address": "another door"}
NEIGHBOUR = {"case_id": "C-2", "debt_ref": "L-2", "debtor_ref": "D-2"}
NEIGHBOUR |= {"borrower_phone": "+8613900000002"}


@pytest.fixture
def erased(make: Make, take: Take, actor: Actor) -> Borrower:
    """Who came with a file, and was erased."""
    take({})
    borrower_id = the_case(make.session, actor).borrower_id
    now = make.clock.now()
    erasing.hold(make.session, actor, borrower_id)
    erasing.erase(make.session, actor, borrower_id, called_off=0, now=now)
    make.session.commit()
    return make.session.get_one(Borrower, borrower_id)


def rows(make: Make) -> list[int]:
    """How many borrowers, cases, places, wishes there are."""
    make.session.expire_all()
    models = (Borrower, Case, Place, Wish)
    found = [
        make.session.scalar(select(func.count()).select_from(one)) or 0
        for one in models
    ]
    make.session.commit()
    return found


def problems(make: Make, taken: Import) -> list[tuple[int, str, str]]:
    """Line, column and reason of each."""
    query = select(ImportProblem).where(ImportProblem.import_id == taken.id)
    found = make.session.scalars(query.order_by(ImportProblem.line)).all()
    make.session.commit()
    return [(one.line, one.column, one.reason) for one in found]


def test_the_same_file_again_is_refused_line_by_line(
    make: Make, take: Take, erased: Borrower
):
    before = rows(make)
    assert before == [1, 1, 1, 0]
    taken = take({}, SECOND)
    assert counts(taken) == (0, 0, 0, 2)
    reason = "this borrower was erased: nothing is stored about him any more"
    assert problems(make, taken) == [
        (2, "debtor_ref", reason),
        (3, "debtor_ref", reason),
    ]
    assert rows(make) == before


def test_lines_of_others_in_that_file_are_taken(
    make: Make, take: Take, erased: Borrower
):
    taken = take({}, NEIGHBOUR)
    assert counts(taken) == (1, 0, 0, 1)
    assert rows(make) == [2, 2, 2, 1]


@pytest.mark.parametrize(
    "cells",
    [
        {"case_id": "C-9", "debt_ref": "L-9"},
        {"debtor_ref": "D-9"},
        {"case_id": "C-9", "debtor_ref": "D-9", "borrower_name": "another name"},
    ],
)
def test_neither_another_case_of_his_nor_his_debt_under_another_reference_is_taken(
    make: Make, take: Take, erased: Borrower, cells: dict[str, str]
):
    before = rows(make)
    assert counts(take(cells)) == (0, 0, 0, 1)
    assert rows(make) == before


def test_a_dry_run_says_the_same(make: Make, take: Take, erased: Borrower):
    taken = take({}, NEIGHBOUR, dry_run=True)
    assert counts(taken) == (1, 0, 0, 1)
    assert [line for line, _, _ in problems(make, taken)] == [2]


def test_a_case_of_another_cannot_become_his(
    make: Make, take: Take, erased: Borrower, actor: Actor
):
    take(NEIGHBOUR)
    mine = the_case(make.session, actor, "C-2").borrower_id
    make.session.commit()
    assert counts(take({**NEIGHBOUR, "debtor_ref": "D-1"})) == (0, 0, 0, 1)
    assert the_case(make.session, actor, "C-2").borrower_id == mine


def test_his_reference_with_another_creditor_is_somebody_else(
    make: Make, take: Take, erased: Borrower
):
    taken = take({"case_id": "C-7", "creditor_code": "ELB", "creditor_name": "East"})
    assert counts(taken) == (1, 0, 0, 0)
    assert rows(make) == [2, 2, 2, 1]


def test_who_was_not_erased_is_taken_as_before(make: Make, take: Take):
    assert counts(take({})) == (1, 0, 0, 0)
    assert counts(take({})) == (0, 0, 1, 0)
    assert make.session.scalars(select(Erasure)).all() == []


def test_what_was_his_in_a_case_that_became_anothers_is_erased_with_him(
    make: Make, take: Take, actor: Actor
):
    take({})
    his = the_case(make.session, actor).borrower_id
    make.session.commit()
    take({"debtor_ref": "D-3", "borrower_name": "another"})
    now = make.clock.now()
    erasing.hold(make.session, actor, his)
    done = erasing.erase(make.session, actor, his, called_off=0, now=now)
    assert done.counts["case_changes"] == 1
    assert the_case(make.session, actor).borrower.name == "another"


def test_the_address_that_was_his_goes_although_the_case_is_anothers_now(
    make: Make, take: Take, actor: Actor
):
    take({"address": "his old door"})
    take({"address": "his next door", "amount_minor": "1700"})
    his = the_case(make.session, actor).borrower_id
    take({"debtor_ref": "D-9", "address": "another door"})
    case = the_case(make.session, actor)
    assert case.borrower_id != his
    told = case_changes.page(make.session, actor, case.id, after=None, limit=50)
    olds = [one.old or {} for one in told]
    assert {"his old door", "his next door"} <= {one.get("address") for one in olds}
    erasing.hold(make.session, actor, his)
    erasing.erase(make.session, actor, his, called_off=0, now=make.clock.now())
    make.session.commit()
    left = make.session.scalars(select(CaseChange)).all()
    assert left
    assert [one.old for one in left if one.old] == []


def test_an_erasure_leaves_a_file_that_is_just_arriving(
    make: Make, take: Take, actor: Actor, monkeypatch: pytest.MonkeyPatch
):
    take({})
    his = the_case(make.session, actor).borrower_id
    erasing.hold(make.session, actor, his)
    arriving = Import(
        organisation_id=actor.organisation_id,
        file_digest="0" * 64,
        created_at=make.clock.now(),
        moved_at=make.clock.now(),
    )
    make.session.add(arriving)
    make.session.flush()
    piece = ImportChunk(
        organisation_id=actor.organisation_id, import_id=arriving.id, number=0
    )
    piece.content = b"a line"
    make.session.add(piece)
    make.session.flush()
    monkeypatch.setattr(erasure_looks, "obstacles", lambda *_, **__: [])
    erasing.erase(make.session, actor, his, called_off=0, now=make.clock.now())
    make.session.commit()
    assert make.session.scalars(select(ImportChunk.id)).all() == [piece.id]

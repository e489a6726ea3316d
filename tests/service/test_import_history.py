"""Imports again: history, circumstances, dry runs, lines that stand apart."""

import pytest
from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import DBAPIError

from core.case_words import Employment
from core.errors import NotFound
from core.words import Role
from models import Case, CaseChange, ImportChunk, Wish
from planning import case_changes, import_jobs, imports
from tests.support.case_file import GOOD
from tests.support.importing import counts, the_case


def history(session, actor, external_id="C-1"):
    """The case's changes as subject, columns, old values."""
    session.expire_all()
    case = the_case(session, actor, external_id)
    found = case_changes.page(session, actor, case.id, after=None, limit=99)
    return [(str(each.subject), each.old) for each in found]


def test_a_changed_row_leaves_what_stood_before(session, actor, take):
    first = take({})
    assert history(session, actor) == []
    taken = take({"days_past_due": "61", "borrower_phone": "", "address": "新路2号"})
    assert history(session, actor) == [
        ("case", {"days_past_due": 60}),
        ("borrower", {"borrower_phone": "+8613900000001"}),
        ("place", {"address": "杭州市虚构路1号"}),
    ]
    case = the_case(session, actor)
    changes = case_changes.page(session, actor, case.id, after=None, limit=9)
    assert {each.import_id for each in changes} == {taken.id} != {first.id}
    assert case_changes.page(session, actor, case.id, after=changes[1].id, limit=9)


def test_history_tells_of_wishes_places_and_of_the_borrowers_other_cases(
    session, actor, take
):
    other = {"case_id": "C-2", "debt_ref": "L-2", "wish_avoid": ""}
    take({}, other)
    take({"wish_avoid": ""}, {"place_id": "work", "wish_avoid": ""})
    assert history(session, actor) == [
        (
            "case",
            {
                "wish_avoid": [
                    [day * 1440 + 1080, day * 1440 + 1200] for day in range(5)
                ]
            },
        ),
        ("place", {"place_id": None}),
    ]
    take({**other, "borrower_name": "李某"})
    assert history(session, actor, "C-1")[-1] == ("borrower", {"borrower_name": "王某"})
    assert history(session, actor, "C-2") == [("borrower", {"borrower_name": "王某"})]


def test_history_is_append_only_but_for_its_seal(session, actor, take):
    take({})
    take({"days_past_due": "61"})
    change = session.scalars(select(CaseChange)).one()
    session.execute(update(CaseChange).values(old_sealed=change.old_sealed))
    with pytest.raises(DBAPIError, match="append-only"), session.begin_nested():
        session.execute(delete(CaseChange))
    for column in ("columns", "changed_at"):
        with pytest.raises(DBAPIError, match="append-only"), session.begin_nested():
            session.execute(
                update(CaseChange).values({column: getattr(change, column)})
            )


def test_another_agency_reads_no_history(session, actor, take, make):
    take({})
    case = the_case(session, actor)
    other = make.actor(make.user(make.organisation(), Role.DISPATCHER))
    with pytest.raises(NotFound):
        case_changes.page(session, other, case.id, after=None, limit=9)


def test_circumstances_are_kept_until_a_file_says_otherwise(
    session, actor, take, database
):
    known = {"employment": "retired", "household_size": "3", "ability_to_pay": "partly"}
    take({**GOOD, **known, "willingness_to_pay": ""})
    assert counts(take({})) == (0, 0, 1, 0)
    borrower = the_case(session, actor).borrower
    assert (borrower.employment, borrower.household_size) == (Employment.RETIRED, 3)
    assert (borrower.ability_to_pay, borrower.willingness_to_pay) == ("partly", None)
    assert counts(take({**GOOD, **known, "employment": ""})) == (0, 1, 0, 0)
    assert the_case(session, actor).borrower.employment is None
    assert history(session, actor) == [("borrower", {"employment": "retired"})]


def test_a_dry_run_counts_as_the_run_will_and_stores_no_case(session, actor, take):
    take({}, {"case_id": "C-2", "debt_ref": "L-2"})
    lines = (
        {"days_past_due": "61"},
        {"case_id": "C-2", "debt_ref": "L-2"},
        {"case_id": "C-3", "debt_ref": "L-3"},
        {"case_id": "C-4", "lon": "nan"},
    )
    before = {
        table.name: session.scalar(select(func.count()).select_from(table))
        for table in Case.metadata.sorted_tables
    }
    dry = take(*lines, dry_run=True)
    assert (counts(dry), dry.dry_run) == ((1, 1, 1, 1), True)
    assert len(imports.problems(session, actor, dry.id)) == 1
    assert the_case(session, actor).days_past_due == 60
    grown = {
        name: session.scalar(
            select(func.count()).select_from(Case.metadata.tables[name])
        )
        - before[name]
        for name in before
    }
    assert {name for name, more in grown.items() if more} == {
        *("imports", "import_problems", "audit_rows", "audit_pending"),
    }
    assert counts(take(*lines)) == counts(dry)


def test_lines_of_one_case_count_once_wherever_they_stand(
    session, actor, take, monkeypatch
):
    monkeypatch.setattr(import_jobs, "BATCH", 2)
    numbers = [{"case_id": f"C-{n}", "debt_ref": f"L-{n}"} for n in (2, 3, 4)]
    lines = ({}, *numbers, {"place_id": "work"}, {"amount_minor": "5"})
    assert counts(take(*lines)) == (4, 0, 0, 1)
    assert len(the_case(session, actor).places) == 2
    assert history(session, actor) == []
    assert counts(take(*lines)) == (0, 0, 4, 1)
    moved = ({}, *numbers, {"place_id": "work", "lat": "30.3"})
    assert counts(take(*moved)) == (0, 1, 3, 0)


def test_only_the_first_thousand_problems_are_kept(session, actor, take, monkeypatch):
    monkeypatch.setattr(import_jobs, "MOST_PROBLEMS", 3)
    taken = take(*[{"case_id": f"C-{n}", "lon": "x", "lat": "y"} for n in range(5)])
    assert taken.refused == 5
    found = imports.problems(session, actor, taken.id)
    assert [each.line for each in found] == [2, 2, 3]


def test_nothing_of_the_file_is_left_when_it_was_taken(session, take):
    take({})
    assert session.scalar(select(func.count()).select_from(ImportChunk)) == 0


def test_a_creditors_new_name_changes_no_case(session, actor, take):
    take({}, {"case_id": "C-2", "debt_ref": "L-2"})
    both = {"creditor_name": "West Lake Bank Ltd"}
    taken = take(both, {**both, "case_id": "C-2", "debt_ref": "L-2"})
    assert counts(taken) == (0, 0, 2, 0)
    assert the_case(session, actor).creditor.name == "West Lake Bank Ltd"


def test_a_case_that_moves_to_another_debtor_takes_its_wishes_along(
    session, actor, take
):
    take({})
    old = the_case(session, actor).borrower_id
    take({"debtor_ref": "D-2", "borrower_name": "李某"})
    case = the_case(session, actor)
    assert (case.borrower.name, case.borrower.debtor_ref) == ("李某", "D-2")
    assert session.scalars(select(Wish.borrower_id)).all() == [case.borrower_id]
    assert case.borrower_id != old
    assert history(session, actor)[0] == ("case", {"debtor_ref": "D-1"})

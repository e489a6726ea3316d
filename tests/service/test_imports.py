"""Imports: what is stored, what is found again, what is refused."""

from datetime import timedelta

import pytest
from sqlalchemy import event, func, select

from core.actor import Actor
from core.errors import Invalid, NotFound
from core.geo import Position
from core.instants import Interval
from core.words import Channel, PlaceKind, Role
from gate import decisions
from models import (
    AuditRow,
    Borrower,
    Case,
    Creditor,
    Import,
    ImportChunk,
    ImportProblem,
    Organisation,
    Place,
    Wish,
)
from models.sealed import ring
from planning import creditors, import_jobs, imports
from tests.support.clock import MORNING
from tests.support.importing import counts, the_case


def test_a_case_is_stored_with_its_people_places_and_wishes(session, actor, take):
    taken = take({}, {"place_id": "work", "place_kind": "workplace"})
    assert counts(taken) == (1, 0, 0, 0)
    case = the_case(session, actor)
    assert (case.amount_minor, case.currency, case.debt_ref) == (1234500, "CNY", "L-1")
    assert (case.creditor.code, case.creditor.name) == ("WLB", "West Lake Bank")
    borrower = case.borrower
    assert (borrower.name, borrower.phone) == ("王某", "+8613900000001")
    digest = ring.keyring.digest
    assert borrower.phone_digest == digest("phone", "+8613900000001")
    assert borrower.debtor_ref_digest == digest("debtor_ref", "WLB:D-1")
    assert case.debt_ref_digest == digest("debt_ref", "WLB:L-1")
    home, work = case.places
    assert (home.kind, work.kind) == (PlaceKind.HOME, PlaceKind.WORKPLACE)
    assert home.position == Position(120.1551, 30.2741)
    assert (home.time_zone, home.unschedulable) == ("Asia/Shanghai", [])
    (wish,) = session.scalars(select(Wish))
    assert (wish.kind, wish.spans[0]) == ("avoid", [1080, 1200])
    assert wish.borrower_id == borrower.id


def test_the_same_file_again_changes_nothing(session, take, clock):
    take({}, {"case_id": "C-2", "debt_ref": "L-2"})
    before = session.scalars(select(Case.updated_at)).all()
    clock.forward(days=1)
    assert counts(take({}, {"case_id": "C-2", "debt_ref": "L-2"})) == (0, 0, 2, 0)
    assert session.scalars(select(Case.updated_at)).all() == before
    for table, rows in ((Borrower, 1), (Creditor, 1), (Place, 2), (Wish, 2)):
        assert session.scalar(select(func.count()).select_from(table)) == rows


def test_a_changed_case_is_updated_in_place(session, actor, take, clock):
    take({})
    old = the_case(session, actor)
    old_ids = (old.id, old.borrower_id, old.places[0].id)
    changed = {
        "days_past_due": "61",
        "borrower_phone": "",
        "lon": "120.2",
        "wish_only": "sat 10:00-12:00",
        "wish_avoid": "",
    }
    clock.forward(days=1)
    assert counts(take(changed)) == (0, 1, 0, 0)
    case = the_case(session, actor)
    assert (case.id, case.borrower_id, case.places[0].id) == old_ids
    assert (case.days_past_due, case.updated_at) == (61, clock.now())
    assert (case.borrower.phone, case.borrower.phone_digest) == (None, None)
    assert case.places[0].position == Position(120.2, 30.2741)
    assert [wish.kind for wish in session.scalars(select(Wish))] == ["only"]


def test_a_wish_that_did_not_change_keeps_its_date(session, take, clock):
    take({})
    noted = clock.now()
    clock.forward(days=1)
    take({"days_past_due": "61"})
    (wish,) = session.scalars(select(Wish).execution_options(populate_existing=True))
    assert wish.recorded_at == noted


def test_a_place_that_a_visit_is_planned_to_outlives_its_line(
    session, actor, take, make
):
    take({}, {"place_id": "work"})
    place = the_case(session, actor).places[1]
    organisation = session.get_one(Organisation, actor.organisation_id)
    make.visit(place, [make.user(organisation, Role.COLLECTOR)])
    assert counts(take({"lat": "30.3"})) == (0, 1, 0, 0)
    assert [each.external_id for each in the_case(session, actor).places] == [
        "home",
        "work",
    ]


def test_a_borrower_is_one_person_for_all_cases_of_a_creditor(session, take):
    take({}, {"case_id": "C-2", "debt_ref": "L-2"})
    take({"case_id": "C-3", "debt_ref": "L-3"})
    take({"case_id": "C-4", "creditor_code": "ELB", "creditor_name": "East"})
    assert session.scalar(select(func.count()).select_from(Borrower)) == 2
    assert session.scalar(select(func.count()).select_from(Creditor)) == 2


def test_bad_lines_are_listed_and_good_ones_stay(session, actor, take):
    taken = take(
        {"lon": "nan", "currency": "RMB"},
        {"case_id": "C-2", "debt_ref": "L-2"},
        {"case_id": "C-3", "borrower_name": "王\x00某"},
    )
    assert counts(taken) == (1, 0, 0, 2)
    found = imports.problems(session, actor, taken.id)
    assert [(each.line, each.column) for each in found] == [
        (2, "currency"),
        (2, "lon"),
        (4, "borrower_name"),
    ]


def test_a_file_that_cannot_be_read_stores_nothing(session, actor, clock, database):
    session.commit()
    sessions, chunks = database.sessions, [b"PK\x03\x04\xff"]
    with pytest.raises(Invalid):
        import_jobs.take(sessions, actor, chunks=chunks, clock_now=clock.now)
    assert session.scalar(select(func.count()).select_from(ImportChunk)) == 0
    assert session.scalar(select(func.count()).select_from(Import)) == 0


@pytest.mark.parametrize(
    ("cells", "codes"),
    [
        ({"lon": "125.0", "lat": "28.0"}, ["zone_unknown"]),
        ({"country": "FR", "region": "", "lon": "2.35", "lat": "48.86"},
         ["no_rule_pack"]),
        ({"country": "FR", "region": ""},
         ["no_rule_pack", "country_contradicts_position"]),
        ({"region": "CN-HK"}, ["no_rule_pack", "country_contradicts_position"]),
        ({"region": "CN-HK", "lon": "114.1722", "lat": "22.3119"}, ["no_rule_pack"]),
        ({"lon": "0", "lat": "0", "country": "FR", "region": ""},
         ["zone_unknown", "no_rule_pack"]),
    ],
)  # fmt: skip
def test_a_place_without_zone_or_rules_is_stored_with_the_reason(
    session, actor, take, cells, codes
):
    assert counts(take(cells)) == (1, 0, 0, 0)
    (place,) = the_case(session, actor).places
    assert [reason["code"] for reason in place.unschedulable] == codes
    assert all(reason["words"] for reason in place.unschedulable)


ELSEWHERE = {
    "Berlin": ("13.4", "52.5"),
    "Hong Kong": ("114.1722", "22.3119"),
    "Macau": ("113.543", "22.195"),
    "Taipei": ("121.56", "25.03"),
}


@pytest.mark.parametrize("city", ELSEWHERE)
@pytest.mark.parametrize("region", ["", "CN-ZJ"])
def test_a_place_that_does_not_lie_in_its_country_is_not_visited(
    session, actor, take, city, region
):
    lon, lat = ELSEWHERE[city]
    take({"lon": lon, "lat": lat, "region": region, "place_kind": "home"})
    case = the_case(session, actor)
    (place,) = case.places
    codes = [reason["code"] for reason in place.unschedulable]
    assert codes == ["country_contradicts_position"]
    decision = decisions.decide(
        session,
        organisation_id=case.organisation_id,
        case_id=case.id,
        place_id=place.id,
        channel=Channel.VISIT,
        interval=Interval(MORNING, MORNING + timedelta(minutes=30)),
        people=2,
        now=MORNING,
    )
    assert "GATE-PLACE" in {reason.rule_id for reason in decision.refusals}


@pytest.mark.parametrize("position", [("87.6", "43.8"), ("75.99", "39.47")])
def test_a_place_in_the_west_lies_in_its_country(session, actor, take, position):
    lon, lat = position
    take({"lon": lon, "lat": lat, "region": "CN-XJ"})
    (place,) = the_case(session, actor).places
    assert place.unschedulable == []


def test_two_agencies_have_cases_of_the_same_id_apart(session, actor, take, make):
    take({})
    other = make.actor(make.user(make.organisation(), Role.DISPATCHER))
    assert counts(take({"borrower_name": "李某"}, by=other)) == (1, 0, 0, 0)
    assert the_case(session, actor).borrower.name == "王某"
    assert the_case(session, other).borrower.name == "李某"


def test_another_agency_does_not_see_the_import(session, take, make):
    taken = take({"lon": "nan"})
    other = make.actor(make.user(make.organisation(), Role.DISPATCHER))
    with pytest.raises(NotFound):
        imports.get(session, other, taken.id)
    with pytest.raises(NotFound):
        imports.problems(session, other, taken.id)


def test_the_audit_holds_the_counts_and_no_name(session, actor, take):
    taken = take({}, {"case_id": "C-2", "lon": "nan"})
    (row,) = session.scalars(select(AuditRow).where(AuditRow.action == "import.taken"))
    assert (row.subject_id, row.actor_id) == (taken.id, actor.user_id)
    assert (row.detail["created"], row.detail["refused"]) == (1, 1)
    assert "王" not in str(row.detail)


def test_statements_do_not_grow_with_the_cases_of_a_batch(session, take, database):
    statements = []

    @event.listens_for(database.engine, "before_cursor_execute")
    def _count(_connection, _cursor, statement, *_):
        statements.append(statement)

    def lines(first):
        return [
            {"case_id": f"C-{n}", "debt_ref": f"L-{n}", "debtor_ref": f"D-{n}"}
            for n in range(first, first + 60)
        ]

    take(*lines(0)[:2])
    few = len(statements)
    statements.clear()
    take(*lines(100))
    assert len(statements) <= few + 6


def test_creditors_are_paged_and_found_by_their_organisation_only(
    session, actor, take, make
):
    take({}, {"case_id": "C-2", "creditor_code": "ELB", "creditor_name": "East"})
    first, second = creditors.page(session, actor, after=None, limit=9)
    assert creditors.page(session, actor, after=first.id, limit=1) == [second]
    other = Actor(make.organisation().id, actor.user_id, actor.role)
    assert creditors.page(session, other, after=None, limit=9) == []


def test_a_renamed_creditor_keeps_its_row(session, actor, take):
    take({})
    take({"creditor_name": "West Lake Bank Ltd"})
    (creditor,) = creditors.page(session, actor, after=None, limit=9)
    assert creditor.name == "West Lake Bank Ltd"


def test_no_problem_repeats_what_stood_in_the_cell(session, take):
    take({"borrower_phone": "13900000007", "address": "x" * 301})
    for problem in session.scalars(select(ImportProblem)):
        assert "13900000007" not in problem.reason
        assert "xxx" not in problem.reason


def many(monkeypatch):
    """Two batches of one case each."""
    monkeypatch.setattr(import_jobs, "BATCH", 1)
    return {}, {"case_id": "C-2", "debt_ref": "L-2"}


def test_others_write_between_the_batches_and_see_what_is_stored(
    session, take, database, monkeypatch
):
    seen = []

    def tell(done, all_of_them):
        with database.sessions.begin() as other:
            other.scalars(select(Organisation)).one().fence_m = 200 + done
            seen.append((done, other.scalar(select(func.count(Case.id)))))

    taken = take(*many(monkeypatch), tell=tell)
    assert seen == [(1, 1), (2, 2)]
    assert (taken.created, taken.finished_at is not None) == (2, True)


def test_an_import_that_breaks_off_says_what_it_stored_and_may_be_repeated(
    session, take, monkeypatch
):
    def tell(*_):
        raise OSError("the power fails")

    lines = many(monkeypatch)
    with pytest.raises(OSError, match="power"):
        take(*lines, tell=tell)
    row = session.scalars(select(Import)).one()
    assert (row.created, row.running, row.finished_at) == (1, False, None)
    assert counts(take(*lines)) == (1, 0, 1, 0)
    query = select(AuditRow.action).where(AuditRow.subject == "imports")
    actions = session.scalars(query.order_by(AuditRow.id)).all()
    assert actions == ["import.broken_off", "import.taken"]

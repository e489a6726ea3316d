"""The gate asked about rows: whose they are, and what they change."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from core import ids
from core.errors import Invalid, NotFound
from core.instants import Interval
from core.words import Channel, ConsentKind, PlaceKind
from gate import decisions
from models import Case, Organisation, Place, Wish
from tests.support.clock import FakeClock
from tests.support.databases import Database
from tests.support.make import Make

HALF_HOUR = timedelta(minutes=30)
DAY = timedelta(days=1)


class Asker:
    """Asks the gate about one place with what the test leaves out filled in."""

    def __init__(self, session: Session, place: Place, clock: FakeClock) -> None:
        self.session, self.place, self.clock = session, place, clock

    def decide(
        self,
        *,
        start: datetime | None = None,
        length: timedelta = HALF_HOUR,
        people: int | None = 2,
        organisation_id: UUID | None = None,
        case_id: UUID | None = None,
        place_id: UUID | None = None,
        cut: bool = False,
    ) -> decisions.Decision:
        start = start or self.clock.now()
        return decisions.decide(
            self.session,
            organisation_id=organisation_id or self.place.organisation_id,
            case_id=case_id or self.place.case_id,
            place_id=place_id or self.place.id,
            channel=Channel.VISIT,
            interval=Interval(start, start + length),
            people=people,
            now=self.clock.now(),
            cut=cut,
        )

    def refusals(self, *, start: datetime | None = None, people: int = 2) -> list[str]:
        found = self.decide(start=start, people=people).refusals
        return [reason.rule_id for reason in found]

    def windows(self, start: datetime, end: datetime) -> decisions.Opening:
        return decisions.windows(
            self.session,
            organisation_id=self.place.organisation_id,
            case_id=self.place.case_id,
            place_id=self.place.id,
            span=Interval(start, end),
            now=self.clock.now(),
        )


@pytest.fixture
def organisation(make: Make) -> Organisation:
    return make.organisation()


@pytest.fixture
def case(make: Make, organisation: Organisation) -> Case:
    return make.case(organisation)


@pytest.fixture
def home(make: Make, case: Case, session: Session, clock: FakeClock) -> Asker:
    return Asker(session, make.place(case), clock)


@pytest.fixture
def statements(database: Database) -> Iterator[list[str]]:
    """What the database is asked, in order."""
    asked: list[str] = []

    def listen(*facts: object) -> None:
        asked.append(str(facts[2]))

    event.listen(database.engine, "before_cursor_execute", listen)
    yield asked
    event.remove(database.engine, "before_cursor_execute", listen)


def wish(
    session: Session, case: Case, clock: FakeClock, kind: str, *spans: object
) -> None:
    row = Wish(
        organisation_id=case.organisation_id,
        borrower_id=case.borrower_id,
        case_id=case.id,
        kind=kind,
        spans=list(spans),
        recorded_at=clock.now(),
    )
    session.add(row)
    session.flush()


def test_a_visit_by_two_at_ten_is_allowed(home: Asker) -> None:
    decision = home.decide()
    assert decision.allowed
    assert decision.window_end == home.clock.now() + timedelta(hours=12)


def test_a_visit_by_one_is_refused(home: Asker) -> None:
    assert home.refusals(people=1) == ["CN-STF-1"]


def test_a_visit_by_nobody_yet_is_judged_as_if_enough_came(home: Asker) -> None:
    assert home.decide(people=None).allowed
    night = home.clock.now() + timedelta(hours=13)
    assert not home.decide(start=night, people=None).allowed


def test_a_visit_that_may_be_cut_ends_with_the_lawful_window(
    home: Asker, statements: list[str]
) -> None:
    late = home.clock.now() + timedelta(hours=11, minutes=50)
    assert not home.decide(start=late).allowed
    whole = len(statements)
    decision = home.decide(start=late, cut=True)
    assert decision.allowed
    assert decision.window_end == late + timedelta(minutes=10)
    assert len(statements) == 2 * whole  # facts are read once


def test_another_organisations_case_does_not_exist(home: Asker, make: Make) -> None:
    with pytest.raises(NotFound, match="case"):
        home.decide(organisation_id=make.organisation().id)


def test_a_place_of_another_case_does_not_exist(
    home: Asker, make: Make, organisation: Organisation
) -> None:
    elsewhere = make.place(make.case(organisation))
    with pytest.raises(NotFound, match="place"):
        home.decide(place_id=elsewhere.id)
    with pytest.raises(NotFound, match="place"):
        home.decide(place_id=ids.new())


def test_no_listing_refuses(make: Make, session: Session, clock: FakeClock) -> None:
    organisation = make.organisation()
    case = make.case(organisation, make.creditor(organisation, listed=False))
    asker = Asker(session, make.place(case), clock)
    assert asker.refusals() == ["CN-LIC-1"]


def test_a_listing_with_another_creditor_does_not_help(
    make: Make, session: Session, clock: FakeClock
) -> None:
    organisation = make.organisation()
    make.creditor(organisation, listed=True)
    case = make.case(organisation, make.creditor(organisation, listed=False))
    assert Asker(session, make.place(case), clock).refusals() == ["CN-LIC-1"]


def test_a_consent_holds_for_its_place_or_for_the_whole_case(
    make: Make, case: Case, session: Session, clock: FakeClock
) -> None:
    first = make.place(case, PlaceKind.WORKPLACE)
    second = make.place(case, PlaceKind.WORKPLACE)
    make.consent(case, ConsentKind.WORKPLACE_VISIT, first)
    assert Asker(session, first, clock).refusals() == []
    assert Asker(session, second, clock).refusals() == ["CN-PLC-1"]
    make.consent(case, ConsentKind.WORKPLACE_VISIT, None)
    assert Asker(session, second, clock).refusals() == []


def test_a_consent_in_another_case_does_not_help(
    make: Make, organisation: Organisation, session: Session, clock: FakeClock
) -> None:
    make.consent(make.case(organisation), ConsentKind.WORKPLACE_VISIT, None)
    office = make.place(make.case(organisation), PlaceKind.WORKPLACE)
    assert Asker(session, office, clock).refusals() == ["CN-PLC-1"]


def test_wishes_bind_in_every_case_of_the_borrower(
    home: Asker, make: Make, organisation: Organisation, session: Session
) -> None:
    other = make.case(organisation)
    wish(session, other, home.clock, "avoid", [1440, 2880])
    assert home.refusals() == []
    other_case_of_his = session.get_one(Case, home.place.case_id)
    other.borrower_id = other_case_of_his.borrower_id
    wish(session, other, home.clock, "avoid", [1440, 2880])
    assert home.refusals() == ["GATE-WISH"]


def test_a_place_without_zone_or_pack_is_refused_with_each_reason(
    make: Make, case: Case, session: Session, clock: FakeClock
) -> None:
    place = make.place(
        case,
        country="AQ",
        region=None,
        time_zone=None,
        unschedulable=[{"code": "zone_unknown", "words": "…"}, "no_rule_pack"],
    )
    decision = Asker(session, place, clock).decide()
    found = [reason.rule_id for reason in decision.refusals]
    assert found == ["GATE-ZONE", "GATE-PACK", "GATE-PLACE"]
    assert "zone_unknown, no_rule_pack" in decision.refusals[2].words_en


@pytest.mark.parametrize(
    ("year", "length"),
    [(1999, HALF_HOUR), (2100, HALF_HOUR), (2026, timedelta(days=28, seconds=1))],
)
def test_an_interval_beyond_the_gates_sight_is_invalid(
    home: Asker, year: int, length: timedelta
) -> None:
    with pytest.raises(Invalid) as error:
        home.decide(start=home.clock.now().replace(year=year), length=length)
    assert set(error.value.fields) == {"interval"}


def test_windows_are_lawful_hours_minus_wishes(
    home: Asker, case: Case, session: Session
) -> None:
    wish(session, case, home.clock, "avoid", [1440 + 720, 1440 + 840])
    midnight = home.clock.now() - timedelta(hours=10)
    opening = home.windows(midnight, midnight + DAY)
    hours = [
        (
            (w.start - midnight) // timedelta(hours=1),
            (w.end - midnight) // timedelta(hours=1),
        )
        for w in opening.windows
    ]
    assert hours == [(10, 12), (14, 22)]
    assert opening.refusals == ()


def test_windows_say_why_there_are_none(
    make: Make, case: Case, session: Session, clock: FakeClock
) -> None:
    office = Asker(session, make.place(case, PlaceKind.WORKPLACE), clock)
    opening = office.windows(clock.now(), clock.now() + DAY)
    assert opening.windows == ()
    assert [reason.rule_id for reason in opening.refusals] == ["CN-PLC-1"]


def test_a_past_span_has_no_windows(home: Asker) -> None:
    now = home.clock.now()
    nothing = decisions.Opening("Asia/Shanghai", (), ())
    assert home.windows(now - DAY, now) == nothing


def test_other_tenants_see_no_windows(home: Asker, make: Make) -> None:
    with pytest.raises(NotFound):
        decisions.windows(
            home.session,
            organisation_id=make.organisation().id,
            case_id=home.place.case_id,
            place_id=home.place.id,
            span=Interval(home.clock.now(), home.clock.now() + DAY),
            now=home.clock.now(),
        )

"""Visits before the door: proposed, assigned, published, moved, called off."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from core.errors import Conflict, Invalid, NotFound, Refused
from core.words import PlaceKind, Role, UserState, VisitState
from models import AuditRow, Visitor, VisitTransition
from planning import visits


class Plan:
    """An agency with a dispatcher, collectors and a home to visit."""

    def __init__(self, session, make, clock):
        self.session, self.make, self.clock = session, make, clock
        self.organisation = make.organisation()
        self.actor = make.actor(make.user(self.organisation, Role.DISPATCHER))
        self.case = make.case(self.organisation)
        self.place = make.place(self.case)

    def collectors(self, number=2):
        """So many collectors with a badge each, as (user id, badge id)."""
        users = [
            self.make.user(self.organisation, Role.COLLECTOR) for _ in range(number)
        ]
        return [(user.id, self.make.badge(user).id) for user in users]

    def window(self, starts_in=60, minutes=30):
        """Planned start and end, in minutes from now."""
        start = self.clock.now() + timedelta(minutes=starts_in)
        end = start + timedelta(minutes=minutes)
        return {"planned_start": start, "planned_end": end, "now": self.clock.now()}

    def propose(self, place=None, people=2, **window):
        """A proposed visit."""
        place = place or self.place
        visit, _ = visits.propose(
            self.session,
            self.actor,
            case_id=self.case.id,
            place_id=place.id,
            people=people,
            **self.window(**window),
        )
        return visit

    def assign(self, visit, crew):
        """Name the crew."""
        made, _ = visits.assign(
            self.session, self.actor, visit.id, visitors=crew, now=self.clock.now()
        )
        return made

    def publish(self, visit):
        """Make it known."""
        made, _ = visits.publish(
            self.session, self.actor, visit.id, now=self.clock.now()
        )
        return made

    def published(self, crew=None, **window):
        """A published visit of two."""
        visit = self.propose(**window)
        self.assign(visit, crew or self.collectors())
        return self.publish(visit)

    def moves(self, visit):
        """The reasons of its transitions, in order."""
        query = select(VisitTransition).where(VisitTransition.visit_id == visit.id)
        return [each.reason for each in self.session.scalars(query)]


@pytest.fixture
def plan(session, make, clock):
    """A plan to work on."""
    return Plan(session, make, clock)


def test_a_visit_goes_from_proposal_to_published_with_its_obligations(session, plan):
    visit = plan.propose()
    assert visit.state is VisitState.PROPOSED
    crew = plan.collectors()
    assert plan.assign(visit, crew).state is VisitState.ASSIGNED
    published = plan.publish(visit)
    assert published.state is VisitState.PUBLISHED
    assert {each.user_id for each in published.visitors} == {who for who, _ in crew}
    assert "CN-REC-1" in {duty["rule_id"] for duty in published.obligations}
    assert plan.moves(visit) == ["proposed", "assigned", "published"]
    actions = session.scalars(
        select(AuditRow.action).where(AuditRow.subject_id == visit.id)
    )
    assert set(actions) == {"visit.proposed", "visit.assigned", "visit.published"}


def test_the_gate_refuses_a_single_visitor_with_every_reason(plan):
    with pytest.raises(Refused) as caught:
        plan.propose(people=1)
    refusals = caught.value.facts["decision"]["refusals"]
    assert [reason["rule_id"] for reason in refusals] == ["CN-STF-1"]
    visit = plan.propose()
    with pytest.raises(Refused):
        plan.assign(visit, plan.collectors(1))


def test_the_gate_refuses_the_night(plan):
    with pytest.raises(Refused):
        plan.propose(starts_in=13 * 60)


def test_the_gate_refuses_a_workplace_without_consent(plan):
    workplace = plan.make.place(plan.case, PlaceKind.WORKPLACE)
    with pytest.raises(Refused):
        plan.propose(workplace)


def test_publishing_asks_the_gate_again(session, plan):
    visit = plan.propose()
    plan.assign(visit, plan.collectors())
    plan.place.time_zone = None
    session.flush()
    with pytest.raises(Refused):
        plan.publish(visit)


@pytest.mark.parametrize(
    ("starts_in", "minutes"), [(-1, 30), (60, 0.05), (60, 241), (60, 0), (60, -30)]
)
def test_a_window_must_lie_ahead_and_be_of_sane_length(plan, starts_in, minutes):
    with pytest.raises(Invalid):
        plan.propose(starts_in=starts_in, minutes=minutes)


def test_nobody_assigned_cannot_be_published(plan):
    with pytest.raises(Conflict):
        plan.publish(plan.propose())


def test_a_window_that_is_over_can_be_neither_assigned_nor_published(plan, clock):
    visit = plan.propose()
    ready = plan.propose(starts_in=120)
    plan.assign(ready, plan.collectors())
    clock.forward(hours=3)
    with pytest.raises(Conflict):
        plan.assign(visit, plan.collectors())
    with pytest.raises(Conflict):
        plan.publish(ready)


def test_only_distinct_active_collectors_with_own_badges_are_assigned(
    session, plan, make
):
    visit = plan.propose()
    first, second = plan.collectors()
    suspended = make.user(plan.organisation, Role.COLLECTOR, state=UserState.SUSPENDED)
    officer = make.user(plan.organisation, Role.SAFETY_OFFICER)
    stranger = make.user(make.organisation(), Role.COLLECTOR)
    for crew, error in (
        ([], Invalid),
        ([first, first], Invalid),
        ([first, (suspended.id, make.badge(suspended).id)], Conflict),
        ([first, (officer.id, make.badge(officer).id)], Conflict),
        ([first, (stranger.id, make.badge(stranger).id)], NotFound),
        ([first, (second[0], first[1])], NotFound),
    ):
        with pytest.raises(error):
            plan.assign(visit, crew)
    assert plan.assign(visit, [first, second]).state is VisitState.ASSIGNED


def test_an_overlap_names_the_collector_and_his_other_visit(plan):
    crew = plan.collectors()
    earlier = plan.published(crew)
    visit = plan.propose(starts_in=89)
    with pytest.raises(Conflict) as caught:
        plan.assign(visit, [*plan.collectors(1), crew[0]])
    assert caught.value.facts == {
        "user_id": str(crew[0][0]),
        "visit_id": str(earlier.id),
    }


def test_visits_that_only_touch_do_not_overlap(plan):
    crew = plan.collectors()
    plan.published(crew)
    assert plan.assign(plan.propose(starts_in=90), crew).state is VisitState.ASSIGNED


def test_the_database_itself_refuses_an_overlap_that_we_cannot_see(session, plan, make):
    crew = plan.collectors()
    visit = plan.propose()
    # a row of another tenant: no query of ours finds it, the constraint does
    elsewhere = make.visit(
        make.place(make.case(make.organisation())), [], starts_in=timedelta(hours=1)
    )
    session.add(
        Visitor(
            organisation_id=elsewhere.organisation_id,
            visit_id=elsewhere.id,
            user_id=crew[0][0],
            badge_id=crew[0][1],
            planned_start=elsewhere.planned_start,
            planned_end=elsewhere.planned_end,
        )
    )
    session.flush()
    with pytest.raises(Conflict) as caught:
        plan.assign(visit, crew)
    assert caught.value.facts == {}
    # only the savepoint was rolled back
    assert visits.get(session, plan.actor, visit.id).visitors == []


def test_two_dispatchers_cannot_send_one_collector_to_two_places(
    database, session, plan
):
    crew = plan.collectors()
    both = [plan.propose(), plan.propose(starts_in=75)]
    session.commit()

    def try_to_assign(visit):
        with database.sessions.begin() as own:
            try:
                visits.assign(
                    own, plan.actor, visit.id, visitors=crew, now=plan.clock.now()
                )
            except Conflict as conflict:
                return conflict.facts["visit_id"]
        return None

    with ThreadPoolExecutor(2) as threads:
        told = list(threads.map(try_to_assign, both))
    assert sorted(told, key=str) in ([str(v.id), None] for v in both)


def test_another_crew_replaces_the_first_and_frees_it(session, plan):
    first, second = plan.collectors(), plan.collectors()
    visit = plan.published(first)
    again = plan.assign(visit, [first[0], second[0]])
    assert again.state is VisitState.ASSIGNED
    assert {each.user_id for each in again.visitors} == {first[0][0], second[0][0]}
    other = plan.propose(starts_in=70)
    assert plan.assign(other, [first[1], second[1]]).state is VisitState.ASSIGNED


def test_whoever_has_set_out_stays_on_record_when_replaced(session, plan, clock):
    first = plan.collectors()
    visit = plan.published(first)
    visit.visitors[0].departed_at = clock.now()
    gone = visit.visitors[0].user_id
    again = plan.assign(visit, plan.collectors())
    assert [v.user_id for v in again.visitors if not v.active] == [gone]
    assert len(again.visitors) == 3


def test_rescheduling_moves_the_crew_and_asks_for_a_new_publication(session, plan):
    crew = plan.collectors()
    visit = plan.published(crew)
    visit.visitors[0].departed_at = plan.clock.now()
    window = plan.window(starts_in=180)
    moved, decision = visits.reschedule(session, plan.actor, visit.id, **window)
    assert decision.allowed
    assert moved.state is VisitState.ASSIGNED
    for row in (moved, *moved.visitors):
        assert row.planned_start == window["planned_start"]
        assert row.planned_end == window["planned_end"]
    assert [each.departed_at for each in moved.visitors] == [None, None]
    assert plan.moves(visit)[-1] == "rescheduled"


def test_rescheduling_into_another_visit_of_a_collector_is_refused(session, plan):
    crew = plan.collectors()
    plan.published(crew)
    later = plan.published(crew, starts_in=120)
    with pytest.raises(Conflict):
        visits.reschedule(session, plan.actor, later.id, **plan.window(starts_in=80))


def test_rescheduling_to_a_forbidden_hour_is_refused(session, plan):
    visit = plan.propose()
    with pytest.raises(Refused):
        visits.reschedule(
            session, plan.actor, visit.id, **plan.window(starts_in=13 * 60)
        )


def test_a_proposal_without_a_crew_can_be_rescheduled(session, plan):
    visit = plan.propose()
    window = plan.window(starts_in=120)
    moved, _ = visits.reschedule(session, plan.actor, visit.id, **window)
    assert (moved.state, moved.visitors) == (VisitState.PROPOSED, [])
    assert moved.planned_start == window["planned_start"]


def test_cancelling_frees_the_collectors_and_keeps_the_reason(session, plan):
    crew = plan.collectors()
    visit = plan.published(crew)
    now = plan.clock.now()
    visits.cancel(session, plan.actor, visit.id, reason="borrower_asked", now=now)
    assert visits.get(session, plan.actor, visit.id).state is VisitState.CANCELLED
    assert plan.moves(visit)[-1] == "borrower_asked"
    assert plan.assign(plan.propose(), crew).state is VisitState.ASSIGNED
    with pytest.raises(Conflict):
        visits.cancel(session, plan.actor, visit.id, reason="again", now=now)


@pytest.mark.parametrize("reason", ["no", "Mr Wang is ill", "x" * 41, ""])
def test_a_reason_that_could_hold_a_name_is_invalid(session, plan, reason):
    visit = plan.propose()
    with pytest.raises(Invalid):
        visits.cancel(
            session, plan.actor, visit.id, reason=reason, now=plan.clock.now()
        )


def test_begin_and_end_are_written_once(session, plan):
    visit = plan.published()
    now = plan.clock.now()
    facts = {"actor_id": plan.actor.user_id, "now": now}
    assert visits.mark_under_way(session, visit, **facts) is True
    assert visits.mark_under_way(session, visit, **facts) is False
    assert visits.mark_done(session, visit, **facts) is True
    assert visits.mark_done(session, visit, **facts) is False
    assert visits.mark_under_way(session, visit, **facts) is False
    assert visits.get(session, plan.actor, visit.id).state is VisitState.DONE
    assert plan.moves(visit)[-2:] == ["begun", "finished"]


def test_a_watch_on_a_cancelled_visit_is_not_stopped_by_its_state(session, plan):
    visit = plan.propose()
    now = plan.clock.now()
    visits.cancel(session, plan.actor, visit.id, reason="called_off", now=now)
    assert not visits.mark_under_way(session, visit, actor_id=None, now=now)
    assert not visits.mark_done(session, visit, actor_id=None, now=now)
    assert visit.state is VisitState.CANCELLED


def test_a_visit_under_way_can_no_longer_be_changed(session, plan):
    visit = plan.published()
    now = plan.clock.now()
    visits.mark_under_way(session, visit, actor_id=None, now=now)
    with pytest.raises(Conflict):
        plan.assign(visit, plan.collectors())
    with pytest.raises(Conflict):
        visits.reschedule(session, plan.actor, visit.id, **plan.window(120))
    with pytest.raises(Conflict):
        visits.cancel(session, plan.actor, visit.id, reason="late", now=now)


def test_another_agencys_visit_does_not_exist(session, plan, make):
    visit = plan.published()
    other = make.actor(make.user(make.organisation(), Role.DISPATCHER))
    now = plan.clock.now()
    assert visits.page(session, other, after=None, limit=9) == []
    with pytest.raises(NotFound):
        visits.get(session, other, visit.id)
    with pytest.raises(NotFound):
        visits.locked(session, other.organisation_id, visit.id)
    with pytest.raises(NotFound):
        visits.publish(session, other, visit.id, now=now)
    with pytest.raises(NotFound):
        visits.cancel(session, other, visit.id, reason="mine", now=now)
    plan.actor = other
    with pytest.raises(NotFound):
        plan.propose()


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_row_that_refers_to_a_locked_visit_need_not_wait(database, session, plan):
    """SQLite has one writer: there is no row to lock."""
    visit = plan.published()
    session.commit()
    visits.locked(session, plan.organisation.id, visit.id)
    with database.sessions.begin() as own:
        own.execute(text("SET LOCAL lock_timeout = '1s'"))
        own.add(
            VisitTransition(
                organisation_id=plan.organisation.id,
                visit_id=visit.id,
                old=None,
                new=visit.state,
                reason="refers",
                actor_id=None,
                at=plan.clock.now(),
            )
        )
    assert "refers" in plan.moves(visit)


def test_visits_are_paged_from_the_oldest_on_with_their_visitors(session, plan):
    made = [plan.published(), plan.propose(starts_in=200), plan.propose(starts_in=240)]
    session.expire_all()
    first = visits.page(session, plan.actor, after=None, limit=2)
    rest = visits.page(session, plan.actor, after=first[-1].id, limit=2)
    assert [*first, *rest] == made
    assert [len(visit.visitors) for visit in (*first, *rest)] == [2, 0, 0]

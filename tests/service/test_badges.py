"""Badges: who gets one, what is decided about it, and when it is worth something."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.actor import Actor
from core.errors import Conflict, Invalid, NotFound, Refused
from core.instants import Interval
from core.words import BadgeState, Role, UserState
from credentials import badges
from credentials.badges import Standing
from models import AuditRow, Badge, BadgeTransition, Organisation, User, Visitor
from tests.support.clock import FakeClock
from tests.support.make import Make

DAY = timedelta(days=1)


@pytest.fixture
def organisation(make: Make) -> Organisation:
    """One agency."""
    return make.organisation()


@pytest.fixture
def admin(make: Make, organisation: Organisation) -> Actor:
    """Its admin."""
    return make.actor(make.user(organisation, Role.ADMIN))


@pytest.fixture
def collector(make: Make, organisation: Organisation) -> User:
    """Its collector."""
    return make.user(organisation, Role.COLLECTOR)


def issue(
    session: Session, admin: Actor, user: User, clock: FakeClock, **facts
) -> Badge:
    """A badge for a year, but for ``facts``."""
    usual = {
        "user_id": user.id,
        "number": "B-7001",
        "public_name": "Mr Zhang",
        "licence": "HZ-1",
        "valid_from": clock.now(),
        "valid_to": clock.now() + 365 * DAY,
    }
    return badges.issue(session, admin, now=clock.now(), **{**usual, **facts})


def test_an_issued_badge_is_valid_and_on_record(session, admin, collector, clock):
    badge = issue(session, admin, collector, clock)
    assert badges.standing(badge, clock.now()) is Standing.VALID
    [transition] = session.scalars(select(BadgeTransition))
    assert (transition.old, transition.new) == (None, BadgeState.ACTIVE)
    [row] = session.scalars(select(AuditRow))
    assert (row.action, row.subject_id) == ("badge.issued", badge.id)


def test_only_an_active_collector_of_the_organisation_gets_one(
    session, make, admin, collector, clock
):
    with pytest.raises(Invalid):
        issue(session, admin, session.get_one(User, admin.user_id), clock)
    stranger = make.user(make.organisation(), Role.COLLECTOR)
    with pytest.raises(NotFound):
        issue(session, admin, stranger, clock)
    collector.state = UserState.SUSPENDED
    with pytest.raises(Invalid):
        issue(session, admin, collector, clock)


def test_a_number_is_given_once_in_an_organisation(
    session, make, admin, collector, clock
):
    issue(session, admin, collector, clock)
    with pytest.raises(Conflict):
        issue(session, admin, collector, clock)
    other = make.organisation()
    elsewhere = make.actor(make.user(other, Role.ADMIN))
    issue(session, elsewhere, make.user(other, Role.COLLECTOR), clock)
    assert len(session.scalars(select(Badge)).all()) == 2


@pytest.mark.parametrize(
    "wrong",
    [
        ("public_name", "Debt Recovery Zhang"),
        ("public_name", "催收小张"),
        ("public_name", " "),
        ("number", "B" * 33),
        ("number", "B\n1"),
        ("licence", ""),
    ],
)
def test_unreadable_or_telling_words_are_refused_by_field(
    session, admin, collector, clock, wrong
):
    field, value = wrong
    with pytest.raises(Invalid) as refusal:
        issue(session, admin, collector, clock, **{field: value})
    assert list(refusal.value.fields) == [field]
    assert value.strip() == "" or value not in str(refusal.value.facts)


def test_blanks_around_the_words_of_a_badge_are_cut_off(
    session, admin, collector, clock
):
    facts = {"number": " B-1 ", "public_name": "Mr Zhang  ", "licence": " HZ-1"}
    badge = issue(session, admin, collector, clock, **facts)
    assert (badge.number, badge.public_name) == ("B-1", "Mr Zhang")
    assert badge.licence == "HZ-1"


def test_validity_must_end_after_it_began_and_in_the_future(
    session, admin, collector, clock
):
    now = clock.now()
    for start, end in ((now, now), (now - 2 * DAY, now - DAY), (now + DAY, now + DAY)):
        with pytest.raises(Invalid):
            issue(session, admin, collector, clock, valid_from=start, valid_to=end)


def test_standing_follows_dates_to_the_second(make, collector, clock):
    badge = make.badge(collector)
    second = timedelta(seconds=1)
    at = badges.standing
    assert at(badge, badge.valid_from - second) is Standing.NOT_YET_VALID
    assert at(badge, badge.valid_from) is Standing.VALID
    assert at(badge, badge.valid_to - second) is Standing.VALID
    assert at(badge, badge.valid_to) is Standing.EXPIRED


def test_suspended_reinstated_revoked_and_never_back(
    session, admin, collector, clock, make
):
    badge, now = make.badge(collector), clock.now()
    standings = []
    for act in (badges.suspend, badges.reinstate, badges.suspend, badges.revoke):
        act(session, admin, badge.id, reason="lost his phone", now=now)
        standings.append(badges.standing(badge, now))
    assert standings == [
        Standing.SUSPENDED,
        Standing.VALID,
        Standing.SUSPENDED,
        Standing.REVOKED,
    ]
    for act in (badges.suspend, badges.reinstate, badges.revoke):
        with pytest.raises(Conflict):
            act(session, admin, badge.id, reason="again", now=now)
    moves = session.scalars(select(BadgeTransition).order_by(BadgeTransition.id)).all()
    assert [move.new for move in moves][-1] is BadgeState.REVOKED
    assert [move.old for move in moves] == [
        "active",
        "suspended",
        "active",
        "suspended",
    ]
    assert moves[0].reason == "lost his phone"


def test_another_organisations_badge_does_not_exist(session, make, collector, clock):
    badge = make.badge(collector)
    stranger = make.actor(make.user(make.organisation(), Role.ADMIN))
    with pytest.raises(NotFound):
        badges.get(session, stranger, badge.id)
    with pytest.raises(NotFound):
        badges.revoke(session, stranger, badge.id, reason="x", now=clock.now())
    assert list(badges.page(session, stranger, after=None, limit=9)) == []


def test_pages_follow_each_other(session, make, admin, collector):
    made = [make.badge(collector).id for _ in range(5)]
    first = badges.page(session, admin, after=None, limit=3)
    rest = badges.page(session, admin, after=first[-1].id, limit=3)
    assert [badge.id for badge in (*first, *rest)] == made


def required(session: Session, user: User, interval: Interval) -> Badge | object:
    """The valid badge, or the standing of the refusal."""
    try:
        return badges.require_valid(
            session,
            organisation_id=user.organisation_id,
            user_id=user.id,
            interval=interval,
        )
    except Refused as refusal:
        return refusal.facts["standing"]


def test_a_badge_must_be_valid_over_the_whole_interval(session, make, collector, clock):
    badge = make.badge(collector)
    second = timedelta(seconds=1)
    to_the_end = Interval(badge.valid_to - DAY, badge.valid_to)
    past_it = Interval(badge.valid_to - DAY, badge.valid_to + second)
    before = Interval(badge.valid_from - second, badge.valid_from + DAY)
    assert required(session, collector, to_the_end) is badge
    assert required(session, collector, past_it) is Standing.EXPIRED
    assert required(session, collector, before) is Standing.NOT_YET_VALID


def test_the_best_of_several_badges_speaks(session, make, collector, clock):
    today = Interval(clock.now(), clock.now() + DAY)
    assert required(session, collector, today) is None
    make.badge(collector, state=BadgeState.REVOKED)
    assert required(session, collector, today) is Standing.REVOKED
    make.badge(collector, state=BadgeState.SUSPENDED)
    assert required(session, collector, today) is Standing.SUSPENDED
    valid = make.badge(collector)
    assert required(session, collector, today) is valid


def test_badges_worn_come_in_the_order_of_the_visitors(
    session, make, organisation, collector
):
    crew = [collector, *(make.user(organisation, Role.COLLECTOR) for _ in range(2))]
    visit = make.visit(make.place(make.case(organisation)), crew)
    first, second, third = session.scalars(select(Visitor).order_by(Visitor.id))
    first.badge_id = make.badge(collector).id  # the newest badge, the first visitor
    third.active = False
    session.flush()
    worn = [(user.id, badge.id) for user, badge in badges.worn(session, visit)]
    assert worn == [(one.user_id, one.badge_id) for one in (first, second)]

"""Gaps: of the house, of ladders, of rotas in two weeks; and when nobody sets out."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from core.instants import Interval
from core.words import AlertKind, ChannelKind, GapKind, Role, UserState
from models import MessageChannel, Rota, User
from safety import coverage, policies, whom
from safety.coverage import Gap
from safety.ladder import Ladder, Step
from safety.whom import InRole, OnRota, Person, Recipient
from tests.support.make import Make
from tests.support.street import Street

DAY = timedelta(days=1)
EVERYONE = (whom.ALL_SAFETY_OFFICERS,)


@pytest.fixture
def covered(street: Street) -> Street:
    """A house with officers and a channel that wakes them."""
    channel(street, ChannelKind.WEBHOOK)
    return street


def channel(street: Street, kind: ChannelKind) -> None:
    wakes = kind is ChannelKind.WEBHOOK
    row = MessageChannel(
        organisation_id=street.organisation.id,
        kind=kind,
        rank=0,
        target="https://gateway.example/send" if wakes else None,
        secret="a-secret-of-the-gateway" if wakes else None,
        created_at=street.make.clock.now(),
    )
    street.session.add(row)
    street.session.flush()


def weeks(street: Street) -> Interval:
    return coverage.window(street.make.clock.now())


def ahead(street: Street, *, demo: bool = False) -> list[Gap]:
    here = street.organisation.id
    return coverage.ahead(street.session, here, weeks(street), demo=demo)


def helpless(street: Street, *, demo: bool = False) -> GapKind | None:
    return coverage.helpless(street.session, street.organisation.id, demo=demo)


def call_first(street: Street, *named: Recipient) -> None:
    """The ladder of a missed check-out begins with these."""
    wanted = Ladder((Step(0, named), Step(9, EVERYONE)), 60, 60)
    actor, now = street.make.actor(street.officer), street.make.clock.now()
    policies.replace(street.session, actor, AlertKind.OVERDUE, wanted, now=now)


def suspend(street: Street, *roles: Role) -> None:
    """Everybody of these roles."""
    mine = User.organisation_id == street.organisation.id, User.role.in_(roles)
    suspended = update(User).where(*mine).values(state=UserState.SUSPENDED)
    street.session.execute(suspended)
    street.session.expire_all()


def nobody_left(street: Street) -> None:
    """Who would be told in the end is suspended."""
    suspend(street, Role.SAFETY_OFFICER, Role.ADMIN)


def test_a_house_with_officers_and_a_channel_has_no_gap(covered: Street):
    assert ahead(covered) == []
    assert helpless(covered) is None
    house = covered.organisation.id
    assert coverage.gaps(covered.session, house, demo=False) == []


@pytest.mark.parametrize("kind", [ChannelKind.CONSOLE, ChannelKind.FILE])
def test_console_and_file_wake_nobody_outside_a_demo(street: Street, kind: ChannelKind):
    channel(street, kind)
    assert ahead(street) == [Gap(GapKind.NO_CHANNEL)]
    assert helpless(street) is GapKind.NO_CHANNEL
    in_demo = kind is ChannelKind.CONSOLE
    assert (helpless(street, demo=True) is GapKind.NO_CHANNEL) == in_demo
    said = coverage.gaps(street.session, street.organisation.id, demo=False)
    assert said == [coverage.WORDS_EN[GapKind.NO_CHANNEL]]


def test_without_an_officer_the_admins_are_told_and_that_is_a_gap(covered: Street):
    suspend(covered, Role.SAFETY_OFFICER)
    assert ahead(covered) == [Gap(GapKind.NO_OFFICER)]
    assert helpless(covered) is None
    suspend(covered, Role.ADMIN)
    assert helpless(covered) is GapKind.NOBODY_AT_ALL


def test_a_ladder_that_reaches_nobody_at_all_is_named(covered: Street):
    nobody_left(covered)
    found = ahead(covered)
    at_all = [one.policy for one in found if one.kind is GapKind.NOBODY_AT_ALL]
    assert at_all == list(AlertKind)
    assert helpless(covered) is GapKind.NOBODY_AT_ALL


@pytest.mark.parametrize("kind", list(AlertKind))
def test_each_step_that_reaches_nobody_is_named_but_not_one_of_the_moment(
    covered: Street, kind: AlertKind
):
    nobody_left(covered)
    ladder = policies.STANDARD[kind]
    lost = [
        one.step
        for one in ahead(covered)
        if (one.kind, one.policy) == (GapKind.STEP_REACHES_NOBODY, kind)
    ]
    of_the_moment = (whom.COLLECTOR, whom.BUDDY, whom.NEAREST_TWO)
    assert lost == [
        place
        for place, step in enumerate(ladder.steps)
        if not set(step.recipients) & set(of_the_moment)
    ]


def test_a_named_person_who_cannot_answer_any_more_is_a_gap(covered: Street):
    dispatcher = covered.dispatcher
    call_first(covered, Person(dispatcher.id))
    assert ahead(covered) == []
    dispatcher.phone = None
    covered.session.flush()
    [gap] = ahead(covered)
    assert (gap.kind, gap.policy, gap.step) == (
        GapKind.STEP_REACHES_NOBODY,
        AlertKind.OVERDUE,
        0,
    )
    assert helpless(covered) is None


def test_a_role_without_people_is_a_gap(covered: Street):
    call_first(covered, InRole(Role.DISPATCHER))
    assert ahead(covered) == []
    covered.dispatcher.state = UserState.SUSPENDED
    covered.session.flush()
    [gap] = ahead(covered)
    assert (gap.kind, gap.step) == (GapKind.STEP_REACHES_NOBODY, 0)


def test_spans_in_which_a_rota_names_nobody_are_gaps(covered: Street):
    rota = covered.make.rota([covered.officer])
    assert ahead(covered) == []
    start = covered.make.clock.now().date() + 3 * DAY
    rota.layers[0].starts_on = start
    covered.session.flush()
    [gap] = ahead(covered)
    assert gap.kind is GapKind.NOBODY_NAMED
    assert gap.rota_id == rota.id
    assert gap.interval is not None
    assert gap.interval.start == covered.make.clock.now()
    assert gap.interval.end < weeks(covered).end


def test_spans_of_somebody_who_cannot_answer_are_gaps(covered: Street):
    rota = covered.make.rota([covered.officer, covered.second_officer], days=3)
    covered.second_officer.state = UserState.SUSPENDED
    covered.session.flush()
    found = ahead(covered)
    assert len(found) == 2
    for gap in found:
        assert gap.kind is GapKind.CANNOT_ANSWER
        assert (gap.rota_id, gap.user_id) == (rota.id, covered.second_officer.id)
        assert gap.interval is not None
        assert gap.interval.length == 3 * DAY


def test_a_rota_that_nobody_asks_has_no_gaps_until_a_policy_names_it(covered: Street):
    rota = covered.make.rota([covered.officer], standing=False)
    call_first(covered, OnRota(rota.id))
    covered.session.execute(update(Rota).values(time_zone="Mars/Olympus"))
    covered.session.expire_all()
    [gap] = ahead(covered)
    assert (gap.kind, gap.interval) == (GapKind.NOBODY_NAMED, weeks(covered))
    call_first(covered, whom.COLLECTOR)
    assert ahead(covered) == []


def test_what_another_house_lacks_is_no_gap_here(covered: Street, make: Make):
    other = make.organisation()
    make.user(other, Role.COLLECTOR)
    assert ahead(covered) == []
    assert coverage.helpless(make.session, other.id, demo=False) is GapKind.NO_CHANNEL


def test_every_gap_has_words_in_both_languages():
    assert set(coverage.WORDS_EN) == set(coverage.WORDS_ZH) == set(GapKind)

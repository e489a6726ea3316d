"""Policies: the standard ladders, what may be changed, what would not protect."""

import pytest

from core.errors import Conflict, Invalid, NotFound
from core.words import AlertKind, Role, UserState
from safety import policies, rotas, whom
from safety.ladder import Ladder, Step
from tests.support.make import STANDARD, Make
from tests.support.street import Street

EVERYONE = (whom.ALL_SAFETY_OFFICERS,)
OVERDUE = policies.STANDARD[AlertKind.OVERDUE]


def test_the_builders_use_the_standard_ladders():
    for kind, (repeat_s, lease_s, steps) in STANDARD.items():
        made = tuple(Step(delay, whom.stored(None, who)) for delay, who in steps)
        assert policies.STANDARD[kind] == Ladder(made, repeat_s, lease_s)


def test_an_organisation_gets_a_ladder_for_each_kind(make: Make):
    organisation = make.organisation()
    for kind, wanted in policies.STANDARD.items():
        policy = policies.of(make.session, organisation.id, kind)
        assert policies.ladder(policy) == wanted


def test_a_replaced_ladder_leaves_open_alerts_alone(street: Street):
    street.phone(street.chen).check_in(street.visit)
    street.forward(minutes=30)
    [alert] = street.alerts()
    before = dict(alert.policy)
    quick = Ladder((Step(0, EVERYONE),), repeat_s=60, lease_s=60)
    officer = street.make.actor(street.officer)
    now = street.make.clock.now()
    policies.replace(street.session, officer, AlertKind.OVERDUE, quick, now=now)
    street.session.refresh(alert)
    assert alert.policy == before
    policy = policies.of(street.session, street.organisation.id, AlertKind.OVERDUE)
    assert policies.ladder(policy) == quick


@pytest.mark.parametrize(
    ("kind", "ladder", "problem"),
    [
        (AlertKind.OVERDUE, Ladder((), 60, 60), "at least one step"),
        (AlertKind.OVERDUE, Ladder((Step(1, EVERYONE),), 60, 60), "must start at 0"),
        (
            AlertKind.OVERDUE,
            Ladder((Step(0, EVERYONE), Step(0, EVERYONE)), 60, 60),
            "grow",
        ),
        (
            AlertKind.OVERDUE,
            Ladder((Step(0, EVERYONE), Step(1801, EVERYONE)), 60, 60),
            "within 1800",
        ),
        (AlertKind.OVERDUE, Ladder((Step(0, ()),), 60, 60), "must name a recipient"),
        (
            AlertKind.OVERDUE,
            Ladder((Step(0, (whom.BUDDY,)),), 60, 60),
            "all safety officers",
        ),
        (
            AlertKind.SOS,
            Ladder((Step(0, (whom.COLLECTOR,)), Step(9, EVERYONE)), 60, 60),
            "must at once reach others",
        ),
        (AlertKind.OVERDUE, Ladder(OVERDUE.steps, 301, 60), "repeat_s"),
        (AlertKind.OVERDUE, Ladder(OVERDUE.steps, 60, 1801), "lease_s"),
    ],
)
def test_a_ladder_that_would_not_protect_is_refused(kind, ladder, problem):
    with pytest.raises(Invalid, match="without help") as caught:
        policies.check(kind, ladder)
    assert any(problem in words for words in caught.value.fields[""])


def stored(street: Street, *recipients: whom.Recipient) -> Ladder:
    """The ladder that came of a step with these."""
    wanted = Ladder((Step(0, recipients), Step(9, EVERYONE)), 60, 60)
    actor, now = street.make.actor(street.officer), street.make.clock.now()
    overdue = AlertKind.OVERDUE
    policies.replace(street.session, actor, overdue, wanted, now=now)
    street.session.expire_all()
    policy = policies.of(street.session, street.organisation.id, overdue)
    assert policies.ladder(policy) == wanted
    return wanted


def test_every_kind_of_recipient_is_stored(street: Street):
    rota = street.make.rota([street.officer], standing=False)
    named = (whom.COLLECTOR, whom.BUDDY, whom.Nearest(4, 2500), whom.OnRota(rota.id))
    people = (whom.InRole(Role.DISPATCHER), whom.Person(street.second_officer.id))
    stored(street, *named, *people, whom.ON_CALL)


def test_an_older_program_reads_words_and_what_it_writes_is_read(street: Street):
    stored(street, whom.Nearest(4, 2500), whom.Person(street.officer.id))
    policy = policies.of(street.session, street.organisation.id, AlertKind.OVERDUE)
    assert policy.steps[0].recipients == ["nearest_two", "on_call"]
    policy.steps[0].whom = None  # as a program leaves it that does not know it
    policy.steps[0].recipients = ["buddy"]
    street.session.flush()
    assert policies.ladder(policy).steps[0] == Step(0, (whom.BUDDY,))


def test_people_and_rotas_of_others_do_not_exist_for_a_policy(street: Street):
    other = street.make.organisation()
    stranger = street.make.user(other, Role.SAFETY_OFFICER)
    rota = street.make.rota([stranger])
    for named in (
        whom.Person(stranger.id),
        whom.OnRota(rota.id),
        whom.Person(rota.id),
        whom.OnRota(stranger.id),
    ):
        with pytest.raises(NotFound):
            stored(street, named)


def test_who_could_not_help_is_not_named(street: Street):
    make, house, officer = street.make, street.organisation, Role.SAFETY_OFFICER
    for user, problem in (
        (make.user(house, officer, state=UserState.SUSPENDED), "suspended"),
        (make.user(house, officer, phone=None), "no phone"),
        (make.user(house, Role.AUDITOR), "cannot take an alert"),
        (make.user(house, Role.CONTACT_DESK), "cannot take an alert"),
    ):
        with pytest.raises(Invalid, match=problem):
            stored(street, whom.Person(user.id))


def test_a_rota_that_a_policy_names_is_not_deleted(street: Street):
    rota = street.make.rota([street.officer], standing=False)
    actor, now = street.make.actor(street.officer), street.make.clock.now()
    stored(street, whom.OnRota(rota.id))
    with pytest.raises(Conflict, match="policy names this rota"):
        rotas.remove(street.session, actor, rota.id, now=now)
    stored(street, whom.ON_CALL)
    rotas.remove(street.session, actor, rota.id, now=now)
    with pytest.raises(NotFound):
        rotas.get(street.session, actor, rota.id)

"""Policies: the standard ladders, what may be changed, what would not protect."""

import pytest

from core.errors import Invalid
from core.words import AlertKind, Recipient, Role
from safety import coverage, policies
from safety.ladder import Ladder, Step
from tests.support.make import STANDARD, Make
from tests.support.street import Street

EVERYONE = (Recipient.ALL_SAFETY_OFFICERS,)
OVERDUE = policies.STANDARD[AlertKind.OVERDUE]


def test_the_builders_use_the_standard_ladders():
    for kind, (repeat_s, lease_s, steps) in STANDARD.items():
        made = tuple(Step(delay, tuple(who)) for delay, who in steps)
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
            Ladder((Step(0, (Recipient.BUDDY,)),), 60, 60),
            "all_safety_officers",
        ),
        (
            AlertKind.SOS,
            Ladder((Step(0, (Recipient.COLLECTOR,)), Step(9, EVERYONE)), 60, 60),
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


def test_console_and_file_reach_nobody_outside_the_demo(street: Street):
    gaps = coverage.gaps(street.session, street.organisation.id, demo=False)
    assert gaps == [coverage.NO_CHANNEL]


def test_a_house_without_safety_officers_says_so(make: Make):
    organisation = make.organisation()
    make.user(organisation, Role.COLLECTOR)
    assert coverage.NO_OFFICER in coverage.gaps(
        make.session, organisation.id, demo=True
    )

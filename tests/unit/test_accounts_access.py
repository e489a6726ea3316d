"""The access table: complete, and strict where it must be."""

import pytest

from accounts import access
from accounts.access import ALLOWED, Action
from core import ids
from core.actor import Actor
from core.errors import Forbidden
from core.words import Role


def acting(role: Role) -> Actor:
    return Actor(ids.new(), ids.new(), role)


def test_every_action_is_somebodys():
    assert set(ALLOWED) == set(Action)
    assert all(ALLOWED.values())


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("action", Action)
def test_the_table_decides(action: Action, role: Role):
    if role in ALLOWED[action]:
        access.require(acting(role), action)
    else:
        with pytest.raises(Forbidden):
            access.require(acting(role), action)


def allowed_to(role: Role) -> set[Action]:
    return {action for action, roles in ALLOWED.items() if role in roles}


OWN = {
    Action.READ_OWN_ACCOUNT,
    Action.CHANGE_OWN_SECRETS,
    Action.SET_OWN_DUTY,
    Action.USE_OWN_DEVICES,
    Action.REVOKE_DEVICE,
    Action.READ_ORGANISATION,
}


def test_a_collector_reaches_his_own_day_and_alerts_he_was_told_of():
    assert allowed_to(Role.COLLECTOR) == OWN | {
        Action.READ_OWN_DAY,
        Action.ACT_ON_OWN_WATCH,
        Action.STATE_CONCERN,
        Action.REPORT_INCIDENT,
        Action.SET_OWN_VEHICLE,
        Action.SOS,
        Action.ACKNOWLEDGE_ALERT,
        Action.NOTE_ALERT,
        Action.READ_ALERTS_TOLD,
    }


def test_an_auditor_changes_nothing_but_may_have_evidence_kept():
    reading = {
        action
        for action in Action
        if action.startswith("read_") or action is Action.ASK_GATE
    }
    own = OWN | {Action.SET_UP_SECOND_FACTOR, Action.MANAGE_NAMED_HOLDS}
    assert allowed_to(Role.AUDITOR) - own <= reading


def test_only_people_who_own_alerts_close_them():
    owners = {Role.SAFETY_OFFICER, Role.DISPATCHER, Role.ADMIN}
    assert ALLOWED[Action.CLOSE_ALERT] == owners


def test_an_admin_plans_no_visit():
    assert Action.PLAN_VISITS not in allowed_to(Role.ADMIN)

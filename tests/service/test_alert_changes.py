"""Who is told that an alert changed: whoever may read it, and nobody else."""

from datetime import UTC, datetime, timedelta

from core import ids
from core.words import Role
from safety import alert_changes, alerts
from tests.support.street import Street

START = datetime(2000, 1, 1, tzinfo=UTC)


def overdue(street: Street) -> None:
    """Chen missed a check-out."""
    street.phone(street.chen).depart(street.visit, street.zhou)
    street.make.clock.forward(minutes=10)
    street.phone(street.chen).check_in(street.visit)
    street.forward(hours=2)
    street.forward(minutes=5)


def test_overseers_of_the_same_organisation_hear_of_every_line(street: Street):
    overdue(street)
    everything = alert_changes.since(street.session, ids.earliest(START))
    [alert] = street.alerts()
    assert {one.alert_id for one in everything} == {alert.id}
    officer = street.make.actor(street.officer)
    told = alert_changes.told_of(street.session, [officer], everything)
    assert all(one.concerns(officer, told) for one in everything)
    missed = alert_changes.missed(street.session, officer, everything[1].entry_id)
    assert missed == everything[1:]


def test_others_hear_only_of_what_they_were_told(street: Street):
    admin = street.make.user(street.organisation, Role.ADMIN)
    overdue(street)
    everything = alert_changes.since(street.session, ids.earliest(START))
    [alert] = street.alerts()
    people = [street.make.actor(user) for user in (admin, street.zhou)]
    told = alert_changes.told_of(street.session, people, everything)
    expected = [one.user_id in alerts.told(street.session, alert) for one in people]
    assert expected == [False, True]
    heard = [all(one.concerns(who, told) for one in everything) for who in people]
    assert heard == expected


def test_another_organisation_hears_nothing(street: Street):
    stranger = street.make.user(street.make.organisation(), Role.SAFETY_OFFICER)
    overdue(street)
    actor = street.make.actor(stranger)
    start = ids.earliest(START)
    assert alert_changes.missed(street.session, actor, start) == []
    found = alert_changes.since(street.session, start)
    told = alert_changes.told_of(street.session, [actor], found)
    assert found
    assert not any(one.concerns(actor, told) for one in found)


def test_an_id_says_when_it_was_made():
    made = ids.new()
    at = ids.made_at(made)
    assert ids.earliest(at) <= made < ids.earliest(at + timedelta(milliseconds=1))

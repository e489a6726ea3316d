"""The sentinel finds what was forgotten, repairs it, and knows a living worker."""

from datetime import timedelta

from sqlalchemy import update

from core import ids
from core.words import AlertEntryKind, WatchState
from models import Alert, ProcessPulse, Watch
from safety import duress, sentinel, timeline
from safety.sentinel import Findings
from tests.support.street import Street


def look(street: Street, **later: float) -> Findings:
    now = street.make.clock.forward(**later)
    return sentinel.inspect(street.session, now=now)


def repaired(street: Street, findings: Findings) -> int:
    street.session.commit()
    sessions, clock_now = street.database.sessions, street.make.clock.now
    done = sentinel.repair(sessions, findings, clock_now=clock_now)
    street.session.expire_all()
    return done


def pulse(street: Street) -> None:
    now = street.make.clock.now()
    beat = ProcessPulse(
        id=ids.new(), kind="worker", host="h", started_at=now, beat_at=now
    )
    street.session.add(beat)
    street.session.flush()


def test_a_quiet_house_with_a_worker_is_clean(street: Street):
    pulse(street)
    assert look(street).clean


def test_a_worker_without_a_pulse_is_dead_after_ten_seconds(street: Street):
    pulse(street)
    assert look(street, seconds=10).worker_alive
    assert not look(street, seconds=1).worker_alive


def test_a_due_that_nobody_swept_is_found(street: Street):
    street.phone(street.chen).check_in(street.visit)
    assert look(street, minutes=30).late_watches == {}
    [found] = look(street, seconds=16).late_watches
    assert found == street.watch(street.chen).id


def test_a_pin_on_which_nobody_has_acted_is_found(street: Street):
    """Any PIN: to whoever looks at findings the two are the same."""
    pulse(street)
    phone = street.phone(street.chen)
    phone.check_in(street.visit)
    phone.check_out(street.visit)
    assert look(street, seconds=15).unjudged == {}
    pulse(street)
    findings = look(street, seconds=1)
    assert len(findings.unjudged) == 1
    assert findings.late
    assert findings.organisations == {street.organisation.id}
    now = street.make.clock.now
    street.session.commit()
    assert duress.judge_due(street.database.sessions, clock_now=now) == 1
    assert look(street).unjudged == {}


def test_an_action_that_nobody_took_is_found(street: Street):
    street.phone(street.chen).sos()
    [found] = look(street, seconds=61).late_alerts
    assert found == street.alerts(kind="sos")[0].id  # type: ignore[arg-type]


def test_a_message_that_nobody_sends_is_found(street: Street):
    street.phone(street.chen).sos()
    assert len(look(street, seconds=16).unsent) == len(street.told())


def test_audit_rows_that_nobody_seals_are_counted(street: Street):
    street.phone(street.chen).sos()
    assert look(street, seconds=16).unsealed > 0


def test_an_alert_put_off_for_ever_is_brought_back(street: Street):
    street.phone(street.chen).sos()
    [alert] = street.alerts(kind="sos")  # type: ignore[arg-type]
    far = street.make.clock.now() + timedelta(days=2)
    street.session.execute(update(Alert).values(next_action_at=far))
    street.session.expire_all()
    findings = look(street)
    assert list(findings.lost_alerts) == [alert.id]
    assert repaired(street, findings) == 1
    now = street.make.clock.now()
    street.session.refresh(alert)
    assert alert.next_action_at == now
    kinds = [entry.kind for entry in timeline.of(street.session, alert)]
    assert AlertEntryKind.REPAIRED in kinds


def test_a_person_over_whom_nothing_runs_is_found_and_falls_due_at_once(
    street: Street,
):
    street.phone(street.chen).check_in(street.visit)
    orphan = {"state": WatchState.SUPERSEDED}
    street.session.execute(update(Watch).values(orphan))
    street.session.expire_all()
    findings = look(street)
    assert list(findings.unguarded) == [street.watch(street.chen).id]
    assert repaired(street, findings) == 1
    street.forward(seconds=0)
    assert [alert.user_id for alert in street.alerts()] == [street.chen.id]


def test_an_overdue_watch_with_its_alert_is_guarded(street: Street):
    street.phone(street.chen).check_in(street.visit)
    street.forward(minutes=30)
    assert look(street).unguarded == {}

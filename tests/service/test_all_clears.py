"""What those who were called read at the end: safe, or watched on."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from contact import wording
from core.words import AlertKind, Language, MessageKind
from models import Alert, Message, User, Visit
from safety import closing, escalation
from tests.support.street import Street


@pytest.fixture
def overdue(street: Street) -> Street:
    """Chen's due has passed five minutes ago: he and his buddy Zhou were called."""
    street.phone(street.chen).depart(street.visit, street.zhou)
    street.phone(street.chen).check_in(street.visit)
    street.forward(minutes=30)
    called(street)
    return street


def called(street: Street) -> None:
    """Five more minutes pass and a sender has tried every call for help."""
    street.forward(minutes=5)
    street.session.execute(update(Message).values(attempt=1))
    street.session.expire_all()


def elsewhere(street: Street) -> Visit:
    """A second visit of the same pair, of two hours."""
    hours = timedelta(hours=2)
    people = [street.chen, street.wu]
    return street.make.visit(street.place, people, starts_in=hours, length=hours)


def close(street: Street, alert: Alert, *, rearm_s: int | None = None) -> None:
    officer, now = street.make.actor(street.officer), street.make.clock.now()
    session, words = street.session, "spoke to him"
    closing.close(session, officer, alert.id, words=words, rearm_s=rearm_s, now=now)


def read_by(street: Street, user: User) -> str | None:
    """The last end of an alert that this user reads."""
    query = select(Message).where(
        Message.kind == MessageKind.ALL_CLEAR, Message.user_id == user.id
    )
    found = street.session.scalars(query.order_by(Message.id.desc())).first()
    return found.body if found else None


def the_end(alert: Alert, *, is_subject: bool, watched_on: bool) -> str:
    return wording.all_clear(
        reference=escalation.reference(alert),
        is_subject=is_subject,
        watched_on=watched_on,
        language=Language.ZH,
    )


def assert_read(street: Street, alert: Alert, *, watched_on: bool) -> None:
    """Both of those who were called read the truth."""
    for user in (street.chen, street.zhou):
        is_subject = user is street.chen
        end = the_end(alert, is_subject=is_subject, watched_on=watched_on)
        assert read_by(street, user) == end


def test_after_a_check_out_he_is_safe(overdue: Street):
    overdue.phone(overdue.chen).check_out(overdue.visit)
    [alert] = overdue.alerts()
    assert_read(overdue, alert, watched_on=False)


def test_after_an_extension_nobody_is_told_that_he_is_safe(overdue: Street):
    assert overdue.phone(overdue.chen).extend(overdue.visit, 600)["result"] == "ok"
    [alert] = overdue.alerts()
    assert alert.closed_at is not None
    assert_read(overdue, alert, watched_on=True)


def test_after_a_check_out_of_the_first_door_he_is_watched_at_the_second(
    overdue: Street,
):
    phone, second = overdue.phone(overdue.chen), elsewhere(overdue)
    phone.check_in(second)
    phone.check_out(overdue.visit)
    [alert] = overdue.alerts()
    assert alert.closed_at is not None
    assert_read(overdue, alert, watched_on=True)


def test_a_watch_that_gets_its_own_due_again_goes_on(street: Street):
    phone, second = street.phone(street.chen), elsewhere(street)
    phone.depart(second, street.zhou)
    phone.check_in(street.visit)
    phone.check_in(second)
    street.forward(minutes=30)
    called(street)
    [alert] = street.alerts()
    assert alert.visit_id == second.id
    phone.check_out(street.visit)
    assert street.alerts()[0].closed_at is not None
    assert_read(street, alert, watched_on=True)


@pytest.mark.parametrize(("rearm_s", "watched_on"), [(None, False), (300, True)])
def test_closed_by_a_person_it_ends_as_that_person_said(
    overdue: Street, rearm_s: int | None, watched_on: bool
):
    [alert] = overdue.alerts()
    close(overdue, alert, rearm_s=rearm_s)
    assert_read(overdue, alert, watched_on=watched_on)


def test_an_sos_that_is_closed_while_he_is_at_the_door_calls_nobody_safe(
    street: Street,
):
    phone = street.phone(street.chen)
    phone.depart(street.visit, street.zhou)
    phone.check_in(street.visit)
    phone.sos(street.visit)
    called(street)
    [alert] = street.alerts(AlertKind.SOS)
    close(street, alert)
    end = the_end(alert, is_subject=False, watched_on=True)
    assert read_by(street, street.zhou) == end

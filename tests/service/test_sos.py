"""SOS: whatever else is wrong, an alert is open and its messages are on their way."""

import pytest

from core import ids
from core.errors import Conflict
from core.words import AlertKind, Role, WatchState
from models import sealed
from models.sealed import Envelope
from safety import closing, sos
from tests.support.street import Street


def test_the_running_watch_says_where_the_danger_is(street: Street):
    elsewhere = street.make.visit(street.make.place(street.case), [street.zhou])
    phone = street.phone(street.chen)
    phone.check_in(street.visit)
    phone.sos(elsewhere)
    [alert] = street.alerts(AlertKind.SOS)
    assert alert.visit_id == street.visit.id
    assert street.wu not in street.told()  # the partner is never asked


def test_somebody_elses_visit_is_left_out(street: Street):
    elsewhere = street.make.visit(street.make.place(street.case), [street.zhou])
    street.phone(street.chen).sos(elsewhere)
    assert street.alerts(AlertKind.SOS)[0].visit_id is None


def test_an_id_that_was_used_for_something_else_keeps_no_sos_away(street: Street):
    phone, event_id = street.phone(street.chen), ids.new()
    phone.check_in(street.visit, event_id=event_id)
    assert phone.sos(street.visit, event_id=event_id)["stored"] is True
    assert len(street.alerts(AlertKind.SOS)) == 1


def test_an_sos_while_the_one_before_is_being_closed_opens_a_new_one(
    street: Street, monkeypatch
):
    phone = street.phone(street.chen)
    phone.sos()
    [first] = street.alerts(AlertKind.SOS)
    officer, now = street.make.actor(street.officer), street.make.clock.now()
    closing.close(
        street.session, officer, first.id, words="met him", rearm_s=None, now=now
    )
    monkeypatch.setattr(sos, "_open_sos", lambda *_: first)  # what it read before
    phone.sos()
    still_open = [one for one in street.alerts(AlertKind.SOS) if one.closed_at is None]
    assert len(still_open) == 1


def test_one_unreadable_phone_does_not_cost_the_others_their_message(street: Street):
    wrong = sealed.ring.keyring.seal("+8613800000000", bound_to="users.phone.other")
    street.officer.phone_sealed = Envelope(wrong)
    street.session.flush()
    street.phone(street.chen).sos()
    street.forward(seconds=45)
    told = street.told()
    assert street.zhou in told
    assert street.second_officer in told
    assert street.officer not in told


def test_an_unreadable_place_does_not_cost_the_watch(street: Street):
    wrong = sealed.ring.keyring.seal("120,30", bound_to="places.position.other")
    street.place.position_sealed = Envelope(wrong)
    street.session.flush()
    answer = street.phone(street.chen).check_in(street.visit)
    assert answer["fence"] is None
    assert street.watch(street.chen).state is WatchState.ARMED


def test_officers_without_a_phone_do_not_hide_an_admin_with_one(street: Street):
    street.officer.phone = street.second_officer.phone = None
    admin = street.make.user(street.organisation, Role.ADMIN)
    street.phone(street.chen).sos()
    street.forward(seconds=45)
    assert admin in street.told()


def test_only_a_missed_check_out_can_be_watched_on(street: Street):
    street.phone(street.chen).sos()
    [alert] = street.alerts(AlertKind.SOS)
    officer, now = street.make.actor(street.officer), street.make.clock.now()
    with pytest.raises(Conflict, match="without rearm_s"):
        closing.close(
            street.session, officer, alert.id, words="met him", rearm_s=60, now=now
        )

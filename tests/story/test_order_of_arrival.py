"""Late, twice, in any order: the phone's reports give one end state (promise 5)."""

from datetime import datetime, timedelta

import pytest

from core import ids
from core.words import MessageKind
from tests.support.phone import ALLOWED, REFUSED
from tests.support.street import Street

MINUTES_20 = 1200


@pytest.mark.parametrize("first", ["extension", "withdrawal"])
def test_an_extension_before_a_withdrawal_adds_nothing_in_whatever_order(
    street: Street, first: str
):
    phone = street.phone(street.chen)
    phone.check_in(street.visit)
    start = street.make.clock.now()
    street.make.clock.forward(minutes=10)

    def extension() -> None:
        ago = timedelta(minutes=5)
        assert phone.extend(street.visit, MINUTES_20, ago=ago)["result"] == "ok"

    def withdrawal() -> None:
        phone.withdraw(street.visit, ago=timedelta(minutes=3))

    acts = [extension, withdrawal]
    for act in acts if first == "extension" else reversed(acts):
        act()
    assert due(street) - start == timedelta(minutes=17)


def due(street: Street) -> datetime:
    street.session.expire_all()
    return street.watch(street.chen).due_at


def test_an_event_id_that_others_used_keeps_no_watch_from_arming(street: Street):
    event_id = ids.new()
    street.phone(street.wu).check_in(street.visit, event_id=event_id)
    answer = street.phone(street.chen).check_in(street.visit, event_id=event_id)
    assert answer["event_id"] == str(event_id)
    assert answer["watch"]["watched"] is True  # type: ignore[index]


def test_an_event_id_of_the_phones_own_that_was_used_keeps_no_watch_from_arming(
    street: Street,
):
    phone, event_id = street.phone(street.chen), ids.new()
    phone.depart(street.visit, street.zhou, event_id=event_id)
    answer = phone.check_in(street.visit, event_id=event_id)
    assert answer["watch"]["watched"] is True  # type: ignore[index]


def test_a_repeated_check_in_that_is_refused_now_says_leave_and_tells(street: Street):
    phone = street.phone(street.chen)
    assert phone.check_in(street.visit, permission=ALLOWED)["contact"] == "allowed"
    again = phone.check_in(street.visit, permission=REFUSED)
    assert (again["contact"], again["leave_now"]) == ("refused", True)
    assert due(street) - street.make.clock.now() == timedelta(minutes=10)
    assert street.told(MessageKind.DISPATCHER_NOTE) == [street.dispatcher]


def test_a_repeated_check_in_that_is_allowed_now_does_not_move_the_due(street: Street):
    phone = street.phone(street.chen)
    phone.check_in(street.visit, permission=REFUSED)
    before = due(street)
    street.make.clock.forward(minutes=6)
    again = phone.check_in(street.visit, permission=ALLOWED)
    assert (again["contact"], again["leave_now"]) == ("allowed", False)
    assert due(street) == before

"""The CAP 1.2 export of an alert: true to its handover, for the same readers."""

from typing import Any
from xml.etree import ElementTree

import pytest

from core.words import AlertKind, Role
from models import Alert
from tests.api.conftest import Office
from tests.api.test_handover import CAR, OFFICER, sos
from tests.support.cap_schema import NAMESPACE, wrong
from tests.support.purging import close


def export(office: Office, alert: Alert, role: Role = OFFICER) -> Any:
    """What somebody in that role is answered."""
    return office[role].get(f"/v1/alerts/{alert.id}/cap")


def texts(answer: Any, name: str) -> list[str]:
    """All texts of an element, wherever it stands."""
    root = ElementTree.fromstring(answer.data)
    return [one.text or "" for one in root.iter(f"{NAMESPACE}{name}")]


def test_it_is_cap_1_2_in_both_languages(office: Office):
    office[Role.COLLECTOR].put("/v1/mobile/vehicle", {"words": CAR})
    alert = sos(office, words="he has a <knife> & shouts")
    office.street.make.clock.forward(seconds=50)
    answer = export(office, alert)
    assert (answer.status_code, answer.mimetype) == (200, "application/cap+xml")
    assert wrong(answer.data) == []
    assert texts(answer, "language") == ["zh-CN", "en-US"]
    assert texts(answer, "sent") == ["2026-11-24T10:00:50+08:00"]
    english = texts(answer, "description")[1]
    for part in (office.street.chen.name, CAR, "he has a <knife> & shouts"):
        assert part in english
    assert texts(answer, "circle")[0] == "30.274100,120.155100 0.050"
    assert "Last position, 50 s old" in texts(answer, "areaDesc")
    assert texts(answer, "urgency") == ["Immediate", "Immediate"]


def test_without_a_phones_position_the_area_says_that_it_is_estimated(office: Office):
    alert = sos(office, position=None)
    answer = export(office, alert)
    assert wrong(answer.data) == []
    assert "Estimated: the place of the visit, 0 s old" in texts(answer, "areaDesc")
    assert texts(answer, "circle") == ["30.274100,120.155100 0.300"] * 2


def test_without_any_place_it_has_no_area_and_holds_all_the_same(office: Office):
    office.street.phone(office.street.zhou).sos(None)
    [alert] = office.street.alerts(AlertKind.SOS)
    answer = export(office, alert)
    assert wrong(answer.data) == []
    assert texts(answer, "area") == []
    assert texts(answer, "sent") == ["2026-11-24T02:00:00-00:00"]


def test_a_closed_alert_is_past_and_says_so(office: Office):
    sos(office)
    office.street.make.clock.forward(minutes=1)
    answer = export(office, close(office.street))
    assert wrong(answer.data) == []
    assert texts(answer, "urgency") == ["Past", "Past"]
    assert texts(answer, "note") == ["The alert is closed."]


def test_two_exports_are_two_messages_about_one_incident(office: Office):
    alert = sos(office)
    first = export(office, alert)
    office.street.make.clock.forward(seconds=1)
    second = export(office, alert)
    assert texts(first, "identifier") != texts(second, "identifier")
    assert texts(first, "incidents") == texts(second, "incidents")


@pytest.mark.parametrize("role", [Role.COLLECTOR, Role.AUDITOR, Role.CONTACT_DESK])
def test_who_does_not_read_the_alert_in_full_gets_none(office: Office, role: Role):
    answer = export(office, sos(office), role)
    assert answer.status_code == 403
    assert office.street.place.address not in answer.get_data(as_text=True)

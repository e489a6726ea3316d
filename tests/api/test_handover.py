"""The facts for the police call: who reads them, and what stands in them."""

from datetime import timedelta
from typing import Any

import pytest

from core.words import AlertKind, Role
from models import Alert
from tests.api.conftest import Office
from tests.api.test_incidents import report
from tests.support.make import HANGZHOU

OFFICER, DISPATCHER = Role.SAFETY_OFFICER, Role.DISPATCHER
CAR = "white VW Polo, 浙A·12345"


def sos(office: Office, **facts: Any) -> Alert:
    """Chen calls for help at his visit."""
    street = office.street
    facts.setdefault("position", HANGZHOU)
    street.phone(street.chen).sos(street.visit, **facts)
    [alert] = street.alerts(AlertKind.SOS)
    street.session.commit()
    return alert


def handover(office: Office, alert: Alert, role: Role = OFFICER) -> Any:
    """What somebody in that role is answered."""
    return office[role].get(f"/v1/alerts/{alert.id}/handover")


def test_it_says_who_where_what_and_who_is_on_the_way(office: Office):
    street = office.street
    office[Role.COLLECTOR].put("/v1/mobile/vehicle", {"words": CAR})
    alert = sos(office, words="he has a knife")
    taker = office[OFFICER]
    taker.post(f"/v1/alerts/{alert.id}/acknowledgement")
    street.make.clock.forward(minutes=3)
    found = handover(office, alert).json
    assert found["collector"]["name"] == street.chen.name
    assert found["collector"]["phone"] == street.chen.phone
    assert found["badge"]["number"].startswith("B-")
    assert found["vehicle"] == CAR
    assert found["place"]["address"] == street.place.address
    assert [one["name"] for one in found["partners"]] == [street.wu.name]
    assert found["emergency_phone"] == "110"
    [said] = found["said"]
    assert said["words"] == "he has a knife"
    [helper] = found["helpers"]
    assert helper["owns"] is True
    assert [one["kind"] for one in found["timeline"]][:1] == ["opened"]


def test_positions_come_with_age_and_accuracy_newest_first(office: Office):
    street = office.street
    street.phone(street.chen).check_in(street.visit)
    street.make.clock.forward(minutes=5)
    alert = sos(office)
    street.make.clock.forward(minutes=2)
    first, second = handover(office, alert).json["positions"]
    assert (first["source"], first["age_s"], first["accuracy_m"]) == ("sos", 120, 15.0)
    assert (second["source"], second["age_s"]) == ("check_in", 420)
    assert (first["lat"], first["lon"]) == (HANGZHOU.lat, HANGZHOU.lon)
    assert first["estimated"] is False


def test_without_a_position_the_planned_stop_serves_and_says_so(office: Office):
    street = office.street
    street.phone(street.chen).check_in(street.visit, position=None)
    street.make.clock.forward(minutes=6)
    alert = sos(office, position=None)
    [one] = handover(office, alert).json["positions"]
    assert (one["estimated"], one["source"]) == (True, "planned_stop")
    assert (one["accuracy_m"], one["age_s"]) == (None, 0)
    assert (one["lat"], one["lon"]) == (HANGZHOU.lat, HANGZHOU.lon)


def test_without_a_visit_there_is_no_place_and_nothing_is_invented(office: Office):
    street = office.street
    street.phone(street.zhou).sos(None)
    [alert] = street.alerts(AlertKind.SOS)
    found = handover(office, alert).json
    assert (found["place"], found["positions"], found["visit_start"]) == (
        None,
        [],
        None,
    )
    assert (found["badge"], found["vehicle"], found["helpers"]) == (None, None, [])


def test_what_has_happened_there_is_told_and_the_words_to_officers(office: Office):
    report(office, category="weapon")
    alert = sos(office)
    place = handover(office, alert).json["place"]
    assert place["level"] == "no_visit"
    [one] = place["incidents"]
    assert (one["category"], one["harm"]) == ("weapon", "shaken")
    assert "knife" in one["words"]
    [planner] = handover(office, alert, DISPATCHER).json["place"]["incidents"]
    assert (planner["category"], planner["words"]) == ("weapon", None)


@pytest.mark.parametrize("role", list(Role))
def test_who_reads_the_alert_in_full_reads_it_and_nobody_else(
    office: Office, role: Role
):
    alert = sos(office)
    answer = handover(office, alert, role)
    if role in {OFFICER, DISPATCHER}:
        assert answer.status_code == 200
    else:  # an admin reads those of which he was told
        assert answer.status_code == (404 if role is Role.ADMIN else 403)
        assert office.street.place.address not in answer.get_data(as_text=True)


def test_a_helper_on_the_way_sees_no_more_than_before(office: Office):
    alert = sos(office)
    zhou = office.world.client_as(office.street.zhou)
    assert zhou.post(f"/v1/alerts/{alert.id}/acknowledgement").status_code == 200
    assert zhou.get(f"/v1/alerts/{alert.id}/handover").status_code == 403
    shown = zhou.get(f"/v1/alerts/{alert.id}").json
    assert shown["situation"] is None
    [told] = zhou.get("/v1/mobile/alerts").json["items"]
    assert set(told) == {
        *("id", "reference", "kind", "opened_at", "about_me", "owner"),
        *("owned_until", "collector", "place"),
    }


def test_the_newest_word_about_a_vehicle_holds_whoever_says_it(office: Office):
    chen = office.street.chen
    office[Role.COLLECTOR].put("/v1/mobile/vehicle", {"words": CAR})
    url = f"/v1/users/{chen.id}/vehicle"
    done = office[DISPATCHER].put(url, {"words": "on foot"})
    assert (done.status_code, done.json["words"]) == (200, "on foot")
    alert = sos(office)
    assert handover(office, alert).json["vehicle"] == "on foot"
    office[DISPATCHER].put(url, {"words": None})
    assert handover(office, alert).json["vehicle"] is None
    officer = office.street.officer.id
    answer = office[DISPATCHER].put(f"/v1/users/{officer}/vehicle", {"words": CAR})
    assert answer.status_code == 404


def test_former_vehicles_are_purged_and_the_last_one_stays(office: Office):
    from tests.support.purging import preview, purge

    street = office.street
    client = office[Role.COLLECTOR]
    for words in (CAR, "a red bicycle"):
        client.put("/v1/mobile/vehicle", {"words": words})
    street.make.clock.forward(days=29)
    assert "vehicles" not in preview(street)
    street.make.clock.forward(days=2)
    assert purge(street)["vehicles"] == 1
    alert = sos(office)
    assert handover(office, alert).json["vehicle"] == "a red bicycle"


def test_a_closed_alert_tells_what_was_driven_then(office: Office):
    from tests.support.purging import close

    street = office.street
    office[Role.COLLECTOR].put("/v1/mobile/vehicle", {"words": CAR})
    sos(office)
    street.make.clock.forward(minutes=1)
    alert = close(street)
    street.make.clock.forward(minutes=1)
    office[Role.COLLECTOR].put("/v1/mobile/vehicle", {"words": "a red bicycle"})
    found = handover(office, alert).json
    assert found["vehicle"] == CAR
    assert found["closed_at"] is not None


def test_no_place_of_the_product_promises_that_the_police_come_sooner(office: Office):
    del office
    from tests.contract.test_house import ROOT

    claim = ("priority response", "priority police", "优先出警", "guaranteed response")
    texts = [
        path.read_text(encoding="utf-8").lower()
        for folder in ("server", "api_spec", "docs", "contact", "safety")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in {".py", ".html", ".md", ".toml", ".json"}
    ]
    assert len(texts) > 200
    assert [word for word in claim for text in texts if word in text] == []


def test_age_never_runs_backwards(office: Office):
    """A phone's estimate may lie a moment after the reading."""
    alert = sos(office)
    office.world.clock.forward(seconds=-5)
    ages = [one["age_s"] for one in handover(office, alert).json["positions"]]
    assert ages == [0]
    assert timedelta(0) == timedelta(seconds=ages[0])

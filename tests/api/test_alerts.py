"""Alerts: see, acknowledge, note, close."""

from typing import Any

from core.words import Role
from tests.api.conftest import Office
from tests.support.make import HANGZHOU, PIN
from tests.support.world import Browser

SAFE = {"words": "spoke to him, he is at home"}


def overdue(office: Office) -> str:
    """The path of the alert over a check-out that was missed five minutes ago."""
    street, world = office.street, office.world
    world.channel(street.chen)
    phone = office[Role.COLLECTOR]
    url = f"/v1/mobile/visits/{street.visit.id}"
    phone.post(f"{url}/departure", world.act(buddy_id=str(street.zhou.id)))
    world.clock.forward(minutes=10)
    assert phone.post(f"{url}/check-in", world.act()).status_code == 200
    world.tick(minutes=30)
    world.tick(minutes=5)
    [alert] = street.alerts()
    return f"/v1/alerts/{alert.id}"


def kinds(answer: Any) -> list[str]:
    """The lines of a timeline by kind."""
    return [entry["kind"] for entry in answer.json["timeline"]]


def test_an_alert_shows_what_happened_and_who_was_told(office: Office):
    street, url = office.street, overdue(office)
    alert = office.world.client_as(street.officer).get(url)
    assert alert.json["kind"] == "overdue"
    assert alert.json["user_id"] == str(street.chen.id)
    assert alert.json["visit_id"] == str(street.visit.id)
    assert alert.json["next_action_at"] is not None
    assert {str(street.chen.id), str(street.zhou.id)} <= set(alert.json["told"])
    assert kinds(alert)[0] == "opened"
    assert "step" in kinds(alert)


def test_an_acknowledgement_owns_the_alert_for_the_lease(office: Office):
    url, officer = overdue(office), office.world.client_as(office.street.officer)
    owned = officer.post(f"{url}/acknowledgement")
    assert owned.status_code == 200
    assert owned.json["owner_id"] == str(office.street.officer.id)
    assert owned.json["next_action_at"] == owned.json["owned_until"]
    office.world.tick(minutes=11)
    after = officer.get(url)
    assert after.json["owner_id"] is None
    assert "lease_expired" in kinds(after)


def test_a_colleague_who_was_told_takes_it_and_one_who_was_not_finds_nothing(
    office: Office,
):
    url, street = overdue(office), office.street
    told = office.world.client_as(street.zhou)
    assert told.get(url).status_code == 200
    assert told.post(f"{url}/acknowledgement").json["owner_id"] == str(street.zhou.id)
    stranger = office.world.client_as(office.user(Role.COLLECTOR, on_duty_since=None))
    for method, path in (("get", url), ("post", f"{url}/acknowledgement")):
        assert getattr(stranger, method)(path).status_code == 404


def test_the_endangered_and_his_partner_take_and_close_nothing(office: Office):
    url, street = overdue(office), office.street
    chen = office.world.client_as(street.chen)
    assert chen.post(f"{url}/acknowledgement").status_code == 403
    assert chen.post(f"{url}/notes", SAFE).status_code == 403
    assert chen.post(f"{url}/closing", SAFE).status_code == 403
    partner = office.world.client_as(street.wu)
    assert partner.post(f"{url}/acknowledgement").status_code in {403, 404}
    assert partner.post(f"{url}/closing", SAFE).status_code == 403
    alert = office.world.client_as(street.officer).get(url)
    assert (alert.json["closed_at"], alert.json["owner_id"]) == (None, None)


def test_a_note_stands_on_the_timeline_and_pauses_nothing(office: Office):
    url, officer = overdue(office), office.world.client_as(office.street.officer)
    before = officer.get(url).json
    noted = officer.post(f"{url}/notes", {"words": "the wife answers the phone"})
    assert noted.status_code == 201
    assert noted.json["timeline"][-1]["words"] == "the wife answers the phone"
    assert noted.json["next_action_at"] == before["next_action_at"]


def test_closing_needs_words_and_happens_once(office: Office):
    url, officer = overdue(office), office.world.client_as(office.street.officer)
    assert officer.post(f"{url}/closing", {}).status_code == 422
    assert officer.post(f"{url}/closing", {"words": ""}).status_code == 422
    closed = officer.post(f"{url}/closing", SAFE)
    assert closed.status_code == 200
    assert closed.json["closed_by"] == str(office.street.officer.id)
    assert closed.json["next_action_at"] is None
    for act, body in (("closing", SAFE), ("acknowledgement", None), ("notes", SAFE)):
        assert officer.post(f"{url}/{act}", body).status_code == 409, act
    sent = len(office.world.carried.sent)
    office.world.tick(minutes=10)
    told = [one.kind for one in office.world.carried.sent[sent:]]
    assert "all_clear" in told
    assert "alert_step" not in told


def test_closing_may_go_on_watching(office: Office):
    url, officer = overdue(office), office.world.client_as(office.street.officer)
    assert officer.post(f"{url}/closing", {**SAFE, "rearm_s": 60}).status_code == 200
    office.world.tick(minutes=2)
    assert len(office.street.alerts()) == 2


def raised(office: Office, count: int) -> Browser:
    """So many SOS of different collectors; a dispatcher who looks on."""
    for _ in range(count):
        user = office.make.user(office.organisation, Role.COLLECTOR)
        phone = office.world.client_as(user)
        assert phone.post("/v1/mobile/sos", office.world.act()).status_code == 201
    return office[Role.DISPATCHER]


def test_a_dispatcher_sees_an_sos_and_does_not_close_it(office: Office):
    client = raised(office, 1)
    [alert] = client.get("/v1/alerts").json["items"]
    url = f"/v1/alerts/{alert['id']}"
    assert client.post(f"{url}/acknowledgement").status_code == 200
    assert client.post(f"{url}/closing", SAFE).status_code == 403
    assert office[Role.SAFETY_OFFICER].post(f"{url}/closing", SAFE).status_code == 200


def test_a_walk_through_the_alerts_meets_each_once_newest_first(office: Office):
    client = raised(office, 5)
    walked = office.walk(client, "/v1/alerts")
    assert walked == sorted(set(walked), reverse=True)
    assert len(walked) == 5
    officer = office[Role.SAFETY_OFFICER]
    officer.post(f"/v1/alerts/{walked[1]}/closing", SAFE)
    still_open = office.walk(client, "/v1/alerts", open="true")
    assert still_open == [walked[0], *walked[2:]]


def test_a_check_out_in_time_leaves_no_alert(office: Office):
    street, world = office.street, office.world
    phone = office[Role.COLLECTOR]
    url = f"/v1/mobile/visits/{street.visit.id}"
    world.clock.forward(minutes=10)
    phone.post(f"{url}/check-in", world.act())
    phone.post(f"{url}/check-out", world.act(pin=PIN, outcome="nobody"))
    world.tick(hours=2)
    assert office[Role.DISPATCHER].get("/v1/alerts").json["items"] == []


def told_on(phone: Browser) -> list[Any]:
    """The alerts that a collector's phone shows."""
    answer = phone.get("/v1/mobile/alerts")
    assert answer.status_code == 200
    items: list[Any] = answer.json["items"]
    return items


def test_a_colleague_who_was_told_sees_who_and_where_and_takes_it(office: Office):
    url, street = overdue(office), office.street
    phone = office.world.phone_of(street.zhou)
    [alert] = told_on(phone)
    assert url.endswith(alert["id"])
    assert alert["reference"] == alert["id"].replace("-", "")[-6:].upper()
    assert (alert["kind"], alert["about_me"], alert["owner"]) == (
        "overdue",
        False,
        None,
    )
    assert alert["opened_at"].startswith("2026-11-24T02:40:00")
    chen = {"user_id": str(street.chen.id), "name": street.chen.name}
    assert alert["collector"] == {**chen, "phone": street.chen.phone}
    assert alert["place"]["address"] == street.place.address
    assert alert["place"]["time_zone"] == "Asia/Shanghai"
    assert (alert["place"]["lon"], alert["place"]["kind"]) == (HANGZHOU.lon, "home")
    assert phone.post(f"{url}/acknowledgement").status_code == 200
    assert phone.post(f"{url}/notes", {"words": "on my way"}).status_code == 201
    assert phone.get(url).json["timeline"][-1]["words"] == "on my way"
    [owned] = told_on(phone)
    assert owned["owner"] == {"user_id": str(street.zhou.id), "name": street.zhou.name}
    assert owned["owned_until"] is not None


def test_the_endangered_is_shown_that_an_alert_is_about_him(office: Office):
    overdue(office)
    [alert] = told_on(office.world.phone_of(office.street.chen))
    assert alert["about_me"] is True


def test_who_was_not_told_sees_no_alert_about_anybody(office: Office):
    url, street = overdue(office), office.street
    off = office.user(Role.COLLECTOR, on_duty_since=None)
    abroad = office.make.user(office.make.organisation(), Role.COLLECTOR)
    for stranger in (street.wu, off, abroad):
        phone = office.world.phone_of(stranger)
        assert told_on(phone) == []
        assert phone.post(f"{url}/acknowledgement").status_code == 404
        assert phone.post(f"{url}/notes", SAFE).status_code == 404
    assert office[Role.DISPATCHER].get("/v1/mobile/alerts").status_code == 403


def test_an_alert_without_a_visit_and_one_that_is_closed(office: Office):
    phone = office[Role.COLLECTOR]
    assert phone.post("/v1/mobile/sos", office.world.act()).status_code == 201
    helper = office.world.phone_of(office.street.zhou)
    [alert] = told_on(helper)
    assert (alert["kind"], alert["place"]) == ("sos", None)
    officer = office.world.client_as(office.street.officer)
    closed = officer.post(f"/v1/alerts/{alert['id']}/closing", SAFE)
    assert closed.status_code == 200
    assert told_on(helper) == []


def test_a_phone_that_was_logged_out_helps_nobody(office: Office):
    url, street = overdue(office), office.street
    phone = office.world.phone_of(street.zhou)
    admin = office[Role.ADMIN]
    assert admin.post(f"/v1/users/{street.zhou.id}/suspension").status_code == 200
    assert phone.get("/v1/mobile/alerts").status_code == 401
    assert phone.post(f"{url}/acknowledgement").status_code == 401


def test_an_officer_learns_where_he_is_who_is_with_him_and_what_he_said(
    office: Office,
):
    street, url = office.street, overdue(office)
    fix = {"lon": 120.2, "lat": 30.3, "datum": "wgs84", "accuracy_m": 12}
    phone = office.world.phone_of(street.chen)
    phone.post("/v1/mobile/sos", office.world.act(position=fix, words="三楼"))
    known = office.world.client_as(street.officer).get(url).json["situation"]
    assert known["collector"]["phone"] == street.chen.phone
    assert known["buddy"]["user_id"] == str(street.zhou.id)
    assert [one["user_id"] for one in known["partners"]] == [str(street.wu.id)]
    assert (known["place"]["lon"], known["place"]["kind"]) == (HANGZHOU.lon, "home")
    assert [one["words"] for one in known["said"]] == ["三楼"]
    last = known["last_position"]
    assert (last["lon"], last["lat"], last["accuracy_m"]) == (120.2, 30.3, 12)


def test_a_colleague_reads_no_words_and_no_position(office: Office):
    url = overdue(office)
    seen = office.world.phone_of(office.street.zhou).get(url)
    assert (seen.status_code, seen.json["situation"]) == (200, None)

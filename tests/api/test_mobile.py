"""The collector's shift over HTTP."""

from datetime import timedelta
from typing import Any

from sqlalchemy import func, select

from core import ids
from core.words import Role, UserState
from models import Alert, Borrower, Watch, WatchEvent
from models.sealed import Envelope, ring
from tests.api.conftest import Office
from tests.support.make import HANGZHOU, PIN

FIX = {"lon": HANGZHOU.lon, "lat": HANGZHOU.lat, "datum": "wgs84", "accuracy_m": 12.5}
AWAY = {"pin": PIN, "outcome": "nobody"}


def act(office: Office, name: str, **facts: object) -> Any:
    """The answer to one act of the collector at the street's visit."""
    url = f"/v1/mobile/visits/{office.street.visit.id}/{name}"
    return office[Role.COLLECTOR].post(url, office.world.act(**facts))


def stored(office: Office, model: type) -> int:
    """Rows of a table."""
    found = office.street.session.scalar(select(func.count()).select_from(model))
    office.street.session.commit()
    assert found is not None
    return found


def test_the_day_says_where_to_go_and_whom_to_call(office: Office):
    day = office[Role.COLLECTOR].get("/v1/mobile/day").json
    assert day["server_time"].startswith("2026-11-24T02:00:00")
    assert day["fallback"] == ["+8657188880000"]
    assert day["emergency_phone"] == "110"
    [stop] = day["visits"]
    street = office.street
    assert stop["visit_id"] == str(street.visit.id)
    assert stop["address"] == street.place.address
    assert [one["name"] for one in stop["partners"]] == [street.wu.name]
    free = office.world.client_as(street.zhou).get("/v1/mobile/day").json
    assert free["visits"] == []


def test_damaged_values_cost_nobody_the_rest_of_his_day(office: Office):
    street = office.street
    office.world.clock.forward(minutes=10)
    assert act(office, "check-in").status_code == 200
    damaged = ring.keyring.seal("x", bound_to="another row")
    place = street.place
    borrower = street.session.get_one(Borrower, street.case.borrower_id)
    place.position_sealed = place.address_sealed = Envelope(damaged)
    borrower.name_sealed = street.wu.name_sealed = Envelope(damaged)
    answer = office[Role.COLLECTOR].get("/v1/mobile/day")
    assert answer.status_code == 200
    assert answer.json["watch"]["watched"] is True
    assert answer.json["fallback"] == ["+8657188880000"]
    [stop] = answer.json["visits"]
    assert [stop[word] for word in ("lon", "lat", "address")] == [None] * 3
    assert [stop["borrower_name"], stop["partners"][0]["name"]] == ["", ""]


def test_the_day_names_those_who_may_be_buddy_and_they_are_taken(office: Office):
    street = office.street
    office.world.channel(office.street.chen)
    officer = office.user(Role.SAFETY_OFFICER)
    office.user(Role.COLLECTOR, on_duty_since=None)
    office.user(Role.COLLECTOR, state=UserState.SUSPENDED)
    office.user(Role.DISPATCHER, phone=None)
    for role in (Role.ADMIN, Role.AUDITOR, Role.CONTACT_DESK):
        office.user(role)
    office.make.user(office.make.organisation(), Role.COLLECTOR)
    able = (street.wu, street.zhou, street.officer, street.dispatcher, officer)
    listed = office[Role.COLLECTOR].get("/v1/mobile/day").json["colleagues"]
    names = {one["user_id"]: one["name"] for one in listed}
    assert names == {str(one.id): one.name for one in able}
    for buddy in able[1:]:
        assert act(office, "departure", buddy_id=str(buddy.id)).status_code == 200
    assert act(office, "departure", buddy_id=str(street.wu.id)).status_code == 422


def test_a_restarted_phone_learns_from_the_day_that_it_is_watched(office: Office):
    phone = office.world.phone_of(office.street.chen)
    assert phone.get("/v1/mobile/day").json["watch"] is None
    office.world.clock.forward(minutes=10)
    armed = act(office, "check-in").json["watch"]
    assert armed["watched"] is True
    assert phone.get("/v1/mobile/day").json["watch"] == armed
    later = timedelta(minutes=31)
    chen, place = office.street.chen, office.street.place
    next_door = office.make.visit(place, [chen], starts_in=later)
    url = f"/v1/mobile/visits/{next_door.id}/check-in"
    newer = phone.post(url, office.world.act()).json["watch"]
    assert phone.get("/v1/mobile/day").json["watch"] == newer
    assert newer["visit_id"] == str(next_door.id)
    office.world.tick(minutes=40)
    late = phone.get("/v1/mobile/day").json["watch"]
    assert (late["id"], late["state"]) == (newer["id"], "overdue")
    gone = office.world.act(**AWAY)
    phone.post(url.replace("check-in", "check-out"), gone)
    assert phone.get("/v1/mobile/day").json["watch"] is None


def test_a_shift_from_departure_to_check_out(office: Office):
    clock = office.world.clock
    office.world.channel(office.street.chen)
    left = act(office, "departure", buddy_id=str(office.street.zhou.id))
    assert (left.status_code, left.json["watch"]) == (200, None)
    clock.forward(minutes=10)
    arrived = act(office, "check-in", position=FIX, recording=True).json
    assert arrived["stored"] is True
    assert arrived["contact"] == "allowed"
    assert arrived["watch"]["watched"] is True
    assert arrived["watch"]["due"].startswith("2026-11-24T02:40:00")
    assert arrived["fence"]["outside"] is False
    longer = act(office, "extension", pin=PIN, extend_s=600).json
    assert longer["watch"]["due"].startswith("2026-11-24T02:50:00")
    clock.forward(minutes=20)
    gone = act(office, "check-out", position=FIX, **AWAY).json
    assert gone["watch"]["watched"] is False
    assert gone["outcome"] == "nobody"
    assert gone["fallback"] == ["+8657188880000"]


def test_the_same_event_gets_the_same_answer_and_one_row(office: Office):
    office.world.clock.forward(minutes=10)
    body = office.world.act(position=FIX)
    url = f"/v1/mobile/visits/{office.street.visit.id}/check-in"
    phone = office[Role.COLLECTOR]
    first = phone.post(url, body)
    office.world.clock.forward(minutes=3)
    again = phone.post(url, body)
    assert (again.status_code, again.json) == (200, first.json)
    assert stored(office, WatchEvent) == stored(office, Watch) == 1


def test_an_event_id_serves_one_event(office: Office):
    office.world.clock.forward(minutes=10)
    body = office.world.act()
    url = f"/v1/mobile/visits/{office.street.visit.id}"
    phone = office[Role.COLLECTOR]
    assert phone.post(f"{url}/check-in", body).status_code == 200
    other = phone.post(f"{url}/check-out", {**body, **AWAY})
    assert other.status_code == 409
    assert office.street.watch(office.street.chen).closed_at is None


def test_a_wrong_pin_closes_nothing_and_is_remembered(office: Office):
    office.world.clock.forward(minutes=10)
    act(office, "check-in")
    wrong = act(office, "check-out", pin="0000", outcome="nobody")
    assert wrong.status_code == 200
    assert wrong.json["result"] != "ok"
    assert wrong.json["watch"]["watched"] is True
    assert stored(office, WatchEvent) == 2


def test_a_check_in_far_away_is_watched_and_flagged(office: Office):
    office.world.clock.forward(minutes=10)
    far = {**FIX, "lon": HANGZHOU.lon + 0.02}
    answer = act(office, "check-in", position=far).json
    assert answer["watch"]["watched"] is True
    assert answer["fence"]["outside"] is True
    assert answer["fence"]["reason_wanted"] is True
    assert 1500 < answer["fence"]["distance_m"] < 2500


def test_who_plans_and_audits_sees_each_check_in_and_no_position(office: Office):
    office.world.clock.forward(minutes=10)
    url = f"/v1/visits/{office.street.visit.id}"
    assert office[Role.AUDITOR].get(url).json["door"] == []
    act(office, "check-in")
    far = {**FIX, "lon": HANGZHOU.lon + 0.02}
    act(office, "check-in", position=far, words="the gate is on the other side")
    act(office, "check-in", position=FIX)
    for role in (Role.DISPATCHER, Role.AUDITOR, Role.SAFETY_OFFICER):
        door = office[role].get(url).json["door"]
        told = [(one["outside_fence"], one["reason_given"]) for one in door]
        assert told == [(None, False), (True, True), (False, False)]
        assert {one["user_id"] for one in door} == {str(office.street.chen.id)}
        assert door[0]["checked_in_at"].startswith("2026-11-24T02:10:00")
        assert not {"position", "lon", "words"} & door[0].keys()
    assert office[Role.COLLECTOR].get(url).status_code == 403


UNSET = {"occurred_at": "1970-01-01T00:05:00Z", "sent_at": "1970-01-01T00:05:00Z"}


def test_a_check_in_by_a_clock_that_was_never_set_counts_from_its_receipt(
    office: Office,
):
    office.world.clock.forward(minutes=10)
    alone = act(office, "check-in", occurred_at=UNSET["occurred_at"], sent_at=None)
    assert alone.json["watch"]["due"].startswith("2026-11-24T02:40:00")
    body = office.world.act(**UNSET, **AWAY)
    url = f"/v1/mobile/visits/{office.street.visit.id}/check-out"
    phone = office[Role.COLLECTOR]
    first = phone.post(url, body)
    assert first.json["watch"]["watched"] is False
    again = phone.post(url, {**body, "sent_at": office.world.clock.now().isoformat()})
    assert again.json == first.json


def test_two_readings_of_one_unset_clock_still_say_how_long_ago(office: Office):
    office.world.clock.forward(minutes=20)
    sent = {**UNSET, "sent_at": "1970-01-01T00:15:00Z"}
    late = act(office, "check-in", **sent)
    assert late.json["watch"]["due"].startswith("2026-11-24T02:40:00")


def test_a_check_out_by_an_unset_clock_answers_for_no_later_check_in(office: Office):
    phone = office[Role.COLLECTOR]
    url = f"/v1/mobile/visits/{office.street.visit.id}"
    ahead = phone.post(f"{url}/check-out", office.world.act(**UNSET, **AWAY))
    assert ahead.json["result"] == "before_check_in"
    office.world.clock.forward(minutes=10)
    arrived = phone.post(f"{url}/check-in", office.world.act(**UNSET))
    assert arrived.json["watch"]["watched"] is True


def test_a_position_of_unknown_accuracy_is_left_out_of_a_check_in(office: Office):
    office.world.clock.forward(minutes=10)
    answer = act(office, "check-in", position={**FIX, "accuracy_m": -1}).json
    assert (answer["watch"]["watched"], answer["fence"]) == (True, None)


def test_a_check_in_at_a_forbidden_hour_is_watched_and_sent_away(office: Office):
    office.world.clock.forward(hours=13)
    answer = act(office, "check-in", position=FIX)
    assert answer.status_code == 200
    assert answer.json["contact"] == "refused"
    assert answer.json["leave_now"] is True
    assert "CN-HRS-1" in {reason["rule_id"] for reason in answer.json["reasons"]}
    assert answer.json["watch"]["watched"] is True


def test_a_departure_needs_a_buddy_who_can_help(office: Office):
    street = office.street
    office.world.channel(office.street.chen)
    resting = office.user(Role.COLLECTOR, on_duty_since=None)
    for buddy in (street.wu, street.chen, resting):
        refused = act(office, "departure", buddy_id=str(buddy.id))
        assert refused.status_code == 422
        assert "buddy_id" in refused.json["fields"]
    assert stored(office, WatchEvent) == 0


def test_a_departure_at_a_forbidden_hour_is_refused_with_every_reason(office: Office):
    office.world.channel(office.street.chen)
    office.world.clock.forward(hours=13)
    refused = act(office, "departure", buddy_id=str(office.street.zhou.id))
    assert refused.status_code == 409
    assert refused.json["reasons"]
    assert stored(office, WatchEvent) == 0


def test_a_withdrawal_keeps_the_watch(office: Office):
    office.world.clock.forward(minutes=10)
    act(office, "check-in")
    answer = act(office, "withdrawal", position=FIX)
    assert answer.status_code == 200
    assert answer.json["watch"]["watched"] is True


def test_an_sos_needs_nothing_but_itself_and_opens_one_alert(office: Office):
    phone, body = office[Role.COLLECTOR], office.world.act()
    first = phone.post("/v1/mobile/sos", body)
    assert first.status_code == 201
    assert first.json["stored"] is True
    assert first.json["emergency_phone"] == "110"
    assert phone.post("/v1/mobile/sos", body).json == first.json
    more = phone.post("/v1/mobile/sos", office.world.act(position=FIX, words="here"))
    assert more.status_code == 201
    assert stored(office, Alert) == 1


def test_an_sos_with_a_visit_of_nobody_still_stands(office: Office):
    body = office.world.act(visit_id="00000000-0000-7000-8000-000000000000")
    assert office[Role.COLLECTOR].post("/v1/mobile/sos", body).status_code == 201
    assert stored(office, Alert) == 1


def test_a_problem_tells_the_phone_the_time_and_whom_to_ring(office: Office):
    phone = office.world.phone_of(office.street.chen)
    nowhere = f"/v1/mobile/visits/{ids.new()}"
    answers = [
        phone.post(f"{nowhere}/check-in", office.world.act()),
        phone.post("/v1/mobile/sos", {}),
        phone.client.post("/v1/mobile/sos", data=b"{", headers=phone.headers),
    ]
    assert [one.status_code for one in answers] == [404, 422, 415]
    for answer in answers:
        assert answer.json["server_time"].startswith("2026-11-24T02:00:00")
        assert answer.json["fallback"] == ["+8657188880000"]
    elsewhere = office[Role.DISPATCHER].get(f"/v1/visits/{ids.new()}").json
    assert not {"server_time", "fallback"} & elsewhere.keys()


def test_a_phone_whose_token_ended_is_told_whom_to_ring_and_a_stranger_is_not(
    office: Office,
):
    phone = office.world.phone_of(office.street.chen)
    admin = office[Role.ADMIN]
    admin.post(f"/v1/users/{office.street.chen.id}/suspension")
    ended = phone.get("/v1/mobile/day")
    assert (ended.status_code, ended.json["fallback"]) == (401, ["+8657188880000"])
    stranger = office.world.client_as(None).get("/v1/mobile/day")
    assert stranger.status_code == 401
    assert stranger.json["server_time"].startswith("2026-11-24T02:00:00")
    assert "fallback" not in stranger.json


def test_only_a_token_of_nobody_and_a_visit_of_nobody_keep_a_check_in_out(
    office: Office,
):
    street, world = office.street, office.world
    office.world.clock.forward(minutes=10)
    used = world.act()
    chen, zhou = world.phone_of(street.chen), world.phone_of(street.zhou)
    assert chen.post("/v1/mobile/sos", used).status_code == 201
    office[Role.ADMIN].post(f"/v1/users/{street.chen.id}/suspension")
    dispatcher = office[Role.DISPATCHER]
    gone = dispatcher.post(
        f"/v1/visits/{street.visit.id}/cancellation", {"reason": "borrower_asked"}
    )
    assert gone.status_code == 200
    url = "/v1/mobile/visits/{}/check-in"
    for phone, body in ((chen, used), (zhou, world.act())):
        answer = phone.post(url.format(street.visit.id), body)
        assert answer.status_code == 200
        assert answer.json["watch"]["watched"] is True
        assert (answer.json["contact"], answer.json["leave_now"]) == ("refused", True)
    nowhere = zhou.post(url.format(ids.new()), world.act())
    assert (nowhere.status_code, nowhere.json["fallback"]) == (404, ["+8657188880000"])
    nobody = world.client_as(None).post(url.format(street.visit.id), world.act())
    assert nobody.status_code == 401


def test_a_suspended_collectors_phone_gets_a_lost_answer_again(office: Office):
    street, world = office.street, office.world
    world.clock.forward(minutes=10)
    phone, url = world.phone_of(street.chen), f"/v1/mobile/visits/{street.visit.id}"
    assert phone.post(f"{url}/check-in", world.act()).status_code == 200
    admin = office[Role.ADMIN]
    admin.post(f"/v1/users/{street.chen.id}/suspension")
    leaving = world.act(pin=PIN, outcome="nobody")
    first = phone.post(f"{url}/check-out", leaving)
    assert first.status_code == 200
    assert phone.post(f"{url}/check-out", leaving).json == first.json
    world.clock.forward(hours=13)
    assert phone.post(f"{url}/check-out", leaving).status_code == 401

"""Visits before the door."""

from datetime import timedelta
from typing import Any

from core.words import Role
from models import Visit
from tests.api.conftest import Office
from tests.support.world import Browser


def plan(
    office: Office, client: Browser, *, hours: float = 2, **changes: object
) -> Any:
    """The answer to a visit by two at the street's place."""
    start = office.world.clock.now() + timedelta(hours=hours)
    body = {
        "case_id": str(office.street.case.id),
        "place_id": str(office.street.place.id),
        "planned_start": start.isoformat(),
        "people": 2,
        **changes,
    }
    return client.post("/v1/visits", body)


def crew(office: Office) -> dict[str, list[str]]:
    """The pair of the street."""
    return {"user_ids": [str(office.street.chen.id), str(office.street.wu.id)]}


def published(office: Office, client: Browser) -> str:
    """The path of a published visit."""
    url = f"/v1/visits/{plan(office, client).json['id']}"
    assert client.put(f"{url}/visitors", crew(office)).status_code == 200
    assert client.post(f"{url}/publication").status_code == 200
    return url


def test_a_visit_goes_from_proposed_to_published(office: Office):
    client = office[Role.DISPATCHER]
    made = plan(office, client)
    assert (made.status_code, made.json["state"]) == (201, "proposed")
    assert made.json["planned_end"].startswith("2026-11-24T04:30:00")  # 30 minutes
    assert made.json["visitors"] == []
    url = f"/v1/visits/{made.json['id']}"
    assigned = client.put(f"{url}/visitors", crew(office)).json
    assert assigned["state"] == "assigned"
    assert [one["user_id"] for one in assigned["visitors"]] == crew(office)["user_ids"]
    assert all(one["badge_id"] and one["active"] for one in assigned["visitors"])
    done = client.post(f"{url}/publication").json
    assert (done["state"], done["notice"] != "") == ("published", True)
    assert client.get(url).json["state"] == "published"


def test_a_proposal_against_the_law_is_refused_and_not_stored(office: Office):
    client = office[Role.DISPATCHER]
    before = client.get("/v1/visits").json
    night = plan(office, client, hours=13)
    assert night.status_code == 409
    assert night.json["decision"]["refusals"]
    alone = plan(office, client, people=1)
    assert alone.status_code == 409
    assert client.get("/v1/visits").json == before


def test_a_window_that_makes_no_sense_is_refused(office: Office):
    client, now = office[Role.DISPATCHER], office.world.clock.now()
    for start, end in ((2, 2), (3, 2), (2, 24 * 365 * 50), (-3, -2)):
        times = {"planned_end": (now + timedelta(hours=end)).isoformat()}
        answer = plan(office, client, hours=start, **times)
        assert answer.status_code in {409, 422}, (start, end)


def test_nobody_is_at_two_doors_at_once(office: Office):
    client = office[Role.DISPATCHER]
    published(office, client)
    second = plan(office, client, hours=2.25)
    url = f"/v1/visits/{second.json['id']}"
    refused = client.put(f"{url}/visitors", crew(office))
    assert refused.status_code == 409
    assert client.get(url).json["visitors"] == []
    after = plan(office, client, hours=2.5)  # begins as the first one ends
    url = f"/v1/visits/{after.json['id']}"
    assert client.put(f"{url}/visitors", crew(office)).status_code == 200


def test_nobody_comes_alone_where_two_are_asked_for(office: Office):
    client = office[Role.DISPATCHER]
    url = f"/v1/visits/{plan(office, client).json['id']}"
    assert client.post(f"{url}/publication").status_code == 409
    alone = {"user_ids": [str(office.street.chen.id)]}
    assert client.put(f"{url}/visitors", alone).status_code == 409
    twice = {"user_ids": alone["user_ids"] * 2}
    assert client.put(f"{url}/visitors", twice).status_code in {409, 422}
    officer = {"user_ids": [*alone["user_ids"], str(office.street.officer.id)]}
    assert client.put(f"{url}/visitors", officer).status_code == 409


def test_another_window_asks_to_publish_anew(office: Office):
    client = office[Role.DISPATCHER]
    url = published(office, client)
    start = office.world.clock.now() + timedelta(hours=4)
    moved = client.put(f"{url}/window", {"planned_start": start.isoformat()})
    assert moved.status_code == 200
    assert moved.json["planned_start"].startswith("2026-11-24T06:00:00")
    assert moved.json["state"] == "assigned"
    assert client.post(f"{url}/publication").json["state"] == "published"
    night = {"planned_start": (start + timedelta(hours=10)).isoformat()}
    assert client.put(f"{url}/window", night).status_code == 409
    assert client.get(url).json["state"] == "published"


def test_a_cancelled_visit_stays_cancelled(office: Office):
    client = office[Role.DISPATCHER]
    url = published(office, client)
    why = {"reason": "borrower_asked"}
    assert client.post(f"{url}/cancellation", why).json["state"] == "cancelled"
    assert client.post(f"{url}/cancellation", why).status_code == 409
    assert client.post(f"{url}/publication").status_code == 409
    assert client.put(f"{url}/visitors", crew(office)).status_code == 409
    assert client.get(url).json["state"] == "cancelled"
    again = plan(office, client).json  # the pair is free again
    assigned = client.put(f"/v1/visits/{again['id']}/visitors", crew(office))
    assert assigned.status_code == 200


def test_a_reason_is_one_plain_word(office: Office):
    client = office[Role.DISPATCHER]
    url = f"/v1/visits/{plan(office, client).json['id']}"
    for reason in ("王某 asked", "Asked", "no", "a" * 41, "asked\n"):
        body = {"reason": reason}
        assert client.post(f"{url}/cancellation", body).status_code == 422
    assert client.get(url).json["state"] == "proposed"


def test_a_walk_through_the_visits_meets_each_once(office: Office):
    client = office[Role.DISPATCHER]
    made = [plan(office, client, hours=2 + number).json["id"] for number in range(4)]
    walked = office.walk(client, "/v1/visits")
    assert walked == sorted({*made, str(office.street.visit.id)})
    assert office.make.session.get_one(Visit, office.street.visit.id)

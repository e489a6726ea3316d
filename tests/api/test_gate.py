"""The gate's decisions over HTTP."""

from datetime import datetime, timedelta

from core.words import Role
from tests.api.conftest import Office


def question(office: Office, **changes: object) -> dict[str, object]:
    """May a pair call at the street's door at noon?"""
    start = office.world.clock.now() + timedelta(hours=2)
    return {
        "case_id": str(office.street.case.id),
        "place_id": str(office.street.place.id),
        "channel": "visit",
        "start": start.isoformat(),
        "end": (start + timedelta(minutes=30)).isoformat(),
        "people": 2,
        **changes,
    }


def test_a_pair_at_noon_is_allowed_with_its_obligations(office: Office):
    answer = office[Role.DISPATCHER].post("/v1/gate/decisions", question(office))
    assert answer.status_code == 200
    assert answer.json["allowed"] is True
    assert answer.json["refusals"] == []
    assert answer.json["jurisdiction"].startswith("CN")
    rules = {duty["rule_id"]: duty for duty in answer.json["obligations"]}
    assert {"CN-PLC-1", "CN-REC-1"} <= rules.keys()
    assert all(duty["source"] and duty["stage"] for duty in rules.values())


def test_every_reason_of_a_refusal_is_named_with_its_source(office: Office):
    night = datetime.fromisoformat("2026-11-24T15:00:00+00:00")
    times = {
        "start": night.isoformat(),
        "end": (night + timedelta(hours=1)).isoformat(),
    }
    asked = question(office, people=1, **times)
    answer = office[Role.AUDITOR].post("/v1/gate/decisions", asked).json
    assert answer["allowed"] is False
    rules = {reason["rule_id"] for reason in answer["refusals"]}
    assert {"CN-HRS-1", "CN-STF-1"} <= rules
    for reason in answer["refusals"]:
        assert all(
            reason[name] for name in ("source", "status", "words_en", "words_zh")
        )


def test_a_channel_without_rules_is_refused(office: Office):
    client = office[Role.CONTACT_DESK]
    for channel in ("call", "sms", "email", "letter"):
        answer = client.post("/v1/gate/decisions", question(office, channel=channel))
        assert answer.status_code == 200
        assert answer.json["allowed"] is False
        assert answer.json["refusals"]


def test_an_interval_that_ends_before_it_starts_is_refused(office: Office):
    asked = question(office)
    asked["end"] = asked["start"]
    answer = office[Role.DISPATCHER].post("/v1/gate/decisions", asked)
    assert answer.status_code == 422
    assert "end" in answer.json["fields"]["json"]


def test_asking_leaves_nothing_behind_and_answers_the_same(office: Office):
    client, asked = office[Role.DISPATCHER], question(office)
    first = client.post("/v1/gate/decisions", asked).json
    assert client.post("/v1/gate/decisions", asked).json == first
    ledger = client.get("/v1/contacts", case_id=asked["case_id"])
    assert ledger.json["items"] == []

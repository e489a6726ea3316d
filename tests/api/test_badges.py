"""Badges: issue, suspend, reinstate, revoke."""

from datetime import timedelta

from core.words import Role
from tests.api.conftest import Office

WHY = {"reason": "under review"}


def a_badge(office: Office, **changes: object) -> dict[str, object]:
    """The body of a badge for the street's collector."""
    now = office.world.clock.now()
    return {
        "user_id": str(office.street.zhou.id),
        "number": "HZ-0001",
        "public_name": "周先生",
        "licence": "L-77",
        "valid_from": now.isoformat(),
        "valid_to": (now + timedelta(days=90)).isoformat(),
        **changes,
    }


def test_a_badge_is_issued_and_reads_back(office: Office):
    admin = office[Role.ADMIN]
    made = admin.post("/v1/badges", a_badge(office))
    assert made.status_code == 201
    assert made.json["state"] == "active"
    assert made.json["public_name"] == "周先生"
    read = office[Role.AUDITOR].get(f"/v1/badges/{made.json['id']}")
    assert read.json == made.json


def test_a_number_is_given_once(office: Office):
    admin = office[Role.ADMIN]
    admin.post("/v1/badges", a_badge(office))
    again = admin.post("/v1/badges", a_badge(office, licence="L-78"))
    assert again.status_code == 409
    assert again.json["field"] == "number"


def test_a_badge_that_would_not_convince_is_refused(office: Office):
    admin, now = office[Role.ADMIN], office.world.clock.now()
    officer = str(office.street.officer.id)
    for change in (
        {"valid_to": now.isoformat()},
        {"public_name": "Mr Debt Collector"},
        {"public_name": "\u202e"},
        {"user_id": officer},
        {"number": ""},
    ):
        refused = admin.post("/v1/badges", a_badge(office, **change))
        assert refused.status_code == 422, change
    assert "HZ-0001" not in admin.get("/v1/badges").get_data(as_text=True)


def test_a_badge_moves_only_as_its_state_allows(office: Office):
    admin = office[Role.ADMIN]
    badge = admin.post("/v1/badges", a_badge(office)).json
    url = f"/v1/badges/{badge['id']}"
    assert admin.post(f"{url}/reinstatement", WHY).status_code == 409
    assert admin.post(f"{url}/suspension", WHY).json["state"] == "suspended"
    twice = admin.post(f"{url}/suspension", WHY)
    assert (twice.status_code, twice.json["state"]) == (409, "suspended")
    assert admin.post(f"{url}/reinstatement", WHY).json["state"] == "active"
    assert admin.post(f"{url}/revocation", WHY).json["state"] == "revoked"
    for act in ("suspension", "reinstatement", "revocation"):
        assert admin.post(f"{url}/{act}", WHY).status_code == 409
    assert admin.get(url).json["state"] == "revoked"


def test_a_walk_through_the_badges_meets_each_once(office: Office):
    admin = office[Role.ADMIN]
    for number in range(3):
        admin.post("/v1/badges", a_badge(office, number=f"N-{number}"))
    walked = office.walk(admin, "/v1/badges")
    assert walked == sorted(set(walked))
    assert len(walked) == 5  # the pair of the street has one each

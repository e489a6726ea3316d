"""The organisation's settings and its channels."""

from core.words import Role
from tests.api.conftest import Office

WEBHOOK = {
    "kind": "webhook",
    "rank": 0,
    "target": "https://gateway.example/send",
    "secret": "a-secret-of-the-gateway",
}


def test_everybody_reads_the_organisation(office: Office):
    answer = office[Role.COLLECTOR].get("/v1/organisation")
    assert answer.json["slug"] == office.organisation.slug
    assert answer.json["fence_m"] == 300
    assert answer.json["fallback_phones"] == ["+8657188880000"]


def test_only_what_is_named_changes(office: Office):
    admin = office[Role.ADMIN]
    before = admin.get("/v1/organisation").json
    changed = admin.patch("/v1/organisation", {"fence_m": 500})
    assert changed.json == {**before, "fence_m": 500}
    assert admin.get("/v1/organisation").json == changed.json
    assert admin.patch("/v1/organisation", {}).json == changed.json


def test_no_protection_can_be_switched_off(office: Office):
    admin = office[Role.ADMIN]
    before = admin.get("/v1/organisation").json
    for field, value in (
        ("fence_m", 0),
        ("visit_length_s", 4),
        ("leave_now_s", 601),
        ("extension_max_s", 3601),
        ("fallback_phones", []),
        ("fallback_phones", ["12"]),
        ("emergency_phone", "help"),
        ("public_name", "Westlake Debt Collection"),
        ("slug", "another"),
    ):
        change = {"leave_now_s": 300, field: value}
        refused = admin.patch("/v1/organisation", change)
        assert refused.status_code == 422, field
        assert field in str(refused.json["fields"])
    assert admin.get("/v1/organisation").json == before


def test_a_channel_never_shows_where_it_leads(office: Office):
    admin = office[Role.ADMIN]
    made = admin.post("/v1/channels", WEBHOOK)
    assert made.status_code == 201
    assert set(made.json) == {"id", "kind", "rank", "enabled"}
    shown = admin.get("/v1/channels").get_data(as_text=True)
    assert "gateway" not in shown
    assert made.json["id"] in shown


def test_a_rank_is_taken_once(office: Office):
    admin = office[Role.ADMIN]
    admin.post("/v1/channels", WEBHOOK)
    again = admin.post("/v1/channels", {"kind": "console", "rank": 0})
    assert again.status_code == 409
    assert again.json["field"] == "rank"


def test_a_channel_that_could_not_carry_is_refused(office: Office):
    admin = office[Role.ADMIN]
    for change in (
        {"target": None},
        {"secret": None},
        {"secret": "short"},
        {"target": "ftp://gateway.example"},
        {"target": "gateway"},
        {"target": "http://gateway.example/send"},
        {"target": "https://169.254.169.254/latest"},
        {"target": "https://localhost.localdomain@10.0.0.1/"},
        {"kind": "console"},
        {"rank": -1},
    ):
        refused = admin.post("/v1/channels", {**WEBHOOK, **change})
        assert refused.status_code == 422, change
    assert admin.get("/v1/channels").json["items"] == []


def test_a_channel_is_switched_off_and_on(office: Office):
    admin = office[Role.ADMIN]
    made = admin.post("/v1/channels", WEBHOOK).json
    url = f"/v1/channels/{made['id']}/enabled"
    assert admin.put(url, {"enabled": False}).json["enabled"] is False
    assert admin.put(url, {"enabled": False}).json["enabled"] is False
    assert admin.put(url, {"enabled": True}).json == made


def test_a_walk_through_the_channels_meets_each_once_in_their_order(office: Office):
    admin = office[Role.ADMIN]
    made = {
        rank: admin.post("/v1/channels", {"kind": "console", "rank": rank}).json["id"]
        for rank in (4, 2, 9, 0, 7)
    }
    walked = office.walk(admin, "/v1/channels")
    assert walked == [made[rank] for rank in sorted(made)]

"""The ladders that alerts climb."""

import pytest

from core.words import Role
from tests.api.conftest import Office
from tests.support.world import Browser

EVERYONE = {"kind": "role", "role": "safety_officer"}
OFFICERS = [{"kind": "rota"}, EVERYONE]
COLLECTOR = {"kind": "collector"}


def changed(client: Browser, **changes: object):
    """The answer to another ladder for an overdue watch."""
    ladder = client.get("/v1/policies/overdue").json
    body = {name: ladder[name] for name in ("steps", "repeat_s", "lease_s")}
    return client.put("/v1/policies/overdue", {**body, **changes})


def test_the_standard_ladder_reads_as_promised(office: Office):
    policy = office[Role.AUDITOR].get("/v1/policies/overdue").json
    assert [step["delay_s"] for step in policy["steps"]] == [0, 150, 300, 600, 900]
    assert policy["steps"][2]["recipients"] == [
        {"kind": "buddy"},
        {"kind": "nearest", "count": 2},
    ]
    assert (policy["kind"], policy["repeat_s"], policy["lease_s"]) == (
        "overdue",
        180,
        600,
    )


def test_a_gap_is_named_until_a_channel_wakes_people(office: Office):
    officer = office[Role.SAFETY_OFFICER]
    assert officer.get("/v1/policies/overdue").json["gaps"]
    office.world.channel(office.street.chen)
    assert officer.get("/v1/policies/overdue").json["gaps"] == []


def test_another_ladder_stands_at_once_and_twice_the_same_is_harmless(office: Office):
    officer = office[Role.SAFETY_OFFICER]
    steps = [{"delay_s": 0, "recipients": [COLLECTOR]}]
    steps.append({"delay_s": 60, "recipients": OFFICERS})
    for _ in range(2):
        answer = changed(officer, steps=steps, repeat_s=60)
        assert answer.status_code == 200, answer.json
        assert answer.json["steps"] == steps
    again = officer.get("/v1/policies/overdue").json
    assert (again["steps"], again["repeat_s"]) == (steps, 60)
    assert officer.get("/v1/policies/sos").json["repeat_s"] == 180


def test_a_ladder_that_would_not_protect_is_refused(office: Office):
    admin = office[Role.ADMIN]
    before = admin.get("/v1/policies/overdue").json
    alone = [{"delay_s": 0, "recipients": [COLLECTOR]}]
    backwards = [{"delay_s": one, "recipients": OFFICERS} for one in (60, 0)]
    for change in (
        {"steps": []},
        {"steps": alone},
        {"steps": backwards},
        {"steps": [{"delay_s": 0, "recipients": []}]},
        {"steps": [{"delay_s": 1801, "recipients": OFFICERS}]},
        {"repeat_s": 0},
        {"repeat_s": 301},
        {"lease_s": 4},
    ):
        assert changed(admin, **change).status_code == 422, change
    assert admin.get("/v1/policies/overdue").json == before


def test_every_kind_of_recipient_reads_back_as_it_was_written(office: Office):
    street = office.street
    rota = str(office.make.rota([street.officer]).id)
    office.make.session.commit()
    named = [
        {"kind": "nearest", "count": 3, "within_m": 5000},
        {"kind": "rota", "rota_id": rota},
        {"kind": "person", "user_id": str(street.officer.id)},
        {"kind": "role", "role": "dispatcher"},
    ]
    steps = [{"delay_s": 0, "recipients": named}]
    steps.append({"delay_s": 60, "recipients": [EVERYONE]})
    answer = changed(office[Role.ADMIN], steps=steps)
    assert answer.status_code == 200, answer.json
    assert answer.json["steps"] == steps


@pytest.mark.parametrize(
    ("recipient", "where"),
    [
        ("collector", "recipients"),
        ({"kind": "drone"}, "kind"),
        ({"kind": "nearest"}, "count"),
        ({"kind": "nearest", "count": 0}, "count"),
        ({"kind": "nearest", "count": 2, "within_m": 99}, "within_m"),
        ({"kind": "buddy", "count": 2}, "count"),
        ({"kind": "role"}, "role"),
        ({"kind": "role", "role": "collector"}, "role"),
        ({"kind": "role", "role": "auditor"}, "role"),
        ({"kind": "person"}, "user_id"),
        ({"kind": "person", "user_id": None}, "user_id"),
        ({"kind": "rota", "rota_id": "on call"}, "rota_id"),
    ],
)
def test_a_recipient_that_makes_no_sense_is_refused(
    office: Office, recipient: object, where: str
):
    steps = [{"delay_s": 0, "recipients": [recipient, EVERYONE]}]
    answer = changed(office[Role.ADMIN], steps=steps)
    assert answer.status_code == 422
    assert where in str(answer.json["fields"])


def test_who_does_not_exist_here_is_not_found_and_who_cannot_help_is_named(
    office: Office,
):
    other = office.make.organisation()
    stranger = office.make.user(other, Role.SAFETY_OFFICER)
    auditor = office.user(Role.AUDITOR)
    office.make.session.commit()
    for user_id, status in (
        (stranger.id, 404),
        (office.street.visit.id, 404),
        (auditor.id, 422),
    ):
        named = [{"kind": "person", "user_id": str(user_id)}, EVERYONE]
        answer = changed(
            office[Role.ADMIN], steps=[{"delay_s": 0, "recipients": named}]
        )
        assert answer.status_code == status, answer.json
    assert answer.json["fields"]["steps"]


def test_there_is_no_policy_of_an_unknown_kind(office: Office):
    admin = office[Role.ADMIN]
    for kind in ("boredom", "OVERDUE", "%00", "overdue%20"):
        answer = admin.get(f"/v1/policies/{kind}")
        assert answer.status_code == 404
        assert answer.mimetype == "application/problem+json"

"""Named holds and receipts, as auditors and safety officers use them."""

import pytest

from core.words import AlertKind, Role
from safety import purging
from tests.api.conftest import Office


def place(office: Office, **facts: object):  # type: ignore[no-untyped-def]
    """The answer to a named hold on the street's case."""
    body = {"name": "police-2026-17", "case_id": str(office.street.case.id), **facts}
    return office[Role.AUDITOR].post("/v1/named-holds", body)


def test_a_hold_is_placed_listed_and_lifted_once(office: Office):
    made = place(office)
    assert (made.status_code, made.json["lifted_at"]) == (201, None)
    officer = office[Role.SAFETY_OFFICER]
    assert office.walk(officer, "/v1/named-holds") == [made.json["id"]]
    url = f"/v1/named-holds/{made.json['id']}/lifting"
    assert officer.post(url).json["lifted_at"] is not None
    again = officer.post(url)
    assert (again.status_code, again.json["type"]) == (409, "/problems/conflict")


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"name": "Mr Li"}, "name"),
        ({"case_id": None}, "case_id"),
        ({"alert_id": "018f0000-0000-7000-8000-000000000000"}, "case_id"),
    ],
)
def test_a_hold_that_names_nothing_or_too_much_is_refused(
    office: Office, facts: dict[str, object], field: str
):
    answer = place(office, **facts)
    assert answer.status_code == 422
    assert field in str(answer.json["fields"])
    assert office[Role.AUDITOR].get("/v1/named-holds").json["items"] == []


def test_an_alert_can_be_held(office: Office):
    office[Role.COLLECTOR].post("/v1/mobile/sos", office.world.act())
    [alert] = office.street.alerts(AlertKind.SOS)
    made = place(office, case_id=None, alert_id=str(alert.id))
    assert (made.status_code, made.json["alert_id"]) == (201, str(alert.id))


def test_receipts_are_read_by_run(office: Office):
    now = office.world.clock.now
    office.street.session.commit()
    for _ in range(2):
        sessions = office.world.database.sessions
        purging.run(sessions, office.organisation.id, clock_now=now)
    auditor = office[Role.AUDITOR]
    rows = auditor.get("/v1/purges", limit=200).json["items"]
    runs = {row["run_id"] for row in rows}
    assert len(runs) == 2
    for run_id in runs:
        mine = auditor.get("/v1/purges", run_id=run_id, limit=200).json["items"]
        assert [row["kind"] for row in mine][:2] == ["positions", "vehicles"]
    assert office[Role.DISPATCHER].get("/v1/purges").status_code == 403

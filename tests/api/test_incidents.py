"""Incidents: reported, read by officers, corrected by new rows, remembered."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from core.words import AlertKind, Role, VisitState
from models import AuditRow, Incident
from tests.api.conftest import Office
from tests.api.test_places import risk, rules
from tests.api.test_visits import plan
from tests.support.purging import hold, preview, purge

WHY = "he held a kitchen knife and stood in the door"
FILE = {"sha256": "ab" * 32, "bytes": 4711}
OFFICER, DISPATCHER = Role.SAFETY_OFFICER, Role.DISPATCHER


def account(office: Office, **facts: object) -> dict[str, object]:
    """A threat of an hour ago."""
    then = office.world.clock.now() - timedelta(hours=1)
    said = {"category": "threat", "harm": "shaken", "words": WHY}
    return {**said, "happened_at": then.isoformat(), "attachments": [FILE], **facts}


def report(office: Office, role: Role = Role.COLLECTOR, **facts: object) -> Any:
    """The answer to a report, about the street's visit unless said otherwise."""
    about = {"visit_id": str(office.street.visit.id)}
    body = account(office, **{**about, **facts})
    return office[role].post("/v1/incidents", body)


def shown(office: Office, incident_id: str) -> Any:
    """What an officer reads."""
    return office[OFFICER].get(f"/v1/incidents/{incident_id}").json


def test_a_report_has_category_harm_words_and_files_by_digest(office: Office):
    made = report(office)
    assert made.status_code == 201
    assert made.json["place_id"] == str(office.street.place.id)
    assert WHY not in made.get_data(as_text=True)
    [version] = shown(office, made.json["id"])["versions"]
    assert (version["words"], version["attachments"]) == (WHY, [FILE])
    assert version["reported_by"] == str(office.street.chen.id)


def test_after_an_alert_the_visit_and_the_place_follow(office: Office):
    street = office.street
    street.phone(street.chen).sos(street.visit)
    [alert] = street.alerts(AlertKind.SOS)
    street.session.commit()
    made = report(office, OFFICER, visit_id=None, alert_id=str(alert.id)).json
    assert made["visit_id"] == str(street.visit.id)
    assert made["place_id"] == str(street.place.id)
    other = office.make.visit(street.place, [], state=VisitState.DONE)
    wrong = report(office, OFFICER, visit_id=str(other.id), alert_id=str(alert.id))
    assert (wrong.status_code, "visit_id" in wrong.json["fields"]) == (422, True)


def test_without_an_alert_a_visit_or_a_place_it_is_kept_too(office: Office):
    made = report(office, visit_id=None, category="accident")
    assert made.status_code == 201
    assert made.json["place_id"] is None
    assert shown(office, made.json["id"])["case_id"] is None


@pytest.mark.parametrize(
    ("category", "harm", "level"),
    [("threat", "none", "raised"), ("weapon", "none", "no_visit")],
)
def test_its_place_asks_for_more_at_once(
    office: Office, category: str, harm: str, level: str
):
    report(office, category=category, harm=harm)
    assert risk(office)["level"] == level
    waits = office[OFFICER].get("/v1/places/waiting").json["items"]
    assert [(one["kind"], one["level"]) for one in waits] == [("incident", level)]


def test_an_accident_says_nothing_of_the_place(office: Office):
    report(office, category="accident", harm="severe")
    assert risk(office)["level"] == "normal"
    assert risk(office)["marks"] == []


def test_the_gate_refuses_the_next_visit_after_a_weapon(office: Office):
    report(office, category="weapon")
    refused = plan(office, office[DISPATCHER])
    assert (refused.status_code, rules(refused)) == (409, ["PLACE-NO-VISIT"])


def test_a_correction_is_a_new_version_and_the_old_one_stays(office: Office):
    made = report(office, category="weapon").json
    url = f"/v1/incidents/{made['id']}/corrections"
    body = account(office, category="threat", words="it was a spoon")
    done = office[OFFICER].post(url, body)
    assert (done.status_code, done.json["first_id"]) == (201, made["id"])
    versions = shown(office, made["id"])["versions"]
    assert [one["words"] for one in versions] == [WHY, "it was a spoon"]
    assert shown(office, done.json["id"])["versions"] == versions
    assert office.walk(office[OFFICER], "/v1/incidents") == [done.json["id"]]
    assert risk(office)["level"] == "raised"
    again = office[OFFICER].post(url, body)
    assert again.status_code == 409


def test_what_turns_out_worse_is_reviewed_anew(office: Office):
    made = report(office, category="threat").json
    review = {"level": "normal", "words": "spoke with both"}
    place = office.street.place.id
    assert (
        office[OFFICER].post(f"/v1/places/{place}/reviews", review).status_code == 201
    )
    url = f"/v1/incidents/{made['id']}/corrections"
    office[OFFICER].post(url, account(office, category="weapon"))
    assert risk(office)["level"] == "no_visit"
    assert len(risk(office)["waiting"]) == 1


@pytest.mark.parametrize(
    "facts",
    [
        {"attachments": [{"sha256": "AB" * 32, "bytes": 1}]},
        {"attachments": [{"sha256": "ab" * 32, "bytes": -1}]},
        {"attachments": [FILE] * 51},
        {"words": "no"},
        {"happened_at": "2026-12-24T00:00:00Z"},
    ],
)
def test_what_cannot_be_is_refused(office: Office, facts: dict[str, object]):
    answer = report(office, **facts)
    assert answer.status_code == 422
    assert next(iter(facts)) in str(answer.json["fields"])


def test_a_collector_reports_about_his_own_visits_and_names_no_place(office: Office):
    street = office.street
    theirs = office.make.visit(street.place, [street.zhou])
    assert report(office, visit_id=str(theirs.id)).status_code == 404
    place = str(street.place.id)
    assert report(office, visit_id=None, place_id=place).status_code == 404
    named = report(office, DISPATCHER, visit_id=None, place_id=place)
    assert named.status_code == 201


@pytest.mark.parametrize("role", set(Role) - {OFFICER})
def test_only_safety_officers_read_reports(office: Office, role: Role):
    made = report(office).json
    client = office[role]
    assert client.get("/v1/incidents").status_code == 403
    assert client.get(f"/v1/incidents/{made['id']}").status_code == 403


def test_the_audit_does_not_name_who_reported(office: Office):
    report(office)
    rows = office.street.session.scalars(
        select(AuditRow).where(
            AuditRow.action.in_(["incident.reported", "place.incident"])
        )
    ).all()
    assert [row.actor_id for row in rows] == [None, None]
    chen = str(office.street.chen.id)
    assert not any(chen in str(row.detail) for row in rows)


def test_reports_are_never_changed(office: Office):
    report(office)
    session = office.street.session
    row = session.scalars(select(Incident)).one()
    row.attachments = []
    with pytest.raises(Exception, match="append-only"):
        session.flush()
    session.rollback()


def test_words_of_incidents_and_marks_go_when_records_may(office: Office):
    street = office.street
    street.visit.state = VisitState.DONE
    report(office)
    place = street.place.id
    url = f"/v1/places/{place}/reviews"
    office[OFFICER].post(url, {"level": "normal", "words": "spoke with both"})
    street.make.clock.forward(days=4 * 366)
    assert not {"incident_words", "mark_words"} & preview(street).keys()
    street.make.clock.forward(days=2 * 366)
    placed = hold(street, case_id=street.case.id)
    assert not {"incident_words", "mark_words"} & purge(street).keys()
    placed.lifted_at, placed.lifted_by = street.make.clock.now(), street.officer.id
    done = purge(street)
    assert (done["incident_words"], done["mark_words"]) == (1, 1)
    assert street.session.scalars(select(Incident)).one().words is None


def test_an_extension_gets_no_further_than_the_place_allows(office: Office):
    street = office.street
    url = f"/v1/places/{street.place.id}/reviews"
    ends = (office.world.clock.now() + timedelta(days=9)).isoformat()
    later = office.make.place(office.make.case(street.organisation))
    pair = [street.chen, street.wu]
    office.make.visit(later, pair, starts_in=timedelta(hours=4))
    body = {"level": "high", "ends_at": ends, "words": "two dogs"}
    assert office[OFFICER].post(url, body).status_code == 201
    office.world.tick(minutes=10)
    visit = f"/v1/mobile/visits/{street.visit.id}"
    client = office[Role.COLLECTOR]
    client.post(f"{visit}/check-in", office.world.act())
    office.world.clock.forward(minutes=5)
    more = office.world.act(pin="2580", extend_s=1800)
    answer = client.post(f"{visit}/extension", more).json
    due = office.world.clock.now() + timedelta(minutes=15)  # ten after the old one
    assert answer["result"] == "ok"
    assert answer["watch"]["due"] == due.isoformat(timespec="milliseconds")

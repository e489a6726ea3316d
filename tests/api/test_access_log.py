"""Every read of a borrower's file leaves a record before the answer leaves."""

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DBAPIError, OperationalError

from accounts import access_log
from core.words import Role
from models import AccessRecord
from server.contracts import CONTRACTS
from tests.api.conftest import Office

SHOWS_A_BORROWER = {
    *("borrower", "borrower_name", "address", "amount_minor", "decision"),
    *("words", "reference", "refusals"),  # a refusal tells of his holds and wishes
}
NOT_LOGGED = {
    "/v1/event-types": "our own words about a type of event",
    "/v1/alerts": "a reference of the alert's own",
    "/v1/alerts/<uuid:alert_id>": "who was told stands in its timeline; help waits not",
    "/v1/alerts/<uuid:alert_id>/handover": "for the call to the police; help waits not",
    "/v1/mobile/alerts": "who was told stands in its timeline; help waits not",
}


def names(schema) -> set[str]:  # type: ignore[no-untyped-def]
    """Every field of an answer, however deep."""
    found = set()
    for name, field in schema().fields.items():
        inner = getattr(field, "inner", field)
        nested = getattr(inner, "schema", None)
        found |= {name} | (names(type(nested)) if nested is not None else set())
    return found


def test_every_answer_that_shows_a_borrower_is_recorded():
    showing = {
        contract.path
        for contract in CONTRACTS
        if contract.method == "GET" and names(contract.answer) & SHOWS_A_BORROWER
    }
    logged = {one.path for one in CONTRACTS if one.reads is not None}
    assert showing - logged == NOT_LOGGED.keys()
    assert {"/v1/cases/<uuid:case_id>", "/v1/mobile/day"} <= logged


def rows(office: Office) -> list[AccessRecord]:
    """All records, oldest first."""
    office.street.session.commit()
    query = select(AccessRecord).order_by(AccessRecord.id)
    return list(office.street.session.scalars(query))


def test_who_read_whose_file_by_which_route(office: Office):
    dispatcher = office.user(Role.DISPATCHER)
    case_id = office.street.case.id
    client = office.world.client_as(dispatcher)
    client.get(f"/v1/cases/{case_id}")
    client.get("/v1/cases")
    span = {"start": "2026-11-25T00:00:00Z", "end": "2026-11-26T00:00:00Z"}
    place_id = str(office.street.visit.place_id)
    client.get(f"/v1/cases/{case_id}/visit-hours", place_id=place_id, **span)
    office[Role.COLLECTOR].get("/v1/mobile/day")
    found = rows(office)
    assert [(row.user_id, row.route, row.case_id) for row in found] == [
        (dispatcher.id, "cases_get", case_id),
        (dispatcher.id, "cases_page_through", case_id),
        (dispatcher.id, "cases_hours", case_id),
        (office.street.chen.id, "mobile_day", case_id),
    ]
    assert all(row.at == office.world.clock.now() for row in found)


def test_what_was_not_shown_is_not_recorded(office: Office):
    dispatcher = office[Role.DISPATCHER]
    nobody = dispatcher.get(f"/v1/cases/{office.street.visit.id}")
    assert nobody.status_code == 404
    assert office[Role.COLLECTOR].get("/v1/cases").status_code == 403
    empty = dispatcher.get("/v1/contacts", case_id=str(office.street.case.id))
    assert empty.json["items"] == []
    assert rows(office) == []


def test_an_auditor_reads_the_record_by_case_and_by_reader(office: Office):
    other = office.make.case(office.street.organisation)
    reader = office.user(Role.CONTACT_DESK)
    client = office.world.client_as(reader)
    for case_id in (office.street.case.id, other.id, other.id):
        client.get(f"/v1/cases/{case_id}")
    office[Role.DISPATCHER].get(f"/v1/cases/{other.id}")
    auditor = office[Role.AUDITOR]
    url = "/v1/access-log"
    assert len(office.walk(auditor, url)) == 4
    assert len(office.walk(auditor, url, case_id=str(other.id))) == 3
    assert len(office.walk(auditor, url, user_id=str(reader.id))) == 3
    shown = auditor.get(url).get_data(as_text=True)
    assert "李" not in shown
    assert office[Role.ADMIN].get(url).status_code == 403


def broken(*_: object, **__: object) -> None:
    """The record cannot be written."""
    raise OperationalError("INSERT", {}, Exception("no room"))


def test_without_a_record_a_desk_gets_no_answer_and_a_phone_its_day(
    office: Office, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(access_log, "record", broken)
    shown = office[Role.DISPATCHER].get(f"/v1/cases/{office.street.case.id}")
    assert shown.status_code >= 500
    assert "李" not in shown.get_data(as_text=True)
    day = office[Role.COLLECTOR].get("/v1/mobile/day")
    assert day.status_code == 200
    assert day.json["visits"]


def test_a_record_can_be_neither_changed_nor_deleted(office: Office):
    office[Role.DISPATCHER].get(f"/v1/cases/{office.street.case.id}")
    [row] = rows(office)
    session, mine = office.street.session, AccessRecord.id == row.id
    for change in (
        update(AccessRecord).where(mine).values(route="another"),
        delete(AccessRecord).where(mine),
    ):
        with pytest.raises(DBAPIError, match="append-only"):
            session.execute(change)
        session.rollback()

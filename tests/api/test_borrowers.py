"""A borrower's copy and his erasure, as the contact desk and admins ask for them."""

from typing import Any

import pytest
from sqlalchemy import select

from core.words import MessageKind, Role, VisitState
from models import AccessRecord, AuditRow, Message
from server.schemas.borrowers import BorrowerFileSchema
from tests.api.conftest import Office
from tests.api.test_visits import plan, published
from tests.support.borrowers import MARK, MARKS, PHONE, Marked
from tests.support.world import Browser


@pytest.fixture
def marked(office: Office) -> Marked:
    """Whose every text is a word that can be searched for."""
    return Marked(office.street)


def url(marked: Marked, what: str = "erasure") -> str:
    """Of the street's borrower."""
    return f"/v1/borrowers/{marked.borrower.id}/{what}"


def erase(client: Browser, marked: Marked, etag: str | None) -> Any:
    """PUT with what was read, or without."""
    headers = {**client.headers}
    headers.pop("If-Match")
    if etag is not None:
        headers["If-Match"] = etag
    return client.client.put(url(marked), headers=headers)


def test_the_desk_makes_his_copy_and_that_is_recorded(office: Office, marked: Marked):
    clerk = office.user(Role.CONTACT_DESK)
    made = office.world.client_as(clerk).post(url(marked, "export"))
    assert made.status_code == 200
    assert made.json["borrower"]["name"] == MARK
    assert made.json["holds"][0]["words"] == MARK
    assert made.json["withheld"] == []
    assert made.json.keys() == BorrowerFileSchema().fields.keys()
    session = office.street.session
    query = select(AccessRecord).where(AccessRecord.route == "borrowers_export")
    record = session.scalars(query).one()
    assert (record.user_id, record.case_id) == (clerk.id, marked.case.id)
    exported = AuditRow.action == "borrower.exported"
    assert session.scalars(select(AuditRow).where(exported)).one().actor_id == clerk.id


def test_an_admins_copy_lacks_the_words_of_holds_and_says_so(
    office: Office, marked: Marked
):
    made = office[Role.ADMIN].post(url(marked, "export")).json
    assert made["withheld"] == ["holds.kind", "holds.words"]
    assert made["holds"][0]["words"] is None


@pytest.mark.parametrize("role", list(Role))
def test_who_may_copy_look_and_erase(office: Office, marked: Marked, role: Role):
    client, desk = office[role], Role.CONTACT_DESK
    copied = client.post(url(marked, "export")).status_code
    assert copied == (200 if role in {desk, Role.ADMIN} else 403)
    may_look = role in {desk, Role.ADMIN, Role.AUDITOR, Role.SAFETY_OFFICER}
    assert client.get(url(marked)).status_code == (200 if may_look else 403)
    assert client.get("/v1/erasures").status_code == (200 if may_look else 403)
    erased = client.put(url(marked)).status_code
    assert erased == (200 if role is Role.ADMIN else 403)


def test_nobody_and_strangers_learn_nothing(office: Office, marked: Marked):
    nobody = office.world.client_as(None)
    stranger = office.world.client_as(
        office.make.user(office.make.organisation(), Role.ADMIN)
    )
    for client, status in ((nobody, 401), (stranger, 404)):
        assert client.post(url(marked, "export")).status_code == status
        assert client.get(url(marked)).status_code == status
        assert client.put(url(marked)).status_code == status
    assert stranger.get("/v1/erasures").json["items"] == []


def test_it_is_looked_at_first_and_erased_as_it_was_seen(
    office: Office, marked: Marked
):
    admin = office[Role.ADMIN]
    assert erase(admin, marked, None).status_code == 428
    seen = admin.get(url(marked))
    assert seen.json["erased_at"] is None
    assert (seen.json["obstacles"], seen.json["called_off"]) == ([], 1)
    assert {one["table"] for one in seen.json["stays"]} >= {"contacts", "consents"}
    assert MARK not in seen.get_data(as_text=True)
    plan(office, office[Role.DISPATCHER], hours=24)
    assert erase(admin, marked, seen.headers["ETag"]).status_code == 412
    again = admin.get(url(marked))
    assert again.json["called_off"] == 2
    done = erase(admin, marked, again.headers["ETag"])
    assert (done.status_code, done.json["called_off"]) == (200, 2)
    assert done.json["goes"]["borrowers"] == 1


def test_again_it_is_the_same_answer_and_one_receipt(office: Office, marked: Marked):
    admin = office[Role.ADMIN]
    first = admin.put(url(marked))
    office.world.clock.forward(hours=1)
    assert admin.put(url(marked)).json == first.json == admin.get(url(marked)).json
    receipts = office[Role.AUDITOR].get("/v1/erasures").json["items"]
    [receipt] = receipts
    assert receipt["borrower_id"] == str(marked.borrower.id)
    assert receipt["counts"] == first.json["goes"]
    assert office.walk(office[Role.AUDITOR], "/v1/erasures") == [receipt["id"]]


def test_while_somebody_is_at_the_door_a_problem_says_so(
    office: Office, marked: Marked
):
    office.street.phone(office.street.chen).check_in(office.street.visit)
    office.street.session.commit()
    refused = office[Role.ADMIN].put(url(marked))
    assert (refused.status_code, refused.json["type"]) == (409, "/problems/conflict")
    [obstacle] = refused.json["obstacles"]
    assert obstacle["code"] == "visit_under_way"
    assert obstacle["detail"] in refused.json["detail"]
    assert office.street.session.get_one(type(marked.borrower), marked.borrower.id).name


def test_who_erases_does_not_learn_which_hold_or_alert_is_in_the_way(
    office: Office, marked: Marked
):
    body = {"name": "police-7", "case_id": str(marked.case.id)}
    office[Role.AUDITOR].post("/v1/named-holds", body)
    refused = office[Role.ADMIN].put(url(marked))
    assert refused.status_code == 409
    assert [one["code"] for one in refused.json["obstacles"]] == ["kept"]
    assert "police-7" not in refused.get_data(as_text=True)


@pytest.mark.parametrize("words", ["not-an-id", "0"])
def test_what_is_no_id_is_no_borrower(office: Office, words: str):
    assert office[Role.ADMIN].get(f"/v1/borrowers/{words}/erasure").status_code == 404


def test_the_api_shows_nothing_of_him_afterwards(office: Office, marked: Marked):
    office[Role.ADMIN].put(url(marked))
    desk, case = office[Role.CONTACT_DESK], f"/v1/cases/{marked.case.id}"
    shown = desk.get(case)
    assert (shown.status_code, shown.json["borrower"]["name"]) == (200, None)
    pages = [desk.get("/v1/cases"), desk.get(f"{case}/payments"), shown]
    pages += [office[Role.AUDITOR].get(f"{case}/history")]
    assert {page.status_code for page in pages} == {200}
    said = "".join(page.get_data(as_text=True) for page in pages)
    assert not any(mark in said for mark in MARKS)


def test_nobody_turns_to_him_any_more(office: Office, marked: Marked):
    office[Role.ADMIN].put(url(marked))
    refused = plan(office, office[Role.DISPATCHER])
    assert refused.status_code == 409
    assert "GATE-ERASED" in refused.get_data(as_text=True)
    now = office.world.clock.now().isoformat()
    money = {"reference": "P-1", "amount_minor": 1, "currency": "CNY", "paid_at": now}
    paid = {**money, "case_id": str(marked.case.id)}
    assert office[Role.CONTACT_DESK].post("/v1/payments", paid).status_code == 409


def test_who_had_a_notice_is_sent_nothing_and_the_code_is_void(
    office: Office, marked: Marked
):
    office.world.channel(office.street.chen)
    visit = published(office, office[Role.DISPATCHER])
    office.world.tick()
    assert [one.recipient for one in office.world.carried.sent].count(PHONE) >= 1
    office.world.carried.sent.clear()
    assert office[Role.ADMIN].put(url(marked)).status_code == 200
    office.world.tick()
    assert office.world.carried.sent == []
    kinds = set(office.street.session.scalars(select(Message.kind)))
    assert MessageKind.VISIT_CANCELLED not in kinds
    assert office[Role.AUDITOR].get(visit).json["state"] == VisitState.CANCELLED

"""What happened: the ledger, the audit, the messages."""

from core.words import Role
from tests.api.conftest import Office
from tests.api.test_visits import plan, published


def test_the_ledger_holds_each_contact_with_its_decision(office: Office):
    office.world.channel(office.street.chen)
    published(office, office[Role.DISPATCHER])
    office.world.tick()
    client = office[Role.AUDITOR]
    case_id = str(office.street.case.id)
    contacts = client.get("/v1/contacts", case_id=case_id).json["items"]
    assert contacts
    assert {one["case_id"] for one in contacts} == {case_id}
    assert "notice" in {one["channel"] for one in contacts}
    assert all(one["decision"] for one in contacts)
    assert client.get("/v1/contacts").status_code == 422


def test_a_walk_through_the_ledger_meets_each_once(office: Office):
    world, phone = office.world, office[Role.COLLECTOR]
    world.clock.forward(minutes=10)
    url = f"/v1/mobile/visits/{office.street.visit.id}"
    client = office[Role.DISPATCHER]
    world.channel(office.street.chen)
    published(office, client)
    world.tick()
    phone.post(f"{url}/check-in", world.act())
    out = world.act(pin="2580", outcome="borrower_met")
    phone.post(f"{url}/check-out", out)
    case_id = str(office.street.case.id)
    whole = client.get("/v1/contacts", case_id=case_id, limit=200).json["items"]
    walked = office.walk(client, "/v1/contacts", case_id=case_id)
    assert walked == [one["id"] for one in whole]
    assert len(set(walked)) == len(walked) >= 2


def test_a_walk_through_the_audit_meets_each_once_and_names_who_did_what(
    office: Office,
):
    dispatcher = office.user(Role.DISPATCHER)
    client = office.world.client_as(dispatcher)
    for hours in (2, 3, 4):
        plan(office, client, hours=hours)
    auditor = office[Role.AUDITOR]
    rows = auditor.get("/v1/audit", limit=200).json["items"]
    mine = [row for row in rows if row["actor_id"] == str(dispatcher.id)]
    assert len(mine) == 3
    assert {row["subject"] for row in mine} == {"visits"}
    assert office.walk(auditor, "/v1/audit") == [row["id"] for row in rows]


def test_messages_show_their_state_and_never_body_or_recipient(office: Office):
    street, world = office.street, office.world
    world.channel(street.chen)
    phone = office[Role.COLLECTOR]
    phone.post("/v1/mobile/sos", world.act())
    world.tick()
    client = office[Role.DISPATCHER]
    shown = client.get("/v1/messages")
    states = {one["state"] for one in shown.json["items"]}
    assert states == {"sent"}
    assert all(
        "body" not in one and "recipient" not in one for one in shown.json["items"]
    )
    for person in (street.zhou, street.officer):
        assert person.phone not in shown.get_data(as_text=True)
    [alert] = client.get("/v1/alerts").json["items"]
    of_alert = office.walk(client, "/v1/messages", alert_id=alert["id"])
    assert of_alert == [one["id"] for one in shown.json["items"]]
    visit_id = str(street.visit.id)
    assert office.walk(client, "/v1/messages", visit_id=visit_id) == []

"""Gaps over HTTP, and the departure that is refused where nobody would come."""

from typing import Any

from sqlalchemy import update

from core.words import Role, UserState
from models import User
from tests.api.conftest import Office


def depart(office: Office) -> Any:
    street = office.street
    phone = office.world.phone_of(street.chen)
    body = office.world.act(buddy_id=str(street.zhou.id))
    return phone.post(f"/v1/mobile/visits/{street.visit.id}/departure", body)


def test_the_gaps_of_two_weeks_are_listed_with_words(office: Office):
    street = office.street
    rota = office.make.rota([street.second_officer, street.officer], days=14)
    street.second_officer.state = UserState.SUSPENDED
    found = office[Role.DISPATCHER].get("/v1/coverage").json
    channel, rest = found["gaps"]
    assert channel["kind"] == "no_channel"
    assert channel["starts_at"] is None
    assert "wakes a person" in channel["words_en"]
    assert "通知渠道" in channel["words_zh"]
    assert (rest["kind"], rest["rota_id"]) == ("cannot_answer", str(rota.id))
    assert rest["user_id"] == str(street.second_officer.id)
    assert rest["starts_at"] == found["starts_at"] < rest["ends_at"]
    office.world.channel(street.chen)
    assert len(office[Role.ADMIN].get("/v1/coverage").json["gaps"]) == 1
    for role in (Role.COLLECTOR, Role.CONTACT_DESK):
        assert office[role].get("/v1/coverage").status_code == 403


def test_nobody_sets_out_where_no_channel_wakes_anybody(office: Office):
    refused = depart(office)
    assert refused.status_code == 409, refused.json
    [reason] = refused.json["reasons"]
    assert reason["rule_id"] == "NO-HELP"
    assert "no enabled channel wakes a person" in reason["words_en"]
    office.world.channel(office.street.chen)
    assert depart(office).status_code == 200


def test_nobody_sets_out_where_no_ladder_reaches_anybody(office: Office):
    street = office.street
    office.world.channel(street.chen)
    told = (Role.SAFETY_OFFICER, Role.ADMIN)
    mute = update(User).where(User.role.in_(told)).values(phone_sealed=None)
    street.session.execute(mute)
    refused = depart(office)
    assert refused.status_code == 409
    assert [one["rule_id"] for one in refused.json["reasons"]] == ["NO-HELP"]
    office.make.user(office.organisation, Role.ADMIN)
    assert depart(office).status_code == 200


def test_the_watch_and_sos_are_never_refused_for_it(office: Office):
    street, world = office.street, office.world
    phone = world.phone_of(street.chen)
    url = f"/v1/mobile/visits/{street.visit.id}"
    world.clock.forward(minutes=10)
    arrived = phone.post(f"{url}/check-in", world.act()).json
    assert arrived["watch"]["watched"] is True
    reasons = [one["rule_id"] for one in arrived.get("reasons", [])]
    assert "NO-HELP" not in reasons
    assert phone.post("/v1/mobile/sos", world.act()).status_code == 201

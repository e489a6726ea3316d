"""A place's memory: stated at the door, read by the gate, reviewed by officers."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from core.words import MessageKind, PlaceKind, Role, UserState, VisitState
from models import AuditRow, Message, PlaceMark, User
from tests.api.conftest import Office
from tests.api.test_visits import crew, plan, published

WHY = "the brother of his waited behind the door"
OFFICER, DISPATCHER = Role.SAFETY_OFFICER, Role.DISPATCHER


def concern(office: Office, user: User | None = None, words: str = WHY) -> Any:
    """What a collector of the street's visit is answered."""
    url = f"/v1/mobile/visits/{office.street.visit.id}/concern"
    client = office.world.client_as(user or office.street.chen)
    return client.post(url, {"words": words})


def risk(office: Office, role: Role = OFFICER) -> Any:
    """What somebody in that role reads of the street's place."""
    return office[role].get(f"/v1/places/{office.street.place.id}/risk").json


def review(office: Office, level: str, days: float | None = 30, **headers: str) -> Any:
    """An officer answers what is marked."""
    url, client = f"/v1/places/{office.street.place.id}/reviews", office[OFFICER]
    client.headers.update(headers)
    return client.post(url, judged(office, level, days))


def judged(office: Office, level: str, days: float | None) -> dict[str, object]:
    """How careful one has to be, until when, and why."""
    ends = None
    if days is not None:
        ends = (office.world.clock.now() + timedelta(days=days)).isoformat()
    return {"level": level, "ends_at": ends, "words": "asked the team"}


def rules(answer: Any) -> list[str]:
    """Which of the house's own rules about places have refused."""
    refusals = answer.json["decision"]["refusals"]
    found = [one["rule_id"] for one in refusals]
    return [one for one in found if one.startswith("PLACE-")]


def later_stop(office: Office, hours: float = 4) -> None:
    """Both of the pair are expected elsewhere afterwards."""
    place = office.make.place(office.make.case(office.organisation))
    pair = [office.street.chen, office.street.wu]
    office.make.visit(place, pair, starts_in=timedelta(hours=hours))


def actions(office: Office) -> list[AuditRow]:
    """What the audit says of places."""
    query = select(AuditRow).where(AuditRow.action.startswith("place."))
    office.street.session.expire_all()
    return list(office.street.session.scalars(query))


def test_a_review_whose_answer_was_lost_is_repeated_under_its_key(office: Office):
    concern(office)
    url, client = f"/v1/places/{office.street.place.id}", office[OFFICER]
    client.headers["If-Match"] = client.get(f"{url}/risk").headers["ETag"]
    body = judged(office, "raised", 30)

    def send(key: str) -> Any:
        client.headers["Idempotency-Key"] = key
        return client.post(f"{url}/reviews", body)

    first, again = send("one"), send("one")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json == again.json
    assert send("another").status_code == 412


def test_a_stated_concern_changes_the_next_assignment(office: Office):
    client = office[DISPATCHER]
    made = concern(office)
    assert (made.status_code, made.json["level"]) == (201, "raised")
    assert rules(plan(office, client, people=1)) == ["PLACE-PAIR"]
    url = f"/v1/visits/{plan(office, client).json['id']}"
    refused = client.put(f"{url}/visitors", crew(office))
    assert (refused.status_code, rules(refused)) == (409, ["PLACE-NOT-LAST"])
    later_stop(office)
    assert client.put(f"{url}/visitors", crew(office)).status_code == 200


def test_whoever_goes_there_reads_in_his_day_what_is_asked(office: Office):
    concern(office)
    later_stop(office)
    url = published(office, office[DISPATCHER])
    day = office[Role.COLLECTOR].get("/v1/mobile/day").json["visits"]
    [mine] = [one for one in day if one["visit_id"] == url.rpartition("/")[2]]
    asked = {duty["rule_id"]: duty["stage"] for duty in mine["obligations"]}
    assert (asked["PLACE-PAIR"], asked["PLACE-SHORT"]) == ("departure", "door")
    assert WHY not in str(mine)


def test_before_a_concern_all_of_it_is_allowed(office: Office):
    client = office[DISPATCHER]
    url = f"/v1/visits/{plan(office, client).json['id']}"
    assert client.put(f"{url}/visitors", crew(office)).status_code == 200
    assert risk(office)["level"] == "normal"


def test_an_assigned_visit_cannot_be_published_nor_left_for_any_more(office: Office):
    client = office[DISPATCHER]
    url = published(office, client)
    assert review(office, "no_visit").status_code == 201
    reassigned = client.put(f"{url}/visitors", crew(office))
    assert rules(reassigned) == ["PLACE-NO-VISIT"]
    office.world.channel(office.street.chen)
    left = {"buddy_id": str(office.street.zhou.id)}
    mobile = f"/v1/mobile/visits/{url.rpartition('/')[2]}"
    body = office.world.act(**left)
    refused = office[Role.COLLECTOR].post(f"{mobile}/departure", body)
    assert refused.status_code == 409
    assert "PLACE-NO-VISIT" in refused.get_data(as_text=True)


def test_no_place_refuses_the_watch(office: Office):
    review(office, "no_visit")
    url = f"/v1/mobile/visits/{office.street.visit.id}/check-in"
    office.world.tick(minutes=10)
    answer = office[Role.COLLECTOR].post(url, office.world.act()).json
    assert answer["watch"]["watched"] is True
    assert (answer["contact"], answer["leave_now"]) == ("refused", True)
    assert "PLACE-NO-VISIT" in {one["rule_id"] for one in answer["reasons"]}


@pytest.mark.parametrize(
    ("level", "seconds"), [(None, 1800), ("raised", 900), ("high", 600)]
)
def test_the_watch_falls_due_early_at_a_place_that_asks_for_it(
    office: Office, level: str | None, seconds: int
):
    later_stop(office)
    if level:
        review(office, level)
    office.world.tick(minutes=10)
    now = office.world.clock.now()
    url = f"/v1/mobile/visits/{office.street.visit.id}/check-in"
    answer = office[Role.COLLECTOR].post(url, office.world.act()).json
    assert answer["contact"] == "allowed"
    due = now + timedelta(seconds=seconds)
    assert answer["watch"]["due"] == due.isoformat(timespec="milliseconds")


def test_a_place_in_daylight_only_names_the_next_morning(office: Office):
    review(office, "high")
    answer = plan(office, office[DISPATCHER], hours=9)  # 19:00 in November
    assert rules(answer) == ["PLACE-DAYLIGHT"]
    assert answer.json["decision"]["next_lawful_at"].startswith("2026-11-25T00:00")


def test_who_and_why_is_for_safety_officers_alone(office: Office):
    made = concern(office).json
    shown = risk(office)
    [mark] = shown["marks"]
    assert (mark["by"], mark["words"]) == (str(office.street.chen.id), WHY)
    assert shown["waiting"] == [made["id"]]
    planner = risk(office, DISPATCHER)
    assert (planner["level"], planner["marks"]) == ("raised", None)
    assert planner["measures"]["pair"] is True
    for role in set(Role) - {OFFICER, DISPATCHER}:
        url = f"/v1/places/{office.street.place.id}/risk"
        assert office[role].get(url).status_code == 403


def test_neither_audit_nor_messages_nor_refusals_name_who_stated_a_concern(
    office: Office,
):
    concern(office)
    [row] = actions(office)
    assert (row.action, row.actor_id) == ("place.concern", None)
    chen, visit = str(office.street.chen.id), str(office.street.visit.id)
    assert chen not in str(row.detail)
    assert visit not in str(row.detail)
    office.street.session.expire_all()
    notes = select(Message).where(Message.kind == MessageKind.DISPATCHER_NOTE)
    for note in office.street.session.scalars(notes):
        assert office.street.chen.name not in (note.body or "")
        assert WHY not in (note.body or "")
        if note.user_id == office.street.officer.id:
            assert note.visit_id is None
    refused = plan(office, office[DISPATCHER], people=1).get_data(as_text=True)
    assert chen not in refused
    assert WHY not in refused


def test_dispatchers_hear_of_planned_visits_and_officers_that_a_review_waits(
    office: Office,
):
    concern(office)
    notes = select(Message.user_id, Message.visit_id).where(
        Message.kind == MessageKind.DISPATCHER_NOTE
    )
    told = {tuple(one) for one in office.street.session.execute(notes)}
    street = office.street
    planned = {(street.dispatcher.id, street.visit.id), (street.officer.id, None)}
    assert told == planned
    office.street.session.commit()
    concern(office, street.wu)  # from raised to high: they hear again
    assert len(office.street.session.execute(notes).all()) == 4
    concern(office, street.wu)
    office.street.session.expire_all()
    assert len(office.street.session.execute(notes).all()) == 4


def test_two_concerns_ask_for_daylight(office: Office):
    concern(office)
    concern(office, office.street.wu)
    assert risk(office)["level"] == "high"


def test_a_review_answers_what_was_read_and_nothing_that_came_later(office: Office):
    concern(office)
    url = f"/v1/places/{office.street.place.id}/risk"
    tag = office[OFFICER].get(url).headers["ETag"]
    concern(office, office.street.wu)
    stale = review(office, "normal", None, **{"If-Match": tag})
    assert stale.status_code == 412
    assert risk(office)["level"] == "high"
    tag = office[OFFICER].get(url).headers["ETag"]
    done = review(office, "normal", None, **{"If-Match": tag})
    assert done.status_code == 201
    shown = risk(office)
    assert (shown["level"], shown["waiting"]) == ("normal", [])
    assert len(shown["marks"]) == 3
    [signed] = [row for row in actions(office) if row.action == "place.review"]
    assert signed.actor_id is not None


def test_a_review_ends_by_itself(office: Office):
    review(office, "no_visit", 5)
    assert risk(office)["level"] == "no_visit"
    office.world.clock.forward(days=5)
    assert risk(office)["level"] == "normal"


@pytest.mark.parametrize(
    ("level", "days"), [("high", None), ("high", 367), ("high", -1), ("normal", 3)]
)
def test_a_level_without_an_honest_end_is_refused(
    office: Office, level: str, days: float | None
):
    answer = review(office, level, days)
    assert (answer.status_code, "ends_at" in answer.json["fields"]) == (422, True)


def test_a_wrong_concern_is_set_right_by_a_row_of_its_own(office: Office):
    made = concern(office).json
    url = f"/v1/places/marks/{made['id']}/corrections"
    done = office[OFFICER].post(url, judged(office, "normal", None))
    assert (done.status_code, done.json["corrects_id"]) == (201, made["id"])
    shown = risk(office)
    assert (shown["level"], shown["waiting"]) == ("normal", [])
    assert [one["kind"] for one in shown["marks"]] == ["concern", "correction"]
    again = f"/v1/places/marks/{done.json['id']}/corrections"
    answer = office[OFFICER].post(again, judged(office, "high", 3))
    assert answer.status_code == 409


def test_what_waits_is_listed_for_officers_until_it_is_answered(office: Office):
    first, second = concern(office).json["id"], concern(office).json["id"]
    assert office.walk(office[OFFICER], "/v1/places/waiting") == [first, second]
    listed = office[OFFICER].get("/v1/places/waiting").get_data(as_text=True)
    assert WHY not in listed
    review(office, "raised")
    assert office.walk(office[OFFICER], "/v1/places/waiting") == []
    third = concern(office).json["id"]
    assert office.walk(office[OFFICER], "/v1/places/waiting") == [third]


def test_a_concern_is_stated_about_ones_own_visits_only(office: Office):
    assert concern(office, office.street.zhou).status_code == 404
    assert concern(office, words="no").status_code == 422
    stranger = office.make.user(office.make.organisation(), Role.COLLECTOR)
    assert concern(office, stranger).status_code == 404


def test_it_can_be_stated_during_the_visit_and_after_it(office: Office):
    street = office.street
    street.phone(street.chen).check_in(street.visit)
    due = street.watch(street.chen).due_at
    assert concern(office).status_code == 201
    street.session.expire_all()
    assert street.watch(street.chen).due_at == due
    street.phone(street.chen).check_out(street.visit)
    street.visit.state = VisitState.DONE
    assert concern(office).status_code == 201


def test_the_same_home_in_another_case_of_his_is_the_same_place(office: Office):
    street = office.street
    other = office.make.case(street.organisation)
    other.borrower_id = street.case.borrower_id
    home = office.make.place(other)
    office_of_his = office.make.place(other, PlaceKind.WORKPLACE)
    concern(office)
    asked = {"case_id": str(other.id), "people": 1}
    client = office[DISPATCHER]
    at_home = plan(office, client, **asked, place_id=str(home.id))
    assert rules(at_home) == ["PLACE-PAIR"]
    at_work = plan(office, client, **asked, place_id=str(office_of_his.id))
    assert rules(at_work) == []
    shown = office[OFFICER].get(f"/v1/places/{home.id}/risk").json
    assert (shown["level"], shown["marks"]) == ("raised", [])


def test_a_suspended_collectors_concern_counts_on(office: Office):
    concern(office)
    office.street.chen.state = UserState.SUSPENDED
    office.street.session.commit()
    assert risk(office)["level"] == "raised"


def test_marks_are_never_changed(office: Office):
    concern(office)
    session = office.street.session
    row = session.scalars(select(PlaceMark)).one()
    row.level = "normal"  # type: ignore[assignment]
    with pytest.raises(Exception, match="append-only"):
        session.flush()
    session.rollback()
    row = session.scalars(select(PlaceMark)).one()
    session.delete(row)
    with pytest.raises(Exception, match="append-only"):
        session.flush()
    session.rollback()

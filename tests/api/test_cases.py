"""Cases, imports, creditors, consents, lawful hours."""

from datetime import datetime, timedelta

from core.words import Role
from tests.api.conftest import Office
from tests.support.world import Browser

HEADER = (
    "case_id,creditor_code,creditor_name,debt_ref,debtor_ref,borrower_name,"
    "borrower_phone,language,days_past_due,amount_minor,currency,place_id,place_kind,"
    "place_public,address,lon,lat,datum,country,region,wish_only,wish_avoid"
)
LINE = (
    "{number},WLB,West Lake Bank,L-{number},D-{number},王某,+8613900000001,zh,60,"
    "1234500,CNY,home,home,no,虚构路1号,120.1551,30.2741,wgs84,CN,CN-ZJ,,"
)


def upload(client: Browser, *lines: str, dry_run: bool = False):
    """What became of a case file of these lines, once a worker has taken it."""
    sent = send(client, "\n".join([HEADER, *lines]).encode(), dry_run=dry_run)
    assert sent.status_code == 202
    client.world.take_files()
    return client.get(f"/v1/imports/{sent.json['id']}")


def send(client: Browser, content: bytes, *, dry_run: bool = False):
    """The answer to a case file."""
    client.world.make.session.commit()
    return client.world.app.test_client().post(
        "/v1/imports",
        query_string={"dry_run": str(dry_run).lower()},
        data=content,
        content_type="text/csv",
        headers=client.headers,
    )


def test_good_lines_stay_and_bad_ones_come_back_with_line_column_reason(office: Office):
    client = office[Role.DISPATCHER]
    good = [LINE.format(number=number) for number in ("A", "B")]
    bad = LINE.format(number="C").replace("wgs84", "mars").replace("王某", "秘密")
    taken = upload(client, good[0], bad, good[1])
    assert taken.json["state"] == "done"
    counted = {name: taken.json[name] for name in ("created", "updated", "refused")}
    assert counted == {"created": 2, "updated": 0, "refused": 1}
    [problem] = taken.json["problems"]
    assert (problem["line"], problem["column"]) == (3, "datum")
    assert "秘密" not in taken.get_data(as_text=True)
    assert client.get(f"/v1/imports/{taken.json['id']}").json == taken.json


def test_the_same_file_again_changes_nothing(office: Office):
    client = office[Role.ADMIN]
    lines = [LINE.format(number=number) for number in ("A", "B")]
    upload(client, *lines)
    before = client.get("/v1/cases", limit=200).json
    office.world.clock.forward(minutes=1)
    again = upload(client, *lines).json
    assert (again["created"], again["updated"], again["unchanged"]) == (0, 0, 2)
    assert client.get("/v1/cases", limit=200).json == before
    changed = upload(client, lines[0].replace(",60,", ",90,"), lines[1]).json
    assert (changed["updated"], changed["unchanged"]) == (1, 1)


def test_a_case_shows_its_people_and_a_list_does_not(office: Office):
    client = office[Role.CONTACT_DESK]
    upload(office[Role.DISPATCHER], LINE.format(number="HZ-1"))
    page = client.get("/v1/cases", external_id="HZ-1")
    [case] = page.json["items"]
    assert "王某" not in page.get_data(as_text=True)
    whole = client.get(f"/v1/cases/{case['id']}").json
    assert whole["borrower"]["name"] == "王某"
    assert whole["borrower"]["phone"] == "+8613900000001"
    [place] = whole["places"]
    assert place["time_zone"] == "Asia/Shanghai"
    assert place["unschedulable"] == []
    assert (case["amount_minor"], case["currency"]) == (1234500, "CNY")
    assert {name: whole[name] for name in case} == case


def test_a_place_without_zone_or_rules_is_stored_and_says_why(office: Office):
    client = office[Role.DISPATCHER]
    sea = LINE.format(number="SEA").replace("120.1551,30.2741", "0,-60")
    far = LINE.format(number="DE").replace("120.1551,30.2741", "13.4,52.5")
    upload(client, sea, far.replace("CN,CN-ZJ", "DE,"))
    for external_id, code in (("SEA", "zone_unknown"), ("DE", "no_rule_pack")):
        [case] = client.get("/v1/cases", external_id=external_id).json["items"]
        [place] = client.get(f"/v1/cases/{case['id']}").json["places"]
        assert code in {reason["code"] for reason in place["unschedulable"]}
        assert all(reason["words"] for reason in place["unschedulable"])


def test_a_walk_through_cases_and_creditors_meets_each_once(office: Office):
    client = office[Role.DISPATCHER]
    lines = [
        LINE.format(number=f"N{number}").replace("WLB", f"W{number}")
        for number in range(5)
    ]
    upload(client, *lines)
    for path in ("/v1/cases", "/v1/creditors"):
        walked = office.walk(client, path)
        assert walked == sorted(set(walked))
        assert len(walked) == 6  # and the street's own


def test_a_listing_is_recorded_and_ends_once(office: Office):
    admin, now = office[Role.ADMIN], office.world.clock.now()
    url = f"/v1/creditors/{office.street.case.creditor_id}/listings"
    body = {"starts_at": now.isoformat(), "evidence": "https://bank.example/list"}
    made = admin.post(url, body)
    assert made.status_code == 201
    assert made.json["ends_at"] is None
    early = {**body, "ends_at": (now - timedelta(days=1)).isoformat()}
    assert admin.post(url, early).status_code == 422
    end = f"/v1/creditors/listings/{made.json['id']}/end"
    office.world.clock.forward(days=1)
    assert admin.post(end).status_code == 200
    assert admin.post(end).status_code == 409


def test_a_consent_is_recorded_and_withdrawn_once(office: Office):
    desk, now = office[Role.CONTACT_DESK], office.world.clock.now()
    street = office.street
    url = f"/v1/cases/{street.case.id}/consents"
    body = {
        "kind": "enter_home",
        "place_id": str(street.place.id),
        "evidence": "recorded call of 3 November",
        "starts_at": now.isoformat(),
    }
    given = desk.post(url, body)
    assert given.status_code == 201
    assert "evidence" not in given.json
    backwards = {**body, "ends_at": (now - timedelta(hours=1)).isoformat()}
    assert desk.post(url, backwards).status_code == 422
    office.world.clock.forward(minutes=1)
    taken_back = f"/v1/cases/consents/{given.json['id']}/withdrawal"
    assert desk.post(taken_back).status_code == 200
    assert desk.post(taken_back).status_code == 409


def test_visit_hours_are_lawful_and_in_the_places_time(office: Office):
    street, now = office.street, office.world.clock.now()
    url = f"/v1/cases/{street.case.id}/visit-hours"
    span = {"start": now.isoformat(), "end": (now + timedelta(days=1)).isoformat()}
    hours = office[Role.DISPATCHER].get(url, place_id=street.place.id, **span).json
    assert hours["time_zone"] == "Asia/Shanghai"
    assert hours["windows"]
    for window in hours["windows"]:
        start, end = (datetime.fromisoformat(window[at]) for at in ("start", "end"))
        assert start.utcoffset() == timedelta(hours=8)
        assert 8 <= start.hour < end.hour <= 22


def test_visit_hours_need_a_span_of_at_most_28_days(office: Office):
    street, now = office.street, office.world.clock.now()
    client, url = office[Role.DISPATCHER], f"/v1/cases/{street.case.id}/visit-hours"
    for days in (0, -1, 29, 20_000):
        end = (now + timedelta(days=days)).isoformat()
        span = {"start": now.isoformat(), "end": end}
        answer = client.get(url, place_id=street.place.id, **span)
        assert answer.status_code == 422, days


def test_history_shows_old_values_to_those_who_may_read_it(office: Office):
    dispatcher = office[Role.DISPATCHER]
    line = LINE.format(number="A")
    upload(dispatcher, line)
    taken = upload(dispatcher, line.replace(",60,", ",61,"))
    [case] = dispatcher.get("/v1/cases", external_id="A").json["items"]
    url = f"/v1/cases/{case['id']}/history"
    [change] = office[Role.AUDITOR].get(url).json["items"]
    assert (change["columns"], change["old"]) == (
        ["days_past_due"],
        {"days_past_due": 60},
    )
    assert change["import_id"] == taken.json["id"]
    assert office[Role.CONTACT_DESK].get(url).status_code == 403

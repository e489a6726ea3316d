"""ETag, If-Match, If-None-Match: nobody overwrites what he has not read."""

import threading
from typing import Any

import pytest

from core.words import BadgeState, Role
from models import Badge, Visit
from tests.api.conftest import Office

PROBLEM = "application/problem+json"
EVERYONE = [{"kind": "role", "role": "safety_officer"}]
Edit = tuple[Role, str, str, str, Any]


def edits(office: Office) -> list[Edit]:
    """Role, what is read, method, what is changed, body: one for each kind of thing."""
    street = office.street
    badge = office.make.badge(street.zhou)
    visit, chen = f"/v1/visits/{street.visit.id}", street.chen.id
    ladder = {
        "steps": [{"delay_s": 0, "recipients": EVERYONE}],
        "repeat_s": 60,
        "lease_s": 60,
    }
    url = f"/v1/badges/{badge.id}"
    user = f"/v1/users/{office.user(Role.AUDITOR).id}"
    rota = f"/v1/rotas/{office.make.rota([street.officer], standing=False).id}"
    turn = {"starts_on": "2026-11-23", "hand_over": "09:00", "turn_days": 7}
    turn["participants"] = [str(street.officer.id)]
    turns = {"name": "Nights", "time_zone": "Asia/Shanghai", "standing": False}
    turns["layers"] = [turn]
    office.make.session.commit()
    organisation, policy = "/v1/organisation", "/v1/policies/sos"
    crew = {"user_ids": [str(chen), str(street.wu.id)]}
    return [
        (Role.DISPATCHER, visit, "PUT", f"{visit}/visitors", crew),
        (Role.DISPATCHER, visit, "POST", f"{visit}/publication", None),
        (Role.DISPATCHER, visit, "POST", f"{visit}/cancellation", {"reason": "asked"}),
        (Role.ADMIN, url, "POST", f"{url}/suspension", {"reason": "lost"}),
        (Role.ADMIN, user, "POST", f"{user}/suspension", None),
        (Role.ADMIN, organisation, "PATCH", organisation, {"fence_m": 400}),
        (Role.ADMIN, policy, "PUT", policy, ladder),
        (Role.SAFETY_OFFICER, rota, "PUT", rota, turns),
    ]


def send(office: Office, edit: Edit, if_match: str | None) -> Any:
    """The change, with this version or none."""
    role, _, method, url, body = edit
    headers = {**office[role].headers, "If-Match": if_match}
    given = {name: one for name, one in headers.items() if one is not None}
    client = office.world.app.test_client()
    return client.open(url, method=method, json=body, headers=given)


def read(office: Office, edit: Edit) -> Any:
    """The thing as its own GET answers."""
    return office[edit[0]].get(edit[1])


def test_a_change_without_a_version_is_asked_for_one_and_stores_nothing(
    office: Office,
):
    for edit in edits(office):
        before = read(office, edit).json
        for missing in (None, ""):
            answer = send(office, edit, missing)
            assert (answer.status_code, answer.mimetype) == (428, PROBLEM), edit
            assert "If-Match" in answer.json["detail"]
        assert read(office, edit).json == before


def test_a_stale_version_is_refused_and_stores_nothing(office: Office):
    for edit in edits(office):
        before = read(office, edit).json
        for stale in ('"0123456789abcdef"', 'W/"x"', "garbage", '"a", "b"'):
            answer = send(office, edit, stale)
            assert (answer.status_code, answer.mimetype) == (412, PROBLEM), edit
        assert read(office, edit).json == before


def test_the_version_that_was_read_admits_one_change_and_not_the_next(office: Office):
    done = [edits(office)[place] for place in (0, 3, 4, 5, 6, 7)]
    for edit in done:
        tag = read(office, edit).headers["ETag"]
        first = send(office, edit, tag)
        assert first.status_code == 200, (edit, first.json)
        changed = read(office, edit).headers["ETag"]
        assert first.headers["ETag"] == changed
        if changed != tag:
            assert send(office, edit, tag).status_code == 412


def test_a_tag_that_a_proxy_weakened_still_names_the_version(office: Office):
    edit = edits(office)[5]
    tag = read(office, edit).headers["ETag"]
    assert send(office, edit, f'"other", W/{tag}').status_code == 200


def test_a_star_changes_it_however_it_stands(office: Office):
    edit = edits(office)[3]
    assert send(office, edit, "*").status_code == 200
    nobody = (Role.ADMIN, "", "POST", f"/v1/badges/{office.street.case.id}/suspension")
    answer = send(office, (*nobody, {"reason": "lost"}), "*")
    assert answer.status_code == 404


@pytest.mark.parametrize("path", ["/v1/organisation", "/v1/users", "/v1/me"])
def test_who_has_it_already_is_told_so(office: Office, path: str):
    admin = office[Role.ADMIN]
    first = admin.get(path)
    tag = first.headers["ETag"]
    headers = {**admin.headers, "If-None-Match": tag}
    client = office.world.app.test_client()
    same = client.get(path, headers=headers)
    assert (same.status_code, same.data, same.headers["ETag"]) == (304, b"", tag)
    other = client.get(path, headers={**headers, "If-None-Match": '"another"'})
    assert (other.status_code, other.json) == (200, first.json)


def test_what_changed_is_sent_anew(office: Office):
    admin, client = office[Role.ADMIN], office.world.app.test_client()
    old = admin.get("/v1/organisation").headers["ETag"]
    admin.patch("/v1/organisation", {"fence_m": 450})
    headers = {**admin.headers, "If-None-Match": old}
    answer = client.get("/v1/organisation", headers=headers)
    assert (answer.status_code, answer.json["fence_m"]) == (200, 450)


def test_of_two_who_read_the_same_one_changes_it(office: Office):
    badge = office.make.badge(office.street.zhou)
    url = f"/v1/badges/{badge.id}"
    office.make.session.commit()
    tag = office[Role.ADMIN].get(url).headers["ETag"]
    admins = [office[Role.ADMIN].headers for _ in range(4)]
    start, statuses = threading.Barrier(4), []

    def change(headers: dict[str, str]) -> None:
        client = office.world.app.test_client()
        start.wait()
        answer = client.post(
            f"{url}/suspension",
            json={"reason": "two at once"},
            headers={**headers, "If-Match": tag},
        )
        statuses.append(answer.status_code)

    threads = [threading.Thread(target=change, args=(one,)) for one in admins]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200, 412, 412, 412]
    office.make.session.expire_all()
    assert office.make.session.get_one(Badge, badge.id).state is BadgeState.SUSPENDED


def test_a_check_in_makes_the_dispatchers_version_stale(office: Office):
    dispatcher, street = office[Role.DISPATCHER], office.street
    url = f"/v1/visits/{street.visit.id}"
    tag = dispatcher.get(url).headers["ETag"]
    phone = office.world.phone_of(street.chen)
    arrived = phone.post(
        f"/v1/mobile/visits/{street.visit.id}/check-in", office.world.act()
    )
    assert arrived.json["watch"]["watched"] is True
    edit = (Role.DISPATCHER, url, "POST", f"{url}/cancellation", {"reason": "asked"})
    assert send(office, edit, tag).status_code == 412
    office.make.session.expire_all()
    assert office.make.session.get_one(Visit, street.visit.id).state != "cancelled"

"""Marks of one place that are made at once, over HTTP in real threads."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import select

from core.words import MarkKind, Role
from models import PlaceMark, User
from tests.support.street import Street
from tests.support.world import World
from tests.worker.test_http_races import at_once


def poster(world: World, user: User) -> Callable[..., Callable[[], int]]:
    """Requests of that user, each to be sent later."""
    client = world.client_as(user)

    def post(url: str, body: dict[str, Any], tag: str = "*") -> Callable[[], int]:
        http, headers = world.app.test_client(), {**client.headers, "If-Match": tag}
        return lambda: http.post(url, json=body, headers=headers).status_code

    return post


def test_concerns_at_once_are_all_kept_one_after_the_other(
    street: Street, world: World
):
    url = f"/v1/mobile/visits/{street.visit.id}/concern"
    people = [poster(world, user) for user in (street.chen, street.wu)]
    jobs = [post(url, {"words": f"worry {n}"}) for n in range(3) for post in people]
    assert at_once(jobs) == [201] * 6
    numbers = street.session.scalars(select(PlaceMark.number)).all()
    assert sorted(numbers) == list(range(1, 7))


def test_a_review_never_answers_a_concern_that_it_has_not_seen(
    street: Street, world: World
):
    place = f"/v1/places/{street.place.id}"
    concern = f"/v1/mobile/visits/{street.visit.id}/concern"
    chen, officer = poster(world, street.chen), poster(world, street.officer)
    reader = world.client_as(street.officer)
    judged = {"level": "normal", "words": "spoke with both"}
    for number in range(4):
        seen = reader.get(f"{place}/risk")
        before = len(seen.json["marks"])
        jobs = [
            officer(f"{place}/reviews", judged, seen.headers["ETag"]),
            chen(concern, {"words": f"worry {number}"}),
        ]
        reviewed, stated = at_once(jobs)
        assert stated == 201
        assert reviewed in {201, 412}
        street.session.expire_all()
        rows = street.session.scalars(select(PlaceMark).order_by(PlaceMark.number))
        added = [row.kind for row in rows][before:]
        street.session.commit()
        if reviewed == 201:
            assert added == [MarkKind.REVIEW, MarkKind.CONCERN]
        else:
            assert added == [MarkKind.CONCERN]
        assert reader.get(f"{place}/risk").json["level"] != "normal"


def test_corrections_of_one_report_at_once_leave_one_newest(
    street: Street, world: World
):
    officer = poster(world, street.officer)
    said = {"category": "threat", "harm": "none", "words": "he shouted"}
    said["happened_at"] = world.clock.now().isoformat()
    client = world.client_as(street.make.user(street.organisation, Role.DISPATCHER))
    made = client.post("/v1/incidents", said).json
    url = f"/v1/incidents/{made['id']}/corrections"
    assert sorted(at_once([officer(url, said) for _ in range(4)])) == [
        201,
        409,
        409,
        409,
    ]
    reader = world.client_as(street.officer)
    assert len(reader.get("/v1/incidents").json["items"]) == 1
    assert len(reader.get(f"/v1/incidents/{made['id']}").json["versions"]) == 2

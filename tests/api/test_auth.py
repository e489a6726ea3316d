"""Log in, renew, log out."""

from datetime import timedelta

from core import ids
from core.words import Role
from models import User
from tests.api.conftest import Office
from tests.support.make import PASSWORD
from tests.support.world import Browser, World


def log_in(office: Office, user: User, **changes: object):
    """The answer to a log-in of the user on a new device."""
    body = {
        "organisation": office.organisation.slug,
        "login": user.login,
        "password": PASSWORD,
        "device_id": str(ids.new()),
        **changes,
    }
    return office.world.client_as(None).post("/v1/auth/login", body)


def holding(world: World, token: str) -> Browser:
    """A client that carries this token."""
    return Browser(world, token)


def test_a_collector_gets_three_tokens_and_the_others_two(office: Office):
    chen = log_in(office, office.street.chen)
    assert chen.status_code == 200
    assert all(chen.json[f"{kind}_token"] for kind in ("access", "refresh", "safety"))
    officer = log_in(office, office.street.officer)
    assert officer.json["safety_token"] is None
    me = holding(office.world, officer.json["access_token"]).get("/v1/me")
    assert me.json["id"] == str(office.street.officer.id)


def test_whatever_is_wrong_the_words_are_the_same(office: Office):
    chen = office.street.chen
    suspended = office.user(Role.COLLECTOR, state="suspended")
    answers = [
        log_in(office, chen, password="not the password"),
        log_in(office, chen, login="nobody"),
        log_in(office, chen, organisation="nowhere"),
        log_in(office, suspended),
    ]
    assert {answer.status_code for answer in answers} == {401}
    words = {
        (one.json["detail"], one.json["type"], one.json["title"]) for one in answers
    }
    assert len(words) == 1


def test_a_log_in_of_another_organisation_does_not_fit(office: Office):
    other = office.make.organisation()
    office.make.session.commit()
    answer = log_in(office, office.street.chen, organisation=other.slug)
    assert answer.status_code == 401


def test_a_refresh_token_renews_the_access_token_and_does_nothing_else(office: Office):
    body = {"device_id": str(ids.new())}
    given = log_in(office, office.street.dispatcher, **body).json
    refresh = holding(office.world, given["refresh_token"])
    renewed = refresh.post("/v1/auth/refresh", body)
    assert renewed.status_code == 200
    again = holding(office.world, renewed.json["access_token"])
    assert again.get("/v1/me").status_code == 200
    assert refresh.get("/v1/me").status_code == 401
    assert again.post("/v1/auth/refresh", body).status_code == 401


def test_log_out_ends_both_tokens_of_this_device_only(office: Office):
    first = log_in(office, office.street.dispatcher).json
    second = log_in(office, office.street.dispatcher).json
    gone = holding(office.world, first["access_token"])
    assert gone.post("/v1/auth/logout").json == {}
    assert gone.get("/v1/me").status_code == 401
    refresh = holding(office.world, first["refresh_token"])
    assert refresh.post("/v1/auth/refresh").status_code == 401
    other = holding(office.world, second["access_token"])
    assert other.get("/v1/me").status_code == 200


def test_a_safety_token_serves_a_running_watch_after_log_out(office: Office):
    street, world = office.street, office.world
    given = log_in(office, street.chen).json
    phone = holding(world, given["safety_token"])
    assert phone.get("/v1/mobile/day").status_code == 200
    url = f"/v1/mobile/visits/{street.visit.id}"
    world.clock.forward(minutes=10)
    assert phone.post(f"{url}/check-in", world.act()).status_code == 200
    holding(world, given["access_token"]).post("/v1/auth/logout")
    out = world.act(pin="2580", outcome="nobody")
    assert phone.post(f"{url}/check-out", out).status_code == 200
    assert phone.get("/v1/mobile/day").status_code == 401
    world.clock.forward(hours=13)
    more = world.act(pin="2580", extend_s=60)
    assert phone.post(f"{url}/extension", more).status_code == 401
    assert phone.post("/v1/mobile/sos", world.act()).status_code == 201


def test_no_answer_names_a_secret_or_may_be_kept(office: Office):
    answer = log_in(office, office.street.chen)
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Request-Id"]
    assert PASSWORD not in answer.get_data(as_text=True)


def test_a_token_in_use_is_renewed_but_not_by_an_sos_that_is_all_it_is_good_for(
    office: Office,
):
    world, chen = office.world, office.street.chen
    hours = (2, 80, 2)
    fresh, expired, revoked = (
        world.phone_of(chen, issued_ago=timedelta(hours=each)) for each in hours
    )

    def renewed(phone: Browser) -> bool:
        answer = phone.post("/v1/mobile/sos", world.act())
        assert answer.status_code == 201
        return "Safety-Token" in answer.headers

    assert (renewed(fresh), renewed(expired)) == (True, False)
    admin = office[Role.ADMIN]
    assert admin.post(f"/v1/users/{chen.id}/suspension").status_code == 200
    assert renewed(revoked) is False

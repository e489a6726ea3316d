"""The second factor over HTTP: set up, asked for, lost."""

import threading
from concurrent.futures import ThreadPoolExecutor

from core import ids
from core.words import MessageKind, Role
from models import Message
from tests.api.conftest import Office
from tests.api.test_auth import holding, log_in
from tests.support.authenticator import Authenticator, set_up
from tests.support.make import PASSWORD

URL = "/v1/me/second-factor"


def enrolled(office: Office, client: object) -> Authenticator:
    """Set up by this client, as an app would."""
    begun = client.post(URL, {"password": PASSWORD})  # type: ignore[attr-defined]
    assert begun.status_code == 200, begun.json
    app = Authenticator(begun.json["secret"])
    assert begun.json["uri"].startswith("otpauth://totp/")
    assert begun.json["qr_svg"].startswith("<svg")
    done = client.post(f"{URL}/confirmation", {"code": app.code()})  # type: ignore[attr-defined]
    assert len(done.json["recovery_codes"]) == 10, done.json
    return app


def test_from_setting_it_up_to_logging_in_with_it(office: Office):
    officer = office.street.officer
    client = office.world.client_as(officer)
    assert client.get(URL).json == {
        "set_up": False,
        "required": False,
        "recovery_codes_left": 0,
    }
    app = enrolled(office, client)
    assert client.get(URL).json["set_up"] is True
    assert client.post(URL, {"password": PASSWORD}).status_code == 409
    asked = log_in(office, officer)
    assert (asked.status_code, asked.json["type"]) == (
        401,
        "/problems/second_factor_needed",
    )
    wrong = log_in(office, officer, code=app.wrong())
    assert wrong.json["type"] == "/problems/second_factor_wrong"
    code = app.code(later=1)
    given = log_in(office, officer, code=code)
    assert given.status_code == 200
    assert given.json["enrol_only"] is False
    again = log_in(office, officer, code=code)
    assert again.json["type"] == "/problems/second_factor_wrong"


def test_who_must_have_one_can_do_nothing_before(office: Office):
    office.organisation.second_factor_required = True
    dispatcher = office.street.dispatcher
    given = log_in(office, dispatcher).json
    assert given["enrol_only"] is True
    client = holding(office.world, given["access_token"])
    for path in ("/v1/me", "/v1/visits", "/v1/alerts"):
        refused = client.get(path)
        assert refused.status_code == 403
        assert refused.json["type"] == "/problems/second_factor_missing"
    refresh = holding(office.world, given["refresh_token"])
    assert refresh.post("/v1/auth/refresh").status_code == 403
    enrolled(office, client)
    assert client.get("/v1/me").json["id"] == str(dispatcher.id)
    collector = log_in(office, office.street.chen).json
    assert collector["enrol_only"] is False
    assert holding(office.world, collector["access_token"]).get(URL).status_code == 403


def test_who_only_sets_it_up_may_log_out(office: Office):
    office.organisation.second_factor_required = True
    given = log_in(office, office.street.dispatcher).json
    client = holding(office.world, given["access_token"])
    assert client.post("/v1/auth/logout").status_code == 200
    assert client.get(URL).status_code == 401


def test_wrong_input_sets_nothing_up(office: Office):
    client = office[Role.ADMIN]
    confirm = f"{URL}/confirmation"
    assert client.post(confirm, {"code": "123456"}).status_code == 409
    assert client.post(URL, {"password": "not the password"}).status_code == 422
    begun = client.post(URL, {"password": PASSWORD})
    app = Authenticator(begun.json["secret"])
    statuses = [
        client.post(confirm, {"code": app.wrong()}).status_code for _ in range(6)
    ]
    assert statuses == [422] * 5 + [429]
    assert client.get(URL).json["set_up"] is False


def test_guessing_codes_waits_like_guessing_passwords(office: Office):
    officer = office.street.officer
    app, _ = set_up(office.make, officer)
    wrong = app.wrong()
    statuses = [log_in(office, officer, code=wrong).status_code for _ in range(6)]
    assert statuses == [401] * 5 + [429]


def test_one_code_opens_one_log_in_however_many_come_at_once(office: Office):
    officer = office.street.officer
    app, _ = set_up(office.make, officer)
    office.make.session.commit()
    body = {"organisation": office.organisation.slug, "login": officer.login}
    body |= {"password": PASSWORD, "code": app.code()}
    gate = threading.Barrier(4)
    clients = [office.world.app.test_client() for _ in range(4)]

    def post(number: int) -> int:
        mine = {**body, "device_id": str(ids.new())}
        gate.wait()
        return clients[number].post("/v1/auth/login", json=mine).status_code

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(post, range(4))) == [200, 401, 401, 401]


def test_an_admin_resets_a_lost_one_and_its_owner_is_told(office: Office):
    officer = office.street.officer
    app, codes = set_up(office.make, officer)
    client = office.world.client_as(officer)
    url = f"/v1/users/{officer.id}/second-factor-reset"
    admin = office[Role.ADMIN]
    assert admin.post(url).status_code == 200
    assert admin.post(url).status_code == 409
    assert client.get("/v1/me").status_code == 401
    assert log_in(office, officer).status_code == 200
    [told] = [
        one
        for one in office.make.session.query(Message)
        if one.kind is MessageKind.ACCOUNT
    ]
    assert (told.user_id, told.recipient) == (officer.id, officer.phone)
    assert app.totp.secret not in (told.body or "")
    assert codes[0] not in (told.body or "")


def test_it_can_be_required_and_never_be_dropped_again(office: Office):
    admin = office[Role.ADMIN]
    on, off = ({"second_factor_required": value} for value in (True, False))
    assert admin.patch("/v1/organisation", off).status_code == 422
    changed = admin.patch("/v1/organisation", on)
    assert changed.json["second_factor_required"] is True
    assert admin.patch("/v1/organisation", off).status_code == 422
    assert admin.get("/v1/organisation").json["second_factor_required"] is True

"""Users in the admin's hands."""

from core.words import Role
from tests.api.conftest import Office
from tests.api.test_auth import log_in

NEW = {
    "login": "Li.Na",
    "name": "李娜",
    "phone": "138 1234 5678",
    "role": "collector",
    "password": "a password of twelve",
    "pin": "1357",
}


def test_a_new_user_logs_in_with_what_the_admin_gave(office: Office):
    made = office[Role.ADMIN].post("/v1/users", NEW)
    assert made.status_code == 201, made.json
    assert made.json["login"] == "li.na"
    assert made.json["phone"] == "+8613812345678"
    assert made.json["state"] == "active"
    assert "password" not in str(made.json)
    entered = log_in(
        office, office.street.chen, login="LI.NA", password=NEW["password"]
    )
    assert entered.status_code == 200


def test_a_login_is_given_once_in_an_organisation(office: Office):
    admin = office[Role.ADMIN]
    admin.post("/v1/users", NEW)
    again = admin.post("/v1/users", {**NEW, "login": "LI.na"})
    assert again.status_code == 409
    other = office.make.user(office.make.organisation(), Role.ADMIN)
    assert office.world.client_as(other).post("/v1/users", NEW).status_code == 201


def test_a_user_who_could_not_work_is_refused(office: Office):
    admin = office[Role.ADMIN]
    before = admin.get("/v1/users").json["items"]
    for field, value in (
        ("pin", None),
        ("pin", "12"),
        ("phone", "12"),
        ("password", "short"),
        ("name", "\u202e"),
        ("role", "king"),
        ("login", "a b"),
    ):
        refused = admin.post("/v1/users", {**NEW, field: value})
        assert refused.status_code == 422, field
        assert field in str(refused.json["fields"])
    assert admin.get("/v1/users").json["items"] == before


def test_suspension_ends_the_log_ins_until_reinstated(office: Office):
    admin, user = office[Role.ADMIN], office.user(Role.DISPATCHER)
    client = office.world.client_as(user)
    url = f"/v1/users/{user.id}"
    suspended = admin.post(f"{url}/suspension")
    assert suspended.json["state"] == "suspended"
    assert suspended.json["on_duty_since"] is None
    assert client.get("/v1/me").status_code == 401
    assert log_in(office, user).status_code == 401
    assert admin.post(f"{url}/suspension").status_code == 409
    assert admin.post(f"{url}/reinstatement").json["state"] == "active"
    assert admin.post(f"{url}/reinstatement").status_code == 409
    assert log_in(office, user).status_code == 200


def test_an_admin_does_not_suspend_himself(office: Office):
    user = office.user(Role.ADMIN)
    client = office.world.client_as(user)
    assert client.post(f"/v1/users/{user.id}/suspension").status_code == 409
    assert client.get(f"/v1/users/{user.id}").json["state"] == "active"


def test_a_walk_through_the_users_meets_each_once(office: Office):
    client = office[Role.ADMIN]
    everybody = client.get("/v1/users", limit=200).json["items"]
    walked = office.walk(client, "/v1/users")
    assert walked == [user["id"] for user in everybody]
    assert len(set(walked)) == len(walked) > 6
    collectors = office.walk(client, "/v1/users", role="collector")
    street = office.street
    assert collectors == [str(one.id) for one in (street.chen, street.wu, street.zhou)]

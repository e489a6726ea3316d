"""Codes from messages: invitations, and secrets that are set anew."""

import re

from sqlalchemy import select

from core.words import MessageKind, Role
from models import AuditRow, Invitation, Message, ResetCode, User
from tests.api.conftest import Office
from tests.api.test_auth import log_in
from tests.support.make import PASSWORD, PIN

NEW = "a password of my own"
CODE = re.compile(r"[A-Z2-9]{4}(?:-[A-Z2-9]{4}){2}")
INVITED = {
    "login": "Li.Na",
    "name": "李娜",
    "phone": "138 1234 5678",
    "role": "collector",
}


def told(office: Office, kind: MessageKind = MessageKind.ACCOUNT) -> list[Message]:
    """The messages of that kind, oldest first."""
    office.make.session.expire_all()
    query = select(Message).where(Message.kind == kind).order_by(Message.id)
    return list(office.make.session.scalars(query))


def code(office: Office) -> str:
    """The code in the newest message that has one."""
    found = [CODE.search(one.body or "") for one in told(office)]
    return [one.group() for one in found if one][-1]


def post(office: Office, what: str, body: dict[str, object]):
    """Somebody without a token."""
    return office.world.client_as(None).post(f"/v1/account/{what}", body)


def test_the_invited_person_alone_chooses_password_and_pin(office: Office):
    made = office[Role.ADMIN].post("/v1/invitations", INVITED)
    assert made.status_code == 201, made.json
    [message] = told(office)
    assert message.recipient == "+8613812345678"
    assert "李娜" not in (message.body or "")
    assert "https://check.example/account/invitation" in (message.body or "")
    given = code(office)
    assert given not in made.get_data(as_text=True)
    assert log_in(office, office.street.chen, login="li.na").status_code == 401
    body = {"code": given.lower().replace("-", " "), "password": NEW}
    assert post(office, "invitation", body).status_code == 422  # no PIN yet
    done = post(office, "invitation", {**body, "pin": "1357"})
    assert done.json == {"organisation": office.organisation.slug, "login": "li.na"}
    entered = log_in(office, office.street.chen, login="li.na", password=NEW)
    assert entered.json["safety_token"]
    again = post(office, "invitation", {**body, "pin": "1357"})
    assert again.status_code == 422
    assert "code" in again.json["fields"]
    row = office.make.session.scalars(select(Invitation)).one()
    assert (row.login, row.name, row.phone) == (None, None, None)


def test_an_invitation_ends_by_time_by_another_and_by_its_admin(office: Office):
    admin = office[Role.ADMIN]
    body = {"password": NEW, "pin": "1357"}
    url = f"/v1/invitations/{admin.post('/v1/invitations', INVITED).json['id']}"
    assert admin.post("/v1/invitations", INVITED).status_code == 409
    first = code(office)
    assert admin.post(f"{url}/renewal").status_code == 200
    second = code(office)
    assert post(office, "invitation", {**body, "code": first}).status_code == 422
    office.world.clock.forward(hours=72)
    assert post(office, "invitation", {**body, "code": second}).status_code == 422
    admin = office[Role.ADMIN]
    admin.post(f"{url}/renewal")
    third = code(office)
    assert [one["login"] for one in admin.get("/v1/invitations").json["items"]] == [
        "li.na"
    ]
    assert admin.post(f"{url}/revocation").json["name"] is None
    assert post(office, "invitation", {**body, "code": third}).status_code == 422
    for act in ("renewal", "revocation"):
        assert admin.post(f"{url}/{act}").status_code == 409
    assert admin.get("/v1/invitations").json["items"] == []


def test_an_invitation_that_cannot_work_is_refused(office: Office):
    admin = office[Role.ADMIN]
    for field, value in (
        ("phone", "12"),
        ("login", "a b"),
        ("name", "\u202e"),
        ("role", "king"),
    ):
        refused = admin.post("/v1/invitations", {**INVITED, field: value})
        assert refused.status_code == 422, field
    taken = {**INVITED, "login": office.street.chen.login}
    assert admin.post("/v1/invitations", taken).status_code == 409
    assert told(office) == []


def test_asking_for_a_reset_answers_the_same_for_anybody(office: Office):
    slug = office.organisation.slug
    suspended = office.user(Role.DISPATCHER, state="suspended")
    answers = []
    for login in (office.street.officer.login, "nobody", suspended.login):
        answer = post(office, "password-reset", {"organisation": slug, "login": login})
        answers.append((answer.status_code, answer.get_data()))
    assert len(set(answers)) == 1
    assert answers[0][0] == 202
    assert [one.user_id for one in told(office)] == [office.street.officer.id]


def test_a_password_is_set_anew_by_code_and_every_log_in_ends(office: Office):
    officer = office.street.officer
    client = office.world.client_as(officer)
    ask = {"organisation": office.organisation.slug, "login": officer.login}
    assert post(office, "password-reset", ask).status_code == 202
    given = code(office)
    short = {"code": given, "new": "short"}
    assert post(office, "password", short).status_code == 422
    done = post(office, "password", {"code": given, "new": NEW})
    assert done.json["login"] == officer.login
    assert client.get("/v1/me").status_code == 401
    assert log_in(office, officer).status_code == 401
    assert log_in(office, officer, password=NEW).status_code == 200
    assert post(office, "password", {"code": given, "new": NEW}).status_code == 422
    assert told(office)[-1].user_id == officer.id
    rows = office.make.session.scalars(select(AuditRow))
    assert "user.password_reset" in {row.action for row in rows}


def test_strangers_cannot_flood_a_phone_nor_end_a_code_that_was_sent(office: Office):
    officer = office.street.officer
    ask = {"organisation": office.organisation.slug, "login": officer.login}
    post(office, "password-reset", ask)
    given = code(office)
    for _ in range(3):
        post(office, "password-reset", ask)
    assert len(told(office)) == 1
    done = post(office, "password", {"code": given, "new": NEW})
    assert done.status_code == 200
    for _ in range(8):
        office.world.clock.forward(minutes=31)
        assert post(office, "password-reset", ask).status_code in {202, 429}
    codes = office.make.session.scalars(select(ResetCode)).all()
    assert len(codes) == 5
    admin = office[Role.ADMIN]
    assert admin.post(f"/v1/users/{officer.id}/password-reset").status_code == 200
    assert post(office, "password", {"code": code(office), "new": NEW + "!"}).json


def test_a_code_does_what_it_was_sent_for_and_not_for_long(office: Office):
    chen, admin = office.street.chen, office[Role.ADMIN]
    admin.post(f"/v1/users/{chen.id}/pin-reset")
    given = code(office)
    assert post(office, "password", {"code": given, "new": NEW}).status_code == 422
    assert post(office, "pin", {"code": given, "pin": "1234"}).status_code == 422
    office.world.clock.forward(minutes=30)
    assert post(office, "pin", {"code": given, "pin": "7913"}).status_code == 422
    office_user = office.user(Role.DISPATCHER)
    url = f"/v1/users/{office_user.id}/pin-reset"
    assert office[Role.SAFETY_OFFICER].post(url).status_code == 409
    assert office[Role.DISPATCHER].post(url).status_code == 403


def test_a_new_pin_ends_no_watch_that_had_begun_and_officers_hear_of_it(
    office: Office,
):
    street, world = office.street, office.world
    world.clock.forward(minutes=10)
    phone = world.phone_of(street.chen)
    url = f"/v1/mobile/visits/{street.visit.id}"
    assert phone.post(f"{url}/check-in", world.act()).json["result"] == "ok"
    world.clock.forward(minutes=1)
    officer = office.world.client_as(street.officer)
    assert officer.post(f"/v1/users/{street.chen.id}/pin-reset").status_code == 200
    done = post(office, "pin", {"code": code(office), "pin": "7913"})
    assert done.status_code == 200
    own = office.world.client_as(street.chen)
    change = {"password": PASSWORD, "pin": "8024"}
    assert own.put("/v1/me/pin", change).status_code == 200
    warned = told(office, MessageKind.DISPATCHER_NOTE)
    assert [one.user_id for one in warned] == [street.officer.id] * 2

    def out(pin: str) -> str:
        body = world.act(pin=pin, outcome="nobody")
        return str(phone.post(f"{url}/check-out", body).json["result"])

    assert [out(pin) for pin in ("7913", "8024", PIN)] == ["wrong_pin"] * 2 + ["ok"]
    world.clock.forward(minutes=1)
    assert phone.post(f"{url}/check-in", world.act()).json["result"] == "ok"
    assert [out(pin) for pin in (PIN, "8024")] == ["wrong_pin", "ok"]


def test_a_reset_leaves_the_safety_token_of_a_running_watch(office: Office):
    street, world = office.street, office.world
    world.clock.forward(minutes=10)
    phone = world.phone_of(street.chen)
    url = f"/v1/mobile/visits/{street.visit.id}"
    phone.post(f"{url}/check-in", world.act())
    office[Role.ADMIN].post(f"/v1/users/{street.chen.id}/password-reset")
    assert post(office, "password", {"code": code(office), "new": NEW}).json
    out = world.act(pin=PIN, outcome="nobody")
    assert phone.post(f"{url}/check-out", out).json["result"] == "ok"
    assert phone.get("/v1/mobile/day").status_code == 401


def test_guessing_codes_waits_and_a_right_one_never_does(office: Office):
    office[Role.ADMIN].post("/v1/invitations", INVITED)
    given = code(office)
    body = {"code": "AAAA-BBBB-CCCC", "new": NEW}
    statuses = [post(office, "password", body).status_code for _ in range(11)]
    assert statuses == [422] * 10 + [429]
    right = {"code": given, "password": NEW, "pin": "1357"}
    assert post(office, "invitation", right).status_code == 200


def test_no_code_is_stored_as_it_is(office: Office):
    office[Role.ADMIN].post("/v1/invitations", INVITED)
    given = code(office).replace("-", "")
    rows = office.make.session.scalars(select(Invitation)).all()
    assert given not in str([vars(row) for row in rows])
    query = select(AuditRow).where(AuditRow.action == "invitation.sent")
    [row] = office.make.session.scalars(query)
    assert row.detail == {"role": "collector"}
    assert office.make.session.scalars(select(User.id)).all()

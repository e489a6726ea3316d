"""New passwords and PINs are hashed while nobody waits for a lock of ours."""

from collections.abc import Callable, Iterator

import pytest
from argon2 import PasswordHasher
from sqlalchemy import Connection, Engine, event

from accounts import passwords
from core.words import Role
from server.endpoint import CONTRACTS
from tests.api.conftest import Office
from tests.api.test_account_codes import INVITED, NEW, code, post
from tests.support.make import PASSWORD

OFFERED = {"password", "pin", "new"}  # fields of bodies that carry a secret


class Writers:
    """The write transactions that are open on an engine."""

    def __init__(self, engine: Engine) -> None:
        self.open: set[int] = set()
        self.hashed: list[int] = []  # how many were open, for each secret
        event.listen(engine, "begin", self._began)
        for end in ("commit", "rollback"):
            event.listen(engine, end, self._ended)

    def _began(self, connection: Connection) -> None:
        if not connection.get_execution_options().get("reading", False):
            self.open.add(id(connection.connection.dbapi_connection))

    def _ended(self, connection: Connection) -> None:
        self.open.discard(id(connection.connection.dbapi_connection))


@pytest.fixture
def writers(office: Office, monkeypatch: pytest.MonkeyPatch) -> Iterator[Writers]:
    """Watches every hash that is made of a secret."""
    found = Writers(office.world.database.engine)

    class Watched(PasswordHasher):
        def hash(self, *given: object, **options: object) -> str:
            found.hashed.append(len(found.open))
            return super().hash(*given, **options)  # type: ignore[arg-type]

    cheap = Watched(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(passwords, "_password_hasher", cheap)
    monkeypatch.setattr(passwords, "_pin_hasher", cheap)
    return found


def invited(office: Office) -> str:
    office[Role.ADMIN].post("/v1/invitations", INVITED)
    return code(office)


def sent(office: Office, what: str) -> str:
    office[Role.ADMIN].post(f"/v1/users/{office.street.chen.id}/{what}-reset")
    return code(office)


def page(office: Office, what: str, form: dict[str, str]):
    office.make.session.commit()
    return office.world.app.test_client().post(f"/account/{what}", data=form)


def user(office: Office):
    body = {**INVITED, "password": NEW, "pin": "1357"}
    return office[Role.ADMIN].post("/v1/users", body)


def own_pin(office: Office):
    body = {"password": PASSWORD, "pin": "1357"}
    return office[Role.COLLECTOR].put("/v1/me/pin", body)


def own_password(office: Office):
    body = {"old": PASSWORD, "new": NEW}
    return office[Role.COLLECTOR].put("/v1/me/password", body)


def invitation(office: Office):
    body = {"code": invited(office), "password": NEW, "pin": "1357"}
    return post(office, "invitation", body)


def password_by_code(office: Office):
    return post(office, "password", {"code": sent(office, "password"), "new": NEW})


def pin_by_code(office: Office):
    return post(office, "pin", {"code": sent(office, "pin"), "pin": "1357"})


def invitation_page(office: Office):
    form = {"code": invited(office), "password": NEW, "pin": "1357"}
    return page(office, "invitation", form)


def password_page(office: Office):
    return page(office, "password", {"code": sent(office, "password"), "new": NEW})


def pin_page(office: Office):
    return page(office, "pin", {"code": sent(office, "pin"), "pin": "1357"})


ROUTES = {
    "users_create": (user, 2),
    "me_set_pin": (own_pin, 1),
    "me_set_password": (own_password, 1),
    "account_accept": (invitation, 2),
    "account_set_password": (password_by_code, 1),
    "account_set_pin": (pin_by_code, 1),
}
PAGES = {
    "invitation": (invitation_page, 2),
    "password": (password_page, 1),
    "pin": (pin_page, 1),
}
ASKED = {**ROUTES, **{f"page of {name}": one for name, one in PAGES.items()}}


@pytest.mark.parametrize(("ask", "secrets"), ASKED.values(), ids=ASKED)
def test_no_secret_is_hashed_while_a_writer_is_held(
    office: Office, writers: Writers, ask: Callable[..., object], secrets: int
):
    answer = ask(office)
    assert answer.status_code in {200, 201}, answer.get_data(as_text=True)
    assert writers.hashed == [0] * secrets


def test_every_route_that_takes_a_new_secret_is_tried_above():
    taking = {one.name for one in CONTRACTS if one.hashes is not None}
    assert taking == ROUTES.keys()
    silent = [
        one.name
        for one in CONTRACTS
        if one.body is not None and OFFERED & one.body().fields.keys()
        if one.secret is None and one.hashes is None
    ]
    assert silent == []


def test_who_may_not_enter_costs_no_hash(office: Office, writers: Writers):
    body = {**INVITED, "password": NEW, "pin": "1357"}
    assert office[Role.DISPATCHER].post("/v1/users", body).status_code == 403
    assert office.world.client_as(None).post("/v1/users", body).status_code == 401
    assert writers.hashed == []


def test_a_writer_that_is_held_is_seen(office: Office, writers: Writers):
    with office.world.database.sessions.begin() as session:
        session.connection()
        passwords.hash_password(NEW)
    passwords.hash_password(NEW)
    assert writers.hashed == [1, 0]

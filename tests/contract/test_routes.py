"""Every route stands under a contract: doors, roles, tenants."""

from datetime import timedelta
from typing import Any

from flask_jwt_extended import create_access_token, create_refresh_token
from sqlalchemy import func, select

from accounts import access
from accounts.access import Action
from core import ids
from core.words import Role, WatchState
from models import Base, User
from server import authentication
from server.endpoint import CONTRACTS, Contract
from tests.support import samples, walk
from tests.support.make import Make
from tests.support.neighbour import Neighbour, references
from tests.support.street import Street
from tests.support.world import World

LATE = timedelta(minutes=-1)
GUARDED = [contract for contract in CONTRACTS if contract.door is not None]
BY_CODE = {
    f"/v1/account/{what}"
    for what in ("invitation", "password-reset", "password", "pin")
}
BY_SECRET = {  # of the channel
    f"/v1/channels/<uuid:channel_id>/{what}"
    for what in ("reports", "replies", "digits")
}
TENANT_FREE = {"devices", "login_sessions"}  # the test's own log-ins


def send(world: World, contract: Contract, token: str | None, **options: Any) -> Any:
    """The contract's request with this token; valid unless ``options`` differ."""
    headers = {"Authorization": f"Bearer {token}"} if token is not None else {}
    given = options or samples.request(contract)
    url = samples.path(contract)
    client = world.app.test_client()
    return client.open(url, method=contract.method, headers=headers, **given)


def tokens(world: World, user: User, *, late: bool = False) -> tuple[str, str]:
    """Access and refresh token of a fresh log-in."""
    login = world._log_in(user)
    life = LATE if late else None
    with world.app.app_context():
        return (
            create_access_token(str(login.id), expires_delta=life),
            create_refresh_token(str(login.id), expires_delta=life),
        )


def counts(world: World) -> dict[str, int]:
    """Rows of every table but those that a log-in of the test fills."""
    with world.database.sessions() as session:
        return {
            table.name: session.scalar(select(func.count()).select_from(table))
            for table in Base.metadata.sorted_tables
            if table.name not in TENANT_FREE
        }


def strangers(make: Make, roles: list[Role]) -> list[User]:
    """One user of each role in an organisation of their own."""
    other = make.organisation()
    found = [make.user(other, role) for role in roles]
    make.session.commit()
    return found


def test_every_rule_of_the_api_has_a_contract(world: World):
    rules = {
        (method, rule.rule)
        for rule in world.app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.rule.startswith("/v1")
    }
    contracts = [(contract.method, contract.path) for contract in CONTRACTS]
    assert rules == set(contracts)
    assert len(contracts) == len(set(contracts))


def test_what_is_outside_the_api_is_on_a_list(world: World):
    outside = {
        rule.rule.split("/")[1]
        for rule in world.app.url_map.iter_rules()
        if not rule.rule.startswith("/v1")
    }
    pages = {"verify", "account", "safety", "style.css", "icon.svg"}
    assert outside == {*pages, "healthz", "readyz", "openapi.json", "docs"}


def test_only_log_in_codes_providers_and_the_borrowers_check_have_no_door():
    public = {contract.path for contract in CONTRACTS if contract.door is None}
    assert public == {"/v1/auth/login", "/v1/verifications", *BY_CODE, *BY_SECRET}
    assert all(contract.action is not None for contract in GUARDED)


def test_every_action_of_the_access_table_opens_a_route():
    used = {contract.action for contract in CONTRACTS}
    assert used - {None} == set(Action)
    assert set(access.ALLOWED) == set(Action)


def test_nobody_enters_without_a_token_that_stands(world: World, street: Street):
    access_late, refresh_late = tokens(world, street.chen, late=True)
    access_now, refresh_now = tokens(world, street.chen)
    out = world._log_in(street.officer)
    out.revoked_at = world.clock.now()
    street.session.commit()
    with world.app.app_context():
        ended = create_access_token(str(out.id))
    bad = [None, "", "garbage", "a.b.c", "é" * 9, access_late, refresh_late, ended]
    wrong = []
    for contract in GUARDED:
        renews = contract.door is authentication.by_refresh
        for token in [*bad, access_now if renews else refresh_now]:
            for options in ({}, {"data": b"{", "content_type": "text/html"}):
                answer = send(world, contract, token, **options)
                if answer.status_code != 401 or "fields" in answer.json:
                    wrong.append((contract.method, contract.path, token, answer))
    assert wrong == []


def test_a_safety_token_opens_only_what_a_phone_needs(world: World, street: Street):
    phone = world.phone_of(street.chen)
    token = phone.headers["Authorization"].removeprefix("Bearer ")
    log_ins = {
        authentication.by_login,
        authentication.by_refresh,
        authentication.to_enrol,
    }
    opened = {
        contract.path
        for contract in GUARDED
        if send(world, contract, token).status_code != 401
    }
    assert opened == {one.path for one in GUARDED if one.door not in log_ins}
    assert {path for path in opened if not path.startswith("/v1/mobile/")} == {
        "/v1/alerts/<uuid:alert_id>",
        "/v1/alerts/<uuid:alert_id>/acknowledgement",
        "/v1/alerts/<uuid:alert_id>/notes",
        "/v1/incidents",
        "/v1/me/duty",
    }


def test_no_role_does_what_the_table_does_not_name(world: World, street: Street):
    users = {role: street.make.user(street.organisation, role) for role in Role}
    held = {role: tokens(world, user) for role, user in users.items()}
    before, wrong = counts(world), []
    for contract in GUARDED:
        assert contract.action is not None
        for role in set(Role) - access.ALLOWED[contract.action]:
            for options in ({}, {"data": b"{", "content_type": "text/html"}):
                answer = send(world, contract, held[role][0], **options)
                if answer.status_code != 403 or "fields" in answer.json:
                    wrong.append((contract.method, contract.path, role, answer))
    assert wrong == []
    assert counts(world) == before


def test_another_tenants_id_is_not_found_wherever_a_rule_names_one(
    world: World, street: Street
):
    neighbour = Neighbour(street)
    held = {
        user.role: tokens(world, user) for user in strangers(street.make, list(Role))
    }
    before, wrong, walked = counts(world), [], set()
    for contract in (one for one in GUARDED if "<uuid:" in one.rule):
        url = samples.path(contract, **neighbour.ids)
        assert not set(neighbour.names(contract.path)) - neighbour.ids.keys()
        walked.update(neighbour.names(contract.path))
        for role in access.ALLOWED[contract.action]:
            headers = {"Authorization": f"Bearer {held[role][0]}"}
            given = samples.request(contract)
            client = world.app.test_client()
            answer = client.open(url, method=contract.method, headers=headers, **given)
            if answer.status_code != 404:
                wrong.append((contract.method, contract.path, role, answer.json))
    assert wrong == []
    assert walked == neighbour.ids.keys()
    assert counts(world) == before


def told(answer: Any, named: str) -> tuple[int, str]:
    """Status and words of an answer without what differs by request."""
    words = {**answer.json, "request_id": None}
    return answer.status_code, str(words).replace(named, "the id")


def test_another_tenants_id_in_a_body_or_query_answers_like_an_id_of_nobody(
    world: World, street: Street
):
    theirs = Neighbour(street).ids
    nobodys = {name: ids.new() for name in theirs}
    own = Street(street.make, street.database)
    staff = {
        role: world.client_as(street.make.user(own.organisation, role)) for role in Role
    }
    staff[Role.COLLECTOR] = world.client_as(own.chen)
    before, answers = counts(world), []
    for named in (theirs, nobodys):
        for role, method, url, given, name in references(own, world, named):
            http, headers = world.app.test_client(), staff[role].headers
            answer = http.open(url, method=method, headers=headers, **given)
            answers.append((method, url, *told(answer, str(named[name]))))
    half = len(answers) // 2
    assert answers[:half] == answers[half:]
    assert {status for _, _, status, _ in answers} <= {404, 409, 422}
    assert counts(world) == before


def test_another_tenants_rows_stand_in_no_list(world: World, street: Street):
    neighbour = Neighbour(street)
    held = {
        user.role: tokens(world, user) for user in strangers(street.make, list(Role))
    }
    secret = {str(one) for one in neighbour.ids.values()}
    wrong, seen = [], 0
    lists = [
        one
        for one in GUARDED
        if one.method == "GET" and "<" not in one.rule and not one.stream
    ]
    for contract in lists:
        for role in access.ALLOWED[contract.action]:
            given = neighbour.query(contract)
            answer = send(world, contract, held[role][0], query_string=given)
            shown = answer.get_data(as_text=True)
            seen += answer.status_code == 200
            if any(one in shown for one in secret) or answer.status_code >= 500:
                wrong.append((contract.path, role, shown))
    assert wrong == []
    assert seen > len(lists)


def test_a_revoked_device_opens_nothing_and_is_heard_where_it_must_be(
    world: World, street: Street
):
    street.phone(street.chen).check_in(street.visit)
    street.session.commit()
    before, due = counts(world), street.watch(street.chen).due_at
    steps = list(walk.revoked_device(world, street))
    assert [step for step in steps if not step.right] == []
    assert {step.contract.path for step in steps} == {one.path for one in GUARDED}
    after = counts(world)
    changed = {name for name in after if after[name] != before[name]}
    assert changed <= {
        *("watch_events", "messages", "alerts", "alert_entries"),
        *("audit_rows", "audit_pending"),
    }
    street.session.expire_all()
    watch = street.watch(street.chen)
    assert (watch.state, watch.due_at) == (WatchState.ARMED, due)


def test_the_walk_of_the_figures_finds_every_route_closed(world: World, street: Street):
    wrong = {
        (name, step.contract.method, step.contract.path, step.who, step.status)
        for name in ("no token", "expired token", "other role", "other tenant")
        for step in walk.CASES[name](world, street)
        if not step.right
    }
    assert wrong == set()

"""Families of refresh tokens under fire: twenty at once, then replays."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from core import ids
from core.words import Role
from models import LoginSession, User
from tests.support.make import PASSWORD
from tests.support.street import Street
from tests.support.world import World

PARALLEL = 20
URL = "/v1/auth/refresh"


@dataclass
class Verdict:
    """``wrong_kills``: families that ended though nobody replayed, or lived on though.

    ``wrong_answers``: any other answer than the rule gives.
    """

    asked: int = 0
    wrong_kills: int = 0
    wrong_answers: int = 0


class Home:
    """Where people log in; each of their apps is a family of its own."""

    def __init__(self, world: World, street: Street) -> None:
        self.world, self.street = world, street

    def app(self) -> "App":
        """A new person with one log-in."""
        user = self.street.make.user(self.street.organisation, Role.COLLECTOR)
        self.street.session.commit()
        return App(self, user)


class App:
    """One family; ``pair`` is the newest that the app has seen."""

    def __init__(self, home: Home, user: User) -> None:
        self.home, self.device_id = home, str(ids.new())
        body = {"organisation": home.street.organisation.slug, "login": user.login}
        body |= {"password": PASSWORD, "device_id": self.device_id}
        client = home.world.app.test_client()
        self.pair: dict[str, str] = client.post("/v1/auth/login", json=body).json
        self.user_id = user.id

    def ask(self, token: str, device_id: str | None = None) -> Any:
        """Present a refresh token; as this device unless told."""
        headers = {"Authorization": f"Bearer {token}"}
        body = {"device_id": device_id or self.device_id}
        client = self.home.world.app.test_client()
        return client.post(URL, json=body, headers=headers)

    def stands(self) -> bool:
        """Is the log-in open?"""
        with self.home.world.database.sessions() as session:
            query = session.query(LoginSession.revoked_at)
            [ended] = query.filter(LoginSession.user_id == self.user_id).one()
            return ended is None


def at_once(jobs: list[Callable[[], Any]]) -> list[Any]:
    """What each answered; all begin together."""
    gate = threading.Barrier(len(jobs))

    def run(job: Callable[[], Any]) -> Any:
        gate.wait()
        return job()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))


def rounds(
    home: Home, *, families: int, tick: Callable[[], object] = lambda: None
) -> Verdict:
    """Each family: three times twenty at once, the replay of each kind, its end."""
    verdict = Verdict()
    for number in range(families):
        app, used = home.app(), ""
        for _ in range(3):
            used = app.pair["refresh_token"]
            _same_pair(app, used, verdict)
        verdict.wrong_kills += not app.stands()
        _stranger(app, verdict)
        verdict.wrong_kills += not app.stands()
        late = number % 2 == 0
        if late:
            home.world.clock.forward(seconds=61)
        _replayed(app, used, None if late else str(ids.new()), verdict)
        verdict.wrong_kills += app.stands()
        tick()
    return verdict


def _same_pair(app: App, token: str, verdict: Verdict) -> None:
    """All twenty of one device get one and the same pair."""
    answers = at_once([lambda: app.ask(token)] * PARALLEL)
    verdict.asked += PARALLEL
    verdict.wrong_answers += sum(one.status_code != 200 for one in answers)
    verdict.wrong_answers += len({one.data for one in answers}) - 1
    app.pair = answers[0].json


def _stranger(app: App, verdict: Verdict) -> None:
    """An unused token in other hands: refused, and the family lives."""
    stranger = str(ids.new())
    token = app.pair["refresh_token"]
    answers = at_once([lambda: app.ask(token, stranger)] * PARALLEL)
    verdict.asked += PARALLEL
    verdict.wrong_answers += sum(one.status_code != 401 for one in answers)


def _replayed(app: App, used: str, device_id: str | None, verdict: Verdict) -> None:
    """A used token after a minute, or from elsewhere: nobody gets anything any more."""
    answers = at_once([lambda: app.ask(used, device_id)] * PARALLEL)
    newest = app.ask(app.pair["refresh_token"])
    verdict.asked += PARALLEL + 1
    verdict.wrong_answers += sum(one.status_code != 401 for one in (*answers, newest))

"""The three measurements of the main job, in milliseconds each."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from typing import Any

import requests
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from bench.town import Round, Tick, Town
from core.words import AlertKind
from models import Alert, Message, Receipt, Watch, database
from server.demo.client import Person
from tests.support.make import PIN
from tests.support.premises import until

TIMEOUT_S = 30


def first_dispatches(
    town: Town, *, visits: int, spread_s: float, tick: Tick
) -> list[float]:
    """From each watch's due to the start of its alert's first delivery."""
    first = town.open_visits(visits, spread_s, tick)
    if town.premises.clock.now() > first:
        raise RuntimeError("the first watch fell due before all were armed")
    sessions = town.premises.database.sessions
    until("all alarms", lambda: len(_delays(sessions)) == visits, seconds=90)
    return _delays(sessions)


def _delays(sessions: sessionmaker[Session]) -> list[float]:
    started = func.min(Receipt.started_at)
    query = (
        select(Watch.due_at, started)
        .join(Alert, Alert.watch_id == Watch.id)
        .join(Message, Message.alert_id == Alert.id)
        .join(Receipt, Receipt.message_id == Message.id)
        .where(Alert.kind == AlertKind.OVERDUE, Receipt.accepted)
        .group_by(Watch.id, Watch.due_at)
    )
    with database.reading(sessions) as session:
        rows = session.execute(query).all()
    return [(sent - due).total_seconds() * 1000 for due, sent in rows]


def check_ins(town: Town, rounds: list[Round], tick: Tick) -> list[float]:
    """Each pair's collector goes from door to door; his check-outs are not counted."""
    people = [town.person(made.collector) for made in rounds]

    def walk(person: Person, made: Round) -> list[float]:
        taken = []
        for visit in made.visits:
            path = f"/visits/{visit.id}"
            ms, answer = _timed(lambda path=path: person.act(f"{path}/check-in"))
            if (answer["result"], answer["contact"]) != ("ok", "allowed"):
                raise RuntimeError(f"not an ordinary check-in: {answer}")
            taken.append(ms)
            person.act(f"{path}/check-out", pin=PIN, outcome="nobody")
            tick()
        return taken

    with ThreadPoolExecutor(len(rounds)) as pool:
        return list(chain.from_iterable(pool.map(walk, people, rounds)))


def checks(town: Town, rounds: list[Round], *, count: int, tick: Tick) -> list[float]:
    """Codes of genuine visits, asked by one borrower for each round at once."""
    url, each = f"{town.premises.base}/v1/verifications", count // len(rounds)

    def ask(made: Round) -> list[float]:
        taken = []
        with requests.Session() as http:
            for number in range(each):
                body = {"code": made.codes[number % len(made.codes)]}
                ms, answer = _timed(
                    lambda body=body: http.post(url, json=body, timeout=TIMEOUT_S)
                )
                if answer.json()["answer"] not in ("expected_now", "not_now"):
                    raise RuntimeError(f"not a genuine visit: {answer.text}")
                taken.append(ms)
                tick()
        return taken

    with ThreadPoolExecutor(len(rounds)) as pool:
        return list(chain.from_iterable(pool.map(ask, rounds)))


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    began = time.perf_counter()
    answer = work()
    return (time.perf_counter() - began) * 1000, answer

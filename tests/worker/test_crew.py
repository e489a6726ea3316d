"""Several web processes behind one port: one dies or hangs, all end, a leader dies."""

import json
import os
import signal
import time
from collections.abc import Callable

import pytest
import requests
from sqlalchemy import select

from models import ProcessPulse, WatchEvent
from server.processes.crew import Crew
from tests.support.load import Load
from tests.support.missed import Missed
from tests.support.premises import Premises, Process, free_port, until

MANY = 2
WRITERS = 6
BEATEN_S = 4.0

on_postgresql = pytest.mark.parametrize("database", ["postgresql"], indirect=True)


def serving(web: Process) -> list[int]:
    """The ids of the processes that came to serve, the oldest first."""
    lines = [line for line in web.said().splitlines() if '"web serves"' in line]
    return [json.loads(line)["pid"] for line in lines]


def start(premises: Premises) -> Process:
    """A web of two processes, once both serve."""
    premises.environ["VOUCHSAFE_PROCESSES"] = str(MANY)
    web = premises.start("web")
    until("all serve", lambda: len(serving(web)) == MANY)
    return web


def pulses(premises: Premises) -> int:
    """How many webs have beaten within the last seconds."""
    with premises.database.sessions() as session:
        beats = session.scalars(select(ProcessPulse.beat_at)).all()
    now = premises.clock.now()
    return sum((now - one).total_seconds() < BEATEN_S for one in beats)


def gone(pid: int) -> bool:
    """Nobody has that id any more."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


@pytest.fixture
def load(premises: Premises, missed: Missed) -> Load:
    """Collectors who raise SOS after SOS, not started yet."""
    return Load(premises, missed.make, missed.street.organisation)


def goes_on(load: Load) -> None:
    """Every phone has reported some more."""
    before = len(load.stored)
    until("phones report", lambda: len(load.stored) > before + 4 * WRITERS)


@on_postgresql
def test_one_process_is_killed_and_the_others_go_on_until_it_is_replaced(
    premises: Premises, load: Load
):
    web = start(premises)
    until("all beat", lambda: pulses(premises) == MANY)
    load.start(WRITERS)
    killed = serving(web)[0]
    os.kill(killed, signal.SIGKILL)
    goes_on(load)
    until("another takes its place", lambda: len(serving(web)) == MANY + 1)
    goes_on(load)
    load.stop()
    assert len(load.cut) <= WRITERS  # what the dead one had in its hands
    assert load.refused == []
    assert load.missing(premises.database.sessions) == set()
    until("all beat again", lambda: pulses(premises) == MANY, seconds=BEATEN_S * 2)
    assert gone(killed)
    assert f'"pid": {killed}, "status": -9' in web.said()


@on_postgresql
def test_who_hangs_keeps_nobody_waiting_whom_he_had_not_let_in(
    premises: Premises, load: Load
):
    web = start(premises)
    headers = {"Authorization": f"Bearer {load._token()}"}
    load.make.session.commit()
    hanging = serving(web)[0]
    os.kill(hanging, signal.SIGSTOP)
    try:
        for number in range(20):
            began = time.monotonic()
            body = {"event_id": f"0190cd05-0000-7000-8000-0000000000{number:02}"}
            url = f"{premises.base}/v1/mobile/sos"
            answer = requests.post(url, json=body, headers=headers, timeout=9)
            assert answer.status_code == 201
            assert time.monotonic() - began < 2
    finally:
        os.kill(hanging, signal.SIGCONT)


def all_end(web: Process) -> None:
    """Their leader is asked."""
    web.popen.terminate()


def all_end_by_a_signal_to_each(web: Process) -> None:
    """As a service manager may do it."""
    web.signal(signal.SIGTERM)


@on_postgresql
@pytest.mark.parametrize("ask", [all_end, all_end_by_a_signal_to_each])
def test_all_end_together_and_nobody_who_was_let_in_is_cut_off(
    premises: Premises, missed: Missed, load: Load, ask: Callable[[Process], None]
):
    web = start(premises)
    load.start(WRITERS)
    ask(web)
    assert web.ends() == 0
    assert all(map(gone, serving(web)))
    load.stop()
    assert load.cut == []
    assert load.refused == []
    stored = set(missed.read(select(WatchEvent.event_id)))
    assert stored == {event_id for _, event_id in load.stored}
    assert missed.read(select(ProcessPulse.id)) == []


@on_postgresql
def test_one_that_is_asked_to_end_cuts_nobody_off_and_is_replaced(
    premises: Premises, load: Load
):
    web = start(premises)
    load.start(WRITERS)
    os.kill(serving(web)[1], signal.SIGTERM)
    until("another takes its place", lambda: len(serving(web)) == MANY + 1)
    goes_on(load)
    load.stop()
    assert load.cut == []
    assert load.refused == []


@on_postgresql
def test_when_their_leader_is_killed_they_answer_what_they_have_and_end(
    premises: Premises, missed: Missed, load: Load
):
    web = start(premises)
    pids = serving(web)
    load.start(WRITERS)
    os.kill(web.popen.pid, signal.SIGKILL)
    web.ends()
    until("all are gone", lambda: all(map(gone, pids)))
    load.stop()
    assert load.cut == []
    assert missed.read(select(ProcessPulse.id)) == []
    assert premises.status("/healthz") == 0


@on_postgresql
def test_each_process_tells_prometheus_of_itself(premises: Premises):
    port = free_port()
    premises.environ["VOUCHSAFE_METRICS"] = f"127.0.0.1:{port}"
    start(premises)
    for _ in range(10):
        premises.status("/healthz")
    texts = [
        requests.get(f"http://127.0.0.1:{one}/metrics", timeout=9).text
        for one in range(port, port + MANY)
    ]
    assert all("vouchsafe_request_seconds" in text for text in texts)


@pytest.mark.parametrize("many", ["0", "65", "two"])
def test_an_impossible_number_of_processes_is_named(premises: Premises, many: str):
    premises.environ["VOUCHSAFE_PROCESSES"] = many
    web = premises.run("-m", "server.cli", "web")
    assert web.ends() == 1
    assert "VOUCHSAFE_PROCESSES must be a whole number from 1 to 64." in web.said()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_on_sqlite_there_is_one_process_and_the_refusal_says_why(premises: Premises):
    premises.environ["VOUCHSAFE_PROCESSES"] = str(MANY)
    web = premises.run("-m", "server.cli", "web")
    assert web.ends() == 1
    assert "VOUCHSAFE_PROCESSES above 1 needs PostgreSQL" in web.said()


@on_postgresql
def test_what_keeps_them_from_starting_is_said_once(premises: Premises):
    premises.environ["VOUCHSAFE_PROCESSES"] = str(MANY)
    (premises.home / "keys.json").unlink()
    web = premises.run("-m", "server.cli", "web")
    assert web.ends() == 1
    assert web.said().count("There are no keys") == 1


def test_a_place_where_somebody_listens_already_is_named(premises: Premises):
    premises.start("web")
    second = premises.run("-m", "server.cli", "web")
    assert second.ends() == 1
    assert f"Cannot listen on 127.0.0.1:{premises.port}" in second.said()


def test_where_no_process_can_be_made_the_others_go_on(monkeypatch: pytest.MonkeyPatch):
    crew = Crew(2, [])

    def refused() -> int:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(os, "fork", refused)
    assert crew._fork(0) is False
    assert crew.children == {}
    assert crew._vacant() == [1]  # the other is tried at once, this one after a while
    os.close(crew.leash)
    os.close(crew.end)

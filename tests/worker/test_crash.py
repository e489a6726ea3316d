"""kill -9 at five points of a missed check-out: nothing lost, nothing doubled."""

import signal
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import requests
from sqlalchemy import func, select

from core.words import (
    AlertEntryKind,
    ChannelKind,
    EventKind,
    MessageKind,
    MessageState,
    WatchState,
)
from models import Alert, AlertEntry, Message, Receipt, Watch, WatchEvent
from safety import watches
from tests.support.gateway import Gateway
from tests.support.make import PIN
from tests.support.missed import Missed
from tests.support.premises import Premises, until

# a worker whose machine goes dark in the instant after the commit of the alert
DIES_AFTER_THE_COMMIT = """
import os, signal, time
from server import runtime
from server.processes.worker import Worker
from server.settings import from_environment

worker = Worker(runtime.start(from_environment()))
while not worker.guard():
    time.sleep(0.01)
os.kill(os.getpid(), signal.SIGKILL)
"""
REQUESTS = 3


def test_a_worker_killed_after_the_due_and_before_its_sweep(
    missed: Missed, premises: Premises
):
    missed.channel(ChannelKind.FILE)
    worker = premises.start("worker")
    missed.at_the_door(length_s=1.5)
    worker.signal(signal.SIGSTOP)
    [watch] = missed.read(select(Watch))
    until("the due to pass", lambda: premises.clock.now() > watch.due_at)
    worker.kill()
    assert missed.read(select(Alert)) == []
    premises.start("worker")
    missed.wait_for_the_whole_ladder()
    missed.assert_nothing_lost_or_doubled()
    assert len(missed.delivered()) == 5


def test_b_worker_killed_after_the_alerts_commit_and_before_sending(
    missed: Missed, premises: Premises
):
    missed.channel(ChannelKind.FILE)
    missed.at_the_door(length_s=0.2)
    dying = premises.run("-c", DIES_AFTER_THE_COMMIT)
    assert dying.ends() == -signal.SIGKILL
    call = select(Message).where(Message.kind == MessageKind.ALERT_STEP)
    [message] = missed.read(call)
    assert (message.state, message.attempt) == (MessageState.PENDING, 0)
    assert len(missed.read(select(Alert))) == 1
    premises.start("worker")
    missed.wait_for_the_whole_ladder()
    missed.assert_nothing_lost_or_doubled()
    assert len(missed.delivered()) == 5


def test_c_worker_killed_between_sending_and_recording(
    missed: Missed, premises: Premises, gateway: Gateway
):
    visit = missed.at_the_door(length_s=0.2)
    missed.channel(ChannelKind.WEBHOOK, gateway.url)
    worker = premises.start("worker")
    held = until("a message on its way", gateway.references)[0]
    worker.kill()
    assert missed.read(select(Receipt)) == []
    premises.forward(seconds=31)  # the dead sender's lease runs out
    gateway.answering.set()
    premises.start("worker")
    missed.wait_for_the_whole_ladder()
    missed.assert_nothing_lost_or_doubled()
    every = missed.read(select(Message).where(Message.visit_id == visit.id))
    attempts = {str(message.id): message.attempt for message in every}
    copies = Counter(gateway.references())
    assert copies.keys() == attempts.keys()
    assert copies[held] == attempts[held] == 2
    # the dead worker's other senders may have held one each; nothing else is doubled
    assert all(copies[one] <= attempts[one] <= 2 for one in attempts)


def test_d_web_killed_right_after_it_answered_a_check_in(
    missed: Missed, premises: Premises
):
    missed.channel(ChannelKind.FILE)
    web, visit = premises.start("web"), missed.visit(length_s=2)
    chen, event_id = missed.person(missed.street.chen), str(uuid4())
    path = f"/visits/{visit.id}"
    chen.act(f"{path}/departure", buddy_id=str(missed.street.zhou.id))
    body = {"event_id": event_id, "occurred_at": chen.now().isoformat()}
    answer = chen.post(f"/v1/mobile{path}/check-in", body)
    web.kill()
    assert (answer["stored"], answer["watch"]["watched"]) == (True, True)
    [watch] = missed.read(select(Watch))
    assert str(watch.id) == answer["watch"]["id"]
    premises.start("web")
    assert chen.post(f"/v1/mobile{path}/check-in", body) == answer
    premises.start("worker")
    missed.wait_for_the_whole_ladder()
    missed.assert_nothing_lost_or_doubled()


def test_e_web_killed_in_the_middle_of_check_outs(missed: Missed, premises: Premises):
    missed.channel(ChannelKind.FILE)
    web, visit = premises.start("web"), missed.visit(length_s=1)
    chen = missed.person(missed.street.chen)
    path = f"/visits/{visit.id}"
    chen.act(f"{path}/departure", buddy_id=str(missed.street.zhou.id))
    chen.act(f"{path}/check-in")
    worker = premises.start("worker")
    missed.wait_for_the_whole_ladder()
    leaving = {
        "event_id": str(uuid4()),
        "occurred_at": chen.now().isoformat(),
        "pin": PIN,
        "outcome": "nobody",
    }
    url, headers = f"{premises.base}/v1/mobile{path}/check-out", chen.http.headers
    with ThreadPoolExecutor(REQUESTS) as phones:
        with missed.database.sessions() as other:
            watches.lock_visit(other, missed.make.actor(missed.street.chen), visit.id)
            sent = [phones.submit(post, url, leaving, headers) for _ in range(REQUESTS)]
            time.sleep(0.4)  # they have arrived and wait for the visit's row
            web.kill()
            assert [one.result() for one in sent] == [None] * REQUESTS
            other.rollback()
        assert_still_missed(missed)
        web = premises.start("web")
        sent = [phones.submit(post, url, leaving, headers) for _ in range(REQUESTS)]
        first = until("an answer", lambda: [f.result() for f in sent if f.done()])
        web.kill()
    premises.start("web")
    again = chen.post(f"/v1/mobile{path}/check-out", leaving)
    answers = [one.result() for one in sent if one.result() is not None]
    assert answers + first == [again] * (len(answers) + len(first))
    assert_safe_once(missed)
    assert worker.popen.poll() is None


def post(url: str, body: dict[str, str], headers: Any) -> Any:
    """What the phone is told; ``None`` where the line went dead."""
    try:
        return requests.post(url, json=body, headers=dict(headers), timeout=20).json()
    except requests.RequestException:
        return None


def assert_still_missed(missed: Missed) -> None:
    """None of the check-outs had any effect."""
    missed.assert_nothing_lost_or_doubled()
    assert missed.read(select(Alert.closed_at)) == [None]
    assert missed.read(select(Watch.state)) == [WatchState.OVERDUE]


def assert_safe_once(missed: Missed) -> None:
    """One check-out is stored, closed one alert, and everyone told heard it once."""
    out = WatchEvent.kind == EventKind.CHECK_OUT
    assert len(missed.read(select(WatchEvent).where(out))) == 1
    assert missed.read(select(Watch.state)) == [WatchState.CLOSED]
    closed = AlertEntry.kind == AlertEntryKind.CLOSED
    assert missed.read(select(func.count(AlertEntry.id)).where(closed)) == [1]
    clear = select(Message.user_id).where(Message.kind == MessageKind.ALL_CLEAR)
    assert Counter(missed.read(clear)) == Counter(set(missed.whole_ladder()))
    sent = clear.where(Message.state == MessageState.SENT)
    until("all-clear to everyone", lambda: len(missed.read(sent)) == 4)
    missed.assert_nothing_lost_or_doubled()

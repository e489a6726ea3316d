"""Web, worker and sentinel as real processes: what they do, when they refuse to."""

import signal
import time
from uuid import UUID

from sqlalchemy import func, select

from core.keyring import Keyring
from core.words import ChannelKind, MessageKind, MessageState
from models import Alert, Message, ProcessPulse, migrate
from models.base import Base
from tests.support.gateway import Gateway
from tests.support.missed import Missed
from tests.support.premises import Premises, until

ROLES = ("web", "worker", "sentinel")


def test_a_missed_check_out_is_found_and_reaches_one_person_after_the_other(
    missed: Missed, premises: Premises
):
    missed.channel(ChannelKind.FILE)
    premises.start("web")
    premises.start("worker")
    visit, street = missed.visit(length_s=3), missed.street
    chen = missed.person(street.chen)
    left = chen.act(f"/visits/{visit.id}/departure", buddy_id=str(street.zhou.id))
    arrived = chen.act(f"/visits/{visit.id}/check-in")
    assert (left["result"], arrived["contact"]) == ("ok", "allowed")
    missed.wait_for_the_whole_ladder()
    expected = [street.chen, street.zhou, street.officer]
    delivered = missed.delivered()
    assert [m["recipient"] for m in delivered[:3]] == [one.phone for one in expected]
    assert all(m["body"] for m in delivered)
    [alert] = missed.read(select(Alert))
    assert alert.opened_at.isoformat() >= arrived["watch"]["due"]
    missed.assert_nothing_lost_or_doubled()


def test_the_sentinel_stands_in_for_a_dead_worker_that_nobody_restarts(
    missed: Missed, premises: Premises
):
    missed.channel(ChannelKind.FILE)
    worker = premises.start("worker")
    premises.start("sentinel")
    missed.at_the_door(length_s=2)
    worker.kill()
    assert missed.read(select(Alert)) == []
    until("all steps", lambda: missed.steps() >= missed.whole_ladder(), seconds=40)
    until("all deliveries", lambda: len(missed.delivered()) == 5)
    assert missed.steps() == missed.whole_ladder()
    warning = Message.kind == MessageKind.SENTINEL
    warned = missed.read(select(Message.user_id).where(warning))
    assert warned == [missed.street.officer.id]


def refusals(premises: Premises) -> list[str]:
    """What each role says when it refuses to start; it must not run on."""
    processes = [premises.run("-m", "server.cli", role) for role in ROLES]
    assert [process.ends() for process in processes] == [1, 1, 1]
    return [process.said() for process in processes]


def one_line(words: str) -> list[str]:
    return [words + "\n"] * len(ROLES)


def test_without_keys_nothing_starts_and_one_line_says_why(empty_premises: Premises):
    keys = empty_premises.home / "keys.json"
    for said in refusals(empty_premises):
        [line] = said.splitlines()
        assert line.startswith(f"There are no keys at {keys}.")
        assert "`vouchsafe keys generate`" in line
        assert "its own keys file" in line


def test_a_large_installation_whose_links_lead_nowhere_is_told(premises: Premises):
    said = premises.start("web").said()
    on_postgresql = premises.database.kind == "postgresql"
    assert ("VOUCHSAFE_PUBLIC_URL" in said) == on_postgresql


def test_with_the_keys_of_another_installation_nothing_starts(premises: Premises):
    premises.write_keys(Keyring.generate().dump())
    words = "These keys do not belong to this database."
    assert refusals(premises) == one_line(words)


def test_on_an_empty_schema_nothing_starts_and_the_line_names_the_command(
    premises: Premises,
):
    engine = premises.database.engine
    Base.metadata.drop_all(engine)
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE alembic_version")
    words = (
        "The database is at revision None; this version needs "
        f"{migrate.head()}: run `vouchsafe migrate`."
    )
    assert refusals(premises) == one_line(words)


def test_a_worker_that_is_asked_to_stop_finishes_what_it_has_in_hand(
    missed: Missed, premises: Premises, gateway: Gateway
):
    missed.channel(ChannelKind.WEBHOOK, gateway.url)
    worker = premises.start("worker")
    missed.at_the_door(length_s=0.5)
    until("a message on its way", gateway.references)
    worker.signal(signal.SIGTERM)
    time.sleep(0.3)
    gateway.answering.set()
    assert worker.ends() == 0
    assert "worker stopped" in worker.said()
    reference = UUID(gateway.references()[0])
    first = select(Message.state).where(Message.id == reference)
    assert missed.read(first) == [MessageState.SENT]
    leased = Message.state == MessageState.LEASED
    assert missed.read(select(func.count(Message.id)).where(leased)) == [0]


def test_ready_means_that_a_worker_has_a_pulse(premises: Premises):
    premises.start("web")
    assert (premises.status("/healthz"), premises.status("/readyz")) == (200, 503)
    premises.start("worker").kill()
    assert premises.status("/readyz") == 200
    with premises.database.sessions.begin() as session:
        worker = ProcessPulse.kind == "worker"
        [pulse] = session.scalars(select(ProcessPulse).where(worker))
        pulse.beat_at = pulse.started_at = premises.clock.forward(seconds=-11)
    assert premises.status("/readyz") == 503

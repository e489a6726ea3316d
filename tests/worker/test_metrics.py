"""What Prometheus is told: by processes, of the database, and never of whom."""

import time

import requests
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import select, update

from core.words import ChannelKind, MessageKind
from models import Message, Receipt, Watch, Webhook
from tests.support.missed import Missed
from tests.support.premises import Premises, free_port, until


def samples(port: int) -> dict[tuple[str, tuple[str, ...]], float]:
    """Each sample by name and values, in the order of the labels' names."""
    text = requests.get(f"http://127.0.0.1:{port}/metrics", timeout=9).text
    return {
        (one.name, tuple(one.labels.values())): one.value
        for family in text_string_to_metric_families(text)
        for one in family.samples
    }


def start(premises: Premises, role: str) -> int:
    """The role with a port for its figures."""
    port = free_port()
    premises.environ["VOUCHSAFE_METRICS"] = f"127.0.0.1:{port}"
    premises.start(role)
    return port


def test_the_sentinel_tells_of_what_waits(missed: Missed, premises: Premises):
    missed.channel(ChannelKind.FILE)
    missed.at_the_door(length_s=1)
    port = start(premises, "sentinel")

    def gauge(name: str, *labels: str) -> float:
        return samples(port)[f"vouchsafe_{name}", labels]

    until("a late watch", lambda: gauge("watch_late_seconds") > 0.5)
    assert gauge("sealer_lag_seconds") > 0
    assert gauge("alerts_open") == 0
    assert gauge("database_up") == 1
    del premises.environ["VOUCHSAFE_METRICS"]
    premises.start("worker")
    until("an alert", lambda: gauge("alerts_open") == 1)
    until("the seals", lambda: gauge("sealer_lag_seconds") < 1)
    assert gauge("watch_late_seconds") == 0
    assert gauge("queue_age_seconds", "sos") == 0
    assert gauge("pulse_age_seconds", "worker") < 10


def test_the_worker_tells_how_long_a_call_for_help_took_since_its_due(
    missed: Missed, premises: Premises
):
    missed.channel(ChannelKind.FILE)
    missed.at_the_door(length_s=1)
    time.sleep(2)  # nobody works yet
    port = start(premises, "worker")
    name = "vouchsafe_due_to_dispatch_seconds"

    def told(suffix: str, *labels: str) -> float:
        return samples(port).get((f"{name}_{suffix}", labels), 0.0)

    until("the first call", lambda: told("count"))
    missed.wait_for_the_whole_ladder()
    assert told("count") == 1  # and none of the calls that followed
    [due] = missed.read(select(Watch.due_at))
    calls = select(Receipt.started_at).join(Message)
    calls = calls.where(Message.kind == MessageKind.ALERT_STEP)
    first = missed.read(calls.order_by(Message.id, Receipt.attempt))[0]
    waited = (first - due).total_seconds()
    assert abs(told("sum") - waited) < 0.05
    assert told("bucket", "0.5") == 0
    assert told("bucket", "+Inf") == 1


def test_the_sentinel_counts_who_is_missed_and_tells_what_no_webhook_takes(
    missed: Missed, premises: Premises
):
    missed.channel(ChannelKind.FILE)
    port = start(premises, "sentinel")

    def gauge(name: str) -> float:
        return samples(port)[f"vouchsafe_{name}", ()]

    assert (gauge("watches_overdue"), gauge("webhook_age_seconds")) == (0, 0)
    organisation = missed.street.organisation
    deaf = f"http://127.0.0.1:{free_port()}/"  # nobody listens there
    off = missed.make.webhook(organisation, deaf, enabled=False)
    on = missed.make.webhook(organisation, deaf)
    missed.make.session.commit()
    del premises.environ["VOUCHSAFE_METRICS"]
    premises.start("worker")
    missed.at_the_door(length_s=1)
    until("somebody is missed", lambda: gauge("watches_overdue") == 1)
    until("an event waits", lambda: gauge("webhook_age_seconds") > 1)
    with premises.database.sessions.begin() as session:
        session.execute(update(Webhook).values(enabled=False))
    assert gauge("webhook_age_seconds") == 0
    assert off.id != on.id


def test_web_tells_of_rules_and_never_of_paths(premises: Premises):
    port = start(premises, "web")
    for path in ("/v1/visits/0190cd05-0000-7000-8000-000000000001", "/secret"):
        requests.get(premises.base + path, timeout=9)
    requests.request("SPY", f"{premises.base}/healthz", timeout=9)
    told = samples(port)
    name = "vouchsafe_request_seconds_count"
    assert told[name, ("GET", "/v1/visits/<uuid:visit_id>", "401")] == 1
    assert told[name, ("GET", "none", "404")] == 1
    assert told[name, ("other", "none", "405")] == 1
    assert not any("0190cd05" in "".join(key[1]) for key in told)
    assert premises.status("/metrics") == 404


def test_an_address_that_is_none_or_taken_is_named(premises: Premises):
    start(premises, "web")
    taken = premises.run("-m", "server.cli", "worker")
    premises.environ["VOUCHSAFE_METRICS"] = "9100"
    wrong = premises.run("-m", "server.cli", "worker")
    for process in (taken, wrong):
        assert process.ends() == 1
        assert "VOUCHSAFE_METRICS" in process.said()

"""What Prometheus is told: by processes, of the database, and never of whom."""

import requests
from prometheus_client.parser import text_string_to_metric_families

from core.words import ChannelKind
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

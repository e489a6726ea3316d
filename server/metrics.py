"""Figures for Prometheus, at an address of their own: no label names anybody.

Every process tells of itself; the sentinel also tells of the database, so that no sum
counts it twice.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime

from prometheus_client import REGISTRY, Histogram, start_http_server
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from contact.carriers import Carrier, Outgoing
from core.errors import Misconfigured
from core.words import Lane, MessageKind, WatchState
from models import (
    Alert,
    AuditPending,
    Message,
    ProcessPulse,
    Watch,
    Webhook,
    WebhookDelivery,
    database,
)
from safety import first_calls
from server.runtime import Runtime
from server.settings import Settings

METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
REQUESTS = Histogram(
    "vouchsafe_request_seconds",
    "Time from a request's arrival in the application to its answer.",
    ["rule", "method", "status"],
)
DELAYS = Histogram(
    "vouchsafe_due_to_dispatch_seconds",
    "From a missed watch's due to the first sending of its alert's first message.",
    buckets=(0.1, 0.25, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300),
)


def observe(rule: str, method: str, status: int, seconds: float) -> None:
    """One request: its rule, never its path; a method that we do not know is other."""
    known = method if method in METHODS else "other"
    REQUESTS.labels(rule, known, str(status)).observe(seconds)


class Timed:
    """A carrier; when an alert first speaks by it, how long that took since the due.

    It is looked up once the message has left, so that no call for help waits for it.
    """

    def __init__(self, carrier: Carrier, runtime: Runtime) -> None:
        self.carrier, self.runtime = carrier, runtime

    def send(self, outgoing: Outgoing) -> str:
        """What the carrier does."""
        try:
            return self.carrier.send(outgoing)
        finally:
            if (
                outgoing.kind is MessageKind.ALERT_STEP
                and self.runtime.settings.metrics
            ):
                self._observe(outgoing)

    def _observe(self, outgoing: Outgoing) -> None:
        try:
            with database.reading(self.runtime.sessions) as session:
                due = first_calls.due_of(session, outgoing.reference)
        except SQLAlchemyError:
            return  # a figure less; the message has left
        if due is not None:
            DELAYS.observe(_age(due, outgoing.at))


def at_place(settings: Settings, place: int) -> Settings:
    """Of several web processes each has a port of its own for its figures."""
    if settings.metrics is None:
        return settings
    host, port = settings.metrics
    return replace(settings, metrics=(host, port + place))


def serve(runtime: Runtime, *, tells_of_database: bool = False) -> None:
    """Answer Prometheus at ``VOUCHSAFE_METRICS``, where that is set."""
    if runtime.settings.metrics is None:
        return
    host, port = runtime.settings.metrics
    try:
        start_http_server(port, host)
    except OSError as error:
        raise Misconfigured(
            f"Cannot serve figures at {host}:{port} ({error.strerror}): "
            "set VOUCHSAFE_METRICS."
        ) from error
    if tells_of_database:
        REGISTRY.register(OfDatabase(runtime))


class OfDatabase(Collector):
    """What the tables say at the moment of the question; one cheap query for each."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime

    def describe(self) -> list[Metric]:
        """Nothing is asked before somebody asks."""
        return []

    def collect(self) -> Iterator[Metric]:
        """The gauges; without a database only ``vouchsafe_database_up`` 0."""
        gauges: list[Metric] = []
        up = GaugeMetricFamily("vouchsafe_database_up", "1 while it answers.")
        try:
            with database.reading(self.runtime.sessions) as session:
                now = self.runtime.clock.now(session)
                gauges = [gauge(session, now) for gauge in GAUGES]
        except SQLAlchemyError:
            gauges = []
        up.add_metric([], 1 if gauges else 0)
        yield up
        yield from gauges


def _age(then: datetime | None, now: datetime) -> float:
    return 0.0 if then is None else max(0.0, (now - then).total_seconds())


def _queue(session: Session, now: datetime) -> Metric:
    family = GaugeMetricFamily(
        "vouchsafe_queue_age_seconds",
        "For how long the oldest message that is due has waited.",
        labels=["lane"],
    )
    due = Message.final_at.is_(None), Message.available_at <= now
    oldest = select(Message.lane, func.min(Message.available_at)).where(*due)
    found = dict(session.execute(oldest.group_by(Message.lane)).tuples().all())
    for lane in Lane:
        family.add_metric([lane.value], _age(found.get(lane), now))
    return family


def _alerts(session: Session, _: datetime) -> Metric:
    query = select(func.count()).select_from(Alert).where(Alert.closed_at.is_(None))
    return _one("vouchsafe_alerts_open", "Open alerts.", session.scalar(query) or 0)


def _overdue(session: Session, now: datetime) -> Metric:
    armed = Watch.state == WatchState.ARMED, Watch.due_at < now
    query = select(func.min(Watch.due_at)).where(*armed)
    what = "For how long the oldest due of an armed watch has passed without an alert."
    return _one("vouchsafe_watch_late_seconds", what, _age(session.scalar(query), now))


def _missed(session: Session, _: datetime) -> Metric:
    missed = Watch.state == WatchState.OVERDUE, Watch.closed_at.is_(None)
    query = select(func.count()).select_from(Watch).where(*missed)
    what = "Watches whose due was missed and whose alert nobody has closed."
    return _one("vouchsafe_watches_overdue", what, session.scalar(query) or 0)


def _webhooks(session: Session, now: datetime) -> Metric:
    waiting = WebhookDelivery.final_at.is_(None), Webhook.enabled
    webhook = Webhook.id == WebhookDelivery.webhook_id
    query = select(func.min(WebhookDelivery.created_at)).join(Webhook, webhook)
    what = "Age of the oldest event that an enabled webhook has not taken."
    age = _age(session.scalar(query.where(*waiting)), now)
    return _one("vouchsafe_webhook_age_seconds", what, age)


def _sealer(session: Session, now: datetime) -> Metric:
    query = select(AuditPending.at).order_by(AuditPending.audit_id).limit(1)
    what = "Age of the oldest audit row without a seal."
    return _one("vouchsafe_sealer_lag_seconds", what, _age(session.scalar(query), now))


def _pulses(session: Session, now: datetime) -> Metric:
    family = GaugeMetricFamily(
        "vouchsafe_pulse_age_seconds",
        "Since the newest pulse of a process of that kind.",
        labels=["kind"],
    )
    newest = select(ProcessPulse.kind, func.max(ProcessPulse.beat_at))
    for kind, beat_at in session.execute(newest.group_by(ProcessPulse.kind)):
        family.add_metric([kind], _age(beat_at, now))
    return family


def _one(name: str, what: str, value: float) -> Metric:
    family = GaugeMetricFamily(name, what)
    family.add_metric([], value)
    return family


GAUGES: tuple[Callable[[Session, datetime], Metric], ...] = (
    _queue,
    _alerts,
    _overdue,
    _missed,
    _webhooks,
    _sealer,
    _pulses,
)

"""Spans for OpenTelemetry, where an operator asks for them: never a path or a person.

Off unless ``OTEL_EXPORTER_OTLP_ENDPOINT`` or its ``TRACES`` form is set. Without the
extra ``otel`` nothing of it is imported, and nobody serves worse for it.
"""

import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from importlib import import_module
from typing import Any

import structlog
from flask import Flask, Response, g, request
from sqlalchemy import event
from sqlalchemy.orm import Session, SessionTransaction, sessionmaker

from contact.carriers import Carrier, Outgoing
from server.metrics import METHODS
from server.runtime import Runtime

log = structlog.get_logger("vouchsafe.tracing")

ASKED_BY = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
PATIENCE = "OTEL_EXPORTER_OTLP_TIMEOUT"
PATIENCE_S = 2  # a process that ends waits no longer for a collector that is away
TRANSACTION = "vouchsafe.transaction"


class Spans:
    """Begins and ends spans; the tracer is OpenTelemetry's, or ``None``."""

    def __init__(self) -> None:
        self.tracer: Any = None

    @contextmanager
    def span(self, name: str, **facts: str) -> Iterator[Any]:
        """One step; of an error only its kind is told, for messages quote values."""
        if self.tracer is None:
            yield None
            return
        with self.tracer.start_as_current_span(
            name,
            attributes=facts,
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            try:
                yield span
            except Exception as error:
                span.set_attribute("error.type", type(error).__name__)
                raise


SPANS = Spans()


def start(runtime: Runtime, role: str, environ: Mapping[str, str] = os.environ) -> None:
    """Send spans of this process where the environment says so."""
    off = environ.get("OTEL_SDK_DISABLED", "").lower() == "true"
    if off or not any(environ.get(name) for name in ASKED_BY):
        return
    try:
        otlp = import_module("opentelemetry.exporter.otlp.proto.http.trace_exporter")
        batch = import_module("opentelemetry.sdk.trace.export").BatchSpanProcessor
    except ImportError:
        log.warning("no spans: the extra `otel` is not installed")
        return
    patience = {} if environ.get(PATIENCE) else {"timeout": PATIENCE_S}
    logging.getLogger("opentelemetry").setLevel(logging.ERROR)
    named = environ.get("OTEL_SERVICE_NAME", f"vouchsafe-{role}")
    send_to(batch(otlp.OTLPSpanExporter(**patience)), service=named)
    watch(runtime.sessions)


def send_to(processor: Any, *, service: str) -> None:
    """From now on every span ends at this processor of OpenTelemetry's."""
    sdk = import_module("opentelemetry.sdk.trace")
    resource = import_module("opentelemetry.sdk.resources").Resource
    provider = sdk.TracerProvider(resource=resource.create({"service.name": service}))
    provider.add_span_processor(processor)
    SPANS.tracer = provider.get_tracer("vouchsafe")


def watch(sessions: sessionmaker[Session]) -> None:
    """A span for each transaction of these sessions; savepoints have none."""
    event.listen(sessions, "after_transaction_create", _begun)
    event.listen(sessions, "after_transaction_end", _ended)


def _begun(session: Session, transaction: SessionTransaction) -> None:
    if transaction.parent is None and SPANS.tracer is not None:
        session.info[TRANSACTION] = SPANS.tracer.start_span("transaction")


def _ended(session: Session, transaction: SessionTransaction) -> None:
    if transaction.parent is None and TRANSACTION in session.info:
        session.info.pop(TRANSACTION).end()


def install(app: Flask) -> None:
    """A span for each request, named after its rule; strangers start no trace of us."""
    app.before_request(_begin)
    app.after_request(_finish)
    app.teardown_request(_end)


def _begin() -> None:
    rule = request.url_rule.rule if request.url_rule else "none"
    method = request.method if request.method in METHODS else "other"
    facts = {"http.route": rule, "http.request.method": method}
    g.spans = ExitStack()
    g.span = g.spans.enter_context(SPANS.span("request", **facts))


def _finish(response: Response) -> Response:
    if g.get("span") is not None:
        g.span.set_attribute("http.response.status_code", response.status_code)
    return response


def _end(_: BaseException | None) -> None:
    if "spans" in g:
        g.pop("spans").close()


class Traced:
    """A carrier whose sending is a span."""

    def __init__(self, carrier: Carrier, kind: str) -> None:
        self.carrier, self.kind = carrier, kind

    def send(self, outgoing: Outgoing) -> str:
        """What the carrier does."""
        facts = {"channel": self.kind, "lane": outgoing.lane.value}
        with SPANS.span("send", **facts):
            return self.carrier.send(outgoing)

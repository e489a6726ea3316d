"""Spans: they come out where an operator asks, and name no path, query or person."""

import subprocess
import sys
from collections.abc import Iterator
from uuid import UUID

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from contact.carriers import Outgoing, SendError
from core.words import Lane, MessageKind, Role
from server import tracing
from tests.api.conftest import Office
from tests.support.world import Carried

ONE = "0190cd05-0000-7000-8000-000000000001"
NUMBER = "+8613800001234"
IMPORTED = "print(sorted(m for m in sys.modules if m.startswith('opentelemetry')))"


@pytest.fixture
def spans(office: Office) -> Iterator[InMemorySpanExporter]:
    """What would be sent to a collector."""
    kept = InMemorySpanExporter()
    tracing.send_to(SimpleSpanProcessor(kept), service="vouchsafe-test")
    tracing.watch(office.world.database.sessions)
    yield kept
    tracing.SPANS.tracer = None


def named(spans: InMemorySpanExporter, name: str) -> list[ReadableSpan]:
    """The finished spans of that name."""
    return [one for one in spans.get_finished_spans() if one.name == name]


def test_a_request_names_its_rule_and_holds_its_transactions(
    office: Office, spans: InMemorySpanExporter
):
    answer = office[Role.ADMIN].get(f"/v1/badges/{ONE}")
    assert answer.status_code == 404
    [request] = named(spans, "request")
    assert request.attributes == {
        "http.request.method": "GET",
        "http.route": "/v1/badges/<uuid:badge_id>",
        "http.response.status_code": 404,
    }
    inside = [one.parent for one in named(spans, "transaction") if one.parent]
    assert {parent.span_id for parent in inside} == {request.context.span_id}


def test_no_span_tells_a_path_or_a_query(office: Office, spans: InMemorySpanExporter):
    answer = office[Role.ADMIN].get(f"/v1/badges/{ONE}", note="secret")
    assert answer.status_code == 422
    [request] = named(spans, "request")
    assert request.attributes["http.route"] == "/v1/badges/<uuid:badge_id>"
    told = "".join(one.to_json() for one in spans.get_finished_spans())
    assert ONE not in told
    assert "secret" not in told


def test_a_strangers_trace_and_method_are_not_ours(
    office: Office, spans: InMemorySpanExporter
):
    theirs = {"traceparent": f"00-{'ab' * 16}-{'cd' * 8}-01"}
    office.world.app.test_client().open("/hidden", method="SPY", headers=theirs)
    [request] = named(spans, "request")
    assert request.parent is None
    assert request.attributes["http.route"] == "none"
    assert request.attributes["http.request.method"] == "other"
    assert "SPY" not in request.to_json()


class Refusing:
    """A carrier that quotes in its error what it could not send."""

    def send(self, outgoing: Outgoing) -> str:
        """Never."""
        raise SendError(f"no way to {outgoing.recipient}", permanent=False)


def test_a_message_on_its_way_is_a_span_without_recipient_or_words(
    office: Office, spans: InMemorySpanExporter
):
    outgoing = Outgoing(
        reference=UUID(ONE),
        organisation_id=UUID(ONE),
        kind=MessageKind.ALERT_STEP,
        lane=Lane.SOS,
        recipient=NUMBER,
        body="come at once",
        at=office.world.clock.now(),
    )
    assert tracing.Traced(Carried(), "webhook").send(outgoing) == "kept"
    with pytest.raises(SendError):
        tracing.Traced(Refusing(), "webhook").send(outgoing)
    sent, failed = named(spans, "send")
    assert sent.attributes == {"channel": "webhook", "lane": "sos"}
    assert failed.attributes["error.type"] == "SendError"
    assert failed.events == ()
    told = sent.to_json() + failed.to_json()
    assert NUMBER not in told
    assert "at once" not in told


def python(code: str, **environ: str) -> str:
    """What a process of its own says."""
    return subprocess.run(
        [sys.executable, "-c", f"import sys; {code}"],
        env={"PATH": "", **environ},
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def test_nothing_is_imported_where_nobody_asks_or_the_extra_is_missing():
    start = "from server import tracing; tracing.start(None, 'web'); "
    assert python(start + IMPORTED) == "[]\n"
    asked = "http://127.0.0.1:9"
    missing = f"sys.modules['opentelemetry'] = None; {start}"
    said = python(
        missing + "print(tracing.SPANS.tracer)", OTEL_EXPORTER_OTLP_ENDPOINT=asked
    )
    assert "the extra `otel` is not installed" in said
    assert said.endswith("None\n")
    disabled = {"OTEL_EXPORTER_OTLP_ENDPOINT": asked, "OTEL_SDK_DISABLED": "true"}
    assert python(start + IMPORTED, **disabled) == "[]\n"

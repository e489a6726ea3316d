"""What docs/gateway.md tells the operator's gateway is what the carrier does."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path

from contact.carriers import Outgoing, webhook
from contact.webhooks import line
from core import ids
from core.words import Lane, MessageKind
from server.schemas.account_codes import NewInvitationSchema
from server.schemas.channels import NewChannelSchema

PAGE = (Path(__file__).parents[2] / "docs" / "gateway.md").read_text(encoding="utf-8")
OUTGOING = Outgoing(
    reference=ids.new(),
    organisation_id=ids.new(),
    kind=MessageKind.ALERT_STEP,
    lane=Lane.ALERT,
    recipient="+8613800000001",
    body="请立即联系",
    at=datetime(2026, 11, 28, tzinfo=UTC),
)


def fenced(language: str) -> str:
    """The first block of code in that language."""
    return PAGE.partition(f"```{language}\n")[2].partition("```")[0]


def test_the_example_has_the_fields_that_are_sent():
    assert (
        json.loads(fenced("json")).keys() == json.loads(webhook._body(OUTGOING)).keys()
    )


def test_every_kind_and_lane_is_named():
    for word in (*MessageKind, *Lane):
        assert f"`{word}`" in PAGE


def test_the_check_to_copy_knows_our_signature_and_no_other():
    found: dict[str, object] = {}
    exec(fenced("python"), found)
    is_ours, body = found["is_ours"], webhook._body(OUTGOING)
    assert callable(is_ours)
    header = webhook.sign("a-secret-of-the-gateway", 1_795_852_800, body)
    assert header.startswith("t=1795852800,v1=")
    assert webhook.SIGNATURE in PAGE
    assert is_ours("a-secret-of-the-gateway", header, body)
    assert not is_ours("another-secret-of-theirs", header, body)
    assert not is_ours("a-secret-of-the-gateway", header, body + b" ")


def test_the_calls_to_copy_are_valid():
    bodies = [json.loads(one) for one in re.findall(r"-d '(.+)'", PAGE)]
    for schema, body in zip(
        (NewChannelSchema, NewInvitationSchema), bodies, strict=True
    ):
        schema().load(body)


def test_the_patience_that_is_named_is_the_carriers():
    assert "Within eight seconds" in PAGE
    assert line.DEADLINE_S == 8.0

"""The test button: an event about nothing, sent at once, and what came back."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from contact.webhooks import signing, subscriptions, wire
from contact.webhooks.line import Line, Reply
from contact.webhooks.verdicts import Verdict, judge
from core import ids
from core.actor import Actor


@dataclass(frozen=True, slots=True)
class Trial:
    """A test event that is ready to be sent, outside any transaction."""

    webhook_id: UUID
    event_id: UUID
    url: str
    headers: dict[str, str]
    body: bytes


def prepare(
    session: Session, actor: Actor, webhook_id: UUID, *, now: datetime
) -> Trial:
    """Signed like any event; a webhook that is switched off can be tested too."""
    webhook = subscriptions.get(session, actor, webhook_id)
    event_id = ids.new()
    body = wire.test_event(event_id, actor.organisation_id, now=now)
    headers = signing.headers(
        subscriptions.secrets(webhook, now=now),
        event_id=str(event_id),
        unix_s=int(now.timestamp()),
        body=body,
    )
    return Trial(webhook.id, event_id, webhook.url or "", headers, body)


def send(trial: Trial, *, anywhere: bool) -> Reply:
    """Within seconds; never raises for what the other side does."""
    with Line(trial.url, anywhere=anywhere) as line:
        return line.post(trial.body, trial.headers)


def record(
    session: Session, actor: Actor, trial: Trial, reply: Reply, *, now: datetime
) -> bool:
    """Stands in the audit; True where the event was accepted."""
    webhook = subscriptions.get(session, actor, trial.webhook_id)
    subscriptions.record(
        session,
        webhook,
        "tested",
        actor_id=actor.user_id,
        now=now,
        status=reply.status,
    )
    return judge(reply.status) is Verdict.DELIVERED

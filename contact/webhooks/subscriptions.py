"""Webhooks in the hands of those whom they tell: admins, or safety officers for theirs.

Whoever makes a webhook decides what it may be told: an officer's is told what only
officers may see, and only officers see that it exists.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Select, Update, delete, func, select, update
from sqlalchemy.orm import Session

from accounts import audit, event_types
from contact.webhooks import signing, targets
from core.actor import Actor
from core.errors import NotFound, one_field
from core.words import Audience, DeliveryState, Role
from models import AuditSeal, Webhook, WebhookDelivery, wake

OLD_SECRET = timedelta(hours=24)  # time enough to tell the receiver of the new one


def create(
    session: Session,
    actor: Actor,
    *,
    url: str,
    types: Sequence[str],
    anywhere: bool,
    now: datetime,
) -> Webhook:
    """A webhook with a fresh secret, told of what happens from now on.

    ``types`` are listed in ``event_types``, none means all. ``anywhere``: the operator
    lets webhooks lead into private networks, by http too.
    """
    targets.parse(url, anywhere=anywhere)
    newest = session.scalar(select(func.max(AuditSeal.number)))
    webhook = Webhook(
        organisation_id=actor.organisation_id,
        url=url,
        secret=signing.fresh_secret(),
        types=_known(actor, types),
        audience=audience(actor),
        position=newest or 0,
        created_at=now,
    )
    session.add(webhook)
    session.flush()
    record(session, webhook, "created", actor_id=actor.user_id, now=now)
    return webhook


def get(session: Session, actor: Actor, webhook_id: UUID) -> Webhook:
    """One of the actor's, or ``NotFound``."""
    found = session.scalar(_own(actor).where(Webhook.id == webhook_id))
    if found is None:
        raise NotFound("webhook")
    return found


def page(
    session: Session, actor: Actor, *, after: UUID | None, limit: int
) -> Sequence[Webhook]:
    """Oldest first; ``after`` is the last id of the page before."""
    query = _own(actor)
    if after is not None:
        query = query.where(Webhook.id > after)
    return session.scalars(query.order_by(Webhook.id).limit(limit)).all()


def change(
    session: Session,
    actor: Actor,
    webhook_id: UUID,
    *,
    anywhere: bool,
    now: datetime,
    url: str | None = None,
    types: Sequence[str] | None = None,
) -> Webhook:
    """Another address, other types, or both; what is on its way goes there too."""
    webhook = get(session, actor, webhook_id)
    if url is not None:
        targets.parse(url, anywhere=anywhere)
        webhook.url = url
        webhook.silent_since = webhook.rests_until = None
    if types is not None:
        webhook.types = _known(actor, types)
    session.flush()
    record(session, webhook, "changed", actor_id=actor.user_id, now=now)
    wake.workers(session)
    return webhook


def set_enabled(
    session: Session, actor: Actor, webhook_id: UUID, *, enabled: bool, now: datetime
) -> Webhook:
    """Off: nothing is sent. On again: it goes on where it stopped, nothing is left out.

    What had failed is tried at once, and has days again.
    """
    webhook = get(session, actor, webhook_id)
    if webhook.enabled == enabled:
        return webhook
    webhook.enabled = enabled
    webhook.disabled_for = None if enabled else "by_hand"
    webhook.silent_since = webhook.rests_until = None
    if enabled:
        session.execute(_afresh(webhook, now))
    session.flush()
    what = "enabled" if enabled else "disabled"
    record(session, webhook, what, actor_id=actor.user_id, now=now)
    wake.workers(session)
    return webhook


def rotate(
    session: Session, actor: Actor, webhook_id: UUID, *, now: datetime
) -> Webhook:
    """A new secret; for a day events carry the old one's signature as well."""
    webhook = get(session, actor, webhook_id)
    webhook.old_secret, webhook.old_secret_until = webhook.secret, now + OLD_SECRET
    webhook.secret = signing.fresh_secret()
    session.flush()
    record(session, webhook, "secret_rotated", actor_id=actor.user_id, now=now)
    return webhook


def remove(session: Session, actor: Actor, webhook_id: UUID, *, now: datetime) -> None:
    """Delete it with all that is on its way."""
    webhook = get(session, actor, webhook_id)
    mine = WebhookDelivery.webhook_id == webhook.id
    session.execute(delete(WebhookDelivery).where(mine))
    record(session, webhook, "deleted", actor_id=actor.user_id, now=now)
    session.delete(webhook)
    session.flush()


def secrets(webhook: Webhook, *, now: datetime) -> list[str]:
    """What events are signed with: the secret, and the old one while it holds."""
    found = [webhook.secret]
    if webhook.old_secret_until is not None and now < webhook.old_secret_until:
        found.append(webhook.old_secret)
    return [one for one in found if one is not None]


def record(
    session: Session,
    webhook: Webhook,
    what: str,
    *,
    actor_id: UUID | None,
    now: datetime,
    **detail: object,
) -> None:
    """The audit row of an act on a webhook."""
    audit.record(
        session,
        organisation_id=webhook.organisation_id,
        actor_id=actor_id,
        action=f"webhook.{what}",
        subject="webhooks",
        subject_id=webhook.id,
        now=now,
        **detail,
    )


def _own(actor: Actor) -> Select[Webhook]:
    return select(Webhook).where(
        Webhook.organisation_id == actor.organisation_id,
        Webhook.audience == audience(actor),
    )


def audience(actor: Actor) -> Audience:
    """Whose webhooks the actor sees and makes."""
    officer = actor.role is Role.SAFETY_OFFICER
    return Audience.SAFETY_OFFICERS if officer else Audience.STAFF


def _known(actor: Actor, types: Sequence[str]) -> list[object]:
    known = event_types.told_to(audience(actor))
    unknown = [one for one in types if one not in known]
    if unknown:
        raise one_field("types", f"no such type of event: {', '.join(unknown)}")
    return list(dict.fromkeys(types))


def _afresh(webhook: Webhook, now: datetime) -> Update:
    return (
        update(WebhookDelivery)
        .where(
            WebhookDelivery.webhook_id == webhook.id,
            WebhookDelivery.state == DeliveryState.PENDING,
        )
        .values(available_at=now, failing_since=None)
        .execution_options(synchronize_session=False)
    )

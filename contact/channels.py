"""An organisation's ways out of the house, in the order in which they are tried."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from accounts import audit
from contact import providers
from contact.providers import Provider, Replies, Reports, Settings
from contact.webhooks import targets
from core.actor import Actor
from core.errors import Conflict, NotFound, one_field
from core.words import ChannelKind
from models import MessageChannel

WAKING = frozenset({ChannelKind.WEBHOOK, ChannelKind.SMS, ChannelKind.VOICE})
BY_HTTP = WAKING


def create(
    session: Session,
    actor: Actor,
    *,
    kind: ChannelKind,
    rank: int,
    target: str | None,
    secret: str | None,
    anywhere: bool,
    now: datetime,
    callback_secret: str | None = None,
    provider: Provider | None = None,
    reports: Reports | None = None,
    replies: Replies | None = None,
    digit_at: str | None = None,
) -> MessageChannel:
    """Add a channel; lower ranks are tried first, ``Conflict`` for one that is taken.

    A webhook and a provider of SMS or calls need a target and a secret, the provider
    its template; console and file take nothing. Whoever is to report, to hand on
    replies or to make calls needs ``callback_secret``. ``anywhere``: the operator lets
    channels lead into private networks, by http too.
    """
    _complete(kind, target, secret, anywhere=anywhere)
    _speaks(kind, provider)
    settings = providers.Settings(
        provider, reports, replies, digit_at or providers.DIGIT_AT
    )
    _is_called(kind, settings, callback_secret)
    if digit_at is not None and kind is not ChannelKind.VOICE:
        raise one_field("digit_at", "only in a call a digit is pressed")
    channel = MessageChannel(
        organisation_id=actor.organisation_id,
        kind=kind,
        rank=rank,
        target=target,
        secret=secret,
        callback_secret=callback_secret,
        settings=settings.dump(),
        created_at=now,
    )
    try:
        with session.begin_nested():
            session.add(channel)
    except IntegrityError as error:
        raise Conflict(
            "A channel of this rank already exists.", field="rank"
        ) from error
    _audit(session, actor, channel, "channel.created", now)
    return channel


def page(
    session: Session, actor: Actor, *, after: UUID | None, limit: int
) -> Sequence[MessageChannel]:
    """At most ``limit`` channels after that one, first to be tried first."""
    query = select(MessageChannel).where(
        MessageChannel.organisation_id == actor.organisation_id
    )
    if after is not None:
        rank = select(MessageChannel.rank).where(
            MessageChannel.organisation_id == actor.organisation_id,
            MessageChannel.id == after,
        )
        query = query.where(MessageChannel.rank > rank.scalar_subquery())
    return session.scalars(query.order_by(MessageChannel.rank).limit(limit)).all()


def get(session: Session, actor: Actor, channel_id: UUID) -> MessageChannel:
    """One channel; ``NotFound`` for another organisation's."""
    channel = session.get(MessageChannel, channel_id)
    if channel is None or channel.organisation_id != actor.organisation_id:
        raise NotFound("channel")
    return channel


def set_enabled(
    session: Session, actor: Actor, channel_id: UUID, *, enabled: bool, now: datetime
) -> MessageChannel:
    """Switch a channel on or off; ``NotFound`` for another organisation's."""
    channel = get(session, actor, channel_id)
    channel.enabled = enabled
    session.flush()
    action = "channel.enabled" if enabled else "channel.disabled"
    _audit(session, actor, channel, action, now)
    return channel


def enabled(
    session: Session, organisation_id: UUID, *, demo: bool = False
) -> list[MessageChannel]:
    """The channels that carry messages now, in the order of their ranks.

    Console and file accept everything, and an alarm that they accepted would have
    reached nobody: they carry only in a demo, and there only where nothing else does.
    """
    query = select(MessageChannel).where(
        MessageChannel.organisation_id == organisation_id, MessageChannel.enabled
    )
    found = session.scalars(query.order_by(MessageChannel.rank)).all()
    waking = [channel for channel in found if wakes(channel)]
    return waking or (list(found) if demo else [])


def wakes(channel: MessageChannel) -> bool:
    """True where a message by this channel reaches a person."""
    return channel.kind in WAKING


def reaching(session: Session, organisation_id: UUID, *, demo: bool) -> bool:
    """Can the organisation's messages reach anybody? In a demo the file counts."""
    reach = WAKING | {ChannelKind.FILE} if demo else WAKING
    return any(
        one.kind in reach for one in enabled(session, organisation_id, demo=demo)
    )


def _complete(
    kind: ChannelKind, target: str | None, secret: str | None, *, anywhere: bool
) -> None:
    if kind not in BY_HTTP:
        if target is not None or secret is not None:
            raise one_field("target", f"a {kind} channel has no target and no secret")
        return
    if target is None or secret is None:
        raise one_field("target", f"a {kind} channel needs a target and a secret")
    targets.parse(target, anywhere=anywhere, field="target")


def _speaks(kind: ChannelKind, provider: Provider | None) -> None:
    if kind not in (ChannelKind.SMS, ChannelKind.VOICE):
        if provider is not None:
            raise one_field("provider", f"a {kind} channel has no provider")
        return
    if provider is None:
        raise one_field("provider", "how the provider takes a message")
    if kind is ChannelKind.SMS:
        providers.check(provider, names=providers.SMS_NAMES, needs=("text",))
    else:
        providers.check(provider, names=providers.CALL_NAMES, needs=("document",))


def _is_called(kind: ChannelKind, settings: Settings, secret: str | None) -> None:
    """Who calls us must show something, and be somebody who can."""
    by_http = kind in BY_HTTP
    if settings.reports is not None and (not by_http or secret is None):
        raise one_field("reports", "need a channel by http and a callback_secret")
    texts = by_http and kind is not ChannelKind.VOICE
    if settings.replies is not None and (not texts or secret is None):
        raise one_field("replies", "need a channel for SMS and a callback_secret")
    if kind is ChannelKind.VOICE and secret is None:
        raise one_field("callback_secret", "a call's digit comes back with it")


def _audit(
    session: Session, actor: Actor, channel: MessageChannel, action: str, now: datetime
) -> None:
    audit.record(
        session,
        organisation_id=actor.organisation_id,
        actor_id=actor.user_id,
        action=action,
        subject="message_channels",
        subject_id=channel.id,
        now=now,
        kind=channel.kind,
        rank=channel.rank,
    )

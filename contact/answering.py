"""Codes and digits by which a person takes an alert without the app.

They belong to one message: whoever has that message and that number can use them once.
Nothing is stored of them but a keyed digest together with the number.
"""

import re
import unicodedata
from dataclasses import replace
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from contact import providers, spoken, wording
from contact.carriers.outgoing import Outgoing
from core.provider_words import ReplyResult
from core.words import ChannelKind, Language, MessageKind
from models import Alert, Message, MessageChannel, Organisation, Reply
from models.sealed import ring

CODE = re.compile(r"(?<!\d)\d{4}(?!\d)")
LONGEST_TEXT = 1_000  # characters of an SMS that are looked at
WRONG_DIGITS = 3  # of one call


def code(message_id: UUID) -> str:
    """Four digits."""
    return f"{_number('reply_code', message_id) % 10_000:04}"


def digit(message_id: UUID) -> str:
    """1 to 9, not the same for every call: no habit and no machine presses it."""
    return str(1 + _number("reply_digit", message_id) % 9)


def _number(purpose: str, message_id: UUID) -> int:
    return int(ring.keyring.digest(purpose, str(message_id))[:12], 16)


def digest(organisation_id: UUID, phone: str, code: str) -> str:
    """By what the message is found again; ``phone`` is E.164."""
    return ring.keyring.digest("reply", f"{organisation_id}:{phone}:{code}")


def code_in(text: str) -> str | None:
    """The first four digits that stand alone, in whatever script they were typed."""
    plain = unicodedata.normalize("NFKC", text[:LONGEST_TEXT])
    found = CODE.search(plain)
    return "".join(str(int(one)) for one in found[0]) if found else None


def made_answerable(
    session: Session, message: Message, channel: MessageChannel, outgoing: Outgoing
) -> Outgoing:
    """With a code to reply or a digit to press, for whoever may take the alert.

    Never for the one in danger: his phone may be in other hands.
    """
    settings = providers.settings(channel.settings)
    rings = channel.kind is ChannelKind.VOICE
    if not rings and settings.replies is None:
        return outgoing
    language = language_of(session, message.organisation_id)
    outgoing = replace(outgoing, language=language)
    if not _may_take(session, message):
        return outgoing
    if rings:
        return replace(outgoing, digit=digit(message.id))
    own = code(message.id)
    message.reply_digest = digest(message.organisation_id, outgoing.recipient, own)
    words = outgoing.body + spoken.reply(own, language=language)
    return replace(outgoing, body=words)


def language_of(session: Session, organisation_id: UUID) -> Language:
    """In which language an organisation's own people are spoken to."""
    organisation = session.get_one(Organisation, organisation_id)
    return wording.staff_language(organisation.country)


def _may_take(session: Session, message: Message) -> bool:
    if message.kind is not MessageKind.ALERT_STEP or message.alert_id is None:
        return False
    alert = session.get_one(Alert, message.alert_id)
    return message.user_id is not None and message.user_id != alert.user_id


def by_code(
    session: Session, organisation_id: UUID, *, phone: str, code: str
) -> Message | None:
    """The newest call for help that went to this number with this code."""
    wanted = digest(organisation_id, phone, code)
    query = (
        select(Message)
        .where(
            Message.organisation_id == organisation_id, Message.reply_digest == wanted
        )
        .order_by(Message.id.desc())
        .limit(1)
    )
    return session.scalar(query)


def by_call(
    session: Session, channel: MessageChannel, reference: UUID
) -> Message | None:
    """The message of a call that this channel was asked to make."""
    message = session.get(Message, reference)
    if message is None or message.organisation_id != channel.organisation_id:
        return None
    rings = channel.kind is ChannelKind.VOICE
    return message if rings and _may_take(session, message) else None


def wrong_digits(session: Session, message: Message) -> int:
    """How often something else was pressed in calls of this message."""
    query = select(func.count()).where(
        Reply.message_id == message.id, Reply.result == ReplyResult.WRONG_CODE
    )
    return session.scalar(query) or 0


def is_spent(session: Session, message: Message) -> bool:
    """Has its code taken the alert before?"""
    query = select(Reply.id).where(
        Reply.message_id == message.id, Reply.result == ReplyResult.ACKNOWLEDGED
    )
    return session.scalar(query.limit(1)) is not None


def earlier(
    session: Session, channel: MessageChannel, carrier_id: str | None
) -> ReplyResult | None:
    """What came of an answer that the provider has handed on before."""
    if carrier_id is None:
        return None
    query = select(Reply.result).where(
        Reply.channel_id == channel.id, Reply.carrier_id == carrier_id
    )
    return session.scalar(query)

"""A person answers a call for help by SMS or in a call, and so takes the alert.

Only a person does: no receipt, no voicemail and no call that merely ends says a code.
Each answer is kept with what came of it, never with its words or its number.
"""

from datetime import timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from accounts import access, phones, tries
from accounts.access import Action
from contact import answering
from core.actor import Actor
from core.errors import Conflict, Forbidden, Invalid, NotFound, TooManyTries
from core.provider_words import ReplyMeans, ReplyResult
from models import Message, MessageChannel, Organisation, Reply, User
from safety import alerts
from server.endpoint import Call

LATEST = timedelta(hours=2)  # a code that is older takes nothing


def by_sms(
    call: Call,
    channel: MessageChannel,
    *,
    sender: str,
    text: str,
    carrier_id: str | None,
) -> ReplyResult:
    """An SMS came back: the code that went to this number takes its alert, once."""
    before = answering.earlier(call.session, channel, carrier_id)
    if before is not None:
        return before
    message, result = _by_sms(call, channel, sender, answering.code_in(text))
    means = ReplyMeans.SMS
    _keep(call, channel, message, means=means, result=result, carrier_id=carrier_id)
    return result


def _by_sms(
    call: Call, channel: MessageChannel, sender: str, code: str | None
) -> tuple[Message | None, ReplyResult]:
    """Tries from one number are counted: four digits are few."""
    session, organisation_id = call.session, channel.organisation_id
    phone = _phone(session, organisation_id, sender)
    if code is None or phone is None:
        return None, ReplyResult.NO_CODE
    counters = [tries.narrow("reply", organisation_id, phone)]
    try:
        with session.begin_nested():
            tries.admit(session, counters, now=call.now)
    except TooManyTries:
        return None, ReplyResult.WAIT
    found = answering.by_code(session, organisation_id, phone=phone, code=code)
    if found is None or not _still_his(session, found, phone):
        return None, ReplyResult.WRONG_CODE
    tries.succeeded(session, counters)
    return found, _take(call, found, ReplyMeans.SMS)


def by_digit(
    call: Call, channel: MessageChannel, *, reference: UUID, digit: str | None
) -> ReplyResult:
    """A digit was pressed in a call that we asked for; any other one takes nothing."""
    message = answering.by_call(call.session, channel, reference)
    if message is None:
        return ReplyResult.NOT_ALLOWED
    result = ReplyResult.NO_CODE
    if digit:
        result = _pressed(call, message, digit)
    _keep(call, channel, message, means=ReplyMeans.DIGIT, result=result)
    return result


def _pressed(call: Call, message: Message, digit: str) -> ReplyResult:
    if answering.wrong_digits(call.session, message) >= answering.WRONG_DIGITS:
        return ReplyResult.WAIT
    if digit != answering.digit(message.id):
        return ReplyResult.WRONG_CODE
    return _take(call, message, ReplyMeans.DIGIT)


def _take(call: Call, message: Message, by: ReplyMeans) -> ReplyResult:
    """As if he had done it in the app: what he may not do there he may not do here."""
    session = call.session
    if answering.is_spent(session, message):
        return ReplyResult.SPENT
    if message.created_at < call.now - LATEST:
        return ReplyResult.CLOSED
    assert message.user_id is not None
    assert message.alert_id is not None
    user = session.get_one(User, message.user_id)
    actor = Actor(user.organisation_id, user.id, user.role)
    try:
        access.require(actor, Action.ACKNOWLEDGE_ALERT)
        with session.begin_nested():
            alerts.acknowledge(session, actor, message.alert_id, now=call.now, by=by)
    except (Forbidden, NotFound):
        return ReplyResult.NOT_ALLOWED
    except Conflict:
        return ReplyResult.CLOSED
    return ReplyResult.ACKNOWLEDGED


def _keep(
    call: Call,
    channel: MessageChannel,
    message: Message | None,
    *,
    means: ReplyMeans,
    result: ReplyResult,
    carrier_id: str | None = None,
) -> None:
    call.session.add(
        Reply(
            organisation_id=channel.organisation_id,
            channel_id=channel.id,
            carrier_id=carrier_id,
            message_id=message.id if message else None,
            means=means,
            result=result,
            at=call.now,
        )
    )
    call.session.flush()


def _phone(session: Session, organisation_id: UUID, sender: str) -> str | None:
    """Who sent it in E.164; gateways leave the plus away."""
    country = session.get_one(Organisation, organisation_id).country
    for text in (sender, f"+{sender}"):
        try:
            return phones.e164(text, country)
        except Invalid:
            continue
    return None


def _still_his(session: Session, message: Message, phone: str) -> bool:
    """A number that he has given up, with a lost phone, speaks for him no more."""
    user = session.get_one(User, message.user_id)
    return User.phone.readable(user) == phone

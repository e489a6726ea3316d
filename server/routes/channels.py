"""What the providers behind our channels tell us."""

from uuid import UUID

from contact import answering, call_documents, providers, reports, spoken
from server import callbacks
from server.compose import replying
from server.endpoint import Call, Room, endpoint
from server.schemas import channels as schemas

room = Room("channels", __name__, url_prefix="/v1/channels", description=__doc__)


@endpoint(
    room,
    "POST",
    "/<uuid:channel_id>/reports",
    action=None,
    door=None,
    upload=callbacks.fields,
    answer=schemas.HeardSchema,
    errors=(401,),
)
@room.doc(requestBody=callbacks.BODY)  # type: ignore[untyped-decorator]
def report(call: Call, channel_id: UUID) -> dict[str, str]:
    """A provider says what became of a message: shows the channel's callback secret.

    As a bearer token, or as the password of HTTP Basic. It may say so twice.
    """
    channel = callbacks.channel(call.session, channel_id)
    promised = providers.settings(channel.settings).reports or providers.Reports()
    named = providers.carrier_id(call.upload, promised.id_at)
    state = providers.reported(promised, call.upload)
    if named is None or state is None:
        return {"result": "ignored"}
    fresh = reports.take(
        call.session,
        channel,
        carrier_id=named,
        state=state,
        now=call.now,
        demo=call.runtime.demo,
    )
    return {"result": "stored" if fresh else "repeat"}


@endpoint(
    room,
    "POST",
    "/<uuid:channel_id>/replies",
    action=None,
    door=None,
    upload=callbacks.fields,
    answer=schemas.HeardSchema,
    errors=(401,),
)
@room.doc(requestBody=callbacks.BODY)  # type: ignore[untyped-decorator]
def reply(call: Call, channel_id: UUID) -> dict[str, str]:
    """A provider hands on an SMS: the code in it takes an alert for who sent it.

    Known by the channel's callback secret. What came of it is the answer, and always
    200: a wrong code is no reason to send it again.
    """
    channel = callbacks.channel(call.session, channel_id)
    where = providers.settings(channel.settings).replies or providers.Replies()
    result = replying.by_sms(
        call,
        channel,
        sender=providers.at(call.upload, where.from_at) or "",
        text=providers.at(call.upload, where.text_at) or "",
        carrier_id=providers.carrier_id(call.upload, where.id_at),
    )
    return {"result": result.value}


@endpoint(
    room,
    "POST",
    "/<uuid:channel_id>/digits",
    action=None,
    door=None,
    upload=callbacks.fields,
    query=schemas.CallQuery,
    answer=schemas.CallDocument,
    errors=(401,),
)
@room.doc(requestBody=callbacks.BODY)  # type: ignore[untyped-decorator]
def digit(call: Call, query: dict[str, UUID], channel_id: UUID) -> str:
    """A digit was pressed in a call: the one that it named takes the alert.

    Known by the channel's callback secret; the answer is what the call says next.
    """
    channel = callbacks.channel(call.session, channel_id)
    settings = providers.settings(channel.settings)
    result = replying.by_digit(
        call,
        channel,
        reference=query["reference"],
        digit=providers.at(call.upload, settings.digit_at),
    )
    language = answering.language_of(call.session, channel.organisation_id)
    return call_documents.farewell(spoken.heard(result, language=language), language)

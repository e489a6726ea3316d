"""What the providers behind our channels tell us."""

from uuid import UUID

from contact import providers, reports
from server import callbacks
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

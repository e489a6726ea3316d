"""What providers tell us: known by the channel's secret, in their own forms."""

from base64 import b64encode
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from core.words import AlertKind, Lane, MessageKind, Role
from models import Alert, DeliveryReport, Message, MessageChannel
from tests.api.conftest import Office

SECRET = "a-callback-secret-of-ours"
SMS = {
    "kind": "sms",
    "rank": 3,
    "target": "https://sms.example/v1/messages",
    "secret": "Bearer the-providers-key",
    "callback_secret": SECRET,
    "provider": {"body": {"to": "{to}", "text": "{text}"}, "id_at": "sid"},
    "reports": {
        "wait_s": 20,
        "id_at": "MessageSid",
        "state_at": "MessageStatus",
        "delivered": ["delivered", "read"],
        "failed": ["failed", "undelivered"],
    },
}


class Provider:
    """Calls us about one channel; ``headers`` show who it is."""

    def __init__(self, office: Office, body: dict[str, Any] = SMS) -> None:
        self.office = office
        made = office[Role.ADMIN].post("/v1/channels", body)
        assert made.status_code == 201, made.json
        self.id = made.json["id"]
        self.path = f"/v1/channels/{self.id}/reports"
        self.headers = {"Authorization": f"Bearer {SECRET}"}

    def call(self, **options: Any) -> Any:
        """One callback."""
        headers = options.pop("headers", self.headers)
        path = options.pop("path", self.path)
        self.office.make.session.commit()
        client = self.office.world.app.test_client()
        return client.post(path, headers=headers, **options)

    def says(self, state: str, sid: str = "SM1") -> Any:
        """In JSON."""
        return self.call(json={"MessageSid": sid, "MessageStatus": state, "To": "+86"})


@pytest.fixture
def provider(office: Office) -> Provider:
    return Provider(office)


def kept(office: Office) -> list[tuple[str, str]]:
    """Every report."""
    office.make.session.expire_all()
    rows = office.make.session.scalars(select(DeliveryReport).order_by("id"))
    return [(row.carrier_id, row.state) for row in rows]


def test_a_report_is_kept_once_and_states_in_between_are_not(office, provider):
    results = [provider.says(one).json["result"] for one in ("sent", "read", "read")]
    assert results == ["ignored", "stored", "repeat"]
    assert provider.says("undelivered").json == {"result": "stored"}
    assert kept(office) == [("SM1", "delivered"), ("SM1", "failed")]


def test_a_form_is_read_as_well(office, provider):
    form = {"MessageSid": "SM2", "MessageStatus": "delivered"}
    assert provider.call(data=form).json == {"result": "stored"}
    assert kept(office) == [("SM2", "delivered")]


def test_the_secret_may_come_as_the_password_of_a_url(provider):
    basic = b64encode(f"anyone:{SECRET}".encode()).decode()
    body = {"MessageSid": "SM3", "MessageStatus": "failed"}
    answer = provider.call(json=body, headers={"Authorization": f"Basic {basic}"})
    assert answer.json == {"result": "stored"}


@pytest.mark.parametrize(
    "shown",
    [
        None,
        "Bearer another-secret-of-theirs",
        "Bearer ",
        f"Basic {b64encode(SECRET.encode()).decode()}",
        f"Basic {b64encode(b'x:wrong').decode()}",
        "Basic é",
        f"Digest {SECRET}",
        SECRET,
    ],
)
def test_without_the_secret_nothing_is_heard(office, provider, shown):
    headers = {"Authorization": shown} if shown else {}
    body = {"MessageSid": "SM1", "MessageStatus": "delivered"}
    refused = provider.call(json=body, headers=headers)
    assert refused.status_code == 401
    assert kept(office) == []


def test_no_channel_and_one_that_expects_no_calls_sound_the_same(office, provider):
    silent = {**SMS, "rank": 4, "callback_secret": None, "reports": None}
    quiet = Provider(office, silent)
    nobody = "/v1/channels/01a220bd-dde0-7001-8000-000000000001/reports"
    body = {"MessageSid": "SM1", "MessageStatus": "delivered"}
    answers = [provider.call(json=body, path=path) for path in (quiet.path, nobody)]
    wrong = provider.call(json=body, headers={"Authorization": "Bearer wrong"})
    told = [{**one.json, "request_id": None} for one in (*answers, wrong)]
    assert [one["status"] for one in told] == [401] * 3
    assert len({str(one["detail"]) for one in told}) == 1


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ({"data": b"{", "content_type": "application/json"}, 400),
        ({"json": ["MessageSid"]}, 400),
        (
            {"data": b"a=1&a=2", "content_type": "application/x-www-form-urlencoded"},
            400,
        ),
        ({"data": b"\xff", "content_type": "application/x-www-form-urlencoded"}, 400),
        ({"data": b"a=%ff", "content_type": "application/x-www-form-urlencoded"}, 400),
        ({"data": b"a=%00", "content_type": "application/x-www-form-urlencoded"}, 400),
        ({"data": b"<xml/>", "content_type": "text/xml"}, 415),
        ({"json": {}}, 200),
        ({"json": {"MessageSid": "SM1"}}, 200),
        ({"json": {"MessageSid": {"a": 1}, "MessageStatus": "delivered"}}, 200),
        ({"json": {"MessageSid": "x" * 121, "MessageStatus": "delivered"}}, 200),
    ],
)
def test_what_cannot_be_read_stores_nothing(office, provider, options, status):
    answer = provider.call(**options)
    assert answer.status_code == status
    assert answer.json.get("result", "ignored") == "ignored"
    assert kept(office) == []


def test_messages_show_what_was_reported_and_the_alert_climbs_on(office, provider):
    street, session = office.street, office.make.session
    street.phone(street.chen).sos()
    [alert] = street.alerts(AlertKind.SOS)
    office.world.tick()
    sent = session.scalars(select(Message).where(Message.lane == Lane.SOS)).all()
    message = next(one for one in sent if one.kind is MessageKind.ALERT_STEP)
    before = alert.next_action_at
    for state in ("undelivered", "delivered"):
        assert provider.says(state, str(message.id)).json == {"result": "stored"}
    shown = office[Role.SAFETY_OFFICER].get("/v1/messages", alert_id=str(alert.id))
    reports = {one["id"]: one["reports"] for one in shown.json["items"]}
    assert [one["state"] for one in reports[str(message.id)]] == [
        "failed",
        "delivered",
    ]
    session.expire_all()
    again = session.get_one(Alert, alert.id)
    assert (again.owner_id, again.next_action_at) == (None, before)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"provider": None}, "provider"),
        ({"provider": {"body": {"to": "{to}"}}}, "provider"),
        ({"provider": {"body": {"m": "{text} {nobody}"}}}, "provider"),
        ({"callback_secret": None}, "reports"),
        ({"callback_secret": "short"}, "callback_secret"),
        ({"callback_secret": "with a space in it"}, "callback_secret"),
        ({"reports": {"wait_s": 31}}, "reports"),
        ({"reports": {"wait_s": 4}}, "reports"),
        ({"secret": None}, "target"),
        ({"kind": "console", "target": None, "secret": None}, "provider"),
    ],
)
def test_a_channel_that_could_not_work_is_refused(office, change, field):
    refused = office[Role.ADMIN].post("/v1/channels", {**SMS, **change})
    assert refused.status_code == 422
    assert field in str(refused.json["fields"])


def test_no_answer_shows_a_secret_or_the_form(office, provider):
    shown = office[Role.ADMIN].get("/v1/channels").get_data(as_text=True)
    for secret in (SECRET, SMS["secret"], "MessageSid", "sms.example"):
        assert secret not in shown
    row = office.make.session.get_one(MessageChannel, UUID(provider.id))
    assert SECRET.encode() not in bytes(row.callback_secret_sealed)

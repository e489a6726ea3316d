"""Taking an alert by a code in an SMS or a digit in a call: a person, and once."""

from base64 import b64encode
from itertools import product
from typing import Any
from uuid import UUID
from xml.etree import ElementTree

import pytest
from sqlalchemy import select

from contact import answering, order, outbox
from contact.carriers import Outgoing
from core.words import AlertEntryKind, AlertKind, Lane, MessageKind, Role
from models import Alert, AlertEntry, Message, Reply, User
from tests.api.conftest import Office
from tests.api.test_callbacks import SECRET, SMS

TEXTS = {**SMS, "rank": 0, "reports": None, "replies": {"text_at": "body"}}
CALLS = {
    **SMS,
    "kind": "voice",
    "rank": 0,
    "reports": None,
    "digit_at": "Digits",
    "provider": {"body": {"to": "{to}", "doc": "{document}"}, "id_at": "sid"},
}
HEADERS = {"Authorization": f"Bearer {SECRET}"}


class Alarm:
    """Chen has pressed SOS; what left by the channel, and how it is answered."""

    def __init__(self, office: Office, body: dict[str, Any]) -> None:
        self.office, self.street = office, office.street
        self.session = office.make.session
        made = office[Role.ADMIN].post("/v1/channels", body)
        assert made.status_code == 201, made.json
        self.channel = f"/v1/channels/{made.json['id']}"
        self.street.phone(self.street.chen).sos()
        office.world.tick()

    def sent_to(self, user: User) -> Outgoing:
        """The call for help that he got."""
        phone = user.phone
        sent = office_sent(self.office)
        return next(one for one in sent if one.recipient == phone)

    def call(self, path: str, **options: Any) -> Any:
        """One callback."""
        self.session.commit()
        client = self.office.world.app.test_client()
        answer = client.post(f"{self.channel}/{path}", headers=HEADERS, **options)
        self.session.expire_all()
        return answer

    def replies(self, sender: str, text: str, name: str | None = None) -> str:
        """An SMS comes back."""
        body = {"from": sender, "body": text, "id": name}
        answer = self.call("replies", json=body)
        assert answer.status_code == 200, answer.json
        return str(answer.json["result"])

    def presses(self, reference: UUID, digit: str | None) -> str:
        """A digit in a call; what the call says next."""
        form = {"Digits": digit} if digit is not None else {"CallStatus": "completed"}
        answer = self.call("digits", data=form, query_string={"reference": reference})
        assert answer.mimetype == "application/xml"
        return ElementTree.fromstring(answer.data)[0].text or ""

    @property
    def alert(self) -> Alert:
        """Chen's SOS."""
        found = self.street.alerts(AlertKind.SOS)
        return next(one for one in found if one.user_id == self.street.chen.id)

    def kept(self) -> list[str]:
        """What came of each answer."""
        return list(self.session.scalars(select(Reply.result).order_by(Reply.id)))


def office_sent(office: Office) -> list[Outgoing]:
    """The calls for help that have left."""
    sent = office.world.carried.sent
    return [one for one in sent if one.kind is MessageKind.ALERT_STEP]


@pytest.fixture
def texts(office: Office) -> Alarm:
    return Alarm(office, TEXTS)


@pytest.fixture
def calls(office: Office) -> Alarm:
    return Alarm(office, CALLS)


def test_the_code_in_the_sms_takes_the_alert_for_who_sent_it(texts):
    officer = texts.street.officer
    sent = texts.sent_to(officer)
    code = answering.code(sent.reference)
    assert sent.body.endswith(f"回复{code}即由您接手。")
    assert texts.replies(officer.phone, f"ok {code}", "in-1") == "acknowledged"
    assert texts.alert.owner_id == officer.id
    entry = texts.session.scalar(
        select(AlertEntry).where(AlertEntry.kind == AlertEntryKind.ACKNOWLEDGED)
    )
    assert (entry.actor_id, entry.detail["by"]) == (officer.id, "sms")


def test_a_gateway_may_leave_the_plus_away(texts):
    officer = texts.street.officer
    code = answering.code(texts.sent_to(officer).reference)
    assert texts.replies(officer.phone.removeprefix("+"), code) == "acknowledged"


def test_an_answer_that_is_handed_on_twice_counts_once(texts, clock):
    officer = texts.street.officer
    code = answering.code(texts.sent_to(officer).reference)
    assert texts.replies(officer.phone, code, "in-1") == "acknowledged"
    before = texts.alert.owned_until
    clock.forward(minutes=4)
    assert texts.replies(officer.phone, code, "in-1") == "acknowledged"
    assert texts.replies(officer.phone, code, "in-2") == "spent"
    assert texts.alert.owned_until == before  # no machine holds it any longer
    assert texts.kept() == ["acknowledged", "spent"]


def test_a_wrong_code_or_anothers_number_changes_nothing_and_is_counted(texts):
    officer, wu = texts.street.officer, texts.street.wu
    code = answering.code(texts.sent_to(officer).reference)
    wrong = f"{(int(code) + 1) % 10_000:04}"
    before = texts.alert.next_action_at
    assert texts.replies(officer.phone, wrong) == "wrong_code"
    assert texts.replies(wu.phone, code) == "wrong_code"
    assert texts.replies("+8613900009999", code) == "wrong_code"
    assert texts.replies(officer.phone, "coming") == "no_code"
    assert texts.replies("nobody", code) == "no_code"
    assert (texts.alert.owner_id, texts.alert.next_action_at) == (None, before)
    assert texts.kept() == ["wrong_code"] * 3 + ["no_code"] * 2


def test_guessing_from_a_number_is_slowed_down(texts):
    officer = texts.street.officer
    code = int(answering.code(texts.sent_to(officer).reference))
    guesses = [f"{(code + n) % 10_000:04}" for n in range(1, 9)]
    results = [texts.replies(officer.phone, guess) for guess in guesses]
    assert results[0] == "wrong_code"
    assert results[-1] == "wait"
    assert texts.replies(officer.phone, f"{code:04}") == "wait"
    assert texts.alert.owner_id is None


def test_the_one_in_danger_is_sent_no_code(texts):
    chen = texts.street.chen
    texts.office.world.tick(minutes=10)
    bodies = [o.body for o in office_sent(texts.office) if o.recipient == chen.phone]
    assert all("回复" not in body for body in bodies)
    rows = texts.session.scalars(select(Message).where(Message.user_id == chen.id))
    assert all(row.reply_digest is None for row in rows)


@pytest.mark.parametrize("change", ["suspended", "in danger", "another number"])
def test_who_may_not_take_it_in_the_app_may_not_by_sms(texts, change):
    officer, session = texts.street.officer, texts.session
    phone, code = officer.phone, answering.code(texts.sent_to(officer).reference)
    result = "not_allowed"
    if change == "suspended":
        officer.state = "suspended"
    elif change == "in danger":
        texts.street.phone(officer).sos()
    else:
        officer.phone, result = "+8613812349999", "wrong_code"
    session.commit()
    assert texts.replies(phone, code) == result
    assert texts.alert.owner_id is None


def test_a_closed_alert_and_an_old_code_take_nothing(texts, clock):
    officer = texts.street.officer
    code = answering.code(texts.sent_to(officer).reference)
    clock.forward(hours=3)
    assert texts.replies(officer.phone, code) == "closed"
    assert texts.alert.owner_id is None


def test_neither_number_nor_words_are_kept(texts, database):
    officer = texts.street.officer
    texts.replies(officer.phone, "我在路上 0000", "in-1")
    [row] = texts.session.scalars(select(Reply))
    assert officer.phone not in str(vars(row))
    assert "路上" not in str(vars(row))


def test_the_digit_that_the_call_names_takes_the_alert(calls):
    officer = calls.street.officer
    sent = calls.sent_to(officer)
    assert sent.digit == answering.digit(sent.reference)
    assert "已接手" in calls.presses(sent.reference, sent.digit)
    assert calls.alert.owner_id == officer.id
    assert "已接手" in calls.presses(sent.reference, sent.digit)  # asked again
    assert calls.kept() == ["acknowledged", "spent"]


def test_a_voicemail_a_hang_up_or_another_digit_takes_nothing(calls):
    sent = calls.sent_to(calls.street.officer)
    other = str(1 + int(sent.digit) % 9)
    for digit in (None, "", "*", other, other + sent.digit):
        assert "未能接手" in calls.presses(sent.reference, digit)
    assert calls.kept() == ["no_code"] * 2 + ["wrong_code"] * 3
    assert "未能接手" in calls.presses(sent.reference, sent.digit)  # after three
    assert calls.kept()[-1] == "wait"
    assert calls.alert.owner_id is None


def test_the_one_in_danger_takes_nothing_by_a_call(calls):
    chen, session = calls.street.chen, calls.session
    calls.office.world.tick(minutes=10)
    for message in session.scalars(select(Message).where(Message.user_id == chen.id)):
        calls.presses(message.id, answering.digit(message.id))
    assert calls.alert.owner_id is None
    assert all(
        o.digit is None for o in office_sent(calls.office) if o.recipient == chen.phone
    )


def test_a_message_of_another_organisation_is_no_call_of_this_channel(calls):
    sent = calls.sent_to(calls.street.officer)
    other = calls.office.make.organisation()
    admin = calls.office.make.user(other, Role.ADMIN)
    made = calls.office.world.client_as(admin).post("/v1/channels", CALLS)
    calls.channel = f"/v1/channels/{made.json['id']}"
    assert "未能接手" in calls.presses(sent.reference, sent.digit)
    assert calls.alert.owner_id is None


@pytest.mark.parametrize("path", ["replies", "digits"])
def test_nobody_answers_without_the_channels_secret(texts, path):
    officer = texts.street.officer
    code = answering.code(texts.sent_to(officer).reference)
    basic, alert_id = b64encode(b"x:another-secret").decode(), str(texts.alert.id)
    phone = officer.phone
    texts.session.commit()
    client = texts.office.world.app.test_client()
    for shown in (None, f"Basic {basic}", "Bearer nothing"):
        headers = {"Authorization": shown} if shown else {}
        query = {"reference": alert_id} if path == "digits" else {}
        body = {"from": phone, "body": code}
        url = f"{texts.channel}/{path}"
        refused = client.post(url, headers=headers, json=body, query_string=query)
        assert refused.status_code == 401
    assert texts.kept() == []


def test_calls_go_to_our_own_people_and_only_for_what_is_urgent(office, clock):
    office[Role.ADMIN].post("/v1/channels", CALLS)
    session, wu, now = office.make.session, office.street.wu, clock.now()
    ways = {}
    for lane, user_id in product(Lane, (wu.id, None)):
        message = outbox.enqueue(
            session,
            organisation_id=office.organisation.id,
            kind=MessageKind.DEPARTURE,
            lane=lane,
            dedup_key=f"{lane}:{user_id}",
            recipient=wu.phone,
            body="words",
            user_id=user_id,
            now=now,
        )
        found = order.ways(session, message, demo=False, now=now)
        ways[lane, user_id is not None] = len(found)
    assert {key for key, many in ways.items() if many} == {
        (Lane.SOS, True),
        (Lane.ALERT, True),
    }


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({**CALLS, "callback_secret": None}, "callback_secret"),
        ({**CALLS, "provider": {"body": {"m": "{text}"}}}, "provider"),
        ({**CALLS, "replies": {}}, "replies"),
        ({**TEXTS, "callback_secret": None}, "replies"),
        ({**TEXTS, "digit_at": "Digits"}, "digit_at"),
        ({**TEXTS, "provider": {"body": {"m": "{text}{document}"}}}, "provider"),
    ],
)
def test_a_channel_that_nobody_could_answer_by_is_refused(office, change, field):
    refused = office[Role.ADMIN].post("/v1/channels", change)
    assert refused.status_code == 422
    assert field in refused.json["fields"]

"""Channels and the carriers behind them: which exist, which wake a person."""

import json
from uuid import uuid4

import pytest
import structlog
from sqlalchemy import select

from contact import carriers, channels
from contact.carriers import Outgoing, SendError
from core.actor import Actor
from core.errors import Conflict, Invalid, Misconfigured, NotFound
from core.words import ChannelKind, Lane, MessageKind, Role
from models import AuditRow, MessageChannel
from tests.support.make import Make

URL, SECRET = "https://gateway.example/in", "s" * 16


@pytest.fixture
def admin(make: Make) -> Actor:
    """An admin of one agency."""
    return make.actor(make.user(make.organisation(), Role.ADMIN))


@pytest.fixture
def create(session, admin, clock):
    """Add a channel to the admin's organisation."""

    def created(kind: ChannelKind, rank: int, **facts: object) -> MessageChannel:
        webhook = kind is ChannelKind.WEBHOOK
        usual = {"target": URL, "secret": SECRET} if webhook else {}
        given = {"target": None, "secret": None, "anywhere": False, **usual, **facts}
        return channels.create(
            session, admin, kind=kind, rank=rank, now=clock.now(), **given
        )

    return created


@pytest.fixture
def outgoing(clock) -> Outgoing:
    """A message on its way."""
    return Outgoing(
        reference=uuid4(),
        organisation_id=uuid4(),
        kind=MessageKind.VISIT_NOTICE,
        lane=Lane.ORDINARY,
        recipient="+8613800001234",
        body="the code is ABCDE-FGHJK",
        at=clock.now(),
    )


def test_channels_are_listed_by_rank_and_audited_without_secrets(
    session, admin, create
):
    second = create(ChannelKind.WEBHOOK, 5)
    first = create(ChannelKind.CONSOLE, 1)
    assert list(channels.page(session, admin, after=None, limit=9)) == [first, second]
    details = [str(row.detail) for row in session.scalars(select(AuditRow))]
    assert len(details) == 2
    assert not any(URL in text or SECRET in text for text in details)


def test_a_rank_is_taken_once(create):
    create(ChannelKind.CONSOLE, 1)
    with pytest.raises(Conflict):
        create(ChannelKind.FILE, 1)


@pytest.mark.parametrize(
    ("kind", "facts"),
    [
        (ChannelKind.WEBHOOK, {"target": None}),
        (ChannelKind.WEBHOOK, {"secret": None}),
        (ChannelKind.WEBHOOK, {"target": "ftp://gateway.example"}),
        (ChannelKind.WEBHOOK, {"target": "file:///etc/passwd"}),
        (ChannelKind.WEBHOOK, {"target": "https://"}),
        (ChannelKind.WEBHOOK, {"target": "http://gateway.example/in"}),
        (ChannelKind.WEBHOOK, {"target": "https://169.254.169.254/latest"}),
        (ChannelKind.WEBHOOK, {"target": "https://[::ffff:10.0.0.1]/in"}),
        (ChannelKind.WEBHOOK, {"target": "ftp://10.0.0.1/", "anywhere": True}),
        (ChannelKind.CONSOLE, {"target": URL}),
        (ChannelKind.FILE, {"secret": SECRET}),
    ],
)
def test_what_a_channel_needs_or_has_no_use_for_is_checked(create, kind, facts):
    with pytest.raises(Invalid) as refused:
        create(kind, 1, **facts)
    assert set(refused.value.fields) == {"target"}


def test_an_operator_may_let_a_gateway_stand_in_a_private_network(create):
    assert create(ChannelKind.WEBHOOK, 1, target="http://10.0.0.7/in", anywhere=True)


def test_another_organisations_channel_does_not_exist(session, make, create, clock):
    channel = create(ChannelKind.CONSOLE, 1)
    stranger = make.actor(make.user(make.organisation(), Role.ADMIN))
    assert list(channels.page(session, stranger, after=None, limit=9)) == []
    with pytest.raises(NotFound):
        channels.set_enabled(
            session, stranger, channel.id, enabled=False, now=clock.now()
        )


def test_console_and_file_carry_only_in_a_demo_where_nothing_wakes_people(
    session, admin, create, clock
):
    console = create(ChannelKind.CONSOLE, 0)
    file = create(ChannelKind.FILE, 1)
    here = admin.organisation_id

    def enabled() -> tuple[list[MessageChannel], list[MessageChannel]]:
        return tuple(
            channels.enabled(session, here, demo=demo) for demo in (False, True)
        )

    assert enabled() == ([], [console, file])
    late, early = create(ChannelKind.WEBHOOK, 9), create(ChannelKind.WEBHOOK, 4)
    assert enabled() == ([early, late], [early, late])
    for one in (early, late):
        channels.set_enabled(session, admin, one.id, enabled=False, now=clock.now())
    assert enabled() == ([], [console, file])


def test_reaching_needs_a_channel_that_wakes_or_a_file_in_a_demo(
    session, admin, create, clock
):
    here = admin.organisation_id

    def reach() -> tuple[bool, bool]:
        return tuple(channels.reaching(session, here, demo=demo) for demo in (False, 1))

    assert reach() == (False, False)
    create(ChannelKind.CONSOLE, 0)
    assert reach() == (False, False)
    create(ChannelKind.FILE, 1)
    assert reach() == (False, True)
    webhook = create(ChannelKind.WEBHOOK, 2)
    assert reach() == (True, True)
    channels.set_enabled(session, admin, webhook.id, enabled=False, now=clock.now())
    assert reach() == (False, True)


def test_each_kind_has_its_carrier(create, tmp_path):
    def carrier(channel, folder):
        return carriers.for_channel(
            channel,
            folder=folder,
            demo=False,
            anywhere=False,
            public_url="https://visits.example",
        )

    console, file = create(ChannelKind.CONSOLE, 0), create(ChannelKind.FILE, 1)
    webhook = create(ChannelKind.WEBHOOK, 2)
    assert isinstance(carrier(console, None), carriers.ConsoleCarrier)
    assert isinstance(carrier(file, tmp_path), carriers.FileCarrier)
    found = carrier(webhook, None)
    assert isinstance(found, carriers.WebhookCarrier)
    assert (found.target, found.secret, found.anywhere) == (URL, SECRET, False)
    with pytest.raises(Misconfigured):
        carrier(file, None)


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        ("+8613800001234", "+86•••••1234"),
        ("+14155550123", "+1•••••0123"),
        ("+85251234567", "+852•••••4567"),
        ("nobody", "•••••"),
        ("", "•••••"),
    ],
)
def test_a_recipient_is_masked_but_for_country_and_last_four(number, masked):
    assert carriers.mask(number) == masked


def test_the_console_shows_reference_and_masked_recipient_only(outgoing):
    with structlog.testing.capture_logs() as lines:
        carriers.ConsoleCarrier().send(outgoing)
    [line] = lines
    assert line["reference"] == str(outgoing.reference)
    assert line["recipient"] == "+86•••••1234"
    assert outgoing.body not in str(line)
    assert "13800001234" not in str(line)


@pytest.mark.parametrize("demo", [False, True])
def test_the_file_holds_bodies_only_in_a_demo(tmp_path, outgoing, demo):
    carrier = carriers.FileCarrier(tmp_path / "messages", demo=demo)
    carrier.send(outgoing)
    carrier.send(outgoing)
    [path] = (tmp_path / "messages").iterdir()
    assert path.name == f"{outgoing.organisation_id}.jsonl"
    assert path.stat().st_mode & 0o077 == 0
    first, second = map(json.loads, path.read_text().splitlines())
    assert first == second
    assert first["reference"] == str(outgoing.reference)
    assert first.get("body") == (outgoing.body if demo else None)
    assert (first["recipient"] == outgoing.recipient) is demo


def test_a_file_that_cannot_be_written_is_a_temporary_failure(tmp_path, outgoing):
    (tmp_path / "messages").write_text("in the way")
    with pytest.raises(SendError) as failure:
        carriers.FileCarrier(tmp_path / "messages", demo=True).send(outgoing)
    assert failure.value.permanent is False


def test_an_outgoing_message_is_not_printed_with_its_words(outgoing):
    assert outgoing.body not in repr(outgoing)
    assert outgoing.recipient not in repr(outgoing)

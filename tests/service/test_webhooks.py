"""Events from the audit to a receiver: order, retries, rests, who may be told."""

import time
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from accounts import audit, sealer
from contact.webhooks import deliveries, intake, leases, sending, subscriptions
from core import ids
from core.errors import NotFound, VouchsafeError
from core.words import Audience, DeliveryState, MessageKind, PurgeKind, Role
from models import AuditRow, Message, Webhook, WebhookDelivery
from safety import purging
from tests.support.clock import FakeClock
from tests.support.databases import Database
from tests.support.make import Make
from tests.support.receiver import Receiver, signed_with


class Post:
    """One organisation's events, its webhook and the worker's rounds."""

    def __init__(
        self, make: Make, database: Database, clock: FakeClock, receiver: Receiver
    ) -> None:
        self.make, self.database, self.clock = make, database, clock
        self.receiver, self.session = receiver, make.session
        self.organisation = make.organisation()
        self.admin = make.user(self.organisation, Role.ADMIN)
        self.officer = make.user(self.organisation, Role.SAFETY_OFFICER)
        self.webhook = self.subscribe()
        self.session.commit()

    def subscribe(self, **values: object) -> Webhook:
        """A webhook that leads to the receiver."""
        return self.make.webhook(self.organisation, self.receiver.url, **values)

    def happens(
        self, about: UUID, action: str = "visit.published", **facts: Any
    ) -> None:
        """A deed leaves its audit row, and the sealer comes by."""
        audit.record(
            self.session,
            organisation_id=facts.get("organisation_id", self.organisation.id),
            actor_id=None,
            action=action,
            subject="visits",
            subject_id=about,
            now=self.clock.now(),
        )
        self.session.commit()
        sealer.seal(self.database.sessions, clock_now=self.clock.now)

    def work(self, **delta: float) -> None:
        """Time passes and the worker works."""
        self.session.commit()
        self.clock.forward(**delta)
        sessions, clock_now = self.database.sessions, self.clock.now
        while intake.take_in(sessions, clock_now=clock_now):
            pass
        sending.round_(
            sessions, clock_now=clock_now, stopwatch=time.monotonic, anywhere=True
        )
        self.session.expire_all()

    def waiting(self) -> list[int]:
        """Numbers of what is not delivered."""
        query = select(WebhookDelivery.number).where(WebhookDelivery.final_at.is_(None))
        return list(self.session.scalars(query.order_by(WebhookDelivery.number)))


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A system of somebody else."""
    receiver = Receiver()
    yield receiver
    receiver.close()


@pytest.fixture
def post(make: Make, database: Database, clock: FakeClock, receiver: Receiver) -> Post:
    """Events and a webhook for them."""
    return Post(make, database, clock, receiver)


def test_an_event_arrives_signed_with_ids_and_nothing_else(post: Post):
    visit = ids.new()
    post.happens(visit)
    post.work()
    [event], [headers] = post.receiver.came, post.receiver.headers
    [row] = post.session.scalars(select(AuditRow))
    assert event == {
        "id": str(row.id),
        "type": "visit.published",
        "timestamp": row.at.isoformat(),
        "data": {
            "organisation_id": str(post.organisation.id),
            "number": 1,
            "subject": "visits",
            "subject_id": str(visit),
            "actor_id": None,
            "detail": {},
        },
    }
    assert headers["webhook-id"] == str(row.id)
    assert signed_with(post.webhook.secret, headers, post.receiver.bodies[0])
    assert post.waiting() == []
    post.work(hours=1)
    assert len(post.receiver.came) == 1


def test_what_fails_holds_its_own_subject_and_no_other(post: Post):
    first, second = ids.new(), ids.new()
    refused = str(first)
    post.receiver.answer = lambda one: (
        500 if one["data"]["subject_id"] == refused else 200
    )
    for about in (first, second, first, second, first):
        post.happens(about)
    for _ in range(3):
        post.work()
    assert post.receiver.numbers(f"visits:{second}") == [2, 4]
    assert set(post.receiver.numbers(f"visits:{first}")) == {1}
    post.receiver.answer = lambda _: 200
    for _ in range(4):
        post.work(seconds=10)
    arrived = [n for n in post.receiver.numbers(f"visits:{first}") if n != 1]
    assert arrived == [3, 5]
    assert post.waiting() == []


def test_a_webhook_that_does_not_answer_rests_and_is_tried_with_one_event(post: Post):
    for _ in range(5):
        post.happens(ids.new())
    post.receiver.answer = lambda _: 503
    post.work()
    assert len(post.receiver.came) == 1
    post.work(seconds=4)
    assert len(post.receiver.came) == 1
    post.work(seconds=2)
    assert len(post.receiver.came) == 2
    due = leases.next_due(post.session)
    assert due == post.webhook.rests_until
    post.receiver.answer = lambda _: 200
    post.work(seconds=30)
    assert post.waiting() == []
    assert post.webhook.rests_until is None


@pytest.mark.parametrize(("status", "why"), [(500, "refused"), (503, "silent")])
def test_after_three_days_it_is_switched_off_and_the_admins_are_told(
    post: Post, status: int, why: str
):
    post.receiver.answer = lambda _: status
    post.happens(ids.new())
    post.work()
    post.work(days=2, hours=23)
    assert post.webhook.enabled
    post.work(hours=2)
    assert (post.webhook.enabled, post.webhook.disabled_for) == (False, why)
    told = post.session.scalars(
        select(Message.user_id).where(Message.kind == MessageKind.DISPATCHER_NOTE)
    )
    assert list(told) == [post.admin.id]
    disabled = AuditRow.action == "webhook.disabled"
    assert len(post.session.scalars(select(AuditRow).where(disabled)).all()) == 1
    tried = len(post.receiver.came)
    post.work(days=9)
    assert len(post.receiver.came) == tried


def test_gone_switches_it_off_at_once_and_on_again_nothing_is_left_out(post: Post):
    post.receiver.answer = lambda _: 410
    visit = ids.new()
    post.happens(visit)
    post.work()
    assert (post.webhook.enabled, post.webhook.disabled_for) == (False, "gone")
    post.happens(visit)
    post.work()
    post.receiver.answer = lambda _: 200
    admin = post.make.actor(post.admin)
    subscriptions.set_enabled(
        post.session, admin, post.webhook.id, enabled=True, now=post.clock.now()
    )
    post.work()
    post.work()
    assert post.receiver.numbers(f"visits:{visit}") == [1, 1, 3]


def test_what_only_officers_may_see_is_sent_only_to_theirs(post: Post):
    theirs = post.subscribe(audience=Audience.SAFETY_OFFICERS)
    visit = ids.new()
    post.happens(visit, "duress_opened")  # no list names it
    post.happens(visit)
    post.work()
    query = select(WebhookDelivery.webhook_id, WebhookDelivery.number)
    found = {tuple(one) for one in post.session.execute(query)}
    assert found == {(theirs.id, 1), (theirs.id, 2), (post.webhook.id, 2)}
    admin = post.make.actor(post.admin)
    with pytest.raises(NotFound):
        subscriptions.get(post.session, admin, theirs.id)


def test_only_chosen_types_and_own_events_are_sent(post: Post):
    chosen = post.subscribe(types=["visit.cancelled"])
    post.webhook.enabled = False
    neighbour = post.make.organisation()
    post.happens(ids.new(), "visit.cancelled", organisation_id=neighbour.id)
    post.happens(ids.new(), "visit.published")
    post.happens(ids.new(), "visit.cancelled")
    post.work()
    assert post.receiver.numbers() == [3]
    assert chosen.position == 3
    assert post.webhook.position == 0


def test_a_redirect_is_not_followed(post: Post):
    post.receiver.answer = lambda _: 307
    post.happens(ids.new())
    post.work()
    assert len(post.receiver.came) == 1
    [row] = post.session.scalars(select(WebhookDelivery))
    assert (row.status, row.reason, row.attempt) == (307, "HTTP 307", 1)


def test_a_dead_senders_lease_returns_and_the_order_holds(post: Post):
    visit = ids.new()
    post.happens(visit)
    post.happens(visit)
    intake.take_in(post.database.sessions, clock_now=post.clock.now)
    with post.database.sessions.begin() as session:
        batch = leases.take(session, now=post.clock.now())
    assert [one.number for one in batch.leases] == [1]
    post.work()
    assert post.receiver.came == []
    post.work(seconds=31)
    post.work()
    assert post.receiver.numbers() == [1, 2]


def test_a_delivery_is_sent_again_by_hand(post: Post):
    post.happens(ids.new())
    post.work()
    [row] = post.session.scalars(select(WebhookDelivery))
    admin, now = post.make.actor(post.admin), post.clock.now()
    deliveries.again(post.session, admin, post.webhook.id, row.id, now=now)
    post.work()
    assert [one["id"] for one in post.receiver.came] == [str(row.audit_id)] * 2


def test_what_was_delivered_goes_after_a_month_and_what_waits_stays(post: Post):
    post.happens(ids.new())
    post.work()
    post.receiver.answer = lambda _: 500
    post.happens(ids.new())
    post.work()
    [done, waiting] = post.session.scalars(
        select(WebhookDelivery).order_by(WebhookDelivery.number)
    )
    kept, organisation_id = (done.id, waiting.id), post.organisation.id
    post.session.commit()
    sessions, now = post.database.sessions, post.clock.now
    counts = []
    for days in (29, 2):
        post.clock.forward(days=days)
        went = purging.run(sessions, organisation_id, clock_now=now)
        counts.append(went[PurgeKind.DELIVERIES])
    assert counts == [0, 1]
    post.session.expire_all()
    left = [post.session.get(WebhookDelivery, one) for one in kept]
    assert [one is None for one in left] == [True, False]


def test_a_webhook_that_cannot_be_read_harms_no_other(post: Post):
    other = post.subscribe()
    post.webhook.secret_sealed = other.secret_sealed
    post.happens(ids.new())
    for _ in range(2):
        post.work()
    assert len(post.receiver.came) == 1
    [stuck] = post.session.scalars(
        select(WebhookDelivery).where(WebhookDelivery.final_at.is_(None))
    )
    assert (stuck.webhook_id, stuck.reason) == (post.webhook.id, "not_prepared")
    assert stuck.state is DeliveryState.PENDING


def test_an_unknown_type_is_named(post: Post):
    admin = post.make.actor(post.admin)
    with pytest.raises(VouchsafeError, match=r"visit\.painted"):
        subscriptions.create(
            post.session,
            admin,
            url="https://hooks.example/in",
            types=["visit.painted"],
            anywhere=False,
            now=post.clock.now(),
        )

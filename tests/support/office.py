"""An organisation with two channels, fake carriers, and dispatch rounds on demand."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import select

from contact import dispatch, outbox
from contact.carriers import Note, Outgoing
from core.words import AlertKind, ChannelKind, Lane, MessageKind, Role
from models import Alert, Message, MessageChannel, Organisation, Receipt
from tests.support.databases import Database
from tests.support.make import Make


@dataclass
class Gateways:
    """Fake carriers by rank: each does what its ``script`` says, then accepts."""

    scripts: dict[int, list[Exception]] = field(default_factory=dict)
    sent: list[tuple[int, Outgoing]] = field(default_factory=list)
    names: dict[int, str] = field(default_factory=dict)  # of what each took

    def carry(self, channel: MessageChannel) -> "Gateway":
        return Gateway(self, channel.rank)


@dataclass
class Gateway:
    """One of them."""

    gateways: Gateways
    rank: int

    def send(self, outgoing: Outgoing) -> str:
        self.gateways.sent.append((self.rank, outgoing))
        if script := self.gateways.scripts.get(self.rank):
            raise script.pop(0)
        named = self.gateways.names.get(self.rank)
        return Note("HTTP 200", named) if named else "HTTP 200"


class Office:
    """An organisation with two webhooks and what it sends."""

    def __init__(self, make: Make, database: Database) -> None:
        self.make, self.database, self.clock = make, database, make.clock
        self.session, self.gateways = make.session, Gateways()
        self.organisation = make.organisation()
        for rank in (1, 2):
            self.channel(self.organisation, rank)
        self.session.commit()

    def channel(
        self, organisation: Organisation, rank: int, **facts: object
    ) -> MessageChannel:
        """One more way out."""
        usual = {"kind": ChannelKind.WEBHOOK, "target": "https://gateway.example"}
        row = MessageChannel(
            organisation_id=organisation.id,
            rank=rank,
            secret="s" * 16,
            created_at=self.clock.now(),
            **{**usual, **facts},
        )
        self.session.add(row)
        return row

    def alert(self) -> Alert:
        """An open alert."""
        collector = self.make.user(self.organisation, Role.COLLECTOR)
        row = Alert(
            organisation_id=self.organisation.id,
            kind=AlertKind.SOS,
            dedup_key="one",
            user_id=collector.id,
            policy={},
            opened_at=self.clock.now(),
            ladder_from=self.clock.now(),
            next_action_at=self.clock.now(),
        )
        self.session.add(row)
        self.session.flush()
        return row

    def put(self, key: str, lane: Lane = Lane.ORDINARY, **facts: object) -> Message:
        usual = {
            "organisation_id": self.organisation.id,
            "kind": MessageKind.DEPARTURE,
            "recipient": "+8613800001234",
            "body": f"words of {key}",
        }
        message = outbox.enqueue(
            self.session,
            lane=lane,
            dedup_key=key,
            now=self.clock.now(),
            **{**usual, **facts},
        )
        self.session.commit()
        assert message is not None
        return message

    def run(self, lane: Lane = Lane.ORDINARY, limit: int = 50) -> int:
        """One round."""
        self.session.commit()
        tried = dispatch.round_(
            self.database.sessions,
            lane=lane,
            carry=self.gateways.carry,
            clock_now=self.clock.now,
            limit=limit,
        )
        self.session.expire_all()
        return tried

    def receipts(self) -> Sequence[Receipt]:
        return self.session.scalars(select(Receipt).order_by(Receipt.id)).all()

    @property
    def ranks(self) -> list[int]:
        """By which channels was tried, in order."""
        return [rank for rank, _ in self.gateways.sent]

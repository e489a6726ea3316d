"""One row of every kind that a rule of the API names, all of one organisation."""

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from accounts import invitations
from core import ids
from core.words import (
    AlertKind,
    ChannelKind,
    ConsentKind,
    Harm,
    IncidentCategory,
    MarkKind,
    RiskLevel,
    Role,
)
from credentials import photos
from models import (
    AuditRow,
    BorrowerHold,
    CreditorListing,
    Device,
    Import,
    Incident,
    MessageChannel,
    NamedHold,
    PlaceMark,
    RotaOverride,
    WebhookDelivery,
)
from server.endpoint import Contract
from tests.support.street import Street
from tests.support.world import World

Reference = tuple[Role, str, str, dict[str, Any], str]  # the last names the wrong id


class Neighbour:
    """``ids`` by the names that the rules give to their parameters."""

    def __init__(self, street: Street) -> None:
        self.street, self.session = street, street.session
        street.phone(street.chen).sos()
        [alert] = street.alerts(AlertKind.SOS)
        self.ids: dict[str, UUID] = {
            "case_id": street.case.id,
            "borrower_id": street.case.borrower_id,
            "visit_id": street.visit.id,
            "user_id": street.wu.id,
            "badge_id": self._badge(),
            "consent_id": self._consent(),
            "creditor_id": street.case.creditor_id,
            "listing_id": self._listing(),
            "place_id": street.place.id,
            "alert_id": alert.id,
            "channel_id": self._channel(),
            "invitation_id": self._invitation(),
            "import_id": self._import(),
            "hold_id": self._hold(),
            **self._device(),
            **self._webhook(),
            "named_hold_id": self._named_hold(alert.id),
            **self._rota(),
            "mark_id": self._mark(),
            "incident_id": self._incident(),
        }
        self.session.commit()

    def _badge(self) -> UUID:
        badge = self.street.make.badge(self.street.wu)
        now = self.street.make.clock.now()
        admin = self.street.make.user(self.street.organisation, Role.ADMIN)
        actor = self.street.make.actor(admin)
        picture = b"a picture"
        return photos.put(self.session, actor, badge.id, picture=picture, now=now).id

    def _consent(self) -> UUID:
        kind = ConsentKind.WORKPLACE_VISIT
        return self.street.make.consent(self.street.case, kind, None).id

    def _named_hold(self, alert_id: UUID) -> UUID:
        row = NamedHold(
            organisation_id=self.street.organisation.id,
            name="inquiry-1",
            alert_id=alert_id,
            placed_by=self.street.officer.id,
            placed_at=self.street.make.clock.now(),
        )
        self.session.add(row)
        self.session.flush()
        return row.id

    def _rota(self) -> dict[str, UUID]:
        rota = self.street.make.rota([self.street.officer], standing=False)
        now = self.street.make.clock.now()
        override = RotaOverride(
            organisation_id=rota.organisation_id,
            rota_id=rota.id,
            user_id=self.street.officer.id,
            starts_at=now,
            ends_at=now + timedelta(days=1),
            made_by=self.street.officer.id,
            created_at=now,
        )
        self.session.add(override)
        self.session.flush()
        return {"rota_id": rota.id, "override_id": override.id}

    def _incident(self) -> UUID:
        now = self.street.make.clock.now()
        row = Incident(
            organisation_id=self.street.organisation.id,
            visit_id=self.street.visit.id,
            category=IncidentCategory.THREAT,
            harm=Harm.NONE,
            attachments=[],
            happened_at=now,
            reported_by=self.street.wu.id,
            reported_at=now,
        )
        self.session.add(row)
        self.session.flush()
        return row.id

    def _mark(self) -> UUID:
        row = PlaceMark(
            organisation_id=self.street.organisation.id,
            place_id=self.street.place.id,
            number=1,
            kind=MarkKind.CONCERN,
            level=RiskLevel.NORMAL,
            at=self.street.make.clock.now(),
            by=self.street.wu.id,
        )
        self.session.add(row)
        self.session.flush()
        return row.id

    def _hold(self) -> UUID:
        now = self.street.make.clock.now()
        row = BorrowerHold(
            organisation_id=self.street.organisation.id,
            borrower_id=self.street.case.borrower_id,
            case_id=self.street.case.id,
            starts_at=now + timedelta(days=900),  # in nobody's way
            recorded_by=self.street.dispatcher.id,
            recorded_at=now,
        )
        self.session.add(row)
        self.session.flush()
        return row.id

    def _listing(self) -> UUID:
        query = select(CreditorListing.id)
        return self.session.scalars(
            query.where(CreditorListing.creditor_id == self.street.case.creditor_id)
        ).one()

    def _device(self) -> dict[str, UUID]:
        now = self.street.make.clock.now()
        row = Device(
            organisation_id=self.street.organisation.id,
            user_id=self.street.wu.id,
            app_id=ids.new(),
            created_at=now,
            last_login_at=now,
        )
        self.session.add(row)
        self.session.flush()
        return {"device_id": row.id, "app_id": row.app_id}

    def _channel(self) -> UUID:
        row = MessageChannel(
            organisation_id=self.street.organisation.id,
            kind=ChannelKind.CONSOLE,
            rank=7,
            created_at=self.street.make.clock.now(),
        )
        self.session.add(row)
        self.session.flush()
        return row.id

    def _invitation(self) -> UUID:
        admin = self.street.make.user(self.street.organisation, Role.ADMIN)
        sent = invitations.invite(
            self.session,
            self.street.make.actor(admin),
            login="invited",
            name="Wang",
            phone="13812345678",
            role=Role.DISPATCHER,
            now=self.street.make.clock.now(),
        )
        return sent.invitation.id

    def _webhook(self) -> dict[str, UUID]:
        """A webhook that leads nowhere, with one event on its way."""
        now, make = self.street.make.clock.now(), self.street.make
        webhook = make.webhook(self.street.organisation, "https://192.0.2.1/in")
        mine = {"organisation_id": webhook.organisation_id}
        ours = AuditRow.organisation_id == webhook.organisation_id
        found = select(AuditRow.id).where(ours)
        delivery = WebhookDelivery(
            **mine,
            webhook_id=webhook.id,
            audit_id=self.session.scalars(found.limit(1)).one(),
            number=1,
            about="x",
            available_at=now,
            created_at=now,
        )
        self.session.add(delivery)
        self.session.flush()
        return {"webhook_id": webhook.id, "delivery_id": delivery.id}

    def _import(self) -> UUID:
        row = Import(
            organisation_id=self.street.organisation.id,
            file_digest="0" * 64,
            created_at=self.street.make.clock.now(),
            moved_at=self.street.make.clock.now(),
            finished_at=self.street.make.clock.now(),
            running=False,
        )
        self.session.add(row)
        self.session.flush()
        return row.id

    @staticmethod
    def names(rule: str) -> list[str]:
        """The ids that a rule names."""
        return re.findall(r"<uuid:(\w+)>", rule)

    def query(self, contract: Contract) -> dict[str, Any]:
        """Whatever a list can be asked for, asked for this organisation's rows."""
        if contract.query is None:
            return {}
        known = {**self.ids, "external_id": self.street.case.external_id}
        return {
            name: str(known[name]) for name in contract.query().fields if name in known
        }


def references(
    own: Street, world: World, named: Mapping[str, UUID]
) -> Iterator[Reference]:
    """Requests of ``own`` that are right but for one id, which is one of ``named``."""
    theirs = {name: str(one) for name, one in named.items()}
    case = str(own.case.id)
    start = world.clock.now() + timedelta(hours=2)
    since, end = start.isoformat(), (start + timedelta(minutes=30)).isoformat()
    span = {"start": since, "end": end}
    plan = {"planned_start": since, "planned_end": end, "people": 2}
    question = {**span, "channel": "visit", "people": 2}
    mine = {"case_id": case, "place_id": str(own.place.id)}
    for name in mine:
        wrong = {**mine, name: theirs[name]}
        body = {"json": {**plan, **wrong}}
        yield Role.DISPATCHER, "POST", "/v1/visits", body, name
        asked = {"json": {**question, **wrong}}
        yield Role.DISPATCHER, "POST", "/v1/gate/decisions", asked, name
    money = {"reference": "P-1", "amount_minor": 1, "currency": "CNY", "paid_at": since}
    paid = {"json": {**money, "case_id": theirs["case_id"]}}
    yield Role.CONTACT_DESK, "POST", "/v1/payments", paid, "case_id"
    where = {"place_id": theirs["place_id"]}
    hours, query = f"/v1/cases/{case}/visit-hours", {"query_string": {**span, **where}}
    yield Role.DISPATCHER, "GET", hours, query, "place_id"
    consent = {"kind": "enter_home", "evidence": "a call", "starts_at": since, **where}
    url = f"/v1/cases/{case}/consents"
    yield Role.DISPATCHER, "POST", url, {"json": consent}, "place_id"
    yield from _users(own, world, theirs["user_id"], since, end)
    query = {"query_string": {"case_id": theirs["case_id"]}}
    yield Role.AUDITOR, "GET", "/v1/contacts", query, "case_id"
    told = {"category": "threat", "harm": "none", "happened_at": "2026-01-01T00:00Z"}
    for name in ("alert_id", "visit_id", "place_id"):
        said = {"json": {**told, "words": "he shouted", name: theirs[name]}}
        yield Role.SAFETY_OFFICER, "POST", "/v1/incidents", said, name
    for name in ("case_id", "alert_id"):
        kept = {"json": {"name": "inquiry-2", name: theirs[name]}}
        yield Role.AUDITOR, "POST", "/v1/named-holds", kept, name


def _users(
    own: Street, world: World, user_id: str, since: str, end: str
) -> Iterator[Reference]:
    badge = {"number": "B-1", "public_name": "Mr Wu", "licence": "L-1"}
    badge |= {"valid_from": since, "valid_to": end, "user_id": user_id}
    yield Role.ADMIN, "POST", "/v1/badges", {"json": badge}, "user_id"
    turn = {"starts_on": "2026-11-23", "hand_over": "09:00", "turn_days": 1}
    rota = {"name": "Nights", "time_zone": "Asia/Shanghai", "standing": False}
    rota |= {"layers": [{**turn, "participants": [user_id]}]}
    yield Role.ADMIN, "POST", "/v1/rotas", {"json": rota}, "user_id"
    officers = {"kind": "role", "role": "safety_officer"}
    named = [officers, {"kind": "person", "user_id": user_id}]
    ladder = {"repeat_s": 60, "lease_s": 60}
    ladder["steps"] = [{"delay_s": 0, "recipients": named}]
    yield Role.ADMIN, "PUT", "/v1/policies/sos", {"json": ladder}, "user_id"
    crew = {"json": {"user_ids": [str(own.chen.id), user_id]}}
    visit = f"visits/{own.visit.id}"
    yield Role.DISPATCHER, "PUT", f"/v1/{visit}/visitors", crew, "user_id"
    left = {"json": world.act(buddy_id=user_id)}
    yield Role.COLLECTOR, "POST", f"/v1/mobile/{visit}/departure", left, "user_id"

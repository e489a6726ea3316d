"""One honest builder per noun: valid rows with as few words as the test needs."""

from datetime import datetime, timedelta
from itertools import count
from zoneinfo import ZoneInfo

from argon2 import PasswordHasher
from sqlalchemy.orm import Session

from contact.webhooks import signing
from core import ids
from core.actor import Actor
from core.geo import Position
from core.words import (
    AlertKind,
    Audience,
    ConsentKind,
    Language,
    PlaceKind,
    Role,
    VisitState,
)
from models import (
    Badge,
    Borrower,
    Case,
    Consent,
    Creditor,
    CreditorListing,
    Device,
    LoginSession,
    Organisation,
    Place,
    Policy,
    PolicyStep,
    Rota,
    RotaLayer,
    RotaParticipant,
    User,
    Visit,
    Visitor,
    Webhook,
)
from models.sealed import ring
from tests.support.clock import FakeClock

HANGZHOU = Position(120.1551, 30.2741)
PASSWORD = "correct horse battery"
PIN = "2580"
DURESS_PIN = "7319"
cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
PASSWORD_HASH = cheap.hash(PASSWORD)
PIN_HASH = cheap.hash(PIN)
DURESS_PIN_HASH = cheap.hash(DURESS_PIN)

STANDARD: dict[AlertKind, tuple[int, int, list[tuple[int, list[str]]]]] = {
    AlertKind.OVERDUE: (
        180,
        600,
        [
            (0, ["collector"]),
            (150, ["collector"]),
            (300, ["buddy", "nearest_two"]),
            (600, ["on_call"]),
            (900, ["all_safety_officers"]),
        ],
    ),
    AlertKind.SOS: (
        180,
        300,
        [(0, ["buddy", "nearest_two", "on_call"]), (45, ["all_safety_officers"])],
    ),
}


class Make:
    """Adds and flushes; the test commits."""

    def __init__(self, session: Session, clock: FakeClock) -> None:
        self.session, self.clock = session, clock
        self.numbers = count(1)

    def _add(self, row: object) -> None:
        self.session.add(row)
        self.session.flush()

    def organisation(self, **values: object) -> Organisation:
        """An agency in China with the standard policies."""
        number = next(self.numbers)
        facts = {
            "slug": f"org-{number}",
            "name": f"Agency {number}",
            "public_name": f"Westlake Service {number}",
            "country": "CN",
            "fallback_phones": ["+8657188880000"],
            "emergency_phone": "110",
            "fence_m": 300,
            "visit_length_s": 1800,
            "leave_now_s": 600,
            "extension_max_s": 1800,
            "created_at": self.clock.now(),
        }
        row = Organisation(**{**facts, **values})
        self._add(row)
        for kind in STANDARD:
            self.policy(row, kind)
        return row

    def policy(self, organisation: Organisation, kind: AlertKind) -> Policy:
        """product.md's ladder for one kind of alert, as an older program stored it."""
        repeat_s, lease_s, steps = STANDARD[kind]
        row = Policy(
            organisation_id=organisation.id,
            kind=kind,
            repeat_s=repeat_s,
            lease_s=lease_s,
        )
        for place, (delay_s, recipients) in enumerate(steps):
            row.steps.append(
                PolicyStep(
                    organisation_id=organisation.id,
                    place=place,
                    delay_s=delay_s,
                    recipients=list(recipients),
                )
            )
        self._add(row)
        return row

    def user(self, organisation: Organisation, role: Role, **values: object) -> User:
        """An active user on duty with password ``PASSWORD`` and PIN ``PIN``."""
        number = next(self.numbers)
        login = values.pop("login", f"user{number}")
        digest = ring.keyring.digest("login", f"{organisation.id}:{login}")
        facts = {
            "organisation_id": organisation.id,
            "login": login,
            "login_digest": digest,
            "name": f"张{number}",
            "phone": f"+86138{number:08d}",
            "role": role,
            "password_hash": PASSWORD_HASH,
            "pin_hash": PIN_HASH,
            "on_duty_since": self.clock.now(),
            "created_at": self.clock.now(),
        }
        row = User(**{**facts, **values})
        self._add(row)
        return row

    def rota(self, *layers: list[User], standing: bool = True, days: int = 1) -> Rota:
        """Layers from the top down, handed over at midnight of Shanghai from today."""
        here = ZoneInfo("Asia/Shanghai")
        mine = {"organisation_id": layers[0][0].organisation_id}
        row = Rota(
            **mine,
            name=f"Rota {next(self.numbers)}",
            time_zone=here.key,
            standing=standing,
            created_at=self.clock.now(),
        )
        for place, people in enumerate(layers):
            today = self.clock.now().astimezone(here).date()
            turn = {"starts_on": today, "hand_over": 0, "turn_days": days}
            row.layers.append(RotaLayer(**mine, place=place, **turn))
            row.layers[-1].participants = [
                RotaParticipant(**mine, place=number, user_id=user.id)
                for number, user in enumerate(people)
            ]
        self._add(row)
        return row

    def slug_of(self, user: User) -> str:
        """What the user names his organisation by at log-in."""
        return self.session.get_one(Organisation, user.organisation_id).slug

    def actor(self, user: User) -> Actor:
        """The user as he acts."""
        return Actor(user.organisation_id, user.id, user.role)

    def device(self, user: User) -> Device:
        """A phone on which the user has just logged in."""
        now = self.clock.now()
        row = Device(
            organisation_id=user.organisation_id,
            user_id=user.id,
            app_id=ids.new(),
            created_at=now,
            last_login_at=now,
        )
        self._add(row)
        return row

    def log_in(self, user: User, device: Device) -> LoginSession:
        """His log-in there, which still stands."""
        row = LoginSession(
            organisation_id=user.organisation_id,
            user_id=user.id,
            device_id=device.id,
            created_at=self.clock.now(),
        )
        self._add(row)
        return row

    def creditor(self, organisation: Organisation, *, listed: bool = True) -> Creditor:
        """A creditor; ``listed``: the organisation stands on its published list."""
        number = next(self.numbers)
        row = Creditor(
            organisation_id=organisation.id,
            code=f"BANK{number}",
            name=f"Bank {number}",
            created_at=self.clock.now(),
        )
        self._add(row)
        if listed:
            admin = self.user(organisation, Role.ADMIN)
            self._add(
                CreditorListing(
                    organisation_id=organisation.id,
                    creditor_id=row.id,
                    starts_at=self.clock.now() - timedelta(days=30),
                    ends_at=None,
                    evidence="https://bank.example/agencies",
                    recorded_by=admin.id,
                    recorded_at=self.clock.now(),
                )
            )
        return row

    def case(
        self,
        organisation: Organisation,
        creditor: Creditor | None = None,
        *,
        language: Language = Language.ZH,
    ) -> Case:
        """A case with its borrower, 45 days past due."""
        creditor = creditor or self.creditor(organisation)
        number = next(self.numbers)
        digest = ring.keyring.digest
        phone = f"+86139{number:08d}"
        borrower = Borrower(
            organisation_id=organisation.id,
            creditor_id=creditor.id,
            debtor_ref=f"D{number}",
            debtor_ref_digest=digest("debtor_ref", f"{creditor.code}:D{number}"),
            name=f"李{number}",
            phone=phone,
            phone_digest=digest("phone", phone),
            language=language,
        )
        self._add(borrower)
        row = Case(
            organisation_id=organisation.id,
            external_id=f"C{number}",
            creditor_id=creditor.id,
            borrower_id=borrower.id,
            debt_ref=f"L{number}",
            debt_ref_digest=digest("debt_ref", f"{creditor.code}:L{number}"),
            days_past_due=45,
            amount_minor=123400,
            currency="CNY",
            row_digest="0" * 64,
            created_at=self.clock.now(),
            updated_at=self.clock.now(),
        )
        self._add(row)
        return row

    def place(
        self, case: Case, kind: PlaceKind = PlaceKind.HOME, **values: object
    ) -> Place:
        """A schedulable place in Hangzhou."""
        facts = {
            "organisation_id": case.organisation_id,
            "case_id": case.id,
            "external_id": f"P{next(self.numbers)}",
            "kind": kind,
            "is_public": False,
            "address": "西湖区某路1号",
            "position": HANGZHOU,
            "datum": "wgs84",
            "country": "CN",
            "region": "CN-ZJ",
            "time_zone": "Asia/Shanghai",
            "unschedulable": [],
        }
        row = Place(**{**facts, **values})
        self._add(row)
        return row

    def consent(self, case: Case, kind: ConsentKind, place: Place | None) -> Consent:
        """A recorded consent without end."""
        admin = self.user(
            self.session.get_one(Organisation, case.organisation_id), Role.ADMIN
        )
        row = Consent(
            organisation_id=case.organisation_id,
            case_id=case.id,
            place_id=place.id if place else None,
            kind=kind,
            evidence="recorded call of 3 November",
            starts_at=self.clock.now() - timedelta(days=1),
            ends_at=None,
            recorded_by=admin.id,
            recorded_at=self.clock.now(),
        )
        self._add(row)
        return row

    def badge(self, user: User, **values: object) -> Badge:
        """A badge that is valid for a year."""
        number = next(self.numbers)
        facts = {
            "organisation_id": user.organisation_id,
            "user_id": user.id,
            "number": f"B-{number:04d}",
            "public_name": f"张先生{number}",
            "licence": f"HZ-{number:06d}",
            "valid_from": self.clock.now() - timedelta(days=1),
            "valid_to": self.clock.now() + timedelta(days=364),
            "created_at": self.clock.now(),
        }
        row = Badge(**{**facts, **values})
        self._add(row)
        return row

    def webhook(
        self, organisation: Organisation, url: str, **values: object
    ) -> Webhook:
        """A webhook of the admins that is told of everything."""
        facts = {
            "organisation_id": organisation.id,
            "url": url,
            "secret": signing.fresh_secret(),
            "types": [],
            "audience": Audience.STAFF,
            "position": 0,
            "created_at": self.clock.now(),
        }
        row = Webhook(**{**facts, **values})
        self._add(row)
        return row

    def visit(
        self,
        place: Place,
        collectors: list[User],
        *,
        starts_in: timedelta = timedelta(minutes=10),
        length: timedelta = timedelta(minutes=30),
        state: VisitState = VisitState.PUBLISHED,
    ) -> Visit:
        """A visit with its visitors, each with a fresh badge."""
        start: datetime = self.clock.now() + starts_in
        planner = self.user(
            self.session.get_one(Organisation, place.organisation_id), Role.ADMIN
        )
        row = Visit(
            organisation_id=place.organisation_id,
            case_id=place.case_id,
            place_id=place.id,
            planned_start=start,
            planned_end=start + length,
            state=state,
            obligations=[],
            created_by=planner.id,
            created_at=self.clock.now(),
        )
        self._add(row)
        for collector in collectors:
            self._add(
                Visitor(
                    organisation_id=place.organisation_id,
                    visit_id=row.id,
                    user_id=collector.id,
                    badge_id=self.badge(collector).id,
                    planned_start=row.planned_start,
                    planned_end=row.planned_end,
                )
            )
        return row

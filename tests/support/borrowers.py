"""A borrower in whose file every text says the same word, and a search for it."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts import repeats
from core import ids
from core.case_words import ChangeOf
from core.geo import Position
from core.words import (
    ActResult,
    Channel,
    ChannelKind,
    CheckAnswer,
    ConsentKind,
    ContactKind,
    EventKind,
    Lane,
    MarkKind,
    MessageKind,
    MessageState,
    RiskLevel,
    Role,
    VisitState,
    WatchState,
)
from models import (
    AccessRecord,
    Borrower,
    BorrowerHold,
    Case,
    CaseChange,
    Contact,
    Import,
    ImportChunk,
    KeptAnswer,
    Message,
    Payment,
    PlaceMark,
    Receipt,
    Verification,
    Visit,
    VisitCode,
    VisitTransition,
    Watch,
    WatchEvent,
    Wish,
)
from models.base import Base
from models.sealed import Personal, ring
from safety import erasing
from safety.erasure_looks import Standing
from server.compose import erasing as composed
from server.endpoint import Call
from tests.support.street import Street

MARK = "秘密-of-his"
PHONE = "+8613911111119"
DOOR = Position(98.7654321, 23.4)
WISH = [[4141, 4242]]
PEOPLE = 987654321
MARKS = (MARK, PHONE, "98.7654321", "4141, 4242", str(PEOPLE))


class Marked:
    """Chen's and Wu's case on the street, of a borrower whose every text is ``MARK``.

    ``past`` is a visit that was made; ``street.visit`` is planned for later.
    """

    def __init__(self, street: Street) -> None:
        self.street, self.session = street, street.session
        self.now = street.make.clock.now()
        self.mine: dict[str, Any] = {"organisation_id": street.organisation.id}
        self.case = self.session.get_one(Case, street.case.id)
        self.borrower = self.session.get_one(Borrower, self.case.borrower_id)
        self.past = street.make.visit(
            street.place, [], starts_in=timedelta(days=-9), state=VisitState.DONE
        )
        self._himself()
        self.session.add_all([*self._said(), *self._visited(), *self._sent()])
        self._imported()
        self._answered()
        self.session.commit()

    def _himself(self) -> None:
        borrower, case, place = self.borrower, self.case, self.street.place
        borrower.name = borrower.debtor_ref = MARK
        borrower.phone, borrower.phone_digest = (
            PHONE,
            ring.keyring.digest("phone", PHONE),
        )
        borrower.debtor_ref_digest = ring.keyring.digest(
            "debtor_ref", f"{self.creditor_code}:{MARK}"
        )
        borrower.household_size = PEOPLE
        case.debt_ref, case.external_id = MARK, f"{MARK}-case"
        place.address, place.external_id, place.position = MARK, MARK, DOOR

    @property
    def creditor_code(self) -> str:
        """By it and his reference a file names him."""
        creditor = Case.creditor.property.mapper.class_
        return str(self.session.get_one(creditor, self.case.creditor_id).code)

    def _said(self) -> Iterator[Any]:
        owner = {"borrower_id": self.borrower.id, "case_id": self.case.id}
        by = {"recorded_by": self.street.dispatcher.id, "recorded_at": self.now}
        yield Wish(**self.mine, **owner, kind="avoid", spans=WISH, recorded_at=self.now)
        span = {"starts_at": self.now + timedelta(days=900)}
        yield BorrowerHold(**self.mine, **owner, **by, **span, kind=MARK, words=MARK)
        kind = ConsentKind.ENTER_HOME
        consent = self.street.make.consent(self.case, kind, None)
        consent.evidence = MARK
        money = {"amount_minor": 1, "currency": "CNY", "paid_at": self.now}
        money |= {"open_after_minor": 9, "overpaid_minor": 0}
        yield Payment(
            **self.mine,
            **by,
            **money,
            creditor_id=self.case.creditor_id,
            case_id=self.case.id,
            reference=MARK,
            reference_digest="0" * 64,
            settles=False,
            closes=False,
        )

        level = {"kind": MarkKind.CONCERN, "level": RiskLevel.NORMAL}
        place = {"place_id": self.street.place.id, "by": self.street.chen.id}
        yield PlaceMark(
            **self.mine, **level, **place, at=self.now, number=1, words=MARK
        )

    def _visited(self) -> Iterator[Any]:
        chen, visit = self.street.chen, {"visit_id": self.past.id}
        for kind in (EventKind.CHECK_OUT, EventKind.SOS):
            yield WatchEvent(
                **self.mine,
                **visit,
                event_id=ids.new(),
                kind=kind,
                user_id=chen.id,
                occurred_at=self.now,
                phone_at=self.now,
                received_at=self.now,
                position=DOOR if kind is EventKind.CHECK_OUT else None,
                result=ActResult.OK,
                words=MARK if kind is EventKind.CHECK_OUT else "help",
                request_digest="0" * 64,
                answer="{}",
            )
        yield VisitCode(
            **self.mine,
            **visit,
            code_digest="1" * 64,
            doorstep_word="lotus",
            valid_from=self.now,
            valid_to=self.now + timedelta(hours=1),
        )
        yield VisitTransition(
            **self.mine,
            **visit,
            old=VisitState.UNDER_WAY,
            new=VisitState.DONE,
            reason="finished",
            actor_id=chen.id,
            at=self.now,
        )
        yield Watch(
            **self.mine,
            **visit,
            user_id=chen.id,
            state=WatchState.CLOSED,
            contact="allowed",
            started_at=self.now,
            due_at=self.now,
            own_due_at=self.now,
            closed_at=self.now,
        )
        answer = CheckAnswer.EXPECTED_NOW
        yield Verification(
            **self.mine, **visit, source_digest="2" * 64, answer=answer, at=self.now
        )
        yield AccessRecord(
            **self.mine,
            user_id=self.street.dispatcher.id,
            case_id=self.case.id,
            route="cases_get",
            at=self.now,
        )
        yield Contact(
            **self.mine,
            **visit,
            case_id=self.case.id,
            creditor_id=self.case.creditor_id,
            debt_ref_digest=self.case.debt_ref_digest,
            debtor_ref_digest=self.borrower.debtor_ref_digest,
            channel=Channel.VISIT,
            kind=ContactKind.CONTACT,
            at=self.now,
            user_id=chen.id,
            decision={"allowed": True},
            source="check_in",
        )

    def _sent(self) -> Iterator[Any]:
        """One notice that waits, and one that was not wiped, with its receipt."""
        for key, visit, state in (
            ("waits", self.street.visit, MessageState.PENDING),
            ("sent", self.past, MessageState.SENT),
        ):
            final_at = self.now if state is MessageState.SENT else None
            message = self.message(key, visit, state=state, final_at=final_at)
            yield message
        self.session.add(message)
        self.session.flush()
        yield Receipt(
            **self.mine,
            message_id=message.id,
            attempt=1,
            channel=ChannelKind.WEBHOOK,
            accepted=True,
            reason="200",
            started_at=self.now,
            at=self.now,
        )

    def message(self, key: str, visit: Visit, **facts: Any) -> Message:
        """A notice to him about a visit."""
        more = {"kind": MessageKind.VISIT_NOTICE, "lane": Lane.ORDINARY, **facts}
        times = {"available_at": self.now, "created_at": self.now}
        body = {"recipient": PHONE, "body": MARK}
        about = {"case_id": self.case.id, "visit_id": visit.id}
        return Message(**self.mine, **about, **times, **body, **more, dedup_key=key)

    def _imported(self) -> None:
        file = Import(
            **self.mine,
            file_digest="0" * 64,
            created_at=self.now,
            moved_at=self.now,
            running=False,
        )
        self.session.add(file)
        self.session.flush()
        self.session.add(
            ImportChunk(**self.mine, import_id=file.id, number=0, content=MARK.encode())
        )
        about = {"case_id": self.case.id, "import_id": file.id, "changed_at": self.now}
        for subject, borrower_id in (
            (ChangeOf.CASE, None),
            (ChangeOf.BORROWER, self.borrower.id),
        ):
            self.session.add(
                CaseChange(
                    **self.mine,
                    **about,
                    subject=subject,
                    borrower_id=borrower_id,
                    columns=["debt_ref"],
                    old={"debt_ref": MARK},
                )
            )

    def _answered(self) -> None:
        """What a colleague's POST about him was answered, and one about nobody."""
        actor = self.street.make.actor(self.street.dispatcher)
        told = {"id": str(ids.new()), "case_id": str(self.case.id), "reference": MARK}
        for key, answer in (("his", told), ("other", {"id": str(ids.new())})):
            row = repeats.claim(
                self.session, actor, key=key, where="POST /", body={}, now=self.now
            )
            repeats.keep(self.session, row, status=201, answer=answer)


def found(session: Session) -> set[tuple[str, str]]:
    """Table and attribute of everything in which one of ``MARKS`` stands, opened."""
    session.expire_all()
    return {
        (model.__tablename__, name)
        for model in (mapper.class_ for mapper in Base.registry.mappers)
        for row in session.scalars(select(model))
        for name in _names(model)
        if _says(getattr(row, name))
    }


def _names(model: Any) -> list[str]:
    sealed = [name for name, one in vars(model).items() if isinstance(one, Personal)]
    return [*sealed, *(one.key for one in model.__mapper__.column_attrs)]


def _says(value: object) -> bool:
    if isinstance(value, bytes):
        return MARK.encode() in value
    plain = json.dumps(value, ensure_ascii=False, default=str)
    return any(mark in plain for mark in MARKS)


def call(street: Street, role: Role = Role.ADMIN) -> Call:
    """A request of somebody in this role, inside the test's own transaction."""
    actor = street.make.actor(street.make.user(street.organisation, role))
    now, nothing = street.make.clock.now(), None
    return Call(street.session, actor, now, nothing)  # type: ignore[arg-type]


def erase(street: Street) -> Standing:
    """Erase the street's borrower."""
    asked, borrower_id = call(street), street.case.borrower_id
    erasing.hold(asked.session, asked.actor, borrower_id)
    done = composed.erase(asked, borrower_id)
    street.session.commit()
    street.session.expire_all()
    return done


def answers(session: Session) -> int:
    """How many answers are kept."""
    return len(session.scalars(select(KeptAnswer.id)).all())

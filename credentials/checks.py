"""The borrower's check: what a code says about whoever stands at the door.

The answer never holds a word of debt, an amount, an address or the borrower's name, and
it depends on nothing that the visitor hands over. Every check leaves a row, but those
of a source that has no tries left: whoever goes on fills no table.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from accounts import audit, sources
from core.instants import Interval
from core.words import CheckAnswer, UserState, WatchState
from credentials import badges, codes, doorstep, judgement, photos, visit_codes
from models import (
    Badge,
    Organisation,
    Place,
    User,
    Verification,
    Visit,
    VisitCode,
    Visitor,
    Watch,
)
from models.badges import Kept

TRIES = 10  # unknown codes from one source within PERIOD
PERIOD = timedelta(minutes=10)
NAMING = (CheckAnswer.EXPECTED_NOW, CheckAnswer.NOT_NOW)


@dataclass(frozen=True, slots=True)
class Expected:
    """What the borrower may know of a genuine visit.

    ``window`` is in UTC, to be shown in ``time_zone``; the doorstep word and the photos
    (JPEG, in the order of the names) are given only while the visit is expected now.
    """

    public_names: tuple[str, ...]
    employer: str
    badge_numbers: tuple[str, ...]
    window: Interval
    time_zone: str
    doorstep_word_en: str | None
    doorstep_word_zh: str | None
    photos: tuple[Kept | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Checked:
    """The answer; ``incident``: the organisation has to be told of this check."""

    answer: CheckAnswer
    visit_id: UUID | None = None
    organisation_id: UUID | None = None
    facts: Expected | None = None
    incident: bool = False


def check(session: Session, *, text: str, source: str, now: datetime) -> Checked:
    """Judge what was typed; ``source`` is the asker's address, kept as a digest only.

    The first ten unknown codes of a source in ten minutes are answered, further ones
    get no answer; a code that we know is answered whatever came before.
    """
    source_digest = sources.digest(source)
    failures = _failures(session, source_digest, now)
    code = _find(session, text)
    if code is not None:
        checked = _known(session, code, now=now)
    elif failures >= TRIES:
        checked = Checked(CheckAnswer.TOO_MANY_TRIES)
        if not _just_ran_out(session, source_digest):
            return checked
        _record_guessing(session, now)
    else:
        checked = Checked(CheckAnswer.UNKNOWN)
    _remember(session, checked, source_digest, now)
    return checked


def _failures(session: Session, source_digest: str, now: datetime) -> int:
    query = select(func.count(Verification.id)).where(
        Verification.source_digest == source_digest,
        Verification.at > now - PERIOD,
        Verification.answer == CheckAnswer.UNKNOWN,
    )
    return session.scalars(query).one()


def _just_ran_out(session: Session, source_digest: str) -> bool:
    """True at the first try too many, not at those that follow."""
    latest = (
        select(Verification.answer)
        .where(
            Verification.source_digest == source_digest,
            Verification.organisation_id.is_(None),
        )
        .order_by(Verification.at.desc(), Verification.id.desc())
    )
    return session.scalar(latest.limit(1)) is CheckAnswer.UNKNOWN


def _record_guessing(session: Session, now: datetime) -> None:
    """It concerns the installation: nobody can say whose visit was meant."""
    audit.record(
        session,
        organisation_id=None,
        actor_id=None,
        action="check.unknown",
        subject="verifications",
        subject_id=None,
        now=now,
        tries=TRIES,
    )


def _find(session: Session, text: str) -> VisitCode | None:
    """The same digest and the same query whether or not ``text`` can be a code."""
    number = codes.parse(text)
    digest = visit_codes.digest(-1 if number is None else number)
    return session.scalar(select(VisitCode).where(VisitCode.code_digest == digest))


def _known(session: Session, code: VisitCode, *, now: datetime) -> Checked:
    visit = session.get_one(Visit, code.visit_id, populate_existing=True)
    window = Interval(visit.planned_start, visit.planned_end)
    people = badges.worn(session, visit)
    facts = judgement.Circumstances(
        code_live=code.ended_at is None and code.valid_from <= now < code.valid_to,
        visit=visit.state,
        window=window,
        visitors_valid=_all_valid(people, at=judgement.judged_at(window, now)),
        someone_there=_someone_there(session, visit),
    )
    answer = judgement.answer(facts, now=now)
    return Checked(
        answer,
        visit.id,
        visit.organisation_id,
        _expected(session, visit, code, people, answer) if answer in NAMING else None,
        incident=answer is CheckAnswer.NOT_VALID,
    )


def _someone_there(session: Session, visit: Visit) -> bool:
    """Someone who is sent and may be there: a refused one is told to leave."""
    sent = (Visitor.visit_id == Watch.visit_id) & (Visitor.user_id == Watch.user_id)
    query = (
        select(Watch.id)
        .join(Visitor, sent)
        .where(
            Watch.visit_id == visit.id,
            Watch.state != WatchState.CLOSED,
            Watch.contact == "allowed",
            Visitor.active,
        )
    )
    return session.scalar(query.limit(1)) is not None


def _all_valid(people: list[tuple[User, Badge]], *, at: datetime) -> bool:
    return bool(people) and all(
        user.state is UserState.ACTIVE
        and badges.standing(badge, at) is badges.Standing.VALID
        for user, badge in people
    )


def _expected(
    session: Session,
    visit: Visit,
    code: VisitCode,
    people: list[tuple[User, Badge]],
    answer: CheckAnswer,
) -> Expected:
    place = session.get_one(Place, visit.place_id)
    employer = session.get_one(Organisation, visit.organisation_id)
    here = answer is CheckAnswer.EXPECTED_NOW
    word = doorstep.spoken(code.doorstep_word) if here else None
    return Expected(
        public_names=tuple(badge.public_name or "" for _, badge in people),
        employer=employer.public_name,
        badge_numbers=tuple(badge.number for _, badge in people),
        window=Interval(visit.planned_start, visit.planned_end),
        time_zone=place.time_zone or "UTC",
        doorstep_word_en=word.en if word else None,
        doorstep_word_zh=word.zh if word else None,
        photos=tuple(photos.shown(session, [one for _, one in people])) if here else (),
    )


def _remember(
    session: Session, checked: Checked, source_digest: str, now: datetime
) -> None:
    row = Verification(
        organisation_id=checked.organisation_id,
        visit_id=checked.visit_id,
        source_digest=source_digest,
        answer=checked.answer,
        at=now,
    )
    session.add(row)
    session.flush()
    if checked.incident:
        audit.record(
            session,
            organisation_id=checked.organisation_id,
            actor_id=None,
            action="check.failed",
            subject="visits",
            subject_id=checked.visit_id,
            now=now,
            verification_id=row.id,
        )

"""The borrower's check, from the typed code to the row that remembers it."""

from dataclasses import astuple, dataclass
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from core import public_words
from core.words import BadgeState, CheckAnswer, Role, UserState, VisitState
from credentials import badges, checks, codes, visit_codes
from models import (
    AuditRow,
    Badge,
    Borrower,
    Place,
    User,
    Verification,
    Visit,
    Visitor,
)
from tests.support.make import Make

PHONE, OTHER_PHONE = "203.0.113.7", "203.0.113.8"


@dataclass
class Door:
    """A visit of a pair in ten minutes, and its code."""

    visit: Visit
    pair: list[User]
    letters: str
    digits: str


@pytest.fixture
def door(session, make: Make, clock) -> Door:
    """A published visit with its code."""
    organisation = make.organisation()
    pair = [make.user(organisation, Role.COLLECTOR) for _ in range(2)]
    visit = make.visit(make.place(make.case(organisation)), pair)
    issued = visit_codes.issue(session, visit, now=clock.now())
    return Door(visit, pair, issued.letters, issued.digits)


@pytest.fixture
def ask(session, clock):
    """Type a code, from one phone or another."""

    def asked(text: str, source: str = PHONE) -> checks.Checked:
        return checks.check(session, text=text, source=source, now=clock.now())

    return asked


def badge_of(session, user: User) -> Badge:
    """The one badge that the builder gave him."""
    return session.scalars(select(Badge).where(Badge.user_id == user.id)).one()


def test_a_right_code_near_its_time_names_the_visitors(session, door, ask):
    for typed in (door.letters, door.digits, door.letters.lower()):
        checked = ask(typed)
        assert checked.answer is CheckAnswer.EXPECTED_NOW
        assert not checked.incident
    names = [badge_of(session, one).public_name for one in door.pair]
    assert list(checked.facts.public_names) == names
    assert checked.facts.employer.startswith("Westlake Service")
    assert len(checked.facts.badge_numbers) == 2
    assert checked.facts.window.start == door.visit.planned_start
    assert checked.facts.time_zone == "Asia/Shanghai"
    visit = door.visit
    words = visit_codes.doorstep_words(session, visit.organisation_id, [visit.id])
    word = words[visit.id]
    assert (checked.facts.doorstep_word_en, checked.facts.doorstep_word_zh) == (
        word.en,
        word.zh,
    )


def test_hours_before_the_answer_is_not_now_and_the_doorstep_word_is_kept_back(
    door, ask, session
):
    door.visit.planned_start += timedelta(hours=5)
    door.visit.planned_end += timedelta(hours=5)
    session.flush()
    checked = ask(door.letters)
    assert checked.answer is CheckAnswer.NOT_NOW
    assert checked.facts.public_names
    assert checked.facts.doorstep_word_en is None


def test_nothing_in_the_answer_speaks_of_debt_borrower_or_address(session, door, ask):
    said = str(astuple(ask(door.letters).facts))
    borrower = session.scalars(select(Borrower)).one()
    place = session.scalars(select(Place)).one()
    for secret in (borrower.name, borrower.phone, place.address, "1234"):
        assert secret not in said
    assert public_words.found_in(said) is None


@pytest.mark.parametrize("act", [badges.suspend, badges.revoke])
def test_a_badge_taken_away_from_one_of_the_pair_makes_the_code_not_valid(
    session, make, door, ask, act
):
    badge = badge_of(session, door.pair[1])
    admin = make.actor(door.pair[0])
    act(session, admin, badge.id, reason="complaint", now=make.clock.now())
    checked = ask(door.letters)
    assert (checked.answer, checked.incident) == (CheckAnswer.NOT_VALID, True)
    assert checked.facts is None
    assert checked.organisation_id == door.visit.organisation_id


def test_an_expired_badge_or_a_suspended_user_makes_the_code_not_valid(
    session, door, ask, clock
):
    badge = badge_of(session, door.pair[0])
    badge.valid_to, kept = clock.now(), badge.valid_to
    session.flush()
    assert ask(door.letters).answer is CheckAnswer.NOT_VALID
    badge.valid_to = kept
    door.pair[0].state = UserState.SUSPENDED
    session.flush()
    assert ask(door.letters).answer is CheckAnswer.NOT_VALID


def test_only_active_visitors_are_named_and_judged(session, door, ask):
    gone = badge_of(session, door.pair[1])
    gone.state = BadgeState.REVOKED
    visit = session.scalars(select(Visit)).one()
    for visitor in session.scalars(select(Visitor)):
        visitor.active = visitor.user_id != door.pair[1].id
    session.flush()
    session.expire(visit)
    checked = ask(door.letters)
    assert checked.answer is CheckAnswer.EXPECTED_NOW
    assert len(checked.facts.public_names) == 1


@pytest.mark.parametrize("reason", ["cancelled", "ended", "replaced"])
def test_an_ended_code_is_not_valid_and_an_incident(session, door, ask, clock, reason):
    visit_codes.end(session, door.visit.id, reason=reason, now=clock.now())
    checked = ask(door.letters)
    assert (checked.answer, checked.incident) == (CheckAnswer.NOT_VALID, True)
    query = select(func.count(AuditRow.id)).where(AuditRow.action == "check.failed")
    assert session.scalar(query) == 1


def test_a_code_dies_twelve_hours_after_the_planned_end(session, door, ask, clock):
    door.visit.state = VisitState.UNDER_WAY
    session.flush()
    clock.time = door.visit.planned_end + timedelta(hours=12, seconds=-1)
    assert ask(door.letters).answer is CheckAnswer.NOT_NOW
    clock.forward(seconds=1)
    assert ask(door.letters).answer is CheckAnswer.NOT_VALID


@pytest.mark.parametrize("text", ["", "hello", "00000-00000", "x" * 5000, "\x00" * 10])
def test_what_is_no_code_of_ours_is_unknown_and_remembered(session, ask, text):
    checked = ask(text)
    assert checked == checks.Checked(CheckAnswer.UNKNOWN)
    [row] = session.scalars(select(Verification))
    assert (row.answer, row.organisation_id) == (CheckAnswer.UNKNOWN, None)
    assert PHONE not in row.source_digest


def test_the_eleventh_unknown_code_in_ten_minutes_is_one_too_many(session, ask, clock):
    for n in range(10):
        assert ask(codes.letters(n)).answer is CheckAnswer.UNKNOWN
    assert ask(codes.letters(11)).answer is CheckAnswer.TOO_MANY_TRIES
    assert ask(codes.letters(11), OTHER_PHONE).answer is CheckAnswer.UNKNOWN
    clock.forward(minutes=9, seconds=59)
    assert ask(codes.letters(12)).answer is CheckAnswer.TOO_MANY_TRIES
    clock.forward(seconds=1)
    assert ask(codes.letters(13)).answer is CheckAnswer.UNKNOWN


def test_a_source_that_runs_out_of_tries_is_on_record_once(session, ask, clock):
    query = select(AuditRow).where(AuditRow.action == "check.unknown")
    for n in range(10):
        ask(codes.letters(n))
    assert session.scalars(query).all() == []
    for n in range(5):
        assert ask(codes.letters(n)).answer is CheckAnswer.TOO_MANY_TRIES
    [row] = session.scalars(query)
    assert (row.organisation_id, row.actor_id, row.subject_id) == (None, None, None)
    assert row.detail == {"tries": 10}
    clock.forward(minutes=10)
    for n in range(12):
        ask(codes.letters(n))
    assert len(session.scalars(query).all()) == 2


def test_one_source_running_out_of_tries_hides_no_other(session, ask):
    for source in (PHONE, OTHER_PHONE):
        for n in range(11):
            ask(codes.letters(n), source)
    query = select(func.count(AuditRow.id)).where(AuditRow.action == "check.unknown")
    assert session.scalar(query) == 2


def test_a_right_code_is_answered_rightly_whoever_guessed_before(door, ask):
    for n in range(15):
        ask(codes.letters(n))
    for source in (PHONE, OTHER_PHONE):
        assert ask(door.letters, source).answer is CheckAnswer.EXPECTED_NOW


def test_right_codes_never_count_as_tries(door, ask):
    for _ in range(15):
        ask(door.letters)
    assert ask("00000-00001").answer is CheckAnswer.UNKNOWN

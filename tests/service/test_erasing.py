"""Erasing one borrower: what goes, what stays, what is in the way."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from accounts import sealer
from core.errors import Conflict, NotFound
from core.words import AlertEntryKind, HoldKind, MessageState, Role, VisitState
from gate import evidence, holds
from models import (
    AlertEntry,
    AuditRow,
    Borrower,
    Case,
    Contact,
    Erasure,
    Import,
    Message,
    Visit,
    VisitCode,
    Visitor,
)
from models.sealed import Personal
from planning import payments
from planning.payments import Report
from safety import erasing, erasure_looks
from safety.borrower_rows import ROWS
from tests.support import borrowers
from tests.support.borrowers import MARK, Marked
from tests.support.purging import close, hold, purge
from tests.support.street import Street

WORDS = {"employment", "ability_to_pay", "willingness_to_pay"}  # of a list of ours
EVERYWHERE = {  # all that is sealed of him
    (model.__tablename__, name)
    for model in ROWS
    for name, one in vars(model).items()
    if isinstance(one, Personal)
} - {
    *(("watch_events", name) for name in ("answer", "verdict")),  # the collector's
    *(("borrowers", word) for word in WORDS),
}
SAID = {
    *(("cases", "external_id"), ("places", "external_id"), ("wishes", "spans")),
    *(("kept_answers", "answer"), ("import_chunks", "content")),
}


@pytest.fixture
def marked(street: Street) -> Marked:
    """Whose every text is a word that can be searched for."""
    return Marked(street)


def test_the_word_stands_everywhere_and_after_the_erasure_only_where_the_law_keeps_it(
    marked: Marked,
):
    before = borrowers.found(marked.session)
    assert before == EVERYWHERE | SAID | {("consents", "evidence")}
    borrowers.erase(marked.street)
    assert borrowers.found(marked.session) == {("consents", "evidence")}


def test_the_receipt_counts_rows_and_says_until_when_the_rest_is_kept(marked: Marked):
    looked = erasure_looks.look(
        marked.session,
        borrowers.call(marked.street).actor,
        marked.borrower.id,
        now=marked.now,
    )
    done = borrowers.erase(marked.street)
    assert looked.erased_at is None
    assert looked.stays == done.stays
    assert {**done.goes, **looked.goes} == done.goes
    assert done.goes == {
        "messages": 2,
        "kept_answers": 1,
        "import_chunks": 1,
        "cases": 1,
        "place_marks": 1,
        "places": 1,
        "case_changes": 2,
        "wishes": 1,
        "borrower_holds": 1,
        "payments": 1,
        "verifications": 1,
        "watch_events": 1,
        "borrowers": 1,
    }
    five_years = "2031-"
    kept = {one["table"]: one for one in done.stays}  # type: ignore[index]
    assert kept.keys() == {"contacts", "consents", "access_records"}
    assert all(one["count"] == 1 for one in kept.values())
    assert all(one["until"].startswith(five_years) for one in kept.values())
    assert MARK not in str(done)


def test_the_audit_names_no_value_and_its_chain_verifies(marked: Marked):
    borrowers.erase(marked.street)
    query = select(AuditRow).where(AuditRow.action == "borrower.erased")
    row = marked.session.scalars(query).one()
    assert row.subject_id == marked.borrower.id
    assert (row.detail["cases"], row.detail["called_off"]) == (1, 1)
    marked.session.commit()
    now = marked.street.make.clock.now
    sealer.seal(marked.street.database.sessions, clock_now=now)
    assert sealer.verify(marked.session).broken is None


def test_planned_visits_are_called_off_and_nobody_is_sent_word(marked: Marked):
    visit, session = marked.street.visit, marked.session
    code = VisitCode(
        **marked.mine,
        visit_id=visit.id,
        code_digest="3" * 64,
        doorstep_word="lotus",
        valid_from=marked.now,
        valid_to=visit.planned_end,
    )
    session.add(code)
    done = borrowers.erase(marked.street)
    assert done.called_off == 1
    assert visit.state is VisitState.CANCELLED
    assert (code.ended_at, code.end_reason) == (marked.now, "cancelled")
    messages = session.scalars(select(Message).order_by(Message.dedup_key)).all()
    assert [one.state for one in messages] == [
        MessageState.SENT,
        MessageState.CANCELLED,
    ]
    assert {one.recipient for one in messages} == {None}


def test_a_sender_that_holds_a_notice_finds_nothing_of_him(marked: Marked):
    until = marked.now + timedelta(seconds=30)
    leased = {"state": MessageState.LEASED, "leased_until": until}
    waits = Message.dedup_key == "waits"
    marked.session.execute(update(Message).where(waits).values(**leased))
    borrowers.erase(marked.street)
    message = marked.session.scalars(select(Message).where(waits)).one()
    assert message.state is MessageState.CANCELLED
    assert (message.body, message.recipient) == (None, None)


def test_another_borrower_keeps_everything(street: Street):
    other = Street(street.make, street.database)
    theirs = Marked(other)
    before = borrowers.found(street.session)
    borrowers.erase(street)
    assert borrowers.found(street.session) == before
    assert theirs.borrower.erased_at is None


def test_two_cases_of_one_borrower_go_together(marked: Marked):
    other = marked.street.make.case(marked.street.organisation)
    other.borrower_id = marked.borrower.id
    other.debt_ref = MARK
    borrowers.erase(marked.street)
    assert borrowers.found(marked.session) == {("consents", "evidence")}
    cases = marked.session.scalars(select(Case)).all()
    assert len({case.external_id for case in cases}) == 2
    assert all(case.closed_at for case in cases)


def test_what_was_his_goes_when_the_case_is_anothers(marked: Marked):
    other = marked.street.make.case(marked.street.organisation)
    mine = marked.session.get_one(Case, other.id).borrower_id
    marked.case.borrower_id = mine
    marked.session.flush()
    left = {table for table, _ in _erased(marked)}
    assert "case_changes" in left  # of the case, which is the other's now
    assert not {"borrowers", "wishes", "borrower_holds"} & left


def _erased(marked: Marked) -> set[tuple[str, str]]:
    asked = borrowers.call(marked.street)
    erasing.hold(marked.session, asked.actor, marked.borrower.id)
    erasing.erase(
        marked.session, asked.actor, marked.borrower.id, called_off=0, now=marked.now
    )
    return borrowers.found(marked.session)


def test_who_was_erased_before_stays_as_he_is(marked: Marked):
    first = borrowers.erase(marked.street)
    marked.street.make.clock.forward(days=1)
    assert borrowers.erase(marked.street) == first
    assert len(marked.session.scalars(select(Erasure)).all()) == 1


def test_only_his_own_organisation_finds_him(marked: Marked, street: Street):
    stranger = street.make.actor(
        street.make.user(street.make.organisation(), Role.ADMIN)
    )
    with pytest.raises(NotFound):
        erasing.hold(marked.session, stranger, marked.borrower.id)
    with pytest.raises(NotFound):
        erasure_looks.look(marked.session, stranger, marked.borrower.id, now=marked.now)


def checked_in(marked: Marked) -> None:
    marked.street.phone(marked.street.chen).check_in(marked.street.visit)


def departed(marked: Marked) -> None:
    mine = update(Visitor).where(Visitor.user_id == marked.street.chen.id)
    marked.session.execute(mine.values(departed_at=marked.now))


def open_alert(marked: Marked) -> None:
    checked_in(marked)
    marked.street.phone(marked.street.chen).sos()


def held(marked: Marked) -> None:
    hold(marked.street, case_id=marked.case.id)


def importing(marked: Marked) -> None:
    times = {"created_at": marked.now, "moved_at": marked.now}
    marked.session.add(Import(**marked.mine, **times, file_digest=""))


@pytest.mark.parametrize(
    ("happens", "codes"),
    [
        (checked_in, ["visit_under_way"]),
        (departed, ["visit_under_way"]),
        (open_alert, ["visit_under_way", "kept"]),
        (held, ["kept"]),
        (importing, ["import_running"]),
    ],
)
def test_what_is_in_the_way_is_named_and_nothing_is_erased(
    marked: Marked, happens: Callable[[Marked], None], codes: list[str]
):
    happens(marked)
    marked.session.commit()
    before = borrowers.found(marked.session)
    with pytest.raises(Conflict) as refused:
        borrowers.erase(marked.street)
    obstacles = refused.value.facts["obstacles"]
    assert [one["code"] for one in obstacles] == codes  # type: ignore[attr-defined]
    marked.session.rollback()
    assert borrowers.found(marked.session) == before


def test_who_left_yesterday_and_never_came_is_not_in_the_way(marked: Marked):
    departed(marked)
    marked.street.make.clock.forward(hours=13)
    assert borrowers.erase(marked.street).called_off == 1


def test_a_closed_alert_without_a_hold_is_not_in_the_way_and_keeps_its_words(
    marked: Marked,
):
    marked.street.phone(marked.street.chen).sos()
    alert = close(marked.street)
    alert.visit_id = marked.past.id
    note = {"kind": AlertEntryKind.NOTE, "at": marked.now, "detail": {}}
    marked.session.add(AlertEntry(**marked.mine, **note, alert_id=alert.id, words=MARK))
    marked.session.commit()
    assert borrowers.erase(marked.street).erased_at
    left = borrowers.found(marked.session)
    assert left == {("consents", "evidence"), ("alert_entries", "words")}


def test_a_hold_on_a_closed_alert_keeps_the_file(marked: Marked):
    marked.street.phone(marked.street.chen).sos()
    alert = close(marked.street)
    alert.visit_id = marked.past.id
    hold(marked.street, alert_id=alert.id)
    with pytest.raises(Conflict):
        borrowers.erase(marked.street)


def test_nothing_is_written_about_him_any_more(marked: Marked):
    borrowers.erase(marked.street)
    session, actor = marked.session, borrowers.call(marked.street).actor
    times = {"starts_at": marked.now, "ends_at": None, "now": marked.now}
    with pytest.raises(Conflict, match="erased"):
        holds.place(
            session,
            actor,
            case_id=marked.case.id,
            kind=HoldKind.OTHER,
            words=MARK,
            **times,  # type: ignore[arg-type]
        )
    with pytest.raises(Conflict, match="erased"):
        evidence._own(session, actor, case_id=marked.case.id, place_id=None)
    report = Report(marked.case.id, MARK, 1, "CNY", marked.now, settles=False)
    with pytest.raises(Conflict, match="erased"):
        payments.record(session, actor, report, now=marked.now)
    with pytest.raises(Conflict, match="erased"):
        payments.reopen(
            session,
            actor,
            marked.case.id,
            open_minor=1,
            reason="returned",
            now=marked.now,
        )


def test_the_database_itself_gives_him_no_name_again(marked: Marked):
    borrowers.erase(marked.street)
    marked.borrower.name = MARK
    with pytest.raises(IntegrityError, match="ck_borrowers_erased"):
        marked.session.flush()


def test_a_receipt_can_be_neither_changed_nor_deleted(marked: Marked):
    borrowers.erase(marked.street)
    with pytest.raises(DBAPIError, match="append-only"):
        marked.session.execute(update(Erasure).values(called_off=7))


def test_what_the_law_keeps_is_purged_when_its_time_has_come(marked: Marked):
    borrowers.erase(marked.street)
    marked.street.make.clock.forward(days=5 * 366 + 1)
    purge(marked.street)
    assert borrowers.found(marked.session) == set()
    assert marked.session.scalars(select(Contact)).all() == []
    assert marked.session.get_one(Borrower, marked.borrower.id).erased_at
    assert marked.session.get_one(Visit, marked.past.id)

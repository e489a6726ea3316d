"""Purging: old values go with a receipt, and named holds keep what they name."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import DBAPIError

from accounts import sealer
from core.words import CheckAnswer, ConsentKind, PurgeKind
from gate import retention
from models import (
    AlertEntry,
    AuditRow,
    BorrowerHold,
    Case,
    Consent,
    Contact,
    Message,
    PurgeReceipt,
    Verification,
    Wish,
)
from models.base import Base
from models.sealed import Sealed
from safety import named_holds, purging
from safety.purge_rules import PURGES
from tests.support.make import HANGZHOU
from tests.support.purging import close, hold, positions, preview, purge, sos
from tests.support.street import Street

OLD = {"days": 31}
ANCIENT = {"days": 6 * 366}


def test_positions_go_after_thirty_days_and_not_before(street: Street):
    sos(street)
    assert positions(street) == 1
    street.make.clock.forward(days=29)
    assert "positions" not in preview(street)
    street.make.clock.forward(days=2)
    assert preview(street)["positions"] == 1
    assert positions(street) == 1
    assert purge(street)["positions"] == 1
    assert positions(street) == 0
    assert "positions" not in purge(street)


def test_a_run_leaves_a_receipt_and_the_audit_verifies(street: Street):
    sos(street)
    street.make.clock.forward(**ANCIENT)
    gone = purge(street)
    rows = street.session.scalars(select(PurgeReceipt)).all()
    told = {
        kind: sum(row.count for row in rows if row.kind == kind) for kind in PurgeKind
    }
    assert {kind.value: count for kind, count in told.items() if count} == gone
    assert {row.kind for row in rows} == set(PurgeKind)
    now = street.make.clock.now()
    [until] = {row.until for row in rows if row.kind is PurgeKind.POSITIONS}
    assert until == now - timedelta(days=30)
    query = select(AuditRow).where(AuditRow.action == "purge.run")
    assert street.session.scalars(query).one().detail["positions"] == 1
    street.session.commit()
    sealer.seal(street.database.sessions, clock_now=street.make.clock.now)
    assert sealer.verify(street.session).broken is None


def test_words_of_an_alert_go_when_records_may_and_its_rows_stay(street: Street):
    alert = sos(street)
    entries = select(func.count(AlertEntry.id)).where(AlertEntry.alert_id == alert.id)
    before = street.session.scalar(entries)
    street.make.clock.forward(days=4 * 365)
    assert "alert_words" not in purge(street)
    street.make.clock.forward(days=2 * 366)
    assert purge(street)["alert_words"] >= 1
    words = entries.where(AlertEntry.words_sealed.is_not(None))
    assert street.session.scalar(words) == 0
    assert street.session.scalar(entries) == before


@pytest.mark.parametrize("subject", ["alert", "case"])
def test_a_named_hold_keeps_what_hangs_on_it_until_it_is_lifted(
    street: Street, subject: str
):
    street.phone(street.chen).depart(street.visit, street.zhou)
    street.make.clock.forward(minutes=10)
    street.phone(street.chen).check_in(street.visit)
    alert = sos(street)
    named = {"alert": {"alert_id": alert.id}, "case": {"case_id": street.case.id}}
    placed = hold(street, **named[subject])
    street.make.clock.forward(**OLD)
    kept = positions(street)
    purge(street)
    assert 0 < positions(street) <= kept
    query = select(PurgeReceipt.held).where(PurgeReceipt.kind == PurgeKind.POSITIONS)
    assert {"inquiry-7": positions(street)} in street.session.scalars(query).all()
    actor = street.make.actor(street.officer)
    named_holds.lift(street.session, actor, placed.id, now=street.make.clock.now())
    purge(street)
    assert positions(street) == 0


def test_an_open_alert_keeps_its_positions(street: Street):
    street.phone(street.chen).sos(position=HANGZHOU)
    street.make.clock.forward(**OLD)
    purge(street)
    assert positions(street) == 1


def file(street: Street) -> None:
    """A contact, an ended consent, a wish, a hold and a check of long ago."""
    now, case = street.make.clock.now(), street.case
    mine = {"organisation_id": street.organisation.id, "case_id": case.id}
    digests = {"debt_ref_digest": "0" * 64, "debtor_ref_digest": "0" * 64}
    more = {"channel": "visit", "kind": "attempt", "at": now, "decision": {}}
    street.session.add_all(
        [
            Contact(
                **mine, **digests, **more, creditor_id=case.creditor_id, source="visit"
            ),
            Wish(
                **mine,
                borrower_id=case.borrower_id,
                kind="only",
                spans=[[0, 60]],
                recorded_at=now,
            ),
            BorrowerHold(
                **mine,
                borrower_id=case.borrower_id,
                kind="illness",
                words="ill",
                starts_at=now,
                ends_at=now + timedelta(days=1),
                recorded_by=street.dispatcher.id,
                recorded_at=now,
            ),
            Verification(
                organisation_id=street.organisation.id,
                visit_id=street.visit.id,
                source_digest="0" * 64,
                answer=CheckAnswer.UNKNOWN,
                at=now,
            ),
        ]
    )
    street.make.consent(case, ConsentKind.ENTER_HOME, None)
    street.session.commit()


def test_the_file_of_a_closed_case_goes_and_that_of_an_open_one_stays(street: Street):
    file(street)
    street.make.clock.forward(**ANCIENT)
    gone = preview(street)
    assert not {"wishes", "consents"} & gone.keys()
    closed = street.make.clock.now()
    street.session.execute(update(Case).values(closed_at=closed))
    street.session.commit()
    street.make.clock.forward(**ANCIENT)
    gone = purge(street)
    assert {"contacts", "consents", "wishes", "hold_words", "checks"} <= gone.keys()
    for model in (Contact, Consent, Wish, Verification):
        assert street.session.scalar(select(func.count(model.id))) == 0
    row = street.session.scalars(select(BorrowerHold)).one()
    assert (row.kind, row.words) == (None, None)


def test_bodies_of_messages_go_and_the_messages_stay(street: Street):
    street.phone(street.chen).sos()
    street.forward(seconds=1)  # colleagues are told
    sent = update(Message).values(state="sent", final_at=street.make.clock.now())
    street.session.execute(sent)
    close(street)  # what nobody has got by then is called back and wiped
    written = Message.body_sealed.is_not(None)
    count = select(func.count(Message.id)).where(written)
    told = street.session.scalar(count.where(Message.final_at.is_not(None)))
    all_clear = street.session.scalar(count.where(Message.final_at.is_(None)))
    assert told
    assert all_clear
    street.make.clock.forward(**OLD)
    assert purge(street)["messages"] == told  # what waits is still to be sent
    street.session.execute(sent)
    assert purge(street)["messages"] == all_clear
    assert street.session.scalars(select(Message.id)).all()
    assert street.session.scalars(select(Message.id).where(written)).all() == []


def test_another_organisation_is_left_alone(street: Street):
    sos(street)
    other = street.make.organisation()
    street.make.clock.forward(**OLD)
    street.session.commit()
    now = street.make.clock.now
    purging.run(street.database.sessions, other.id, clock_now=now)
    street.session.expire_all()
    assert positions(street) == 1


def test_a_run_is_due_a_day_after_the_last_one(street: Street):
    sessions, now = street.database.sessions, street.make.clock.now
    street.session.commit()
    made = purging.next_due(street.session)
    street.session.commit()
    assert purging.run_due(sessions, clock_now=now) == 0
    street.make.clock.forward(days=1)
    assert made == now()
    assert purging.run_due(sessions, clock_now=now) == 1
    assert purging.run_due(sessions, clock_now=now) == 0
    assert purging.next_due(street.session) == now() + timedelta(days=1)


def test_a_receipt_can_be_neither_changed_nor_deleted(street: Street):
    purge(street)
    for change in (update(PurgeReceipt).values(count=7), delete(PurgeReceipt)):
        with pytest.raises(DBAPIError, match="append-only"):
            street.session.execute(change)
        street.session.rollback()


def test_the_pack_says_how_long_and_a_default_where_there_is_none():
    assert retention.records("CN") == timedelta(days=5 * 366)
    assert retention.records("FR") == retention.DEFAULT


def test_every_sealed_position_but_that_of_a_place_is_purged():
    sealed = {
        (table.name, column.name)
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, Sealed) and "position" in column.name
    }
    purged = {
        (one.model.__tablename__, one.model.__mapper__.attrs[name].columns[0].name)
        for one in PURGES
        for name in one.clears
    }
    assert sealed - purged == {("places", "position")}

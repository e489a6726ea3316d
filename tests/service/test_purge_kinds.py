"""What else is purged: history, broken imports, codes, former PINs, the access log."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import DBAPIError

from accounts import access_log, invitations, users
from accounts.passwords import Pins
from core.case_words import ChangeOf
from core.words import ResetKind, Role
from models import (
    AccessRecord,
    CaseChange,
    FormerPin,
    Import,
    ImportChunk,
    Invitation,
    ResetCode,
    WatchEvent,
)
from planning import import_files
from tests.support.make import PIN_HASH
from tests.support.purging import hold, preview, purge, sos
from tests.support.street import Street

YEARS = {"days": 6 * 366}


def count(street: Street, model) -> int:  # type: ignore[no-untyped-def]
    """Its rows."""
    return street.session.scalar(select(func.count(model.id)))  # type: ignore[return-value]


def an_import(street: Street, *, running: bool) -> Import:
    """A file of which one piece is here."""
    now = street.make.clock.now()
    row = Import(
        organisation_id=street.organisation.id,
        file_digest="0" * 64,
        created_at=now,
        moved_at=now,
        running=running,
    )
    street.session.add(row)
    street.session.flush()
    import_files.keep(street.session, row, 0, b"a piece")
    return row


def changed(street: Street) -> CaseChange:
    """An import changed the case."""
    row = CaseChange(
        organisation_id=street.organisation.id,
        case_id=street.case.id,
        import_id=an_import(street, running=False).id,
        subject=ChangeOf.CASE,
        columns=["days_past_due"],
        old={"days_past_due": 60},
        changed_at=street.make.clock.now(),
    )
    street.session.add(row)
    street.session.commit()
    return row


def test_history_loses_its_old_values_and_says_still_what_changed(street: Street):
    row = changed(street)
    street.make.clock.forward(days=4 * 366)
    assert "history" not in purge(street)
    street.make.clock.forward(days=2 * 366)
    assert purge(street)["history"] == 1
    assert (row.old, row.columns) == (None, ["days_past_due"])


def test_history_of_a_held_case_stays(street: Street):
    row = changed(street)
    hold(street, case_id=street.case.id)
    street.make.clock.forward(**YEARS)
    assert "history" not in purge(street)
    assert row.old == {"days_past_due": 60}


def test_pieces_that_a_broken_import_left_go_and_those_of_a_running_one_stay(
    street: Street,
):
    broken, running = (an_import(street, running=one).id for one in (False, True))
    street.make.clock.forward(hours=23)
    assert preview(street) == {}
    street.make.clock.forward(hours=2)
    assert purge(street) == {"import_files": 1}
    assert street.session.scalars(select(ImportChunk.import_id)).all() == [running]
    assert street.session.get(Import, broken) is not None


def invite(street: Street, login: str) -> Invitation:
    """An invitation by an admin."""
    return invitations.invite(
        street.session,
        street.make.actor(street.make.user(street.organisation, Role.ADMIN)),
        login=login,
        name="Fang",
        phone="+8613900000077",
        role=Role.DISPATCHER,
        now=street.make.clock.now(),
    ).invitation


def test_invitations_go_a_month_after_their_end(street: Street):
    invite(street, "fang")
    street.make.clock.forward(days=32)
    young = invite(street, "gao").id
    assert "invitations" not in purge(street)
    street.make.clock.forward(days=2)
    assert purge(street)["invitations"] == 1
    assert street.session.scalars(select(Invitation.id)).all() == [young]


def test_reset_codes_go_a_month_after_their_end(street: Street):
    now = street.make.clock.now()
    for digest, valid in (("1" * 64, 1), ("2" * 64, 24 * 20)):
        row = ResetCode(
            organisation_id=street.organisation.id,
            user_id=street.chen.id,
            kind=ResetKind.PIN,
            code_digest=digest,
            created_at=now,
            valid_to=now + timedelta(hours=valid),
        )
        street.session.add(row)
    street.make.clock.forward(days=31)
    assert purge(street) == {"reset_codes": 1}
    assert street.session.scalars(select(ResetCode.code_digest)).all() == ["2" * 64]


def test_a_former_pin_stays_as_long_as_a_watch_of_its_time_runs(street: Street):
    street.phone(street.chen).depart(street.visit, street.zhou)
    street.make.clock.forward(minutes=10)
    street.phone(street.chen).check_in(street.visit)
    for user in (street.chen, street.wu):
        street.make.clock.forward(minutes=1)
        pins = Pins(PIN_HASH, None)
        users.replace_pins(street.session, user, pins, now=street.make.clock.now())
    street.make.clock.forward(days=91)
    assert purge(street)["former_pins"] == 1
    assert street.session.scalars(select(FormerPin.user_id)).all() == [street.chen.id]


def read(street: Street) -> None:
    """A dispatcher opened the file."""
    access_log.record(
        street.session,
        street.make.actor(street.dispatcher),
        route="case",
        case_ids=[street.case.id],
        now=street.make.clock.now(),
    )
    street.session.commit()


def test_who_read_a_file_is_known_as_long_as_records_are_kept(street: Street):
    read(street)
    street.make.clock.forward(days=4 * 366)
    read(street)
    assert "access_log" not in purge(street)
    street.make.clock.forward(days=2 * 366)
    assert purge(street)["access_log"] == 1
    assert count(street, AccessRecord) == 1


@pytest.mark.parametrize(
    "change", [delete(AccessRecord), update(AccessRecord).values(route="another")]
)
def test_without_a_receipt_that_is_late_enough_no_record_of_a_reader_goes(
    street: Street, change: object
):
    purge(street)  # its receipts tell of what was older than five years
    read(street)
    with pytest.raises(DBAPIError, match="append-only"):
        street.session.execute(change)  # type: ignore[call-overload]
    street.session.rollback()
    assert count(street, AccessRecord) == 1


def test_what_a_lost_phone_said_goes_as_what_others_say(street: Street):
    sos(street)
    lost = {"from_revoked_device": True, "words": "at the door"}
    for event in street.session.scalars(select(WatchEvent)):
        for name, value in lost.items():
            setattr(event, name, value)
    street.make.clock.forward(days=31)
    assert purge(street)["positions"] == 1
    street.make.clock.forward(**YEARS)
    assert purge(street)["said"] == 1
    event = street.session.scalars(select(WatchEvent)).one()
    assert (event.position, event.words, event.from_revoked_device) == (
        None,
        None,
        True,
    )
